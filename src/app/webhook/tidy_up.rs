//! Removes what nobody needs any more: deliveries that were over a month ago, and the rows of removed endpoints.

use crate::app::{AppError, Service};
use crate::domain::webhook::{WebhookId, WebhookState};
use crate::ports::store::{self, WebhookListing};
use std::time::Duration;

/// So long a delivery that is over can be looked at and replayed.
pub const KEPT: Duration = Duration::from_secs(30 * 86_400);
/// Rows removed in one transaction: other writers wait behind it.
const ROWS: u32 = 500;
/// Endpoints read at once.
const WEBHOOKS: u32 = 200;

/// Removes them; says how many endpoints and deliveries.
pub async fn run(service: &Service) -> Result<(u64, u64), AppError> {
    let mut erased = 0;
    for id in ids(service, &WebhookListing::InState(WebhookState::Removed)).await? {
        while !erase_some(service, &id).await? {}
        erased += 1;
    }
    let mut purged = 0;
    for id in ids(service, &WebhookListing::All).await? {
        loop {
            let some = purge_some(service, &id).await?;
            purged += some;
            if some < u64::from(ROWS) {
                break;
            }
        }
    }
    Ok((erased, purged))
}

async fn ids(service: &Service, listing: &WebhookListing) -> Result<Vec<WebhookId>, AppError> {
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let mut ids: Vec<WebhookId> = Vec::new();
            loop {
                let after = ids.last().map(|last| last.as_str().to_owned()).unwrap_or_default();
                let some = tx.webhooks(listing, &after, WEBHOOKS).await?;
                let full = some.len() == WEBHOOKS as usize;
                ids.extend(some.into_iter().map(|webhook| webhook.id));
                if !full {
                    return Ok(ids);
                }
            }
        })
    })
    .await?;
    Ok(found)
}

async fn erase_some(service: &Service, id: &WebhookId) -> Result<bool, AppError> {
    let done = store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.erase_webhook(id, ROWS).await?) })
    });
    Ok(done.await?)
}

async fn purge_some(service: &Service, id: &WebhookId) -> Result<u64, AppError> {
    let before = service.clock.now().minus(KEPT);
    let done = store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.purge_deliveries(id, before, ROWS).await?) })
    });
    Ok(done.await?)
}
