//! Businesses, their seals, and the rules that those are made under.

use super::StoreError;
use crate::domain::business::{Business, BusinessSeal, RuleId, StandingRule};
use crate::domain::grant::Withdrawal;
use crate::domain::party::{Credential, Role};
use crate::domain::time::Timestamp;
use async_trait::async_trait;

/// Rows about businesses.
#[async_trait]
pub trait BusinessRows {
    /// Adds a business. [`StoreError::Exists`] if its code is taken.
    async fn insert_business(&mut self, business: &Business) -> Result<(), StoreError>;
    /// The business of this credit code.
    async fn business(&mut self, code: &str) -> Result<Option<Business>, StoreError>;
    /// Replaces the stored business if its revision is still `seen`; `false` if it is not.
    async fn update_business(&mut self, business: &Business, seen: u32) -> Result<bool, StoreError>;
    /// Businesses of a registry by code after `after`, at most `limit`.
    async fn businesses(
        &mut self,
        registry: &str,
        after: &str,
        limit: u32,
    ) -> Result<Vec<Business>, StoreError>;
    /// Binds a seal to its business, in the place of the one of its purpose before it.
    /// [`StoreError::Exists`] if the seal is bound already.
    async fn bind_seal(&mut self, seal: &BusinessSeal) -> Result<(), StoreError>;
    /// The seals that a business has now, by purpose.
    async fn business_seals(&mut self, business: &str) -> Result<Vec<BusinessSeal>, StoreError>;
    /// Credentials of a business by id after `after`, at most `limit`.
    async fn business_credentials(
        &mut self,
        business: &str,
        after: &str,
        limit: u32,
    ) -> Result<Vec<Credential>, StoreError>;
    /// Withdraws the credentials of a business in this role that were not before; says how many.
    async fn withdraw_business_credentials(
        &mut self,
        business: &str,
        role: Role,
        at: Timestamp,
    ) -> Result<u64, StoreError>;
    /// Adds a rule. [`StoreError::Exists`] if its identity is taken.
    async fn insert_standing_rule(&mut self, rule: &StandingRule) -> Result<(), StoreError>;
    /// The rule of this identity.
    async fn standing_rule(&mut self, id: &RuleId) -> Result<Option<StandingRule>, StoreError>;
    /// Rules of a registry with identities before `before` (all, if there is none), newest first, at most `limit`.
    async fn standing_rules(
        &mut self,
        registry: &str,
        before: Option<&RuleId>,
        limit: u32,
    ) -> Result<Vec<StandingRule>, StoreError>;
    /// The second person approves a rule; `false` if there is none that waits for it, or it is the one who proposed it.
    async fn approve_standing_rule(
        &mut self,
        id: &RuleId,
        by: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError>;
    /// Withdraws a rule; `false` if it is none or was withdrawn before.
    async fn withdraw_standing_rule(
        &mut self,
        id: &RuleId,
        withdrawal: &Withdrawal,
    ) -> Result<bool, StoreError>;
}
