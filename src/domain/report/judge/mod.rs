//! Judging facts: pure, no clock, no I/O.
//!
//! The verdicts are those of ETSI EN 319 102-1; a finding that is not good carries the standard's sub-indication as its
//! value `etsi`. In three places the rules here are stricter than the standard, which leaves them to policy:
//! - A signer that is not fit for sealing, or not the one its seal names, is a failure, not undecided: the file proves
//!   it.
//! - A license file has one revision, a trusted time, revocation data inside (level B-LT), and nothing in it that
//!   nobody signed. One that has not is undecided even where its seal alone would pass.
//! - Anything visible or structural added after a seal is a failure, whatever the seal permits.

mod chain;
mod file;
mod license;
mod rules;
mod seal;
mod status;
mod time;

use super::facts::{Attached, AttachedFacts, Container, Facts, SealFacts, StatusFacts, TokenFacts};
use super::{Finding, LicenseSummary, Report, SealSummary, Step};
use crate::domain::time::Timestamp;

/// What is known and asked beyond the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// What the service knows; `None` when judged offline.
    pub status: Option<StatusFacts>,
    /// The service proves its own output before it releases it: the license must be there, and whether it is in
    /// force today is not asked, since it may begin later or be an old one filed again.
    pub before_release: bool,
}

/// Decides what follows from the facts at `now`.
pub fn judge(facts: &Facts, policy: &Policy, now: Timestamp) -> Report {
    let license = match &facts.attached {
        Attached::License(license) => Some(license.as_ref()),
        _ => None,
    };
    let mut findings = Vec::new();
    file::judge(facts, &mut findings);
    for seal in &facts.seals {
        seal::judge(seal, license.is_some(), &mut findings);
        if let Container::Read(signature) = &seal.container {
            chain::judge(seal, signature, now, &mut findings);
            time::judge(seal, signature, license.is_some(), now, &mut findings);
        }
    }
    file::judge_later(facts, license.is_some(), &mut findings);
    license::judge(facts, policy, &mut findings);
    status::judge(license, policy, now, &mut findings);
    // Stable: within a step, seals stay in their order.
    findings.sort_by_key(|finding| finding.step);
    Report {
        verdict: Report::verdict_of(&findings),
        file: facts.file,
        judged_at: now,
        rules: rules::of(&facts.seals),
        license: license.map(summary_of_license),
        seals: facts.seals.iter().filter(|seal| !seal.is_document_timestamp).map(summary_of_seal).collect(),
        findings,
    }
}

/// The report on a file that could not be examined: what it is is not known, so nothing is proven wrong.
pub fn judge_unexaminable(why: &super::facts::NotExaminable, file: [u8; 32], now: Timestamp) -> Report {
    let finding = Finding::new(Step::Format, super::Weight::Unclear, why.code())
        .with("why", why)
        .with("etsi", "FORMAT_FAILURE");
    let findings = vec![finding];
    Report {
        verdict: Report::verdict_of(&findings),
        file,
        judged_at: now,
        rules: rules::of(&[]),
        license: None,
        seals: Vec::new(),
        findings,
    }
}

fn summary_of_license(license: &AttachedFacts) -> LicenseSummary {
    LicenseSummary {
        identifier: license.identifier.clone(),
        kind_title: license.kind_title.clone(),
        issuer_name: license.issuer_name.clone(),
        number: license.number.clone(),
    }
}

fn summary_of_seal(seal: &SealFacts) -> SealSummary {
    let signer = match &seal.container {
        Container::Read(signature) => signature.signer.as_ref(),
        _ => None,
    };
    let trusted = trusted_time(seal);
    SealSummary {
        seal_code: signer.map(|signer| signer.name.clone()),
        owner: signer.map(|signer| signer.organisation.clone()),
        sealed_at: trusted.or(seal.claimed_time),
        time_is_trusted: trusted.is_some(),
    }
}

/// The time a seal proves: that of its first token that is over its signature, intact and from a trusted authority.
pub fn trusted_time(seal: &SealFacts) -> Option<Timestamp> {
    let Container::Read(signature) = &seal.container else { return None };
    signature.tokens.iter().find_map(|token| match token {
        TokenFacts::Read { time, over_this_signature: true, intact: true, chain: Ok(_), .. } => Some(*time),
        _ => None,
    })
}

#[cfg(test)]
mod tests;
