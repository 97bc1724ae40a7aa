//! From the outbox to the endpoints: every event becomes a delivery of each endpoint that wants it, exactly once, in order.

use super::message;
use crate::app::{AppError, Service};
use crate::domain::webhook::{Webhook, WebhookId, WebhookState};
use crate::ports::store::{self, OutboxEvent, Transaction, TxError, WebhookListing};
use std::collections::BTreeMap;

/// Events handed over in one transaction.
const EVENTS: u32 = 200;
/// Endpoints read at once.
const WEBHOOKS: u32 = 200;
/// Transactions for one endpoint before the others have their turn again.
const ROUNDS: usize = 50;

/// Hands over what happened since the last time; says how many deliveries were made. Any number of processes may do this at
/// once: how far an endpoint has got is moved in the transaction that adds its deliveries.
pub async fn run(service: &Service) -> Result<u64, AppError> {
    let mut made = 0;
    for _ in 0..ROUNDS {
        let behind = behind(service).await?;
        if behind.is_empty() {
            break;
        }
        for (position, (events, webhooks)) in &behind {
            for id in webhooks {
                made += hand_over(service, id, *position, events).await?;
            }
        }
    }
    Ok(made)
}

type Behind = BTreeMap<i64, (Vec<OutboxEvent>, Vec<WebhookId>)>;

/// The endpoints in use that events wait for, by how far they have got, with those events. Most have got equally far, and
/// then the outbox is read once. Read apart from what is written: reading the end of the outbox in a writing transaction
/// would make every event that is added meanwhile collide with it.
async fn behind(service: &Service) -> Result<Behind, AppError> {
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let mut behind = Behind::new();
            for webhook in in_use(&mut *tx).await? {
                behind.entry(webhook.position).or_default().1.push(webhook.id);
            }
            for (position, (events, _)) in &mut behind {
                *events = tx.events(*position, EVENTS).await?;
            }
            behind.retain(|_, (events, _)| !events.is_empty());
            Ok(behind)
        })
    })
    .await?;
    Ok(found)
}

/// All endpoints in use.
pub(super) async fn in_use(tx: &mut dyn Transaction) -> Result<Vec<Webhook>, TxError> {
    let mut all: Vec<Webhook> = Vec::new();
    loop {
        let after = all.last().map(|last| last.id.as_str().to_owned()).unwrap_or_default();
        let some = tx.webhooks(&WebhookListing::InState(WebhookState::On), &after, WEBHOOKS).await?;
        let full = some.len() == WEBHOOKS as usize;
        all.extend(some);
        if !full {
            return Ok(all);
        }
    }
}

/// One transaction: the deliveries, and how far the endpoint has got. Nothing if somebody else was quicker.
async fn hand_over(
    service: &Service,
    id: &WebhookId,
    position: i64,
    events: &[OutboxEvent],
) -> Result<u64, AppError> {
    let now = service.clock.now();
    let made = store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let found = tx.webhook(id).await?;
            let in_place = |w: &Webhook| w.position == position && w.state == WebhookState::On;
            let Some(mut webhook) = found.filter(in_place) else { return Ok(0) };
            let mut made = 0;
            for event in events {
                webhook.position = event.position;
                if webhook.wants(&event.topic, &event.concerns) {
                    let number = webhook.take_number();
                    tx.insert_delivery(&message::delivery(&webhook, number, event, now)).await?;
                    made += 1;
                }
            }
            super::update(tx, &mut webhook).await?;
            Ok(made)
        })
    })
    .await?;
    Ok(made)
}
