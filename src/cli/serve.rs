//! `yinzheng serve`: the production start.

use crate::app::Unwatched;
use crate::boot::{self, BootError, Booted};
use crate::config::{Config, ConfigError, LogConfig};
use crate::http::router::router;
use crate::http::server::{self, ListenError};
use crate::jobs::{self, OnRootCrl, Outside};
use clap::Args;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::oneshot;
use tracing_subscriber::EnvFilter;

/// Run the service
///
/// Reads the configuration, brings the database up to date, and serves the API and the pages until it is told to stop
/// (Ctrl-C or SIGTERM); requests under way are finished. It refuses to start with development keys, without a public
/// address, or with key files that others can read, and says what to do about each.
#[derive(Args, Debug)]
pub struct ServeArgs {
    /// Configuration file; yinzheng.example.toml explains every setting
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Listen here instead of at the configured address
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
}

/// Why the service did not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The parts.
    #[error(transparent)]
    Boot(#[from] BootError),
    /// The listener.
    #[error(transparent)]
    Listen(#[from] ListenError),
}

/// Runs until told to stop.
pub async fn run(args: ServeArgs) -> Result<(), ServeError> {
    let config = Config::read_listening(&args.config, args.listen)?;
    log(&config.log);
    let listener = server::bind(config.listen)?;
    let booted = boot::build(&config, Arc::new(Unwatched)).await?;
    let stop = stopped();
    tracing::info!(listen = %config.listen, public_url = config.public_url, "serving");
    until_stopped(listener, booted, config.behind_proxy, stop).await
}

/// Serves on `listener` and does the jobs until `stop` is over.
pub async fn until_stopped(
    listener: TcpListener,
    booted: Booted,
    behind_proxy: bool,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let own = booted.own_timestamps;
    let on_root_crl: OnRootCrl = Box::new(move |root, crls| {
        if let Some((_, own)) = own.iter().find(|(known, _)| known == root) {
            own.set_crls(crls);
        }
    });
    // Dropped with the server, however it ends.
    let (serving, served) = oneshot::channel::<()>();
    let outside = Outside { brought_crls: booted.brought_crls, on_root_crl };
    let jobs = tokio::spawn(jobs::run(booted.service.clone(), outside, async { drop(served.await) }));
    let outcome = server::serve(listener, router(booted.service), booted.tls, behind_proxy, stop).await;
    drop(serving);
    if let Err(error) = jobs.await {
        tracing::error!(%error, "the jobs broke off");
    }
    outcome?;
    tracing::info!("stopped");
    Ok(())
}

/// Over when the process is told to stop. From the call on, not only once it is awaited, a signal no longer kills.
pub fn stopped() -> impl Future<Output = ()> + Send + 'static {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    async move {
        let (Ok(mut terminate), Ok(mut interrupt)) = signals else { return };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}

/// Begins logging to standard error.
pub fn log(config: &LogConfig) {
    let filter = EnvFilter::try_new(&config.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Somebody else's subscriber stays: a test may have one.
    let _ = if config.json { subscriber.json().try_init() } else { subscriber.try_init() };
}
