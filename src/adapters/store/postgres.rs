//! PostgreSQL: every write serializable, and run again when a concurrent one wins.

/// The place of an appended row: the transaction's number, then `$1`, its place within the transaction. Numbers from
/// a sequence would not do: they are given out before the commit, so a reader that goes by them could pass over a
/// row that is committed after one with a higher number.
macro_rules! position {
    () => {
        "(CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT) << 12) | $1"
    };
}

/// Rows of transactions before which none is unfinished.
macro_rules! settled {
    () => {
        "position < (CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT) << 12)"
    };
}

#[allow(clippy::duplicate_mod, reason = "the same queries are compiled for each database")]
#[path = "queries/mod.rs"]
mod queries;

use super::{OpenError, migrate};
use crate::adapters::random::SystemRandom;
use crate::ports::random::Random;
use crate::ports::store::{Job, Store, StoreError, TxError};
use async_trait::async_trait;
use queries::Tx;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgPool};
use std::marker::PhantomData;
use std::str::FromStr;
use std::time::Duration;
use tokio::sync::RwLock;

type Db = sqlx::Postgres;

/// The greatest place within a transaction that fits into a position.
const LAST_PLACE: i64 = (1 << 12) - 1;

/// How often a job is run before its caller is told of contention.
const ATTEMPTS: u32 = 40;

/// How often a job may lose before it runs alone: long ones lose to short ones for ever.
const LOSSES: u32 = 5;

/// The longest a job waits before it is run again, in microseconds.
const LONGEST_PAUSE: u64 = 100_000;

/// Connections of one process; PostgreSQL gains nothing from many more than it has processors and disks.
const CONNECTIONS: u32 = 24;

pub(super) struct PostgresStore {
    pool: PgPool,
    /// The jobs of this process: side by side, but for one that has lost too often.
    turns: RwLock<()>,
}

impl PostgresStore {
    /// Opens the database and brings its tables up to date.
    pub(super) async fn open(url: &str) -> Result<Self, OpenError> {
        let options = PgConnectOptions::from_str(url)
            .map_err(|_| OpenError::Url("this postgres URL cannot be read"))?
            .application_name("yinzheng")
            .options([("synchronous_commit", "on")])
            .disable_statement_logging();
        bring_up_to_date(&options).await?;
        // A session that hangs must not hold back the others, nor the horizon of `settled!`.
        let options = options.options([
            ("statement_timeout", "30s"),
            ("lock_timeout", "10s"),
            ("idle_in_transaction_session_timeout", "60s"),
            // Reading a table from end to end locks all of it against concurrent serializable writes, and while a table
            // is small the planner does that (PostgreSQL manual §13.2.3); by an index it locks what was read.
            ("enable_seqscan", "off"),
        ]);
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(Duration::from_secs(10))
            .test_before_acquire(false)
            .connect_lazy_with(options);
        Ok(Self { pool, turns: RwLock::new(()) })
    }

    async fn attempt(&self, job: &Job<'_>) -> Result<(), TxError> {
        let begun = self.pool.begin_with("BEGIN ISOLATION LEVEL SERIALIZABLE").await;
        let mut transaction = begun.map_err(|error| store_error(&error))?;
        let mut tx = Tx::new(&mut transaction);
        let done = job(&mut tx, PhantomData).await;
        tx.outcome(done)?;
        transaction.commit().await.map_err(|error| store_error(&error).into())
    }

    /// Waits longer each time, and never the same as the one we collided with.
    async fn pause(attempt: u32) {
        let longest = (1_000_u64 << attempt.min(10)).min(LONGEST_PAUSE);
        let random: &dyn Random = &SystemRandom;
        let micros = u64::from_le_bytes(random.bytes()) % longest;
        tokio::time::sleep(Duration::from_micros(micros)).await;
    }
}

/// Under an advisory lock, which sqlx takes: the second of two processes waits and finds all done.
async fn bring_up_to_date(options: &PgConnectOptions) -> Result<(), OpenError> {
    let unreachable = |error: sqlx::Error| OpenError::Unreachable(error.to_string());
    let mut connection = options.connect().await.map_err(unreachable)?;
    let migrator = migrate::migrator(migrate::POSTGRES);
    let done = migrator.run_direct(None, &mut connection, false).await;
    let closed = connection.close().await;
    done.map_err(|error| OpenError::Migration(error.to_string()))?;
    closed.map_err(unreachable)
}

/// Whether a concurrent change won: a serialization failure, a deadlock, a lock not had in time; or no connection is
/// free.
fn is_contention(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut => true,
        sqlx::Error::Database(error) => {
            matches!(error.code().as_deref(), Some("40001" | "40P01" | "55P03"))
        }
        _ => false,
    }
}

fn store_error(error: &sqlx::Error) -> StoreError {
    if is_contention(error) { StoreError::Contention } else { StoreError::Failed(error.to_string()) }
}

#[async_trait]
impl Store for PostgresStore {
    async fn write<'j>(&self, job: &Job<'j>) -> Result<(), TxError> {
        for attempt in 0..ATTEMPTS {
            let outcome = if attempt < LOSSES {
                let _beside = self.turns.read().await;
                self.attempt(job).await
            } else {
                let _alone = self.turns.write().await;
                self.attempt(job).await
            };
            match outcome {
                Err(TxError::Store(StoreError::Contention)) => Self::pause(attempt).await,
                outcome => return outcome,
            }
        }
        Err(StoreError::Contention.into())
    }

    async fn read<'j>(&self, job: &Job<'j>) -> Result<(), TxError> {
        let begun = self.pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await;
        let mut snapshot = begun.map_err(|error| store_error(&error))?;
        let mut tx = Tx::new(&mut snapshot);
        let done = job(&mut tx, PhantomData).await;
        tx.outcome(done)
    }

    async fn glance<'j>(&self, job: &Job<'j>) -> Result<(), TxError> {
        let mut connection = self.pool.acquire().await.map_err(|error| store_error(&error))?;
        let mut tx = Tx::glance(&mut connection);
        let done = job(&mut tx, PhantomData).await;
        tx.outcome(done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_portable() {
        let ours = [position!(), settled!()];
        for statement in queries::statements() {
            let shared = ours.iter().fold(statement.to_owned(), |text, own| text.replace(own, ""));
            for foreign in ["::", "now(", "ILIKE", "FOR UPDATE", "?", "xact", "snapshot", "IMMEDIATE"] {
                assert!(!shared.contains(foreign), "{foreign} in {statement}");
            }
        }
    }

    #[test]
    fn serialization_failures_are_contention_and_nothing_else() {
        assert!(is_contention(&sqlx::Error::PoolTimedOut));
        assert!(!is_contention(&sqlx::Error::WorkerCrashed));
    }
}
