//! What the service does by itself: revocation lists stay fresh, what a crash left behind is finished, envelopes are looked
//! after, sessions that ended are removed. Any number of processes may do this on one database.

use crate::app::envelope::look_after::{self, LookedAfter};
use crate::app::publish_crl::{self, PublishError};
use crate::app::{AppError, Service, resume_issuances};
use crate::domain::time::Timestamp;
use crate::ports::store::{self, PublishedCrl, TxError};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::MissedTickBehavior;

/// Time between two passes.
const EVERY: Duration = Duration::from_secs(60);
/// An intent younger than this may still be in the hands of the request that recorded it.
const ABANDONED: Duration = Duration::from_secs(120);

/// Learns of a new revocation list (DER) of the root of this name, which sealed files carry for the timestamping
/// authority below it.
pub type OnRootCrl = Box<dyn Fn(&str, Vec<Vec<u8>>) + Send + Sync>;

/// Runs a pass at once and then every minute until `shutdown` is over; a pass under way is finished. What fails is
/// logged and tried again in the next pass.
pub async fn run(service: Arc<Service>, on_root_crl: OnRootCrl, shutdown: impl Future<Output = ()>) {
    let mut jobs = Jobs { service, on_root_crl, told: HashMap::new() };
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut shutdown = std::pin::pin!(shutdown);
    // No request of this process is older than this: what is open came from a process before it, or from another one,
    // which loses nothing if this one is quicker.
    let mut before = jobs.service.clock.now();
    loop {
        tokio::select! {
            biased;
            () = &mut shutdown => return,
            _ = ticks.tick() => jobs.pass(before).await,
        }
        before = jobs.service.clock.now().minus(ABANDONED);
    }
}

struct Jobs {
    service: Arc<Service>,
    on_root_crl: OnRootCrl,
    /// Number of the list that was told last, by the root's name.
    told: HashMap<String, u64>,
}

impl Jobs {
    /// One pass. Intents recorded from `before` on are left alone.
    async fn pass(&mut self, before: Timestamp) {
        self.publish().await;
        if let Err(error) = self.tell().await {
            tracing::error!(%error, "the roots' revocation lists cannot be read");
        }
        match resume_issuances::run(&self.service, before).await {
            Ok(resumed) if resumed == resume_issuances::Resumed::default() => {}
            Ok(resumed) => tracing::info!(?resumed, "intents that were left open"),
            Err(error) => tracing::error!(%error, "open intents cannot be read"),
        }
        match look_after::run(&self.service).await {
            Ok(done) if done == LookedAfter::default() => {}
            Ok(done) => tracing::info!(?done, "envelopes"),
            Err(error) => tracing::error!(%error, "envelopes cannot be read"),
        }
        match self.purge().await {
            Ok(0) => {}
            Ok(count) => tracing::debug!(count, "sessions that ended are removed"),
            Err(error) => tracing::error!(%error, "sessions that ended cannot be removed"),
        }
    }

    /// Publishes the lists that are due.
    async fn publish(&self) {
        let service = &self.service;
        let (store, keys) = (service.store.as_ref(), service.keys.as_ref());
        for authority in service.authorities.all() {
            let published = publish_crl::run_if_due(store, keys, authority, service.clock.now()).await;
            log_published(&authority.name, &published);
            if matches!(published, Ok(Some(_))) {
                service.forget_sealing();
            }
        }
    }

    /// Tells of each root's latest list, whoever published it, once.
    async fn tell(&mut self) -> Result<(), TxError> {
        for (_, authorities) in self.service.authorities.hierarchies() {
            let name = authorities.root.name.as_str();
            let latest = store::read(self.service.store.as_ref(), |tx, _| {
                Box::pin(async move { Ok(tx.latest_crl(name).await?) })
            })
            .await?;
            if let Some(latest) = latest.filter(|latest| self.told.get(name) != Some(&latest.number)) {
                (self.on_root_crl)(name, vec![latest.der]);
                self.told.insert(name.to_owned(), latest.number);
                self.service.forget_sealing();
            }
        }
        Ok(())
    }

    async fn purge(&self) -> Result<u64, AppError> {
        let now = self.service.clock.now();
        let purged = store::write(self.service.store.as_ref(), |tx, _| {
            Box::pin(async move { Ok(tx.purge_sessions(now).await?) })
        })
        .await?;
        Ok(purged)
    }
}

fn log_published(authority: &str, published: &Result<Option<PublishedCrl>, PublishError>) {
    match published {
        Ok(None) => {}
        Ok(Some(crl)) => tracing::info!(authority, number = crl.number, "published a revocation list"),
        Err(error) => tracing::error!(authority, %error, "no revocation list"),
    }
}

#[cfg(test)]
mod tests;
