//! One key in a file of its own, outside any key directory: a root's from its safe, or one made for somebody else.

use super::key_file::{self, Passphrase};
use super::{KeySetError, OpenError};
use crate::crypto::{PrivateKey, SignError, Signer, Suite};
use crate::ports::random::Random;
use std::io;
use std::path::Path;

/// A key that was read from a file, or made and written to one; decrypted as long as this lives.
pub struct OneKey(PrivateKey);

impl OneKey {
    /// Reads the key file.
    pub fn open(path: &Path, passphrase: &Passphrase) -> Result<Self, OpenError> {
        let failed = |why| OpenError::Key(path.to_owned(), why);
        let pkcs8 = key_file::read_key(path, passphrase).map_err(failed)?;
        PrivateKey::from_pkcs8(pkcs8.as_bytes()).map(Self).map_err(|why| failed(io::Error::other(why.0)))
    }

    /// Makes a key and writes it, encrypted, where no file is yet; durable when this returns.
    pub fn make(
        path: &Path,
        suite: Suite,
        passphrase: &Passphrase,
        random: &dyn Random,
    ) -> Result<Self, KeySetError> {
        let failed = |why| KeySetError::File(path.to_owned(), why);
        let refused = |why: SignError| failed(io::Error::other(why.0));
        let pkcs8 = PrivateKey::generate_pkcs8(suite).map_err(refused)?;
        let key = PrivateKey::from_pkcs8(&pkcs8).map_err(refused)?;
        key_file::write_key(path, &pkcs8, passphrase, random).map_err(|why| match why.kind() {
            io::ErrorKind::AlreadyExists => {
                failed(io::Error::new(why.kind(), "there is a file already; a key is never overwritten"))
            }
            _ => failed(why),
        })?;
        Ok(Self(key))
    }
}

impl Signer for OneKey {
    fn suite(&self) -> Suite {
        self.0.suite()
    }

    fn spki(&self) -> &[u8] {
        self.0.spki()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let signature = self.0.sign(message)?;
        // A fault in memory or processor while signing could give the key away: nothing leaves unchecked.
        if !self.0.suite().verify(self.0.spki(), message, &signature) {
            return Err(SignError("the key signed wrongly".into()));
        }
        Ok(signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::keys::testing::{RingRandom, passphrase};

    #[test]
    fn a_key_is_made_once_and_opens_under_its_passphrase_only() {
        let place = tempfile::tempdir().expect("a directory");
        let path = place.path().join("client.key.pem");
        for suite in Suite::ALL {
            let made = OneKey::make(&path, suite, &passphrase(), &RingRandom).expect("a key");
            let again = OneKey::open(&path, &passphrase()).expect("opens");
            assert_eq!((again.suite(), again.spki()), (suite, made.spki()));
            let signature = again.sign(b"message").expect("signs");
            assert!(suite.verify(made.spki(), b"message", &signature));
            let other = Passphrase::new("another passphrase").expect("long enough");
            assert!(matches!(OneKey::open(&path, &other), Err(OpenError::Key(_, _))));
            let twice = OneKey::make(&path, suite, &passphrase(), &RingRandom);
            assert!(
                matches!(twice, Err(KeySetError::File(_, why)) if why.kind() == io::ErrorKind::AlreadyExists)
            );
            std::fs::remove_file(&path).expect("there");
        }
    }
}
