//! Public keys read once and used often, and signatures of fixed length, as JOSE and COSE have them.

use super::sm2::SIGNER_ID;
use super::{Suite, algorithms};
use der::asn1::UintRef;
use der::{Decode, Sequence};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use sm2::dsa::signature::Verifier;
use spki::SubjectPublicKeyInfoRef;

/// Bytes of each half of a signature.
const HALF: usize = 32;
/// Bytes of a signature of fixed length: `r`, then `s` (RFC 9053 §2.1).
pub const FIXED_SIGNATURE: usize = 2 * HALF;
/// Bytes of an uncompressed point: 4, x, y.
pub const POINT: usize = 1 + 2 * HALF;

/// An ECDSA or SM2 signature as X.509 has it (RFC 3279 §2.2.3).
#[derive(Sequence)]
struct DerSignature<'a> {
    r: UintRef<'a>,
    s: UintRef<'a>,
}

/// The fixed form of a signature that [`Signer::sign`](super::Signer::sign) made; `None` if it is none.
pub fn fixed_signature(der: &[u8]) -> Option<[u8; FIXED_SIGNATURE]> {
    let signature = DerSignature::from_der(der).ok()?;
    let mut out = [0; FIXED_SIGNATURE];
    for (half, number) in out.chunks_exact_mut(HALF).zip([signature.r, signature.s]) {
        let bytes = number.as_bytes();
        let first = HALF.checked_sub(bytes.len())?;
        half[first..].copy_from_slice(bytes);
    }
    Some(out)
}

/// A public key of a suite, ready to verify.
#[derive(Clone)]
pub struct PublicKey {
    kind: Kind,
    point: [u8; POINT],
}

#[derive(Clone)]
enum Kind {
    P256,
    Sm2(Box<sm2::dsa::VerifyingKey>),
}

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo (DER); `None` for a key of no suite, or a point that is not on its curve.
    pub fn from_spki(der: &[u8]) -> Option<Self> {
        let suite = algorithms::suite_of_key(der)?;
        let info = SubjectPublicKeyInfoRef::from_der(der).ok()?;
        Self::from_point(suite, info.subject_public_key.as_bytes()?)
    }

    /// Reads an uncompressed point (SEC 1 §2.3.4); `None` if it is not on the suite's curve.
    pub fn from_point(suite: Suite, point: &[u8]) -> Option<Self> {
        let uncompressed: [u8; POINT] = point.try_into().ok()?;
        let kind = match suite {
            Suite::P256 => {
                p256::PublicKey::from_sec1_bytes(&uncompressed).ok()?;
                Kind::P256
            }
            Suite::Sm2 => {
                let key = sm2::dsa::VerifyingKey::from_sec1_bytes(SIGNER_ID, &uncompressed).ok()?;
                Kind::Sm2(Box::new(key))
            }
        };
        Some(Self { kind, point: uncompressed })
    }

    /// Reads a point on P-256 by its first coordinate and whether the second is odd (SEC 1 §2.3.4); `None` if there is none.
    pub fn from_half(x: &[u8; HALF], odd: bool) -> Option<Self> {
        let mut compressed = [2 + u8::from(odd); 1 + HALF];
        compressed[1..].copy_from_slice(x);
        let key = p256::PublicKey::from_sec1_bytes(&compressed).ok()?;
        Self::from_point(Suite::P256, &key.to_sec1_bytes())
    }

    /// Its suite.
    pub fn suite(&self) -> Suite {
        match self.kind {
            Kind::P256 => Suite::P256,
            Kind::Sm2(_) => Suite::Sm2,
        }
    }

    /// Its point, uncompressed.
    pub fn point(&self) -> &[u8; POINT] {
        &self.point
    }

    /// Whether a signature of fixed length over `message` was made by this key.
    pub fn verify_fixed(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.kind {
            Kind::P256 => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &self.point)
                .verify(message, signature)
                .is_ok(),
            Kind::Sm2(key) => sm2::dsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{PrivateKey, Signer};

    #[test]
    fn short_numbers_are_filled_up_and_long_ones_refused() {
        // SEQUENCE { INTEGER 1, INTEGER 0x0080 }
        let out = fixed_signature(&[0x30, 7, 2, 1, 1, 2, 2, 0, 0x80]).expect("two numbers");
        assert_eq!((out[31], out[63]), (1, 0x80));
        assert!(out[..31].iter().chain(&out[32..63]).all(|byte| *byte == 0));
        let mut long = vec![0x30, 38, 2, 33, 1];
        long.extend([7; 32]);
        long.extend([2, 1, 1]);
        assert_eq!(fixed_signature(&long), None, "33 bytes are no number of P-256");
        assert_eq!(fixed_signature(&[0x30, 0]), None);
    }

    #[test]
    fn a_fixed_signature_verifies_and_its_twins_do_not() {
        for suite in Suite::ALL {
            let key = PrivateKey::generate_pkcs8(suite)
                .and_then(|der| PrivateKey::from_pkcs8(&der))
                .expect("a key");
            let public = PublicKey::from_spki(key.spki()).expect("a key of a suite");
            assert_eq!(public.suite(), suite);
            let signature = fixed_signature(&key.sign(b"license").expect("signed")).expect("a signature");
            assert!(public.verify_fixed(b"license", &signature));
            assert!(!public.verify_fixed(b"licence", &signature));
            assert!(!public.verify_fixed(b"license", &signature[..63]));
            let mut twin = signature;
            twin[40] ^= 1;
            assert!(!public.verify_fixed(b"license", &twin));
            let other = Suite::ALL.into_iter().find(|other| *other != suite).expect("two suites");
            assert!(PublicKey::from_point(other, public.point()).is_none(), "on another curve");
            assert!(PublicKey::from_point(suite, &public.point()[1..]).is_none());
            if suite == Suite::P256 {
                let x = public.point()[1..33].try_into().expect("32 bytes");
                let half = |odd| PublicKey::from_half(x, odd).expect("a point").point().to_vec();
                assert_eq!(half(public.point()[64] % 2 == 1), public.point());
                assert_ne!(half(public.point()[64].is_multiple_of(2)), public.point());
                assert!(PublicKey::from_half(&[0xff; 32], true).is_none());
            }
        }
    }
}
