//! The catalogue and the code that speaks by it must agree.

use super::*;
use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn every_file_reads_and_every_text_is_in_both_languages() {
    let (catalogue, faults) = Catalogue::read();
    assert_eq!(faults, Vec::<String>::new());
    for (code, entry) in &catalogue.entries {
        assert!(!entry.zh.trim().is_empty() && !entry.en.trim().is_empty(), "{code} has an empty text");
        assert_eq!(
            placeholders(&entry.zh),
            placeholders(&entry.en),
            "{code}: the languages name other values"
        );
    }
}

#[test]
fn a_half_translated_entry_is_a_fault() {
    let mut entries = BTreeMap::new();
    let mut faults = Vec::new();
    let table: toml::Table = "[a.b]\nzh = \"一\"\n[c.d]\nzh = \"二\"\nen = \"two\"".parse().expect("TOML");
    flatten("", &table, &mut entries, &mut faults);
    assert_eq!(faults, ["a.b lacks a language"]);
    assert_eq!(entries.len(), 1);
}

#[test]
fn values_are_filled_in_once() {
    let value = |name: &str| (name == "a").then_some("{b}");
    assert_eq!(fill("x {a} y {missing} {", value), "x {b} y … {");
}

#[test]
fn a_value_in_both_languages_is_told_in_one() {
    let hint = [("hint_zh", "写作 08时26分".to_owned()), ("hint_en", "written 08时26分".to_owned())];
    assert!(say("field.wrong_form", Language::Chinese, &hint).contains("写作 08时26分"));
    let english = say("field.wrong_form", Language::English, &hint);
    assert!(english.contains("written") && !english.contains("写作"), "{english}");
}

#[test]
fn what_the_code_says_and_what_the_catalogue_holds_are_the_same() {
    let mut used = BTreeSet::new();
    let mut templates = String::new();
    read_sources(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut used, &mut templates);
    let catalogue = catalogue();
    let families: BTreeSet<&str> = catalogue.codes().filter_map(|code| code.split('.').next()).collect();
    let missing: Vec<&String> = used
        .iter()
        .filter(|code| code.split('.').next().is_some_and(|family| families.contains(family)))
        .filter(|code| !catalogue.has(code))
        .collect();
    assert!(missing.is_empty(), "codes without a text in texts/*.toml: {missing:#?}");
    let unused: Vec<&str> = catalogue
        .codes()
        .filter(|code| !used.contains(*code) && !templates.contains(code) && !is_built(code))
        .collect();
    assert!(unused.is_empty(), "texts that nothing says: {unused:#?}");
}

/// Codes that are put together from a value's stable name, so no literal holds them whole.
fn is_built(code: &str) -> bool {
    code.starts_with("role.") || code.starts_with("offline_act.")
}

fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name).collect()
}

fn read_sources(dir: &Path, used: &mut BTreeSet<String>, templates: &mut String) {
    for entry in std::fs::read_dir(dir).expect("src is readable").flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            // Settings and the names of things in files are dotted too, and speak to operators only.
            if !["tests", "config", "adapters"].contains(&name.as_str()) {
                read_sources(&path, used, templates);
            }
        } else if name.ends_with(".rs") && name != "tests.rs" {
            let text = std::fs::read_to_string(&path).expect("a source file is UTF-8");
            let text = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            used.extend(literals(text).filter(|literal| is_code(literal)).map(str::to_owned));
        } else if name.ends_with(".html") || name.ends_with(".js") {
            templates.push_str(&std::fs::read_to_string(&path).expect("a template is UTF-8"));
        }
    }
}

/// String literals on lines that are not comments. Escapes do not matter: a code has none.
fn literals(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.split('"').skip(1).step_by(2))
}

/// `family.word` in lower case, and not a file's name.
fn is_code(literal: &str) -> bool {
    const SUFFIXES: [&str; 10] = ["json", "toml", "pem", "pdf", "crl", "cer", "svg", "png", "html", "key"];
    let parts: Vec<&str> = literal.split('.').collect();
    let word = |part: &&str| {
        part.starts_with(|c: char| c.is_ascii_lowercase())
            && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
    };
    parts.len() >= 2 && parts.iter().all(word) && !parts.last().is_some_and(|last| SUFFIXES.contains(last))
}
