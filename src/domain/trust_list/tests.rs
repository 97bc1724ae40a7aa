use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000 + seconds)
}

fn place(code: &str) -> Territory {
    Territory::parse(code).expect("a code")
}

fn names(text: &str) -> Names {
    Names { zh: text.into(), en: text.into() }
}

fn entry() -> Entry {
    Entry {
        service: ServiceKind::IssuingCa,
        name: names("CA"),
        x509: vec![1],
        valid_from: at(0),
        valid_until: None,
        withdrawn_since: None,
        areas: Vec::new(),
        crl_addresses: Vec::new(),
        crls: Vec::new(),
        note: None,
    }
}

fn list(sequence: u64) -> TrustList {
    TrustList {
        territory: place("990100"),
        territory_name: names("甲市"),
        operator: names("甲市政务局"),
        sequence,
        issued: at(0),
        next_update: at(1_000),
        entries: vec![entry()],
    }
}

#[test]
fn a_place_covers_what_lies_in_it() {
    let covers = |place: &str, code: &str| Territory::parse(place).is_some_and(|place| place.covers(code));
    assert!(covers("990000", "99010200000001") && covers("990000", "990000"));
    assert!(covers("990100", "99010200000001") && !covers("990100", "99020000000001"));
    assert!(covers("990102", "99010200000001") && !covers("990102", "99010300000001"));
    assert!(covers("100000", "99010200000001") && covers("100000", "110000"));
    assert!(!covers("990100", "99") && !covers("990102", "9901"));
    for wrong in ["", "99010", "9901000", "099999", "99010x", "000000", "９９０１００"] {
        assert_eq!(Territory::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn recognition_is_asked_for_a_time() {
    let plain = entry();
    assert_eq!(plain.recognised_at(at(0)), Ok(()));
    assert_eq!(plain.recognised_at(at(-1)), Err(NotRecognised::NotYet { from: at(0) }));
    let ended = Entry { valid_until: Some(at(10)), ..entry() };
    assert_eq!(ended.recognised_at(at(10).plus(Duration::from_millis(900))), Ok(()), "the second is in");
    assert_eq!(ended.recognised_at(at(11)), Err(NotRecognised::Ended { until: at(10) }));
    let withdrawn = Entry { withdrawn_since: Some(at(5)), ..ended.clone() };
    assert_eq!(withdrawn.recognised_at(at(4)), Ok(()), "sealed before it was withdrawn");
    assert_eq!(withdrawn.recognised_at(at(5)), Err(NotRecognised::Withdrawn { since: at(5) }));
    assert_eq!(withdrawn.recognised_at(at(99)), Err(NotRecognised::Withdrawn { since: at(5) }));
    // From before its beginning: void.
    let void = Entry { withdrawn_since: Some(at(-5)), ..entry() };
    assert_eq!(void.recognised_at(at(3)), Err(NotRecognised::Withdrawn { since: at(-5) }));
    assert_eq!((plain.end(), ended.end(), withdrawn.end()), (None, Some(at(11)), Some(at(5))));
}

#[test]
fn an_entry_vouches_for_its_own_areas() {
    let home = place("990100");
    assert!(entry().covers(&home, "99010200000001") && !entry().covers(&home, "99020000000001"));
    let county = Entry { areas: vec![place("990102"), place("990103")], ..entry() };
    assert!(county.covers(&home, "99010300000001") && !county.covers(&home, "99010400000001"));
}

#[test]
fn only_a_newer_list_is_taken() {
    let (home, now) = (place("990100"), at(500));
    let kept = |sequence, byte| Some(Kept { sequence, sha256: [byte; 32] });
    let accept =
        |list: &TrustList, kept, now| accept(list, &[7; 32], &home, Some(&place("990200")), kept, now);
    assert_eq!(accept(&list(1), None, now), Ok(Accepted::New));
    assert_eq!(accept(&list(2), kept(1, 1), now), Ok(Accepted::New));
    let not_newer = |sequence, kept| Err(NotAccepted::NotNewer { sequence, kept });
    assert_eq!(accept(&list(2), kept(2, 1), now), not_newer(2, 2), "other bytes of the same number");
    assert_eq!(accept(&list(1), kept(2, 1), now), not_newer(1, 2));
    assert_eq!(accept(&list(2), kept(2, 7), now), Ok(Accepted::Known));
    // Sent again after it ran out: it is the one we have.
    assert_eq!(accept(&list(2), kept(2, 7), at(1_001)), Ok(Accepted::Known));
    assert_eq!(accept(&list(1), None, at(1_000)), Ok(Accepted::New));
    assert_eq!(accept(&list(1), None, at(1_001)), Err(NotAccepted::RanOut { next_update: at(1_000) }));
    assert_eq!(accept(&list(1), None, at(-300)), Ok(Accepted::New));
    assert_eq!(accept(&list(1), None, at(-301)), Err(NotAccepted::InFuture { issued: at(0) }));
    let other = TrustList { territory: place("990300"), ..list(1) };
    assert_eq!(accept(&other, None, now), Err(NotAccepted::OtherTerritory { is: place("990300") }));
    let ours = super::accept(&list(1), &[7; 32], &home, Some(&home), None, now);
    assert_eq!(ours, Err(NotAccepted::OwnTerritory));
}

#[test]
fn a_list_is_stale_only_after_the_grace() {
    assert!(!list(1).is_stale(at(1_000).plus(GRACE)));
    assert!(list(1).is_stale(at(1_001).plus(GRACE)));
}

#[test]
fn what_a_list_would_change_is_told_by_entry() {
    let before = list(1);
    let kinds = |next: &TrustList| changes(Some(&before), next).iter().map(|c| c.kind).collect::<Vec<_>>();
    let with = |change: &dyn Fn(&mut Entry)| {
        let mut next = list(2);
        change(&mut next.entries[0]);
        next
    };
    assert_eq!(kinds(&list(2)), [], "another number changes nobody");
    assert_eq!(changes(None, &before)[0].kind, ChangeKind::New);
    assert_eq!(kinds(&with(&|entry| entry.withdrawn_since = Some(at(5)))), [ChangeKind::Withdrawn]);
    assert_eq!(kinds(&with(&|entry| entry.valid_until = Some(at(900)))), [ChangeKind::Other]);
    assert_eq!(kinds(&with(&|entry| entry.note = Some("x".into()))), [ChangeKind::Other]);
    assert_eq!(kinds(&with(&|entry| entry.crls = vec![vec![1]])), [ChangeKind::Lists]);
    // Another certificate is another body: the old one goes as if it had never been there.
    assert_eq!(kinds(&with(&|entry| entry.x509 = vec![2])), [ChangeKind::New, ChangeKind::Gone]);
    let withdrawn = with(&|entry| entry.withdrawn_since = Some(at(5)));
    assert_eq!(changes(Some(&withdrawn), &before)[0].kind, ChangeKind::GrantedAgain);
    let earlier = with(&|entry| entry.withdrawn_since = Some(at(4)));
    assert_eq!(changes(Some(&withdrawn), &earlier)[0].kind, ChangeKind::Withdrawn);
}
