//! Telling others what happens: every second, events are handed to the endpoints, and what is due is delivered. An endpoint
//! that is slow holds back nobody but itself.

use crate::app::webhook::deliver::{self, Done};
use crate::app::webhook::fan_out;
use crate::app::{AppError, Service};
use crate::domain::webhook::WebhookId;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

/// Time between two looks.
const EVERY: Duration = Duration::from_secs(1);
/// Endpoints delivered to at one time.
const ENDPOINTS: usize = 16;

/// Looks at once and then every second until `shutdown` is over; attempts under way are finished.
pub(super) async fn run(service: Arc<Service>, shutdown: impl Future<Output = ()>) {
    let mut rounds =
        Rounds { service, under_way: JoinSet::new(), busy: HashSet::new(), last: None, stop: Arc::default() };
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        tokio::select! {
            biased;
            () = &mut shutdown => break,
            Some(ended) = rounds.under_way.join_next() => rounds.ended(ended),
            _ = ticks.tick() => rounds.begin().await,
        }
    }
    rounds.stop.store(true, Ordering::Relaxed);
    while let Some(ended) = rounds.under_way.join_next().await {
        rounds.ended(ended);
    }
}

type Round = (WebhookId, Result<Done, AppError>);

struct Rounds {
    service: Arc<Service>,
    under_way: JoinSet<Round>,
    /// The endpoints that are delivered to now.
    busy: HashSet<WebhookId>,
    /// The one that a round was begun for last: the next ones have their turn first.
    last: Option<WebhookId>,
    stop: Arc<AtomicBool>,
}

impl Rounds {
    /// Begins a round for each endpoint that something is due for, as far as there is room.
    async fn begin(&mut self) {
        if let Err(error) = fan_out::run(&self.service).await {
            tracing::error!(%error, "events are not handed to webhooks");
        }
        let mut due = match deliver::due(&self.service).await {
            Ok(due) => due,
            Err(error) => return tracing::error!(%error, "webhooks cannot be read"),
        };
        let turn = due.partition_point(|id| Some(id) <= self.last.as_ref());
        due.rotate_left(turn);
        for id in due {
            if self.busy.len() == ENDPOINTS || !self.busy.insert(id.clone()) {
                continue;
            }
            self.last = Some(id.clone());
            let (service, stop) = (Arc::clone(&self.service), Arc::clone(&self.stop));
            self.under_way.spawn(async move {
                let done = deliver::run(&service, &id, &stop).await;
                (id, done)
            });
        }
    }

    fn ended(&mut self, ended: Result<Round, tokio::task::JoinError>) {
        match ended {
            Ok((id, done)) => {
                self.busy.remove(&id);
                match done {
                    Ok(done) => tracing::debug!(webhook = %id, ?done, "told a webhook"),
                    Err(error) => tracing::error!(webhook = %id, %error, "a webhook is not delivered to"),
                }
            }
            // Which one it was is lost with it: none counts as busy any more, and leases keep the others apart.
            Err(error) => {
                tracing::error!(%error, "a round of a webhook broke off");
                self.busy.clear();
            }
        }
    }
}
