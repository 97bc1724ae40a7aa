//! `yinzheng keys crl`: the root's next revocation list, made with the key from the safe.

use super::{KeysError, PassphraseSource, SuiteName, read};
use crate::adapters::keys::{NewRootCrl, OneKey, Revoke, RootCrl};
use crate::crypto::Suite;
use crate::domain::time::format_date;
use crate::formats::x509::pem;
use crate::ports::clock::Clock;
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};
use std::time::Duration;

const DAY: u64 = 24 * 60 * 60;

#[derive(Args, Debug)]
pub(super) struct CrlArgs {
    /// Directory of the key set, or a copy of it: root.pem and root.crl.pem are read (of SM2 in sm2/ below), and the new
    /// list takes the place of root.crl.pem
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Suite of the root
    #[arg(long, value_enum, default_value_t = SuiteName::P256)]
    suite: SuiteName,
    /// Encrypted key of the root, if it is not root.key.pem in the directory
    #[arg(long, value_name = "FILE")]
    root_key: Option<PathBuf>,
    /// The list that was published last (PEM or DER), if root.crl.pem is missing or older; the service has it at
    /// /crl/root.crl, of SM2 at /crl/sm2-root.crl
    #[arg(long, value_name = "FILE")]
    last: Option<PathBuf>,
    /// X.509 certificate to revoke, as a file (PEM or DER) or by its serial number in hexadecimal; repeat for more than one
    #[arg(long = "revoke", value_name = "FILE|SERIAL", requires = "reason")]
    revoke: Vec<String>,
    /// Why it is revoked
    #[arg(long, value_enum, requires = "revoke")]
    reason: Option<Reason>,
    /// Days until the next list has to be there; bring one earlier
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u64).range(1..=1100))]
    days: u64,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

/// Reasons of RFC 5280 §5.3.1. Left out are a hold, which this command could not lift, and the reason that only lists of
/// changes know.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Reason {
    /// No reason is told
    Unspecified,
    /// Its key is, or may be, in the hands of others
    KeyCompromise,
    /// The key of the authority itself is, or may be, in the hands of others
    CaCompromise,
    /// Its name or owner changed
    AffiliationChanged,
    /// Another took its place
    Superseded,
    /// It is no longer needed
    CessationOfOperation,
    /// What it was permitted was taken away
    PrivilegeWithdrawn,
    /// What it attests about others may be forged
    AaCompromise,
}

impl Reason {
    const fn code(self) -> u8 {
        match self {
            Self::Unspecified => 0,
            Self::KeyCompromise => 1,
            Self::CaCompromise => 2,
            Self::AffiliationChanged => 3,
            Self::Superseded => 4,
            Self::CessationOfOperation => 5,
            Self::PrivilegeWithdrawn => 9,
            Self::AaCompromise => 10,
        }
    }
}

pub(super) fn run(args: &CrlArgs, clock: &dyn Clock) -> Result<String, KeysError> {
    let suite = Suite::from(args.suite);
    let in_set = match suite {
        Suite::P256 => args.dir.join("root.key.pem"),
        Suite::Sm2 => args.dir.join("sm2/root.key.pem"),
    };
    if args.root_key.is_none() && !in_set.exists() {
        return Err(KeysError::RootKey(in_set));
    }
    let key = OneKey::open(args.root_key.as_ref().unwrap_or(&in_set), &args.passphrase.read()?)?;
    let new = NewRootCrl {
        directory: &args.dir,
        suite,
        last: args.last.as_deref().map(last).transpose()?,
        revoke: args.revoke.iter().map(|what| revoke(what)).collect::<Result<_, _>>()?,
        reason: args.reason.map_or(0, Reason::code),
        life: Duration::from_secs(args.days * DAY),
        now: clock.now(),
    };
    Ok(told(&new.make(&key)?))
}

fn last(path: &Path) -> Result<Vec<u8>, KeysError> {
    read(path, "no revocation list in it", |text| Ok(pem::crls_from_pem(text)?.into_iter().next()))
}

/// A file if there is one of that name, else a serial number.
fn revoke(what: &str) -> Result<Revoke, KeysError> {
    let path = Path::new(what);
    if !path.exists() {
        return Ok(Revoke::Serial(what.to_owned()));
    }
    let first = |text: &str| Ok(pem::x509s_from_pem(text)?.into_iter().next());
    Ok(Revoke::X509(read(path, "no X.509 certificate in it", first)?))
}

fn told(made: &RootCrl) -> String {
    let mut said = format!(
        "Revocation list number {} of {}, good until {}: {}\nEntries carried over: {}\n",
        made.number,
        made.root,
        format_date(made.times.next_update.date_in_china()),
        made.path.display(),
        made.carried,
    );
    for (serial, name) in &made.revoked {
        let name =
            name.as_deref().unwrap_or("no X.509 certificate of this number is at hand; was it copied right?");
        said.push_str(&format!("Revoked now: {serial} ({name})\n"));
    }
    said.push_str(
        "A service whose keys.set is this directory publishes the list within a minute. If this is a copy, put the file in \
         the same place there.",
    );
    said
}
