//! Delivers what is due: leased, so that no two processes send the same at once; at least once, since a lease runs out.

use super::{message, secrets};
use crate::app::{AppError, Service, audit};
use crate::domain::time::Timestamp;
use crate::domain::webhook::{Attempt, Delivery, Webhook, WebhookId, WebhookState};
use crate::ports::store;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;

/// Messages on their way to one endpoint at one time.
const IN_FLIGHT: usize = 8;
/// So long a round goes on beginning attempts; then the other endpoints have their turn.
const ROUND: Duration = Duration::from_secs(10);
/// Longer than an attempt takes in the worst case, waiting for the database included.
const LEASE: Duration = Duration::from_secs(60);

/// What was done for one endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Events that it took.
    pub delivered: u32,
    /// Attempts that failed.
    pub failed: u32,
}

/// The endpoints in use for which something is due.
pub async fn due(service: &Service) -> Result<Vec<WebhookId>, AppError> {
    let now = service.clock.now();
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let mut due = Vec::new();
            for webhook in super::fan_out::in_use(&mut *tx).await? {
                let is_due = tx.next_delivery_due(&webhook.id).await?.is_some_and(|at| at <= now);
                if is_due && webhook.is_open(now) {
                    due.push(webhook.id);
                }
            }
            Ok(due)
        })
    })
    .await?;
    Ok(found)
}

/// Delivers to one endpoint until nothing is due or its round is over, some messages at a time and of each subject one; once
/// `stop` is set nothing new is begun.
pub async fn run(service: &Arc<Service>, id: &WebhookId, stop: &AtomicBool) -> Result<Done, AppError> {
    let (mut done, mut failure, began) = (Done::default(), None, service.clock.now());
    // Tasks of their own: a transaction that nobody polls while we wait for the next one would be waited for by it.
    let mut flying = JoinSet::new();
    loop {
        let free = IN_FLIGHT - flying.len();
        let is_over = service.clock.now().since(began) >= ROUND || stop.load(Ordering::Relaxed);
        if free > 0 && !is_over && failure.is_none() {
            match lease(service, id, free).await {
                Ok(leased) => {
                    for (webhook, delivery) in leased {
                        flying.spawn(attempt(Arc::clone(service), webhook, delivery));
                    }
                }
                Err(error) => failure = Some(error),
            }
        }
        // After a failure of ours what was begun still comes to its end: dropped, it would be sent once more.
        let Some(ended) = flying.join_next().await else { return failure.map_or(Ok(done), Err) };
        match ended.map_err(AppError::from).flatten() {
            Ok(true) => done.delivered += 1,
            Ok(false) => done.failed += 1,
            Err(error) => failure = failure.or(Some(error)),
        }
    }
}

async fn lease(
    service: &Service,
    id: &WebhookId,
    free: usize,
) -> Result<Vec<(Arc<Webhook>, Delivery)>, AppError> {
    let (now, limit) = (service.clock.now(), u32::try_from(free).unwrap_or(1));
    // Most looks find nothing: they must not cost a writing transaction.
    let next = store::glance(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.next_delivery_due(id).await?) })
    });
    if next.await?.is_none_or(|at| now < at) {
        return Ok(Vec::new());
    }
    let leased = store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let Some(webhook) = tx.webhook(id).await?.filter(|w| w.is_open(now)) else { return Ok(None) };
            Ok(Some((webhook, tx.lease_deliveries(id, now, now.plus(LEASE), limit).await?)))
        })
    });
    let Some((webhook, deliveries)) = leased.await? else { return Ok(Vec::new()) };
    let webhook = Arc::new(webhook);
    Ok(deliveries.into_iter().map(|delivery| (Arc::clone(&webhook), delivery)).collect())
}

/// One attempt and what follows from it; whether the endpoint took it.
async fn attempt(service: Arc<Service>, webhook: Arc<Webhook>, delivery: Delivery) -> Result<bool, AppError> {
    let now = service.clock.now();
    let secrets = secrets::in_force(service.vault.as_ref(), &webhook, now)?;
    let message = message::signed(&webhook, &secrets, &delivery, now);
    let sender = Arc::clone(&service.webhooks);
    let answer = tokio::task::spawn_blocking(move || sender.send(&message)).await?;
    let at = service.clock.now();
    let attempt = match answer {
        Ok(answer) => {
            Attempt { at, status: Some(answer.status), error: None, retry_after: answer.retry_after }
        }
        Err(error) => Attempt { at, status: None, error: Some(error.name()), retry_after: None },
    };
    let chance = u16::from_be_bytes(service.random.bytes());
    let (next, lease) = (delivery.after(&attempt, chance), delivery.leased_until.unwrap_or(at));
    let next = &next;
    let ours = store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.finish_delivery(next, lease).await?) })
    });
    if !ours.await? {
        tracing::warn!(webhook = %webhook.id, number = delivery.what.number, "a lease ran out during an attempt");
    }
    if webhook.after(&attempt) != *webhook {
        stands(&service, &webhook.id, &attempt, at).await?;
    }
    Ok(attempt.is_good())
}

/// Writes what an attempt means for the endpoint itself.
async fn stands(
    service: &Service,
    id: &WebhookId,
    attempt: &Attempt,
    now: Timestamp,
) -> Result<(), AppError> {
    let put_out = store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let Some(webhook) = tx.webhook(id).await? else { return Ok(None) };
            let mut next = webhook.after(attempt);
            if next == webhook {
                return Ok(None);
            }
            super::update(&mut *tx, &mut next).await?;
            let put_out = webhook.state == WebhookState::On && next.state != WebhookState::On;
            if put_out {
                let detail = json!({ "state": next.state.name() });
                let line = audit::line(now, audit::SYSTEM, "webhook.disable", id.as_str(), &detail);
                tx.append_audit(&line).await?;
            }
            Ok(put_out.then_some(next.state))
        })
    })
    .await?;
    if let Some(state) = put_out {
        tracing::warn!(webhook = %id, state = state.name(), "a webhook is out of use");
    }
    Ok(())
}
