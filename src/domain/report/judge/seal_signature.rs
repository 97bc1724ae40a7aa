//! Seal signatures of GB/T 38540, in the order of its verification of signatures. The printed text was not at hand: the
//! order is that of an independent verifier and of what is recalled as clause 7.3, and the findings' names are ours, since
//! the standard gives no codes. The rules take the signer at its word for the time of sealing, which is signed: a certificate
//! that had ended by then is a failure. What has ended or was revoked since then is undecided here as long as no time-stamp
//! token proves the time, where the standard lets it pass: whoever gets hold of an old key can date back.

use super::chain::{self, SignerChain};
use super::seal_object::{Moment, RULES, judge_object};
use super::signer::signer_or_missing;
use super::summaries::seal_signature;
use super::time::{SignedTime, judge_signed};
use super::{recognition, report};
use crate::domain::report::facts::{SealSignatureFacts, SealSignatureFileFacts};
use crate::domain::report::{Finding, Report, Step, Weight};
use crate::domain::time::Timestamp;

/// The report on a seal signature in a file of its own.
pub fn judge_seal_signature(facts: &SealSignatureFileFacts, now: Timestamp) -> Report {
    let mut findings = Vec::new();
    match &facts.signature {
        Err(why) => findings.push(
            Finding::new(Step::Format, Weight::Unclear, "ses.unreadable")
                .with("why", why)
                .with("etsi", "FORMAT_FAILURE"),
        ),
        Ok(value) => judge_value(&value.seal.code, value, false, now, &mut findings),
    }
    Report {
        seals: facts.signature.iter().map(seal_signature).collect(),
        ..report(facts.file, RULES, findings, now)
    }
}

/// Findings about a seal signature.
pub(super) fn judge_value(
    field: &str,
    value: &SealSignatureFacts,
    is_license: bool,
    now: Timestamp,
    findings: &mut Vec<Finding>,
) {
    let found = |step, weight, code| Finding::new(step, weight, code).with("field", field).by(value.standard);
    // 1. The structure is known.
    findings.push(
        found(Step::Format, Weight::Good, "ses.read")
            .with("structure", value.structure)
            .with("name", &value.seal.name),
    );
    if value.structure != value.seal.structure {
        findings.push(
            found(Step::Format, Weight::Unclear, "ses.versions_differ")
                .with("seal", value.seal.structure)
                .with("structure", value.structure)
                .with("etsi", "FORMAT_FAILURE"),
        );
    }
    // 2. The signature value.
    match value.signature_is_right {
        Some(true) => findings.push(found(Step::Seal, Weight::Good, "ses.signature_right")),
        Some(false) => findings
            .push(found(Step::Seal, Weight::Bad, "ses.signature_wrong").with("etsi", "SIG_CRYPTO_FAILURE")),
        None => findings.push(
            found(Step::Seal, Weight::Unclear, "ses.algorithm_unknown")
                .with("algorithm", &value.algorithm)
                .with("etsi", "CRYPTO_CONSTRAINTS_FAILURE"),
        ),
    }
    // 3. The signer stands in the seal's list.
    judge_signer(value, &found, findings);
    // 4. The seal itself, at the time of sealing.
    let at = value.trusted_time().or(value.claimed_time);
    let moment = at.map_or(Moment::Alone(now), Moment::Sealing);
    judge_object(field, &value.seal, moment, now, findings);
    // 5. The signer's chain.
    let before = findings.len();
    let of = SignerChain {
        field,
        chain: &value.chain,
        signer: value.signer.as_ref(),
        proven: value.trusted_time().is_some(),
        decides: at.is_some(),
    };
    chain::judge(&of, now, findings);
    for finding in findings[before..].iter_mut().filter(|finding| !recognition::is_of(finding)) {
        finding.standard = value.standard;
    }
    // 6. and 8. The time, and what proves it.
    if value.claimed_time.is_none() {
        findings
            .push(found(Step::Time, Weight::Unclear, "ses.time_unreadable").with("etsi", "FORMAT_FAILURE"));
    }
    let time = SignedTime {
        field,
        claimed: value.claimed_time,
        tokens: value.token.as_slice(),
        without_token: Some(if is_license { Weight::Unclear } else { Weight::Note }),
        proven_code: "time.proven",
    };
    judge_signed(&time, now, findings);
    // 7. What was sealed.
    judge_data(value, &found, findings);
}

fn judge_signer(
    value: &SealSignatureFacts,
    found: &dyn Fn(Step, Weight, &'static str) -> Finding,
    findings: &mut Vec<Finding>,
) {
    let Some(signer) = signer_or_missing(value.signer.as_ref(), found, findings) else { return };
    findings.push(if value.signer_is_listed {
        found(Step::Seal, Weight::Good, "ses.signer_listed")
            .with("name", &signer.name)
            .with("organisation", &signer.organisation)
    } else {
        found(Step::Seal, Weight::Bad, "ses.signer_not_in_seal")
            .with("organisation", &signer.organisation)
            .with("etsi", "SIG_CONSTRAINTS_FAILURE")
    });
}

fn judge_data(
    value: &SealSignatureFacts,
    found: &dyn Fn(Step, Weight, &'static str) -> Finding,
    findings: &mut Vec<Finding>,
) {
    findings.push(match value.data_matches {
        Some(true) => {
            found(Step::Integrity, Weight::Good, "ses.data_intact").with("property", &value.property)
        }
        Some(false) => found(Step::Integrity, Weight::Bad, "ses.data_changed").with("etsi", "HASH_FAILURE"),
        None => found(Step::Integrity, Weight::Unclear, "ses.data_not_at_hand")
            .with("property", &value.property)
            .with("etsi", "SIGNED_DATA_NOT_FOUND"),
    });
    if value.property_fits == Some(false) {
        findings.push(
            found(Step::Integrity, Weight::Unclear, "ses.property_differs")
                .with("property", &value.property)
                .with("etsi", "SIG_CONSTRAINTS_FAILURE"),
        );
    }
}
