//! What formats need to have something signed, without knowing where keys live.

use super::Suite;

/// Why nothing was signed. Carries no key material.
#[derive(Debug, thiserror::Error)]
#[error("could not sign: {0}")]
pub struct SignError(pub String);

/// Signs with one key. Where the key lives is not the formats' business; `ports::keys` has the bridge from a handle.
pub trait Signer {
    /// The key's algorithms.
    fn suite(&self) -> Suite;

    /// DER of its SubjectPublicKeyInfo.
    fn spki(&self) -> &[u8];

    /// Signs `message` (hashed inside) and returns the suite's signature value, for ECDSA the DER
    /// `SEQUENCE { r, s }`.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError>;
}
