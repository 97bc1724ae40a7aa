//! Verifiers of faces from a file that the settings name: who they are, their keys, and for which counters they may speak.
//! `docs/asking.md` says how to write one.

use crate::crypto::{PublicKey, Suite};
use crate::formats::x509::pem;
use crate::ports::verifiers::Verifier;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::Path;

/// Most verifiers: each assertion is tried against the keys of those of its counter.
const MOST: usize = 20;
/// Most counters of one verifier.
const MOST_COUNTERS: usize = 1000;

/// Why there are no verifiers.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifiersError {
    /// The file cannot be read.
    #[error("the file of verifiers cannot be read: {0}")]
    File(String),
    /// It is not of its form.
    #[error("the file of verifiers is not TOML of its form: {0}")]
    Form(String),
    /// One of them is wrong.
    #[error("the verifier {name}: {problem}")]
    Verifier {
        /// Its name.
        name: String,
        /// What is wrong.
        problem: &'static str,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    verifiers: Vec<One>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct One {
    name: String,
    key: String,
    counters: Vec<String>,
}

/// Reads the file; none where the settings name none.
pub fn load(file: Option<&Path>) -> Result<Vec<Verifier>, VerifiersError> {
    let Some(file) = file else { return Ok(Vec::new()) };
    let text = std::fs::read_to_string(file);
    read(&text.map_err(|why| VerifiersError::File(format!("{}: {why}", file.display())))?)
}

fn read(text: &str) -> Result<Vec<Verifier>, VerifiersError> {
    let form = |why: &dyn ToString| VerifiersError::Form(why.to_string());
    let parsed: File = toml::from_str(text).map_err(|why| form(&why))?;
    if parsed.verifiers.len() > MOST {
        return Err(form(&format!("more than {MOST} verifiers")));
    }
    let mut names = BTreeSet::new();
    parsed.verifiers.into_iter().map(|one| verifier(one, &mut names)).collect()
}

fn verifier(
    One { name, key, counters }: One,
    names: &mut BTreeSet<String>,
) -> Result<Verifier, VerifiersError> {
    let wrong = |problem| VerifiersError::Verifier { name: name.clone(), problem };
    if !(1..=100).contains(&name.len()) {
        return Err(wrong("its name must have 1 to 100 characters"));
    }
    if !names.insert(name.clone()) {
        return Err(wrong("stands twice"));
    }
    if !(1..=MOST_COUNTERS).contains(&counters.len()) {
        return Err(wrong("name the credentials of 1 to 1000 counters that it may speak for"));
    }
    let spki = pem::public_key_from_pem(&key).map_err(|_| wrong("its key is no PEM text of a public key"))?;
    let key = PublicKey::from_spki(&spki).filter(|key| key.suite() == Suite::P256);
    let key = key.ok_or_else(|| wrong("its key is not on P-256"))?;
    Ok(Verifier { name, key, counters })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Signer;
    use crate::formats::x509::testing::new_key;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    fn file(suite: Suite, counters: &str) -> String {
        let key = STANDARD.encode(new_key(suite).spki());
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{key}\n-----END PUBLIC KEY-----\n");
        format!("[[verifiers]]\nname = \"face-1\"\nkey = \"\"\"\n{pem}\"\"\"\ncounters = {counters}\n")
    }

    fn problem(text: &str) -> String {
        read(text).err().map(|why| why.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_good_file_and_its_twins() {
        let good = file(Suite::P256, "[\"clerk-1\"]");
        let found = read(&good).expect("a verifier");
        assert_eq!(
            (found[0].name.as_str(), found[0].counters.as_slice()),
            ("face-1", &["clerk-1".to_owned()][..])
        );
        assert!(load(None).is_ok_and(|none| none.is_empty()));
        assert_eq!(
            problem(&file(Suite::Sm2, "[\"clerk-1\"]")),
            "the verifier face-1: its key is not on P-256"
        );
        assert_eq!(problem(&format!("{good}{good}")), "the verifier face-1: stands twice");
        assert!(problem(&file(Suite::P256, "[]")).contains("1 to 1000 counters"));
        assert!(problem(&good.replace("PUBLIC", "PRIVATE")).contains("no PEM text of a public key"));
        assert!(problem(&good.replace("counters", "rooms")).contains("unknown field"));
    }
}
