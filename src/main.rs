//! The command line. Each command is a file in `cli/`.

use clap::Parser;
use std::process::ExitCode;
use std::time::Duration;
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

/// How long work that cannot be interrupted (an examination under way) may hold up the end of the process.
const LAST_WORK: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(why) => {
            eprintln!("yinzheng: {why}");
            return ExitCode::FAILURE;
        }
    };
    let status = runtime.block_on(cli::run(arguments.command));
    // Dropping the runtime would wait for blocking work however long it takes.
    runtime.shutdown_timeout(LAST_WORK);
    status
}
