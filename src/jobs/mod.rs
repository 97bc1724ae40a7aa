//! What the service does by itself: revocation lists stay fresh, what a crash left behind is finished, envelopes are looked
//! after, webhooks are told, what nobody needs any more is removed. Any number of processes may do this on one database.

mod webhooks;

use crate::app::envelope::look_after::{self, LookedAfter};
use crate::app::offline::{self, Published};
use crate::app::publish_crl::{self, Adoption, Authority, PublishError};
use crate::app::resume_issuances::Resumed;
use crate::app::trust_list::publish as publish_trust_list;
use crate::app::webhook::tidy_up;
use crate::app::{AppError, Service, resume_issuances, resume_seal_jobs};
use crate::domain::time::Timestamp;
use crate::ports::store::{self, PublishedCrl, TxError};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::MissedTickBehavior;

/// Time between two passes.
const EVERY: Duration = Duration::from_secs(60);
/// An intent younger than this may still be in the hands of the request that recorded it.
const ABANDONED: Duration = Duration::from_secs(120);

/// Learns of a new revocation list (DER) of the root of this name, which sealed files carry for the timestamping
/// authority below it.
pub type OnRootCrl = Box<dyn Fn(&str, Vec<Vec<u8>>) + Send + Sync>;

/// Revocation lists (DER) that operators put where the service finds them, by the authority's name; or why one cannot be
/// read. May block.
pub type BroughtCrls = Arc<dyn Fn() -> Vec<(String, Result<Vec<u8>, String>)> + Send + Sync>;

/// The world outside the service, as far as the jobs deal with it.
pub struct Outside {
    /// Where new revocation lists come from whose keys are kept elsewhere.
    pub brought_crls: BroughtCrls,
    /// Who learns of a root's new list.
    pub on_root_crl: OnRootCrl,
}

/// Runs a pass at once and then every minute until `shutdown` is over; a pass under way is finished. What fails is
/// logged and tried again in the next pass.
pub async fn run(service: Arc<Service>, outside: Outside, shutdown: impl Future<Output = ()>) {
    // Dropped with this, however it ends.
    let (working, worked) = oneshot::channel::<()>();
    let telling = tokio::spawn(webhooks::run(Arc::clone(&service), async { drop(worked.await) }));
    every_minute(service, outside, shutdown).await;
    drop(working);
    if let Err(error) = telling.await {
        tracing::error!(%error, "telling webhooks broke off");
    }
}

async fn every_minute(service: Arc<Service>, outside: Outside, shutdown: impl Future<Output = ()>) {
    let mut jobs = Jobs::new(service, outside);
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
    outside: Outside,
    /// What was brought at the last look, which need not be looked into again; nothing before the first.
    seen: Option<HashMap<String, Result<Vec<u8>, String>>>,
    /// Number of the list that was told last, by the root's name.
    told: HashMap<String, u64>,
}

impl Jobs {
    fn new(service: Arc<Service>, outside: Outside) -> Self {
        Self { service, outside, seen: None, told: HashMap::new() }
    }

    /// One pass. Intents recorded from `before` on are left alone.
    async fn pass(&mut self, before: Timestamp) {
        self.adopt().await;
        self.publish().await;
        // After the revocation lists, which stand in it.
        match publish_trust_list::run_if_due(&self.service).await {
            Ok(None) => {}
            Ok(Some(list)) => tracing::info!(sequence = list.sequence, "published our trust list"),
            Err(error) => tracing::error!(%error, "our trust list cannot be published"),
        }
        if let Err(error) = self.tell().await {
            tracing::error!(%error, "the roots' revocation lists cannot be read");
        }
        match resume_issuances::run(&self.service, before).await {
            Ok(resumed) if resumed == Resumed::default() => {}
            Ok(resumed) => tracing::info!(?resumed, "intents that were left open"),
            Err(error) => tracing::error!(%error, "open intents cannot be read"),
        }
        match resume_seal_jobs::run(&self.service, before).await {
            Ok(resumed) if resumed == Resumed::default() => {}
            Ok(resumed) => tracing::info!(?resumed, "seal jobs that were left open"),
            Err(error) => tracing::error!(%error, "open seal jobs cannot be read"),
        }
        match look_after::run(&self.service).await {
            Ok(done) if done == LookedAfter::default() => {}
            Ok(done) => tracing::info!(?done, "envelopes"),
            Err(error) => tracing::error!(%error, "envelopes cannot be read"),
        }
        self.offline().await;
        match self.purge().await {
            Ok(0) => {}
            Ok(count) => tracing::debug!(count, "sessions that ended are removed"),
            Err(error) => tracing::error!(%error, "sessions that ended cannot be removed"),
        }
        match tidy_up::run(&self.service).await {
            Ok((0, 0)) => {}
            Ok((webhooks, deliveries)) => tracing::debug!(webhooks, deliveries, "old deliveries are removed"),
            Err(error) => tracing::error!(%error, "old deliveries cannot be removed"),
        }
    }

    /// Publishes the lists that were brought since the last look.
    async fn adopt(&mut self) {
        let brought = Arc::clone(&self.outside.brought_crls);
        let brought = match tokio::task::spawn_blocking(move || brought()).await {
            Ok(brought) => brought,
            Err(error) => return tracing::error!(%error, "the lists that were brought cannot be looked for"),
        };
        let first = self.seen.is_none();
        let seen = self.seen.take().unwrap_or_default();
        let mut looked_into = HashMap::new();
        for (name, list) in brought {
            let authority = self.service.authorities.all().find(|authority| authority.name == name);
            let done = match (authority, &list) {
                _ if seen.get(&name) == Some(&list) => true,
                (Some(authority), Ok(der)) => self.adopt_one(authority, der, first).await,
                (None, _) => true,
                (_, Err(error)) => {
                    tracing::error!(authority = name, %error, "the revocation list that was brought is none");
                    true
                }
            };
            if done {
                looked_into.insert(name, list);
            }
        }
        self.seen = Some(looked_into);
    }

    /// Whether that is done with; otherwise it is tried again in the next pass.
    async fn adopt_one(&self, authority: &Authority, der: &[u8], first: bool) -> bool {
        let name = authority.name.as_str();
        match publish_crl::adopt(self.service.store.as_ref(), authority, der).await {
            Ok(Adoption::Published(number)) => {
                tracing::info!(authority = name, number, "published the revocation list that was brought");
                self.service.forget_sealing();
                true
            }
            // What lies there at the start may be as old as the key set.
            Ok(Adoption::Older { number, published }) if !first => {
                tracing::error!(
                    authority = name,
                    number,
                    published,
                    "the revocation list that was brought is not newer than the published one; `yinzheng keys crl --last` makes one that is"
                );
                true
            }
            Ok(_) => true,
            Err(error) => {
                tracing::error!(authority = name, %error, "the revocation list that was brought is not published");
                !matches!(error, PublishError::Store(_))
            }
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
                (self.outside.on_root_crl)(name, vec![latest.der]);
                self.told.insert(name.to_owned(), latest.number);
                self.service.forget_sealing();
            }
        }
        Ok(())
    }

    /// Status lists and the bundle; whether they are old is looked at whatever became of that.
    async fn offline(&self) {
        match offline::publish(&self.service).await {
            Ok(done) if done == Published::default() => {}
            Ok(done) => tracing::info!(?done, "published status lists"),
            Err(error) => tracing::error!(%error, "status lists cannot be published"),
        }
        // Whoever wants it has it made; here it is tried whether that can be done, before somebody has an old one.
        if let Err(error) = offline::bundle(&self.service).await {
            tracing::error!(%error, "the bundle of verifiers cannot be made");
        }
        if let Err(error) = offline::watch(&self.service).await {
            tracing::error!(%error, "the age of status lists and bundle cannot be read");
        }
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
