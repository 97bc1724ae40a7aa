//! The directory `yinzheng keys init` makes: the authorities' X.509 certificates, their first revocation lists, and
//! (unless they are kept elsewhere) their keys.

use super::key_file::write_new;
use crate::crypto::Suite;
use crate::domain::time::Timestamp;
use crate::formats::Unreadable;
use crate::formats::x509::{
    self, IssueError, Issuer, Particulars, Profile,
    crl::{self, CrlTimes},
    pem,
};
use crate::ports::keys::{HandleSigner, KeyError, KeyHandle, Keys};
use crate::ports::random::Random;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

/// The authorities that publish revocation lists, by name; also the names of their keys.
pub const AUTHORITIES: [&str; 3] = ["root", "seal-ca", "tls-ca"];
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// The root's key may lie in a safe: its first list lasts over a year. The others are replaced by the service.
const ROOT_CRL_LIFE: Duration = DAY.saturating_mul(400);
const CRL_LIFE: Duration = DAY.saturating_mul(35);

/// Why a key set could not be made or read.
#[derive(Debug, thiserror::Error)]
pub enum KeySetError {
    /// A file could not be written or read.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// A file is not what it should be.
    #[error("{0}: {1}")]
    Content(PathBuf, Unreadable),
    /// There is a key set already.
    #[error("{0} exists already; a key set is never overwritten")]
    Exists(PathBuf),
    /// A key could not be made or used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// An X.509 certificate or revocation list could not be made.
    #[error(transparent)]
    Issue(#[from] IssueError),
}

/// The public side of a key set.
#[derive(Clone, Debug)]
pub struct KeySet {
    /// Trusted roots, DER: this service's own first, then any that were added to `roots.pem`.
    pub roots: Vec<Vec<u8>>,
    /// This service's own root, DER.
    pub root: Vec<u8>,
    /// Issues seal certificates, DER.
    pub seal_ca: Vec<u8>,
    /// Issues TLS certificates, DER.
    pub tls_ca: Vec<u8>,
    /// The timestamping authority's own, DER.
    pub tsa: Vec<u8>,
    /// Revocation lists that lie in the directory, DER, by authority.
    pub crls: BTreeMap<&'static str, Vec<u8>>,
}

impl KeySet {
    /// Reads a directory.
    pub fn load(directory: &Path) -> Result<Self, KeySetError> {
        let all = |name: &str| -> Result<Vec<Vec<u8>>, KeySetError> {
            let path = directory.join(name);
            let text = fs::read_to_string(&path).map_err(|why| KeySetError::File(path.clone(), why))?;
            pem::x509s_from_pem(&text).map_err(|why| KeySetError::Content(path, why))
        };
        let one = |name: &str| -> Result<Vec<u8>, KeySetError> {
            let none = || Unreadable::new("PEM file", "no X.509 certificate in it");
            all(name)?.into_iter().next().ok_or_else(|| KeySetError::Content(directory.join(name), none()))
        };
        let mut crls = BTreeMap::new();
        for name in AUTHORITIES {
            let path = directory.join(format!("{name}.crl.pem"));
            let Ok(text) = fs::read_to_string(&path) else { continue };
            let ders = pem::crls_from_pem(&text).map_err(|why| KeySetError::Content(path, why))?;
            crls.extend(ders.into_iter().next().map(|der| (name, der)));
        }
        Ok(Self {
            roots: all("roots.pem")?,
            root: one("root.pem")?,
            seal_ca: one("seal-ca.pem")?,
            tls_ca: one("tls-ca.pem")?,
            tsa: one("tsa.pem")?,
            crls,
        })
    }

    /// Whether this is a development set, which production refuses.
    pub fn is_development(&self) -> bool {
        self.roots.iter().chain([&self.root]).any(|root| x509::is_development(root))
    }

    /// The authority's own X.509 certificate, by its name among [`AUTHORITIES`].
    pub fn authority(&self, name: &str) -> Option<&[u8]> {
        match name {
            "root" => Some(&self.root),
            "seal-ca" => Some(&self.seal_ca),
            "tls-ca" => Some(&self.tls_ca),
            _ => None,
        }
    }
}

/// What a new key set is made of.
pub struct NewKeySet<'a> {
    /// Where.
    pub directory: &'a Path,
    /// The name all authorities carry, e.g. `景川市电子证照`.
    pub name: &'a str,
    /// Whether the root is marked as for development only.
    pub development: bool,
    /// The service's public address: revocation lists are under `/crl/NAME.crl`. None: no address in certificates.
    pub public_url: Option<&'a str>,
    /// Now.
    pub now: Timestamp,
}

impl NewKeySet<'_> {
    /// Makes keys, X.509 certificates and first revocation lists.
    ///
    /// # Errors
    /// If the directory holds a key set already, or something could not be made.
    pub fn make(&self, keys: &dyn Keys, random: &dyn Random) -> Result<KeySet, KeySetError> {
        let roots = self.directory.join("roots.pem");
        if roots.exists() {
            return Err(KeySetError::Exists(roots));
        }
        let mark =
            if self.development { format!(" {}", x509::profile::DEVELOPMENT_MARK) } else { String::new() };
        let named = |what: &str| format!("{} {what}{mark}", self.name);
        let root_key = self.new_key(keys, "root")?;
        let root_profile = Profile::Root { name: named("Root CA") };
        let root =
            x509::issue_root(&root_profile, &self.particulars(&root_profile, None, random), &root_key)?;
        self.write("root.pem", &pem::x509s_to_pem([root.as_slice()]))?;
        let root_crl = self.crl_address("root");
        let issuer = Issuer { x509: &root, signer: &root_key };
        let below = |handle: &str, profile: &Profile| -> Result<Vec<u8>, KeySetError> {
            let key = self.new_key(keys, handle)?;
            let particulars = self.particulars(profile, root_crl.as_deref(), random);
            let der = x509::issue(profile, &particulars, crate::crypto::Signer::spki(&key), &issuer)?;
            self.write(&format!("{handle}.pem"), &pem::x509s_to_pem([der.as_slice()]))?;
            Ok(der)
        };
        let seal_ca = below("seal-ca", &Profile::SealCa { name: named("Seal CA") })?;
        let tls_ca = below("tls-ca", &Profile::TlsCa { name: named("TLS CA") })?;
        let tsa = below("tsa", &Profile::TimeStamping { name: named("TSA") })?;
        let mut set = KeySet { roots: vec![root.clone()], root, seal_ca, tls_ca, tsa, crls: BTreeMap::new() };
        for name in AUTHORITIES {
            let der = self.first_crl(keys, name, set.authority(name).unwrap_or_default())?;
            self.write(&format!("{name}.crl.pem"), &pem::crl_to_pem(&der))?;
            set.crls.insert(name, der);
        }
        // Last: its presence says that the set is whole.
        self.write("roots.pem", &pem::x509s_to_pem([set.root.as_slice()]))?;
        Ok(set)
    }

    fn first_crl(&self, keys: &dyn Keys, name: &str, x509: &[u8]) -> Result<Vec<u8>, KeySetError> {
        let signer = HandleSigner::new(keys, &handle(name)?)?;
        let life = if name == "root" { ROOT_CRL_LIFE } else { CRL_LIFE };
        let times = CrlTimes { this_update: self.now, next_update: self.now.plus(life) };
        Ok(crl::make(&Issuer { x509, signer: &signer }, 1, times, &[])?)
    }

    fn new_key<'k>(&self, keys: &'k dyn Keys, name: &str) -> Result<HandleSigner<'k>, KeySetError> {
        let handle = handle(name)?;
        keys.generate(&handle, Suite::P256)?;
        Ok(HandleSigner::new(keys, &handle)?)
    }

    fn crl_address(&self, authority: &str) -> Option<String> {
        self.public_url.map(|base| crl_address(base, authority))
    }

    fn particulars<'p>(
        &self,
        profile: &Profile,
        crl_address: Option<&'p str>,
        random: &dyn Random,
    ) -> Particulars<'p> {
        Particulars {
            serial: random.bytes(),
            not_before: self.now,
            not_after: self.now.plus(profile.life()),
            crl_address,
        }
    }

    fn write(&self, name: &str, text: &str) -> Result<(), KeySetError> {
        let path = self.directory.join(name);
        write_new(&path, text.as_bytes(), 0o644).map_err(|why| KeySetError::File(path, why))
    }
}

/// Where the service publishes an authority's revocation list.
pub fn crl_address(public_url: &str, authority: &str) -> String {
    format!("{}/crl/{authority}.crl", public_url.trim_end_matches('/'))
}

/// What a TLS server certificate is made of.
pub struct NewTlsServer<'a> {
    /// The key set's directory.
    pub directory: &'a Path,
    /// DNS names and IP addresses.
    pub hosts: Vec<String>,
    /// The service's public address, for the revocation list.
    pub public_url: Option<&'a str>,
    /// Life; the profile's if none is given.
    pub life: Option<Duration>,
    /// Now.
    pub now: Timestamp,
}

impl NewTlsServer<'_> {
    /// Makes a key `tls-server` if there is none, and `tls-server.pem`: the new certificate and the TLS CA's. An older one is
    /// replaced, so that renewing is repeating.
    pub fn make(&self, keys: &dyn Keys, random: &dyn Random) -> Result<Vec<u8>, KeySetError> {
        let set = KeySet::load(self.directory)?;
        let handle = handle("tls-server")?;
        match keys.generate(&handle, Suite::P256) {
            Ok(_) | Err(KeyError::Exists(_)) => {}
            Err(why) => return Err(why.into()),
        }
        let address = self.public_url.map(|base| crl_address(base, "tls-ca"));
        let profile = Profile::TlsServer { hosts: self.hosts.clone() };
        let ca = x509::read(&set.tls_ca)
            .map_err(|why| KeySetError::Content(self.directory.join("tls-ca.pem"), why))?;
        let particulars = Particulars {
            serial: random.bytes(),
            not_before: self.now,
            not_after: self.now.plus(self.life.unwrap_or(profile.life())).min(ca.not_after),
            crl_address: address.as_deref(),
        };
        let signer = HandleSigner::new(keys, &self::handle("tls-ca")?)?;
        let issuer = Issuer { x509: &set.tls_ca, signer: &signer };
        let der = x509::issue(&profile, &particulars, &keys.public_key(&handle)?.spki, &issuer)?;
        let path = self.directory.join("tls-server.pem");
        let failed = |why| KeySetError::File(path.clone(), why);
        match fs::remove_file(&path) {
            Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(failed(why)),
            _ => {}
        }
        let chain = pem::x509s_to_pem([der.as_slice(), set.tls_ca.as_slice()]);
        write_new(&path, chain.as_bytes(), 0o644).map_err(failed)?;
        Ok(der)
    }
}

fn handle(name: &str) -> Result<KeyHandle, KeyError> {
    KeyHandle::parse(name).ok_or_else(|| KeyError::Storage(format!("{name} is no handle")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::keys::SoftwareKeys;
    use crate::adapters::keys::testing::{RingRandom, passphrase};
    use crate::formats::x509::{PathQuery, Trust, Usage};
    use std::sync::Arc;

    #[test]
    fn a_set_is_made_once_and_reads_back() {
        let place = tempfile::tempdir().expect("a directory");
        let keys = SoftwareKeys::open(place.path(), passphrase(), Arc::new(RingRandom)).expect("opens");
        let now = Timestamp::from_seconds(1_800_000_000);
        let new = NewKeySet {
            directory: place.path(),
            name: "景川市",
            development: false,
            public_url: Some("https://zz.example/"),
            now,
        };
        let made = new.make(&keys, &RingRandom).expect("a set");
        let read = KeySet::load(place.path()).expect("reads");
        assert_eq!((&read.roots, &read.tsa, &read.crls), (&made.roots, &made.tsa, &made.crls));
        assert!(!read.is_development());
        assert!(matches!(new.make(&keys, &RingRandom), Err(KeySetError::Exists(_))));
        let tsa = x509::read(&read.tsa).expect("reads");
        assert_eq!(tsa.crl_addresses, ["https://zz.example/crl/root.crl"]);

        let trust = Trust::from_ders(read.roots.clone()).expect("a root");
        let crls: Vec<_> = read.crls.values().cloned().collect();
        let query = PathQuery {
            leaf: &read.tsa,
            intermediates: &[],
            crls: &crls,
            usage: Usage::TimeStamping,
            at: now,
        };
        assert!(trust.validate(&query).is_ok());

        let server = NewTlsServer {
            directory: place.path(),
            hosts: vec!["localhost".into(), "127.0.0.1".into()],
            public_url: None,
            life: None,
            now,
        };
        let first = server.make(&keys, &RingRandom).expect("made");
        let again = server.make(&keys, &RingRandom).expect("made again, on the same key");
        assert_ne!(first, again);
        assert_eq!(x509::read(&again).expect("reads").hosts, ["localhost", "127.0.0.1"]);
        assert_eq!(x509::spki(&again), x509::spki(&first));
    }

    #[test]
    fn a_development_set_says_so() {
        let place = tempfile::tempdir().expect("a directory");
        let keys = SoftwareKeys::open(place.path(), passphrase(), Arc::new(RingRandom)).expect("opens");
        let now = Timestamp::from_seconds(1_800_000_000);
        let new = NewKeySet { directory: place.path(), name: "x", development: true, public_url: None, now };
        assert!(new.make(&keys, &RingRandom).expect("a set").is_development());
    }
}
