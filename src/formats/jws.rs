//! Compact JSON Web Signatures (RFC 7515) with ES256 (RFC 7518 §3.4), the signer's chain in the header: what a stranger can
//! check with the published roots alone. Written only; whoever reads ours has a library for it.

use crate::crypto::{SignError, Signer, Suite};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use der::asn1::UintRef;
use der::{Decode, Sequence};
use serde_json::{Value, json};

/// Bytes of each half of an ES256 signature.
const HALF: usize = 32;

/// An ECDSA signature as X.509 has it (RFC 3279 §2.2.3).
#[derive(Sequence)]
struct EcdsaSignature<'a> {
    r: UintRef<'a>,
    s: UintRef<'a>,
}

/// Signs claims. `kind` is the media type in the header (`typ`), `chain` the X.509 certificates from the signer's own upwards.
pub fn sign(kind: &str, claims: &Value, chain: &[&[u8]], signer: &dyn Signer) -> Result<String, SignError> {
    if signer.suite() != Suite::P256 {
        return Err(SignError("ES256 takes a key on P-256".into()));
    }
    let x5c: Vec<String> = chain.iter().map(|der| STANDARD.encode(der)).collect();
    let header = json!({ "alg": "ES256", "typ": kind, "x5c": x5c });
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let input = format!("{}.{}", encode(&header), encode(claims));
    let signature = signer.sign(input.as_bytes())?;
    let fixed = fixed(&signature).ok_or_else(|| SignError("the key made no ECDSA signature".into()))?;
    Ok(format!("{input}.{}", URL_SAFE_NO_PAD.encode(fixed)))
}

/// `r` and `s` one after the other, each of [`HALF`] bytes.
fn fixed(der: &[u8]) -> Option<[u8; 2 * HALF]> {
    let signature = EcdsaSignature::from_der(der).ok()?;
    let mut out = [0; 2 * HALF];
    for (half, number) in out.chunks_exact_mut(HALF).zip([signature.r, signature.s]) {
        let bytes = number.as_bytes();
        let first = HALF.checked_sub(bytes.len())?;
        half[first..].copy_from_slice(bytes);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_numbers_are_filled_up_and_long_ones_refused() {
        // SEQUENCE { INTEGER 1, INTEGER 0x0080 }
        let out = fixed(&[0x30, 7, 2, 1, 1, 2, 2, 0, 0x80]).expect("two numbers");
        assert_eq!((out[31], out[63]), (1, 0x80));
        assert!(out[..31].iter().chain(&out[32..63]).all(|byte| *byte == 0));
        let mut long = vec![0x30, 38, 2, 33, 1];
        long.extend([7; 32]);
        long.extend([2, 1, 1]);
        assert_eq!(fixed(&long), None, "33 bytes are no number of P-256");
        assert_eq!(fixed(&[0x30, 0]), None);
    }
}
