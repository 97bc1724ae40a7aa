//! What to think of an offline code. Stops where what follows would mean nothing: of a forged code nothing else is said.

use super::{Carried, Examined, Medium, OfflineCode, ProofFacts, SignedFacts};
use crate::domain::report::{Finding, Step, Weight};
use crate::domain::status_list::{Answer, Band, Told, Untold, Why};
use crate::domain::time::Timestamp;
use std::time::Duration;

/// A device's signature is good for so long before and after: clocks differ, and somebody has to scan it.
pub const PROOF_LIFE: Duration = Duration::from_secs(90);

/// The findings about a code at `now`. `status` is what the list that the code names says of it.
pub fn judge(examined: &Examined, status: &Told, now: Timestamp) -> Vec<Finding> {
    let signed = match examined {
        Examined::Signed(signed) => signed,
        other => return vec![unsigned(other)],
    };
    let mut findings = vec![
        Finding::new(Step::Integrity, Weight::Good, "offline.genuine")
            .with("issuer", &signed.key.issuer_name),
    ];
    findings.extend(key(signed, now));
    findings.extend(proof(signed, now));
    if findings.iter().any(|finding| finding.weight == Weight::Bad) {
        return findings;
    }
    findings.push(period(&signed.code, now));
    findings.extend(carried(&signed.code));
    findings.push(standing(status));
    findings
}

fn unsigned(examined: &Examined) -> Finding {
    let bad = |step, code| Finding::new(step, Weight::Bad, code);
    let unclear = |step, code| Finding::new(step, Weight::Unclear, code);
    match examined {
        Examined::NotOurs => unclear(Step::Format, "offline.not_ours"),
        Examined::OtherVersion => unclear(Step::Format, "offline.other_version"),
        Examined::CheckDigits => unclear(Step::Format, "offline.misread"),
        Examined::TooLong => bad(Step::Format, "offline.too_long"),
        Examined::Malformed { why } => bad(Step::Format, "offline.malformed").with("why", why),
        // An issuer that we do not know is no forger.
        Examined::UnknownKey { key } => unclear(Step::Signer, "offline.unknown_key").with("key", key),
        Examined::WrongAlgorithm => bad(Step::Integrity, "offline.wrong_algorithm"),
        Examined::Forged | Examined::Signed(_) => bad(Step::Integrity, "offline.forged"),
    }
}

fn key(signed: &SignedFacts, now: Timestamp) -> Option<Finding> {
    let (code, key) = (&signed.code, &signed.key);
    let bad = |name| Finding::new(Step::Signer, Weight::Bad, name).with("issuer", &key.issuer_name);
    let finding = if code.issuer != key.issuer {
        bad("offline.key_of_another")
    } else if !key.kinds.contains(&code.kind) {
        bad("offline.key_not_for_kind").with("kind", &code.kind)
    } else if code.issued < key.from || code.issued > key.until {
        bad("offline.key_not_valid").with("from", key.from).with("until", key.until)
    } else {
        return None;
    };
    Some(match &signed.carried {
        Some(carried) if cannot_know(carried, code, &finding, now) => {
            Finding::new(Step::Signer, Weight::Unclear, "offline.bundle_too_old").with("made", carried.made)
        }
        _ => finding,
    })
}

/// Whether what a verifier carries cannot tell any more who may sign what, so that nobody is called a forger by it: past its
/// end; or of a kind that the issuer may have been given after it was put together.
fn cannot_know(carried: &Carried, code: &OfflineCode, finding: &Finding, now: Timestamp) -> bool {
    now > carried.until || (finding.code == "offline.key_not_for_kind" && code.issued > carried.made)
}

fn proof(signed: &SignedFacts, now: Timestamp) -> Option<Finding> {
    let bad = |name| Finding::new(Step::Time, Weight::Bad, name);
    Some(match &signed.proof {
        ProofFacts::NotNeeded => return None,
        ProofFacts::Missing => bad("offline.no_proof"),
        ProofFacts::Malformed => bad("offline.proof_malformed"),
        ProofFacts::Forged => bad("offline.proof_forged"),
        ProofFacts::Made { at, .. } if now.since(*at) > PROOF_LIFE => {
            bad("offline.proof_stale").with("seconds", now.since(*at).as_secs())
        }
        ProofFacts::Made { at, .. } if at.since(now) > PROOF_LIFE => {
            bad("offline.proof_ahead").with("seconds", at.since(now).as_secs())
        }
        ProofFacts::Made { at, purpose, .. } => Finding::new(Step::Time, Weight::Good, "offline.proven")
            .with("seconds", now.since(*at).as_secs())
            .with("purpose", purpose),
    })
}

fn period(code: &OfflineCode, now: Timestamp) -> Finding {
    let (from, until) = (code.from, code.until());
    let (weight, name) = if now < from {
        (Weight::Bad, "offline.not_yet_valid")
    } else if now.whole_second() > until {
        (Weight::Bad, "offline.expired")
    } else {
        (Weight::Good, "offline.in_time")
    };
    Finding::new(Step::Time, weight, name).with("from", from).with("until", until)
}

fn carried(code: &OfflineCode) -> Vec<Finding> {
    let Medium::Paper { purpose, recipient, .. } = &code.medium else { return Vec::new() };
    let note = |name| Finding::new(Step::License, Weight::Note, name);
    let mut notes = vec![note("offline.on_paper").with("purpose", purpose)];
    notes.extend(
        recipient.as_ref().map(|recipient| note("offline.for_recipient").with("recipient", recipient)),
    );
    notes
}

fn standing(status: &Told) -> Finding {
    let (weight, name) = match (status.answer, status.band) {
        (Answer::Valid, Some(Band::Fresh)) => (Weight::Good, "offline.status_valid"),
        (Answer::Valid, _) => (Weight::Good, "offline.status_valid_aged"),
        (Answer::Ended, _) => (Weight::Bad, "offline.status_ended"),
        (Answer::Suspended, _) => (Weight::Bad, "offline.status_suspended"),
        (Answer::CannotTell(why), _) => (Weight::Unclear, cannot_tell(why)),
    };
    let mut finding = Finding::new(Step::Status, weight, name);
    if let (Some(as_of), Some(age)) = (status.as_of, status.age) {
        finding = finding.with("as_of", as_of).with("minutes", age.as_secs() / 60);
    }
    if let Answer::CannotTell(Why::Untold(Untold::Refused(why))) = status.answer {
        finding = finding.with("why", why);
    }
    finding
}

const fn cannot_tell(why: Why) -> &'static str {
    match why {
        Why::Untold(Untold::NoList) => "offline.status_no_list",
        Why::Untold(Untold::Refused(_)) => "offline.status_refused",
        Why::Untold(Untold::PastEnd) => "offline.status_past_end",
        Why::TooOld => "offline.status_too_old",
        Why::FromFuture => "offline.status_from_future",
        Why::OtherValue(_) => "offline.status_other",
    }
}
