//! Seals of GB/T 38540 as objects: the maker's signature, the maker, the period. The steps are a to f of GM/T 0031-2025 as
//! published explanations have them, with what differs in GB/T 38540-2020; neither printed text was at hand. What the
//! maker's X.509 certificate has become since is a failure for a seal of structure 1 or 4 that is judged alone, and worth a
//! note for structure 5, which asks for the time the seal was made.

use super::summaries::seal_object;
use super::time::{SignedTime, judge_signed};
use super::{recognition, report};
use crate::domain::report::facts::{ChainFault, GoodChain, SealFileFacts, SealObjectFacts, TokenFacts};
use crate::domain::report::{Finding, Report, Step, Weight};
use crate::domain::seal::SealState;
use crate::domain::time::Timestamp;

/// Rules that a report about seals and seal signatures names.
pub(super) const RULES: &str = "GB/T 38540-2020, GM/T 0031-2025";

/// The report on a seal in a file of its own.
pub fn judge_seal(facts: &SealFileFacts, now: Timestamp) -> Report {
    let mut findings = Vec::new();
    match &facts.seal {
        Err(why) => findings.push(
            Finding::new(Step::Format, Weight::Unclear, "eseal.unreadable")
                .with("why", why)
                .with("etsi", "FORMAT_FAILURE"),
        ),
        Ok(seal) => {
            findings.push(
                Finding::new(Step::Format, Weight::Good, "eseal.read")
                    .with("name", &seal.name)
                    .with("code", &seal.code)
                    .with("structure", seal.structure)
                    .by(seal.standard),
            );
            judge_object(&seal.code, seal, Moment::Alone(now), now, &mut findings);
        }
    }
    Report { seals: facts.seal.iter().map(seal_object).collect(), ..report(facts.file, RULES, findings, now) }
}

/// Adds to the report on a seal of our own what has become of it: whether it may seal now is not in the file.
pub fn judge_seal_now(mut report: Report, state: SealState) -> Report {
    report.findings.push(match state {
        SealState::Active => Finding::new(Step::Status, Weight::Good, "status.seal_is_active"),
        _ => Finding::new(Step::Status, Weight::Bad, "status.seal_is_not_active").with("state", state.name()),
    });
    report.verdict = Report::verdict_of(&report.findings);
    report
}

/// The time for which a seal is judged.
#[derive(Clone, Copy)]
pub(super) enum Moment {
    /// It sealed then.
    Sealing(Timestamp),
    /// It is judged alone, now.
    Alone(Timestamp),
}

impl Moment {
    const fn at(self) -> Timestamp {
        match self {
            Self::Sealing(at) | Self::Alone(at) => at,
        }
    }
}

/// Findings about a seal.
pub(super) fn judge_object(
    field: &str,
    seal: &SealObjectFacts,
    moment: Moment,
    now: Timestamp,
    findings: &mut Vec<Finding>,
) {
    let found = |weight, code| Finding::new(Step::Seal, weight, code).with("field", field).by(seal.standard);
    match seal.maker_signature_is_right {
        Some(true) => findings.push(found(Weight::Good, "eseal.maker_signature_right")),
        Some(false) => findings
            .push(found(Weight::Bad, "eseal.maker_signature_wrong").with("etsi", "SIG_CRYPTO_FAILURE")),
        None => findings.push(
            found(Weight::Unclear, "eseal.algorithm_unknown")
                .with("algorithm", &seal.algorithm)
                .with("etsi", "CRYPTO_CONSTRAINTS_FAILURE"),
        ),
    }
    if seal.made_by_its_signer {
        findings.push(found(Weight::Bad, "eseal.made_by_its_signer").with("etsi", "SIG_CONSTRAINTS_FAILURE"));
    }
    let was_valid = (seal.valid_from..=seal.valid_until).contains(&seal.created);
    if seal.structure == 5 && !was_valid {
        findings.push(
            found(Weight::Bad, "eseal.not_valid_at_creation")
                .with("created", seal.created)
                .with("etsi", "SIG_CONSTRAINTS_FAILURE"),
        );
    }
    judge_maker(field, seal, moment, now, findings);
    let at = moment.at();
    let in_period = (seal.valid_from..=seal.valid_until).contains(&at.whole_second());
    let period = |weight, code| {
        found(weight, code).with("at", at).with("from", seal.valid_from).with("until", seal.valid_until)
    };
    findings.push(if in_period {
        period(Weight::Good, "eseal.in_period")
    } else {
        period(Weight::Bad, "eseal.out_of_period").with("etsi", "SIG_CONSTRAINTS_FAILURE")
    });
    judge_token(field, seal, now, findings);
}

fn judge_maker(
    field: &str,
    seal: &SealObjectFacts,
    moment: Moment,
    now: Timestamp,
    findings: &mut Vec<Finding>,
) {
    let found = |weight, code| Finding::new(Step::Seal, weight, code).with("field", field).by(seal.standard);
    if let (Some(maker), 1..=4) = (&seal.maker, seal.structure)
        && maker.not_before > seal.created
    {
        findings.push(found(Weight::Note, "eseal.maker_began_later").with("at", maker.not_before));
    }
    match &seal.maker_chain {
        Ok(good) => {
            judge_trusted_maker(seal, good, moment, &found, findings);
            if let Some(by) = good.recognised.as_deref() {
                let field = |finding: Finding| finding.with("field", field);
                recognition::judge(by, Step::Seal, Weight::Note, now, &field, findings);
            }
        }
        Err(ChainFault::NotRecognised { by, why }) => {
            findings.push(recognition::fault(by, why, Step::Seal, Weight::Bad).with("field", field));
        }
        Err(fault) => findings.push(maker_finding(fault, &found)),
    }
}

fn judge_trusted_maker(
    seal: &SealObjectFacts,
    good: &GoodChain,
    moment: Moment,
    found: &dyn Fn(Weight, &'static str) -> Finding,
    findings: &mut Vec<Finding>,
) {
    let name = seal.maker.as_ref().map_or("", |maker| maker.name.as_str());
    findings.push(
        found(Weight::Good, "eseal.maker_trusted")
            .with("maker", name)
            .with("root", &good.root)
            .with("known_at", good.revocation_known_at),
    );
    // Structure 1 and 4 ask for the maker's certificate to be good when the seal is looked at.
    let weight = match moment {
        Moment::Alone(_) if seal.structure < 5 => Weight::Bad,
        _ => Weight::Note,
    };
    let ended = seal.maker.as_ref().filter(|maker| moment.at() > maker.not_after);
    if let Some(maker) = ended {
        findings.push(
            found(weight, "eseal.maker_ended_since").with("at", maker.not_after).with("etsi", "EXPIRED"),
        );
    }
    if let Some((name, at)) = &good.revoked_later {
        findings.push(
            found(weight, "eseal.maker_revoked_later")
                .with("name", name)
                .with("at", at)
                .with("etsi", "REVOKED"),
        );
    }
}

fn maker_finding(fault: &ChainFault, found: &dyn Fn(Weight, &'static str) -> Finding) -> Finding {
    let unclear = |code, etsi| found(Weight::Unclear, code).with("etsi", etsi);
    let bad = |code, etsi| found(Weight::Bad, code).with("etsi", etsi);
    match fault {
        // The last has its own finding, with its own standard.
        ChainFault::NoSigner | ChainFault::UnknownRoot | ChainFault::NotRecognised { .. } => {
            unclear("eseal.maker_unknown", "NO_CERTIFICATE_CHAIN_FOUND")
        }
        ChainFault::Expired { not_after } => bad("eseal.maker_expired", "EXPIRED").with("at", not_after),
        ChainFault::NotYetValid { not_before } => {
            bad("eseal.maker_not_yet_valid", "NOT_YET_VALID").with("at", not_before)
        }
        ChainFault::Revoked { name, at, .. } => {
            bad("eseal.maker_revoked", "REVOKED").with("name", name).with("at", at)
        }
        ChainFault::RevocationUnknown { name } => {
            unclear("eseal.maker_revocation_unknown", "TRY_LATER").with("name", name)
        }
        ChainFault::Unfit { why } => bad("eseal.maker_unfit", "CHAIN_CONSTRAINTS_FAILURE").with("why", why),
        ChainFault::BadSignature => unclear("eseal.maker_bad_signature", "NO_CERTIFICATE_CHAIN_FOUND"),
        ChainFault::Unreadable { why } => {
            unclear("eseal.maker_unreadable", "CERTIFICATE_CHAIN_GENERAL_FAILURE").with("why", why)
        }
    }
}

/// Structure 5: a token over the maker's signature, not earlier than the seal.
fn judge_token(field: &str, seal: &SealObjectFacts, now: Timestamp, findings: &mut Vec<Finding>) {
    let time = SignedTime {
        field,
        claimed: None,
        tokens: seal.token.as_slice(),
        without_token: None,
        proven_code: "eseal.time_proven",
    };
    judge_signed(&time, now, findings);
    if let Some(TokenFacts::Read { time, .. }) = &seal.token
        && seal.created > *time
    {
        findings.push(
            Finding::new(Step::Time, Weight::Bad, "eseal.created_after_token")
                .with("field", field)
                .with("created", seal.created)
                .with("time", time)
                .with("etsi", "TIMESTAMP_ORDER_FAILURE")
                .by(seal.standard),
        );
    }
}
