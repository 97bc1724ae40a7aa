//! Papers about licenses: a receipt of a verification, an annotated copy. Each is judged as what it is, never as a license.
//!
//! An annotated copy that has run out is a failure, not undecided: its end stands in what the seal covers, so the file itself
//! proves that it is of no use any more. A receipt does not run out; it says what was so at its time.

use super::Policy;
use crate::domain::license::record::Standing;
use crate::domain::paper::PaperKind;
use crate::domain::report::facts::{PaperFacts, SignerFacts};
use crate::domain::report::{Finding, PaperSummary, Report, Step, Weight};
use crate::domain::time::Timestamp;

/// Findings about what a paper says of itself. `signers` are those of its seals.
pub(super) fn judge(
    paper: &PaperFacts,
    signers: &[&SignerFacts],
    policy: &Policy,
    now: Timestamp,
    findings: &mut Vec<Finding>,
) {
    let found = |weight, code| Finding::new(Step::License, weight, code);
    let named = |finding: Finding| {
        let made = paper.made_at.map(|at| at.to_string()).unwrap_or_default();
        finding
            .with("id", &paper.id)
            .with("purpose", &paper.purpose)
            .with("recipient", &paper.recipient)
            .with("made", made)
    };
    match paper.kind {
        PaperKind::Receipt => {
            let finding = named(found(Weight::Good, "paper.is_receipt"));
            findings.push(finding.with("licenses", paper.licenses.len()));
        }
        PaperKind::Copy => {
            let license = paper.licenses.first().map(String::as_str).unwrap_or_default();
            findings.push(named(found(Weight::Good, "paper.is_copy")).with("license", license));
            if paper.masked > 0 {
                findings.push(found(Weight::Note, "paper.fields_masked").with("fields", paper.masked));
            }
        }
    }
    if paper.made_at.is_none() || (paper.kind == PaperKind::Copy && paper.expires_at.is_none()) {
        findings.push(found(Weight::Unclear, "paper.times_unreadable"));
    }
    if let Some(shown) = &paper.displays_another {
        findings.push(found(Weight::Bad, "paper.displays_another").with("displayed", shown));
    }
    judge_issuer(paper, signers, findings);
    if let Some(end) = paper.expires_at.filter(|_| !policy.before_release) {
        let finding = |weight, code| Finding::new(Step::Status, weight, code).with("until", end);
        if now >= end {
            findings.push(finding(Weight::Bad, "paper.copy_expired").with("etsi", "EXPIRED"));
        } else {
            findings.push(finding(Weight::Good, "paper.copy_in_time"));
        }
    }
    if paper.kind == PaperKind::Receipt && !policy.before_release {
        findings.push(Finding::new(Step::Status, Weight::Note, "paper.says_then"));
    }
}

/// The signer's organisation is the maker's code followed by its name; its common name is the seal's code.
fn judge_issuer(paper: &PaperFacts, signers: &[&SignerFacts], findings: &mut Vec<Finding>) {
    let found = |weight, code| Finding::new(Step::License, weight, code);
    let Some(signer) = signers.iter().find(|s| s.name == paper.seal).or(signers.first()) else { return };
    let name = signer.organisation.strip_prefix(&paper.issuer_code).map(str::trim_start);
    if paper.issuer_code.is_empty() || name != Some(paper.issuer_name.as_str()) || signer.name != paper.seal {
        findings.push(
            found(Weight::Bad, "paper.other_signer")
                .with("issuer", format!("{}{}", paper.issuer_code, paper.issuer_name))
                .with("signer", &signer.organisation),
        );
    } else {
        findings.push(found(Weight::Good, "paper.issuer_is_signer").with("issuer", &paper.issuer_name));
    }
}

/// What a report says of a paper.
pub(super) fn summary(paper: &PaperFacts) -> PaperSummary {
    PaperSummary {
        kind: paper.kind,
        id: paper.id.clone(),
        issuer_name: paper.issuer_name.clone(),
        licenses: paper.licenses.clone(),
        purpose: paper.purpose.clone(),
        recipient: paper.recipient.clone(),
        made_at: paper.made_at,
        expires_at: paper.expires_at,
    }
}

/// What the service knows of a paper beyond the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaperKnown {
    /// Whether a paper of this identity was made here, and whether the file is one of its files, byte for byte.
    pub made: Option<bool>,
    /// Where the license stands now that it is a copy of.
    pub standing: Option<Standing>,
}

/// Adds to the report on a paper what the service knows of it. A copy of a license that has ended is of no use; a receipt
/// stays true.
pub fn judge_paper_known(mut report: Report, known: &PaperKnown) -> Report {
    let Some(paper) = &report.paper else { return report };
    let found = |weight, code| Finding::new(Step::Status, weight, code);
    report.findings.push(match known.made {
        Some(true) => found(Weight::Good, "paper.known"),
        Some(false) => found(Weight::Bad, "paper.not_the_made_file"),
        None => found(Weight::Unclear, "paper.unknown"),
    });
    if let (PaperKind::Copy, Some(standing)) = (paper.kind, known.standing) {
        report.findings.push(match standing {
            Standing::InForce => found(Weight::Good, "paper.license_in_force"),
            other => found(Weight::Bad, "paper.license_not_in_force").with("standing", other.name()),
        });
    }
    report.verdict = Report::verdict_of(&report.findings);
    report
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::report::Verdict;

    fn paper(kind: PaperKind) -> PaperFacts {
        let at = Timestamp::from_seconds;
        PaperFacts {
            kind,
            id: "p-1".into(),
            issuer_code: "11990100MB0F7E2C1X".into(),
            issuer_name: "景川市数据局".into(),
            seal: "99010020260001".into(),
            made_at: Some(at(1_000)),
            expires_at: (kind == PaperKind::Copy).then(|| at(2_000)),
            licenses: vec!["1.2.156".into()],
            purpose: "办理贷款".into(),
            recipient: "景川银行".into(),
            masked: 0,
            displays_another: None,
        }
    }

    fn codes(paper: &PaperFacts, now: i64) -> Vec<(&'static str, Weight)> {
        let mut findings = Vec::new();
        judge(paper, &[], &Policy::default(), Timestamp::from_seconds(now), &mut findings);
        findings.into_iter().map(|finding| (finding.code, finding.weight)).collect()
    }

    #[test]
    fn a_copy_is_told_as_a_copy_and_fails_from_its_end_on() {
        let copy = paper(PaperKind::Copy);
        assert_eq!(
            codes(&copy, 1_999),
            [("paper.is_copy", Weight::Good), ("paper.copy_in_time", Weight::Good)]
        );
        assert_eq!(
            codes(&copy, 2_000),
            [("paper.is_copy", Weight::Good), ("paper.copy_expired", Weight::Bad)]
        );
        let twin = PaperFacts { masked: 2, ..copy.clone() };
        assert!(codes(&twin, 1_999).contains(&("paper.fields_masked", Weight::Note)));
        let twin = PaperFacts { expires_at: None, ..copy };
        assert!(codes(&twin, 1_999).contains(&("paper.times_unreadable", Weight::Unclear)));
    }

    #[test]
    fn a_receipt_does_not_run_out() {
        let receipt = paper(PaperKind::Receipt);
        let told = codes(&receipt, i64::from(u32::MAX));
        assert_eq!(told, [("paper.is_receipt", Weight::Good), ("paper.says_then", Weight::Note)]);
        let twin = PaperFacts { displays_another: Some("p-2".into()), ..receipt };
        assert!(codes(&twin, 1_500).contains(&("paper.displays_another", Weight::Bad)));
    }

    #[test]
    fn what_the_service_knows_decides() {
        let report = |kind| Report {
            verdict: Verdict::Passed,
            file: [0; 32],
            judged_at: Timestamp::from_seconds(1_500),
            rules: "",
            license: None,
            paper: Some(summary(&paper(kind))),
            seals: Vec::new(),
            findings: Vec::new(),
        };
        let verdict =
            |kind, made, standing| judge_paper_known(report(kind), &PaperKnown { made, standing }).verdict;
        let (in_force, ended) = (Some(Standing::InForce), Some(Standing::Suspended));
        assert_eq!(verdict(PaperKind::Copy, Some(true), in_force), Verdict::Passed);
        assert_eq!(verdict(PaperKind::Copy, Some(true), ended), Verdict::Failed);
        assert_eq!(verdict(PaperKind::Copy, Some(false), in_force), Verdict::Failed);
        assert_eq!(verdict(PaperKind::Copy, None, None), Verdict::Indeterminate);
        assert_eq!(verdict(PaperKind::Receipt, Some(true), ended), Verdict::Passed);
    }
}
