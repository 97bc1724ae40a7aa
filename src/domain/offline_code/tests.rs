//! Every finding from a code with one thing changed, at a time that is said.

use super::testing::*;
use super::*;
use crate::domain::report::{Report, Verdict};
use crate::domain::status_list::{Entry, Told, Untold, tell};

const DEVICE: DeviceKey = DeviceKey { x: [1; 32], odd: true };

fn entry(value: u8) -> Entry {
    let issued = NOW.minus(Duration::from_secs(120));
    Entry { value, issued, ttl: Duration::from_secs(900), expires: issued.plus(Duration::from_secs(DAY)) }
}

fn valid() -> Told {
    tell(Ok(entry(0)), NOW)
}

fn signed(code: OfflineCode, proof: ProofFacts) -> Examined {
    Examined::Signed(Box::new(facts(code, proof)))
}

fn facts(code: OfflineCode, proof: ProofFacts) -> SignedFacts {
    SignedFacts { code, key: key_facts().into(), carried: None, proof }
}

/// Verdict and codes, the good and the noted ones left out.
fn said(examined: &Examined, status: &Told, now: Timestamp) -> (Verdict, Vec<&'static str>) {
    let findings = judge(examined, status, now);
    let told = findings.iter().filter(|f| f.weight > crate::domain::report::Weight::Note);
    (Report::verdict_of(&findings), told.map(|f| f.code).collect())
}

fn failed(code: &'static str) -> (Verdict, Vec<&'static str>) {
    (Verdict::Failed, vec![code])
}

fn unclear(code: &'static str) -> (Verdict, Vec<&'static str>) {
    (Verdict::Indeterminate, vec![code])
}

fn passed() -> (Verdict, Vec<&'static str>) {
    (Verdict::Passed, Vec::new())
}

#[test]
fn a_good_code_on_paper_passes_with_what_is_to_be_done() {
    let findings = judge(&signed(paper(), ProofFacts::NotNeeded), &valid(), NOW);
    let codes: Vec<&str> = findings.iter().map(|f| f.code).collect();
    let good = ["offline.genuine", "offline.in_time", "offline.on_paper", "offline.for_recipient"];
    assert_eq!(codes[..4], good);
    assert_eq!(codes[4..], ["offline.status_valid"]);
    assert_eq!(Report::verdict_of(&findings), Verdict::Passed);
}

#[test]
fn what_was_not_signed_has_one_finding() {
    for (examined, want) in [
        (Examined::NotOurs, unclear("offline.not_ours")),
        (Examined::OtherVersion, unclear("offline.other_version")),
        (Examined::CheckDigits, unclear("offline.misread")),
        (Examined::TooLong, failed("offline.too_long")),
        (Examined::Malformed { why: "x" }, failed("offline.malformed")),
        (Examined::UnknownKey { key: "00".into() }, unclear("offline.unknown_key")),
        (Examined::WrongAlgorithm, failed("offline.wrong_algorithm")),
        (Examined::Forged, failed("offline.forged")),
    ] {
        assert_eq!(judge(&examined, &valid(), NOW).len(), 1);
        assert_eq!(said(&examined, &valid(), NOW), want);
    }
}

fn key(facts: &mut SignedFacts) -> &mut KeyFacts {
    std::sync::Arc::make_mut(&mut facts.key)
}

#[test]
fn the_key_must_be_for_it() {
    let with = |change: fn(&mut SignedFacts)| {
        let mut facts = facts(paper(), ProofFacts::NotNeeded);
        change(&mut facts);
        said(&Examined::Signed(Box::new(facts)), &valid(), NOW)
    };
    assert_eq!(with(|_| {}), passed());
    assert_eq!(with(|f| key(f).issuer = "11450900MB0000002X".into()), failed("offline.key_of_another"));
    assert_eq!(with(|f| key(f).kinds.truncate(0)), failed("offline.key_not_for_kind"));
    assert_eq!(with(|f| f.code.kind = "driving-license".into()), failed("offline.key_not_for_kind"));
    assert_eq!(with(|f| key(f).from = NOW), failed("offline.key_not_valid"));
    assert_eq!(
        with(|f| key(f).until = f.code.issued.minus(Duration::from_secs(1))),
        failed("offline.key_not_valid")
    );
    assert_eq!(with(|f| key(f).until = f.code.issued), passed(), "signed while it was good");
}

type Change = fn(&mut SignedFacts);

#[test]
fn by_what_a_verifier_carries_nobody_is_a_forger_once_it_is_over() {
    // Made after the code was signed; whether it is over by now is the one thing changed.
    let made = NOW.minus(Duration::from_secs(600));
    let with = |until: Timestamp, made: Timestamp, change: Change| {
        let mut facts = facts(paper(), ProofFacts::NotNeeded);
        facts.carried = Some(Carried { made, until });
        change(&mut facts);
        said(&Examined::Signed(Box::new(facts)), &valid(), NOW)
    };
    let (good, over) = (NOW, NOW.minus(Duration::from_secs(1)));
    let changes: [(Change, &str); 3] = [
        (|f| key(f).issuer = "11450900MB0000002X".into(), "offline.key_of_another"),
        (|f| key(f).kinds.truncate(0), "offline.key_not_for_kind"),
        (|f| key(f).from = NOW, "offline.key_not_valid"),
    ];
    for (change, code) in changes {
        assert_eq!(with(good, made, change), failed(code));
        assert_eq!(with(over, made, change), unclear("offline.bundle_too_old"), "{code}");
    }
    // A kind that the issuer was given since: what was put together before the code was signed does not know of it.
    let before = paper().issued.minus(Duration::from_secs(1));
    assert_eq!(with(good, before, changes[1].0), unclear("offline.bundle_too_old"));
    assert_eq!(with(good, paper().issued, changes[1].0), failed("offline.key_not_for_kind"));
    assert_eq!(
        with(good, before, changes[0].0),
        failed("offline.key_of_another"),
        "a key stays its department's"
    );
    // What needs no bundle stays what it is.
    let forged: Change = |f| {
        key(f).kinds.truncate(0);
        f.code = phone(DEVICE);
        f.proof = ProofFacts::Forged;
    };
    let codes = vec!["offline.bundle_too_old", "offline.proof_forged"];
    assert_eq!(with(over, made, forged), (Verdict::Failed, codes));
    assert_eq!(said(&Examined::Forged, &valid(), NOW), failed("offline.forged"));
}

#[test]
fn the_time_must_be_right() {
    let code = paper();
    let (from, until) = (code.from, code.until());
    let at = |now: Timestamp| {
        let fresh = tell(Ok(Entry { issued: now, expires: now, ..entry(0) }), now);
        said(&signed(paper(), ProofFacts::NotNeeded), &fresh, now)
    };
    let second = Duration::from_secs(1);
    assert_eq!(at(from), passed());
    assert_eq!(at(from.minus(second)), failed("offline.not_yet_valid"));
    assert_eq!(at(until), passed());
    assert_eq!(at(until.plus(second)), failed("offline.expired"));
    assert_eq!(until.since(from), Duration::from_secs(30 * DAY));
}

#[test]
fn the_device_must_have_signed_just_now() {
    let made = |at| ProofFacts::Made { at, purpose: "租房".into(), shown: [0; 32] };
    let with = |proof| said(&signed(phone(DEVICE), proof), &valid(), NOW);
    let later = |seconds| NOW.minus(Duration::from_secs(seconds));
    assert_eq!(with(made(NOW)), passed());
    assert_eq!(with(made(later(90))), passed());
    assert_eq!(with(made(later(91))), failed("offline.proof_stale"));
    assert_eq!(with(made(NOW.plus(Duration::from_secs(90)))), passed());
    assert_eq!(with(made(NOW.plus(Duration::from_secs(91)))), failed("offline.proof_ahead"));
    assert_eq!(with(ProofFacts::Missing), failed("offline.no_proof"));
    assert_eq!(with(ProofFacts::Malformed), failed("offline.proof_malformed"));
    assert_eq!(with(ProofFacts::Forged), failed("offline.proof_forged"));
}

#[test]
fn each_status_has_its_finding() {
    let with = |status: Told| said(&signed(paper(), ProofFacts::NotNeeded), &status, NOW);
    assert_eq!(with(tell(Ok(entry(1)), NOW)), failed("offline.status_ended"));
    assert_eq!(with(tell(Ok(entry(2)), NOW)), failed("offline.status_suspended"));
    assert_eq!(with(tell(Ok(entry(9)), NOW)), unclear("offline.status_other"));
    for (untold, code) in [
        (Untold::NoList, "offline.status_no_list"),
        (Untold::Refused("status_list.bits"), "offline.status_refused"),
        (Untold::PastEnd, "offline.status_past_end"),
    ] {
        assert_eq!(with(tell(Err(untold), NOW)), unclear(code));
    }
    let aged = |hours: u64| tell(Ok(entry(0)), NOW.plus(Duration::from_secs(hours * 3600)));
    assert_eq!(with(aged(23)), passed());
    let findings = judge(&signed(paper(), ProofFacts::NotNeeded), &aged(23), NOW);
    assert!(findings.iter().any(|f| f.code == "offline.status_valid_aged"));
    assert_eq!(with(aged(25)), unclear("offline.status_too_old"));
    let ended = tell(Ok(entry(1)), NOW.plus(Duration::from_secs(25 * 3600)));
    assert_eq!(with(ended), unclear("offline.status_too_old"), "never red");
    assert_eq!(
        with(tell(Ok(entry(0)), NOW.minus(Duration::from_secs(3600)))),
        unclear("offline.status_from_future")
    );
}

#[test]
fn every_fault_is_told_at_once() {
    assert_eq!(paper().faults(), []);
    assert_eq!(phone(DEVICE).faults(), []);
    let codes = |code: OfflineCode| code.faults().into_iter().map(|f| f.code).collect::<Vec<_>>();
    let bad = OfflineCode {
        issuer: "x".into(),
        kind: "Business License".into(),
        fields: vec![("b".into(), "\u{202e}".into()), ("a".into(), "x".into())],
        from: NOW.plus(Duration::from_micros(1)),
        status: StatusRef { uri: "ftp://x".into(), index: 0 },
        medium: Medium::Paper { purpose: String::new(), recipient: Some(" x".into()), life: PaperLife::Week },
        ..paper()
    };
    let all = [
        "offline.issuer",
        "offline.kind",
        "offline.field",
        "offline.field_order",
        "offline.period",
        "offline.status_uri",
        "offline.purpose",
        "offline.purpose",
    ];
    assert_eq!(codes(bad), all);
    let many = (10..23).map(|n| (format!("f{n}"), "x".to_owned())).collect();
    assert_eq!(codes(OfflineCode { fields: many, ..paper() }), ["offline.too_many_fields"]);
    let long = Medium::Phone { device: DEVICE, until: NOW.plus(Duration::from_secs(31 * DAY)) };
    assert_eq!(codes(OfflineCode { medium: long, ..paper() }), ["offline.phone_life"]);
}
