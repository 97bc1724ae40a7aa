//! Reads TOML tables key by key, noting every fault instead of stopping at the first. What is missing or wrong
//! reads as an empty value, so that reading goes on; a file with any note is refused in the end.

use super::KindFault;
use crate::domain::license::check::decimal;
use crate::domain::license::kind::Bilingual;
use std::cell::RefCell;
use toml::{Table, Value};

/// Faults found in one file.
pub(super) struct Notes {
    file: String,
    faults: RefCell<Vec<KindFault>>,
}

impl Notes {
    pub(super) fn new(file: &str) -> Self {
        Self { file: file.to_owned(), faults: RefCell::new(Vec::new()) }
    }

    pub(super) fn add(&self, path: impl Into<String>, problem: impl Into<String>) {
        let (file, path, problem) = (self.file.clone(), path.into(), problem.into());
        self.faults.borrow_mut().push(KindFault { file, path, problem });
    }

    pub(super) fn into_faults(self) -> Vec<KindFault> {
        self.faults.into_inner()
    }
}

/// A table with its place in the file.
pub(super) struct Section<'a> {
    table: &'a Table,
    pub(super) path: String,
    pub(super) notes: &'a Notes,
    known: RefCell<Vec<&'static str>>,
}

impl<'a> Section<'a> {
    pub(super) fn new(table: &'a Table, path: String, notes: &'a Notes) -> Self {
        Self { table, path, notes, known: RefCell::new(Vec::new()) }
    }

    /// Path of a key in here.
    pub(super) fn at(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// Notes a fault of a key.
    pub(super) fn fault(&self, key: &str, problem: impl Into<String>) {
        self.notes.add(self.at(key), problem);
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    fn get(&self, key: &'static str) -> Option<&'a Value> {
        self.known.borrow_mut().push(key);
        self.table.get(key)
    }

    fn read<T>(&self, key: &'static str, what: &str, read: impl Fn(&'a Value) -> Option<T>) -> Option<T> {
        let value = self.get(key)?;
        let result = read(value);
        if result.is_none() {
            self.fault(key, format!("must be {what}"));
        }
        result
    }

    fn needed<T: Default>(&self, key: &'static str, value: Option<T>) -> T {
        if value.is_none() && !self.has(key) {
            self.fault(key, "is missing");
        }
        value.unwrap_or_default()
    }

    pub(super) fn text_if_any(&self, key: &'static str) -> Option<&'a str> {
        self.read(key, "a text", Value::as_str)
    }

    /// A list of texts, if there is one.
    pub(super) fn texts_if_any(&self, key: &'static str) -> Option<Vec<&'a str>> {
        let texts = |value: &'a Value| value.as_array()?.iter().map(Value::as_str).collect();
        self.read(key, "a list of texts", texts)
    }

    pub(super) fn text(&self, key: &'static str) -> &'a str {
        let text = self.text_if_any(key);
        if text.is_some_and(|text| text.trim().is_empty()) {
            self.fault(key, "is empty");
        }
        self.needed(key, text)
    }

    pub(super) fn flag(&self, key: &'static str) -> Option<bool> {
        self.read(key, "true or false", Value::as_bool)
    }

    /// A whole number within the range.
    pub(super) fn whole(&self, key: &'static str, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
        let what = format!("a whole number from {} to {}", range.start(), range.end());
        self.read(key, &what, |value| {
            value.as_integer().and_then(|n| u32::try_from(n).ok()).filter(|n| range.contains(n))
        })
    }

    pub(super) fn needed_whole(&self, key: &'static str, range: std::ops::RangeInclusive<u32>) -> u32 {
        let value = self.whole(key, range);
        self.needed(key, value)
    }

    /// A number of zero or more in canonical form, exact: `0.5`, `99`.
    pub(super) fn decimal(&self, key: &'static str, decimals: u8) -> Option<String> {
        self.read(key, &format!("a number of zero or more with at most {decimals} decimals"), |value| {
            let text = match value {
                Value::Integer(number) => number.to_string(),
                Value::Float(number) => number.to_string(),
                _ => return None,
            };
            decimal::number(&text, decimals).ok()
        })
    }

    /// A list of whole numbers within the range; none if there is no list.
    pub(super) fn wholes_if_any(&self, key: &'static str, range: std::ops::RangeInclusive<u32>) -> Vec<u32> {
        let what = format!("a list of whole numbers from {} to {}", range.start(), range.end());
        let whole = |value: &Value| {
            value.as_integer().and_then(|n| u32::try_from(n).ok()).filter(|n| range.contains(n))
        };
        let list = self.read(key, &what, |value| value.as_array()?.iter().map(whole).collect());
        list.unwrap_or_default()
    }

    pub(super) fn measure(&self, key: &'static str) -> Option<f32> {
        self.read(key, "a number", measure)
    }

    /// Exactly `N` numbers.
    pub(super) fn measures<const N: usize>(&self, key: &'static str) -> [f32; N] {
        let value = self.read(key, &format!("a list of {N} numbers"), |value| {
            let list: Vec<f32> = value.as_array()?.iter().map_while(measure).collect();
            (value.as_array()?.len() == N).then_some(list)?.try_into().ok()
        });
        if value.is_none() && !self.has(key) {
            self.fault(key, "is missing");
        }
        value.unwrap_or([0.0; N])
    }

    /// `{ zh = "…", en = "…" }`.
    pub(super) fn bilingual(&self, key: &'static str) -> Bilingual {
        match self.section(key) {
            Some(section) => section.into_bilingual(),
            None => Bilingual { zh: String::new(), en: String::new() },
        }
    }

    pub(super) fn into_bilingual(self) -> Bilingual {
        let words = Bilingual { zh: self.text("zh").to_owned(), en: self.text("en").to_owned() };
        self.finish();
        words
    }

    pub(super) fn section_if_any(&self, key: &'static str) -> Option<Section<'a>> {
        let table = self.read(key, "a table", Value::as_table)?;
        Some(Section::new(table, self.at(key), self.notes))
    }

    pub(super) fn section(&self, key: &'static str) -> Option<Section<'a>> {
        let section = self.section_if_any(key);
        if section.is_none() && !self.has(key) {
            self.fault(key, "is missing");
        }
        section
    }

    /// Each table of a list of tables, in order.
    pub(super) fn sections(&self, key: &'static str) -> Vec<Section<'a>> {
        let list = self.read(key, "a list of tables", Value::as_array);
        let mut sections = Vec::new();
        for (index, value) in self.needed(key, list.map(Vec::as_slice)).iter().enumerate() {
            let path = format!("{}[{index}]", self.at(key));
            match value.as_table() {
                Some(table) => sections.push(Section::new(table, path, self.notes)),
                None => self.notes.add(path, "must be a table"),
            }
        }
        sections
    }

    /// Every key of this table, where the writer chooses the keys.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.table.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// Notes every key that nobody asked for.
    pub(super) fn finish(self) {
        let known = self.known.borrow();
        for key in self.table.keys().filter(|key| !known.contains(&key.as_str())) {
            self.fault(key, "is not known here");
        }
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)] // Millimetres and points on a page.
fn measure(value: &Value) -> Option<f32> {
    let number = value.as_float().or_else(|| value.as_integer().map(|n| n as f64))?;
    (number.is_finite() && number.abs() <= 10_000.0).then_some(number as f32)
}
