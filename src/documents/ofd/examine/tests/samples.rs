//! Files of another implementation, with the verdicts that independent checkers gave.

use super::*;
use crate::documents::eseal::{examine_seal, examine_signature};
use crate::domain::report::facts::{SealFile, SignedValue, StampPlace};
use crate::domain::report::judge::{judge_seal, judge_seal_signature};

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/ofd/").to_owned() + name)
        .expect("a sample")
}

fn facts(name: &str) -> OfdFacts {
    let trust = bench().pki.trust();
    examine(&sample(name), Known::of(&trust)).expect("examined")
}

fn judged(facts: &OfdFacts) -> Report {
    // 2026-11-25
    judge_ofd(facts, &Policy::default(), Timestamp::from_seconds(1_795_600_000))
}

#[test]
fn a_locked_file_is_intact_and_its_certificates_have_ended_since() {
    let facts = facts("allprotected.ofd");
    assert_eq!((facts.signatures.len(), facts.pages, facts.oddities.len()), (1, 1, 0));
    assert!(facts.uncovered.is_empty() && facts.signatures[0].locks);
    assert_eq!((facts.signatures[0].seal_file, facts.signatures[0].references), (SealFile::Same, 6));
    let report = judged(&facts);
    for code in [
        "reference.intact",
        "ses.signature_right",
        "ses.data_intact",
        "ses.signer_listed",
        "eseal.maker_signature_right",
        "eseal.in_period",
        "cover.locked",
        "mark.inside",
        // The root of the test keys is not trusted here.
        "chain.unknown_root",
        "eseal.maker_unknown",
    ] {
        assert!(report.has(code), "{code}: {:#?}", report.findings);
    }
    assert_eq!(report.verdict, Verdict::Indeterminate, "{:#?}", report.findings);
    let SignedValue::Read(value) = &facts.signatures[0].value else { panic!("read") };
    assert!(value.signer.as_ref().expect("a signer").not_after < report.judged_at);
}

#[test]
fn a_signature_after_a_lock_breaks_the_first_and_not_the_second() {
    let facts = facts("h.ofd");
    let [first, second] = facts.signatures.as_slice() else { panic!("two signatures") };
    assert!(first.locks && first.list_changed && first.changed.is_empty() && first.missing.is_empty());
    assert!(!second.list_changed && second.changed.is_empty() && second.missing.is_empty());
    // The first is shown across the edges of five pages, a fifth of it on each.
    assert_eq!(first.marks.len(), 5);
    assert!(facts.signatures.iter().flat_map(|s| &s.marks).all(|mark| mark.place == StampPlace::Inside));
    for (_, value) in facts.read() {
        assert_eq!((value.signature_is_right, value.data_matches), (Some(true), Some(true)));
        assert!(value.signer_is_listed);
    }
    assert_eq!(facts.read().count(), 2);
    let report = judged(&facts);
    expect(&report, "reference.list_changed", Verdict::Failed);
    // It names a part that its maker left out.
    assert!(report.has("package.missing_part"));
}

#[test]
fn seals_alone_are_judged_by_their_structure() {
    let trust = bench().pki.trust();
    let judged = |name: &str, now: &str| {
        let day = crate::domain::time::parse_date(now).expect("a day");
        judge_seal(&examine_seal(&sample(name), Known::of(&trust)), Timestamp::start_of(day))
    };
    let then = judged("UserV4.esl", "2021-01-01");
    expect(&then, "eseal.maker_unknown", Verdict::Indeterminate);
    assert!(then.has("eseal.maker_signature_right") && then.has("eseal.in_period"));
    expect(&judged("UserV4.esl", "2026-01-01"), "eseal.out_of_period", Verdict::Failed);
    assert!(judged("UserV1.esl", "2021-01-01").has("eseal.maker_signature_right"));
    let v5 = judged("UserV5.esl", "2026-11-25");
    expect(&v5, "eseal.maker_expired", Verdict::Failed);
    assert!(v5.has("eseal.maker_signature_right") && v5.has("eseal.in_period"));
    let mut forged = sample("UserV4.esl");
    forged[5_000] ^= 1;
    let forged =
        judge_seal(&examine_seal(&forged, Known::of(&trust)), Timestamp::from_seconds(1_600_000_000));
    expect(&forged, "eseal.maker_signature_wrong", Verdict::Failed);
}

#[test]
fn a_signature_alone_is_right_but_proves_nothing() {
    let trust = bench().pki.trust();
    let facts = examine_signature(&sample("SignedValueV4.dat"), Known::of(&trust));
    let report = judge_seal_signature(&facts, Timestamp::from_seconds(1_610_000_000));
    expect(&report, "ses.data_not_at_hand", Verdict::Indeterminate);
    assert!(report.has("ses.signature_right") && report.has("ses.signer_listed"));
    let mut cut = sample("SignedValueV4.dat");
    cut.truncate(17_000);
    let facts = examine_signature(&cut, Known::of(&trust));
    let report = judge_seal_signature(&facts, Timestamp::from_seconds(1_610_000_000));
    expect(&report, "ses.unreadable", Verdict::Indeterminate);
}
