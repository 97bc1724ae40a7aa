//! The record of a ceremony: how far it has come, and afterwards who did what.

use super::list::{Asked, Listed};
use crate::cli::client::{CallError, text};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Why there is no record.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The file cannot be read or written.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// It is no record.
    #[error("{0} is no record of a ceremony: {1}")]
    Form(PathBuf, serde_json::Error),
    /// It is that of another list.
    #[error("{0} is the record of another list; a ceremony keeps its list to the end")]
    OtherList(PathBuf),
}

/// How far a ceremony has come.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// One line for each seal of the list.
    pub lines: Vec<Line>,
}

/// What became of one seal.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// What is asked for.
    pub asked: Asked,
    /// Its code, once it was asked for.
    pub code: Option<String>,
    /// Its state when it was last looked at.
    pub state: String,
    /// Who asked for it (credential).
    pub requested_by: Option<String>,
    /// Who approved it and when, as the service has it.
    pub history: Value,
}

impl Line {
    /// Takes what the service says of the seal.
    pub fn take(&mut self, seal: &Value) -> Result<(), CallError> {
        self.code = Some(text(seal, "code")?);
        self.state = text(seal, "state")?;
        self.requested_by = Some(text(seal, "requested_by")?);
        Ok(())
    }
}

impl Record {
    /// The record in this file, or a new one where there is none.
    ///
    /// # Errors
    /// If the file is no record, or that of another list.
    pub fn open(path: &Path, list: &Listed) -> Result<Self, RecordError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(Self::new(list)),
            Err(why) => return Err(RecordError::File(path.to_owned(), why)),
        };
        let record: Self =
            serde_json::from_str(&text).map_err(|why| RecordError::Form(path.to_owned(), why))?;
        if record.lines.iter().map(|line| &line.asked).eq(&list.seals) {
            Ok(record)
        } else {
            Err(RecordError::OtherList(path.to_owned()))
        }
    }

    fn new(list: &Listed) -> Self {
        let line = |asked: &Asked| Line {
            asked: asked.clone(),
            code: None,
            state: String::new(),
            requested_by: None,
            history: Value::Null,
        };
        Self { lines: list.seals.iter().map(line).collect() }
    }

    /// Writes it in the place of what was there; nobody ever reads a part of it.
    pub fn keep(&self, path: &Path) -> Result<(), RecordError> {
        let failed = |why| RecordError::File(path.to_owned(), why);
        let text = serde_json::to_string_pretty(self).expect("texts make JSON");
        let draft = path.with_extension("draft");
        let mut file = File::create(&draft).map_err(failed)?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
        fs::rename(&draft, path).map_err(failed)
    }

    /// How many are in which state.
    pub fn summary(&self) -> String {
        let count = |state: &str| self.lines.iter().filter(|line| line.state == state).count();
        let (all, made, waiting) = (self.lines.len(), count("active"), count("requested"));
        format!("{made} of {all} seals are made, {waiting} wait for approval")
    }
}
