//! The service's own timestamping authority (RFC 3161).

use crate::crypto::DigestAlgorithm;
use crate::domain::time::Timestamp;
use crate::formats::tsp::{self, PkiFailure, TokenParts};
use crate::ports::clock::Clock;
use crate::ports::keys::{HandleSigner, KeyError, KeyHandle, Keys};
use crate::ports::random::Random;
use crate::ports::timestamps::{TimestampError, Timestamps, ValidationData};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// Makes tokens with a key of its own, of whichever suite. Its clock may stand still but never go back: not while it runs, and not below
/// the floor it was started with, which is the latest time the store knows.
pub struct OwnAuthority {
    keys: Arc<dyn Keys>,
    handle: KeyHandle,
    x509: Vec<u8>,
    chain: Vec<Vec<u8>>,
    crls: RwLock<Vec<Vec<u8>>>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    latest: AtomicI64,
}

/// What an [`OwnAuthority`] works with.
pub struct Parts {
    /// Where its key is.
    pub keys: Arc<dyn Keys>,
    /// Which key.
    pub handle: KeyHandle,
    /// Its own X.509 certificate, DER.
    pub x509: Vec<u8>,
    /// The certificates above it, up to the root, DER.
    pub chain: Vec<Vec<u8>>,
    /// Revocation lists that cover it and its chain, DER.
    pub crls: Vec<Vec<u8>>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// For serial numbers.
    pub random: Arc<dyn Random>,
    /// No token states a time before this.
    pub floor: Timestamp,
}

impl OwnAuthority {
    /// An authority; fails if the key is not there.
    pub fn new(parts: Parts) -> Result<Self, KeyError> {
        parts.keys.public_key(&parts.handle)?;
        Ok(Self {
            keys: parts.keys,
            handle: parts.handle,
            x509: parts.x509,
            chain: parts.chain,
            crls: RwLock::new(parts.crls),
            clock: parts.clock,
            random: parts.random,
            latest: AtomicI64::new(parts.floor.micros()),
        })
    }

    /// Replaces the revocation lists that [`Timestamps::validation_data`] hands out, after new ones were published.
    pub fn set_crls(&self, crls: Vec<Vec<u8>>) {
        *self.crls.write().unwrap_or_else(PoisonError::into_inner) = crls;
    }

    /// The time, if it is not before any time stated or started with.
    fn now(&self) -> Result<Timestamp, TimestampError> {
        // Looked at before the clock: two threads that stamp at once must not accuse each other's readings.
        let latest = self.latest.load(Ordering::SeqCst);
        let now = self.clock.now();
        if now.micros() < latest {
            return Err(TimestampError::ClockWentBackwards);
        }
        self.latest.fetch_max(now.micros(), Ordering::SeqCst);
        Ok(now)
    }

    fn token(
        &self,
        algorithm: DigestAlgorithm,
        imprint: &[u8],
        nonce: Option<&[u8]>,
        with_x509: bool,
    ) -> Result<Vec<u8>, TimestampError> {
        let failed = |why: &dyn std::fmt::Display| TimestampError::Unavailable(why.to_string());
        let signer = HandleSigner::new(self.keys.as_ref(), &self.handle).map_err(|why| failed(&why))?;
        let parts = TokenParts {
            policy: tsp::POLICY,
            algorithm,
            imprint,
            serial: self.random.bytes(),
            gen_time: self.now()?,
            nonce,
            with_x509,
        };
        tsp::token(&parts, &self.x509, &[], &signer).map_err(|why| failed(&why))
    }

    fn answer_request(&self, bytes: &[u8]) -> Result<Vec<u8>, PkiFailure> {
        let request = tsp::parse_request(bytes).map_err(|_| PkiFailure::BadDataFormat)?;
        let algorithm = request.algorithm.ok_or(PkiFailure::BadAlgorithm)?;
        if request.imprint.len() != algorithm.digest(&[]).len() {
            return Err(PkiFailure::BadDataFormat);
        }
        if request.policy.is_some_and(|policy| policy != tsp::POLICY) {
            return Err(PkiFailure::UnacceptedPolicy);
        }
        if request.has_extensions {
            return Err(PkiFailure::UnacceptedExtension);
        }
        self.token(algorithm, &request.imprint, request.nonce.as_deref(), request.with_x509).map_err(|why| {
            match why {
                TimestampError::ClockWentBackwards => PkiFailure::TimeNotAvailable,
                TimestampError::Refused(_) | TimestampError::Unavailable(_) => PkiFailure::SystemFailure,
            }
        })
    }
}

impl Timestamps for OwnAuthority {
    fn stamp(&self, algorithm: DigestAlgorithm, digest: &[u8; 32]) -> Result<Vec<u8>, TimestampError> {
        self.token(algorithm, digest, None, true)
    }

    fn validation_data(&self, _algorithm: DigestAlgorithm) -> ValidationData {
        let crls = self.crls.read().unwrap_or_else(PoisonError::into_inner).clone();
        ValidationData { x509_certificates: self.chain.clone(), crls }
    }

    fn largest_token(&self, _algorithm: DigestAlgorithm) -> usize {
        // Its X.509 certificate goes in; all else takes about half a kilobyte.
        self.x509.len() + 1024
    }

    fn answer(&self, request: &[u8]) -> Option<Vec<u8>> {
        Some(match self.answer_request(request) {
            Ok(token) => tsp::response(&token),
            Err(failure) => tsp::refusal(failure),
        })
    }
}
