//! `yinzheng operator`: the first credential of a new service, which no API can give.

use crate::app::add_credential::{self, Added};
use crate::app::{AppError, Service, Unwatched};
use crate::boot::{self, BootError};
use crate::config::{Config, ConfigError};
use crate::domain::time::format_date;
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::sync::Arc;

/// Give the first operator of a new service a credential
#[derive(Args, Debug)]
pub struct OperatorArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Make an operator's credential and print its token, once
    ///
    /// Opens the service's own database and keys, so it runs where the service runs, as the same account; the service may be
    /// running. With the token its bearer registers departments and gives everybody else a credential, through the API
    /// (POST /v1/departments, POST /v1/credentials). Only a service that nobody has a credential of gets one this way; if
    /// every operator's token is lost, --another makes one more. Either is a line of the audit trail.
    Add(Add),
}

#[derive(Args, Debug)]
struct Add {
    /// Configuration file of the service
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// What to call the bearer, for example a name and an office
    #[arg(long, value_name = "NAME")]
    label: String,
    /// Make one more, although somebody has a credential already
    #[arg(long)]
    another: bool,
}

/// Why nobody got a credential.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// The settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The parts.
    #[error(transparent)]
    Boot(#[from] BootError),
    /// The service said no.
    #[error("no credential was made: {0}")]
    App(#[from] AppError),
    /// The label.
    #[error("--label must be one line of 1 to 60 characters")]
    Label,
    /// There is somebody.
    #[error(
        "this service has given credentials before, so an operator can give more through the API; if no operator's \
         token is left, repeat the command with --another"
    )]
    NotTheFirst,
}

/// Runs the command and returns what to tell the operator.
pub async fn run(args: OperatorArgs) -> Result<String, OperatorError> {
    let Command::Add(add) = args.command;
    let config = Config::read(&add.config)?;
    let service = boot::build(&config, Arc::new(Unwatched)).await?.service;
    let added = give(&service, &add).await?;
    let credential = added.credential;
    Ok(format!(
        "Operator {} ({}), until {}.\nThe token, told this once and kept nowhere:\n{}",
        credential.id,
        credential.label,
        format_date(credential.expires_at.date_in_china()),
        added.token.unwrap_or_default()
    ))
}

async fn give(service: &Service, add: &Add) -> Result<Added, OperatorError> {
    let added = if add.another {
        add_credential::another_operator(service, &add.label).await.map(Some)
    } else {
        add_credential::first_operator(service, &add.label).await
    };
    match added {
        Ok(added) => added.ok_or(OperatorError::NotTheFirst),
        // A request of nothing but a label has no other fault.
        Err(AppError::Refused(refusal)) if !refusal.faults.is_empty() => Err(OperatorError::Label),
        Err(other) => Err(other.into()),
    }
}
