use super::testing::*;
use super::*;
use crate::domain::license::LicenseId;
use std::time::Duration;

mod model;

fn sent() -> (Bench, Envelope) {
    let bench = Bench::new();
    let mut envelope = draft(county_city_province(), bench.now);
    bench.does(&mut envelope, "county", Act::Send).expect("sent");
    (bench, envelope)
}

fn license() -> LicenseId {
    LicenseId::new("11990000MB7100010H001", "11990100MB7100010H", "1", 1).expect("an identifier")
}

fn no(party: &str) -> Act {
    Act::Decline { party: party.into(), version: 1, reason: "no".into() }
}

fn back(party: &str, version: u32) -> Act {
    Act::Return { party: party.into(), version, reason: "wrong address".into() }
}

#[test]
fn stages_open_one_after_the_other_and_the_quorum_lets_the_rest_go() {
    let (bench, mut e) = sent();
    assert_eq!(bench.does(&mut e, "city-a", yes("city-a", 1)), Err("envelope.stage_not_open"));
    let opened = bench.does(&mut e, "county", yes("county", 1));
    assert_eq!(opened, Ok(vec!["party-consented", "stage-done", "stage-opened"]));
    assert_eq!(bench.does(&mut e, "city-c", yes("city-c", 1)), Ok(vec!["party-consented"]));
    assert_eq!(bench.does(&mut e, "city-c", yes("city-c", 1)), Err("envelope.already_decided"));
    let second = bench.does(&mut e, "city-a", yes("city-a", 1));
    assert_eq!(second, Ok(vec!["party-consented", "stage-done", "stage-opened"]));
    assert_eq!(bench.does(&mut e, "city-b", yes("city-b", 1)), Err("envelope.not_needed"));
    let finish = Act::Finish { license: license() };
    assert_eq!(bench.does(&mut e, "system", finish.clone()), Err("envelope.act_not_allowed"));
    let last = bench.does(&mut e, "province", yes("province", 1));
    assert_eq!(last, Ok(vec!["party-consented", "stage-done", "satisfied"]));
    let order: Vec<_> = e.consents().map(|(party, _)| party.name.as_str()).collect();
    assert_eq!(order, ["county", "city-a", "city-c", "province"], "as the plan has them, not as they came");
    let withdraw = Act::Withdraw { reason: "late".into() };
    assert_eq!(bench.does(&mut e, "county", withdraw), Err("envelope.act_not_allowed"));
    assert_eq!(bench.does(&mut e, "system", finish.clone()), Ok(vec!["finished"]));
    assert_eq!(bench.does(&mut e, "system", finish), Err("envelope.act_not_allowed"));
    assert_eq!(e.license, Some(license()));
    // Draft, sent, four consents, finished.
    assert_eq!(e.revision, 7);
}

#[test]
fn only_the_party_itself_decides_and_only_about_the_version_it_saw() {
    let (bench, mut e) = sent();
    assert_eq!(bench.does(&mut e, "city-a", yes("county", 1)), Err("envelope.not_your_party"));
    assert_eq!(bench.does(&mut e, "system", yes("county", 1)), Err("envelope.not_your_party"));
    assert_eq!(bench.does(&mut e, "county", yes("nobody", 1)), Err("envelope.party_unknown"));
    assert_eq!(bench.does(&mut e, "county", yes("county", 2)), Err("envelope.other_version"));
    assert_eq!(bench.does(&mut e, "province", Act::Send), Err("envelope.not_initiator"));
    assert_eq!(bench.does(&mut e, "county", Act::Send), Err("envelope.act_not_allowed"));
    assert_eq!(bench.does(&mut e, "county", Act::Correct), Err("envelope.act_not_allowed"));
}

#[test]
fn a_party_that_declines_is_left_out_while_the_quorum_can_be_reached() {
    let (bench, mut e) = sent();
    bench.does(&mut e, "county", yes("county", 1)).expect("consented");
    assert_eq!(bench.does(&mut e, "city-b", no("city-b")), Ok(vec!["party-declined"]));
    assert_eq!(bench.does(&mut e, "city-b", yes("city-b", 1)), Err("envelope.already_decided"));
    assert_eq!(bench.does(&mut e, "city-c", no("city-c")), Ok(vec!["party-declined", "declined"]));
    assert_eq!(e.state, EnvelopeState::Declined);
    assert_eq!(bench.does(&mut e, "city-a", yes("city-a", 1)), Err("envelope.act_not_allowed"));
}

#[test]
fn a_return_voids_every_consent_and_makes_a_new_version() {
    let (bench, mut e) = sent();
    bench.does(&mut e, "county", yes("county", 1)).expect("consented");
    assert_eq!(bench.does(&mut e, "city-a", back("city-a", 1)), Ok(vec!["returned"]));
    assert_eq!((e.state, e.version, e.consents().count()), (EnvelopeState::Draft, 2, 0));
    assert_eq!(bench.does(&mut e, "city-b", yes("city-b", 1)), Err("envelope.act_not_allowed"));
    assert_eq!(bench.does(&mut e, "county", Act::Correct), Ok(vec!["corrected"]));
    assert_eq!(bench.does(&mut e, "county", Act::Send), Ok(vec!["sent", "stage-opened"]));
    assert_eq!(bench.does(&mut e, "county", yes("county", 1)), Err("envelope.other_version"));
    assert!(bench.does(&mut e, "county", yes("county", 2)).is_ok());
}

#[test]
fn a_stage_has_its_working_days_and_no_more() {
    let (mut bench, mut e) = sent();
    let open = e.open_stage.expect("open");
    // Sent on Monday the 23rd: five working days are over with the next Monday.
    assert_eq!(open.deadline.map(|at| at.to_string()).as_deref(), Some("2026-11-30T16:00:00Z"));
    assert_eq!(open.remind_at.map(|at| at.to_string()).as_deref(), Some("2026-11-26T01:00:00Z"));
    assert!(!open.provisional);
    for early in [Act::Expire, Act::Remind, Act::Resolve] {
        assert_eq!(bench.does(&mut e, "system", early), Err("envelope.not_due"));
    }
    bench.now = open.remind_at.expect("a reminder");
    assert_eq!(bench.does(&mut e, "system", Act::Remind), Ok(vec!["reminded"]));
    assert_eq!(bench.does(&mut e, "system", Act::Remind), Err("envelope.not_due"), "once each");
    assert_eq!(e.due_at().map(|at| at.to_string()).as_deref(), Some("2026-11-30T01:00:00Z"));
    bench.now = open.deadline.expect("a deadline");
    assert_eq!(bench.does(&mut e, "county", yes("county", 1)), Err("envelope.deadline_passed"));
    assert_eq!(bench.does(&mut e, "system", Act::Expire), Ok(vec!["expired"]));
    assert_eq!((e.state, e.due_at()), (EnvelopeState::Expired, None));
}

#[test]
fn a_delegate_decides_in_its_time_and_nobody_counts_twice() {
    let (mut bench, mut e) = sent();
    let (from, until) = (bench.now.plus(Duration::from_secs(60)), bench.now.plus(Duration::from_secs(3600)));
    let delegate = |party: &str, to: &str| Act::Delegate {
        party: party.into(),
        to: to.into(),
        from,
        until,
        reason: "away".into(),
    };
    assert_eq!(bench.does(&mut e, "county", delegate("county", "x")), Err("envelope.initiator_delegates"));
    assert_eq!(bench.does(&mut e, "province", delegate("city-a", "x")), Err("envelope.not_your_party"));
    let taken = bench.does(&mut e, "city-a", delegate("city-a", "city-b"));
    assert_eq!(taken, Err("envelope.delegate_takes_part"));
    assert_eq!(bench.does(&mut e, "city-a", delegate("city-a", "x")), Ok(vec!["delegated"]));
    let two = bench.does(&mut e, "city-b", delegate("city-b", "x"));
    assert_eq!(two, Err("envelope.delegate_takes_part"));
    let (party, to, reason) = ("city-a".to_owned(), "y".to_owned(), "r".to_owned());
    let backwards = Act::Delegate { party, to, from: until, until: from, reason };
    assert_eq!(bench.does(&mut e, "city-a", backwards), Err("envelope.delegation_period"));
    bench.does(&mut e, "county", yes("county", 1)).expect("consented");
    assert_eq!(bench.does(&mut e, "x", yes("city-a", 1)), Err("envelope.not_your_party"), "not yet");
    assert_eq!(bench.does(&mut e, "x", delegate("city-a", "y")), Err("envelope.not_your_party"));
    bench.now = from;
    let mut late = e.clone();
    assert!(bench.does(&mut e, "x", yes("city-a", 1)).is_ok());
    assert_eq!(e.consents().map(|(_, c)| c.body.as_str()).collect::<Vec<_>>(), ["county", "x"]);
    assert_eq!(bench.does(&mut e, "city-a", yes("city-a", 1)), Err("envelope.already_decided"));
    bench.now = until;
    assert_eq!(bench.does(&mut late, "x", yes("city-a", 1)), Err("envelope.not_your_party"), "no more");
    assert!(bench.does(&mut late, "city-a", yes("city-a", 1)).is_ok());
}

#[test]
fn a_role_is_the_one_body_that_has_it_when_the_stage_opens() {
    let mut bench = Bench::new();
    let mut plan = county_city_province();
    plan.stages[1].quorum = Quorum::AtLeast(1);
    plan.stages[1].parties =
        vec![role("city-a", Level::City, "planning"), role("city-b", Level::City, "fire")];
    let mut e = draft(plan, bench.now);
    let at = |responsibility: &str| ("990100".to_owned(), responsibility.to_owned());
    bench.bodies.insert(at("planning"), vec!["planners".into()]);
    // Two bodies for one role cannot be told apart; one that takes part already would count twice.
    bench.bodies.insert(at("fire"), vec!["fire-a".into(), "fire-b".into()]);
    bench.does(&mut e, "county", Act::Send).expect("sent");
    assert_eq!(e.party("city-a").and_then(|p| p.body.clone()), None, "its stage is not open");
    let opened = bench.does(&mut e, "county", yes("county", 1));
    assert_eq!(opened, Ok(vec!["party-consented", "stage-done", "stage-opened", "party-resolved"]));
    assert_eq!(e.party("city-b").and_then(|p| p.body.clone()), None);
    assert_eq!(bench.does(&mut e, "system", Act::Resolve), Err("envelope.not_due"));
    bench.bodies.insert(at("fire"), vec!["planners".into()]);
    assert_eq!(bench.does(&mut e, "system", Act::Resolve), Err("envelope.not_due"), "counted once only");
    bench.bodies.insert(at("fire"), vec!["firemen".into()]);
    assert_eq!(bench.does(&mut e, "system", Act::Resolve), Ok(vec!["party-resolved"]));
    assert!(bench.does(&mut e, "firemen", yes("city-b", 1)).is_ok());
}

#[test]
fn what_cannot_be_sealed_comes_back() {
    let (bench, mut e) = sent();
    for (who, party) in [("county", "county"), ("city-a", "city-a"), ("city-b", "city-b")] {
        bench.does(&mut e, who, yes(party, 1)).expect("consented");
    }
    let unsealable = Act::Unsealable { code: "seal.revoked".into() };
    assert_eq!(bench.does(&mut e, "system", unsealable.clone()), Err("envelope.act_not_allowed"));
    bench.does(&mut e, "province", yes("province", 1)).expect("consented");
    assert_eq!(bench.does(&mut e, "system", unsealable), Ok(vec!["unsealable"]));
    assert_eq!((e.state, e.version, e.consents().count()), (EnvelopeState::Draft, 2, 0));
}

#[test]
fn only_the_initiator_withdraws() {
    let (bench, mut e) = sent();
    let withdraw = Act::Withdraw { reason: "not wanted".into() };
    assert_eq!(bench.does(&mut e, "city-a", withdraw.clone()), Err("envelope.not_initiator"));
    assert_eq!(bench.does(&mut e, "county", withdraw.clone()), Ok(vec!["withdrawn"]));
    assert_eq!(bench.does(&mut e, "county", withdraw), Err("envelope.act_not_allowed"));
}

#[test]
fn names_read_back() {
    for state in EnvelopeState::ALL {
        assert_eq!(EnvelopeState::parse(state.name()), Some(state));
    }
    for what in What::ALL {
        assert_eq!(What::parse(what.name()), Some(what));
    }
    for level in Level::ALL {
        assert_eq!(Level::parse(level.name()), Some(level));
    }
    assert_eq!(EnvelopeId::parse("x"), None);
    let id = EnvelopeId::new([0xab; 16]);
    assert_eq!(EnvelopeId::parse(id.as_str()), Some(id));
}
