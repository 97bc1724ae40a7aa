//! The command line, one file a command.

pub mod bench;
pub mod ceremony;
pub mod client;
pub mod db;
pub mod demo;
pub mod issue;
pub mod keys;
pub mod operator;
pub mod serve;
pub mod trust_list;
pub mod verify;
pub mod verify_code;

use crate::adapters::clock::SystemClock;
use crate::adapters::random::SystemRandom;
use crate::http::openapi;
use clap::Subcommand;
use std::process::ExitCode;
use std::sync::Arc;

/// Exit status of `verify` where there is no verdict.
const UNREADABLE: u8 = 2;

/// Every command.
#[derive(Subcommand)]
#[allow(missing_docs, reason = "a comment here would replace the help that each command's own type holds")]
pub enum Command {
    Demo(demo::DemoArgs),
    Serve(serve::ServeArgs),
    Issue(issue::IssueArgs),
    Verify(verify::VerifyArgs),
    VerifyCode(verify_code::VerifyCodeArgs),
    Keys(keys::KeysArgs),
    TrustList(trust_list::TrustListArgs),
    Ceremony(ceremony::CeremonyArgs),
    Operator(operator::OperatorArgs),
    Db(db::DbArgs),
    Bench(bench::BenchArgs),
    /// Print the description of the API (OpenAPI 3.1)
    Openapi,
}

/// Runs a command: what it has to say goes to standard output, why it failed to standard error.
pub async fn run(command: Command) -> ExitCode {
    if let Command::Verify(args) = &command {
        return match verify::run(args, &SystemClock) {
            Ok((report, status)) => {
                println!("{report}");
                status
            }
            Err(failure) => failed(&failure, ExitCode::from(UNREADABLE)),
        };
    }
    if let Command::VerifyCode(args) = &command {
        return match verify_code::run(args, &SystemClock) {
            Ok((report, status)) => {
                println!("{report}");
                status
            }
            Err(failure) => failed(&failure, ExitCode::from(UNREADABLE)),
        };
    }
    match said(command).await {
        Ok(message) => {
            if !message.is_empty() {
                println!("{message}");
            }
            ExitCode::SUCCESS
        }
        Err(failure) => failed(failure.as_ref(), ExitCode::FAILURE),
    }
}

fn failed(failure: &dyn std::error::Error, status: ExitCode) -> ExitCode {
    eprintln!("yinzheng: {failure}");
    status
}

async fn said(command: Command) -> Result<String, Box<dyn std::error::Error>> {
    Ok(match command {
        Command::Demo(args) => demo::run(args).await.map(|()| String::new())?,
        Command::Serve(args) => serve::run(args).await.map(|()| String::new())?,
        // Its calls block.
        Command::Issue(args) => tokio::task::spawn_blocking(move || issue::run(&args)).await??,
        Command::Verify(args) => verify::run(&args, &SystemClock)?.0,
        Command::VerifyCode(args) => verify_code::run(&args, &SystemClock)?.0,
        Command::Keys(args) => keys::run(&args, &SystemClock, Arc::new(SystemRandom))?,
        Command::TrustList(args) => trust_list::run(&args, &SystemClock)?,
        Command::Ceremony(args) => tokio::task::spawn_blocking(move || ceremony::run(&args)).await??,
        Command::Operator(args) => operator::run(args).await?,
        Command::Db(args) => db::run(args).await?,
        Command::Bench(args) => bench::run(args).await?,
        Command::Openapi => openapi::text().trim_end().to_owned(),
    })
}
