//! The frame that X.509 certificates and revocation lists have in common (RFC 5280 §4.1.1, §5.1.1): what is signed, by
//! which algorithm, and the signature.

use super::verified::Remembering;
use crate::crypto::{self, DigestAlgorithm, Suite};
use crate::formats::Unreadable;
use crate::formats::asn1::Cursor;
use der::{Decode, Encode, Tag};
use rustls_pki_types::SignatureVerificationAlgorithm;
use spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};

/// What somebody signed.
pub(super) struct Signed<'a> {
    /// The signed part, DER.
    pub tbs: &'a [u8],
    algorithm: AlgorithmIdentifierRef<'a>,
    signature: &'a [u8],
}

impl<'a> Signed<'a> {
    /// Reads the frame; errors say that `what` was expected.
    pub fn read(what: &'static str, der: &'a [u8]) -> Result<Self, Unreadable> {
        let mut outer = Cursor::new(what, der).enter(Tag::Sequence)?;
        let tbs = outer.expect(Tag::Sequence)?.raw;
        let algorithm = outer.decode()?;
        let signature = outer.expect(Tag::BitString)?.value.get(1..).unwrap_or_default();
        outer.finish()?;
        Ok(Self { tbs, algorithm, signature })
    }

    /// Whether the key of this SubjectPublicKeyInfo (DER) signed it.
    pub fn is_by(&self, spki: &[u8], algorithms: &[Remembering]) -> bool {
        let Ok(spki) = SubjectPublicKeyInfoRef::from_der(spki) else { return false };
        let (Some(key), Some(key_kind), Some(named)) = (
            spki.subject_public_key.as_bytes(),
            identifier_value(&spki.algorithm),
            identifier_value(&self.algorithm),
        ) else {
            return false;
        };
        algorithms.iter().any(|algorithm| {
            algorithm.signature_alg_id().as_ref() == named
                && algorithm.public_key_alg_id().as_ref() == key_kind
                && algorithm.verify_signature(key, self.tbs, self.signature).is_ok()
        })
    }
}

/// Whether the key of `spki` (DER) signed a structure of this frame: an X.509 certificate, a list, a request. Verified over
/// the bytes as they came.
pub(super) fn is_signed_by(what: &'static str, signed: &[u8], spki: &[u8]) -> Result<bool, Unreadable> {
    let Signed { tbs, algorithm, signature } = Signed::read(what, signed)?;
    let digest = Suite::of_key(spki).map_or(DigestAlgorithm::Sha256, Suite::digest_algorithm);
    Ok(crypto::verify_as(&algorithm, digest, spki, tbs, signature))
}

/// Content octets of an AlgorithmIdentifier, as the algorithms name themselves.
fn identifier_value(identifier: &AlgorithmIdentifierRef<'_>) -> Option<Vec<u8>> {
    let der = identifier.to_der().ok()?;
    Some(Cursor::new("algorithm", &der).expect(Tag::Sequence).ok()?.value.to_vec())
}
