//! Matters from files: the embedded ones, and those of a directory that adds to them or takes their place.
//! `docs/asking.md` says how to write one.

use super::kinds::{KindFault, read_directory};
use crate::domain::license::Kinds;
use crate::domain::license::kind::Bilingual;
use crate::domain::matter::{Keep, MaterialNeed, Matter, Matters, Need};
use include_dir::{Dir, include_dir};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/matters");

/// Most kinds that a matter needs: what one showing holds.
const MOST_NEEDS: usize = 10;
/// Most materials that a matter needs.
const MOST_MATERIALS: usize = 20;
/// Longest title in characters: it is the purpose of a showing.
const MOST_TITLE: usize = 60;
/// Longest other text in characters.
const MOST_WORDS: usize = 200;

/// The files of matters cannot be used: every fault of every file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MattersError {
    /// At least one.
    pub faults: Vec<KindFault>,
}

impl fmt::Display for MattersError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} fault(s) in files of matters", self.faults.len())?;
        self.faults.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl std::error::Error for MattersError {}

/// What was loaded.
#[derive(Debug)]
pub struct Loaded {
    /// The matters.
    pub matters: Matters,
    /// Embedded matters that do not fit the kinds of this service, and why: they are left out.
    pub left_out: Vec<KindFault>,
}

/// Loads the embedded matters and, over them, every `*.toml` of `directory`.
pub fn load(directory: Option<&Path>, kinds: &Kinds) -> Result<Loaded, MattersError> {
    let (mut faults, mut left_out) = (Vec::new(), Vec::new());
    let mut matters = BTreeMap::new();
    for file in EMBEDDED.files() {
        let name = file.path().file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let found =
            read(&file.path().to_string_lossy(), &name, file.contents_utf8().unwrap_or_default(), kinds);
        match found {
            Ok(matter) => drop(matters.insert(name, matter)),
            // Kinds that the settings bring may lack what ours have.
            Err(wrong) => left_out.extend(wrong),
        }
    }
    if let Some(directory) = directory {
        for (name, (file, text)) in read_directory(directory, &mut faults) {
            match read(&file, &name, &text, kinds) {
                Ok(matter) => drop(matters.insert(name, matter)),
                Err(wrong) => faults.extend(wrong),
            }
        }
    }
    if !faults.is_empty() {
        return Err(MattersError { faults });
    }
    Ok(Loaded { matters: matters.into_values().collect(), left_out })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: Words,
    needs: Vec<NeedText>,
    #[serde(default)]
    materials: Vec<MaterialText>,
    keep: KeepText,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    zh: String,
    en: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NeedText {
    kind: String,
    required: Vec<String>,
    #[serde(default)]
    optional: Vec<String>,
    #[serde(default)]
    may_lack: bool,
    reason: Option<Words>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MaterialText {
    label: String,
    title: Words,
    days: u16,
    #[serde(default)]
    may_lack: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeepText {
    zh: String,
    en: String,
    days: u16,
}

/// Collects faults with their places.
struct Notes<'f> {
    file: &'f str,
    faults: Vec<KindFault>,
}

impl Notes<'_> {
    fn add(&mut self, path: impl Into<String>, problem: impl fmt::Display) {
        let (file, path, problem) = (self.file.to_owned(), path.into(), problem.to_string());
        self.faults.push(KindFault { file, path, problem });
    }

    fn words(&mut self, path: &str, words: Words, most: usize) -> Bilingual {
        for (language, text) in [("zh", &words.zh), ("en", &words.en)] {
            let count = text.chars().count();
            if text.trim() != text || !(1..=most).contains(&count) || text.chars().any(char::is_control) {
                self.add(format!("{path}.{language}"), format!("must be one line of 1 to {most} characters"));
            }
        }
        Bilingual { zh: words.zh, en: words.en }
    }

    fn days(&mut self, path: &str, days: u16) -> u16 {
        if !(1..=36_500).contains(&days) {
            self.add(path, "must be 1 to 36500 days");
        }
        days
    }

    fn name(&mut self, path: &str, name: &str) {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !(1..=60).contains(&name.len()) || !name.bytes().all(plain) {
            self.add(path, "must be 1 to 60 lower-case letters, digits and hyphens");
        }
    }
}

/// Reads one matter; `code` is the file's name without `.toml`.
fn read(file: &str, code: &str, text: &str, kinds: &Kinds) -> Result<Matter, Vec<KindFault>> {
    let mut notes = Notes { file, faults: Vec::new() };
    notes.name("", code);
    let parsed: File = match toml::from_str(text) {
        Ok(parsed) => parsed,
        Err(error) => {
            notes.add("", error.to_string().trim_end());
            return Err(notes.faults);
        }
    };
    if !(1..=MOST_NEEDS).contains(&parsed.needs.len()) {
        notes.add("needs", format!("must be 1 to {MOST_NEEDS} kinds"));
    }
    if parsed.materials.len() > MOST_MATERIALS {
        notes.add("materials", format!("must be at most {MOST_MATERIALS}"));
    }
    let title = notes.words("title", parsed.title, MOST_TITLE);
    let mut needs = Vec::new();
    for (at, need) in parsed.needs.into_iter().enumerate() {
        let reason = need.reason.map(|words| notes.words(&format!("needs[{at}].reason"), words, MOST_WORDS));
        let NeedText { kind, required, optional, may_lack, .. } = need;
        needs.push(Need { kind, required, optional, may_lack, reason });
    }
    let (mut materials, mut labels) = (Vec::new(), BTreeSet::new());
    for (at, material) in parsed.materials.into_iter().enumerate() {
        let path = format!("materials[{at}]");
        notes.name(&format!("{path}.label"), &material.label);
        if !labels.insert(material.label.clone()) {
            notes.add(format!("{path}.label"), "stands twice");
        }
        materials.push(MaterialNeed {
            label: material.label,
            title: notes.words(&format!("{path}.title"), material.title, MOST_TITLE),
            days: notes.days(&format!("{path}.days"), material.days),
            may_lack: material.may_lack,
        });
    }
    let keep = Keep {
        days: notes.days("keep.days", parsed.keep.days),
        words: notes.words("keep", Words { zh: parsed.keep.zh, en: parsed.keep.en }, MOST_WORDS),
    };
    let matter = Matter { code: code.to_owned(), title, needs, materials, keep };
    for misfit in matter.misfits(kinds) {
        notes.add("needs", misfit);
    }
    if notes.faults.is_empty() { Ok(matter) } else { Err(notes.faults) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::kinds;

    const GOOD: &str = r#"
title = { zh = "开立账户", en = "Open an account" }
keep = { zh = "五年", en = "Five years", days = 1826 }
[[needs]]
kind = "vocational-qualification"
required = ["name"]
optional = ["theory_score"]
reason = { zh = "择优", en = "To choose the best" }
[[materials]]
label = "lease"
title = { zh = "租赁合同", en = "Lease" }
days = 365
"#;

    fn faults(text: &str) -> Vec<String> {
        let kinds = kinds::load(None).expect("our kinds");
        let found = read("x.toml", "x", text, &kinds);
        found
            .err()
            .unwrap_or_default()
            .into_iter()
            .map(|fault| format!("{}: {}", fault.path, fault.problem))
            .collect()
    }

    #[test]
    fn every_matter_of_ours_fits_our_kinds() {
        let kinds = kinds::load(None).expect("our kinds");
        let loaded = load(None, &kinds).expect("our matters");
        assert_eq!(loaded.left_out, []);
        assert!(loaded.matters.iter().count() >= 12);
        // The same label is the same material in every matter.
        let mut titles = BTreeMap::new();
        for material in loaded.matters.iter().flat_map(|matter| &matter.materials) {
            let known = titles.entry(material.label.clone()).or_insert_with(|| material.title.clone());
            assert_eq!(*known, material.title, "{}", material.label);
        }
    }

    #[test]
    fn a_good_matter_and_its_twins() {
        assert_eq!(faults(GOOD), Vec::<String>::new());
        let twin = |from: &str, to: &str| {
            assert!(GOOD.contains(from), "{from}");
            faults(&GOOD.replacen(from, to, 1))
        };
        let reason = r#"reason = { zh = "择优", en = "To choose the best" }"#;
        assert_eq!(
            twin(reason, ""),
            [
                "needs: the field theory_score of vocational-qualification is sensitive: say why it is asked for (reason)"
            ]
        );
        assert_eq!(twin("vocational-qualification", "no-such"), ["needs: the kind no-such is not known"]);
        assert_eq!(
            twin(r#"["theory_score"]"#, r#"["shoe_size", "name"]"#),
            [
                "needs: the kind vocational-qualification has no field shoe_size",
                "needs: the field name of vocational-qualification stands twice"
            ]
        );
        assert_eq!(
            twin(r#"required = ["name"]"#, "required = []"),
            ["needs: the holder's name (name) is not among the required fields of vocational-qualification"]
        );
        assert_eq!(twin("days = 1826", "days = 0"), ["keep.days: must be 1 to 36500 days"]);
        assert_eq!(
            twin("\"lease\"", "\"Lease\""),
            ["materials[0].label: must be 1 to 60 lower-case letters, digits and hyphens"]
        );
        assert_eq!(twin("\"开立账户\"", "\"\""), ["title.zh: must be one line of 1 to 60 characters"]);
        assert!(twin("keep", "kept")[0].contains("unknown field `kept`"));
    }

    #[test]
    fn a_directory_adds_to_ours_or_takes_their_place_and_tells_every_fault() {
        let kinds = kinds::load(None).expect("our kinds");
        let directory = tempfile::tempdir().expect("a directory");
        let put =
            |name: &str, text: &str| std::fs::write(directory.path().join(name), text).expect("written");
        put("open-bank-account.toml", GOOD);
        put("own.toml", GOOD);
        let loaded = load(Some(directory.path()), &kinds).expect("matters");
        assert_eq!(loaded.matters.get("open-bank-account").expect("ours").title.zh, "开立账户");
        assert!(loaded.matters.get("own").is_some());
        put("bad.toml", "title = 1");
        put("worse.toml", &GOOD.replace("name", "shoe_size"));
        let error = load(Some(directory.path()), &kinds).expect_err("two bad files");
        let files: BTreeSet<_> =
            error.faults.iter().map(|f| f.file.rsplit('/').next().expect("a name")).collect();
        assert_eq!(files, ["bad.toml", "worse.toml"].into());
    }
}
