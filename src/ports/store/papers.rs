//! Receipts and annotated copies, and the seal that seals them.

use super::StoreError;
use crate::domain::paper::{Paper, ServiceSeal};
use crate::domain::seal::SealCode;
use crate::domain::time::Timestamp;
use async_trait::async_trait;

/// Rows about papers.
#[async_trait]
pub trait PaperRows {
    /// Adds a paper with its files. [`StoreError::Exists`] if its identity or its key is taken, or a file is another's.
    async fn insert_paper(&mut self, paper: &Paper) -> Result<(), StoreError>;
    /// The paper of that identity.
    async fn paper(&mut self, id: &str) -> Result<Option<Paper>, StoreError>;
    /// The paper that this key made.
    async fn paper_of_key(&mut self, key: &str) -> Result<Option<Paper>, StoreError>;
    /// Proposes a seal for the papers of the service; one that was proposed before is proposed anew, and an agreement to
    /// it is void.
    async fn propose_service_seal(
        &mut self,
        seal: &SealCode,
        by: &str,
        at: Timestamp,
    ) -> Result<(), StoreError>;
    /// Its owner agrees. `false` if the seal is not proposed, or was agreed to before.
    async fn agree_to_service_seal(
        &mut self,
        seal: &SealCode,
        by: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError>;
    /// The seal that was agreed to last.
    async fn service_seal(&mut self) -> Result<Option<ServiceSeal>, StoreError>;
}
