//! Showings and who redeemed them.

use super::StoreError;
use crate::domain::show_code::{Redemption, Showing};
use crate::domain::time::Timestamp;
use async_trait::async_trait;

/// Rows about showings.
#[async_trait]
pub trait ShowCodeRows {
    /// Adds a showing. [`StoreError::Exists`] if the code's hash is known.
    async fn insert_showing(&mut self, showing: &Showing) -> Result<(), StoreError>;
    /// The showing behind a code.
    async fn showing_by_code(&mut self, code_hash: &[u8; 32]) -> Result<Option<Showing>, StoreError>;
    /// The showing of this id.
    async fn showing(&mut self, id: &str) -> Result<Option<Showing>, StoreError>;
    /// Marks it redeemed if nobody has redeemed or withdrawn it; `false` otherwise. Exactly one caller ever gets `true`.
    async fn redeem_showing(&mut self, id: &str, redemption: &Redemption) -> Result<bool, StoreError>;
    /// Marks it withdrawn if nobody has redeemed or withdrawn it; `false` otherwise.
    async fn withdraw_showing(&mut self, id: &str, at: Timestamp) -> Result<bool, StoreError>;
    /// A holder's showings, newest first by (created_at, id), after that pair, at most `limit`.
    async fn showings(
        &mut self,
        holder: &str,
        after: Option<(Timestamp, &str)>,
        limit: u32,
    ) -> Result<Vec<Showing>, StoreError>;
}
