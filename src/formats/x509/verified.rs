//! Remembers signatures that verified, so that a chain seen before costs no further public-key operation.
//! Only the fact that a signature is right is kept; times, usages and revocation are judged each time.

use crate::crypto;
use rustls_pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm};
use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

/// How many are kept; the oldest make room. A chain needs four, each of 40 bytes.
const CAPACITY: usize = 8192;

/// Hashes of (algorithm, key, message, signature) that verified.
#[derive(Debug, Default)]
pub(super) struct Verified {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    known: HashSet<[u8; 32]>,
    order: VecDeque<[u8; 32]>,
}

impl Verified {
    fn knows(&self, entry: &[u8; 32]) -> bool {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).known.contains(entry)
    }

    fn keep(&self, entry: [u8; 32]) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.known.insert(entry) {
            kept.order.push_back(entry);
            if kept.order.len() > CAPACITY
                && let Some(oldest) = kept.order.pop_front()
            {
                kept.known.remove(&oldest);
            }
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).known.len()
    }
}

/// A signature algorithm that looks into [`Verified`] before it works.
#[derive(Debug)]
pub(super) struct Remembering {
    inner: &'static dyn SignatureVerificationAlgorithm,
    verified: Arc<Verified>,
}

impl Remembering {
    /// All algorithms accepted in chains, sharing one memory.
    pub fn all(verified: &Arc<Verified>) -> Vec<Self> {
        crypto::chain_algorithms()
            .iter()
            .map(|inner| Self { inner: *inner, verified: verified.clone() })
            .collect()
    }
}

impl SignatureVerificationAlgorithm for Remembering {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let length = |part: &[u8]| (part.len() as u64).to_be_bytes();
        let entry = crypto::sha256_of(&[
            self.inner.signature_alg_id().as_ref(),
            self.inner.public_key_alg_id().as_ref(),
            &length(public_key),
            public_key,
            &length(message),
            message,
            signature,
        ]);
        if self.verified.knows(&entry) {
            return Ok(());
        }
        self.inner.verify_signature(public_key, message, signature)?;
        self.verified.keep(entry);
        Ok(())
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.inner.public_key_alg_id()
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.inner.signature_alg_id()
    }
}
