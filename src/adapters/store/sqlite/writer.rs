//! The one writer: many jobs, one fsync.
//!
//! Jobs take turns on one connection behind a fair lock, each behind a savepoint of one open transaction. The task
//! that commits it (the *closer*) is spawned when the transaction is begun and queues for the same lock, so it comes
//! after the jobs that were waiting by then: under load a transaction carries as many jobs as came in while the one
//! before it was written, alone a job is committed at once, and no transaction outlives one turn of the queue.
//!
//! A caller may go away at any moment (its future is dropped). The connection's state is therefore written down
//! *before* each statement whose effect it depends on, and whoever takes the next turn puts right what it finds.
//! The closer is a task of its own and never goes away. A connection in doubt is thrown away, which undoes all that
//! was not committed on it.

use super::queries::Tx;
use super::store_error;
use crate::ports::store::{Job, StoreError, TxError};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};
use std::marker::PhantomData;
use std::sync::Arc;
use tokio::sync::{Mutex, oneshot};

/// The writing connection and what is under way on it.
pub(super) struct Writer {
    options: SqliteConnectOptions,
    connection: Option<SqliteConnection>,
    state: State,
    /// Told how the commit went: the jobs that are done in the open transaction, and those that failed behind them.
    waiting: Vec<oneshot::Sender<Result<(), StoreError>>>,
    #[cfg(test)]
    commits: usize,
}

/// What is known of the connection. Whenever it is not `Idle`, a closer is queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// No transaction.
    Idle,
    /// One was asked for; it may or may not have begun. No job is in it.
    Beginning,
    /// It is open.
    Open(Savepoint),
}

/// The savepoint that keeps one job's changes apart from those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Savepoint {
    /// Not set, or possibly left over with nothing unfinished behind it.
    Unset,
    /// Set, with nothing behind it.
    Fresh,
    /// Set; a finished job's changes lie behind it.
    Kept,
    /// Set; an unfinished job's changes may lie behind it.
    Dirty,
}

/// Runs a job in the open transaction, or in a new one, and waits for the commit. So does a job that fails behind others:
/// what made it fail may be theirs, and until that is committed nobody else sees it, and it may yet be undone.
pub(super) async fn write(writer: &Arc<Mutex<Writer>>, job: &Job<'_>) -> Result<(), TxError> {
    let (outcome, told) = {
        let mut turn = writer.lock().await;
        if turn.state == State::Idle {
            tokio::spawn(close(writer.clone()));
        }
        match turn.run(job).await {
            Ok(()) => (Ok(()), turn.keep()),
            Err(why) if turn.waiting.is_empty() => return Err(why),
            Err(why) => (Err(why), turn.listen()),
        }
    };
    let lost = |_| Err(StoreError::Failed("the service shut down before the commit".into()));
    told.await.unwrap_or_else(lost)?;
    outcome
}

/// The closer: commits what is done by the time its turn comes.
async fn close(writer: Arc<Mutex<Writer>>) {
    writer.lock().await.end().await;
}

impl Writer {
    pub(super) fn new(options: SqliteConnectOptions) -> Self {
        Self {
            options,
            connection: None,
            state: State::Idle,
            waiting: Vec::new(),
            #[cfg(test)]
            commits: 0,
        }
    }

    /// Runs the job behind a fresh savepoint. If it fails, only its own changes are undone.
    pub(super) async fn run(&mut self, job: &Job<'_>) -> Result<(), TxError> {
        self.begin().await?;
        self.refresh().await?;
        self.state = State::Open(Savepoint::Dirty);
        let mut tx = Tx::new(self.connection.as_mut().ok_or_else(closed)?);
        let done = job(&mut tx, PhantomData).await;
        let outcome = tx.outcome(done);
        if outcome.is_err() && self.refresh().await.is_err() {
            tracing::warn!("a failed job could not be undone alone; its whole transaction was undone");
        }
        outcome
    }

    /// Notes the job's changes as done; the receiver is told how the commit goes.
    pub(super) fn keep(&mut self) -> oneshot::Receiver<Result<(), StoreError>> {
        self.state = State::Open(Savepoint::Kept);
        self.listen()
    }

    /// The receiver is told how the commit goes.
    fn listen(&mut self) -> oneshot::Receiver<Result<(), StoreError>> {
        let (tell, told) = oneshot::channel();
        self.waiting.push(tell);
        told
    }

    /// Sees to it that a transaction is open.
    async fn begin(&mut self) -> Result<(), StoreError> {
        if self.state == State::Beginning {
            self.discard(|| StoreError::Contention);
        }
        if self.state != State::Idle {
            return Ok(());
        }
        if self.connection.is_none() {
            let connection = self.options.connect().await.map_err(|error| store_error(&error))?;
            self.connection = Some(connection);
        }
        self.state = State::Beginning;
        self.execute("BEGIN IMMEDIATE").await?;
        self.state = State::Open(Savepoint::Unset);
        Ok(())
    }

    /// Sees to it that the savepoint is set with nothing behind it: undoes an unfinished job, keeps a finished one.
    async fn refresh(&mut self) -> Result<(), StoreError> {
        match self.state {
            State::Open(Savepoint::Fresh) => return Ok(()),
            // Dropped midway, this is simply done again: undoing twice is undoing once.
            State::Open(Savepoint::Dirty) => self.execute("ROLLBACK TO job").await?,
            State::Open(Savepoint::Kept) => {
                self.state = State::Open(Savepoint::Unset);
                self.execute("RELEASE job; SAVEPOINT job").await?;
            }
            // A savepoint left over from a turn dropped midway only lies below the new one.
            State::Open(Savepoint::Unset) => self.execute("SAVEPOINT job").await?,
            State::Idle | State::Beginning => return Err(closed()),
        }
        self.state = State::Open(Savepoint::Fresh);
        Ok(())
    }

    /// Commits the jobs that are done and tells them; gives up the transaction if there are none.
    async fn end(&mut self) {
        match self.state {
            State::Idle => return,
            State::Beginning => return self.discard(|| StoreError::Contention),
            State::Open(_) => {}
        }
        if self.waiting.is_empty() {
            if self.execute("ROLLBACK").await.is_ok() {
                self.state = State::Idle;
            }
            return;
        }
        if self.state == State::Open(Savepoint::Dirty) && self.refresh().await.is_err() {
            return;
        }
        let committed = match self.connection.as_mut() {
            Some(connection) => sqlx::query("COMMIT").execute(connection).await,
            None => return self.discard(closed),
        };
        match committed {
            Ok(_) => {
                self.state = State::Idle;
                #[cfg(test)]
                {
                    self.commits += 1;
                }
                for tell in self.waiting.drain(..) {
                    // One that no longer listens has gone away; its job is done all the same.
                    let _ = tell.send(Ok(()));
                }
            }
            Err(error) => {
                tracing::error!(%error, jobs = self.waiting.len(), "a commit failed");
                self.discard(|| StoreError::Failed(format!("the commit failed: {error}")));
            }
        }
    }

    /// Runs a statement that steers the transaction. If it fails, nobody knows where we are: all is undone.
    async fn execute(&mut self, statement: &'static str) -> Result<(), StoreError> {
        let connection = self.connection.as_mut().ok_or_else(closed)?;
        let Err(error) = sqlx::query(statement).execute(connection).await else { return Ok(()) };
        let failure = store_error(&error);
        tracing::warn!(%error, statement, "the writing connection is given up");
        self.discard(|| StoreError::Contention);
        Err(failure)
    }

    /// Throws the connection away, which undoes its transaction, and tells those who waited for it.
    fn discard(&mut self, why: impl Fn() -> StoreError) {
        self.connection = None;
        self.state = State::Idle;
        for tell in self.waiting.drain(..) {
            let _ = tell.send(Err(why()));
        }
    }
}

#[cfg(test)]
impl Writer {
    /// How many transactions were committed.
    pub(super) fn commits(&self) -> usize {
        self.commits
    }

    /// The state, as `Debug` writes it without its path.
    pub(super) fn state_name(&self) -> String {
        format!("{:?}", self.state)
    }

    /// Ends the transaction behind our back, as SQLite does when the disk fails.
    pub(super) async fn sabotage(&mut self) {
        let connection = self.connection.as_mut().expect("a connection");
        sqlx::query("ROLLBACK").execute(connection).await.expect("an open transaction");
    }
}

fn closed() -> StoreError {
    StoreError::Failed("the writing connection is gone".into())
}
