use super::*;
use std::time::Duration;

fn seal(state: SealState) -> Seal {
    Seal {
        code: SealCode::parse("36980110000017").expect("14 digits"),
        owner_code: "11360000000000001X".into(),
        owner_name: "景川市市场监督管理局".into(),
        purpose: SealPurpose::License,
        purpose_words: "电子证照专用章".into(),
        look: SealLook::Drawn,
        suites: vec![Suite::P256],
        state,
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
    assert_eq!(asked.after(SealAct::Approve, "first").map_err(|r| r.code), Err("seal.second_person_needed"));
    assert_eq!(asked.after(SealAct::Approve, "second"), Ok(SealState::Active));
}

#[test]
fn nothing_leads_out_of_revoked_or_rejected() {
    use SealAct::*;
    for state in [SealState::Revoked, SealState::Rejected] {
        for act in [Approve, Reject, Suspend, Resume, Revoke] {
            assert!(seal(state).after(act, "second").is_err(), "{state:?} {act:?}");
        }
    }
}

#[test]
fn history_answers_for_a_moment() {
    let event = |state, at| SealEvent {
        seal: SealCode::parse("36980110000017").expect("14 digits"),
        state,
        at: Timestamp::from_seconds(at),
        by: "x".into(),
        reason: String::new(),
    };
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
