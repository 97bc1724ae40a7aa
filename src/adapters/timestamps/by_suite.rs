//! One authority per suite behind one port.

use crate::crypto::DigestAlgorithm;
use crate::formats::tsp;
use crate::ports::timestamps::{TimestampError, Timestamps, ValidationData};
use std::sync::Arc;

/// Authorities of two suites: digests of SM3 go to the one of SM2, all others to the one of P-256.
pub struct BySuite {
    /// Of the suite P-256.
    pub p256: Arc<dyn Timestamps>,
    /// Of the suite SM2.
    pub sm2: Arc<dyn Timestamps>,
}

impl BySuite {
    fn of(&self, algorithm: DigestAlgorithm) -> &dyn Timestamps {
        match algorithm {
            DigestAlgorithm::Sm3 => self.sm2.as_ref(),
            DigestAlgorithm::Sha256 | DigestAlgorithm::Sha384 | DigestAlgorithm::Sha512 => self.p256.as_ref(),
        }
    }
}

impl Timestamps for BySuite {
    fn stamp(&self, algorithm: DigestAlgorithm, digest: &[u8; 32]) -> Result<Vec<u8>, TimestampError> {
        self.of(algorithm).stamp(algorithm, digest)
    }

    fn validation_data(&self, algorithm: DigestAlgorithm) -> ValidationData {
        self.of(algorithm).validation_data(algorithm)
    }

    fn largest_token(&self, algorithm: DigestAlgorithm) -> usize {
        self.of(algorithm).largest_token(algorithm)
    }

    fn answer(&self, request: &[u8]) -> Option<Vec<u8>> {
        // What cannot be read is refused by either.
        let algorithm = tsp::parse_request(request).ok().and_then(|request| request.algorithm);
        self.of(algorithm.unwrap_or(DigestAlgorithm::Sha256)).answer(request)
    }
}
