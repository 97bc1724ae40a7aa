//! Seals and their lives.

use super::StoreError;
use crate::domain::seal::{Approval, HeldPaper, Seal, SealCode, SealCredential, SealEvent, SealPicture};
use async_trait::async_trait;

/// Rows about seals.
#[async_trait]
pub trait SealRows {
    /// Adds a seal with its picture. [`StoreError::Exists`] if its code is taken.
    async fn insert_seal(&mut self, seal: &Seal, picture: &SealPicture) -> Result<(), StoreError>;
    /// The seal of this code.
    async fn seal(&mut self, code: &SealCode) -> Result<Option<Seal>, StoreError>;
    /// What the seal of this code shows.
    async fn seal_picture(&mut self, code: &SealCode) -> Result<Option<SealPicture>, StoreError>;
    /// Replaces the stored seal if its revision is still `seen`; `false` if it is not.
    async fn update_seal(&mut self, seal: &Seal, seen: u32) -> Result<bool, StoreError>;
    /// Seals by code after `after`, of one owner or of all, at most `limit`.
    async fn seals(&mut self, owner: Option<&str>, after: &str, limit: u32) -> Result<Vec<Seal>, StoreError>;
    /// Notes that a seal is that person's. [`StoreError::Exists`] if that is known.
    async fn add_person_seal(&mut self, pseudonym: &[u8; 32], seal: &SealCode) -> Result<(), StoreError>;
    /// A person's seals by code, at most `limit`.
    async fn person_seals(&mut self, pseudonym: &[u8; 32], limit: u32) -> Result<Vec<Seal>, StoreError>;
    /// Adds to a seal's history.
    async fn add_seal_event(&mut self, event: &SealEvent) -> Result<(), StoreError>;
    /// A seal's history, oldest first.
    async fn seal_events(&mut self, code: &SealCode) -> Result<Vec<SealEvent>, StoreError>;
    /// Keeps what a seal signs with in one suite. [`StoreError::Exists`] if it has something of that suite.
    async fn insert_seal_credential(
        &mut self,
        seal: &SealCode,
        credential: &SealCredential,
    ) -> Result<(), StoreError>;
    /// What a seal signs with, by the suite's name; nothing before its approval.
    async fn seal_credentials(&mut self, seal: &SealCode) -> Result<Vec<SealCredential>, StoreError>;
    /// Keeps one person's approval. Who the person is follows from the credential it is by, whatever the approval says.
    /// [`StoreError::Exists`] if it cannot count: the person gave it before, by whatever credential, and neither it nor that
    /// credential has run out, the seal is not at that revision, or it is the applicant's for the making.
    async fn add_seal_approval(&mut self, approval: &Approval) -> Result<(), StoreError>;
    /// Says that the bytes of a seal's paper are kept. [`StoreError::Exists`] if that is known.
    async fn add_seal_paper(&mut self, paper: &HeldPaper) -> Result<(), StoreError>;
    /// The papers of a seal whose bytes are kept, by digest.
    async fn seal_papers(&mut self, seal: &SealCode) -> Result<Vec<HeldPaper>, StoreError>;
    /// All approvals of a seal, by act, revision and person.
    async fn seal_approvals(&mut self, seal: &SealCode) -> Result<Vec<Approval>, StoreError>;
}
