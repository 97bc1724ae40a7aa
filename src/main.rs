//! The command line. Each command is a file in `cli/`.

use clap::Parser;
use std::process::ExitCode;
use yinzheng::cli::{self, Command};

/// Requests allocate on one thread and free on another, which the system's allocator is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// 印证 Yinzheng: issue, seal, show and verify electronic licenses (电子证照)
///
/// To look around, start with `yinzheng demo`. To run a service, make keys with `yinzheng keys init` and
/// `yinzheng keys tls-server`, copy and edit yinzheng.example.toml, start `yinzheng serve --config FILE`, and give its
/// first operator a token with `yinzheng operator add`.
#[derive(Parser)]
#[command(name = "yinzheng", version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[tokio::main]
async fn main() -> ExitCode {
    cli::run(Arguments::parse().command).await
}
