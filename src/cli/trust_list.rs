//! `yinzheng trust-list`: what a signed trust list says, without any service or network.

use crate::crypto::sha256;
use crate::formats::Unreadable;
use crate::formats::trust_list::{self, MAX_BYTES, OpenFault, SignerFault};
use crate::formats::x509::pem;
use crate::ports::clock::Clock;
use clap::{Args, Subcommand};
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Look into a trust list, as a region publishes it
#[derive(Args, Debug)]
pub struct TrustListArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Verify the signature of a trust list and print what it says
    ///
    /// The signature is always verified. Whether its signer is the right one is known only with --signer; compare the SHA-256
    /// that is printed with the region's people otherwise. Fails if anything is wrong with the list, if it ran out, or if
    /// somebody else signed it.
    Show(Show),
}

#[derive(Args, Debug)]
struct Show {
    /// The list, as /pki/trust-list.p7m gives it
    list: PathBuf,
    /// X.509 certificate that must have signed it, PEM or DER
    #[arg(long, value_name = "FILE")]
    signer: Option<PathBuf>,
    /// Print the document as it was signed, JSON, and nothing else
    #[arg(long)]
    json: bool,
}

/// Why a list is not shown.
#[derive(Debug, thiserror::Error)]
pub enum TrustListError {
    /// A file cannot be read.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// No list, or not as it should be.
    #[error("{0}: {1}")]
    List(PathBuf, OpenFault),
    /// Its signer may not sign lists.
    #[error("{0}: {1}")]
    Signer(PathBuf, SignerFault),
    /// Somebody else signed it.
    #[error("{0}: signed by the X.509 certificate with the SHA-256 {1}, which is not the given one")]
    OtherSigner(PathBuf, String),
    /// It ran out.
    #[error("{0}: ran out on {1}")]
    RanOut(PathBuf, crate::domain::time::Timestamp),
    /// The given signer is none.
    #[error("{0}: {1}")]
    Content(PathBuf, Unreadable),
}

/// Runs the command: what to print.
pub fn run(args: &TrustListArgs, clock: &dyn Clock) -> Result<String, TrustListError> {
    let Command::Show(show) = &args.command;
    let path = || show.list.clone();
    let opened = trust_list::open(&read(&show.list)?).map_err(|why| TrustListError::List(path(), why))?;
    let signer = sha256(&opened.signer_x509);
    if let Some(given) = &show.signer {
        let given = x509(given)?;
        if given != opened.signer_x509 {
            return Err(TrustListError::OtherSigner(path(), hex::encode(signer)));
        }
    }
    let facts = trust_list::check_signer(&opened.signer_x509, clock.now());
    let facts = facts.map_err(|why| TrustListError::Signer(path(), why))?;
    if clock.now() > opened.list.next_update {
        return Err(TrustListError::RanOut(path(), opened.list.next_update));
    }
    if show.json {
        return Ok(String::from_utf8_lossy(&opened.json).trim_end().to_owned());
    }
    let list = &opened.list;
    let mut text = format!(
        "{} {} ({}), version {}, issued {}, next by {}\nsigned by {}, SHA-256 {}{}\n",
        list.territory_name.zh,
        list.territory_name.en,
        list.territory,
        list.sequence,
        list.issued,
        list.next_update,
        facts.subject_cn,
        hex::encode(signer),
        if show.signer.is_some() { "" } else { " (not compared)" },
    );
    for entry in &list.entries {
        let state =
            entry.withdrawn_since.map_or_else(String::new, |since| format!(", withdrawn since {since}"));
        let until = entry.valid_until.map_or_else(String::new, |until| format!(" to {until}"));
        let _ = writeln!(
            text,
            "  {:12} {}  from {}{until}{state}",
            entry.service.name(),
            entry.name.zh,
            entry.valid_from
        );
    }
    Ok(text.trim_end().to_owned())
}

/// No more than a list may have, and a byte so that too large is seen to be.
fn read(path: &Path) -> Result<Vec<u8>, TrustListError> {
    let failed = |why| TrustListError::File(path.to_owned(), why);
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(failed)?;
    file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// An X.509 certificate, PEM or DER.
fn x509(path: &Path) -> Result<Vec<u8>, TrustListError> {
    let bytes = read(path)?;
    if bytes.first() == Some(&0x30) {
        return Ok(bytes);
    }
    let content = |why| TrustListError::Content(path.to_owned(), why);
    let found = pem::x509s_from_pem(&String::from_utf8_lossy(&bytes)).map_err(content)?;
    found.into_iter().next().ok_or_else(|| content(Unreadable::new("PEM file", "no X.509 certificate in it")))
}
