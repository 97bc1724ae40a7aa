//! Grants to use a seal, and their uses.

use super::StoreError;
use crate::domain::grant::{Grant, GrantId, GrantUse, UseOutcome, UseSubject, Withdrawal};
use crate::domain::license::LicenseId;
use crate::domain::seal::SealCode;
use crate::domain::time::Timestamp;
use async_trait::async_trait;

/// Rows about grants.
#[async_trait]
pub trait GrantRows {
    /// Adds a grant. [`StoreError::Exists`] if its identity is taken.
    async fn insert_grant(&mut self, grant: &Grant) -> Result<(), StoreError>;
    /// The grant of this identity.
    async fn grant(&mut self, id: &GrantId) -> Result<Option<Grant>, StoreError>;
    /// Grants of a seal with identities before `before` (all, if there is none), newest first, at most `limit`.
    async fn grants_of_seal(
        &mut self,
        seal: &SealCode,
        before: Option<&GrantId>,
        limit: u32,
    ) -> Result<Vec<Grant>, StoreError>;
    /// The same of those given to a body.
    async fn grants_to_body(
        &mut self,
        body: &str,
        before: Option<&GrantId>,
        limit: u32,
    ) -> Result<Vec<Grant>, StoreError>;
    /// The same of those given to a credential.
    async fn grants_to_credential(
        &mut self,
        credential: &str,
        before: Option<&GrantId>,
        limit: u32,
    ) -> Result<Vec<Grant>, StoreError>;
    /// Withdraws a grant; `false` if it is none or was withdrawn before.
    async fn withdraw_grant(&mut self, id: &GrantId, withdrawal: &Withdrawal) -> Result<bool, StoreError>;
    /// Counts a use and keeps its line; `false`, and nothing is kept, if the grant was withdrawn or its count is full.
    /// [`StoreError::Exists`] if what it was for has a line already.
    async fn take_grant_use(&mut self, used: &GrantUse) -> Result<bool, StoreError>;
    /// Says what became of a use that is open, of a license; a cancelled one counts no more. `false` if the license has none.
    async fn settle_grant_use(
        &mut self,
        license: &LicenseId,
        outcome: UseOutcome,
    ) -> Result<bool, StoreError>;
    /// Uses of a grant, oldest first, behind `after` (all, if there is none), at most `limit`.
    async fn grant_uses(
        &mut self,
        grant: &GrantId,
        after: Option<(Timestamp, &UseSubject)>,
        limit: u32,
    ) -> Result<Vec<GrantUse>, StoreError>;
}
