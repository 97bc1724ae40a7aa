//! The file's digests. A seal covers nearly all of its file, and the file itself is named by its SHA-256: what both
//! have in common at the beginning is hashed once.

use super::range::Covered;
use crate::crypto::{DigestAlgorithm, Sha256};
use std::cell::RefCell;

/// A file, and the SHA-256 of the longest beginning that was asked for.
pub(super) struct HashedFile<'a> {
    bytes: &'a [u8],
    beginning: RefCell<(usize, Sha256)>,
}

impl<'a> HashedFile<'a> {
    /// Nothing is hashed yet.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, beginning: RefCell::new((0, Sha256::new())) }
    }

    /// The file.
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Digest of what a seal covers.
    pub fn digest(&self, algorithm: DigestAlgorithm, covered: &Covered<'_>) -> Vec<u8> {
        if algorithm != DigestAlgorithm::Sha256 {
            return algorithm.digest(&covered.parts);
        }
        // The first part begins with the file's first byte.
        let mut hash = self.up_to(covered.parts[0].len());
        hash.update(covered.parts[1]);
        hash.finish().to_vec()
    }

    /// SHA-256 of the whole file.
    pub fn whole(&self) -> [u8; 32] {
        self.up_to(self.bytes.len()).finish()
    }

    fn up_to(&self, end: usize) -> Sha256 {
        let mut kept = self.beginning.borrow_mut();
        let (from, mut hash) = if kept.0 <= end { kept.clone() } else { (0, Sha256::new()) };
        hash.update(&self.bytes[from..end]);
        if end > kept.0 {
            *kept = (end, hash.clone());
        }
        hash
    }
}

#[cfg(test)]
mod tests {
    use super::super::range::Covered;
    use super::*;
    use crate::crypto::sha256;
    use crate::domain::report::facts::Coverage;

    #[test]
    fn every_order_of_asking_gives_the_same_digests() {
        let bytes: Vec<u8> = (0..=255).cycle().take(1000).collect();
        let file = HashedFile::new(&bytes);
        for (first, second) in [(700, 800), (300, 310), (700, 701), (999, 1000), (0, 5)] {
            let coverage = Coverage { end: bytes.len(), revision: 1 };
            let covered = Covered { parts: [&bytes[..first], &bytes[second..]], text: b"", coverage };
            for algorithm in [DigestAlgorithm::Sha256, DigestAlgorithm::Sha384, DigestAlgorithm::Sha512] {
                assert_eq!(file.digest(algorithm, &covered), algorithm.digest(&covered.parts));
            }
            assert_eq!(file.whole(), sha256(&bytes));
        }
    }
}
