//! Making and renewing the TLS server's X.509 certificate, under the TLS authority of the suite P-256.

use super::key_set::{KeySetError, set_key};
use super::tls_ca::{Term, TlsCa};
use crate::crypto::Suite;
use crate::domain::time::Timestamp;
use crate::formats::x509::Profile;
use crate::ports::keys::{KeyError, Keys};
use crate::ports::random::Random;
use std::path::Path;
use std::time::Duration;

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
        let ca = TlsCa::load(self.directory, keys)?;
        let handle = set_key(Suite::P256, "tls-server")?;
        match keys.generate(&handle, Suite::P256) {
            Ok(_) | Err(KeyError::Exists(_)) => {}
            Err(why) => return Err(why.into()),
        }
        let profile = Profile::TlsServer { hosts: self.hosts.clone() };
        let spki = keys.public_key(&handle)?.spki;
        let term = Term { public_url: self.public_url, life: self.life, now: self.now };
        ca.issue(&profile, &spki, &term, random, &self.directory.join("tls-server.pem"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::keys::testing::{RingRandom, passphrase};
    use crate::adapters::keys::{NewKeySet, SoftwareKeys};
    use crate::formats::x509;
    use std::sync::Arc;

    #[test]
    fn renewing_is_repeating() {
        let place = tempfile::tempdir().expect("a directory");
        let keys = SoftwareKeys::open(place.path(), passphrase(), Arc::new(RingRandom)).expect("opens");
        let now = Timestamp::from_seconds(1_800_000_000);
        let (directory, suite, public_url) = (place.path(), Suite::P256, None);
        let new = NewKeySet { directory, suite, name: "景川市", development: false, public_url, now };
        new.make(&keys, &RingRandom).expect("a set");
        let hosts = vec!["localhost".into(), "127.0.0.1".into()];
        let server = NewTlsServer { directory, hosts, public_url: None, life: None, now };
        let first = server.make(&keys, &RingRandom).expect("made");
        let again = server.make(&keys, &RingRandom).expect("made again, on the same key");
        assert_ne!(first, again);
        assert_eq!(x509::read(&again).expect("reads").hosts, ["localhost", "127.0.0.1"]);
        assert_eq!(x509::spki(&again), x509::spki(&first));
    }
}
