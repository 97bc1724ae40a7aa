//! The file as a whole: its form, and what came after the seal.

use crate::domain::report::facts::{AttachedFacts, Change, Coverage, Facts, LaterRevision, Oddity};
use crate::domain::report::{Finding, Step, Weight};

/// Findings about the form.
pub(super) fn judge(facts: &Facts, findings: &mut Vec<Finding>) {
    if facts.pages == 0 {
        findings.push(
            Finding::new(Step::Format, Weight::Unclear, "format.no_pages").with("etsi", "FORMAT_FAILURE"),
        );
    } else if facts.oddities.is_empty() {
        findings.push(
            Finding::new(Step::Format, Weight::Good, "format.read")
                .with("pages", facts.pages)
                .with("revisions", facts.revisions),
        );
    }
    let unclear = |code| Finding::new(Step::Format, Weight::Unclear, code).with("etsi", "FORMAT_FAILURE");
    findings.extend(facts.oddities.iter().map(|oddity| match oddity {
        Oddity::ReadLeniently { why } => unclear("format.read_leniently").with("why", why),
        Oddity::BytesBeforeHeader { count } => unclear("format.bytes_before_header").with("count", count),
        Oddity::HybridXref => unclear("format.hybrid_xref"),
        Oddity::DuplicateKey { object, key } => {
            unclear("format.duplicate_key").with("object", object).with("key", key)
        }
    }));
    if facts.seals.is_empty() {
        findings
            .push(Finding::new(Step::Seal, Weight::Unclear, "seal.none").with("etsi", "NO_SIGNATURE_FOUND"));
    }
}

/// Findings about what came after the first seal.
pub(super) fn judge_later(facts: &Facts, license: Option<&AttachedFacts>, findings: &mut Vec<Finding>) {
    let is_license = license.is_some();
    let Some(covered) = facts.seals.iter().find_map(|seal| seal.coverage.ok()) else { return };
    if let Some(p) = facts.seals.iter().find_map(|seal| seal.permits) {
        findings.push(
            Finding::new(Step::Modification, Weight::Note, "modification.certified").with("permits", p),
        );
    } else {
        let weight = if is_license { Weight::Unclear } else { Weight::Note };
        findings.push(Finding::new(Step::Modification, weight, "modification.not_certified"));
    }
    let later = &facts.later;
    for revision in &later.revisions {
        let (weight, code) = weigh(facts, revision, license);
        let mut finding = Finding::new(Step::Modification, weight, code)
            .with("revision", revision.number)
            .with("objects", revision.objects);
        if let Some(field) = &revision.field {
            finding = finding.with("field", field);
        }
        findings.push(finding);
    }
    if later.loose_bytes > 0 {
        findings.push(
            Finding::new(Step::Modification, Weight::Bad, "modification.trailing_bytes")
                .with("count", later.loose_bytes),
        );
    } else if later.loose_space > 0 {
        findings.push(
            Finding::new(Step::Modification, Weight::Unclear, "modification.trailing_space")
                .with("count", later.loose_space),
        );
    }
    if later.revisions.is_empty() && later.loose_bytes == 0 && later.loose_space == 0 {
        let Coverage { revision, .. } = covered;
        findings.push(
            Finding::new(Step::Modification, Weight::Good, "modification.none").with("revision", revision),
        );
    }
}

/// Our own license files have one revision for each seal that belongs on them: even a harmless addition was not made by
/// the issuer.
fn weigh(facts: &Facts, revision: &LaterRevision, license: Option<&AttachedFacts>) -> (Weight, &'static str) {
    let is_license = license.is_some();
    let covers = |end: usize| {
        facts.seals.iter().filter(move |seal| seal.coverage.is_ok_and(|covered| covered.revision == end))
    };
    if revision.change == Change::FieldSealed {
        let is_sealed = covers(revision.number).any(|seal| Some(&seal.field) == revision.field.as_ref());
        if !is_sealed {
            return (Weight::Bad, "modification.field_without_seal");
        }
    }
    let is_locked = (1..revision.number).flat_map(covers).any(|seal| seal.locks);
    match revision.change {
        Change::FieldSealed | Change::Seal if is_locked => (Weight::Bad, "modification.after_lock"),
        Change::FieldSealed => match license {
            Some(license) if license.seals.is_empty() => (Weight::Unclear, "modification.further_seal"),
            Some(_) => (Weight::Good, "modification.field_sealed"),
            None => (Weight::Note, "modification.field_sealed"),
        },
        Change::ValidationData if is_license => (Weight::Unclear, "modification.validation_data"),
        Change::ValidationData => (Weight::Note, "modification.validation_data"),
        Change::Seal => (Weight::Unclear, "modification.further_seal"),
        Change::Visible => (Weight::Bad, "modification.visible"),
        Change::Structure => (Weight::Bad, "modification.structure"),
        Change::Unknown => (Weight::Bad, "modification.unknown"),
    }
}
