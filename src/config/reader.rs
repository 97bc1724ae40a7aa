//! Reads settings by their dotted names, collecting every fault and noticing what nobody asked for.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// What is wrong with one setting, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{setting} {fault}: {advice}")]
pub struct ConfigFault {
    /// Dotted name of the setting.
    pub setting: String,
    /// What is wrong.
    pub fault: String,
    /// What to do.
    pub advice: String,
}

/// Settings on their way out of a file.
pub(super) struct Reader {
    table: Table,
    base: PathBuf,
    faults: Vec<ConfigFault>,
    asked: BTreeSet<String>,
}

impl Reader {
    pub(super) fn new(table: Table, base: &Path) -> Self {
        Self { table, base: base.to_owned(), faults: Vec::new(), asked: BTreeSet::new() }
    }

    pub(super) fn fault(&mut self, setting: &str, fault: &str, advice: &str) {
        let setting = setting.to_owned();
        self.faults.push(ConfigFault { setting, fault: fault.to_owned(), advice: advice.to_owned() });
    }

    fn value(&mut self, name: &str) -> Option<Value> {
        self.asked.insert(name.to_owned());
        let mut parts = name.split('.');
        let first = self.table.get(parts.next()?)?;
        parts.try_fold(first, |value, part| value.get(part)).cloned()
    }

    pub(super) fn boolean(&mut self, name: &str, otherwise: bool) -> bool {
        match self.value(name) {
            None => otherwise,
            Some(Value::Boolean(value)) => value,
            Some(_) => {
                self.fault(name, "is neither true nor false", "write true or false without quotes");
                otherwise
            }
        }
    }

    pub(super) fn optional_text(&mut self, name: &str) -> Option<String> {
        match self.value(name)? {
            Value::String(text) if !text.trim().is_empty() => Some(text),
            Value::String(_) => {
                self.fault(name, "is empty", "give a value or leave it out");
                None
            }
            _ => {
                self.fault(name, "is not a text", "write it in quotes");
                None
            }
        }
    }

    /// A text that must be there; empty (and a fault) if it is not.
    pub(super) fn text(&mut self, name: &str, advice: &str) -> String {
        let known = self.faults.len();
        let found = self.optional_text(name);
        if found.is_none() && self.faults.len() == known {
            self.fault(name, "is missing", advice);
        }
        found.unwrap_or_default()
    }

    pub(super) fn optional_path(&mut self, name: &str) -> Option<PathBuf> {
        let text = self.optional_text(name)?;
        Some(self.below(&text))
    }

    pub(super) fn path(&mut self, name: &str, advice: &str) -> PathBuf {
        let text = self.text(name, advice);
        self.below(&text)
    }

    pub(super) fn paths(&mut self, name: &str) -> Vec<PathBuf> {
        let items = match self.value(name) {
            None => return Vec::new(),
            Some(Value::Array(items)) => items,
            Some(_) => Vec::from([Value::Boolean(false)]),
        };
        let paths: Option<Vec<_>> = items.iter().map(|item| item.as_str().map(|t| self.below(t))).collect();
        paths.unwrap_or_else(|| {
            self.fault(name, "is not a list of files", "write [\"first.ttf\", \"second.ttf\"]");
            Vec::new()
        })
    }

    pub(super) fn texts(&mut self, name: &str) -> Vec<String> {
        let items = match self.value(name) {
            None => return Vec::new(),
            Some(Value::Array(items)) => items,
            Some(_) => Vec::from([Value::Boolean(false)]),
        };
        let texts: Option<Vec<_>> = items.iter().map(|item| item.as_str().map(str::to_owned)).collect();
        texts.unwrap_or_else(|| {
            self.fault(name, "is not a list of texts", "write [\"first\", \"second\"]");
            Vec::new()
        })
    }

    /// A path as the file means it: relative to the file's directory.
    pub(super) fn below(&self, path: &str) -> PathBuf {
        self.base.join(path)
    }

    /// Ends reading: every fault, settings that there are not among them.
    pub(super) fn finish(mut self) -> Result<(), Vec<ConfigFault>> {
        let mut given = Vec::new();
        leaves("", &self.table, &mut given);
        for name in given {
            let is_section = self.asked.iter().any(|asked| asked.starts_with(&format!("{name}.")));
            if !self.asked.contains(&name) && !is_section {
                self.fault(&name, "is not a setting", "correct its name, or take it out");
            }
        }
        if self.faults.is_empty() { Ok(()) } else { Err(self.faults) }
    }
}

fn leaves(prefix: &str, table: &Table, names: &mut Vec<String>) {
    for (name, value) in table {
        let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            Value::Table(inner) if !inner.is_empty() => leaves(&name, inner, names),
            _ => names.push(name),
        }
    }
}
