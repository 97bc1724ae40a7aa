//! The license inside: readable, in agreement with itself, with its seal and with what the file displays.

use super::Policy;
use crate::domain::license::identifier::NotAnIdentifier;
use crate::domain::report::facts::{Attached, AttachedFacts, SignerFacts};
use crate::domain::report::{Finding, Step, Weight};

/// Findings about the license data. `signers` are those of the seals that may speak for it; its issuer is one of them.
pub(super) fn judge(
    attached: &Attached,
    signers: &[&SignerFacts],
    policy: &Policy,
    findings: &mut Vec<Finding>,
) {
    let found = |weight, code| Finding::new(Step::License, weight, code);
    let license = match attached {
        Attached::License(license) => license,
        // Judged as what it is.
        Attached::Paper(_) => return,
        Attached::Nothing => {
            let weight = if policy.before_release { Weight::Unclear } else { Weight::Note };
            findings.push(found(weight, "license.nothing_attached"));
            return;
        }
        Attached::Several => {
            findings.push(found(Weight::Unclear, "license.several_attached"));
            return;
        }
        Attached::Unreadable { why } => {
            findings.push(found(Weight::Unclear, "license.unreadable").with("why", why));
            return;
        }
    };
    findings.push(
        found(Weight::Good, "license.data_read")
            .with("identifier", &license.identifier)
            .with("title", &license.kind_title)
            .with("number", &license.number),
    );
    judge_identifier(license, findings);
    if !license.days_readable {
        findings.push(found(Weight::Unclear, "license.days_unreadable"));
    }
    let displayed = license.displayed_identifier.as_ref().filter(|shown| **shown != license.identifier);
    if let Some(shown) = displayed {
        findings.push(found(Weight::Bad, "license.displays_another").with("displayed", shown));
    }
    // Of several seals the issuer's may be the one that is missing, which is said already.
    if !license.seals.is_empty() && signers.iter().all(|signer| signer.name != license.seal) {
        return;
    }
    let is_issuer = |signer: &&&SignerFacts| signer.organisation.starts_with(&license.issuer_code);
    let named = signers.iter().find(|signer| is_issuer(signer) && signer.name == license.seal);
    let signer = named.or_else(|| signers.iter().find(is_issuer)).or(signers.first());
    if let Some(signer) = signer {
        judge_issuer(license, signer, findings);
    }
}

fn judge_identifier(license: &AttachedFacts, findings: &mut Vec<Finding>) {
    let found = |code| Finding::new(Step::License, Weight::Bad, code).with("identifier", &license.identifier);
    let id = match &license.id {
        Ok(id) => id,
        Err(NotAnIdentifier::Form) => return findings.push(found("license.identifier_malformed")),
        Err(NotAnIdentifier::Check) => return findings.push(found("license.identifier_check")),
    };
    if id.type_code() != license.type_code {
        findings.push(found("license.other_type").with("type_code", &license.type_code));
    }
    if id.issuer_code() != license.issuer_code {
        findings.push(found("license.other_issuer_code").with("issuer_code", &license.issuer_code));
    }
    if format!("{:03}", id.edition()) != license.edition {
        findings.push(found("license.other_edition").with("edition", &license.edition));
    }
}

/// The signer's organisation is the owner's credit code followed by its name, with or without a space, as provinces
/// differ; its common name is the seal code.
fn judge_issuer(license: &AttachedFacts, signer: &SignerFacts, findings: &mut Vec<Finding>) {
    let owner = format!("{}{}", license.issuer_code, license.issuer_name);
    let name = signer.organisation.strip_prefix(&license.issuer_code).map(str::trim_start);
    if license.issuer_code.is_empty() || name != Some(license.issuer_name.as_str()) {
        findings.push(
            Finding::new(Step::License, Weight::Bad, "license.issuer_is_not_signer")
                .with("issuer", &owner)
                .with("signer", &signer.organisation),
        );
    } else if signer.name != license.seal {
        findings.push(
            Finding::new(Step::License, Weight::Bad, "license.other_seal")
                .with("stated", &license.seal)
                .with("found", &signer.name),
        );
    } else {
        findings.push(
            Finding::new(Step::License, Weight::Good, "license.issuer_is_signer")
                .with("issuer", &license.issuer_name)
                .with("seal", &license.seal),
        );
    }
}
