//! A [`Vault`] whose key is derived from a key file: `secrets.key.pem`, encrypted under the passphrase as all others are, made
//! at the first start. It holds a key of P-256 with which nothing is signed; only its bytes are used, as material that
//! nobody else has. To change it, name it `secrets-old.key.pem` and start the service: it makes a new one, and closes anew
//! what the old one closed.
//!
//! A closed secret: one byte of form, four that name the key, twelve of number, the ciphertext with its tag.

use crate::crypto::{CLOSING_NONCE, ClosingKey, hmac_sha256};
use crate::ports::random::Random;
use crate::ports::vault::{Vault, VaultError};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Name of the key file.
pub(super) const CURRENT: &str = "secrets";
/// Name of the one before.
pub(super) const BEFORE: &str = "secrets-old";
/// What the key is for.
const PURPOSE: &str = "yinzheng secrets 1";
/// What the other key is for that is derived from the same bytes.
const PSEUDONYMS: &str = "yinzheng pseudonyms 1";
/// The form of what is closed.
const FORM: u8 = 1;

/// Keys derived from key files.
pub struct KeyVault {
    current: ClosingKey,
    before: Option<ClosingKey>,
    /// The keys of pseudonyms, the newest first.
    pseudonyms: Vec<Zeroizing<[u8; 32]>>,
    random: Arc<dyn Random>,
}

impl KeyVault {
    /// From the bytes of the key file, and of the one before it.
    pub(super) fn new(current: &[u8], before: Option<&[u8]>, random: Arc<dyn Random>) -> Self {
        let derive = |material: &[u8]| ClosingKey::derive(material, PURPOSE);
        let of_pseudonyms = |material: &[u8]| Zeroizing::new(hmac_sha256(material, &[PSEUDONYMS.as_bytes()]));
        let pseudonyms = [Some(current), before].into_iter().flatten().map(of_pseudonyms).collect();
        Self { current: derive(current), before: before.map(derive), pseudonyms, random }
    }
}

impl Vault for KeyVault {
    fn close(&self, about: &str, secret: &[u8]) -> Vec<u8> {
        let mut nonce = [0; CLOSING_NONCE];
        self.random.fill(&mut nonce);
        let closed = self.current.close(nonce, about.as_bytes(), secret);
        [&[FORM][..], &self.current.id(), &nonce, &closed].concat()
    }

    fn open(&self, about: &str, closed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let (id, nonce, closed) = parts(closed).ok_or(VaultError("it is not of the form"))?;
        let key =
            [Some(&self.current), self.before.as_ref()].into_iter().flatten().find(|key| key.id() == id);
        let key = key.ok_or(VaultError(
            "the key that closed it is not here; see secrets.key.pem in docs/webhooks.md",
        ))?;
        key.open(nonce, about.as_bytes(), closed).ok_or(VaultError("it was changed, or is another's"))
    }

    fn pseudonyms(&self, about: &str, number: &[u8]) -> Vec<[u8; 32]> {
        // The length keeps `about` and the number apart.
        let length = (about.len() as u64).to_be_bytes();
        let of =
            |key: &Zeroizing<[u8; 32]>| hmac_sha256(key.as_slice(), &[&length, about.as_bytes(), number]);
        self.pseudonyms.iter().map(of).collect()
    }

    fn is_current(&self, closed: &[u8]) -> bool {
        parts(closed).is_some_and(|(id, ..)| id == self.current.id())
    }
}

type Parts<'c> = ([u8; 4], [u8; CLOSING_NONCE], &'c [u8]);

fn parts(closed: &[u8]) -> Option<Parts<'_>> {
    let (form, rest) = closed.split_first()?;
    let (id, rest) = rest.split_first_chunk()?;
    let (nonce, rest) = rest.split_first_chunk()?;
    (*form == FORM).then_some((*id, *nonce, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::keys::SoftwareKeys;
    use crate::adapters::keys::testing::{RingRandom, passphrase};
    use std::fs;
    use std::path::Path;

    fn vault(directory: &Path) -> KeyVault {
        let keys = SoftwareKeys::open(directory, passphrase(), Arc::new(RingRandom)).expect("opens");
        keys.vault().expect("a vault")
    }

    #[test]
    fn a_secret_outlives_the_process_and_opens_for_whom_it_was_closed() {
        let place = tempfile::tempdir().expect("a directory");
        let first = vault(place.path());
        let closed = first.close("wh_1", b"secret");
        assert!(first.close("wh_1", b"secret") != closed, "the same twice looks different");
        let again = vault(place.path());
        assert_eq!(again.open("wh_1", &closed).expect("opens").as_slice(), b"secret");
        assert!(again.is_current(&closed));
        assert!(again.open("wh_2", &closed).is_err());
        for twin in [&closed[..closed.len() - 1], &closed[..10], &[][..], &[0; 32][..]] {
            assert!(again.open("wh_1", twin).is_err(), "{twin:?}");
        }
        assert!(!again.is_current(&[0; 32]));
        let elsewhere = tempfile::tempdir().expect("a directory");
        assert!(vault(elsewhere.path()).open("wh_1", &closed).is_err());
    }

    #[test]
    fn a_key_that_was_changed_opens_what_it_closed_until_it_is_taken_away() {
        let place = tempfile::tempdir().expect("a directory");
        let first = vault(place.path());
        let closed = first.close("wh_1", b"secret");
        let before = first.pseudonyms("person", b"1");
        assert_eq!(before, vault(place.path()).pseudonyms("person", b"1"));
        assert!(before != first.pseudonyms("person", b"2") && before != first.pseudonyms("persons", b"1"));
        let path = |name: &str| place.path().join(format!("{name}.key.pem"));
        fs::rename(path(CURRENT), path(BEFORE)).expect("renamed");
        let changed = vault(place.path());
        assert!(!changed.is_current(&closed));
        let opened = changed.open("wh_1", &closed).expect("opens");
        let known = changed.pseudonyms("person", b"1");
        assert_eq!((known.len(), known[1]), (2, before[0]), "what it stood for before is still found");
        let anew = changed.close("wh_1", &opened);
        assert!(changed.is_current(&anew));
        fs::remove_file(path(BEFORE)).expect("removed");
        let after = vault(place.path());
        assert!(after.open("wh_1", &closed).is_err());
        assert_eq!(after.open("wh_1", &anew).expect("opens").as_slice(), b"secret");
    }
}
