//! `yinzheng keys`: making key sets and TLS server certificates.

use crate::adapters::keys::{
    KeySetError, NewKeySet, NewTlsServer, OpenError, Passphrase, PassphraseError, SoftwareKeys,
};
use crate::ports::clock::Clock;
use crate::ports::random::Random;
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::sync::Arc;

/// Make the keys and X.509 certificates the service works with
#[derive(Args, Debug)]
pub struct KeysArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Make a root, an authority for seals, one for TLS, and a timestamping certificate
    ///
    /// Writes to the directory: roots.pem (what others trust), an X.509 certificate NAME.pem and an encrypted key
    /// NAME.key.pem for root, seal-ca, tls-ca and tsa, and first revocation lists NAME.crl.pem. Afterwards move
    /// root.key.pem to a safe place: the running service does not need it.
    Init(Init),
    /// Make or renew the TLS server certificate, under the TLS authority of a key set
    TlsServer(TlsServer),
}

#[derive(Args, Debug)]
struct Init {
    /// Directory to make; must not hold a key set yet
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Name that all authorities carry, for example the city's
    #[arg(long)]
    name: String,
    /// Public address of the service, as in its configuration; revocation lists are published under it
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Mark the set as for development only; the production start refuses it
    #[arg(long)]
    development: bool,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

#[derive(Args, Debug)]
struct TlsServer {
    /// Directory of the key set
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// DNS name or IP address of the server; repeat for more than one
    #[arg(long = "host", value_name = "HOST", required = true)]
    hosts: Vec<String>,
    /// Public address of the service, where the revocation list is published
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Days it is valid
    #[arg(long, default_value_t = 397, value_parser = clap::value_parser!(u64).range(1..=7305))]
    days: u64,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

/// Where the passphrase comes from; never an argument, which every process could read.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
struct PassphraseSource {
    /// File whose first line is the passphrase of the key files
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// Environment variable that holds the passphrase of the key files
    #[arg(long, value_name = "VAR")]
    passphrase_env: Option<String>,
}

/// Why the command failed.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// No passphrase.
    #[error(transparent)]
    Passphrase(#[from] PassphraseError),
    /// The key directory cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The key set cannot be made.
    #[error(transparent)]
    KeySet(#[from] KeySetError),
}

impl PassphraseSource {
    fn read(&self) -> Result<Passphrase, PassphraseError> {
        match (&self.passphrase_file, &self.passphrase_env) {
            (Some(file), _) => Passphrase::from_file(file),
            (None, Some(name)) => Passphrase::from_variable(name),
            (None, None) => Err(PassphraseError::Variable(String::new())),
        }
    }
}

/// Runs the command and returns what to tell the operator.
pub fn run(args: &KeysArgs, clock: &dyn Clock, random: Arc<dyn Random>) -> Result<String, KeysError> {
    match &args.command {
        Command::Init(init) => {
            let keys = SoftwareKeys::open(&init.dir, init.passphrase.read()?, random.clone())?;
            let new = NewKeySet {
                directory: &init.dir,
                name: &init.name,
                development: init.development,
                public_url: init.public_url.as_deref(),
                now: clock.now(),
            };
            new.make(&keys, random.as_ref())?;
            let dir = init.dir.display();
            Ok(format!(
                "Key set made in {dir}.\nHand out {dir}/roots.pem to those who verify.\n\
                 Move {dir}/root.key.pem to a safe place; the service does not need it."
            ))
        }
        Command::TlsServer(server) => {
            let keys = SoftwareKeys::open(&server.dir, server.passphrase.read()?, random.clone())?;
            let new = NewTlsServer {
                directory: &server.dir,
                hosts: server.hosts.clone(),
                public_url: server.public_url.as_deref(),
                life: Some(std::time::Duration::from_secs(server.days * 24 * 60 * 60)),
                now: clock.now(),
            };
            new.make(&keys, random.as_ref())?;
            Ok(format!("TLS server certificate made: {}", server.dir.join("tls-server.pem").display()))
        }
    }
}
