//! Trusted time: tokens of RFC 3161 (GB/T 20520 where they are made with SM2 and SM3).

use crate::crypto::DigestAlgorithm;

/// Why no token could be had.
#[derive(Debug, thiserror::Error)]
pub enum TimestampError {
    /// The authority's clock went backwards, so it refuses to say what time it is.
    #[error("the clock went backwards")]
    ClockWentBackwards,
    /// The authority refused the request.
    #[error("the timestamping authority refused: {0}")]
    Refused(String),
    /// The authority could not be reached or answered with something else.
    #[error("the timestamping authority is out of reach: {0}")]
    Unavailable(String),
}

/// A timestamping authority, or several of which the digest's algorithm chooses one.
pub trait Timestamps: Send + Sync {
    /// A time-stamp token (DER of a CMS `ContentInfo`, RFC 3161 §2.4.2) over this digest, made with SHA-256 or SM3 as
    /// `algorithm` says, with the authority's certificate inside. May block while the authority answers.
    fn stamp(&self, algorithm: DigestAlgorithm, digest: &[u8; 32]) -> Result<Vec<u8>, TimestampError>;

    /// Certificates (DER) of the chain above the certificate of the authority that stamps such digests, and CRLs (DER)
    /// that cover that chain, as far as they are known; they go into a sealed file so that it can be checked long after.
    fn validation_data(&self, algorithm: DigestAlgorithm) -> ValidationData;

    /// No token over such a digest is longer than this, in bytes: so much room is kept in a file that waits for one.
    fn largest_token(&self, algorithm: DigestAlgorithm) -> usize;

    /// The answer (DER of a `TimeStampResp`) to a request from outside (DER of a `TimeStampReq`); a bad request is
    /// answered with a refusal. `None` if this is somebody else's authority: ask there. May block.
    fn answer(&self, _request: &[u8]) -> Option<Vec<u8>> {
        None
    }
}

/// Certificates and revocation data that prove a chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValidationData {
    /// X.509 certificates, DER, leaf first, no duplicates.
    pub x509_certificates: Vec<Vec<u8>>,
    /// Certificate revocation lists, DER, no duplicates.
    pub crls: Vec<Vec<u8>>,
}
