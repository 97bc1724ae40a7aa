//! Secrets that the service must keep as they are, closed before they are stored; and what stands for personal numbers.

use zeroize::Zeroizing;

/// Why a secret cannot be opened. Says nothing of the secret.
#[derive(Debug, thiserror::Error)]
#[error("a stored secret cannot be opened: {0}")]
pub struct VaultError(pub &'static str);

/// Closes secrets and opens them again. The key never crosses this port.
pub trait Vault: Send + Sync {
    /// Closes a secret. It opens for the same `about` only, so that one who can write the store cannot put it elsewhere.
    fn close(&self, about: &str, secret: &[u8]) -> Vec<u8>;

    /// Opens it.
    fn open(&self, about: &str, closed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError>;

    /// What stands for a personal number in the store, so that rows about one person are found without the number: under the
    /// newest key, then under the one before it. Whoever has the store alone cannot try numbers out.
    fn pseudonyms(&self, about: &str, number: &[u8]) -> Vec<[u8; 32]>;

    /// Whether it was closed by this vault's newest key; if not, it is to be closed anew.
    fn is_current(&self, closed: &[u8]) -> bool;
}
