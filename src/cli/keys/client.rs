//! `yinzheng keys client`: an X.509 certificate by which a department's machine calls the API.

use super::{KeysError, Passphrase, PassphraseSource, read};
use crate::adapters::keys::{ClientKey, NewTlsClient, SoftwareKeys};
use crate::crypto::sha256;
use crate::domain::license::check::credit_code;
use crate::domain::time::format_date;
use crate::formats::x509::{self, Profile, pem};
use crate::ports::clock::Clock;
use crate::ports::random::Random;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

const DAY: u64 = 24 * 60 * 60;

#[derive(Args, Debug)]
pub(super) struct ClientArgs {
    /// Directory of the key set
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Unified social credit code of the department
    #[arg(long, value_name = "CODE")]
    department: String,
    /// Full name of the department
    #[arg(long, value_name = "NAME")]
    department_name: String,
    /// What to call the machine, for example 业务系统
    #[arg(long)]
    name: String,
    /// File to write, PEM: the certificate and the one above it; an older one is replaced
    #[arg(long, value_name = "FILE.pem")]
    out: PathBuf,
    #[command(flatten)]
    key: KeySource,
    /// Public address of the service, where the revocation list is published
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Days it is valid
    #[arg(long, default_value_t = 397, value_parser = clap::value_parser!(u64).range(1..=1100))]
    days: u64,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

/// Whose key it is. A passphrase is never an argument, which every process could read.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
struct KeySource {
    /// Request that the department's machine made (PKCS#10, PEM or DER; key on P-256): its key stays there
    #[arg(long, value_name = "FILE.csr")]
    request: Option<PathBuf>,
    /// Make a new key beside the certificate (FILE.key.pem), under the passphrase in the first line of this file
    #[arg(long, value_name = "FILE")]
    new_key_passphrase_file: Option<PathBuf>,
    /// The same, under the passphrase in this environment variable
    #[arg(long, value_name = "VAR")]
    new_key_passphrase_env: Option<String>,
}

/// Where the key comes from, read.
enum Source {
    Request(Vec<u8>),
    New(PathBuf, Passphrase),
}

impl KeySource {
    fn read(&self, out: &Path) -> Result<Source, KeysError> {
        let beside = || out.with_extension("key.pem");
        Ok(match (&self.request, &self.new_key_passphrase_file, &self.new_key_passphrase_env) {
            (Some(path), _, _) => {
                let request = |text: &str| pem::request_from_pem(text).map(Some);
                Source::Request(read(path, "no request in it", request)?)
            }
            (None, Some(file), _) => Source::New(beside(), Passphrase::from_file(file)?),
            (None, None, name) => {
                Source::New(beside(), Passphrase::from_variable(name.as_deref().unwrap_or_default())?)
            }
        })
    }
}

pub(super) fn run(
    args: &ClientArgs,
    clock: &dyn Clock,
    random: Arc<dyn Random>,
) -> Result<String, KeysError> {
    if !credit_code::valid(&args.department) {
        return Err(KeysError::CreditCode(args.department.clone()));
    }
    let source = args.key.read(&args.out)?;
    let keys = SoftwareKeys::open(&args.dir, args.passphrase.read()?, random.clone())?;
    let new = NewTlsClient {
        directory: &args.dir,
        profile: Profile::TlsClient {
            owner_code: args.department.clone(),
            owner_name: args.department_name.clone(),
            name: args.name.clone(),
        },
        key: match &source {
            Source::Request(der) => ClientKey::Requested(der),
            Source::New(path, passphrase) => ClientKey::New(path, passphrase),
        },
        path: &args.out,
        public_url: args.public_url.as_deref(),
        life: Some(Duration::from_secs(args.days * DAY)),
        now: clock.now(),
    };
    let made = new.make(&keys, random.as_ref())?;
    told(args, &source, &made.x509)
}

/// What was made and how it is registered: the last line is the body of the request to the API.
fn told(args: &ClientArgs, source: &Source, der: &[u8]) -> Result<String, KeysError> {
    let facts = x509::read(der)?;
    let fingerprint: Vec<_> = sha256(der).iter().map(|byte| format!("{byte:02X}")).collect();
    let credential = json!({
        "label": args.name, "role": "department", "department": args.department, "days": args.days,
        "client_x509": STANDARD.encode(der),
    });
    let mut said = format!(
        "TLS client certificate made: {}\n{}, good until {}\nSHA-256 fingerprint {}\n",
        args.out.display(),
        facts.subject,
        format_date(facts.not_after.date_in_china()),
        fingerprint.join(":"),
    );
    if let Source::New(path, _) = source {
        said.push_str(&format!("Its key, under the passphrase given: {}\n", path.display()));
    }
    said.push_str(&format!(
        "It opens nothing until an operator registers it: POST /v1/credentials with this body (add kinds or seals to narrow it)\n\
         {credential}"
    ));
    Ok(said)
}
