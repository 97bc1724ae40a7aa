//! [`Keys`] held in this process, encrypted at rest in a directory.

use super::key_file::{self, NotPrivate, Passphrase, check_private};
use super::vault::{self, KeyVault};
use crate::crypto::{PrivateKey, Signer, Suite};
use crate::ports::keys::{KeyError, KeyHandle, Keys, PublicKey};
use crate::ports::random::Random;
use std::collections::HashMap;
use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

const SUFFIX: &str = ".key.pem";

/// Why a key directory could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory cannot be made or read.
    #[error("the key directory {0} cannot be used: {1}")]
    Directory(PathBuf, io::Error),
    /// A key in it cannot be read, most likely for another passphrase.
    #[error("the key file {0} cannot be read: {1}")]
    Key(PathBuf, io::Error),
}

/// Keys in files `HANDLE.key.pem`. A key is decrypted when first used and kept; private bytes never leave.
pub struct SoftwareKeys {
    directory: PathBuf,
    also: Option<PathBuf>,
    passphrase: Passphrase,
    random: Arc<dyn Random>,
    loaded: RwLock<HashMap<KeyHandle, Arc<PrivateKey>>>,
}

impl SoftwareKeys {
    /// Opens a directory, making it if it is not there, and tries the passphrase on one of its keys if it has any.
    pub fn open(
        directory: &Path,
        passphrase: Passphrase,
        random: Arc<dyn Random>,
    ) -> Result<Self, OpenError> {
        let failed = |why| OpenError::Directory(directory.to_owned(), why);
        fs::DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(failed)?;
        let keys = Self {
            directory: directory.to_owned(),
            also: None,
            passphrase,
            random,
            loaded: RwLock::default(),
        };
        if let Some(first) = key_files(directory).map_err(failed)?.into_iter().next() {
            key_file::read_key(&first, &keys.passphrase).map_err(|why| OpenError::Key(first, why))?;
        }
        Ok(keys)
    }

    /// Also uses the keys of another directory under the same passphrase, without ever writing to it: the authorities'
    /// keys may lie in one that is read-only.
    pub fn also_reading(mut self, directory: &Path) -> Self {
        self.also = Some(directory.to_owned());
        self
    }

    /// Refuses if any key file may be read by others than its owner.
    pub fn check_private(&self) -> Result<(), NotPrivate> {
        let directories = [Some(&self.directory), self.also.as_ref()];
        for directory in directories.into_iter().flatten() {
            for file in key_files(directory).unwrap_or_default() {
                check_private(&file)?;
            }
        }
        Ok(())
    }

    /// Whether there is a key of this handle; an authority whose key is kept elsewhere cannot sign here.
    pub fn has(&self, handle: &KeyHandle) -> bool {
        self.find(handle).is_some()
    }

    /// What secrets are closed with before they are stored; its key file is made if it is not there.
    pub fn vault(&self) -> Result<KeyVault, KeyError> {
        let named = |name| KeyHandle::parse(name).expect("a handle");
        let (current, before) = (named(vault::CURRENT), named(vault::BEFORE));
        match self.generate(&current, Suite::P256) {
            // There before, or another process was quicker.
            Ok(_) | Err(KeyError::Exists(_)) => {}
            Err(why) => return Err(why),
        }
        let read = |handle: &KeyHandle| {
            let path = self.find(handle).ok_or_else(|| KeyError::Unknown(handle.clone()))?;
            let failed = |why: io::Error| KeyError::Storage(format!("{}: {why}", path.display()));
            key_file::read_key(&path, &self.passphrase).map_err(failed)
        };
        let (current, before) = (read(&current)?, self.has(&before).then(|| read(&before)).transpose()?);
        let before = before.as_ref().map(|document| document.as_bytes());
        Ok(KeyVault::new(current.as_bytes(), before, Arc::clone(&self.random)))
    }

    fn find(&self, handle: &KeyHandle) -> Option<PathBuf> {
        let directories = [Some(&self.directory), self.also.as_ref()];
        let mut paths = directories.into_iter().flatten().map(|directory| path_in(directory, handle));
        paths.find(|path| path.is_file())
    }

    fn key(&self, handle: &KeyHandle) -> Result<Arc<PrivateKey>, KeyError> {
        if let Some(key) = self.loaded.read().unwrap_or_else(PoisonError::into_inner).get(handle) {
            return Ok(key.clone());
        }
        let path = self.find(handle).ok_or_else(|| KeyError::Unknown(handle.clone()))?;
        let failed = |why: &dyn std::fmt::Display| KeyError::Storage(format!("{}: {why}", path.display()));
        let pkcs8 = key_file::read_key(&path, &self.passphrase).map_err(|why| failed(&why))?;
        let loaded = Arc::new(PrivateKey::from_pkcs8(pkcs8.as_bytes()).map_err(|why| failed(&why))?);
        let mut all = self.loaded.write().unwrap_or_else(PoisonError::into_inner);
        Ok(all.entry(handle.clone()).or_insert(loaded).clone())
    }
}

impl Keys for SoftwareKeys {
    fn generate(&self, handle: &KeyHandle, suite: Suite) -> Result<PublicKey, KeyError> {
        let storage = |why: &dyn std::fmt::Display| KeyError::Storage(why.to_string());
        if self.has(handle) {
            return Err(KeyError::Exists(handle.clone()));
        }
        let pkcs8 = PrivateKey::generate_pkcs8(suite).map_err(|why| storage(&why))?;
        let loaded = Arc::new(PrivateKey::from_pkcs8(&pkcs8).map_err(|why| storage(&why))?);
        let path = path_in(&self.directory, handle);
        let parent = path.parent().unwrap_or(&self.directory);
        fs::DirBuilder::new().recursive(true).mode(0o700).create(parent).map_err(|why| storage(&why))?;
        match key_file::write_key(&path, &pkcs8, &self.passphrase, self.random.as_ref()) {
            Ok(()) => {}
            Err(why) if why.kind() == io::ErrorKind::AlreadyExists => {
                return Err(KeyError::Exists(handle.clone()));
            }
            Err(why) => return Err(storage(&why)),
        }
        let public = public_of(&loaded);
        self.loaded.write().unwrap_or_else(PoisonError::into_inner).insert(handle.clone(), loaded);
        Ok(public)
    }

    fn public_key(&self, handle: &KeyHandle) -> Result<PublicKey, KeyError> {
        Ok(public_of(&*self.key(handle)?))
    }

    fn sign_unchecked(&self, handle: &KeyHandle, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let key = self.key(handle)?;
        key.sign(message).map_err(|why| KeyError::Storage(format!("the key {handle} did not sign: {why}")))
    }
}

fn public_of(key: &PrivateKey) -> PublicKey {
    PublicKey { suite: key.suite(), spki: key.spki().to_vec() }
}

fn path_in(directory: &Path, handle: &KeyHandle) -> PathBuf {
    directory.join(format!("{handle}{SUFFIX}"))
}

/// Every key file below a directory, by name. Handles have few parts, so the depth is small.
fn key_files(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut waiting = vec![directory.to_owned()];
    while let Some(directory) = waiting.pop() {
        for entry in fs::read_dir(&directory)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                waiting.push(entry.path());
            } else if entry.file_name().to_string_lossy().ends_with(SUFFIX) {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::keys::testing::{RingRandom, passphrase};
    use std::os::unix::fs::PermissionsExt;

    fn open(directory: &Path) -> SoftwareKeys {
        SoftwareKeys::open(directory, passphrase(), Arc::new(RingRandom)).expect("opens")
    }

    fn handle(text: &str) -> KeyHandle {
        KeyHandle::parse(text).expect("a handle")
    }

    #[test]
    fn a_key_outlives_the_process_and_only_its_owner_reads_it() {
        for suite in Suite::ALL {
            outlives(suite);
        }
    }

    fn outlives(suite: Suite) {
        let place = tempfile::tempdir().expect("a directory");
        let seal = handle("seal/12345678901234");
        let made = open(place.path()).generate(&seal, suite).expect("a key");
        assert_eq!((made.suite, Suite::of_key(&made.spki)), (suite, Some(suite)));
        let again = open(place.path());
        assert_eq!(again.public_key(&seal).expect("there"), made);
        let signature = again.sign(&seal, b"message").expect("signs");
        assert!(suite.verify(&made.spki, b"message", &signature));
        assert!(!suite.verify(&made.spki, b"messagf", &signature));

        let file = place.path().join("seal/12345678901234.key.pem");
        assert!(fs::read_to_string(&file).expect("a file").starts_with("-----BEGIN ENCRYPTED PRIVATE KEY"));
        assert!(again.check_private().is_ok());
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("chmod");
        assert_eq!(again.check_private().expect_err("readable by all").mode, 0o644);
    }

    #[test]
    fn a_handle_is_taken_once() {
        let place = tempfile::tempdir().expect("a directory");
        let keys = open(place.path());
        let first = keys.generate(&handle("tsa"), Suite::P256).expect("a key");
        assert!(matches!(keys.generate(&handle("tsa"), Suite::P256), Err(KeyError::Exists(_))));
        assert!(matches!(open(place.path()).generate(&handle("tsa"), Suite::P256), Err(KeyError::Exists(_))));
        assert_eq!(keys.public_key(&handle("tsa")).expect("there"), first);
        assert!(matches!(keys.sign(&handle("tsb"), b""), Err(KeyError::Unknown(_))));
    }

    #[test]
    fn another_passphrase_opens_nothing_and_a_changed_byte_is_noticed() {
        let place = tempfile::tempdir().expect("a directory");
        open(place.path()).generate(&handle("tsa"), Suite::P256).expect("a key");
        let other = Passphrase::new("another passphrase").expect("long enough");
        let refused = SoftwareKeys::open(place.path(), other, Arc::new(RingRandom));
        assert!(matches!(refused, Err(OpenError::Key(_, _))));

        let file = place.path().join("tsa.key.pem");
        let text = fs::read_to_string(&file).expect("a file");
        let middle = text.len() - 60;
        let twin = if text.as_bytes()[middle] == b'A' { "B" } else { "A" };
        fs::write(&file, [&text[..middle], twin, &text[middle + 1..]].concat()).expect("writes");
        assert!(SoftwareKeys::open(place.path(), passphrase(), Arc::new(RingRandom)).is_err());
    }

    #[test]
    fn a_second_directory_is_read_but_never_written() {
        let (own, shared) = (tempfile::tempdir().expect("one"), tempfile::tempdir().expect("two"));
        let root = open(shared.path()).generate(&handle("root"), Suite::P256).expect("a key");
        let keys = open(own.path()).also_reading(shared.path());
        assert_eq!(keys.public_key(&handle("root")).expect("there"), root);
        assert!(matches!(keys.generate(&handle("root"), Suite::P256), Err(KeyError::Exists(_))));
        keys.generate(&handle("seal/1"), Suite::P256).expect("a key");
        assert!(!shared.path().join("seal").exists());
    }
}
