//! X.509 certificates that the service issued, and the CRLs it published.

use super::StoreError;
use crate::domain::time::Timestamp;
use async_trait::async_trait;

/// An X.509 certificate that one of our authorities issued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedX509 {
    /// The authority's name: `seal-ca`, `tls-ca`, `root`.
    pub authority: String,
    /// Serial number, lower-case hexadecimal.
    pub serial: String,
    /// DER.
    pub der: Vec<u8>,
    /// End of its life.
    pub not_after: Timestamp,
    /// Revoked at, with the reason code of RFC 5280 §5.3.1.
    pub revoked: Option<(Timestamp, u8)>,
}

/// A published CRL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedCrl {
    /// The authority's name.
    pub authority: String,
    /// CRL number, strictly growing.
    pub number: u64,
    /// DER.
    pub der: Vec<u8>,
    /// Issued at.
    pub this_update: Timestamp,
    /// The next one comes no later than.
    pub next_update: Timestamp,
}

/// Rows about the PKI.
#[async_trait]
pub trait PkiRows {
    /// Adds an issued X.509 certificate. [`StoreError::Exists`] if authority and serial are known.
    async fn insert_x509(&mut self, x509: &IssuedX509) -> Result<(), StoreError>;
    /// Marks it revoked; `false` if there is none, or it was revoked from no later a time on. What was revoked never comes
    /// back, and counts from the earliest time that was said.
    async fn revoke_x509(
        &mut self,
        authority: &str,
        serial: &str,
        at: Timestamp,
        reason: u8,
    ) -> Result<bool, StoreError>;
    /// All revoked ones of an authority that expire after `after`, by serial.
    async fn revoked_x509(
        &mut self,
        authority: &str,
        after: Timestamp,
    ) -> Result<Vec<IssuedX509>, StoreError>;
    /// Adds a CRL. [`StoreError::Exists`] if the authority's number is taken.
    async fn insert_crl(&mut self, crl: &PublishedCrl) -> Result<(), StoreError>;
    /// The authority's CRL of the highest number.
    async fn latest_crl(&mut self, authority: &str) -> Result<Option<PublishedCrl>, StoreError>;
}
