//! The database behind the `store` port: SQLite in the process, or PostgreSQL.
//!
//! Each SQL text stands once, in `queries/`, and is compiled once per database: [`sqlite`] and [`postgres`] each
//! say what `Db` is and include the same files.

mod json;
mod migrate;
mod place_json;
mod plan_json;
mod postgres;
mod request_json;
mod sqlite;
mod use_json;

use crate::ports::store::Store;
use std::sync::Arc;

/// Why a database could not be opened. Never holds the URL: it may carry a password.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL names no database we know.
    #[error("the database URL must be sqlite:PATH or postgres://USER@HOST/NAME: {0}")]
    Url(&'static str),
    /// The database is out of reach or refuses us.
    #[error("the database cannot be opened: {0}")]
    Unreachable(String),
    /// Its tables cannot be brought up to date, or are of a newer program.
    #[error("the database's tables cannot be brought up to date: {0}")]
    Migration(String),
}

/// Opens the database of this URL, `sqlite:PATH` or `postgres://…`, and brings its tables up to date under a lock.
pub async fn open(url: &str) -> Result<Arc<dyn Store>, OpenError> {
    match url.split_once(':') {
        Some(("sqlite", path)) => Ok(Arc::new(sqlite::SqliteStore::open(path).await?)),
        Some(("postgres" | "postgresql", _)) => Ok(Arc::new(postgres::PostgresStore::open(url).await?)),
        _ => Err(OpenError::Url("unknown scheme")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn other_urls_are_refused_without_repeating_them() {
        for url in [
            "",
            "mysql://u:secret@h/d",
            "yinzheng.db",
            "sqlite:",
            "sqlite::memory:",
            "postgres://u:secret@h:x/d",
        ] {
            let refusal = open(url).await.err().expect(url);
            assert!(matches!(refusal, OpenError::Url(_)), "{url}: {refusal}");
            assert!(!refusal.to_string().contains("secret"), "{refusal}");
        }
    }
}
