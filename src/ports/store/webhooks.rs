//! Webhooks and their deliveries.

use super::StoreError;
use crate::domain::time::Timestamp;
use crate::domain::webhook::{Delivery, NewDelivery, Webhook, WebhookId, WebhookState};
use async_trait::async_trait;

/// Which webhooks to list. Removed ones stand only in the list of their state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebhookListing {
    /// All of them.
    All,
    /// The operators'.
    Operators,
    /// A department's, by credit code.
    Department(String),
    /// Those in this state.
    InState(WebhookState),
}

/// Rows about webhooks.
#[async_trait]
pub trait WebhookRows {
    /// Adds a webhook. [`StoreError::Exists`] if its identity is taken.
    async fn insert_webhook(&mut self, webhook: &Webhook) -> Result<(), StoreError>;
    /// The webhook of this identity, removed or not.
    async fn webhook(&mut self, id: &WebhookId) -> Result<Option<Webhook>, StoreError>;
    /// A list of webhooks by identity, after `after`, at most `limit`.
    async fn webhooks(
        &mut self,
        listing: &WebhookListing,
        after: &str,
        limit: u32,
    ) -> Result<Vec<Webhook>, StoreError>;
    /// Writes how a webhook stands (not what it was registered with) and raises its revision, if that is still the one of
    /// `webhook`; `false` if it is not, and then nothing is written.
    async fn update_webhook(&mut self, webhook: &Webhook) -> Result<bool, StoreError>;

    /// Adds a delivery: due at once, or queued if an earlier one of the same webhook and subject is not over.
    /// [`StoreError::Exists`] if its number is taken.
    async fn insert_delivery(&mut self, delivery: &NewDelivery) -> Result<(), StoreError>;
    /// A webhook's delivery of this number.
    async fn delivery(&mut self, webhook: &WebhookId, number: i64) -> Result<Option<Delivery>, StoreError>;
    /// A webhook's deliveries, newest first, before the number `before`, at most `limit`.
    async fn deliveries(
        &mut self,
        webhook: &WebhookId,
        before: i64,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError>;
    /// When the first of a webhook's deliveries is due.
    async fn next_delivery_due(&mut self, webhook: &WebhookId) -> Result<Option<Timestamp>, StoreError>;
    /// Takes up to `limit` deliveries that are due at `now`, the longest waiting first, and keeps all others from taking
    /// them before `until`. No two of them are about the same subject.
    async fn lease_deliveries(
        &mut self,
        webhook: &WebhookId,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError>;
    /// Writes how a delivery stands after an attempt, if it is still leased until `lease`; `false` if somebody took over, and
    /// then nothing is written. When it is over, the next one queued behind it becomes due.
    async fn finish_delivery(&mut self, delivery: &Delivery, lease: Timestamp) -> Result<bool, StoreError>;
    /// Removes a webhook's deliveries that were over before `before`, at most `limit`; says how many.
    async fn purge_deliveries(
        &mut self,
        webhook: &WebhookId,
        before: Timestamp,
        limit: u32,
    ) -> Result<u64, StoreError>;
    /// Removes at most `limit` deliveries of a removed webhook, and itself when none is left; `true` then.
    async fn erase_webhook(&mut self, webhook: &WebhookId, limit: u32) -> Result<bool, StoreError>;
}
