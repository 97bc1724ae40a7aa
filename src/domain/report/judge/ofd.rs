//! OFD files: the package, what each signature covers, the signatures themselves, what none covers, and whether those
//! who must seal have done so. The signatures' own rules stand in [`super::seal_signature`].
//!
//! Stricter than the standards, which leave it to policy: a signature must cover the entry file, the document, its pages
//! and its resources, or it protects nothing of what people see; and a part that a reader shows or offers while no
//! signature covers it is a failure, as anybody could have put it there.

use super::summaries;
use super::{Policy, license, paper, plain_signature, recognition, report, seal_signature, signers, status};
use crate::domain::report::facts::{
    Attached, CheckMethod, ListedAs, OfdFacts, OfdSignatureFacts, PackageOddity, SealFile, SignedValue,
    SignerFacts, StampPlace,
};
use crate::domain::report::{Finding, Report, Step, Weight, standard};
use crate::domain::time::Timestamp;

const RULES: &str = "GB/T 33190-2016, GB/T 38540-2020, GM/T 0031-2025";
const RULES_WITH_PLAIN: &str = "GB/T 33190-2016, GB/T 38540-2020, GM/T 0031-2025, GB/T 35275-2017";
/// Most paths or marks of a kind that a report names one by one.
const MOST_NAMED: usize = 8;

/// Decides what follows from the facts about an OFD file at `now`.
pub fn judge_ofd(facts: &OfdFacts, policy: &Policy, now: Timestamp) -> Report {
    let attached = match &facts.attached {
        Attached::License(license) => Some(license.as_ref()),
        _ => None,
    };
    let is_license = attached.is_some();
    let mut findings = Vec::new();
    judge_package(facts, &mut findings);
    for signature in &facts.signatures {
        judge_references(signature, &mut findings);
        judge_signed_value(signature, is_license, now, &mut findings);
        judge_marks(signature, &mut findings);
    }
    judge_cover(facts, is_license, &mut findings);
    judge_expected(facts, &mut findings);
    let signers: Vec<&SignerFacts> = facts.read().filter_map(|(_, value)| value.signer.as_ref()).collect();
    match &facts.attached {
        Attached::Paper(paper) => paper::judge(paper, &signers, policy, now, &mut findings),
        attached => license::judge(attached, &signers, policy, &mut findings),
    }
    let elsewhere = recognition::is_all(facts.read().map(|(_, value)| &value.chain));
    status::judge(attached, policy, elsewhere, now, &mut findings);
    let rules = if facts.signatures.iter().any(is_plain) { RULES_WITH_PLAIN } else { RULES };
    Report {
        license: attached.map(summaries::license),
        paper: summaries::paper(&facts.attached),
        seals: facts.read().map(|(_, value)| summaries::seal_signature(value)).collect(),
        ..report(facts.file, rules, findings, now)
    }
}

fn judge_package(facts: &OfdFacts, findings: &mut Vec<Finding>) {
    if facts.oddities.is_empty() {
        findings.push(
            Finding::new(Step::Format, Weight::Good, "package.read")
                .with("parts", facts.parts)
                .with("pages", facts.pages),
        );
    }
    let unclear = |code| Finding::new(Step::Format, Weight::Unclear, code).with("etsi", "FORMAT_FAILURE");
    findings.extend(facts.oddities.iter().map(|oddity| match oddity {
        PackageOddity::DuplicateNames => unclear("package.duplicate_names"),
        PackageOddity::CaseTwins { path } => unclear("package.case_twins").with("path", path),
        PackageOddity::OddName { path } => unclear("package.odd_name").with("path", path),
        PackageOddity::NotPlain { path } => unclear("package.not_plain").with("path", path),
        PackageOddity::Unpackable { path, why } => {
            unclear("package.unpackable").with("path", path).with("why", why)
        }
        PackageOddity::Inconsistent { why } => unclear("package.inconsistent").with("why", why),
        PackageOddity::LooseBytes { count } => unclear("package.loose_bytes").with("count", count),
        PackageOddity::SeveralDocuments { count } => {
            unclear("package.several_documents").with("count", count)
        }
        PackageOddity::MissingPart { path } => unclear("package.missing_part").with("path", path),
        PackageOddity::UnreadablePart { path, why } => {
            unclear("package.unreadable_part").with("path", path).with("why", why)
        }
        PackageOddity::EntryList { path } => unclear("package.entry_list").with("path", path),
    }));
    if facts.signatures.is_empty() {
        findings.push(
            Finding::new(Step::Seal, Weight::Unclear, "seal.none")
                .with("etsi", "NO_SIGNATURE_FOUND")
                .by(standard::OFD),
        );
    } else if facts.signatures.iter().all(is_plain) {
        findings.push(
            Finding::new(Step::Seal, Weight::Unclear, "seal.only_signed")
                .with("count", facts.signatures.len())
                .with("etsi", "NO_SIGNATURE_FOUND"),
        );
    }
}

const fn is_plain(signature: &OfdSignatureFacts) -> bool {
    matches!(signature.value, SignedValue::Plain(_) | SignedValue::OtherFormat { .. })
}

fn judge_references(signature: &OfdSignatureFacts, findings: &mut Vec<Finding>) {
    let found = |weight, code| Finding::new(Step::Integrity, weight, code).with("field", &signature.id);
    let before = findings.len();
    match &signature.method {
        CheckMethod::Known(_) => {}
        CheckMethod::Missing => findings.push(
            found(Weight::Bad, "reference.method_missing").with("etsi", "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"),
        ),
        CheckMethod::Weak(name) => findings.push(
            found(Weight::Bad, "reference.method_weak")
                .with("name", name)
                .with("etsi", "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"),
        ),
        CheckMethod::Unknown(name) => findings.push(
            found(Weight::Unclear, "reference.method_unknown")
                .with("name", name)
                .with("etsi", "CRYPTO_CONSTRAINTS_FAILURE"),
        ),
    }
    let of_paths = |weight, code, etsi: &'static str, paths: &[String], findings: &mut Vec<Finding>| {
        let named = paths.iter().take(MOST_NAMED);
        findings.extend(named.map(|path| found(weight, code).with("path", path).with("etsi", etsi)));
    };
    of_paths(Weight::Bad, "reference.changed", "HASH_FAILURE", &signature.changed, findings);
    of_paths(Weight::Bad, "reference.missing", "SIGNED_DATA_NOT_FOUND", &signature.missing, findings);
    of_paths(Weight::Unclear, "reference.twice", "FORMAT_FAILURE", &signature.twice, findings);
    of_paths(Weight::Bad, "cover.left_out", "SIG_CONSTRAINTS_FAILURE", &signature.left_out, findings);
    if signature.list_changed {
        findings.push(found(Weight::Bad, "reference.list_changed").with("etsi", "HASH_FAILURE"));
    }
    if findings.len() == before {
        findings.push(found(Weight::Good, "reference.intact").with("count", signature.references));
    }
}

fn judge_signed_value(
    signature: &OfdSignatureFacts,
    is_license: bool,
    now: Timestamp,
    findings: &mut Vec<Finding>,
) {
    let found = |weight, code, etsi| {
        Finding::new(Step::Seal, weight, code).with("field", &signature.id).with("etsi", etsi)
    };
    match &signature.value {
        SignedValue::NoDescription { why } => findings.push(
            found(Weight::Bad, "ses.no_description", "FORMAT_FAILURE").with("why", why).by(standard::OFD),
        ),
        SignedValue::Missing => {
            findings.push(found(Weight::Bad, "ses.missing", "SIGNED_DATA_NOT_FOUND").by(standard::OFD));
        }
        SignedValue::OtherFormat { why } => {
            findings.push(found(Weight::Unclear, "sign.unreadable", "FORMAT_FAILURE").with("why", why));
        }
        SignedValue::Unreadable { why } => {
            findings.push(found(Weight::Bad, "ses.broken", "FORMAT_FAILURE").with("why", why));
        }
        SignedValue::Read(value) => {
            seal_signature::judge_value(&signature.id, value, is_license, now, findings);
            if signature.listed_as == ListedAs::Sign {
                findings
                    .push(found(Weight::Unclear, "ses.listed_as_sign", "FORMAT_FAILURE").by(standard::OFD));
            }
        }
        SignedValue::Plain(value) => {
            plain_signature::judge(&signature.id, value, is_license, now, findings);
        }
    }
    if is_plain(signature) {
        judge_plain_looks(signature, &found, findings);
    }
    match signature.seal_file {
        SealFile::NotNamed | SealFile::Same | SealFile::NotCompared => {}
        SealFile::Missing => {
            findings.push(found(Weight::Bad, "ses.seal_missing", "SIGNED_DATA_NOT_FOUND").by(standard::OFD));
        }
        SealFile::Differs => {
            findings.push(found(Weight::Bad, "ses.seal_differs", "HASH_FAILURE").by(standard::OFD));
        }
    }
}

/// A plain signature is to be shown as what it is.
fn judge_plain_looks(
    signature: &OfdSignatureFacts,
    found: &dyn Fn(Weight, &'static str, &'static str) -> Finding,
    findings: &mut Vec<Finding>,
) {
    if signature.listed_as == ListedAs::Seal {
        findings.push(found(Weight::Unclear, "sign.listed_as_seal", "FORMAT_FAILURE").by(standard::OFD));
    }
    // Readers draw what is named there, and people take it for a seal.
    if !signature.marks.is_empty() || signature.seal_file != SealFile::NotNamed {
        findings.push(found(Weight::Unclear, "sign.shows_a_seal", "SIG_CONSTRAINTS_FAILURE"));
    }
}

fn judge_marks(signature: &OfdSignatureFacts, findings: &mut Vec<Finding>) {
    let found = |weight, code| Finding::new(Step::Modification, weight, code).with("field", &signature.id);
    if is_plain(signature) {
        // That it is shown at all has its finding.
        return;
    }
    if signature.marks.is_empty() {
        if matches!(signature.value, SignedValue::Read(_)) {
            findings.push(found(Weight::Note, "mark.none"));
        }
        return;
    }
    let count = findings.len();
    let odd = signature.marks.iter().filter_map(|mark| match mark.place {
        StampPlace::Inside => None,
        StampPlace::Outside => Some((mark, "mark.outside")),
        StampPlace::NoSuchPage => Some((mark, "mark.no_such_page")),
        StampPlace::Malformed => Some((mark, "mark.malformed")),
    });
    findings.extend(odd.take(MOST_NAMED).map(|(mark, code)| {
        found(Weight::Unclear, code).with("page", &mark.page).with("etsi", "FORMAT_FAILURE")
    }));
    if findings.len() == count {
        findings.push(found(Weight::Good, "mark.inside").with("count", signature.marks.len()));
    }
}

fn judge_cover(facts: &OfdFacts, is_license: bool, findings: &mut Vec<Finding>) {
    let found = |weight, code| Finding::new(Step::Modification, weight, code);
    let Some(last) = facts.signatures.last() else { return };
    let (used, loose): (Vec<_>, Vec<_>) = facts.uncovered.iter().partition(|part| part.is_used);
    for part in used.iter().take(MOST_NAMED) {
        findings.push(found(Weight::Bad, "cover.used_part").with("path", &part.path));
    }
    for part in loose.iter().take(MOST_NAMED) {
        findings.push(found(Weight::Unclear, "cover.loose_part").with("path", &part.path));
    }
    if facts.uncovered.is_empty() {
        findings.push(found(Weight::Good, "cover.whole").with("parts", facts.parts));
    }
    findings.push(if last.locks {
        found(Weight::Good, "cover.locked")
    } else {
        found(if is_license { Weight::Unclear } else { Weight::Note }, "cover.not_locked")
    });
}

fn judge_expected(facts: &OfdFacts, findings: &mut Vec<Finding>) {
    let Some(expected) = &facts.expected_seals else { return };
    let present: Vec<&str> = facts.read().map(|(_, value)| value.seal.code.as_str()).collect();
    signers::judge(expected, &present, findings);
}
