//! Signature suites and digests. Nothing else in the tree names an algorithm: everything here is a thin face
//! on `ring`, `sm2` and `sm3`, chosen per key by value.

mod algorithms;
mod closing;
mod private_key;
mod public_key;
mod signer;
mod sm2;

pub use crate::domain::suite::Suite;
pub use algorithms::{DigestAlgorithm, chain_algorithms, verify_as};
pub use closing::{CLOSING_NONCE, ClosingKey};
pub use private_key::PrivateKey;
pub use public_key::{FIXED_SIGNATURE, POINT, PublicKey, fixed_signature};
pub use signer::{SignError, Signer};

use const_oid::ObjectIdentifier;
use ring::{digest, hmac};

/// SHA-256 of some bytes.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    sha256_of(&[bytes])
}

/// SHA-256 of the parts, one after the other, without copying them together.
pub fn sha256_of(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finish()
}

/// SHA-256 of bytes that come piece by piece. A clone goes on from the same place.
#[derive(Clone)]
pub struct Sha256(digest::Context);

impl Sha256 {
    /// Of nothing so far.
    pub fn new() -> Self {
        Self(digest::Context::new(&digest::SHA256))
    }

    /// Takes the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// The digest of all pieces.
    pub fn finish(self) -> [u8; 32] {
        let mut out = [0; 32];
        out.copy_from_slice(self.0.finish().as_ref());
        out
    }
}

impl Default for Sha256 {
    fn default() -> Self {
        Self::new()
    }
}

/// HMAC with SHA-256 (RFC 2104) under `key` of the parts, one after the other.
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    for part in parts {
        mac.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(mac.sign().as_ref());
    out
}

/// SM3 of some bytes (GB/T 32905-2016).
pub fn sm3(bytes: &[u8]) -> [u8; 32] {
    sm3_of(&[bytes])
}

/// SM3 of the parts, one after the other, without copying them together.
pub fn sm3_of(parts: &[&[u8]]) -> [u8; 32] {
    use sm3::Digest;
    let mut hash = sm3::Sm3::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

impl Suite {
    /// The suite of the key in this SubjectPublicKeyInfo (DER); `None` for a key of another kind.
    pub fn of_key(spki_der: &[u8]) -> Option<Self> {
        algorithms::suite_of_key(spki_der)
    }

    /// The suite's digest of some bytes.
    pub fn digest(self, bytes: &[u8]) -> [u8; 32] {
        self.digest_of(&[bytes])
    }

    /// The suite's digest of the parts, one after the other, without copying them together.
    pub fn digest_of(self, parts: &[&[u8]]) -> [u8; 32] {
        match self {
            Self::P256 => sha256_of(parts),
            Self::Sm2 => sm3_of(parts),
        }
    }

    /// The suite's digest algorithm.
    pub const fn digest_algorithm(self) -> DigestAlgorithm {
        match self {
            Self::P256 => DigestAlgorithm::Sha256,
            Self::Sm2 => DigestAlgorithm::Sm3,
        }
    }

    /// Identifier of the suite's signature algorithm in X.509 and CMS; it takes no parameters (RFC 5758 §3.2,
    /// RFC 8998 §3.2.1).
    pub const fn signature_oid(self) -> ObjectIdentifier {
        match self {
            Self::P256 => const_oid::db::rfc5912::ECDSA_WITH_SHA_256,
            Self::Sm2 => sm2::SM2_WITH_SM3,
        }
    }

    /// Whether `signature` over `message` was made by the key of this SubjectPublicKeyInfo (DER). A key of
    /// another suite, or bytes that are no key, verify nothing.
    pub fn verify(self, spki_der: &[u8], message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::P256 => {
                algorithms::verify_with(webpki::ring::ECDSA_P256_SHA256, spki_der, message, signature)
            }
            Self::Sm2 => algorithms::verify_with(&sm2::ALGORITHM, spki_der, message, signature),
        }
    }
}

#[cfg(test)]
mod tests;
