//! Requests, how they ended, and the identity assertions that were taken for them.

use super::StoreError;
use crate::domain::show_request::{Ended, ShowRequest};
use crate::domain::time::Timestamp;
use async_trait::async_trait;

/// Rows about requests.
#[async_trait]
pub trait RequestRows {
    /// Adds a request. [`StoreError::Exists`] if its identifier or the handle's hash is known.
    async fn insert_request(&mut self, request: &ShowRequest) -> Result<(), StoreError>;
    /// The request of this identifier.
    async fn request(&mut self, id: &str) -> Result<Option<ShowRequest>, StoreError>;
    /// The request behind a handle.
    async fn request_by_code(&mut self, code_hash: &[u8; 32]) -> Result<Option<ShowRequest>, StoreError>;
    /// Ends it if nothing has ended it; `false` otherwise. Exactly one caller ever gets `true`.
    async fn end_request(&mut self, id: &str, ended: &Ended) -> Result<bool, StoreError>;
    /// Counts a wrong number if nothing has ended it; `false` otherwise.
    async fn count_wrong_number(&mut self, id: &str) -> Result<bool, StoreError>;
    /// Takes an assertion for good. [`StoreError::Exists`] if this issuer's was taken before.
    async fn take_assertion(&mut self, issuer: &str, jti: &str, until: Timestamp) -> Result<(), StoreError>;
    /// Forgets assertions that are refused for their age anyway; says how many.
    async fn forget_assertions(&mut self, before: Timestamp) -> Result<u64, StoreError>;
}
