//! Files that somebody brings to be sealed.

use super::StoreError;
use crate::domain::seal::SealCode;
use crate::domain::seal_job::{JobId, JobState, SealJob};
use crate::domain::time::Timestamp;
use async_trait::async_trait;

/// Rows about seal jobs.
#[async_trait]
pub trait SealJobRows {
    /// Records the intent. [`StoreError::Exists`] with `idempotency key` if its owner used the key before, with `seal job`
    /// if the identity is taken.
    async fn insert_seal_job(&mut self, job: &SealJob) -> Result<(), StoreError>;
    /// The job of this identity.
    async fn seal_job(&mut self, id: &JobId) -> Result<Option<SealJob>, StoreError>;
    /// The job under this key of its owner.
    async fn seal_job_of_key(&mut self, owner: &str, key: &str) -> Result<Option<SealJob>, StoreError>;
    /// Ends an open job; `false` if it is not open, or `state` is no end.
    async fn close_seal_job(&mut self, id: &JobId, state: &JobState) -> Result<bool, StoreError>;
    /// Open jobs started before `before`, oldest first, at most `limit`.
    async fn open_seal_jobs(&mut self, before: Timestamp, limit: u32) -> Result<Vec<SealJob>, StoreError>;
    /// Jobs of an owner of keys with identities before `before` (all, if there is none), newest first, at most `limit`.
    async fn seal_jobs_of(
        &mut self,
        key_owner: &str,
        before: Option<&JobId>,
        limit: u32,
    ) -> Result<Vec<SealJob>, StoreError>;
    /// The same of those under a seal.
    async fn seal_jobs_under(
        &mut self,
        seal: &SealCode,
        before: Option<&JobId>,
        limit: u32,
    ) -> Result<Vec<SealJob>, StoreError>;
}
