use super::*;
use crate::domain::envelope::Level;
use crate::domain::party::Person;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::Duration;

const NAMES: [&str; 4] = ["first", "second", "third", "fourth"];

fn seal(state: SealState) -> Seal {
    Seal {
        code: SealCode::parse("36980110000017").expect("14 digits"),
        owner_code: "11360000000000001X".into(),
        owner_name: "景川市市场监督管理局".into(),
        owner_kind: OwnerKind::Organ,
        person: None,
        purpose: SealPurpose::License,
        purpose_words: "电子证照专用章".into(),
        look: SealLook::Drawn,
        suites: vec![Suite::P256],
        state,
        papers: Vec::new(),
        replaces: None,
        replaced_by: None,
        requested_by: "first".into(),
        approved_by: None,
        valid_from: Timestamp::from_seconds(100),
        valid_until: Timestamp::from_seconds(200),
        revision: 1,
    }
}

#[test]
fn only_an_active_seal_inside_its_period_may_seal() {
    for state in SealState::ALL {
        let usable = seal(state).check_usable(Timestamp::from_seconds(150)).is_ok();
        assert_eq!(usable, state == SealState::Active, "{state:?}");
    }
    let active = seal(SealState::Active);
    let code = |at| active.check_usable(Timestamp::from_seconds(at)).map_err(|r| r.code);
    assert_eq!(code(99), Err("seal.not_yet_valid"));
    assert_eq!(code(100), Ok(()));
    assert_eq!(code(200), Ok(()));
    assert_eq!(code(201), Err("seal.expired"));
}

#[test]
fn the_one_who_asked_cannot_approve() {
    let asked = seal(SealState::Requested);
    assert_eq!(asked.after(SealAct::Approve, true).map_err(|r| r.code), Err("seal.second_person_needed"));
    assert_eq!(asked.after(SealAct::Approve, false), Ok(SealState::Active));
}

#[test]
fn out_of_an_end_only_voiding_leads() {
    for state in SealState::ALL {
        for act in SealAct::ALL {
            let expected = match (state, act) {
                (SealState::Requested, SealAct::Approve) | (SealState::Suspended, SealAct::Resume) => {
                    Some(SealState::Active)
                }
                (SealState::Requested, SealAct::Reject) => Some(SealState::Rejected),
                (SealState::Active, SealAct::Suspend) => Some(SealState::Suspended),
                (SealState::Active | SealState::Suspended, SealAct::Cancel) => Some(SealState::Cancelled),
                (_, SealAct::Void) if state.is_made() && state != SealState::Void => Some(SealState::Void),
                _ => None,
            };
            assert_eq!(seal(state).after(act, false).ok(), expected, "{state:?} {act:?}");
        }
        let successor = SealCode::parse("36980110000025").expect("14 digits");
        let gave_way = seal(state).give_way(&successor);
        if matches!(state, SealState::Active | SealState::Suspended) {
            let old = gave_way.expect("it was in use");
            assert_eq!((old.state, old.replaced_by, old.revision), (SealState::Replaced, Some(successor), 2));
        } else {
            assert_eq!(gave_way.map_err(|refusal| refusal.code), Err("seal.cannot_be_replaced"), "{state:?}");
        }
    }
}

fn code() -> SealCode {
    SealCode::parse("36980110000017").expect("14 digits")
}

fn event(state: SealState, at: i64) -> SealEvent {
    SealEvent { seal: code(), state, at: Timestamp::from_seconds(at), by: "x".into(), reason: String::new() }
}

fn approval(by: &str, act: SealAct, revision: u32, at: i64) -> Approval {
    let at = Timestamp::from_seconds(at);
    let expires = at.plus(APPROVAL_LASTS);
    let person = Person::unknown(by);
    Approval { seal: code(), act, revision, by: by.into(), person, at, expires, reason: String::new() }
}

/// Whoever is called so; the applicant is `first`.
fn person(name: &str) -> &'static Person {
    static PEOPLE: LazyLock<[Person; 4]> = LazyLock::new(|| NAMES.map(Person::unknown));
    PEOPLE.iter().find(|person| person.as_str() == name).expect("one of four")
}

fn wish(act: SealAct, by: &str) -> Wish<'static> {
    Wish { act, by: person(by), applicant: person("first"), revision: None, anew: false }
}

fn decided(seal: &Seal, wish: Wish<'_>, given: &[Approval], at: i64) -> Result<Decision, &'static str> {
    seal.decide(&wish, given, Timestamp::from_seconds(at)).map_err(|refusal| refusal.code)
}

#[test]
fn making_takes_two_people_and_neither_is_the_applicant() {
    let asked = seal(SealState::Requested);
    let approve = |by| wish(SealAct::Approve, by);
    assert_eq!(decided(&asked, approve("second"), &[], 10), Ok(Decision::Waits));
    let one = [approval("second", SealAct::Approve, 1, 10)];
    assert_eq!(decided(&asked, approve("second"), &one, 11), Err("seal.approved_already"));
    assert_eq!(decided(&asked, approve("first"), &one, 11), Err("seal.second_person_needed"));
    assert_eq!(decided(&asked, approve("third"), &one, 11), Ok(Decision::Done(SealState::Active)));
    // A row of the applicant's that came there by whatever way counts for nothing.
    let own = [approval("first", SealAct::Approve, 1, 10)];
    assert_eq!(decided(&asked, Wish { anew: true, ..approve("third") }, &own, 11), Ok(Decision::Waits));
    // Nor does an approval of another act.
    let other = [approval("second", SealAct::Void, 1, 10)];
    assert_eq!(decided(&asked, approve("third"), &other, 11), Ok(Decision::Waits));
    assert_eq!(
        decided(&asked, wish(SealAct::Reject, "third"), &[], 11),
        Ok(Decision::Done(SealState::Rejected))
    );
}

#[test]
fn one_person_with_two_credentials_is_one_person() {
    let asked = seal(SealState::Requested);
    // The same person by another credential, as an approval and as the applicant.
    let one = [Approval { by: "another-credential".into(), ..approval("second", SealAct::Approve, 1, 10) }];
    assert_eq!(decided(&asked, wish(SealAct::Approve, "second"), &one, 11), Err("seal.approved_already"));
    let third = Wish { applicant: person("third"), ..wish(SealAct::Approve, "third") };
    assert_eq!(decided(&asked, third, &one, 11), Err("seal.second_person_needed"));
    assert_eq!(
        decided(&asked, wish(SealAct::Approve, "third"), &one, 11),
        Ok(Decision::Done(SealState::Active))
    );
}

#[test]
fn an_approval_counts_for_one_revision_and_seven_days() {
    let asked = seal(SealState::Requested);
    let old = [approval("second", SealAct::Approve, 0, 10)];
    assert_eq!(decided(&asked, wish(SealAct::Approve, "third"), &old, 11), Ok(Decision::Waits));
    let stale = Wish { revision: Some(0), ..wish(SealAct::Approve, "third") };
    assert_eq!(decided(&asked, stale, &[], 11), Err("seal.other_revision"));
    let given = [approval("second", SealAct::Approve, 1, 10)];
    let week = 7 * 86_400;
    let approve = wish(SealAct::Approve, "third");
    assert_eq!(decided(&asked, approve, &given, 10 + week - 1), Ok(Decision::Done(SealState::Active)));
    assert_eq!(decided(&asked, approve, &given, 10 + week), Err("seal.approval_expired"));
    // Whoever knows that it ran out begins anew, also the one whose approval that was.
    for by in ["second", "third"] {
        let anew = Wish { anew: true, ..wish(SealAct::Approve, by) };
        assert_eq!(decided(&asked, anew, &given, 10 + week), Ok(Decision::Waits), "{by}");
    }
}

#[test]
fn history_answers_for_a_moment() {
    let events =
        [event(SealState::Suspended, 20), event(SealState::Active, 10), event(SealState::Active, 30)];
    let at = |s| state_at(&events, Timestamp::from_seconds(s));
    assert_eq!(at(9), None);
    assert_eq!(at(10), Some(SealState::Active));
    assert_eq!(at(20), Some(SealState::Suspended));
    assert_eq!(
        state_at(&events, Timestamp::from_seconds(30).minus(Duration::from_micros(1))),
        Some(SealState::Suspended)
    );
    assert_eq!(at(31), Some(SealState::Active));
}

#[test]
fn cancelling_leaves_what_was_and_voiding_does_not() {
    let life = |end| {
        [
            event(SealState::Requested, 0),
            event(SealState::Active, 10),
            event(SealState::Suspended, 20),
            event(SealState::Active, 30),
            event(end, 40),
        ]
    };
    for end in [SealState::Cancelled, SealState::Replaced] {
        let events = life(end);
        assert_eq!(state_at(&events, Timestamp::from_seconds(35)), Some(SealState::Active));
        assert_eq!(state_at(&events, Timestamp::from_seconds(40)), Some(end));
        assert_eq!(intervals(&events).len(), 5);
    }
    let void = intervals(&life(SealState::Void));
    let from = Timestamp::from_seconds(10);
    let asked = Interval { state: SealState::Requested, from: Timestamp::from_seconds(0), until: Some(from) };
    assert_eq!(void, [asked, Interval { state: SealState::Void, from, until: None }]);
}

#[test]
fn sizes_follow_the_rules() {
    let main = |kind, name: &str, level| match SealPurpose::LegalName.shape(kind, name, level) {
        Shape::Round { diameter } => diameter,
        other => panic!("{other:?}"),
    };
    for (level, government, bureau) in [
        (Level::Province, 50.0, 45.0),
        (Level::City, 45.0, 45.0),
        (Level::County, 45.0, 45.0),
        (Level::Township, 42.0, 42.0),
    ] {
        assert_eq!(main(OwnerKind::Organ, "景川省人民政府", Some(level)), government);
        assert_eq!(main(OwnerKind::Organ, "景川省民政厅", Some(level)), bureau);
    }
    for owner in OwnerKind::ALL {
        for purpose in SealPurpose::ALL {
            if let Shape::Round { diameter } = purpose.shape(owner, "某某", Some(Level::Township)) {
                assert!((38.0..=42.0).contains(&diameter) || owner == OwnerKind::Organ, "{owner:?}");
                assert!(diameter <= 45.0);
            }
        }
    }
    assert_eq!(OwnerKind::of_code("11990000MB0000001M"), OwnerKind::Organ);
    assert_eq!(OwnerKind::of_code("12990000MB0000001M"), OwnerKind::Institution);
    assert_eq!(OwnerKind::of_code("91990102MA7YQX031L"), OwnerKind::Enterprise);
    assert_eq!(OwnerKind::of_code("92990102MA7YQX031L"), OwnerKind::Enterprise);
    assert_eq!(OwnerKind::of_code("51990102MA7YQX031L"), OwnerKind::SocialOrganisation);
}

fn any_state() -> impl Strategy<Value = SealState> {
    prop::sample::select(SealState::ALL.to_vec())
}

fn any_events() -> impl Strategy<Value = Vec<SealEvent>> {
    prop::collection::vec((any_state(), 0_i64..50), 0..12)
        .prop_map(|events| events.into_iter().map(|(state, at)| event(state, at)).collect())
}

/// The plain reading of what is recorded: the last event not later than `at`.
fn recorded(events: &[SealEvent], at: Timestamp) -> Option<SealState> {
    events.iter().filter(|e| e.at <= at).max_by_key(|e| e.at).map(|e| e.state)
}

proptest! {
    /// Intervals cover everything since the first event once, and agree with what is recorded unless the seal is void.
    #[test]
    fn intervals_cover_a_life_once(events in any_events()) {
        let found = intervals(&events);
        let first = events.iter().map(|e| e.at).min();
        prop_assert_eq!(found.first().map(|i| i.from), first);
        for pair in found.windows(2) {
            prop_assert_eq!(pair[0].until, Some(pair[1].from));
            prop_assert!(pair[0].from < pair[1].from && pair[0].state != pair[1].state);
        }
        prop_assert!(found.last().is_none_or(|last| last.until.is_none()));
        let void = events.iter().any(|e| e.state == SealState::Void);
        for second in -1..60 {
            let at = Timestamp::from_seconds(second);
            prop_assert!(found.iter().filter(|i| i.holds(at)).count() <= 1);
            let expected = match recorded(&events, at) {
                Some(state) if void && state.is_made() => Some(SealState::Void),
                other => other,
            };
            prop_assert_eq!(state_at(&events, at), expected);
        }
    }

    /// Whatever people do in whatever order: an act that takes two is carried out by two different people, neither the
    /// applicant where a seal is made, with both approvals given for the same revision and neither over.
    #[test]
    fn no_order_of_acts_makes_a_seal_without_two_people(
        steps in prop::collection::vec(
            (prop::sample::select(SealAct::ALL.to_vec()), 0_usize..4, 0_i64..1_000_000, any::<bool>()), 0..40
        )
    ) {
        let (mut seal, mut given, mut now) = (seal(SealState::Requested), Vec::<Approval>::new(), 0);
        for (act, who, passes, anew) in steps {
            now += passes;
            let by = NAMES[who];
            let at = Timestamp::from_seconds(now);
            let Ok(decision) = seal.decide(&Wish { anew, ..wish(act, by) }, &given, at) else { continue };
            // As the store has it: one row for a person, renewed only once it is over.
            let row = given.iter().position(|a| (a.act, a.revision, a.by.as_str()) == (act, seal.revision, by));
            if let Some(row) = row {
                prop_assert!(given[row].expires <= at, "an approval that counts was given again");
                given.remove(row);
            }
            given.push(approval(by, act, seal.revision, now));
            let Decision::Done(state) = decision else { continue };
            let counted: BTreeSet<&str> = given
                .iter()
                .filter(|a| a.act == act && a.revision == seal.revision && at < a.expires)
                .map(|a| a.by.as_str())
                .collect();
            prop_assert!(counted.len() >= act.people());
            if act == SealAct::Approve {
                prop_assert!(!counted.contains("first"));
            }
            prop_assert!(!matches!(seal.state, SealState::Rejected | SealState::Void));
            seal.state = state;
            seal.revision += 1;
        }
    }
}
