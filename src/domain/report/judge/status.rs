//! What has become of license and seal since.

use super::Policy;
use crate::domain::license::record::{Ending, Standing};
use crate::domain::report::facts::{AttachedFacts, SealAtSealing, StatusFacts};
use crate::domain::report::{Finding, Report, Step, Weight};
use crate::domain::seal::SealState;
use crate::domain::time::{Timestamp, format_date};

/// Findings about the state of things at `now`. `elsewhere`: that other regions' bodies sealed the file, so that nobody here
/// can know the license.
pub(super) fn judge(
    license: Option<&AttachedFacts>,
    policy: &Policy,
    elsewhere: bool,
    now: Timestamp,
    findings: &mut Vec<Finding>,
) {
    let Some(license) = license else { return };
    if policy.before_release {
        return;
    }
    let standing = policy.status.as_ref().and_then(|status| status.standing);
    if standing.is_none() {
        judge_days(license, now, findings);
    }
    match &policy.status {
        None => findings.push(Finding::new(Step::Status, Weight::Note, "status.not_checked")),
        Some(status) => judge_known(status, elsewhere, findings),
    }
}

/// Adds to the report on a file without a license what seals of our own were when they sealed it.
pub fn judge_seals_then(mut report: Report, seals: &[SealAtSealing]) -> Report {
    judge_seals(seals, &mut report.findings);
    report.verdict = Report::verdict_of(&report.findings);
    report
}

/// What the dates on the license say when nobody was asked.
fn judge_days(license: &AttachedFacts, now: Timestamp, findings: &mut Vec<Finding>) {
    let today = now.date_in_china();
    if let Some(last) = license.valid_until.filter(|last| today > *last) {
        findings
            .push(Finding::new(Step::Status, Weight::Bad, "status.expired").with("day", format_date(last)));
    }
    if let Some(first) = license.valid_from.filter(|first| today < *first) {
        findings.push(
            Finding::new(Step::Status, Weight::Bad, "status.not_yet_in_force")
                .with("day", format_date(first)),
        );
    }
}

fn judge_known(status: &StatusFacts, elsewhere: bool, findings: &mut Vec<Finding>) {
    let found = |weight, code| Finding::new(Step::Status, weight, code);
    match status.known {
        true => {}
        // As offline: what has become of it since is for its own region to say.
        false if elsewhere => findings.push(found(Weight::Note, "status.of_another_region")),
        false => findings.push(found(Weight::Unclear, "status.unknown_license")),
    }
    if let Some(standing) = status.standing {
        let finding = match standing {
            Standing::InForce => found(Weight::Good, "status.in_force"),
            Standing::NotYetValid => found(Weight::Bad, "status.begins_later"),
            Standing::Expired => found(Weight::Bad, "status.has_expired"),
            Standing::Suspended => found(Weight::Bad, "status.suspended"),
            Standing::Ended(Ending::Cancelled) => found(Weight::Bad, "status.cancelled"),
            Standing::Ended(Ending::Annulled) => found(Weight::Bad, "status.annulled"),
            Standing::Ended(Ending::Withdrawn) => found(Weight::Bad, "status.withdrawn"),
            Standing::Ended(Ending::Revoked) => found(Weight::Bad, "status.revoked"),
            Standing::Superseded => match &status.superseded_by {
                Some(by) => found(Weight::Bad, "status.superseded_by").with("by", by),
                None => found(Weight::Bad, "status.superseded"),
            },
        };
        findings.push(finding);
    }
    match status.file_is_the_issued_one {
        Some(true) => findings.push(found(Weight::Good, "status.issued_file")),
        Some(false) => findings.push(found(Weight::Bad, "status.not_the_issued_file")),
        None => {}
    }
    judge_seals(&status.seals_at_sealing, findings);
}

/// What the seals were when they sealed.
fn judge_seals(seals: &[SealAtSealing], findings: &mut Vec<Finding>) {
    let found = |weight, code| Finding::new(Step::Status, weight, code);
    for seal in seals {
        let finding = match seal.state {
            Some(SealState::Active) => found(Weight::Good, "status.seal_was_active"),
            // However long ago it sealed: a seal that was made unlawfully never was one.
            Some(SealState::Void) => found(Weight::Bad, "status.seal_is_void"),
            Some(state) => found(Weight::Bad, "status.seal_was_not_active").with("state", state.name()),
            None => found(Weight::Unclear, "status.seal_unknown"),
        };
        findings.push(finding.with("seal", &seal.code));
    }
}
