//! License files, stored by what they contain.

use async_trait::async_trait;
use std::fmt;

/// SHA-256 of a file's bytes: its name in the store.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentHash(pub [u8; 32]);

impl ContentHash {
    /// Reads 64 lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let mut hash = [0; 32];
        hex::decode_to_slice(text, &mut hash).ok()?;
        Some(Self(hash))
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Why a file could not be stored or read.
#[derive(Debug, thiserror::Error)]
#[error("file store failed: {0}")]
pub struct FilesError(pub String);

/// Keeps whole files under their content hash.
#[async_trait]
pub trait Files: Send + Sync {
    /// Stores the bytes and returns their hash. Atomic: a reader sees all of the file or none; durable once
    /// this returns; storing the same bytes again is a no-op.
    async fn put(&self, bytes: Vec<u8>) -> Result<ContentHash, FilesError>;

    /// The bytes of a stored file, checked against the hash; `None` if there is none.
    async fn get(&self, hash: &ContentHash) -> Result<Option<Vec<u8>>, FilesError>;
}
