//! What a phone adds when it shows its code: a signature of its own key over code, time and purpose. The code's digest is
//! signed as external data (RFC 9052 §4.3), so it takes no room.

use super::claims;
use crate::crypto::{PublicKey, SignError, Signer, sha256, sha256_of};
use crate::domain::offline_code::{MOST_PURPOSE, ProofFacts, is_text};
use crate::domain::time::Timestamp;
use crate::formats::cose::{self, Protected, Sign1};

/// Largest proof that is read.
const MOST_PROOF: usize = 300;

/// Signs a code once more with the device's key, a COSE_Sign1 under tag 18. `at` is the device's own time.
///
/// # Errors
/// If the key does not sign.
pub fn prove(code: &[u8], at: Timestamp, purpose: &str, device: &dyn Signer) -> Result<Vec<u8>, SignError> {
    let payload = claims::write_proof(at.whole_second(), purpose);
    cose::sign(&Protected::default(), payload, &sha256(code), device)
}

/// What a proof over a code says.
pub(super) fn read(code: &[u8], proof: &[u8], device: &PublicKey) -> ProofFacts {
    let Ok(message) = Sign1::read(proof, MOST_PROOF) else { return ProofFacts::Malformed };
    if message.canonical() != proof || message.protected() != [0xa1, 1, 0x26] {
        return ProofFacts::Malformed;
    }
    let digest = sha256(code);
    if message.verify(device, &digest).is_err() {
        return ProofFacts::Forged;
    }
    match claims::read_proof(message.payload()) {
        Some((at, purpose)) if is_text(&purpose, MOST_PURPOSE) => {
            ProofFacts::Made { at, purpose, shown: sha256_of(&[&digest, message.payload()]) }
        }
        _ => ProofFacts::Malformed,
    }
}
