//! The sharing service: who may ask what, how often they did, what they found wrong.

use super::StoreError;
use crate::domain::grant::Withdrawal;
use crate::domain::sharing::{Allowance, Count, Operation, Remark};
use crate::domain::time::Timestamp;
use async_trait::async_trait;

/// Rows about sharing.
#[async_trait]
pub trait SharingRows {
    /// Writes an allowance, in place of an earlier one of the same credential.
    async fn put_share_allowance(&mut self, allowance: &Allowance) -> Result<(), StoreError>;
    /// The allowance of a credential.
    async fn share_allowance(&mut self, credential: &str) -> Result<Option<Allowance>, StoreError>;
    /// Allowances by credential, behind `after`, at most `limit`.
    async fn share_allowances(&mut self, after: &str, limit: u32) -> Result<Vec<Allowance>, StoreError>;
    /// Another operator confirms it. `false` if there is none, or it is confirmed or withdrawn already.
    async fn confirm_share_allowance(
        &mut self,
        credential: &str,
        by: &str,
        at: Timestamp,
    ) -> Result<bool, StoreError>;
    /// Ends it. `false` if there is none, or it is withdrawn already.
    async fn withdraw_share_allowance(
        &mut self,
        credential: &str,
        withdrawal: &Withdrawal,
    ) -> Result<bool, StoreError>;
    /// Counts a question of that day.
    async fn count_share(
        &mut self,
        credential: &str,
        day: i64,
        operation: Operation,
        answered: bool,
    ) -> Result<(), StoreError>;
    /// The counts of the days from `from` to `to`, by day, credential and operation, at most `limit`.
    async fn share_counts(&mut self, from: i64, to: i64, limit: u32) -> Result<Vec<Count>, StoreError>;
    /// Adds a remark. [`StoreError::Exists`] if its identity is taken.
    async fn add_share_remark(&mut self, remark: &Remark) -> Result<(), StoreError>;
    /// Remarks on licenses of that issuer, newest first, at most `limit`.
    async fn share_remarks(&mut self, issuer: &str, limit: u32) -> Result<Vec<Remark>, StoreError>;
}
