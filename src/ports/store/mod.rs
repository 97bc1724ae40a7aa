//! The database, as the use cases see it: transactions over rows of domain values.
//!
//! Contract, on every implementation:
//! - [`Store::write`] runs the job in one serializable transaction and returns only when it is durable. The job may run
//!   more than once (a concurrent change won), so it must have no effect outside its transaction.
//! - A job that returns an error leaves nothing behind.
//! - After [`StoreError::Exists`] or [`StoreError::Corrupt`] a job may go on. After any other error its transaction is
//!   lost: nothing more runs in it, and it fails even if the job returns `Ok`.
//! - A caller may drop the future at any moment: the job then took effect as a whole or not at all.
//! - A job must be polled until it is done: other writers may be waiting behind it.
//! - Nothing slow or external (keys, timestamps, files) belongs inside a job.

mod audit;
mod businesses;
mod consent;
mod envelopes;
mod grants;
mod issuances;
mod kiosks;
mod licenses;
mod materials;
mod offline;
mod papers;
mod parties;
mod pki;
mod requests;
mod seal_jobs;
mod seals;
mod sharing;
mod show_codes;
mod trust_lists;
mod uses;
mod webhooks;

pub use audit::{AuditLine, AuditRows, OutboxEvent, OutboxRows};
pub use businesses::BusinessRows;
pub use consent::ConsentRows;
pub use envelopes::{
    EnvelopeContent, EnvelopeListing, EnvelopePage, EnvelopeRows, EnvelopeSummary, SignedConsent,
};
pub use grants::GrantRows;
pub use issuances::{Issuance, IssuanceRows, IssuanceState};
pub use kiosks::KioskRows;
pub use licenses::{LicenseEvent, LicenseFilter, LicenseRows, Page};
pub use materials::MaterialRows;
pub use offline::{OfflineRows, PublishedFile};
pub use papers::PaperRows;
pub use parties::{PartyRows, Session};
pub use pki::{IssuedX509, PkiRows, PublishedCrl};
pub use requests::RequestRows;
pub use seal_jobs::SealJobRows;
pub use seals::SealRows;
pub use sharing::SharingRows;
pub use show_codes::ShowCodeRows;
pub use trust_lists::{ForeignCrl, ListVersion, OwnTrustList, PinnedSigner, TrustListRows};
pub use uses::UseRows;
pub use webhooks::{WebhookListing, WebhookRows};

use crate::domain::refusal::Refusal;
use async_trait::async_trait;
use futures::future::BoxFuture;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};

/// Why the database could not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A concurrent change won, time after time; try again later.
    #[error("the database is too busy with concurrent changes")]
    Contention,
    /// A row with this unique value exists already; names the constraint.
    #[error("{0} exists already")]
    Exists(&'static str),
    /// A stored row cannot be read as what it should be.
    #[error("row {row} of table {table} cannot be read: {why}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The row's key.
        row: String,
        /// What is wrong with it.
        why: String,
    },
    /// Anything else the database says.
    #[error("the database failed: {0}")]
    Failed(String),
}

/// How a job ends when it does not succeed.
#[derive(Debug, thiserror::Error)]
pub enum TxError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The job itself said no.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// Everything that can be done inside a transaction.
pub trait Transaction:
    PartyRows
    + SealRows
    + LicenseRows
    + IssuanceRows
    + EnvelopeRows
    + GrantRows
    + SealJobRows
    + PaperRows
    + SharingRows
    + BusinessRows
    + ShowCodeRows
    + OfflineRows
    + RequestRows
    + KioskRows
    + MaterialRows
    + ConsentRows
    + PkiRows
    + TrustListRows
    + UseRows
    + AuditRows
    + OutboxRows
    + WebhookRows
    + Send
{
}

impl<T> Transaction for T where
    T: PartyRows
        + SealRows
        + LicenseRows
        + IssuanceRows
        + EnvelopeRows
        + GrantRows
        + SealJobRows
        + PaperRows
        + SharingRows
        + BusinessRows
        + ShowCodeRows
        + OfflineRows
        + RequestRows
        + KioskRows
        + MaterialRows
        + ConsentRows
        + PkiRows
        + TrustListRows
        + UseRows
        + AuditRows
        + OutboxRows
        + WebhookRows
        + Send
{
}

/// Ties what a job borrows (`'j`) to the transaction it runs in (`'t`): a job's future may borrow both. Jobs take it
/// as a second argument and ignore it: `|tx, _| Box::pin(async move { … })`.
pub type Scope<'t, 'j> = PhantomData<&'t &'j ()>;

/// Work done inside a transaction; may run more than once.
pub type Job<'j> = dyn for<'t> Fn(&'t mut dyn Transaction, Scope<'t, 'j>) -> BoxFuture<'t, Result<(), TxError>>
    + Send
    + Sync
    + 'j;

/// A database.
#[async_trait]
pub trait Store: Send + Sync {
    /// Runs `job` in a transaction that may write; see the contract above.
    async fn write<'j>(&self, job: &Job<'j>) -> Result<(), TxError>;

    /// Runs `job` against a consistent snapshot; it must not write.
    async fn read<'j>(&self, job: &Job<'j>) -> Result<(), TxError>;

    /// Runs a `job` of one reading statement without a transaction around it, which costs one trip to the database
    /// where [`Self::read`] costs three. What one statement reads is one snapshot all the same; a second one fails.
    async fn glance<'j>(&self, job: &Job<'j>) -> Result<(), TxError>;
}

/// Runs `work` in a writing transaction and returns what it made.
pub async fn write<'j, T: Send + 'j, W>(store: &dyn Store, work: W) -> Result<T, TxError>
where
    W: for<'t> Fn(&'t mut dyn Transaction, Scope<'t, 'j>) -> BoxFuture<'t, Result<T, TxError>>
        + Send
        + Sync
        + 'j,
{
    let made = Arc::new(Mutex::new(None));
    let slot = made.clone();
    store.write(&move |tx, scope| Box::pin(keep(work(tx, scope), slot.clone()))).await?;
    take(&made)
}

/// Runs `work` against a snapshot and returns what it read.
pub async fn read<'j, T: Send + 'j, W>(store: &dyn Store, work: W) -> Result<T, TxError>
where
    W: for<'t> Fn(&'t mut dyn Transaction, Scope<'t, 'j>) -> BoxFuture<'t, Result<T, TxError>>
        + Send
        + Sync
        + 'j,
{
    let made = Arc::new(Mutex::new(None));
    let slot = made.clone();
    store.read(&move |tx, scope| Box::pin(keep(work(tx, scope), slot.clone()))).await?;
    take(&made)
}

/// Runs `work`, which reads with one statement, and returns what it read.
pub async fn glance<'j, T: Send + 'j, W>(store: &dyn Store, work: W) -> Result<T, TxError>
where
    W: for<'t> Fn(&'t mut dyn Transaction, Scope<'t, 'j>) -> BoxFuture<'t, Result<T, TxError>>
        + Send
        + Sync
        + 'j,
{
    let made = Arc::new(Mutex::new(None));
    let slot = made.clone();
    store.glance(&move |tx, scope| Box::pin(keep(work(tx, scope), slot.clone()))).await?;
    take(&made)
}

type Slot<T> = Arc<Mutex<Option<T>>>;

async fn keep<T>(work: BoxFuture<'_, Result<T, TxError>>, slot: Slot<T>) -> Result<(), TxError> {
    let value = work.await?;
    *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
    Ok(())
}

fn take<T>(made: &Slot<T>) -> Result<T, TxError> {
    made.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take()
        .ok_or_else(|| StoreError::Failed("a transaction committed without running its job".into()).into())
}
