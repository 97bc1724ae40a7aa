//! Chains that another region's trust list vouches for, whoever's they are: signers', seal makers', timestamping
//! authorities'. Which list vouched is always said.

use crate::domain::report::facts::{ChainFault, GoodChain, RecognisedBy, Unrecognised};
use crate::domain::report::{Finding, Step, Weight};
use crate::domain::time::Timestamp;
use crate::domain::trust_list::{GRACE, NotRecognised};

/// Whether others vouch for all good chains, and there is one.
pub(super) fn is_all<'c>(chains: impl Iterator<Item = &'c Result<GoodChain, ChainFault>>) -> bool {
    let mut good = chains.filter_map(|chain| chain.as_ref().ok()).peekable();
    good.peek().is_some() && good.all(|good| good.recognised.is_some())
}

/// Whether a finding is one of these.
pub(super) fn is_of(finding: &Finding) -> bool {
    finding.code.starts_with("recognition.")
}

/// Findings about who vouches. `later` is what it weighs that the recognition was withdrawn after the time asked for.
pub(super) fn judge(
    by: &RecognisedBy,
    step: Step,
    later: Weight,
    now: Timestamp,
    field: &dyn Fn(Finding) -> Finding,
    findings: &mut Vec<Finding>,
) {
    findings.push(field(told(by, Finding::new(step, Weight::Note, "recognition.by"))));
    if let Some(at) = by.withdrawn_later {
        let found = Finding::new(step, later, "recognition.withdrawn_later").with("at", at);
        findings.push(field(told(by, found).with("etsi", "REVOKED_NO_POE")));
    }
    // A list that ran out does not say what was withdrawn since. For some days that is the publisher's negligence.
    let ran_out = |weight, code| told(by, Finding::new(step, weight, code).with("at", by.next_update));
    if now > by.next_update.plus(GRACE) {
        findings.push(field(ran_out(Weight::Unclear, "recognition.list_ran_out").with("etsi", "TRY_LATER")));
    } else if now > by.next_update {
        findings.push(field(ran_out(Weight::Note, "recognition.list_overdue")));
    }
}

/// The finding that whom a list names was not recognised for this.
pub(super) fn fault(by: &RecognisedBy, why: &Unrecognised, step: Step, timed: Weight) -> Finding {
    let found =
        |weight, code| told(by, Finding::new(step, weight, code)).with("etsi", "CHAIN_CONSTRAINTS_FAILURE");
    match why {
        Unrecognised::Then(NotRecognised::NotYet { from }) => {
            found(timed, "recognition.not_yet").with("at", from)
        }
        Unrecognised::Then(NotRecognised::Ended { until }) => {
            found(timed, "recognition.ended").with("at", until)
        }
        Unrecognised::Then(NotRecognised::Withdrawn { since }) => {
            found(timed, "recognition.withdrawn").with("at", since)
        }
        // No time makes that right.
        Unrecognised::Elsewhere { seal } => found(Weight::Bad, "recognition.elsewhere").with("seal", seal),
    }
}

fn told(by: &RecognisedBy, finding: Finding) -> Finding {
    finding
        .with("territory", &by.territory)
        .with("place_zh", &by.territory_name.zh)
        .with("place_en", &by.territory_name.en)
        .with("sequence", by.sequence)
        .with("body_zh", &by.entry.zh)
        .with("body_en", &by.entry.en)
}
