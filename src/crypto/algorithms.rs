//! Digest and signature algorithms that others may have used: what we verify, beyond what we sign with.

use super::{Suite, sm2};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912;
use der::{Decode, Encode};
use ring::digest;
use rustls_pki_types::SignatureVerificationAlgorithm;
use spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use std::sync::LazyLock;

/// A digest algorithm found in a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DigestAlgorithm {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
    /// SM3.
    Sm3,
}

impl DigestAlgorithm {
    /// The algorithm of this identifier; `None` for one that is unknown or no longer fit for signatures.
    pub fn from_oid(oid: &ObjectIdentifier) -> Option<Self> {
        match *oid {
            rfc5912::ID_SHA_256 => Some(Self::Sha256),
            rfc5912::ID_SHA_384 => Some(Self::Sha384),
            rfc5912::ID_SHA_512 => Some(Self::Sha512),
            sm2::SM3 | sm2::SM3_WITHOUT_KEY => Some(Self::Sm3),
            _ => None,
        }
    }

    /// Its identifier.
    pub const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Sha256 => rfc5912::ID_SHA_256,
            Self::Sha384 => rfc5912::ID_SHA_384,
            Self::Sha512 => rfc5912::ID_SHA_512,
            Self::Sm3 => sm2::SM3,
        }
    }

    /// Digest of the parts, one after the other.
    pub fn digest(self, parts: &[&[u8]]) -> Vec<u8> {
        let mut context = digest::Context::new(match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
            Self::Sm3 => return super::sm3_of(parts).to_vec(),
        });
        for part in parts {
            context.update(part);
        }
        context.finish().as_ref().to_vec()
    }
}

static CHAIN_ALGORITHMS: LazyLock<Vec<&'static dyn SignatureVerificationAlgorithm>> = LazyLock::new(|| {
    let ours: [&'static dyn SignatureVerificationAlgorithm; 2] = [&sm2::ALGORITHM, &sm2::ALGORITHM_WITH_NULL];
    webpki::ALL_VERIFICATION_ALGS.iter().copied().chain(ours).collect()
});

/// The signature algorithms accepted in certificate chains and CRLs: ECDSA, Ed25519, RSA from 2048 bits, and SM2.
pub fn chain_algorithms() -> &'static [&'static dyn SignatureVerificationAlgorithm] {
    &CHAIN_ALGORITHMS
}

/// See [`Suite::of_key`].
pub(super) fn suite_of_key(spki_der: &[u8]) -> Option<Suite> {
    let key = SubjectPublicKeyInfoRef::from_der(spki_der).ok()?;
    match key.algorithm.parameters_oid().ok()? {
        rfc5912::SECP_256_R_1 => Some(Suite::P256),
        sm2::CURVE => Some(Suite::Sm2),
        _ => None,
    }
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
            || (algorithm.oid == rfc5912::RSA_ENCRYPTION && Some(id) == bare_rsa(digest))
            // GB/T 35275-2017: a signer may name the key's algorithm where the signature's is meant.
            || (algorithm.oid == sm2::SIGN && digest == DigestAlgorithm::Sm3 && id == sm2::ALGORITHM.signature_alg_id());
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

fn bare_rsa(digest: DigestAlgorithm) -> Option<rustls_pki_types::AlgorithmIdentifier> {
    match digest {
        DigestAlgorithm::Sha256 => Some(rustls_pki_types::alg_id::RSA_PKCS1_SHA256),
        DigestAlgorithm::Sha384 => Some(rustls_pki_types::alg_id::RSA_PKCS1_SHA384),
        DigestAlgorithm::Sha512 => Some(rustls_pki_types::alg_id::RSA_PKCS1_SHA512),
        DigestAlgorithm::Sm3 => None,
    }
}
