//! SQLite in the process: WAL with `synchronous=FULL`, one writer that commits in groups, several readers.

/// The place of an appended row: SQLite numbers it itself; there is one writer, so by order of commit.
macro_rules! position {
    () => {
        "NULL"
    };
}

/// One writer: whatever can be seen can no longer be overtaken.
macro_rules! settled {
    () => {
        "TRUE"
    };
}

#[allow(clippy::duplicate_mod, reason = "the same queries are compiled for each database")]
#[path = "queries/mod.rs"]
mod queries;
#[cfg(test)]
mod tests;
mod writer;

use super::{OpenError, migrate};
use crate::ports::store::{Job, Store, StoreError, TxError};
use async_trait::async_trait;
use queries::Tx;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection, SqlitePool};
use std::marker::PhantomData;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use writer::Writer;

type Db = sqlx::Sqlite;

/// Nothing is packed into positions here.
const LAST_PLACE: i64 = i64::MAX - 1;

/// How long to wait for another process that writes, or for a free reader.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) struct SqliteStore {
    writer: Arc<Mutex<Writer>>,
    readers: SqlitePool,
}

impl SqliteStore {
    /// Opens or makes the database file `path` and brings its tables up to date.
    pub(super) async fn open(path: &str) -> Result<Self, OpenError> {
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path.starts_with(':') || path.contains('?') {
            return Err(OpenError::Url("sqlite: needs the path of a file"));
        }
        create_private(Path::new(path))
            .map_err(|error| OpenError::Unreachable(format!("the file {path}: {error}")))?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .foreign_keys(true)
            .busy_timeout(PATIENCE)
            .synchronous(SqliteSynchronous::Full)
            .pragma("temp_store", "MEMORY")
            .pragma("mmap_size", "268435456")
            .disable_statement_logging();
        let writing = options.clone().journal_mode(SqliteJournalMode::Wal);
        bring_up_to_date(&writing).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(reader_count())
            .acquire_timeout(PATIENCE)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_lazy_with(options.pragma("query_only", "ON"));
        Ok(Self { writer: Arc::new(Mutex::new(Writer::new(writing))), readers })
    }
}

/// Makes the file and its folder, where there is none, so that only we can read them; SQLite gives its helper files the
/// same mode.
fn create_private(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// The first connection to a file. The switch to WAL needs the file for itself, and SQLite answers "busy" at once
/// instead of waiting for another that switches too; so we wait.
async fn connect(options: &SqliteConnectOptions) -> Result<SqliteConnection, sqlx::Error> {
    let pause = Duration::from_millis(20);
    let mut waited = Duration::ZERO;
    loop {
        match options.connect().await {
            Err(error) if is_contention(&error) && waited < PATIENCE => tokio::time::sleep(pause).await,
            done => return done,
        }
        waited += pause;
    }
}

/// One transaction over all migrations, exclusive from its start: the second of two processes finds all done.
async fn bring_up_to_date(options: &SqliteConnectOptions) -> Result<(), OpenError> {
    let unreachable = |error: sqlx::Error| OpenError::Unreachable(error.to_string());
    let mut connection = connect(options).await.map_err(unreachable)?;
    let mut lock = connection.begin_with("BEGIN EXCLUSIVE").await.map_err(unreachable)?;
    let migrator = migrate::migrator(migrate::SQLITE);
    let done = migrator.run_direct(None, &mut *lock, false).await;
    done.map_err(|error| OpenError::Migration(error.to_string()))?;
    lock.commit().await.map_err(|error| OpenError::Migration(error.to_string()))?;
    connection.close().await.map_err(unreachable)
}

/// Each reader is a thread; twice the processors keeps them busy while some wait for the disk.
fn reader_count() -> u32 {
    let processors = std::thread::available_parallelism().map_or(2, |n| n.get());
    u32::try_from(processors * 2).unwrap_or(u32::MAX).clamp(4, 32)
}

/// Whether another process held the database for too long, or all readers are busy.
fn is_contention(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut => true,
        sqlx::Error::Database(error) => {
            let code = error.code().and_then(|code| code.parse::<u32>().ok());
            // SQLITE_BUSY and SQLITE_LOCKED; the upper bits say more about the cause.
            matches!(code.map(|code| code & 0xFF), Some(5 | 6))
        }
        _ => false,
    }
}

fn store_error(error: &sqlx::Error) -> StoreError {
    if is_contention(error) { StoreError::Contention } else { StoreError::Failed(error.to_string()) }
}

#[async_trait]
impl Store for SqliteStore {
    async fn write<'j>(&self, job: &Job<'j>) -> Result<(), TxError> {
        writer::write(&self.writer, job).await
    }

    async fn read<'j>(&self, job: &Job<'j>) -> Result<(), TxError> {
        let mut snapshot = self.readers.begin().await.map_err(|error| store_error(&error))?;
        let mut tx = Tx::new(&mut snapshot);
        let done = job(&mut tx, PhantomData).await;
        tx.outcome(done)
    }

    async fn glance<'j>(&self, job: &Job<'j>) -> Result<(), TxError> {
        let mut connection = self.readers.acquire().await.map_err(|error| store_error(&error))?;
        let mut tx = Tx::glance(&mut connection);
        let done = job(&mut tx, PhantomData).await;
        tx.outcome(done)
    }
}
