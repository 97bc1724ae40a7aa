//! Signed statements: a paper's content as a JSON Web Signature. Such a signature has no time-stamp token, so when it was made
//! is the signer's word: what has ended or was revoked since is undecided, as everywhere where no time is proven.

use super::chain::{self, SignerChain};
use super::signer::signer_or_missing;
use super::time::{SignedTime, judge_signed};
use super::{Policy, paper, report, summaries};
use crate::domain::report::facts::{Attached, StatementFacts, StatementFault, StatementFileFacts};
use crate::domain::report::{Finding, Report, SealSummary, Step, Weight};
use crate::domain::time::Timestamp;

const RULES: &str = "ETSI EN 319 102-1, RFC 7515 (JWS), RFC 7518 (ES256)";
/// What findings call the signature.
const FIELD: &str = "JWS";

/// The report on a statement in a file of its own.
pub fn judge_statement(facts: &StatementFileFacts, policy: &Policy, now: Timestamp) -> Report {
    let mut findings = Vec::new();
    match &facts.statement {
        Err(fault) => findings.push(unread(fault)),
        Ok(value) => judge_value(value, policy, now, &mut findings),
    }
    Report {
        paper: facts.statement.as_ref().ok().and_then(|value| summaries::paper(&value.content)),
        seals: facts.statement.iter().map(summary).collect(),
        ..report(facts.file, RULES, findings, now)
    }
}

fn unread(fault: &StatementFault) -> Finding {
    let found = |code, etsi| Finding::new(Step::Format, Weight::Unclear, code).with("etsi", etsi);
    match fault {
        StatementFault::Form { why } => found("jws.unreadable", "FORMAT_FAILURE").with("why", why),
        StatementFault::Member { name } => found("jws.member", "FORMAT_FAILURE").with("name", name),
        StatementFault::Algorithm { name } => {
            found("jws.algorithm", "CRYPTO_CONSTRAINTS_FAILURE").with("algorithm", name)
        }
        StatementFault::Kind { name } => found("jws.other_kind", "FORMAT_FAILURE").with("kind", name),
    }
}

fn judge_value(value: &StatementFacts, policy: &Policy, now: Timestamp, findings: &mut Vec<Finding>) {
    let found = |step, weight, code| Finding::new(step, weight, code).with("field", FIELD);
    findings.push(found(Step::Format, Weight::Good, "jws.read"));
    if let Some(signer) = signer_or_missing(value.signer.as_ref(), &found, findings) {
        findings.push(match value.signature_is_right {
            Some(true) => found(Step::Seal, Weight::Good, "jws.signature_right")
                .with("name", &signer.name)
                .with("organisation", &signer.organisation),
            Some(false) => {
                found(Step::Seal, Weight::Bad, "jws.signature_wrong").with("etsi", "SIG_CRYPTO_FAILURE")
            }
            None => {
                found(Step::Seal, Weight::Unclear, "jws.other_key").with("etsi", "CRYPTO_CONSTRAINTS_FAILURE")
            }
        });
    }
    let of = SignerChain {
        field: FIELD,
        chain: &value.chain,
        signer: value.signer.as_ref(),
        proven: false,
        decides: false,
    };
    chain::judge(&of, now, findings);
    let time = SignedTime {
        field: FIELD,
        claimed: value.claimed_time,
        tokens: &[],
        without_token: Some(Weight::Note),
        proven_code: "time.proven",
    };
    judge_signed(&time, now, findings);
    match &value.content {
        Attached::Paper(facts) => {
            let signers: Vec<_> = value.signer.iter().collect();
            paper::judge(facts, &signers, policy, now, findings);
        }
        Attached::Unreadable { why } => {
            findings.push(found(Step::License, Weight::Unclear, "jws.content_unreadable").with("why", why));
        }
        // Statements hold papers and nothing else.
        Attached::Nothing | Attached::Several | Attached::License(_) => {
            findings.push(found(Step::License, Weight::Unclear, "jws.content_unreadable").with("why", "—"));
        }
    }
}

fn summary(value: &StatementFacts) -> SealSummary {
    SealSummary {
        seal_code: value.signer.as_ref().map(|signer| signer.name.clone()),
        owner: value.signer.as_ref().map(|signer| signer.organisation.clone()),
        sealed_at: value.claimed_time,
        time_is_trusted: false,
    }
}
