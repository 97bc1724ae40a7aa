//! House rules as a test: who may import whom, how long a file may be, which words are used.
//! Exceptions carry a reason, and their list only shrinks.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What each part of the house may import from the crate (ARCHITECTURE.md, "The house").
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("domain", &["domain"]),
    // A suite has its name in the domain, since seals and kinds speak of it, and its algorithms in crypto.
    ("crypto", &["crypto", "domain"]),
    ("formats", &["formats", "crypto", "domain"]),
    ("documents", &["documents", "domain", "formats", "crypto"]),
    // A key is of a suite, so the port names it.
    ("ports", &["ports", "domain", "crypto"]),
    ("adapters", &["adapters", "ports", "domain", "formats", "crypto"]),
    ("app", &["app", "domain", "documents", "ports", "formats", "crypto"]),
    ("jobs", &["jobs", "app", "domain", "ports"]),
    ("http", &["http", "app", "domain", "texts"]),
    ("texts", &["texts", "domain"]),
];

/// Imports outside the table, each with its reason.
const IMPORT_EXCEPTIONS: &[(&str, &str, &str)] = &[];

/// Files over the limit, each with its reason.
const LONG_FILES: &[(&str, &str)] = &[];

/// No source file is longer than this, tests at its foot not counted.
const MOST_LINES: usize = 600;

/// Where an X.509 certificate may be called just that; everywhere else "certificate" alone could be a license.
const MAY_SAY_CERTIFICATE: &[&str] = &[
    "src/formats/x509",
    "src/formats/cms",
    "src/adapters/keys",
    "src/adapters/webhooks",
    "src/cli/keys",
    "src/http/api/pki",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files_below(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_below(&path, ending));
        } else if path.extension().is_some_and(|e| e == ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Path relative to the project, with its text.
fn sources() -> Vec<(String, String)> {
    let sources: Vec<_> = files_below(&root().join("src"), "rs")
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(root()).expect("below the root").to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).expect("a readable source file"))
        })
        .collect();
    assert!(
        sources.len() > 40,
        "found only {} source files: is the test looking in the right place?",
        sources.len()
    );
    sources
}

/// The part of a file that is not its tests.
fn without_tests(text: &str) -> &str {
    text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or(text)
}

fn is_test_file(name: &str) -> bool {
    name.ends_with("/tests.rs")
        || name.ends_with("/testing.rs")
        || name.contains("/tests/")
        || name.ends_with("_tests.rs")
}

fn report(faults: Vec<String>) {
    assert!(faults.is_empty(), "{} fault(s):\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn parts_import_only_what_the_house_allows() {
    let mut faults = Vec::new();
    for (name, text) in sources() {
        let part = name.trim_start_matches("src/").split(['/', '.']).next().unwrap_or_default().to_owned();
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(p, _)| *p == part) else { continue };
        if is_test_file(&name) {
            continue;
        }
        for (number, line) in without_tests(&text).lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            for reach in code.split("crate::").skip(1) {
                let target: String = reach.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let excepted = IMPORT_EXCEPTIONS.iter().any(|(file, t, _)| *file == name && *t == target);
                if !target.is_empty() && !allowed.contains(&target.as_str()) && !excepted {
                    faults.push(format!("{name}:{}: {part} must not import {target}", number + 1));
                }
            }
        }
    }
    report(faults);
}

#[test]
fn files_stay_short() {
    let mut faults = Vec::new();
    for (name, text) in sources() {
        let lines = without_tests(&text).lines().count();
        let excepted = LONG_FILES.iter().any(|(file, _)| *file == name);
        if lines > MOST_LINES && !excepted {
            faults.push(format!("{name}: {lines} lines, more than {MOST_LINES}"));
        }
        if lines <= MOST_LINES && excepted {
            faults.push(format!("{name}: {lines} lines: take it off the list of long files"));
        }
    }
    let main = fs::read_to_string(root().join("src/main.rs")).expect("src/main.rs");
    if main.lines().count() > 80 {
        faults.push("src/main.rs: more than 80 lines".into());
    }
    report(faults);
}

#[test]
fn every_module_says_what_it_is() {
    let faults = sources()
        .into_iter()
        .filter(|(name, text)| !is_test_file(name) && !text.trim_start().starts_with("//!"))
        .map(|(name, _)| format!("{name}: no module documentation"))
        .collect();
    report(faults);
}

#[test]
fn a_license_is_never_called_a_certificate() {
    let mut faults = Vec::new();
    for (name, text) in sources() {
        if MAY_SAY_CERTIFICATE.iter().any(|place| name.starts_with(place)) {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            for word in code.split(|c: char| !(c.is_alphanumeric() || c == '_')) {
                if matches!(word, "Certificate" | "Cert" | "cert" | "certs" | "User" | "Stamp") {
                    faults.push(format!("{name}:{}: the word {word}", number + 1));
                }
            }
        }
    }
    report(faults);
}

/// Two of one name are one in the API's description: the later one describes both.
#[test]
fn what_the_api_describes_has_a_name_of_its_own() {
    let mut places = BTreeMap::<String, Vec<String>>::new();
    for (file, text) in sources().into_iter().filter(|(file, _)| file.starts_with("src/http/")) {
        let mut described = false;
        for line in text.lines() {
            let declared = ["pub struct ", "pub enum ", "struct ", "enum "].iter();
            if let Some(rest) = declared.filter_map(|word| line.strip_prefix(word)).next() {
                let name: String = rest.chars().take_while(|c| c.is_alphanumeric()).collect();
                if std::mem::take(&mut described) {
                    places.entry(name).or_default().push(file.clone());
                }
            } else if line.starts_with("#[derive(") {
                described = line.contains("ToSchema");
            }
        }
    }
    assert!(places.len() > 100, "what is described was not found");
    let twice = places.iter().filter(|(_, files)| files.len() > 1);
    report(twice.map(|(name, files)| format!("{name}: {}", files.join(", "))).collect());
}

#[test]
fn nothing_is_left_undone() {
    let mut faults = Vec::new();
    for (name, text) in sources() {
        for (number, line) in text.lines().enumerate() {
            for mark in ["TODO", "FIXME", "XXX", "todo!(", "unimplemented!(", "dbg!("] {
                if line.contains(mark) {
                    faults.push(format!("{name}:{}: {mark}", number + 1));
                }
            }
        }
    }
    report(faults);
}

#[test]
fn clocks_and_randomness_are_read_only_behind_their_ports() {
    // ring signs only with its own source of randomness: keys in memory hand it that one.
    let allowed =
        ["src/adapters/clock.rs", "src/adapters/random.rs", "src/crypto/private_key.rs", "src/cli/bench"];
    let mut faults = Vec::new();
    for (name, text) in sources() {
        if allowed.iter().any(|place| name.starts_with(place)) || is_test_file(&name) {
            continue;
        }
        for (number, line) in without_tests(&text).lines().enumerate() {
            for mark in ["SystemTime::now", "Instant::now", "now_utc()", "now_local()", "SystemRandom::new"] {
                if line.contains(mark) {
                    faults.push(format!("{name}:{}: {mark}", number + 1));
                }
            }
        }
    }
    report(faults);
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |folder: &str| -> Vec<String> {
        files_below(&root().join("migrations").join(folder), "sql")
            .iter()
            .map(|path| path.file_name().expect("a file").to_string_lossy().into_owned())
            .collect()
    };
    let sqlite = names("sqlite");
    assert!(!sqlite.is_empty(), "no migrations found");
    assert_eq!(sqlite, names("postgres"));
}

#[test]
fn every_store_method_is_in_the_contract_suite() {
    let mut suite = fs::read_to_string(root().join("tests/store.rs")).expect("tests/store.rs");
    for path in files_below(&root().join("tests/store"), "rs") {
        suite.push_str(&fs::read_to_string(path).expect("a readable test file"));
    }
    let mut faults = Vec::new();
    let mut methods = 0;
    for path in files_below(&root().join("src/ports/store"), "rs") {
        let text = fs::read_to_string(&path).expect("a readable source file");
        for line in text.lines() {
            let Some(rest) = line.strip_prefix("    async fn ") else { continue };
            let method = rest.split(['(', '<']).next().unwrap_or_default();
            methods += 1;
            if !suite.contains(&format!(".{method}(")) && !suite.contains(&format!("store::{method}(")) {
                faults.push(format!("{method} is not called in the contract suite"));
            }
        }
    }
    assert!(methods > 30, "found only {methods} store methods");
    report(faults);
}

#[test]
fn nothing_names_a_machine() {
    let mut faults = Vec::new();
    for folder in ["src", "tests", "docs", "tools", "benches", "keys-dev", "kinds", "texts"] {
        for ending in ["rs", "md", "py", "sh", "toml", "html", "js", "css", "txt"] {
            for path in files_below(&root().join(folder), ending) {
                if path.ends_with("tests/tidy.rs") {
                    continue;
                }
                let text = fs::read_to_string(&path).unwrap_or_default();
                for mark in ["/work/", "/root/", "/home/", "BEGIN PRIVATE KEY"] {
                    if text.contains(mark) {
                        faults.push(format!("{}: {mark}", path.display()));
                    }
                }
            }
        }
    }
    report(faults);
}
