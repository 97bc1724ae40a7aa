//! One key in one file: PKCS#8, encrypted under a passphrase (PBES2: scrypt, AES-256-CBC), as PEM.

use crate::ports::random::Random;
use pkcs8::der::{Decode, pem::LineEnding, pem::PemLabel};
use pkcs8::pkcs5::{pbes2, scrypt};
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef, SecretDocument};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use zeroize::Zeroizing;

/// scrypt's cost, 2 to this: 16 MiB and some 40 ms. OpenSSL 3 refuses to read files that cost more than 32 MiB.
const LOG_COST: u8 = 14;
/// The cost under the passphrase that everybody knows, which no cost protects: the tests start hundreds of services.
const LOG_COST_OF_DEVELOPMENT: u8 = 10;
/// The passphrase of the development keys.
const OF_DEVELOPMENT: &str = "development";
/// A key file has under 1 KiB.
const MAX_BYTES: u64 = 64 << 10;
const SHORTEST: usize = 8;
/// Numbers the drafts of this process.
static DRAFTS: AtomicU64 = AtomicU64::new(0);

/// What the key files are encrypted under. Wiped when dropped, never shown.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

/// Why there is no passphrase.
#[derive(Debug, thiserror::Error)]
pub enum PassphraseError {
    /// The file cannot be read.
    #[error("the passphrase file {0} cannot be read: {1}")]
    File(PathBuf, io::Error),
    /// The environment variable is not set.
    #[error("the environment variable {0} holds no passphrase")]
    Variable(String),
    /// It is too short to protect anything.
    #[error("a passphrase has at least {SHORTEST} characters")]
    TooShort,
}

impl Passphrase {
    /// A passphrase from its text; the end of the line is not part of it.
    pub fn new(text: &str) -> Result<Self, PassphraseError> {
        let text = text.trim_end_matches(['\r', '\n']);
        if text.chars().count() < SHORTEST {
            return Err(PassphraseError::TooShort);
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// scrypt's cost under it, as a power of two.
    fn log_cost(&self) -> u8 {
        if self.0.as_str() == OF_DEVELOPMENT { LOG_COST_OF_DEVELOPMENT } else { LOG_COST }
    }

    /// The first line of a file.
    pub fn from_file(path: &Path) -> Result<Self, PassphraseError> {
        let text = fs::read_to_string(path).map_err(|why| PassphraseError::File(path.to_owned(), why))?;
        let text = Zeroizing::new(text);
        Self::new(text.lines().next().unwrap_or_default())
    }

    /// The value of an environment variable.
    pub fn from_variable(name: &str) -> Result<Self, PassphraseError> {
        let text = std::env::var(name).map_err(|_| PassphraseError::Variable(name.to_owned()))?;
        Self::new(&Zeroizing::new(text))
    }
}

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

/// A key file that others than its owner may read.
#[derive(Debug, thiserror::Error)]
#[error("{} may be read by others (mode {mode:03o}); run: chmod 600 {}", path.display(), path.display())]
pub struct NotPrivate {
    /// The file.
    pub path: PathBuf,
    /// Its permission bits.
    pub mode: u32,
}

/// Refuses a file that its group or the world can read or write. A file that is not there is private.
pub fn check_private(path: &Path) -> Result<(), NotPrivate> {
    use std::os::unix::fs::PermissionsExt;
    let Ok(metadata) = fs::metadata(path) else { return Ok(()) };
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 == 0 { Ok(()) } else { Err(NotPrivate { path: path.to_owned(), mode }) }
}

/// Encrypts a PKCS#8 key and writes it where no file is yet; durable when this returns.
pub(super) fn write_key(
    path: &Path,
    pkcs8: &[u8],
    passphrase: &Passphrase,
    random: &dyn Random,
) -> io::Result<()> {
    let params = scrypt::Params::new(passphrase.log_cost(), 8, 1).map_err(io::Error::other)?;
    let (salt, iv) = (random.bytes::<16>(), random.bytes::<16>());
    let params = pbes2::Parameters::generate_scrypt_aes256cbc(params, &salt, iv).map_err(io::Error::other)?;
    let info = PrivateKeyInfoRef::from_der(pkcs8).map_err(io::Error::other)?;
    let sealed = info.encrypt_with_params(params, passphrase.0.as_bytes()).map_err(io::Error::other)?;
    let pem =
        sealed.to_pem(EncryptedPrivateKeyInfoRef::PEM_LABEL, LineEnding::LF).map_err(io::Error::other)?;
    write_new(path, pem.as_bytes(), 0o600)
}

/// Decrypts a key file to PKCS#8.
pub(super) fn read_key(path: &Path, passphrase: &Passphrase) -> io::Result<SecretDocument> {
    if fs::metadata(path)?.len() > MAX_BYTES {
        return Err(io::Error::other("too large for a key file"));
    }
    let pem = Zeroizing::new(fs::read_to_string(path)?);
    let (label, sealed) = SecretDocument::from_pem(&pem).map_err(io::Error::other)?;
    if label != EncryptedPrivateKeyInfoRef::PEM_LABEL {
        return Err(io::Error::other(format!("an encrypted key was expected, not {label}")));
    }
    let sealed = EncryptedPrivateKeyInfoRef::try_from(sealed.as_bytes()).map_err(io::Error::other)?;
    sealed.decrypt(passphrase.0.as_bytes()).map_err(|_| {
        io::Error::other("it cannot be decrypted: the passphrase is another, or the file is damaged")
    })
}

/// Writes a new file whole or not at all. Fails with `AlreadyExists` if there is one, also against a race.
pub(super) fn write_new(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    // A link fails where a rename would silently replace.
    write_as(path, bytes, mode, |draft, path| fs::hard_link(draft, path))
}

/// Writes a file whole or not at all in the place of any other; nobody ever reads a part of it.
pub(super) fn replace(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    write_as(path, bytes, mode, |draft, path| fs::rename(draft, path))
}

fn write_as(
    path: &Path,
    bytes: &[u8],
    mode: u32,
    place: impl FnOnce(&Path, &Path) -> io::Result<()>,
) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let parent = path.parent().ok_or_else(|| io::Error::other("a path without a directory"))?;
    let name = path.file_name().ok_or_else(|| io::Error::other("a path without a name"))?;
    // Two of this process may write the same file at once: each has a draft of its own, and the link decides.
    let number = DRAFTS.fetch_add(1, Ordering::Relaxed);
    let draft = parent.join(format!(".{}.{}-{number}.draft", name.to_string_lossy(), std::process::id()));
    let written =
        OpenOptions::new().write(true).create_new(true).mode(mode).open(&draft).and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        });
    let placed = written.and_then(|()| place(&draft, path));
    fs::remove_file(&draft).or_else(|why| match why.kind() {
        io::ErrorKind::NotFound => Ok(()),
        _ => Err(why),
    })?;
    placed?;
    File::open(parent)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::random::SystemRandom;
    use crate::crypto::{PrivateKey, Suite};

    fn cost(path: &Path) -> u64 {
        let pem = fs::read_to_string(path).expect("written");
        let (_, sealed) = SecretDocument::from_pem(&pem).expect("PEM");
        let sealed = EncryptedPrivateKeyInfoRef::try_from(sealed.as_bytes()).expect("an encrypted key");
        let scheme = sealed.encryption_algorithm.pbes2().expect("PBES2");
        scheme.kdf.scrypt().expect("scrypt").cost_parameter
    }

    #[test]
    fn only_the_passphrase_that_everybody_knows_is_cheap() {
        let directory = tempfile::tempdir().expect("a directory");
        let key = PrivateKey::generate_pkcs8(Suite::P256).expect("a key");
        for (text, log_cost) in [("development", 10), ("developments", 14), ("Development", 14)] {
            let (path, passphrase) =
                (directory.path().join(text), Passphrase::new(text).expect("long enough"));
            write_key(&path, &key, &passphrase, &SystemRandom).expect("written");
            assert_eq!(cost(&path), 1 << log_cost, "{text}");
            assert_eq!(read_key(&path, &passphrase).expect("opens").as_bytes(), key.as_slice());
        }
        let other = Passphrase::new("developments").expect("long enough");
        assert!(read_key(&directory.path().join("development"), &other).is_err());
    }
}
