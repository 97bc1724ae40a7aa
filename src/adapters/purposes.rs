//! What licenses are shown for: `purposes/purposes.toml`, built into the program.

use crate::domain::license::kind::Bilingual;
use crate::domain::purpose::{Purpose, Purposes};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

const EMBEDDED: &str = include_str!("../../purposes/purposes.toml");

/// Why there are no purposes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PurposesError {
    /// They are not TOML of their form.
    #[error("the purposes are not TOML of their form: {0}")]
    Form(String),
    /// One is wrong.
    #[error("the purpose {purpose}: {problem}")]
    Purpose {
        /// Its code.
        purpose: String,
        /// What is wrong.
        problem: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    purposes: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    code: String,
    title: Both,
    why: Both,
    fields: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Both {
    zh: String,
    en: String,
}

impl From<Both> for Bilingual {
    fn from(both: Both) -> Self {
        Self { zh: both.zh, en: both.en }
    }
}

/// Reads the embedded purposes. A kind or a field that the service does not know does no harm: nothing is ticked.
pub fn load() -> Result<Purposes, PurposesError> {
    read(EMBEDDED)
}

fn read(text: &str) -> Result<Purposes, PurposesError> {
    let file: File = toml::from_str(text).map_err(|why| PurposesError::Form(why.message().to_owned()))?;
    let mut known = BTreeSet::new();
    let purposes = file.purposes.into_iter().map(|item| {
        let fault = |problem| PurposesError::Purpose { purpose: item.code.clone(), problem };
        if !known.insert(item.code.clone()) {
            return Err(fault("it is there twice".to_owned()));
        }
        // It goes out as the purpose of a showing, which has at most 60 characters.
        for words in [&item.title.zh, &item.title.en] {
            if !(1..=60).contains(&words.chars().count()) {
                return Err(fault(format!("{words:?} is no title of 1 to 60 characters")));
            }
        }
        Ok(Purpose { code: item.code, title: item.title.into(), why: item.why.into(), fields: item.fields })
    });
    Ok(Purposes::new(purposes.collect::<Result<_, _>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::kinds;
    use crate::domain::license::kind::PrivacyClass;

    #[test]
    fn the_embedded_purposes_name_fields_there_are_never_all_and_nothing_sensitive() {
        let kinds = kinds::load(None).expect("the embedded kinds");
        let purposes = load().expect("the embedded purposes");
        assert!(purposes.iter().count() >= 5);
        for purpose in purposes.iter() {
            for (name, listed) in &purpose.fields {
                let kind = kinds.get(name).expect("an embedded kind");
                let preset: Vec<_> =
                    kind.fields.iter().filter(|field| purpose.presets(kind, &field.name)).collect();
                assert!(preset.iter().any(|field| field.name == kind.holder.name), "{name}: no holder");
                assert!(preset.len() < kind.fields.len(), "{name}: all of it");
                assert_eq!(preset.len(), listed.len() + 1, "{name}: a field that is not there or not ticked");
                assert!(preset.iter().all(|field| field.privacy != PrivacyClass::Sensitive), "{name}");
            }
            for kind in kinds.iter().filter(|kind| !purpose.fields.contains_key(&kind.name)) {
                let preset: Vec<_> =
                    kind.fields.iter().filter(|field| purpose.presets(kind, &field.name)).collect();
                assert_eq!(preset.len(), 1, "{}: more than the holder's name", kind.name);
            }
        }
    }

    #[test]
    fn a_file_of_another_form_is_refused() {
        let good = "[[purposes]]\ncode = \"bank\"\ntitle = { zh = \"银行\", en = \"Bank\" }\n\
                    why = { zh = \"核对\", en = \"To check\" }\nfields = { business-license = [\"address\"] }\n";
        assert!(read(good).is_ok());
        for (from, to, why) in [("en = \"Bank\"", "en = \"\"", "no title"), ("fields =", "field =", "form")] {
            assert_eq!(good.matches(from).count(), 1);
            let error = read(&good.replace(from, to)).expect_err(to).to_string();
            assert!(error.contains(why), "{error}");
        }
        let error = read(&good.repeat(2)).expect_err("twice").to_string();
        assert!(error.contains("twice"), "{error}");
    }
}
