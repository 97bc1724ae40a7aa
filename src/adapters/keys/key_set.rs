//! What lies in a directory that `yinzheng keys init` made: the authorities' X.509 certificates, their first revocation
//! lists, and (unless they are kept elsewhere) their keys. The suite P-256 lies in the directory itself, SM2 in `sm2/`
//! below it; `roots.pem` in the directory lists the roots of both, so that verifiers need one file.

use crate::crypto::Suite;
use crate::formats::Unreadable;
use crate::formats::x509::{self, IssueError, pem};
use crate::ports::keys::{KeyError, KeyHandle};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The authorities of a set that publish revocation lists.
pub const AUTHORITIES: [&str; 3] = ["root", "seal-ca", "tls-ca"];
/// What verifiers trust.
pub(super) const ROOTS: &str = "roots.pem";

/// Why a key set could not be made or read.
#[derive(Debug, thiserror::Error)]
pub enum KeySetError {
    /// A file could not be written or read.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// A file is not what it should be.
    #[error("{0}: {1}")]
    Content(PathBuf, Unreadable),
    /// There is a key set of this suite already.
    #[error("{0} holds a key set of the suite {suite} already; a key set is never overwritten", suite = .1.name())]
    Exists(PathBuf, Suite),
    /// A key set was begun but not finished.
    #[error("{root} is not in {roots}: the key set was not made to its end", root = .0.display(), roots = .1.display())]
    NotWhole(PathBuf, PathBuf),
    /// A key could not be made or used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// An X.509 certificate or revocation list could not be made.
    #[error(transparent)]
    Issue(#[from] IssueError),
}

/// The public side of the key sets in a directory.
#[derive(Clone, Debug)]
pub struct KeySets {
    /// Trusted roots, DER: those of the sets, and any that were added to `roots.pem`.
    pub roots: Vec<Vec<u8>>,
    /// The set of the suite P-256.
    pub p256: KeySet,
    /// The set of the suite SM2, if there is one.
    pub sm2: Option<KeySet>,
}

impl KeySets {
    /// Reads a directory.
    ///
    /// # Errors
    /// If there is no set of P-256, or a set is there only in part.
    pub fn load(directory: &Path) -> Result<Self, KeySetError> {
        let roots = x509s(directory.join(ROOTS))?;
        let p256 = KeySet::load(directory, Suite::P256)?;
        let sm2 = path(directory, Suite::Sm2, "root.pem").exists();
        let sm2 = sm2.then(|| KeySet::load(directory, Suite::Sm2)).transpose()?;
        for set in [Some(&p256), sm2.as_ref()].into_iter().flatten() {
            if !roots.contains(&set.root) {
                let root = path(directory, set.suite, "root.pem");
                return Err(KeySetError::NotWhole(root, directory.join(ROOTS)));
            }
        }
        Ok(Self { roots, p256, sm2 })
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &KeySet> {
        [Some(&self.p256), self.sm2.as_ref()].into_iter().flatten()
    }

    /// Whether one is a development set, which production refuses.
    pub fn is_development(&self) -> bool {
        self.roots.iter().any(|root| x509::is_development(root)) || self.all().any(KeySet::is_development)
    }
}

/// The public side of one suite's key set.
#[derive(Clone, Debug)]
pub struct KeySet {
    /// The suite of all its keys.
    pub suite: Suite,
    /// The root, DER.
    pub root: Vec<u8>,
    /// Issues seal certificates, DER.
    pub seal_ca: Vec<u8>,
    /// Issues TLS certificates, DER.
    pub tls_ca: Vec<u8>,
    /// The timestamping authority's own, DER.
    pub tsa: Vec<u8>,
    /// The seal maker's own, DER; only where seals are objects (GB/T 38540), that is in SM2.
    pub seal_maker: Option<Vec<u8>>,
    /// Who signs the trust list that the service publishes, DER; sets made before there were such lists have none.
    pub trust_list: Option<Vec<u8>>,
    /// Revocation lists that lie in the directory, DER, by authority among [`AUTHORITIES`].
    pub crls: BTreeMap<&'static str, Vec<u8>>,
}

impl KeySet {
    /// Reads the set of this suite in a directory.
    pub fn load(directory: &Path, suite: Suite) -> Result<Self, KeySetError> {
        let one = |name: &str| -> Result<Vec<u8>, KeySetError> {
            let path = path(directory, suite, name);
            let none = || Unreadable::new("PEM file", "no X.509 certificate in it");
            x509s(path.clone())?.into_iter().next().ok_or_else(|| KeySetError::Content(path, none()))
        };
        let publishes = path(directory, suite, "trust-list.pem").exists();
        let mut crls = BTreeMap::new();
        for name in AUTHORITIES {
            crls.extend(Self::crl(directory, suite, name)?.map(|der| (name, der)));
        }
        Ok(Self {
            suite,
            root: one("root.pem")?,
            seal_ca: one("seal-ca.pem")?,
            tls_ca: one("tls-ca.pem")?,
            tsa: one("tsa.pem")?,
            seal_maker: has_seal_maker(suite).then(|| one("seal-maker.pem")).transpose()?,
            trust_list: publishes.then(|| one("trust-list.pem")).transpose()?,
            crls,
        })
    }

    /// The revocation list (DER) of this authority among [`AUTHORITIES`] that lies in the directory, if one does.
    pub fn crl(directory: &Path, suite: Suite, name: &str) -> Result<Option<Vec<u8>>, KeySetError> {
        let path = path(directory, suite, &crl_file(name));
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(why) => return Err(KeySetError::File(path, why)),
        };
        let ders = pem::crls_from_pem(&text).map_err(|why| KeySetError::Content(path, why))?;
        Ok(ders.into_iter().next())
    }

    /// Whether this is a development set.
    pub fn is_development(&self) -> bool {
        x509::is_development(&self.root)
    }

    /// An authority's own X.509 certificate, by its name among [`AUTHORITIES`].
    pub fn authority(&self, name: &str) -> Option<&[u8]> {
        match name {
            "root" => Some(&self.root),
            "seal-ca" => Some(&self.seal_ca),
            "tls-ca" => Some(&self.tls_ca),
            _ => None,
        }
    }
}

/// Whether the suite's seals are objects that somebody makes (GB/T 38540).
pub(super) const fn has_seal_maker(suite: Suite) -> bool {
    matches!(suite, Suite::Sm2)
}

/// Handle of a key set's key: `tsa` in P-256, `sm2/tsa` in SM2.
pub fn set_key(suite: Suite, name: &str) -> Result<KeyHandle, KeyError> {
    let text = match suite {
        Suite::P256 => name.to_owned(),
        Suite::Sm2 => format!("sm2/{name}"),
    };
    KeyHandle::parse(&text).ok_or_else(|| KeyError::Storage(format!("{text} is no handle")))
}

/// Name that an authority has among those of all suites, and under which its revocation lists are published:
/// `seal-ca` in P-256, `sm2-seal-ca` in SM2.
pub fn authority_name(suite: Suite, name: &str) -> String {
    match suite {
        Suite::P256 => name.to_owned(),
        Suite::Sm2 => format!("sm2-{name}"),
    }
}

/// Name of the file with the revocation list of an authority among [`AUTHORITIES`].
pub(super) fn crl_file(name: &str) -> String {
    format!("{name}.crl.pem")
}

/// Where the service publishes the revocation list of an authority ([`authority_name`]).
pub fn crl_address(public_url: &str, authority: &str) -> String {
    format!("{}/crl/{authority}.crl", public_url.trim_end_matches('/'))
}

/// Where a file of a suite's set lies.
pub(super) fn path(directory: &Path, suite: Suite, name: &str) -> PathBuf {
    match suite {
        Suite::P256 => directory.join(name),
        Suite::Sm2 => directory.join("sm2").join(name),
    }
}

/// Every X.509 certificate of a PEM file, DER.
pub(super) fn x509s(path: PathBuf) -> Result<Vec<Vec<u8>>, KeySetError> {
    let text = fs::read_to_string(&path).map_err(|why| KeySetError::File(path.clone(), why))?;
    pem::x509s_from_pem(&text).map_err(|why| KeySetError::Content(path, why))
}
