//! The data folder of a demo: made, emptied, and held by one process at a time.

use super::{DEVELOPMENT_KEYS, DemoError};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::Path;

/// Lies in every data folder of the demo: a folder without it is not ours to delete. Whoever has it locked has the folder.
const MARKER: &str = "yinzheng-demo";

/// A data folder that is this process's as long as this lives. The system takes the lock back from a process that ends,
/// however it ends.
#[derive(Debug)]
pub struct Held {
    _marker: File,
}

/// Makes the data folder, or empties one that a demo made, and holds it. Nothing is deleted that another process holds.
pub fn prepare(data: &Path, fresh: bool) -> Result<Held, DemoError> {
    let fails = |why| DemoError::File(data.to_owned(), why);
    let ours = data.join(MARKER).exists();
    if !ours && data.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(DemoError::NotOurs(data.to_owned()));
    }
    fs::create_dir_all(data).map_err(fails)?;
    let held = hold(data)?;
    if fresh {
        empty(data).map_err(fails)?;
    }
    let keys = data.join("keys-dev");
    fs::create_dir_all(&keys).map_err(fails)?;
    DEVELOPMENT_KEYS.extract(&keys).map_err(fails)?;
    fs::create_dir_all(data.join("keys")).map_err(fails)?;
    Ok(held)
}

/// Locks the marker and writes into it who we are.
fn hold(data: &Path) -> Result<Held, DemoError> {
    let fails = |why| DemoError::File(data.to_owned(), why);
    let path = data.join(MARKER);
    let mut marker =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(fails)?;
    match marker.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut said = String::new();
            // Who it is, is a courtesy; that it is held is known without.
            let _ = marker.take(1000).read_to_string(&mut said);
            let who =
                said.lines().find_map(|line| line.strip_prefix("held by ")).unwrap_or("another process");
            return Err(DemoError::Held(data.to_owned(), who.to_owned()));
        }
        Err(TryLockError::Error(why)) => return Err(fails(why)),
    }
    let text = format!(
        "data of `yinzheng demo`; --fresh deletes this folder\nheld by process {}\n",
        std::process::id()
    );
    marker.set_len(0).and_then(|()| marker.write_all(text.as_bytes())).map_err(fails)?;
    Ok(Held { _marker: marker })
}

/// Deletes everything but the marker: a lock on a deleted file would keep nobody out.
fn empty(data: &Path) -> io::Result<()> {
    for entry in data.read_dir()? {
        let entry = entry?;
        if entry.file_name() == MARKER {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_held_by_one_and_free_again_afterwards() {
        let place = tempfile::tempdir().expect("a directory");
        let data = place.path().join("data");
        let held = prepare(&data, false).expect("a new folder");
        fs::write(data.join("yinzheng.db"), "rows").expect("written");
        for fresh in [false, true] {
            let refused = prepare(&data, fresh).expect_err("it is held").to_string();
            assert!(refused.contains(&format!("process {}", std::process::id())), "{refused}");
        }
        assert_eq!(fs::read(data.join("yinzheng.db")).expect("still there"), b"rows");
        drop(held);
        drop(prepare(&data, false).expect("free"));
        assert!(data.join("yinzheng.db").exists(), "kept");
        let held = prepare(&data, true).expect("free");
        assert!(!data.join("yinzheng.db").exists(), "started over");
        assert!(prepare(&data, true).is_err(), "held after it was emptied");
        drop(held);
    }
}
