//! Disputes of uses, later comers with a used show code, deputies.

use super::StoreError;
use crate::domain::consent::{Answer, Deputy, Dispute, Try};
use crate::domain::space::Use;
use crate::domain::time::Timestamp;
use async_trait::async_trait;

/// Rows about what follows from a holder's consent.
#[async_trait]
pub trait ConsentRows {
    /// The use of that identity.
    async fn one_use(&mut self, id: &str) -> Result<Option<Use>, StoreError>;
    /// Adds a dispute. [`StoreError::Exists`] if the use is disputed already.
    async fn add_dispute(&mut self, dispute: &Dispute) -> Result<(), StoreError>;
    /// The dispute of this use.
    async fn dispute(&mut self, used: &str) -> Result<Option<Dispute>, StoreError>;
    /// An owner's disputes of uses from that moment to that one, both included, at most `limit`.
    async fn disputes_of_owner(
        &mut self,
        owner: &str,
        from: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Dispute>, StoreError>;
    /// All disputes, newest first, before that place (all, if there is none), at most `limit`.
    async fn disputes(
        &mut self,
        before: Option<(Timestamp, &str)>,
        limit: u32,
    ) -> Result<Vec<Dispute>, StoreError>;
    /// Answers a dispute if nobody has; `false` otherwise.
    async fn answer_dispute(&mut self, used: &str, answer: &Answer) -> Result<bool, StoreError>;
    /// Notes who came with a used code; `false` if that one came before.
    async fn add_try(&mut self, tried: &Try) -> Result<bool, StoreError>;
    /// Who came with a code after it was used, oldest first, at most `limit`.
    async fn tries(&mut self, showing: &str, limit: u32) -> Result<Vec<Try>, StoreError>;
    /// Withdraws the codes that this credential fetched in advance and nobody has used; says how many.
    async fn withdraw_prefetched(&mut self, shown_by: &str, at: Timestamp) -> Result<u64, StoreError>;
    /// Adds a deputy. [`StoreError::Exists`] if its identity is taken.
    async fn add_deputy(&mut self, deputy: &Deputy) -> Result<(), StoreError>;
    /// The deputy of that identity.
    async fn deputy(&mut self, id: &str) -> Result<Option<Deputy>, StoreError>;
    /// Takes a deputy back if that was not done; `false` otherwise.
    async fn withdraw_deputy(&mut self, id: &str, at: Timestamp) -> Result<bool, StoreError>;
    /// The deputies an owner named, newest first, at most `limit`.
    async fn deputies_of(&mut self, owner: &str, limit: u32) -> Result<Vec<Deputy>, StoreError>;
    /// For whom somebody is a deputy, newest first, at most `limit`.
    async fn deputy_for(&mut self, deputy: &str, limit: u32) -> Result<Vec<Deputy>, StoreError>;
    /// Notes that a showing was drawn by this deputy.
    async fn add_showing_deputy(&mut self, showing: &str, deputy: &str) -> Result<(), StoreError>;
    /// By which deputy a showing was drawn.
    async fn showing_deputy(&mut self, showing: &str) -> Result<Option<Deputy>, StoreError>;
}
