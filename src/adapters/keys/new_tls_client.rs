//! Issuing a TLS client's X.509 certificate for a department's machine, under the TLS authority of the suite P-256.

use super::key_set::KeySetError;
use super::tls_ca::{Term, TlsCa};
use super::{OneKey, Passphrase};
use crate::crypto::{Signer, Suite};
use crate::domain::time::Timestamp;
use crate::formats::Unreadable;
use crate::formats::x509::{Profile, request};
use crate::ports::keys::{KeyError, Keys};
use crate::ports::random::Random;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What a TLS client certificate is made of.
pub struct NewTlsClient<'a> {
    /// The key set's directory.
    pub directory: &'a Path,
    /// [`Profile::TlsClient`]: whose machine it is.
    pub profile: Profile,
    /// Its key.
    pub key: ClientKey<'a>,
    /// Where certificate and chain are written (PEM); an older file is replaced, so that renewing is repeating.
    pub path: &'a Path,
    /// The service's public address, for the revocation list.
    pub public_url: Option<&'a str>,
    /// Life; the profile's if none is given, and never beyond the authority's.
    pub life: Option<Duration>,
    /// Now.
    pub now: Timestamp,
}

/// Whose key a client certificate is for.
pub enum ClientKey<'a> {
    /// The one that signed this request (PKCS#10, DER), which never leaves its machine.
    Requested(&'a [u8]),
    /// One made here and written to this file, encrypted under a passphrase of its own.
    New(&'a Path, &'a Passphrase),
}

/// A certificate that was issued.
pub struct TlsClient {
    /// DER.
    pub x509: Vec<u8>,
    /// Where it and the TLS authority's are.
    pub path: PathBuf,
}

/// Why no certificate was issued.
#[derive(Debug, thiserror::Error)]
pub enum TlsClientError {
    /// The key set, or a file.
    #[error(transparent)]
    KeySet(#[from] KeySetError),
    /// A key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The request cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// Whoever asks does not have the key.
    #[error("the request is not signed by the key it is for: let the machine that has the key make it again")]
    NotPossessed,
    /// TLS here speaks no such key.
    #[error("the request is for another kind of key; a TLS client's key here is ECDSA on P-256")]
    OtherSuite,
}

impl NewTlsClient<'_> {
    /// Issues it. Of a request only the key is taken: whose machine it is, the profile says.
    pub fn make(&self, keys: &dyn Keys, random: &dyn Random) -> Result<TlsClient, TlsClientError> {
        let ca = TlsCa::load(self.directory, keys)?;
        let term = Term { public_url: self.public_url, life: self.life, now: self.now };
        let der = ca.issue(&self.profile, &self.spki(random)?, &term, random, self.path)?;
        Ok(TlsClient { x509: der, path: self.path.to_owned() })
    }

    fn spki(&self, random: &dyn Random) -> Result<Vec<u8>, TlsClientError> {
        match &self.key {
            ClientKey::New(path, passphrase) => {
                Ok(OneKey::make(path, Suite::P256, passphrase, random)?.spki().to_vec())
            }
            ClientKey::Requested(der) => {
                let facts = request::read(der)?;
                // TLS here is rustls, which speaks no SM2.
                if facts.suite != Some(Suite::P256) {
                    return Err(TlsClientError::OtherSuite);
                }
                if !facts.proves_possession {
                    return Err(TlsClientError::NotPossessed);
                }
                Ok(facts.spki)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::keys::testing::{RingRandom, passphrase};
    use crate::adapters::keys::{KeySet, NewKeySet, SoftwareKeys};
    use crate::formats::x509::testing::new_key;
    use crate::formats::x509::{self, PathFault, PathQuery, Trust, Usage, pem};
    use std::sync::Arc;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn key_set() -> (tempfile::TempDir, SoftwareKeys, KeySet) {
        let place = tempfile::tempdir().expect("a directory");
        let keys = SoftwareKeys::open(place.path(), passphrase(), Arc::new(RingRandom)).expect("opens");
        let (directory, public_url) = (place.path(), Some("https://zz.example"));
        let new = NewKeySet {
            directory,
            suite: Suite::P256,
            name: "景川市",
            development: false,
            public_url,
            now: NOW,
        };
        let set = new.make(&keys, &RingRandom).expect("a set");
        (place, keys, set)
    }

    fn new<'a>(directory: &'a Path, path: &'a Path, key: ClientKey<'a>) -> NewTlsClient<'a> {
        NewTlsClient {
            directory,
            profile: Profile::TlsClient {
                owner_code: "11990000MB0000001M".into(),
                owner_name: "景川市市场监督管理局".into(),
                name: "业务系统".into(),
            },
            key,
            path,
            public_url: Some("https://zz.example"),
            life: None,
            now: NOW,
        }
    }

    fn requested(suite: Suite) -> Vec<u8> {
        // What the requester calls itself does not matter.
        let profile = Profile::SealMaker { name: "root".into() };
        request::make(&profile, &new_key(suite)).expect("a request")
    }

    #[test]
    fn a_request_becomes_a_clients_certificate_of_the_department() {
        let (place, keys, set) = key_set();
        let path = place.path().join("client.pem");
        let asked = requested(Suite::P256);
        let made =
            new(place.path(), &path, ClientKey::Requested(&asked)).make(&keys, &RingRandom).expect("issued");
        let facts = x509::read(&made.x509).expect("reads");
        assert_eq!(facts.subject, "C=CN, O=11990000MB0000001M 景川市市场监督管理局, CN=业务系统");
        assert_eq!(facts.spki, request::read(&asked).expect("reads").spki);
        assert_eq!(facts.crl_addresses, ["https://zz.example/crl/tls-ca.crl"]);
        assert_eq!(facts.not_after, NOW.plus(Duration::from_secs(397 * 24 * 60 * 60)));
        let written = std::fs::read_to_string(&path).expect("written");
        assert_eq!(pem::x509s_from_pem(&written), Ok(vec![made.x509.clone(), set.tls_ca.clone()]));

        let trust = Trust::from_ders([set.root.clone()]).expect("a root");
        let (intermediates, crls): (_, Vec<_>) = ([set.tls_ca.clone()], set.crls.values().cloned().collect());
        let judged = |usage| {
            let query =
                PathQuery { leaf: &made.x509, intermediates: &intermediates, crls: &crls, usage, at: NOW };
            trust.validate(&query)
        };
        assert!(judged(Usage::TlsClient).is_ok());
        assert!(matches!(judged(Usage::Sealing), Err(PathFault::Unfit(_))), "it seals nothing");
    }

    #[test]
    fn a_new_key_is_written_encrypted_and_never_over_another() {
        let (place, keys, _) = key_set();
        let (path, key_path) = (place.path().join("client.pem"), place.path().join("client.key.pem"));
        let own = Passphrase::new("the department's own").expect("long enough");
        let new = || new(place.path(), &path, ClientKey::New(&key_path, &own)).make(&keys, &RingRandom);
        let made = new().expect("issued");
        let key = OneKey::open(&key_path, &own).expect("opens");
        assert_eq!(x509::spki(&made.x509), Ok(key.spki()));
        assert!(OneKey::open(&key_path, &passphrase()).is_err(), "another passphrase than the key set's");
        assert!(matches!(new(), Err(TlsClientError::KeySet(KeySetError::File(_, _)))));
        assert_eq!(OneKey::open(&key_path, &own).expect("opens").spki(), key.spki());
    }

    #[test]
    fn requests_of_others_keys_and_of_other_suites_are_refused() {
        let (place, keys, _) = key_set();
        let path = place.path().join("client.pem");
        let refused = |asked: &[u8]| {
            let outcome = new(place.path(), &path, ClientKey::Requested(asked)).make(&keys, &RingRandom);
            assert!(!path.exists());
            outcome.err().expect("refused")
        };
        let mut twin = requested(Suite::P256);
        *twin.last_mut().expect("a signature") ^= 1;
        assert!(matches!(refused(&twin), TlsClientError::NotPossessed | TlsClientError::Unreadable(_)));
        assert!(matches!(refused(&requested(Suite::Sm2)), TlsClientError::OtherSuite));
        assert!(matches!(refused(b"hello"), TlsClientError::Unreadable(_)));
    }
}
