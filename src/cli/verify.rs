//! `yinzheng verify`: judges a file offline, trusting only the roots it is given.

use crate::crypto::sha256;
use crate::documents::recognition::Recognised;
use crate::documents::{Known, examine, pdf};
use crate::domain::report::judge::{Policy, judge_examined, judge_unexaminable};
use crate::domain::report::{Report, Verdict, Weight};
use crate::formats::Unreadable;
use crate::formats::trust_list::{check_signer, open};
use crate::formats::x509::{Trust, crl, pem};
use crate::ports::clock::Clock;
use crate::texts::{Language, say};
use clap::Args;
use serde_json::json;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Check a sealed file without any service or network
///
/// Examines the file, judges it by the roots in --trust and prints every finding in the order it was established. Whether
/// the license was ended after it was sealed cannot be seen in a file; the report says so.
#[derive(Args, Debug)]
#[command(
    after_help = "Exit status: 0 passed, 1 failed, 3 indeterminate, 2 the file or the roots could not be read."
)]
pub struct VerifyArgs {
    /// The file to check: a license as PDF or OFD, a receipt or annotated copy as PDF, OFD or JSON, a seal (.esl), or a seal
    /// signature (SignedValue.dat)
    file: PathBuf,
    /// Trusted root X.509 certificates, PEM; a service publishes its own at /pki/roots.pem
    #[arg(long, value_name = "ROOTS.pem")]
    trust: PathBuf,
    /// Further X.509 certificates and revocation lists: an OFD file or a seal made elsewhere may hold none of its own, and any
    /// file may be older than what was revoked since. PEM; a list also in DER, as a service publishes it (/crl/root.crl)
    #[arg(long, value_name = "FILE")]
    with: Vec<PathBuf>,
    /// Signed trust list of another place, whose bodies are recognised too (its /pki/trust-list.p7m)
    #[arg(long, value_name = "LIST.p7m", requires = "trust_list_signer")]
    trust_list: Vec<PathBuf>,
    /// X.509 certificate that must have signed the trust list, PEM or DER, one for each list in the same order
    #[arg(long, value_name = "FILE", requires = "trust_list")]
    trust_list_signer: Vec<PathBuf>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
    /// Language of the findings
    #[arg(long, value_name = "zh|en", default_value = "zh", value_parser = ["zh", "en"])]
    lang: String,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// A file cannot be read.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// A file is larger than any that is examined.
    #[error("{0}: larger than {1} MB, the most that is examined")]
    TooLarge(PathBuf, usize),
    /// Not one signer for each list.
    #[error("--trust-list-signer must be given once for each --trust-list, in the same order")]
    Signers,
    /// A trust list is none, or not that signer's.
    #[error("{0}: {1}")]
    TrustList(PathBuf, String),
    /// The roots are none.
    #[error("{0}: {1}")]
    Roots(PathBuf, Unreadable),
}

/// Runs the command: what to print, and the exit status.
pub fn run(args: &VerifyArgs, clock: &dyn Clock) -> Result<(String, ExitCode), VerifyError> {
    let language = if args.lang == "en" { Language::English } else { Language::Chinese };
    let roots = String::from_utf8_lossy(&read(&args.trust)?).into_owned();
    let trust = Trust::from_pem(&roots).map_err(|why| VerifyError::Roots(args.trust.clone(), why))?;
    let bytes = read(&args.file)?;
    let (mut x509s, mut crls) = (Vec::new(), Vec::new());
    for path in &args.with {
        let bytes = read(path)?;
        let fails = |why| VerifyError::Roots(path.clone(), why);
        if crl::times(&bytes).is_ok() {
            crls.push(bytes);
            continue;
        }
        let text = String::from_utf8_lossy(&bytes);
        x509s.extend(pem::x509s_from_pem(&text).map_err(fails)?);
        crls.extend(pem::crls_from_pem(&text).map_err(fails)?);
    }
    let recognised = recognised(args, clock)?;
    let known = Known { trust: &trust, x509s: &x509s, crls: &crls, recognised: Some(&recognised) };
    let report = match examine(&bytes, known) {
        Ok(examined) => judge_examined(&examined, &Policy::default(), clock.now()),
        Err(why) => judge_unexaminable(&why, sha256(&bytes), clock.now()),
    };
    let text = if args.json { as_json(&report) } else { as_text(&report, language) };
    let status = match report.verdict {
        Verdict::Passed => ExitCode::SUCCESS,
        Verdict::Failed => ExitCode::from(1),
        Verdict::Indeterminate => ExitCode::from(3),
    };
    Ok((text, status))
}

/// The lists, each by its own signer. That one is the newest cannot be known offline; one that ran out is told in the report.
fn recognised(args: &VerifyArgs, clock: &dyn Clock) -> Result<Recognised, VerifyError> {
    if args.trust_list.len() != args.trust_list_signer.len() {
        return Err(VerifyError::Signers);
    }
    let lists = args.trust_list.iter().zip(&args.trust_list_signer).map(|(path, signer)| {
        let fails = |why: String| VerifyError::TrustList(path.clone(), why);
        let signer = x509(signer)?;
        check_signer(&signer, clock.now()).map_err(|why| fails(why.to_string()))?;
        let opened = open(&read(path)?).map_err(|why| fails(why.to_string()))?;
        if opened.signer_x509 != signer {
            return Err(fails("signed by another X.509 certificate than the given one".into()));
        }
        Ok(opened.list)
    });
    Ok(Recognised::new(lists.collect::<Result<Vec<_>, _>>()?))
}

/// An X.509 certificate, PEM or DER.
fn x509(path: &Path) -> Result<Vec<u8>, VerifyError> {
    let bytes = read(path)?;
    let found = pem::x509s_from_pem(&String::from_utf8_lossy(&bytes));
    Ok(found.ok().and_then(|found| found.into_iter().next()).unwrap_or(bytes))
}

/// Reads no more than could be examined, and a byte so that too large is seen to be.
fn read(path: &Path) -> Result<Vec<u8>, VerifyError> {
    let fails = |why| VerifyError::File(path.to_owned(), why);
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(fails)?;
    file.take(pdf::examine::MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(fails)?;
    if bytes.len() > pdf::examine::MAX_BYTES {
        return Err(VerifyError::TooLarge(path.to_owned(), pdf::examine::MAX_BYTES >> 20));
    }
    Ok(bytes)
}

fn as_text(report: &Report, language: Language) -> String {
    let word = |code: &str| say(code, language, &[]);
    let mut text = format!("{}\n", word(verdict_code(report.verdict)));
    if let Some(license) = &report.license {
        let _ = writeln!(text, "{}  {}  {}", license.kind_title, license.number, license.issuer_name);
        let _ = writeln!(text, "{}", license.identifier);
    }
    if let Some(paper) = &report.paper {
        let _ = writeln!(text, "{}  {}  {}", paper.id, paper.purpose, paper.issuer_name);
    }
    for finding in &report.findings {
        let mark = match finding.weight {
            Weight::Good => "✓",
            Weight::Note => "·",
            Weight::Unclear => "?",
            Weight::Bad => "✗",
        };
        let said = say(finding.code, language, &finding.args);
        let _ = writeln!(text, "  {mark} {said}  [{} · {}]", finding.code, finding.standard);
    }
    text.trim_end().to_owned()
}

fn as_json(report: &Report) -> String {
    let findings: Vec<_> = report
        .findings
        .iter()
        .map(|finding| {
            json!({
                "step": finding.step.name(), "weight": finding.weight.name(), "code": finding.code,
                "standard": finding.standard,
                "zh": say(finding.code, Language::Chinese, &finding.args),
                "en": say(finding.code, Language::English, &finding.args),
            })
        })
        .collect();
    let report = json!({
        "verdict": report.verdict.name(),
        "rules": report.rules,
        "file_sha256": hex::encode(report.file),
        "judged_at": report.judged_at.to_string(),
        "license": report.license.as_ref().map(|license| json!({
            "identifier": license.identifier, "kind": license.kind_title,
            "issuer": license.issuer_name, "number": license.number,
        })),
        "paper": report.paper.as_ref().map(|paper| json!({
            "kind": paper.kind.name(), "id": paper.id, "issuer": paper.issuer_name,
            "purpose": paper.purpose, "licenses": paper.licenses,
        })),
        "seals": report.seals.iter().map(|seal| json!({
            "seal": seal.seal_code, "owner": seal.owner,
            "sealed_at": seal.sealed_at.map(|at| at.to_string()), "time_is_trusted": seal.time_is_trusted,
        })).collect::<Vec<_>>(),
        "findings": findings,
    });
    format!("{report:#}")
}

pub(super) const fn verdict_code(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "report.passed",
        Verdict::Indeterminate => "report.indeterminate",
        Verdict::Failed => "report.failed",
    }
}
