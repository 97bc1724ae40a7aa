//! Issues up to a hundred licenses in one call, each with its own key and its own outcome.

use super::issue_license::{self, Issued, Order};
use super::{AppError, Service};
use crate::domain::party::Credential;
use crate::domain::refusal::{Fault, Refusal};
use futures::StreamExt;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Most licenses of one call.
pub const MOST: usize = 100;
/// How many of a call are worked on at one time; a call must not take the whole service for itself.
const AT_ONCE: usize = 8;

/// One of a batch.
pub struct Item {
    /// Its idempotency key.
    pub key: String,
    /// What is asked for, or why nobody can tell.
    pub order: Result<Order, Refusal>,
}

/// Issues them and answers in the order asked. Refused as a whole only if there are none, too many, or two under one
/// key.
pub async fn run(
    service: &Arc<Service>,
    caller: &Credential,
    items: Vec<Item>,
) -> Result<Vec<Result<Issued, AppError>>, AppError> {
    if items.is_empty() || items.len() > MOST {
        return Err(Refusal::invalid(vec![Fault::at("", "batch.size").with("max", MOST)]).into());
    }
    let mut keys = BTreeSet::new();
    let repeated = items.iter().enumerate().filter(|(_, item)| !keys.insert(item.key.as_str()));
    let repeated: Vec<Fault> =
        repeated.map(|(at, _)| Fault::at(format!("/{at}/key"), "batch.key_repeated")).collect();
    if !repeated.is_empty() {
        return Err(Refusal::invalid(repeated).into());
    }
    let one = |item: Item| async move { issue_license::run(service, caller, &item.key, item.order?).await };
    Ok(futures::stream::iter(items).map(one).buffered(AT_ONCE).collect().await)
}
