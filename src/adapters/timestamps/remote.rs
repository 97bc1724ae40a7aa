//! A timestamping authority reached over HTTP (RFC 3161 §3.4).

use crate::crypto::DigestAlgorithm;
use crate::formats::cms;
use crate::formats::tsp::{self, Response};
use crate::ports::random::Random;
use crate::ports::timestamps::{TimestampError, Timestamps, ValidationData};
use std::sync::Arc;
use std::time::Duration;

/// Largest token taken, in bytes: a chain of a few X.509 certificates with long RSA keys.
const LARGEST_TOKEN: usize = 10 << 10;

/// Asks another authority for tokens. A token is taken only if it stamps our digest, answers our nonce and its
/// signature is right; whether its signer is trusted is judged when the sealed file is proved.
pub struct RemoteAuthority {
    agent: ureq::Agent,
    url: String,
    random: Arc<dyn Random>,
    validation: ValidationData,
}

impl RemoteAuthority {
    /// An authority at `url`. `validation` is what proves its chain, as its operator publishes it.
    pub fn new(url: &str, timeout: Duration, random: Arc<dyn Random>, validation: ValidationData) -> Self {
        let config = ureq::Agent::config_builder().timeout_global(Some(timeout)).build();
        Self { agent: config.into(), url: url.to_owned(), random, validation }
    }

    fn ask(&self, request: &[u8]) -> Result<Vec<u8>, ureq::Error> {
        let mut response = self
            .agent
            .post(&self.url)
            .header("Content-Type", "application/timestamp-query")
            .header("Accept", "application/timestamp-reply")
            .send(request)?;
        response.body_mut().with_config().limit(cms::MAX_BYTES as u64).read_to_vec()
    }
}

impl Timestamps for RemoteAuthority {
    fn stamp(&self, algorithm: DigestAlgorithm, digest: &[u8; 32]) -> Result<Vec<u8>, TimestampError> {
        let failed = |why: &dyn std::fmt::Display| TimestampError::Unavailable(why.to_string());
        let request = tsp::request(algorithm, digest, u64::from_be_bytes(self.random.bytes()));
        let answer = self.ask(&request).map_err(|why| failed(&why))?;
        let token = match tsp::parse_response(&answer).map_err(|why| failed(&why))? {
            Response::Granted(token) => token,
            Response::Refused { status, failure } => {
                let failure = failure.map_or_else(|| "none".into(), |bit| bit.to_string());
                return Err(TimestampError::Refused(format!("status {status}, failure {failure}")));
            }
        };
        accept(&token, digest, &request)?;
        Ok(token)
    }

    fn largest_token(&self, _algorithm: DigestAlgorithm) -> usize {
        LARGEST_TOKEN
    }

    fn validation_data(&self, _algorithm: DigestAlgorithm) -> ValidationData {
        self.validation.clone()
    }
}

fn accept(token: &[u8], digest: &[u8; 32], request: &[u8]) -> Result<(), TimestampError> {
    let wrong = |why: &str| TimestampError::Unavailable(format!("its token is not for us: {why}"));
    if token.len() > LARGEST_TOKEN {
        return Err(wrong("it is too large"));
    }
    let facts = tsp::read_token(token).map_err(|why| wrong(&why.to_string()))?;
    let asked = tsp::parse_request(request).map_err(|why| wrong(&why.to_string()))?;
    if facts.imprint != digest || facts.algorithm != asked.algorithm {
        return Err(wrong("another digest"));
    }
    if facts.nonce != asked.nonce {
        return Err(wrong("another nonce"));
    }
    if facts.is_intact() { Ok(()) } else { Err(wrong("its signature is not right")) }
}
