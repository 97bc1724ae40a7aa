//! What a process finds that is to be killed: made ready once, since that takes longer than all the rest, and copied for each
//! step.

use super::postgres::Postgres;
use super::support::settings;
use sqlx::{Connection, SqliteConnection};
use std::path::Path;
use tempfile::TempDir;
use yinzheng::config::Config;

/// A city made ready, to be copied.
pub struct City<'s> {
    original: TempDir,
    /// The server and the database there; none over SQLite, whose database is a file in the directory.
    server: Option<(&'s Postgres, String)>,
}

impl<'s> City<'s> {
    /// Makes one ready.
    pub async fn new(server: Option<&'s Postgres>, prepare: impl AsyncFnOnce(&Config)) -> Self {
        let original = tempfile::tempdir().expect("a directory");
        let server = match server {
            Some(server) => Some((server, server.ready().await)),
            None => None,
        };
        prepare(&at(original.path(), server.as_ref().map(|(_, url)| url.clone()))).await;
        if server.is_none() {
            // All of it is in the one file then. Nobody writes any more, and what still closes finds this done.
            let database = settings(original.path()).database;
            let mut connection = SqliteConnection::connect(&database).await.expect("a connection");
            let all = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)");
            all.execute(&mut connection).await.expect("a checkpoint");
            connection.close().await.expect("closed");
        }
        Self { original, server }
    }

    /// A copy for one step, and how a service is started there. It goes with the directory.
    pub async fn copy(&self) -> (TempDir, Config) {
        let directory = tempfile::tempdir().expect("a directory");
        copy(self.original.path(), directory.path());
        let database = match &self.server {
            Some((server, url)) => Some(server.copy(url).await),
            None => None,
        };
        let config = at(directory.path(), database);
        (directory, config)
    }
}

fn at(directory: &Path, database: Option<String>) -> Config {
    let config = settings(directory);
    Config { database: database.unwrap_or(config.database), ..config }
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("a directory") {
        let entry = entry.expect("an entry");
        let there = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            std::fs::create_dir(&there).expect("a directory");
            let open_to = entry.metadata().expect("its mode").permissions();
            copy(&entry.path(), &there);
            std::fs::set_permissions(&there, open_to).expect("the same mode");
        } else {
            std::fs::copy(entry.path(), &there).expect("a copy");
        }
    }
}
