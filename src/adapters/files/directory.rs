//! License files in a directory: `ROOT/ab/abcd…`, named by content hash, in 256 folders.
//!
//! A file is written under a passing name in `ROOT/tmp`, synced, renamed into its place, and its folder synced: a
//! reader sees all of it or nothing, and it stays once [`Files::put`] has returned. Paths are made of the hash's
//! hexadecimal digits alone.

use crate::crypto::sha256;
use crate::ports::files::{ContentHash, Files, FilesError};
use async_trait::async_trait;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Result, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The largest file kept, in bytes: above the 50 MB that verification reads.
const LARGEST: u64 = 64 << 20;

/// Files in a directory of the local disk.
pub struct DirectoryFiles {
    shelf: Arc<Shelf>,
}

struct Shelf {
    root: PathBuf,
    /// Held shared as long as we live: who gets it alone may clear away what a crash left in `tmp`.
    _lock: File,
    /// Tells passing names apart.
    written: AtomicU64,
}

impl DirectoryFiles {
    /// Opens the directory, making it if need be. Several processes may share it.
    pub fn open(root: impl Into<PathBuf>) -> std::result::Result<Self, FilesError> {
        let root = root.into();
        let named = |error: std::io::Error| FilesError(format!("{}: {error}", root.display()));
        let lock = Shelf::prepare(&root).map_err(named)?;
        Ok(Self { shelf: Arc::new(Shelf { root, _lock: lock, written: AtomicU64::new(0) }) })
    }
}

#[async_trait]
impl Files for DirectoryFiles {
    async fn put(&self, bytes: Vec<u8>) -> std::result::Result<ContentHash, FilesError> {
        if bytes.len() as u64 > LARGEST {
            return Err(FilesError(format!("a file of {} bytes is too large", bytes.len())));
        }
        let shelf = self.shelf.clone();
        apart(move || {
            let hash = hash_of(&bytes);
            shelf.put(&hash, &bytes).map(|()| hash).map_err(|error| failed(&hash, &error))
        })
        .await
    }

    async fn get(&self, hash: &ContentHash) -> std::result::Result<Option<Vec<u8>>, FilesError> {
        let (shelf, hash) = (self.shelf.clone(), *hash);
        apart(move || match shelf.read(&hash) {
            Ok(Some(bytes)) if hash_of(&bytes) != hash => {
                Err(FilesError(format!("{hash}: the file's content has changed")))
            }
            other => other.map_err(|error| failed(&hash, &error)),
        })
        .await
    }
}

/// Runs what waits for the disk where it holds nobody up.
async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> std::result::Result<T, FilesError> + Send + 'static,
) -> std::result::Result<T, FilesError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(FilesError("the work on a file was broken off".into())))
}

fn hash_of(bytes: &[u8]) -> ContentHash {
    ContentHash(sha256(bytes))
}

fn failed(hash: &ContentHash, error: &std::io::Error) -> FilesError {
    FilesError(format!("{hash}: {error}"))
}

impl Shelf {
    /// Makes the directory ready and returns its lock, held shared.
    fn prepare(root: &Path) -> Result<File> {
        make_private(root)?;
        let passing = root.join("tmp");
        make_private(&passing)?;
        let lock = OpenOptions::new().create(true).append(true).open(root.join("lock"))?;
        if lock.try_lock().is_ok() {
            for left in fs::read_dir(&passing)? {
                fs::remove_file(left?.path())?;
            }
            lock.unlock()?;
        }
        lock.lock_shared()?;
        Ok(lock)
    }

    fn folder(&self, hash: &ContentHash) -> PathBuf {
        self.root.join(hex::encode(&hash.0[..1]))
    }

    fn put(&self, hash: &ContentHash, bytes: &[u8]) -> Result<()> {
        let folder = self.folder(hash);
        if !folder.is_dir() {
            make_private(&folder)?;
        }
        let place = folder.join(hash.to_string());
        // The same file may be there: perhaps only just, by someone who has not synced the folder yet, and perhaps
        // spoiled since.
        if self.read(hash).is_ok_and(|there| there.as_deref() == Some(bytes)) {
            return sync(&folder);
        }
        let number = self.written.fetch_add(1, Ordering::Relaxed);
        let passing = self.root.join("tmp").join(format!("{}-{number}", std::process::id()));
        let moved = write_synced(&passing, bytes).and_then(|()| fs::rename(&passing, &place));
        if let Err(error) = moved {
            let _ = fs::remove_file(&passing);
            return Err(error);
        }
        sync(&folder)
    }

    fn read(&self, hash: &ContentHash) -> Result<Option<Vec<u8>>> {
        let file = match File::open(self.folder(hash).join(hash.to_string())) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let length = file.metadata()?.len();
        if length > LARGEST {
            return Err(std::io::Error::new(ErrorKind::FileTooLarge, "the file is too large"));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
        file.take(LARGEST).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }
}

/// Makes a folder that only we can enter, and syncs the one it lies in. No matter if it is there.
fn make_private(folder: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    match folder.parent() {
        Some(parent) if parent.as_os_str().is_empty() => sync(Path::new(".")),
        Some(parent) => sync(parent),
        None => Ok(()),
    }
}

fn write_synced(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes the entries of a folder durable.
fn sync(folder: &Path) -> Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests;
