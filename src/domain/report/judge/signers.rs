//! Whether those who must seal have done so. A last seal that was cut off leaves no trace but this: the list of those who
//! must seal is in what they sealed.

use super::signer_of;
use crate::domain::report::facts::{AttachedFacts, SealFacts};
use crate::domain::report::{Finding, Step, Weight};

/// Findings about the seals expected, by their codes in order, and those that are there.
pub(super) fn judge(expected: &[String], present: &[&str], findings: &mut Vec<Finding>) {
    let found = |weight, code| Finding::new(Step::Modification, weight, code);
    // A seal may be asked for twice, for two parties it stands for.
    let mut strangers = present.to_vec();
    let mut missing = Vec::new();
    for code in expected {
        match strangers.iter().position(|other| other == code) {
            Some(place) => drop(strangers.remove(place)),
            None => missing.push(code.as_str()),
        }
    }
    if !missing.is_empty() {
        findings.push(
            found(Weight::Unclear, "signers.missing")
                .with("present", expected.len() - missing.len())
                .with("expected", expected.len())
                .with("missing", missing.join(", "))
                .with("etsi", "SIG_CONSTRAINTS_FAILURE"),
        );
    }
    if !strangers.is_empty() {
        findings.push(
            found(Weight::Unclear, "signers.unexpected")
                .with("seals", strangers.join(", "))
                .with("etsi", "SIG_CONSTRAINTS_FAILURE"),
        );
    }
    if missing.is_empty() && strangers.is_empty() {
        let in_order = present.iter().copied().eq(expected.iter().map(String::as_str));
        findings.push(if in_order {
            found(Weight::Good, "signers.all_present").with("count", expected.len())
        } else {
            found(Weight::Unclear, "signers.order").with("etsi", "SIG_CONSTRAINTS_FAILURE")
        });
    }
}

/// Findings about a PDF license on which several seals belong: who is there, each in the field kept for it, and whether
/// the last one lets nothing follow. The fields are named `Seal1`, `Seal2`, … in the order of the seals.
pub(super) fn judge_pdf(seals: &[SealFacts], license: &AttachedFacts, findings: &mut Vec<Finding>) {
    let found = |weight, code| Finding::new(Step::Modification, weight, code);
    let of_owners: Vec<&SealFacts> = seals.iter().filter(|seal| !seal.is_document_timestamp).collect();
    let code = |seal: &SealFacts| signer_of(seal).map_or("?", |signer| signer.name.as_str()).to_owned();
    let codes: Vec<String> = of_owners.iter().map(|seal| code(seal)).collect();
    judge(&license.seals, &codes.iter().map(String::as_str).collect::<Vec<_>>(), findings);
    for (n, seal) in of_owners.iter().enumerate() {
        if seal.field != format!("Seal{}", n + 1) {
            findings.push(
                found(Weight::Unclear, "signers.place")
                    .with("seal", code(seal))
                    .with("field", &seal.field)
                    .with("etsi", "SIG_CONSTRAINTS_FAILURE"),
            );
        }
    }
    let Some(last) = of_owners.last() else { return };
    findings.push(if last.locks {
        found(Weight::Good, "modification.locked")
    } else {
        found(Weight::Unclear, "modification.not_locked").with("etsi", "SIG_CONSTRAINTS_FAILURE")
    });
}
