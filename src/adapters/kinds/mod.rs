//! License kinds from files: the embedded ones, and those of a directory that adds to them or takes their place.
//! `docs/license-kinds.md` says how to write one.

mod consistency;
mod face;
mod kind;
mod reader;
mod sealing;
#[cfg(test)]
mod tests;

pub use crate::domain::license::Kinds;
use crate::domain::license::LicenseKind;
use include_dir::{Dir, include_dir};
use reader::Notes;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::Read;
use std::path::Path;

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/kinds");

/// Largest kind file in bytes.
pub const MOST_BYTES: u64 = 256 * 1024;

/// Most kind files in a directory.
pub const MOST_FILES: usize = 500;

/// One fault of a kind file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindFault {
    /// The file.
    pub file: String,
    /// Where in it, e.g. `face.pages[0].items[3].value`; empty for the file as a whole.
    pub path: String,
    /// What is wrong, in English, for whoever writes the file.
    pub problem: String,
}

impl fmt::Display for KindFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => write!(f, "{}: {}", self.file, self.problem),
            path => write!(f, "{}: {path}: {}", self.file, self.problem),
        }
    }
}

/// The kind files cannot be used: every fault of every file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindsError {
    /// At least one.
    pub faults: Vec<KindFault>,
}

impl fmt::Display for KindsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} fault(s) in license kind files", self.faults.len())?;
        self.faults.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl std::error::Error for KindsError {}

/// Loads the embedded kinds and, over them, every `*.toml` of `directory`.
pub fn load(directory: Option<&Path>) -> Result<Kinds, KindsError> {
    let mut faults = Vec::new();
    let mut texts: BTreeMap<String, (String, String)> = BTreeMap::new();
    for file in EMBEDDED.files() {
        let name = file.path().file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = file.contents_utf8().unwrap_or_default().to_owned();
        texts.insert(name, (file.path().to_string_lossy().into_owned(), text));
    }
    if let Some(directory) = directory {
        texts.extend(read_directory(directory, &mut faults));
    }
    let mut kinds = Vec::new();
    for (name, (file, text)) in &texts {
        match read(file, name, text) {
            Ok(kind) => kinds.push((file, kind)),
            Err(error) => faults.extend(error.faults),
        }
    }
    let mut type_codes: BTreeMap<&str, &str> = BTreeMap::new();
    for (file, kind) in &kinds {
        if let Some(other) = type_codes.insert(&kind.type_code, file) {
            let problem = format!("the type code is also that of {other}");
            faults.push(KindFault { file: (*file).clone(), path: "type_code".into(), problem });
        }
    }
    if !faults.is_empty() {
        return Err(KindsError { faults });
    }
    Ok(kinds.into_iter().map(|(_, kind)| kind).collect())
}

/// Reads one kind file. `name` is the file's name without `.toml`; the kind must be called so.
pub fn read(file: &str, name: &str, text: &str) -> Result<LicenseKind, KindsError> {
    let notes = Notes::new(file);
    let kind = match text.parse::<toml::Table>() {
        Ok(table) => {
            let kind = kind::read(&table, &notes);
            if kind.name != name {
                notes.add("name", format!("must be {name:?}, as the file is called"));
            }
            consistency::check(&kind, &notes);
            Some(kind)
        }
        Err(error) => {
            notes.add("", format!("not TOML: {}", error.to_string().trim_end()));
            None
        }
    };
    match (kind, notes.into_faults()) {
        (Some(kind), faults) if faults.is_empty() => Ok(kind),
        (_, faults) => Err(KindsError { faults }),
    }
}

/// Name → (path, text) of every `*.toml` in a directory.
pub(super) fn read_directory(
    directory: &Path,
    faults: &mut Vec<KindFault>,
) -> BTreeMap<String, (String, String)> {
    let mut texts = BTreeMap::new();
    let mut fault = |file: &Path, problem: String| {
        faults.push(KindFault { file: file.display().to_string(), path: String::new(), problem });
    };
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) => {
            fault(directory, format!("cannot be read: {error}"));
            return texts;
        }
    };
    for entry in entries {
        let path = match entry {
            Ok(entry) => entry.path(),
            Err(error) => {
                fault(directory, format!("cannot be read: {error}"));
                break;
            }
        };
        if path.extension().is_none_or(|ending| ending != "toml") {
            continue;
        }
        if texts.len() == MOST_FILES {
            fault(directory, format!("holds more than {MOST_FILES} kind files"));
            break;
        }
        match read_bounded(&path) {
            Ok(text) => {
                let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                texts.insert(name, (path.display().to_string(), text));
            }
            Err(problem) => fault(&path, problem),
        }
    }
    texts
}

fn read_bounded(path: &Path) -> Result<String, String> {
    let file = fs::File::open(path).map_err(|error| format!("cannot be opened: {error}"))?;
    let mut text = String::new();
    file.take(MOST_BYTES + 1)
        .read_to_string(&mut text)
        .map_err(|error| format!("cannot be read: {error}"))?;
    if text.len() as u64 > MOST_BYTES {
        return Err(format!("is larger than {MOST_BYTES} bytes"));
    }
    Ok(text)
}
