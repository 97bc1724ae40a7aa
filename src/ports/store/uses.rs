//! Who used what of whom.

use super::StoreError;
use crate::domain::space::{Use, Used};
use crate::domain::time::Timestamp;
use async_trait::async_trait;

/// Rows about uses.
#[async_trait]
pub trait UseRows {
    /// Adds a use. [`StoreError::Exists`] if its identity is taken.
    async fn add_use(&mut self, used: &Use) -> Result<(), StoreError>;
    /// Says anew what a use was, when more became known of it. False if there is no such use.
    async fn amend_use(&mut self, id: &str, what: &Used) -> Result<bool, StoreError>;
    /// Uses of what is an owner's, newest first, before that place (all, if there is none), at most `limit`.
    async fn uses(
        &mut self,
        owner: &str,
        before: Option<(Timestamp, &str)>,
        limit: u32,
    ) -> Result<Vec<Use>, StoreError>;
}
