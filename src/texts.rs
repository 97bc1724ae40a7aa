//! Every text that people read, in Chinese and English, keyed by code: `texts/*.toml`, embedded at compile time.
//!
//! An entry is a table at its code with both languages; `{name}` stands for a value:
//!
//! ```toml
//! [seal.suspended]
//! zh = "印章 {seal} 已停用"
//! en = "Seal {seal} is suspended"
//! ```
//!
//! A value that is itself a text comes once in each language, as `name_zh` and `name_en`.

use include_dir::{Dir, include_dir};
use std::collections::BTreeMap;
use std::sync::OnceLock;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/texts");

/// A language that the service speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// 中文, the language of the licenses and the default.
    Chinese,
    /// English.
    English,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::Chinese, Self::English];

    /// Tag (BCP 47) as in HTML and `Content-Language`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    /// Short name, as in cookies and extension members: `zh`, `en`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chinese => "zh",
            Self::English => "en",
        }
    }

    /// The language of a tag, judged by its primary part.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.name().eq_ignore_ascii_case(primary))
    }
}

struct Entry {
    zh: String,
    en: String,
}

/// All texts.
pub struct Catalogue {
    entries: BTreeMap<String, Entry>,
}

/// The catalogue.
pub fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    // A file that cannot be read is left out here and fails the tests below, so no release has one.
    CATALOGUE.get_or_init(|| Catalogue::read().0)
}

/// The text of `code` in `language` with the values of `args`; the code itself where there is no text.
pub fn say<'a>(
    code: &str,
    language: Language,
    args: impl IntoIterator<Item = &'a (&'static str, String)>,
) -> String {
    catalogue().say(code, language, args)
}

impl Catalogue {
    fn read() -> (Self, Vec<String>) {
        let mut entries = BTreeMap::new();
        let mut faults = Vec::new();
        for file in FILES.files() {
            let name = file.path().display();
            match file.contents_utf8().map(str::parse::<toml::Table>) {
                Some(Ok(table)) => flatten("", &table, &mut entries, &mut faults),
                Some(Err(error)) => faults.push(format!("{name}: {error}")),
                None => faults.push(format!("{name}: not UTF-8")),
            }
        }
        (Self { entries }, faults)
    }

    /// Whether `code` has texts.
    pub fn has(&self, code: &str) -> bool {
        self.entries.contains_key(code)
    }

    /// The texts of `code` as they are, `{name}` for each value: Chinese, then English.
    pub fn templates(&self, code: &str) -> Option<(&str, &str)> {
        self.entries.get(code).map(|entry| (entry.zh.as_str(), entry.en.as_str()))
    }

    /// Every code.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// See [`say`].
    pub fn say<'a>(
        &self,
        code: &str,
        language: Language,
        args: impl IntoIterator<Item = &'a (&'static str, String)>,
    ) -> String {
        let Some(entry) = self.entries.get(code) else {
            return code.to_owned();
        };
        let template = match language {
            Language::Chinese => &entry.zh,
            Language::English => &entry.en,
        };
        let args: Vec<_> = args.into_iter().collect();
        let in_language = |known: &str, name: &str| {
            known.strip_suffix(language.name()).and_then(|known| known.strip_suffix('_')) == Some(name)
        };
        fill(template, |name| {
            let found = args.iter().find(|(known, _)| *known == name || in_language(known, name));
            found.map(|(_, value)| value.as_str())
        })
    }
}

/// Replaces each `{name}` once: a value that itself holds braces is not looked at again.
fn fill<'a>(template: &str, value_of: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut text = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            text.push('{');
            rest = after;
            continue;
        };
        text.push_str(value_of(name).unwrap_or("…"));
        rest = tail;
    }
    text.push_str(rest);
    text
}

fn flatten(
    prefix: &str,
    table: &toml::Table,
    entries: &mut BTreeMap<String, Entry>,
    faults: &mut Vec<String>,
) {
    let text = |name: &str| table.get(name).and_then(toml::Value::as_str).map(str::to_owned);
    match (text("zh"), text("en")) {
        (Some(zh), Some(en)) => {
            if entries.insert(prefix.to_owned(), Entry { zh, en }).is_some() {
                faults.push(format!("{prefix} stands twice"));
            }
        }
        (None, None) => {}
        _ => faults.push(format!("{prefix} lacks a language")),
    }
    for (name, value) in table {
        let code = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            toml::Value::Table(inner) => flatten(&code, inner, entries, faults),
            _ if name == "zh" || name == "en" => {}
            _ => faults.push(format!("{code} is not a text in both languages")),
        }
    }
}

#[cfg(test)]
mod tests;
