//! Tells an endpoint again: one event, everything since a time, or a test that says nothing.

use super::{find, message, update};
use crate::app::error::{conflict, not_found};
use crate::app::{AppError, Service, audit};
use crate::domain::party::Credential;
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::time::Timestamp;
use crate::domain::webhook::{NewDelivery, Webhook, WebhookId};
use serde_json::json;

/// What to tell again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// One delivery that is over, by its number.
    One(i64),
    /// Every event since then, as far as the endpoint wants it today; perhaps also of the minute before.
    Since(Timestamp),
}

/// Has it told again: the same identifiers, the same bodies, behind what still waits.
pub async fn run(
    service: &Service,
    caller: &Credential,
    id: &WebhookId,
    what: What,
) -> Result<Webhook, AppError> {
    let now = service.clock.now();
    let detail = match what {
        What::One(number) => json!({ "number": number }),
        What::Since(at) if at > now => {
            return Err(Refusal::invalid(vec![Fault::at("/since", "webhook.since_in_future")]).into());
        }
        What::Since(at) => json!({ "since": at.to_string() }),
    };
    let line = audit::line(now, &caller.id, "webhook.replay", id.as_str(), &detail);
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let mut webhook = find(&mut *tx, caller, id).await?;
            match what {
                What::One(number) => {
                    let found = tx.delivery(id, number).await?;
                    let found = found.ok_or_else(|| not_found("webhook.delivery_unknown"))?;
                    if !found.state.is_over() {
                        return Err(conflict("webhook.delivery_not_over").into());
                    }
                    let number = webhook.take_number();
                    tx.insert_delivery(&NewDelivery { number, created_at: now, ..found.what }).await?;
                }
                // An endpoint that has not got so far yet is not sent forward.
                What::Since(at) => {
                    webhook.position = webhook.position.min(tx.event_position_before(at).await?);
                }
            }
            update(&mut *tx, &mut webhook).await?;
            Ok(webhook)
        })
    })
    .await
}

/// Sends a `webhook.test` to one endpoint; says its delivery's number.
pub async fn test(service: &Service, caller: &Credential, id: &WebhookId) -> Result<i64, AppError> {
    let now = service.clock.now();
    let line = audit::line(now, &caller.id, "webhook.test", id.as_str(), &audit::nothing());
    let event = &audit::event(service, now, "webhook.test", id.as_str(), &audit::nothing());
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let mut webhook = find(&mut *tx, caller, id).await?;
            let number = webhook.take_number();
            tx.insert_delivery(&message::delivery(&webhook, number, event, now)).await?;
            update(&mut *tx, &mut webhook).await?;
            Ok(number)
        })
    })
    .await
}
