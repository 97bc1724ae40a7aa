//! What a report says in short about license and seals.

use super::paper;
use crate::domain::report::facts::{Attached, AttachedFacts, SealObjectFacts, SealSignatureFacts};
use crate::domain::report::{LicenseSummary, PaperSummary, SealSummary};

/// The license.
pub(super) fn license(license: &AttachedFacts) -> LicenseSummary {
    LicenseSummary {
        identifier: license.identifier.clone(),
        kind_title: license.kind_title.clone(),
        issuer_name: license.issuer_name.clone(),
        number: license.number.clone(),
    }
}

/// A seal that sealed nothing.
pub(super) fn seal_object(seal: &SealObjectFacts) -> SealSummary {
    SealSummary { seal_code: Some(seal.code.clone()), ..SealSummary::default() }
}

/// A seal signature.
pub(super) fn seal_signature(value: &SealSignatureFacts) -> SealSummary {
    let trusted = value.trusted_time();
    SealSummary {
        seal_code: Some(value.seal.code.clone()),
        owner: value.signer.as_ref().map(|signer| signer.organisation.clone()),
        sealed_at: trusted.or(value.claimed_time),
        time_is_trusted: trusted.is_some(),
    }
}

/// The paper, if it is one.
pub(super) fn paper(attached: &Attached) -> Option<PaperSummary> {
    match attached {
        Attached::Paper(facts) => Some(paper::summary(facts)),
        _ => None,
    }
}
