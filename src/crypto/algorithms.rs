//! Digest and signature algorithms that others may have used: what we verify, beyond what we sign with.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912;
use der::{Decode, Encode};
use ring::digest;
use rustls_pki_types::SignatureVerificationAlgorithm;
use spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};

/// A digest algorithm found in a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DigestAlgorithm {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl DigestAlgorithm {
    /// The algorithm of this identifier; `None` for one that is unknown or no longer fit for signatures.
    pub fn from_oid(oid: &ObjectIdentifier) -> Option<Self> {
        match *oid {
            rfc5912::ID_SHA_256 => Some(Self::Sha256),
            rfc5912::ID_SHA_384 => Some(Self::Sha384),
            rfc5912::ID_SHA_512 => Some(Self::Sha512),
            _ => None,
        }
    }

    /// Its identifier.
    pub const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Sha256 => rfc5912::ID_SHA_256,
            Self::Sha384 => rfc5912::ID_SHA_384,
            Self::Sha512 => rfc5912::ID_SHA_512,
        }
    }

    /// Digest of the parts, one after the other.
    pub fn digest(self, parts: &[&[u8]]) -> Vec<u8> {
        let mut context = digest::Context::new(match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        });
        for part in parts {
            context.update(part);
        }
        context.finish().as_ref().to_vec()
    }
}

/// The signature algorithms accepted in certificate chains and CRLs: ECDSA, Ed25519 and RSA from 2048 bits.
pub fn chain_algorithms() -> &'static [&'static dyn SignatureVerificationAlgorithm] {
    webpki::ALL_VERIFICATION_ALGS
}

/// Whether `signature` over `message` is right under `algorithm` and the key of this SubjectPublicKeyInfo (DER).
/// `digest` settles what an RSA signature that is named only `rsaEncryption` means (RFC 3370 §3.2).
pub fn verify_as(
    algorithm: &AlgorithmIdentifierRef<'_>,
    digest: DigestAlgorithm,
    spki_der: &[u8],
    message: &[u8],
    signature: &[u8],
) -> bool {
    let Ok(named) = algorithm.to_der() else { return false };
    let Ok(named) = der::asn1::AnyRef::from_der(&named) else { return false };
    chain_algorithms().iter().any(|candidate| {
        let id = candidate.signature_alg_id();
        let same = id.as_ref() == named.value()
            || (algorithm.oid == rfc5912::RSA_ENCRYPTION && id == bare_rsa(digest));
        same && verify_with(*candidate, spki_der, message, signature)
    })
}

/// Verifies with one algorithm, if the key is of its kind.
pub(super) fn verify_with(
    algorithm: &dyn SignatureVerificationAlgorithm,
    spki_der: &[u8],
    message: &[u8],
    signature: &[u8],
) -> bool {
    let Ok(spki) = SubjectPublicKeyInfoRef::from_der(spki_der) else { return false };
    let Ok(key_kind) = spki.algorithm.to_der() else { return false };
    let Ok(key_kind) = der::asn1::AnyRef::from_der(&key_kind) else { return false };
    let Some(key) = spki.subject_public_key.as_bytes() else { return false };
    key_kind.value() == algorithm.public_key_alg_id().as_ref()
        && algorithm.verify_signature(key, message, signature).is_ok()
}

fn bare_rsa(digest: DigestAlgorithm) -> rustls_pki_types::AlgorithmIdentifier {
    match digest {
        DigestAlgorithm::Sha256 => rustls_pki_types::alg_id::RSA_PKCS1_SHA256,
        DigestAlgorithm::Sha384 => rustls_pki_types::alg_id::RSA_PKCS1_SHA384,
        DigestAlgorithm::Sha512 => rustls_pki_types::alg_id::RSA_PKCS1_SHA512,
    }
}
