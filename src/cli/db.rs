//! `yinzheng db`: the database.

use crate::adapters::store::{self, OpenError};
use crate::config::{Config, ConfigError};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Look after the database
#[derive(Args, Debug)]
pub struct DbArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Bring the tables up to date, as `serve` does at its start
    ///
    /// Useful before an upgrade of several nodes: whoever comes first does it, under a lock; for the others there is
    /// nothing left to do.
    Migrate {
        /// Configuration file
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
}

/// Why the command failed.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database.
    #[error(transparent)]
    Open(#[from] OpenError),
}

/// Runs the command and returns what to tell the operator.
pub async fn run(args: DbArgs) -> Result<String, DbError> {
    match args.command {
        Command::Migrate { config } => {
            let config = Config::read(&config)?;
            store::open(&config.database).await?;
            Ok("The database is up to date.".to_owned())
        }
    }
}
