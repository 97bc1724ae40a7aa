//! The SQL, once for both databases. `super` says which: its `Db`, what its errors mean, and the macros
//! `position!` (the place of an appended row) and `settled!` (the rows that no unfinished transaction can come
//! before).
//!
//! Portable SQL only: `$1` parameters, `ON CONFLICT`, no functions of one database. Inserts say
//! `ON CONFLICT DO NOTHING` and count rows, so that a job may go on after [`StoreError::Exists`] on both.

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
mod record;
mod requests;
mod seal_jobs;
mod seals;
mod sharing;
mod show_codes;
mod trust_lists;
mod uses;
mod webhooks;

use super::{Db, is_contention};
use crate::ports::store::{StoreError, TxError};
use record::Record;
use sqlx::Database;

pub(super) type Connection = <Db as Database>::Connection;
type Row = <Db as Database>::Row;
type Query = sqlx::query::Query<'static, Db, <Db as Database>::Arguments>;

fn sql(text: &'static str) -> Query {
    sqlx::query::<Db>(text)
}

/// Behind every identity of hexadecimal digits.
const BEHIND_ALL: &str = "g";

/// A transaction under way, as a job sees it.
pub(super) struct Tx<'c> {
    connection: &'c mut Connection,
    /// The first failure of a statement. The database may have given up the transaction with it, so nothing more
    /// runs after it.
    failure: Option<Failure>,
    /// How many rows this transaction has appended to the audit trail and the outbox.
    appended: i64,
    /// How many more statements may run; `None` is any number.
    left: Option<u8>,
}

#[derive(Clone)]
enum Failure {
    Contention,
    Failed(String),
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Contention => Self::Contention,
            Failure::Failed(why) => Self::Failed(why),
        }
    }
}

impl<'c> Tx<'c> {
    pub(super) fn new(connection: &'c mut Connection) -> Self {
        Self { connection, failure: None, appended: 0, left: None }
    }

    /// For one statement that reads, without a transaction around it.
    pub(super) fn glance(connection: &'c mut Connection) -> Self {
        Self { left: Some(1), ..Self::new(connection) }
    }

    /// How the job ended. One that swallowed a failed statement does not pass.
    pub(super) fn outcome(self, job: Result<(), TxError>) -> Result<(), TxError> {
        match self.failure {
            Some(failure) => Err(StoreError::from(failure).into()),
            None => job,
        }
    }

    /// Runs a statement; says how many rows it changed.
    async fn run(&mut self, query: Query) -> Result<u64, StoreError> {
        if self.left.is_some() {
            return Err(self.give_up("a glance does not write"));
        }
        self.check()?;
        let done = query.execute(&mut *self.connection).await;
        done.map(|done| done.rows_affected()).map_err(|error| self.fail(&error))
    }

    /// The one row, if there is one.
    async fn one(&mut self, query: Query) -> Result<Option<Row>, StoreError> {
        self.check()?;
        let found = query.fetch_optional(&mut *self.connection).await;
        found.map_err(|error| self.fail(&error))
    }

    /// All rows, each read by `read`.
    async fn all<T>(
        &mut self,
        query: Query,
        read: impl Fn(&Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        self.check()?;
        let found = query.fetch_all(&mut *self.connection).await;
        found.map_err(|error| self.fail(&error))?.iter().map(read).collect()
    }

    /// The place of the next appended row within this transaction.
    fn next_place(&mut self) -> Result<i64, StoreError> {
        let place = self.appended;
        if place > super::LAST_PLACE {
            return Err(StoreError::Failed("a transaction appended too many rows".into()));
        }
        self.appended += 1;
        Ok(place)
    }

    fn check(&mut self) -> Result<(), StoreError> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone().into());
        }
        match &mut self.left {
            None => Ok(()),
            Some(0) => Err(self.give_up("a glance is one statement")),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
        }
    }

    fn fail(&mut self, error: &sqlx::Error) -> StoreError {
        if is_contention(error) {
            self.failure = Some(Failure::Contention);
            return StoreError::Contention;
        }
        self.give_up(&error.to_string())
    }

    fn give_up(&mut self, why: &str) -> StoreError {
        self.failure = Some(Failure::Failed(why.to_owned()));
        StoreError::Failed(why.to_owned())
    }
}

/// `Ok` if a row was added; otherwise its key was taken.
fn added(rows: u64, what: &'static str) -> Result<(), StoreError> {
    if rows == 0 { Err(StoreError::Exists(what)) } else { Ok(()) }
}

/// An integer that fits the database's, or a failure that says so.
fn integer(value: u64) -> Result<i64, StoreError> {
    i64::try_from(value).map_err(|_| StoreError::Failed("an integer is too large for the database".into()))
}

/// Every statement, for the test that none of them reads a whole table.
#[cfg(test)]
pub(super) fn statements() -> Vec<&'static str> {
    [
        audit::STATEMENTS,
        businesses::STATEMENTS,
        consent::STATEMENTS,
        envelopes::STATEMENTS,
        grants::STATEMENTS,
        issuances::STATEMENTS,
        kiosks::STATEMENTS,
        licenses::STATEMENTS,
        offline::STATEMENTS,
        materials::STATEMENTS,
        papers::STATEMENTS,
        parties::STATEMENTS,
        pki::STATEMENTS,
        requests::STATEMENTS,
        seal_jobs::STATEMENTS,
        seals::STATEMENTS,
        sharing::STATEMENTS,
        show_codes::STATEMENTS,
        trust_lists::STATEMENTS,
        uses::STATEMENTS,
        webhooks::STATEMENTS,
    ]
    .concat()
}
