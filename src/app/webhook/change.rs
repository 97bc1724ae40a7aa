//! What is done to a registered endpoint: put out of use and back, given a new secret, removed.

use super::register::Told;
use super::{find, owner_of, secrets, update};
use crate::app::error::{conflict, forbidden};
use crate::app::{AppError, Service, audit};
use crate::domain::party::Credential;
use crate::domain::webhook::{OVERLAP, Secret, Webhook, WebhookId, WebhookState};

/// Puts an endpoint back to use, whoever or whatever put it out of use: what waited is delivered now.
pub async fn enable(service: &Service, caller: &Credential, id: &WebhookId) -> Result<Webhook, AppError> {
    set(service, caller, id, "webhook.enable", WebhookState::On).await
}

/// Puts an endpoint out of use: what happens meanwhile waits.
pub async fn disable(service: &Service, caller: &Credential, id: &WebhookId) -> Result<Webhook, AppError> {
    set(service, caller, id, "webhook.disable", WebhookState::Off).await
}

/// Removes an endpoint with all that waited for it.
pub async fn remove(service: &Service, caller: &Credential, id: &WebhookId) -> Result<(), AppError> {
    set(service, caller, id, "webhook.remove", WebhookState::Removed).await.map(drop)
}

async fn set(
    service: &Service,
    caller: &Credential,
    id: &WebhookId,
    action: &str,
    state: WebhookState,
) -> Result<Webhook, AppError> {
    let now = service.clock.now();
    let line = audit::line(now, &caller.id, action, id.as_str(), &audit::nothing());
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let mut webhook = find(&mut *tx, caller, id).await?;
            if webhook.state == state {
                return Err(conflict("webhook.state").with("state", state.name()).into());
            }
            // What stands against it is forgotten: it is tried anew.
            (webhook.state, webhook.failing_since, webhook.resume_at) = (state, None, None);
            update(&mut *tx, &mut webhook).await?;
            Ok(webhook)
        })
    })
    .await
}

/// Gives an endpoint a new secret; the one before signs along for a day. Only its owner may: it is told the secret.
pub async fn rotate(service: &Service, caller: &Credential, id: &WebhookId) -> Result<Told, AppError> {
    let now = service.clock.now();
    let secret = Secret::new(service.random.bytes());
    let closed = &secrets::close(service.vault.as_ref(), id, &secret);
    let line = audit::line(now, &caller.id, "webhook.rotate_secret", id.as_str(), &audit::nothing());
    let webhook = audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let mut webhook = find(&mut *tx, caller, id).await?;
            if webhook.owner.as_deref() != owner_of(caller)? {
                return Err(forbidden("webhook.not_yours").into());
            }
            let before = std::mem::replace(&mut webhook.secret, closed.clone());
            webhook.old_secret = Some((before, now.plus(OVERLAP)));
            update(&mut *tx, &mut webhook).await?;
            Ok(webhook)
        })
    })
    .await?;
    Ok(Told { webhook, secret })
}
