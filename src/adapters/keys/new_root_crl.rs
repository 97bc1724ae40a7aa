//! Making the root's next revocation list with a key that lies elsewhere, in a safe.
//!
//! Entries and number of the last list are carried over (RFC 5280 §5.2.3, §5.3), and what is revoked now is added. The
//! list takes the place of the old one in the key set's directory, whence the service publishes it.

use super::key_file::replace;
use super::key_set::{KeySet, KeySetError, authority_name, crl_file, path, x509s};
use crate::crypto::{Signer, Suite};
use crate::domain::time::Timestamp;
use crate::formats::Unreadable;
use crate::formats::x509::{
    self, IssueError, Issuer,
    crl::{self, CrlTimes, RevokedX509},
    pem,
};
use std::path::{Path, PathBuf};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
/// Two computers' clocks may be apart by this much.
const CLOCKS_APART: Duration = Duration::from_secs(60);
/// A serial number has at most 20 octets (RFC 5280 §4.1.2.2).
const LONGEST_SERIAL: usize = 40;
/// What a root issues: where a serial number finds its name.
const BELOW_THE_ROOT: [&str; 3] = ["seal-ca.pem", "tls-ca.pem", "tsa.pem"];

/// What a new list of the root is made of.
pub struct NewRootCrl<'a> {
    /// The key set's directory, or a copy of it: `root.pem` and `root.crl.pem` are used.
    pub directory: &'a Path,
    /// Suite of the root.
    pub suite: Suite,
    /// The list (DER) that was published last, where that is not the one in the directory.
    pub last: Option<Vec<u8>>,
    /// What is revoked now.
    pub revoke: Vec<Revoke>,
    /// Why, for all of it: reason code (RFC 5280 §5.3.1).
    pub reason: u8,
    /// How long the list lasts.
    pub life: Duration,
    /// Now.
    pub now: Timestamp,
}

/// Names an X.509 certificate to revoke.
pub enum Revoke {
    /// The certificate itself, DER.
    X509(Vec<u8>),
    /// Its serial number, hexadecimal, also with colons.
    Serial(String),
}

/// A list that was made and written.
#[derive(Debug)]
pub struct RootCrl {
    /// Where.
    pub path: PathBuf,
    /// Common name of the root.
    pub root: String,
    /// Its number.
    pub number: u64,
    /// Its times.
    pub times: CrlTimes,
    /// How many entries were carried over.
    pub carried: usize,
    /// What was revoked now: serial number, and common name where the directory or the caller had the certificate.
    pub revoked: Vec<(String, Option<String>)>,
}

/// Why no list was made. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum RootCrlError {
    /// A file of the key set.
    #[error(transparent)]
    KeySet(#[from] KeySetError),
    /// The list cannot be made.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// A list or certificate cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// Key and root do not belong together.
    #[error("the key is not that of {root} in {path}: take the key and the directory of one and the same root", path = .path.display())]
    OtherKey {
        /// Common name of the root.
        root: String,
        /// Its file.
        path: PathBuf,
    },
    /// The root has ended.
    #[error("{root} ended on {at}: nobody trusts its lists any more; make a new key set")]
    Ended {
        /// Common name of the root.
        root: String,
        /// Its end.
        at: Timestamp,
    },
    /// A list of somebody else.
    #[error(
        "{what} is not a revocation list of {root}; take the one that the service publishes at {published}"
    )]
    OtherIssuer {
        /// Which list.
        what: String,
        /// Common name of the root.
        root: String,
        /// Path of the service's own.
        published: String,
    },
    /// There is no last list.
    #[error(
        "{path} is not there, and without the last list its number and entries would be lost; fetch it from the service \
         ({published}) and give it as the last list", path = .path.display()
    )]
    NoLast {
        /// Where it should lie.
        path: PathBuf,
        /// Path of the service's own.
        published: String,
    },
    /// The list given is older than the one in the directory.
    #[error("the list given has the number {given}, but {path} has {here} already; leave it out, or give a newer one", path = .path.display())]
    Older {
        /// Number of the list given.
        given: u64,
        /// Number of the list in the directory.
        here: u64,
        /// Where that lies.
        path: PathBuf,
    },
    /// The clock is wrong.
    #[error("the clock says {now}, but the last list was made on {last}: set the clock right")]
    Clock {
        /// What the clock says.
        now: Timestamp,
        /// When the last list was made.
        last: Timestamp,
    },
    /// Not a serial number.
    #[error("{0} is neither a file nor a serial number in hexadecimal digits")]
    Serial(String),
    /// Another authority's certificate.
    #[error("{name} (serial number {serial}) was not issued by {root}, so its list cannot revoke it")]
    NotIssued {
        /// Common name in the certificate.
        name: String,
        /// Its serial number.
        serial: String,
        /// Common name of the root.
        root: String,
    },
    /// The root's own certificate.
    #[error("{0} cannot revoke itself: make a new key set, and tell everybody who trusts the old root")]
    Itself(String),
    /// Revoked before.
    #[error("{serial} was revoked on {at} already")]
    Already {
        /// Serial number.
        serial: String,
        /// Since when.
        at: Timestamp,
    },
}

impl NewRootCrl<'_> {
    /// Makes the list with the root's key and puts it in the place of the old one, whole or not at all.
    pub fn make(&self, root_key: &dyn Signer) -> Result<RootCrl, RootCrlError> {
        // 1. The root, and the key that is its.
        let root_path = path(self.directory, self.suite, "root.pem");
        let none = || Unreadable::new("PEM file", "no X.509 certificate in it");
        let root = x509s(root_path.clone())?.into_iter().next();
        let root = root.ok_or_else(|| KeySetError::Content(root_path.clone(), none()))?;
        let facts = x509::read(&root).map_err(|why| KeySetError::Content(root_path.clone(), why))?;
        let name = facts.subject_cn;
        if facts.spki != root_key.spki() {
            return Err(RootCrlError::OtherKey { root: name, path: root_path });
        }
        if self.now > facts.not_after {
            return Err(RootCrlError::Ended { root: name, at: facts.not_after });
        }
        // 2. What the last list said.
        let (last, mut entries) = self.last(&root, &name)?;
        let carried = entries.len();
        let number = crl::number(&last)?.checked_add(1);
        let number = number.ok_or_else(|| Unreadable::new("revocation list", "no number comes after its"))?;
        let times = self.times(crl::times(&last)?)?;
        // 3. What is revoked now.
        let mut revoked = Vec::new();
        for what in &self.revoke {
            let (serial, subject) = self.named(what, &root, &name)?;
            if serial == facts.serial_hex {
                return Err(RootCrlError::Itself(name));
            }
            if let Some(known) = entries.iter().find(|entry| entry.serial_hex == serial) {
                return Err(RootCrlError::Already { serial, at: known.at });
            }
            let (serial_hex, at) = (serial.clone(), self.now.whole_second());
            entries.push(RevokedX509 { serial_hex, at, reason: self.reason, invalid_since: None });
            revoked.push((serial, subject));
        }
        // 4. The next list.
        let issuer = Issuer { x509: &root, signer: root_key };
        let der = crl::make(&issuer, number, times, &entries)?;
        let path = self.path();
        replace(&path, pem::crl_to_pem(&der).as_bytes(), 0o644)
            .map_err(|why| KeySetError::File(path.clone(), why))?;
        Ok(RootCrl { path, root: name, number, times, carried, revoked })
    }

    fn path(&self) -> PathBuf {
        path(self.directory, self.suite, &crl_file("root"))
    }

    /// The last list, and everything that it or the one in the directory revokes.
    fn last(&self, root: &[u8], name: &str) -> Result<(Vec<u8>, Vec<RevokedX509>), RootCrlError> {
        let path = self.path();
        let published = format!("/crl/{}.crl", authority_name(self.suite, "root"));
        let check = |der: &[u8], what: String| {
            let other =
                |_| RootCrlError::OtherIssuer { what, root: name.to_owned(), published: published.clone() };
            crl::check_issuer(der, root).map_err(other)
        };
        let here = KeySet::crl(self.directory, self.suite, "root")?;
        if let Some(der) = &here {
            check(der, path.display().to_string())?;
        }
        if let Some(der) = &self.last {
            check(der, "the list given".to_owned())?;
        }
        let (last, other) = match (self.last.clone(), here) {
            (None, None) => return Err(RootCrlError::NoLast { path, published }),
            (None, Some(here)) => (here, None),
            (Some(given), None) => (given, None),
            (Some(given), Some(here)) => {
                let numbers = (crl::number(&given)?, crl::number(&here)?);
                if numbers.0 < numbers.1 {
                    return Err(RootCrlError::Older { given: numbers.0, here: numbers.1, path });
                }
                (given, Some(here))
            }
        };
        let mut entries = crl::entries(&last)?;
        // A list that was made here and never published: what it revoked stays revoked.
        for entry in other.map(|der| crl::entries(&der)).transpose()?.into_iter().flatten() {
            if !entries.iter().any(|known| known.serial_hex == entry.serial_hex) {
                entries.push(entry);
            }
        }
        Ok((last, entries))
    }

    /// Of several lists the latest counts, so this one is never of the same moment as the last, nor before it.
    fn times(&self, last: CrlTimes) -> Result<CrlTimes, RootCrlError> {
        if self.now.plus(CLOCKS_APART) < last.this_update {
            return Err(RootCrlError::Clock { now: self.now, last: last.this_update });
        }
        let this_update = self.now.whole_second().max(last.this_update.plus(SECOND));
        Ok(CrlTimes { this_update, next_update: this_update.plus(self.life) })
    }

    /// Serial number of what is to be revoked, and its common name if that is known.
    fn named(
        &self,
        what: &Revoke,
        root: &[u8],
        name: &str,
    ) -> Result<(String, Option<String>), RootCrlError> {
        match what {
            Revoke::X509(der) => {
                let facts = x509::read(der)?;
                let (serial, subject) = (facts.serial_hex, facts.subject_cn);
                if x509::check_issued_by(der, root).is_err() {
                    let root = name.to_owned();
                    return Err(RootCrlError::NotIssued { name: subject, serial, root });
                }
                Ok((serial, Some(subject)))
            }
            Revoke::Serial(text) => {
                let serial = serial_hex(text).ok_or_else(|| RootCrlError::Serial(text.clone()))?;
                let subject = self.name_of(&serial, root);
                Ok((serial, subject))
            }
        }
    }

    fn name_of(&self, serial: &str, root: &[u8]) -> Option<String> {
        let files = BELOW_THE_ROOT.iter().map(|name| path(self.directory, self.suite, name));
        let x509s = files.filter_map(|path| x509s(path).ok()?.into_iter().next());
        let mut issued = x509s.filter(|der| x509::check_issued_by(der, root).is_ok());
        issued.find_map(|der| {
            x509::read(&der).ok().filter(|facts| facts.serial_hex == serial).map(|facts| facts.subject_cn)
        })
    }
}

/// A serial number as people copy it, in the form that facts have: `04:7F`, `0x47f` and `47F` are all `047f`.
fn serial_hex(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| !matches!(c, ':' | ' ')).collect::<String>().to_lowercase();
    let digits = digits.trim_start_matches("0x").trim_start_matches('0');
    let fine = !digits.is_empty()
        && digits.len() <= LONGEST_SERIAL
        && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    fine.then(|| if digits.len().is_multiple_of(2) { digits.to_owned() } else { format!("0{digits}") })
}

#[cfg(test)]
mod tests;
