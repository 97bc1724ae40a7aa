//! Remembers signatures that verified, so that a chain seen before costs no further public-key operation.
//! Only the fact that a signature is right is kept; times, usages and revocation are judged each time.

use super::memory::Memory;
use crate::crypto;
use rustls_pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm};
use std::sync::Arc;

/// How many are kept; the oldest make room. A chain needs four, each of 40 bytes.
const CAPACITY: usize = 8192;

/// Hashes of (algorithm, key, message, signature) that verified.
#[derive(Debug)]
pub(super) struct Verified(Memory<()>);

impl Default for Verified {
    fn default() -> Self {
        Self(Memory::of(CAPACITY))
    }
}

#[cfg(test)]
impl Verified {
    pub(super) fn len(&self) -> usize {
        self.0.len()
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
        if self.verified.0.get(&entry).is_some() {
            return Ok(());
        }
        self.inner.verify_signature(public_key, message, signature)?;
        self.verified.0.keep(entry, ());
        Ok(())
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.inner.public_key_alg_id()
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.inner.signature_alg_id()
    }
}
