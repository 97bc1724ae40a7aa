//! The list of a ceremony: what seals are to be made, as people write and read it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Most seals of one ceremony.
pub const MOST: usize = 2_000;
/// Largest list, in bytes.
const MAX_BYTES: u64 = 4 << 20;

/// Why there is no list.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The file cannot be read.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// It is no list.
    #[error("{0} is no list of seals: {1}")]
    Form(PathBuf, String),
    /// It is empty or too long.
    #[error("{0} lists {1} seals; 1 to {MOST} make a ceremony")]
    Count(PathBuf, usize),
    /// The same twice.
    #[error("{0} lists the same seal twice: {1}")]
    Twice(PathBuf, String),
}

/// A list that was read.
#[derive(Debug)]
pub struct Listed {
    /// What is asked for, in order.
    pub seals: Vec<Asked>,
}

/// One seal, in the words of `POST /v1/seals`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Owner's credit code.
    pub owner_code: String,
    /// Owner's name, where it is no registered department.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner_name: Option<String>,
    /// Division code of its place, where it is no registered department.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area_code: Option<String>,
    /// What it is for.
    pub purpose: String,
    /// The words below the star.
    #[serde(default)]
    pub purpose_words: String,
    /// Days that it may be used.
    pub days: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    seal: Vec<Asked>,
}

impl Listed {
    /// Reads a list.
    ///
    /// # Errors
    /// If it is none, empty, too long, or names a seal twice.
    pub fn read(path: &Path) -> Result<Self, ListError> {
        let failed = |why| ListError::File(path.to_owned(), why);
        if fs::metadata(path).map_err(failed)?.len() > MAX_BYTES {
            return Err(ListError::Form(path.to_owned(), "it is too large".to_owned()));
        }
        let text = fs::read_to_string(path).map_err(failed)?;
        let file: File =
            toml::from_str(&text).map_err(|why| ListError::Form(path.to_owned(), why.to_string()))?;
        if !(1..=MOST).contains(&file.seal.len()) {
            return Err(ListError::Count(path.to_owned(), file.seal.len()));
        }
        for (place, asked) in file.seal.iter().enumerate() {
            if file.seal[..place].contains(asked) {
                return Err(ListError::Twice(path.to_owned(), asked.title()));
            }
        }
        Ok(Self { seals: file.seal })
    }
}

impl Asked {
    /// What people call it.
    pub fn title(&self) -> String {
        let owner = self.owner_name.as_ref().unwrap_or(&self.owner_code);
        let words = if self.purpose_words.is_empty() { &self.purpose } else { &self.purpose_words };
        format!("{owner} {words}")
    }

    /// The request for it.
    pub fn request(&self) -> Value {
        serde_json::to_value(self).expect("texts and a number make JSON")
    }

    /// Whether a seal, as the API shows it, is what is asked for here.
    pub fn is(&self, seal: &Value) -> bool {
        seal["owner_code"] == self.owner_code.as_str()
            && seal["purpose"] == self.purpose.as_str()
            && seal["purpose_words"] == self.purpose_words.as_str()
    }
}

/// A list with one seal for each of these departments, with their names beside them.
pub fn for_departments(departments: &Value, purpose: &str, words: &str, days: u32) -> String {
    let items = departments["items"].as_array().or(departments.as_array());
    let mut text =
        "# One seal for each department. Look through it, take out what is not wanted.\n".to_owned();
    for department in items.into_iter().flatten() {
        let name = department["name_zh"].as_str().unwrap_or_default().replace(char::is_control, " ");
        let asked = Asked {
            owner_code: department["code"].as_str().unwrap_or_default().to_owned(),
            owner_name: None,
            area_code: None,
            purpose: purpose.to_owned(),
            purpose_words: words.to_owned(),
            days,
        };
        let table = toml::to_string(&asked).expect("texts and a number make TOML");
        text.push_str(&format!("\n# {name}\n[[seal]]\n{table}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(text: &str) -> Result<Listed, ListError> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        fs::write(file.path(), text).expect("written");
        Listed::read(file.path())
    }

    #[test]
    fn a_printed_list_reads_back() {
        let departments = json!({ "items": [
            { "code": "11990000MB0000001M", "name_zh": "景川市市场监督管理局\n[[seal]]" },
            { "code": "11990000MB0000002Q", "name_zh": "景川市民政局" },
        ] });
        let text = for_departments(&departments, "license", "电子\"证照\"专用章", 365);
        let listed = read(&text).expect("our own list");
        let codes: Vec<&str> = listed.seals.iter().map(|asked| asked.owner_code.as_str()).collect();
        assert_eq!(codes, ["11990000MB0000001M", "11990000MB0000002Q"]);
        assert_eq!((listed.seals[0].days, listed.seals[1].purpose.as_str()), (365, "license"));
        assert!(listed.seals[0].is(&json!({
            "owner_code": "11990000MB0000001M", "purpose": "license", "purpose_words": "电子\"证照\"专用章",
        })));
    }

    #[test]
    fn what_is_no_list_is_refused() {
        let one = "[[seal]]\nowner_code = \"1\"\npurpose = \"license\"\ndays = 1\n";
        assert!(read(one).is_ok());
        assert!(matches!(read(&one.repeat(2)), Err(ListError::Twice(..))));
        assert!(matches!(read("seal = []"), Err(ListError::Count(_, 0))));
        for wrong in ["", "[[seal]]\npurpose = 1", &format!("{one}colour = \"red\"\n"), "[["] {
            assert!(matches!(read(wrong), Err(ListError::Form(..))), "{wrong}");
        }
    }
}
