//! The tokens of the demo's people, kept beside its data so that a second start can use them again.

use serde_json::{Map, Value};
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// A file that only this user can read, empty.
pub fn private(path: &Path) -> io::Result<fs::File> {
    fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
}

/// Short name to token.
#[derive(Clone, Debug, Default)]
pub struct Tokens(Map<String, Value>);

impl Tokens {
    /// Those in a file; none if there is no file.
    pub fn read(path: &Path) -> io::Result<Self> {
        match fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Self).map_err(io::Error::other),
            Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(why) => Err(why),
        }
    }

    /// Writes them where only this user can read.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        private(path)?.write_all(&serde_json::to_vec_pretty(&self.0).map_err(io::Error::other)?)
    }

    /// The token of that name.
    pub fn of(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// Keeps a token.
    pub fn keep(&mut self, name: &str, token: &str) {
        self.0.insert(name.to_owned(), Value::from(token));
    }

    /// All, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(|(name, token)| Some((name.as_str(), token.as_str()?)))
    }
}
