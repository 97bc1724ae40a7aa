//! Judging facts: pure, no clock, no I/O.
//!
//! The verdicts are those of ETSI EN 319 102-1; a finding that is not good carries the standard's sub-indication as its
//! value `etsi`. In three places the rules here are stricter than the standard, which leaves them to policy:
//! - A signer that is not fit for sealing, or not the one its seal names, is a failure, not undecided: the file proves
//!   it.
//! - A license file has one revision, or one for each of the seals that it says belong on it, a trusted time, revocation
//!   data inside (level B-LT), and nothing in it that nobody signed. One that has not is undecided even where its seals
//!   alone would pass.
//! - Anything visible or structural added after a seal is a failure, whatever the seal permits.

mod chain;
mod company;
mod file;
mod license;
mod ofd;
mod paper;
mod plain_signature;
mod recognition;
mod rules;
mod seal;
mod seal_object;
mod seal_signature;
mod signer;
mod signers;
mod statement;
mod status;
mod summaries;
mod time;

pub use company::judge_companies;
pub use ofd::judge_ofd;
pub use paper::{PaperKnown, judge_paper_known};
pub use seal_object::{judge_seal, judge_seal_now};
pub use seal_signature::judge_seal_signature;
pub use statement::judge_statement;
pub use status::judge_seals_then;

use super::facts::{Attached, Container, Examined, Facts, SealFacts, SignerFacts, StatusFacts, TokenFacts};
use super::{Finding, Report, SealSummary, Step};
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

/// Decides what follows from the facts about a file of any format at `now`.
pub fn judge_examined(examined: &Examined, policy: &Policy, now: Timestamp) -> Report {
    match examined {
        Examined::Pdf(facts) => judge(facts, policy, now),
        Examined::Ofd(facts) => judge_ofd(facts, policy, now),
        Examined::Seal(facts) => judge_seal(facts, now),
        Examined::SealSignature(facts) => judge_seal_signature(facts, now),
        Examined::Statement(facts) => judge_statement(facts, policy, now),
    }
}

/// The time a file proves or, in a seal signature, claims to have been sealed at: the earliest of its seals.
pub fn sealed_at(examined: &Examined) -> Option<Timestamp> {
    match examined {
        Examined::Pdf(facts) => facts.seals.iter().find_map(trusted_time),
        Examined::Ofd(facts) => {
            facts.read().find_map(|(_, value)| value.trusted_time().or(value.claimed_time))
        }
        Examined::Seal(_) => None,
        Examined::SealSignature(facts) => {
            facts.signature.as_ref().ok().and_then(|value| value.trusted_time().or(value.claimed_time))
        }
        Examined::Statement(facts) => facts.statement.as_ref().ok().and_then(|value| value.claimed_time),
    }
}

/// A seal that a license names, and when it sealed, as far as the file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealing {
    /// The seal's code.
    pub code: String,
    /// The proven time, or the claimed one where none is proven and the rules take the signer's word.
    pub at: Option<Timestamp>,
}

/// The seals that speak for the license in a file, each with its own time. Strangers are none of them.
pub fn sealings(examined: &Examined) -> Vec<Sealing> {
    let Some(license) = examined.license() else { return Vec::new() };
    let named = |code: &str| license.seals.iter().any(|seal| seal == code);
    let sealing = |code: &str, at| Sealing { code: code.to_owned(), at };
    match examined {
        _ if license.seals.is_empty() => vec![sealing(&license.seal, sealed_at(examined))],
        Examined::Pdf(facts) => {
            let signed = facts.seals.iter().filter_map(|seal| Some((signer_of(seal)?, trusted_time(seal))));
            signed.filter(|(signer, _)| named(&signer.name)).map(|(s, at)| sealing(&s.name, at)).collect()
        }
        Examined::Ofd(facts) => facts
            .read()
            .filter(|(_, value)| named(&value.seal.code))
            .map(|(_, value)| sealing(&value.seal.code, value.trusted_time().or(value.claimed_time)))
            .collect(),
        Examined::Seal(_) | Examined::SealSignature(_) | Examined::Statement(_) => Vec::new(),
    }
}

/// Decides what follows from the facts about a PDF file at `now`.
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
            let proven = trusted_time(seal).is_some();
            let of = chain::SignerChain {
                field: &seal.field,
                chain: &signature.chain,
                signer: signature.signer.as_ref(),
                proven,
                decides: proven,
            };
            chain::judge(&of, now, &mut findings);
            time::judge(seal, signature, license.is_some(), now, &mut findings);
        }
    }
    file::judge_later(facts, license, &mut findings);
    let mut signers: Vec<&SignerFacts> = facts.seals.iter().filter_map(signer_of).collect();
    match license {
        Some(license) if !license.seals.is_empty() => {
            signers::judge_pdf(&facts.seals, license, &mut findings)
        }
        // What was added to the one seal of a license does not speak for it.
        _ => signers.truncate(1),
    }
    match &facts.attached {
        Attached::Paper(paper) => paper::judge(paper, &signers, policy, now, &mut findings),
        attached => license::judge(attached, &signers, policy, &mut findings),
    }
    let chains = facts.seals.iter().filter_map(|seal| match &seal.container {
        Container::Read(signature) => Some(&signature.chain),
        _ => None,
    });
    status::judge(license, policy, recognition::is_all(chains), now, &mut findings);
    Report {
        license: license.map(summaries::license),
        paper: summaries::paper(&facts.attached),
        seals: facts.seals.iter().filter(|seal| !seal.is_document_timestamp).map(summary_of_seal).collect(),
        ..report(facts.file, rules::of(&facts.seals), findings, now)
    }
}

/// The report that follows from findings about a file; whoever found them adds what the file is.
fn report(file: [u8; 32], rules: &'static str, mut findings: Vec<Finding>, now: Timestamp) -> Report {
    // Stable: within a step, seals stay in their order.
    findings.sort_by_key(|finding| finding.step);
    Report {
        verdict: Report::verdict_of(&findings),
        file,
        judged_at: now,
        rules,
        license: None,
        paper: None,
        seals: Vec::new(),
        findings,
    }
}

/// The report on a file that could not be examined: what it is is not known, so nothing is proven wrong.
pub fn judge_unexaminable(why: &super::facts::NotExaminable, file: [u8; 32], now: Timestamp) -> Report {
    let mut finding =
        Finding::new(Step::Format, super::Weight::Unclear, why.code()).with("etsi", "FORMAT_FAILURE");
    if let Some(detail) = why.detail() {
        finding = finding.with("why", detail);
    }
    report(file, rules::of(&[]), vec![finding], now)
}

fn signer_of(seal: &SealFacts) -> Option<&SignerFacts> {
    match &seal.container {
        Container::Read(signature) => signature.signer.as_ref(),
        _ => None,
    }
}

fn summary_of_seal(seal: &SealFacts) -> SealSummary {
    let signer = signer_of(seal);
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
    signature.tokens.iter().find_map(TokenFacts::trusted_time)
}

#[cfg(test)]
mod tests;
