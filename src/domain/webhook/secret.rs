//! What messages to an endpoint are signed with.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt;
use zeroize::Zeroizing;

/// A secret shared with one endpoint. Standard Webhooks signs symmetrically, so the service must keep it as it is; it is
/// told once, never shown again and never logged.
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
