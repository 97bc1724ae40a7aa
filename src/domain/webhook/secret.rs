//! What messages to an endpoint are signed with.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt;
use zeroize::Zeroizing;

/// A secret shared with one endpoint. Standard Webhooks signs symmetrically, so the service must keep it; it is told once,
/// never shown again, never logged, and stored as a [`ClosedSecret`].
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<[u8; 32]>);

impl Secret {
    /// From random bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The key's bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// As its holder is told: `whsec_` and base64, as Standard Webhooks has it.
    pub fn text(&self) -> String {
        format!("whsec_{}", STANDARD.encode(self.bytes()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// A secret as it is stored: encrypted, by whoever keeps the key.
#[derive(Clone, PartialEq, Eq)]
pub struct ClosedSecret(Vec<u8>);

impl ClosedSecret {
    /// From the bytes that are stored.
    pub const fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes that are stored.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The secret, if an earlier program stored it as it was: 32 bytes, which nothing closed has.
    pub fn stored_open(&self) -> Option<Secret> {
        self.0.as_slice().try_into().ok().map(Secret::new)
    }
}

impl fmt::Debug for ClosedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClosedSecret")
    }
}
