//! Endpoints and their deliveries, for who may see them.

use super::{find, owner_of};
use crate::app::{AppError, Service, inputs};
use crate::domain::party::Credential;
use crate::domain::webhook::{Delivery, Webhook, WebhookId};
use crate::ports::store::{self, WebhookListing};

/// The endpoints of the caller's department, or all of them for an operator: by identity, after `after`.
pub async fn list(
    service: &Service,
    caller: &Credential,
    after: &str,
    limit: Option<u32>,
) -> Result<Vec<Webhook>, AppError> {
    let listing =
        owner_of(caller)?.map_or(WebhookListing::All, |code| WebhookListing::Department(code.to_owned()));
    let (listing, limit) = (&listing, inputs::rows(limit));
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.webhooks(listing, after, limit).await?) })
    })
    .await?;
    Ok(found)
}

/// One endpoint.
pub async fn one(service: &Service, caller: &Credential, id: &WebhookId) -> Result<Webhook, AppError> {
    let found =
        store::read(service.store.as_ref(), |tx, _| Box::pin(async move { find(tx, caller, id).await }))
            .await?;
    Ok(found)
}

/// An endpoint's deliveries, newest first, before the number `before`.
pub async fn deliveries(
    service: &Service,
    caller: &Credential,
    id: &WebhookId,
    before: Option<i64>,
    limit: Option<u32>,
) -> Result<Vec<Delivery>, AppError> {
    let (before, limit) = (before.unwrap_or(i64::MAX), inputs::rows(limit));
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let webhook = find(&mut *tx, caller, id).await?;
            Ok(tx.deliveries(&webhook.id, before, limit).await?)
        })
    })
    .await?;
    Ok(found)
}
