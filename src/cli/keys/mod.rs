//! `yinzheng keys`: making key sets, TLS certificates, requests for certificates, and the root's revocation lists.

mod client;
mod crl;

use crate::adapters::keys::{
    KeySetError, NewKeySet, NewTlsServer, OpenError, Passphrase, PassphraseError, RootCrlError, SoftwareKeys,
    TlsClientError,
};
use crate::crypto::Suite;
use crate::formats::Unreadable;
use crate::formats::x509::{IssueError, Profile, pem, request};
use crate::ports::clock::Clock;
use crate::ports::keys::{HandleSigner, KeyError, KeyHandle, Keys};
use crate::ports::random::Random;
use clap::{Args, Subcommand, ValueEnum};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Largest file that is read: a revocation list of some 200,000 entries.
const MAX_BYTES: u64 = 8 << 20;

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
    /// NAME.key.pem for root, seal-ca, tls-ca, tsa and trust-list, and first revocation lists NAME.crl.pem. The set of the suite
    /// sm2 goes to sm2/ below the directory and has a seal-maker besides; roots.pem lists the roots of both. Afterwards
    /// move root.key.pem and sm2/root.key.pem to a safe place: the running service does not need them.
    Init(Init),
    /// Add the key that signs the service's trust list to a key set that has none
    ///
    /// Key sets have one since there are trust lists. It needs the root's key: work where the safe is, with a copy of the
    /// key set's directory, and take back trust-list.pem and trust-list.key.pem. Others pin the certificate: give it to them
    /// by a way that they trust.
    TrustList(TrustListKey),
    /// Make or renew the TLS server certificate, under the TLS authority of a key set
    TlsServer(TlsServer),
    /// Issue a TLS client certificate to a department's machine, under the TLS authority of a key set
    ///
    /// With it the machine calls the API in place of a token, where the service asks for client certificates
    /// (server.tls.client_roots). The department makes key and request on its own machine, for example by
    ///
    /// openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes256 -out machine.key
    ///
    /// openssl req -new -key machine.key -subj /CN=machine -out machine.csr
    ///
    /// Of the request only the key is taken: names come from the options below. Only if the machine cannot do so, a key is
    /// made here, under a passphrase of its own.
    ///
    /// An operator then registers the certificate; this prints how. To take it back, withdraw the credential (DELETE
    /// /v1/credentials/ID): a certificate that is not registered opens nothing.
    Client(client::ClientArgs),
    /// Make the root's next revocation list, with its key from the safe
    ///
    /// Everybody who verifies asks the root's list whether an authority or the timestamping certificate was revoked, and the
    /// service cannot make that list without the root's key. Bring a new one before the last runs out (the first lasts 400
    /// days), and at once when an authority's key may be in the hands of others: name its certificate with --revoke. Number
    /// and entries of the last list are carried over. Work where the safe is, with a copy of the key set's directory, and
    /// take back nothing but root.crl.pem; a running service publishes it within a minute. From then on nothing can be
    /// sealed under an authority that it revokes, and what was sealed before, with a time that a timestamp proves, stays good.
    Crl(crl::CrlArgs),
    /// Request an X.509 certificate from an authority elsewhere, for a key that is made here if it is not there yet
    ///
    /// Prints the request (PKCS#10, PEM). With an owner it is for a seal's certificate, else for a seal maker's.
    Request(RequestArgs),
}

/// Suites that keys may be of.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum SuiteName {
    /// ECDSA on P-256 with SHA-256
    P256,
    /// SM2 with SM3
    Sm2,
}

impl From<SuiteName> for Suite {
    fn from(name: SuiteName) -> Self {
        match name {
            SuiteName::P256 => Self::P256,
            SuiteName::Sm2 => Self::Sm2,
        }
    }
}

/// Suites that key sets are made of.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Suites {
    /// ECDSA on P-256 with SHA-256; every service has this set
    P256,
    /// SM2 with SM3, beside the other set or before it
    Sm2,
    /// One set of each
    Both,
}

#[derive(Args, Debug)]
struct Init {
    /// Directory to make; must not hold a key set of the suite yet
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Suite of the keys; a directory may hold a set of each
    #[arg(long, value_enum, default_value_t = Suites::P256)]
    suite: Suites,
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
struct TrustListKey {
    /// Directory of the key set
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Suite of the key set
    #[arg(long, value_enum, default_value_t = SuiteName::P256)]
    suite: SuiteName,
    /// Name that all authorities carry, as it was given when the key set was made
    #[arg(long)]
    name: String,
    /// Public address of the service, where the root's revocation list is published
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
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

#[derive(Args, Debug)]
struct RequestArgs {
    /// Directory of the keys
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Handle of the key, such as sm2/seal-maker
    #[arg(long, value_name = "HANDLE")]
    key: String,
    /// Suite of the key; p256 unless told, where it is made now
    #[arg(long, value_enum)]
    suite: Option<SuiteName>,
    /// Common name: a seal's 14-digit code, or what the seal maker is called
    #[arg(long)]
    name: String,
    /// Unified social credit code of the seal's owner
    #[arg(long, value_name = "CODE", requires = "owner_name")]
    owner_code: Option<String>,
    /// Full name of the seal's owner
    #[arg(long, value_name = "NAME", requires = "owner_code")]
    owner_name: Option<String>,
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
    /// The key cannot be made or used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The request cannot be made.
    #[error(transparent)]
    Request(#[from] IssueError),
    /// The root's list cannot be made.
    #[error(transparent)]
    RootCrl(#[from] RootCrlError),
    /// The client's certificate cannot be made.
    #[error(transparent)]
    TlsClient(#[from] TlsClientError),
    /// The root's key is not in the key set, as it should be.
    #[error("{0} is not there: bring the root's key from the safe and name its file with --root-key")]
    RootKey(PathBuf),
    /// A certificate of ours cannot be read back.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// A file cannot be read.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// A file is not what it should be.
    #[error("{0}: {1}")]
    Content(PathBuf, Unreadable),
    /// That is no credit code.
    #[error(
        "--department {0}: not a unified social credit code (18 characters; its last one checks the others)"
    )]
    CreditCode(String),
    /// That is no handle.
    #[error("{0} is not the name of a key: lower-case letters, digits, - and / only")]
    Handle(String),
    /// The key is there, of another suite than asked for.
    #[error("the key {0} is there already and of the suite {1}")]
    OtherSuite(KeyHandle, &'static str),
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

/// A file in DER, or in PEM as `from_pem` takes the first of its kind out.
fn read(
    path: &Path,
    nothing: &'static str,
    from_pem: impl FnOnce(&str) -> Result<Option<Vec<u8>>, Unreadable>,
) -> Result<Vec<u8>, KeysError> {
    let failed = |why| KeysError::File(path.to_owned(), why);
    let content = |why| KeysError::Content(path.to_owned(), why);
    let mut bytes = Vec::new();
    File::open(path).map_err(failed)?.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(content(Unreadable::new("file", "too large")));
    }
    // A SEQUENCE with a length of its own octets, as DER of all that is read here begins; no text does.
    if matches!(bytes.as_slice(), [0x30, 0x81..=0x84, ..]) {
        return Ok(bytes);
    }
    let found = from_pem(&String::from_utf8_lossy(&bytes)).map_err(content)?;
    found.ok_or_else(|| content(Unreadable::new("PEM file", nothing)))
}

/// Runs the command and returns what to tell the operator.
pub fn run(args: &KeysArgs, clock: &dyn Clock, random: Arc<dyn Random>) -> Result<String, KeysError> {
    match &args.command {
        Command::Init(init) => {
            let keys = SoftwareKeys::open(&init.dir, init.passphrase.read()?, random.clone())?;
            let suites: &[Suite] = match init.suite {
                Suites::P256 => &[Suite::P256],
                Suites::Sm2 => &[Suite::Sm2],
                Suites::Both => &[Suite::P256, Suite::Sm2],
            };
            for suite in suites {
                let new = NewKeySet {
                    directory: &init.dir,
                    suite: *suite,
                    name: &init.name,
                    development: init.development,
                    public_url: init.public_url.as_deref(),
                    now: clock.now(),
                };
                new.make(&keys, random.as_ref())?;
            }
            let dir = init.dir.display();
            let root_keys = suites.iter().map(|suite| match suite {
                Suite::P256 => format!("{dir}/root.key.pem"),
                Suite::Sm2 => format!("{dir}/sm2/root.key.pem"),
            });
            Ok(format!(
                "Key set made in {dir}.\nHand out {dir}/roots.pem to those who verify.\n\
                 Move to a safe place, since the service does not need it: {}\n\
             With it, make the root's next revocation list within 400 days: yinzheng keys crl --help",
                root_keys.collect::<Vec<_>>().join(", ")
            ))
        }
        Command::TrustList(args) => {
            let keys = SoftwareKeys::open(&args.dir, args.passphrase.read()?, random.clone())?;
            let new = NewKeySet {
                directory: &args.dir,
                suite: args.suite.into(),
                name: &args.name,
                development: false,
                public_url: args.public_url.as_deref(),
                now: clock.now(),
            };
            let made = new.add_trust_list_signer(&keys, random.as_ref())?;
            Ok(format!(
                "Trust list certificate made in {}; SHA-256 {}",
                args.dir.display(),
                hex::encode(crate::crypto::sha256(&made))
            ))
        }
        Command::Client(args) => client::run(args, clock, random),
        Command::Crl(args) => crl::run(args, clock),
        Command::Request(args) => make_request(args, random),
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

fn make_request(args: &RequestArgs, random: Arc<dyn Random>) -> Result<String, KeysError> {
    let handle = KeyHandle::parse(&args.key).ok_or_else(|| KeysError::Handle(args.key.clone()))?;
    let keys = SoftwareKeys::open(&args.dir, args.passphrase.read()?, random)?;
    let asked = args.suite.map(Suite::from);
    match keys.generate(&handle, asked.unwrap_or(Suite::P256)) {
        Ok(_) | Err(KeyError::Exists(_)) => {}
        Err(why) => return Err(why.into()),
    }
    let suite = keys.public_key(&handle)?.suite;
    if asked.is_some_and(|asked| asked != suite) {
        return Err(KeysError::OtherSuite(handle, suite.name()));
    }
    let profile = match (&args.owner_code, &args.owner_name) {
        (Some(code), Some(name)) => {
            Profile::Seal { owner_code: code.clone(), owner_name: name.clone(), seal_code: args.name.clone() }
        }
        _ => Profile::SealMaker { name: args.name.clone() },
    };
    let made = request::make(&profile, &HandleSigner::new(&keys, &handle)?)?;
    Ok(pem::request_to_pem(&made).trim_end().to_owned())
}
