//! The command line. Each command is a file in `cli/`.

use clap::{Parser, Subcommand};
use std::process::ExitCode;
use std::sync::Arc;
use yinzheng::adapters::{clock::SystemClock, random::SystemRandom};
use yinzheng::cli::{bench, db, demo, issue, keys, serve, verify};

/// 印证 Yinzheng: issue, seal, show and verify electronic licenses (电子证照)
///
/// To look around, start with `yinzheng demo`. To run a service, make keys with `yinzheng keys init`, copy and edit
/// yinzheng.example.toml, and start `yinzheng serve --config FILE`.
#[derive(Parser)]
#[command(name = "yinzheng", version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Demo(demo::DemoArgs),
    Serve(serve::ServeArgs),
    Issue(issue::IssueArgs),
    Verify(verify::VerifyArgs),
    Bench(bench::BenchArgs),
    Keys(keys::KeysArgs),
    Db(db::DbArgs),
    /// Print the description of the API (OpenAPI 3.1)
    Openapi,
}

type Failure = Box<dyn std::error::Error>;

#[tokio::main]
async fn main() -> ExitCode {
    let command = match Arguments::parse().command {
        Command::Verify(args) => return verdict(&args),
        other => other,
    };
    match run(command).await {
        Ok(Some(message)) => {
            println!("{message}");
            ExitCode::SUCCESS
        }
        Ok(None) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("yinzheng: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Runs `verify`, whose exit status is the verdict.
fn verdict(args: &verify::VerifyArgs) -> ExitCode {
    match verify::run(args, &SystemClock) {
        Ok((report, status)) => {
            println!("{report}");
            status
        }
        Err(failure) => {
            eprintln!("yinzheng: {failure}");
            ExitCode::from(2)
        }
    }
}

/// Runs a command; what it has to say goes to standard output.
async fn run(command: Command) -> Result<Option<String>, Failure> {
    Ok(match command {
        Command::Demo(args) => {
            demo::run(args).await?;
            None
        }
        Command::Serve(args) => {
            serve::run(args).await?;
            None
        }
        Command::Issue(args) => Some(tokio::task::spawn_blocking(move || issue::run(&args)).await??),
        Command::Verify(_) => None,
        Command::Bench(args) => Some(bench::run(args).await?),
        Command::Keys(args) => Some(keys::run(&args, &SystemClock, Arc::new(SystemRandom::default()))?),
        Command::Db(args) => Some(db::run(args).await?),
        Command::Openapi => Some(yinzheng::http::openapi::text().trim_end().to_owned()),
    })
}
