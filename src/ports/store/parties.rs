//! Departments, credentials and page sessions.

use super::StoreError;
use crate::domain::party::{Credential, Department};
use crate::domain::time::Timestamp;
use async_trait::async_trait;

/// Someone signed in to the pages with a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// SHA-256 of the cookie's value.
    pub token_hash: [u8; 32],
    /// The credential signed in with.
    pub credential: String,
    /// Secret that every form must repeat.
    pub csrf: String,
    /// Ends at.
    pub expires_at: Timestamp,
}

/// Rows about parties.
#[async_trait]
pub trait PartyRows {
    /// Adds a department or replaces the one of the same code.
    async fn put_department(&mut self, department: &Department) -> Result<(), StoreError>;
    /// The department of this credit code.
    async fn department(&mut self, code: &str) -> Result<Option<Department>, StoreError>;
    /// All departments by code (a city has some hundred).
    async fn departments(&mut self) -> Result<Vec<Department>, StoreError>;

    /// Adds a credential with the SHA-256 of its token, or with the SHA-256 of its client X.509 certificate's DER.
    /// [`StoreError::Exists`] if the id or the hash is known.
    async fn add_credential(
        &mut self,
        credential: &Credential,
        secret_hash: &[u8; 32],
    ) -> Result<(), StoreError>;
    /// The credential of this id.
    async fn credential(&mut self, id: &str) -> Result<Option<Credential>, StoreError>;
    /// The credential whose token or client X.509 certificate has this SHA-256.
    async fn credential_by_secret(
        &mut self,
        secret_hash: &[u8; 32],
    ) -> Result<Option<Credential>, StoreError>;
    /// Credentials by id, after `after`, at most `limit`.
    async fn credentials(&mut self, after: &str, limit: u32) -> Result<Vec<Credential>, StoreError>;
    /// Withdraws a credential; `false` if there is none or it was withdrawn before.
    async fn withdraw_credential(&mut self, id: &str, at: Timestamp) -> Result<bool, StoreError>;

    /// Adds a session.
    async fn add_session(&mut self, session: &Session) -> Result<(), StoreError>;
    /// The session of this cookie, expired or not.
    async fn session(&mut self, token_hash: &[u8; 32]) -> Result<Option<Session>, StoreError>;
    /// Ends a session; no matter if there is none.
    async fn end_session(&mut self, token_hash: &[u8; 32]) -> Result<(), StoreError>;
    /// Removes sessions that ended before `before`; says how many.
    async fn purge_sessions(&mut self, before: Timestamp) -> Result<u64, StoreError>;
}
