//! Recorded intents to issue: durable before any key is touched.

use super::StoreError;
use crate::domain::license::LicenseId;
use crate::domain::time::Timestamp;
use async_trait::async_trait;

/// What became of an intent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IssuanceState {
    /// Recorded; the license may or may not be on its way.
    Open,
    /// The license was released.
    Done,
    /// Given up for good; nothing was released. Holds the refusal's code.
    Cancelled(String),
}

/// A recorded intent: all that is needed to finish it after a crash, and to give the same answer again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuance {
    /// Whose idempotency key it is: the department's code.
    pub department: String,
    /// The idempotency key.
    pub key: String,
    /// SHA-256 of the canonical request.
    pub request_hash: [u8; 32],
    /// The canonical request, as JSON text.
    pub request: String,
    /// Who asked (credential id).
    pub requested_by: String,
    /// The identifier it was given.
    pub license: LicenseId,
    /// The printed number it was given.
    pub number: String,
    /// Check code of its verification code.
    pub check_code: String,
    /// Salt of its log leaf.
    pub salt: [u8; 16],
    /// The moment that all its dates follow from.
    pub started_at: Timestamp,
    /// What became of it.
    pub state: IssuanceState,
}

/// Rows about intents.
#[async_trait]
pub trait IssuanceRows {
    /// Records an intent. [`StoreError::Exists`] with `idempotency key` if the department used the key before,
    /// with `license` if an
    /// intent that was not given up has the identifier.
    async fn insert_issuance(&mut self, issuance: &Issuance) -> Result<(), StoreError>;
    /// The intent under this key.
    async fn issuance(&mut self, department: &str, key: &str) -> Result<Option<Issuance>, StoreError>;
    /// Moves an open intent on; `false` if it is not open.
    async fn close_issuance(
        &mut self,
        department: &str,
        key: &str,
        state: &IssuanceState,
    ) -> Result<bool, StoreError>;
    /// Open intents started before `before`, oldest first, at most `limit`.
    async fn open_issuances(&mut self, before: Timestamp, limit: u32) -> Result<Vec<Issuance>, StoreError>;
}
