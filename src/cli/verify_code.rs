//! `yinzheng verify-code`: judges an offline code with nothing but the bundle that a verifier carries.

use super::verify::verdict_code;
use crate::crypto::PublicKey;
use crate::domain::alarm::Alarm;
use crate::domain::offline_code::Medium;
use crate::domain::report::{Verdict, Weight};
use crate::domain::status_list::Answer;
use crate::domain::time::Timestamp;
use crate::formats::offline_code::Checked;
use crate::formats::verifier_bundle::{MOST_BYTES, NotABundle, VerifierBundle};
use crate::ports::clock::Clock;
use crate::texts::{Language, say};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Check an offline code without any service or network
///
/// Reads the digits of a code from paper or a phone and judges them by the bundle, which a service publishes at
/// /v1/verifier-bundle, and its key at /v1/verifier-bundle/key.
#[derive(Args, Debug)]
#[command(
    after_help = "Exit status: 0 passed, 1 failed, 3 indeterminate, 2 the bundle or its key could not be read."
)]
pub struct VerifyCodeArgs {
    /// The bundle
    #[arg(long, value_name = "FILE")]
    bundle: PathBuf,
    /// The key that must have signed it, as the service gives it (JSON)
    #[arg(long, value_name = "FILE")]
    bundle_key: PathBuf,
    /// The code's digits as they were scanned, or - to read them from standard input
    digits: String,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
    /// Language of the findings
    #[arg(long, value_name = "zh|en", default_value = "zh", value_parser = ["zh", "en"])]
    lang: String,
}

/// Why there is no verdict.
#[derive(Debug, thiserror::Error)]
pub enum VerifyCodeError {
    /// A file cannot be read.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// The key is none.
    #[error("{0}: not a key as /v1/verifier-bundle/key gives it")]
    Key(PathBuf),
    /// The bundle is none, or not that key's.
    #[error("{0}: {1}")]
    Bundle(PathBuf, NotABundle),
}

/// Runs the command: what to print, and the exit status.
pub fn run(args: &VerifyCodeArgs, clock: &dyn Clock) -> Result<(String, ExitCode), VerifyCodeError> {
    let language = if args.lang == "en" { Language::English } else { Language::Chinese };
    let key = key(&args.bundle_key)?;
    let token = text(&args.bundle)?;
    let bundle = VerifierBundle::open(&token, &key)
        .map_err(|why| VerifyCodeError::Bundle(args.bundle.clone(), why))?;
    let digits = if args.digits == "-" {
        let mut digits = String::new();
        let fails = |why| VerifyCodeError::File("standard input".into(), why);
        io::stdin().take(64 << 10).read_to_string(&mut digits).map_err(fails)?;
        digits
    } else {
        args.digits.clone()
    };
    let now = clock.now();
    let checked = bundle.check(&digits, now);
    let warning = warning(&bundle, now);
    let status = match checked.verdict {
        Verdict::Passed => ExitCode::SUCCESS,
        Verdict::Failed => ExitCode::from(1),
        Verdict::Indeterminate => ExitCode::from(3),
    };
    let said = if args.json {
        as_json(&checked, warning.as_ref())
    } else {
        as_text(&checked, &bundle, warning.as_ref(), language)
    };
    Ok((said, status))
}

/// Of a bundle that should be renewed: the code of what is said, and its values.
type Warning = (&'static str, [(&'static str, String); 2]);

/// What is to be said of the bundle's age, before it can confirm nothing any more.
fn warning(bundle: &VerifierBundle, now: Timestamp) -> Option<Warning> {
    let (made, until) = bundle.times();
    let code = match bundle.alarm(now)? {
        Alarm::Old => "carried.old",
        Alarm::Ending => "carried.ending",
        Alarm::Over => "carried.over",
    };
    Some((code, [("made", made.to_string()), ("until", until.to_string())]))
}

/// Reads no more than could be a bundle.
fn text(path: &Path) -> Result<String, VerifyCodeError> {
    let fails = |why| VerifyCodeError::File(path.to_owned(), why);
    let mut text = String::new();
    let file = File::open(path).map_err(fails)?;
    file.take(MOST_BYTES as u64 + 1).read_to_string(&mut text).map_err(fails)?;
    Ok(text)
}

fn key(path: &Path) -> Result<PublicKey, VerifyCodeError> {
    let given: Option<Value> = serde_json::from_str(&text(path)?).ok();
    let spki = given.and_then(|key| STANDARD.decode(key["spki"].as_str()?).ok());
    let key = spki.and_then(|spki| PublicKey::from_spki(&spki));
    key.ok_or_else(|| VerifyCodeError::Key(path.to_owned()))
}

fn as_text(
    checked: &Checked,
    bundle: &VerifierBundle,
    warning: Option<&Warning>,
    language: Language,
) -> String {
    let mut text = format!("{}\n", say(verdict_code(checked.verdict), language, &[]));
    if let Some(code) = &checked.code {
        let names = bundle.kinds.get(&code.kind);
        let title = names.map_or(code.kind.as_str(), |names| names.title.of(language.name()));
        let _ = writeln!(text, "{title}  {}", code.issuer);
        for (name, value) in &code.fields {
            let known = names.and_then(|names| names.fields.get(name));
            let title = known.map_or(name.as_str(), |known| known.of(language.name()));
            let _ = writeln!(text, "  {title}: {value}");
        }
    }
    for finding in &checked.findings {
        let mark = match finding.weight {
            Weight::Good => "✓",
            Weight::Note => "·",
            Weight::Unclear => "?",
            Weight::Bad => "✗",
        };
        let _ = writeln!(text, "  {mark} {}  [{}]", say(finding.code, language, &finding.args), finding.code);
    }
    if let Some((code, values)) = warning {
        let _ = writeln!(text, "  ! {}  [{code}]", say(code, language, values));
    }
    text.trim_end().to_owned()
}

fn as_json(checked: &Checked, warning: Option<&Warning>) -> String {
    let findings = checked.findings.iter().map(|finding| {
        json!({
            "weight": finding.weight.name(), "code": finding.code,
            "zh": say(finding.code, Language::Chinese, &finding.args),
            "en": say(finding.code, Language::English, &finding.args),
        })
    });
    let code = checked.code.as_ref().map(|code| {
        let (medium, purpose, recipient) = match &code.medium {
            Medium::Paper { purpose, recipient, .. } => ("paper", Some(purpose), recipient.as_ref()),
            Medium::Phone { .. } => ("phone", None, None),
        };
        let fields: serde_json::Map<String, Value> =
            code.fields.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
        json!({
            "medium": medium, "purpose": purpose, "recipient": recipient, "kind": code.kind,
            "issuer": code.issuer, "fields": fields, "file_sha256": hex::encode(code.file_sha256),
            "valid_from": code.from.to_string(), "valid_until": code.until().to_string(),
        })
    });
    let status = checked.status.map(|told| {
        let answer = match told.answer {
            Answer::Valid => "valid",
            Answer::Ended => "ended",
            Answer::Suspended => "suspended",
            Answer::CannotTell(_) => "cannot-tell",
        };
        let as_of = told.as_of.map(|at| at.to_string());
        json!({ "answer": answer, "as_of": as_of, "age_seconds": told.age.map(|age| age.as_secs()) })
    });
    let warning = warning.map(|(code, values)| {
        json!({
            "code": code, "zh": say(code, Language::Chinese, values), "en": say(code, Language::English, values),
        })
    });
    let said = json!({
        "verdict": checked.verdict.name(), "code": code, "status": status, "warning": warning,
        "findings": findings.collect::<Vec<_>>(),
    });
    format!("{said:#}")
}
