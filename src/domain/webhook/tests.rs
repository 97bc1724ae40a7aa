use super::*;
use std::net::IpAddr;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

fn attempt(seconds: i64, status: u16) -> Attempt {
    Attempt { at: at(seconds), status: Some(status), error: None, retry_after: None }
}

fn webhook(owner: Option<&str>, topics: &[&str]) -> Webhook {
    Webhook {
        id: WebhookId::new([7; 12]),
        owner: owner.map(str::to_owned),
        url: "https://receiver.example/".into(),
        topics: topics.iter().map(|t| TopicPattern::parse(t).expect("a pattern")).collect(),
        description: String::new(),
        state: WebhookState::On,
        failing_since: None,
        resume_at: None,
        secret: ClosedSecret::new(vec![1; 61]),
        old_secret: None,
        position: 0,
        next_number: 1,
        created_by: "operator".into(),
        created_at: at(0),
        revision: 1,
    }
}

fn delivery() -> Delivery {
    Delivery {
        what: NewDelivery {
            webhook: WebhookId::new([7; 12]),
            number: 1,
            message: "m".into(),
            topic: "license.issued".into(),
            subject: "s".into(),
            payload: "{}".into(),
            created_at: at(0),
        },
        state: DeliveryState::Waiting,
        attempts: 0,
        due_at: Some(at(0)),
        leased_until: Some(at(60)),
        last_at: None,
        last_status: None,
        last_error: None,
        ended_at: None,
    }
}

#[test]
fn names_are_read_back() {
    for state in WebhookState::ALL {
        assert_eq!(WebhookState::parse(state.name()), Some(state));
    }
    for state in DeliveryState::ALL {
        assert_eq!(DeliveryState::parse(state.name()), Some(state));
    }
    let id = WebhookId::new([0xAB; 12]);
    assert_eq!(WebhookId::parse(id.as_str()), Some(id));
    for bad in ["", "wh_", "wh_ab", "wh_ABABABABABABABABABABABAB", "xx_abababababababababababab"] {
        assert_eq!(WebhookId::parse(bad), None, "{bad}");
    }
}

#[test]
fn patterns_match_topics_of_their_family_only() {
    for good in ["*", "license.*", "license.issued", "envelope.stage_opened", "show.redeemed", "seal.*"] {
        assert!(TopicPattern::parse(good).is_some(), "{good}");
    }
    for bad in
        ["", "license", "license.", "lic.*", "license.**", "License.*", "license.*x", "*.issued", "seal.a.b"]
    {
        assert_eq!(TopicPattern::parse(bad), None, "{bad}");
    }
    let family = TopicPattern::parse("seal.*").expect("a pattern");
    assert!(
        family.matches("seal.active")
            && !family.matches("sealing.active")
            && !family.matches("license.issued")
    );
    let one = TopicPattern::parse("seal.active").expect("a pattern");
    assert!(one.matches("seal.active") && !one.matches("seal.active_again"));
}

#[test]
fn a_department_is_told_of_what_concerns_it_and_operators_of_all() {
    let concerns = ["A".to_owned(), "B".to_owned()];
    assert!(webhook(None, &["license.*"]).wants("license.issued", &[]));
    assert!(!webhook(None, &["license.*"]).wants("seal.active", &[]));
    assert!(webhook(Some("B"), &["*"]).wants("license.issued", &concerns));
    assert!(!webhook(Some("C"), &["*"]).wants("license.issued", &concerns));
    assert!(!webhook(Some("B"), &["*"]).wants("show.redeemed", &[]));
}

#[test]
fn pauses_grow_as_standard_webhooks_suggests_and_end() {
    let least = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
    let mut now = delivery();
    for pause in least {
        let (early, late) = (now.after(&attempt(0, 500), 0), now.after(&attempt(0, 500), u16::MAX));
        assert_eq!(early.state, DeliveryState::Waiting);
        assert_eq!(early.due_at, Some(at(pause)));
        let late = late.due_at.expect("due").since(at(pause));
        assert!(
            late > Duration::from_secs(pause as u64) * 9 / 100
                && late < Duration::from_secs(pause as u64) / 10
        );
        assert_eq!((early.leased_until, early.last_status), (None, Some(500)));
        now = early;
    }
    assert_eq!(now.attempts, MOST_ATTEMPTS - 1);
    let over = now.after(&attempt(9, 500), 0);
    assert_eq!((over.state, over.due_at, over.ended_at), (DeliveryState::Failed, None, Some(at(9))));
    // The twin: taken at the last attempt.
    let taken = now.after(&attempt(9, 204), 0);
    assert_eq!((taken.state, taken.due_at, taken.ended_at), (DeliveryState::Delivered, None, Some(at(9))));
}

#[test]
fn a_pause_that_is_asked_for_is_kept_within_bounds() {
    let asks =
        |status, seconds| Attempt { retry_after: Some(Duration::from_secs(seconds)), ..attempt(0, status) };
    let due = |attempt: &Attempt| delivery().after(attempt, 0).due_at;
    assert_eq!(due(&asks(429, 120)), Some(at(120)));
    assert_eq!(due(&asks(503, 1)), Some(at(5)), "never sooner than our own pause");
    assert_eq!(due(&asks(503, 999_999)), Some(at(3_600)));
    assert_eq!(due(&asks(500, 120)), Some(at(5)), "only from the overloaded");
    let resting = webhook(None, &["*"]).after(&asks(429, 120));
    assert_eq!(resting.resume_at, Some(at(120)));
    assert!(!resting.is_open(at(119)) && resting.is_open(at(120)));
    assert_eq!(webhook(None, &["*"]).after(&asks(500, 120)).resume_at, None);
    assert_eq!(resting.after(&attempt(130, 200)).resume_at, None);
}

#[test]
fn an_endpoint_is_given_up_after_days_of_failure_or_when_it_says_so() {
    let failing = webhook(None, &["*"]).after(&attempt(10, 500));
    assert_eq!((failing.state, failing.failing_since), (WebhookState::On, Some(at(10))));
    let days = i64::try_from(PATIENCE.as_secs()).expect("days");
    assert_eq!(failing.after(&attempt(9 + days, 500)).state, WebhookState::On);
    assert_eq!(failing.after(&attempt(10 + days, 500)).state, WebhookState::Failing);
    let well = failing.after(&attempt(10 + days, 200));
    assert_eq!((well.state, well.failing_since), (WebhookState::On, None));
    assert_eq!(webhook(None, &["*"]).after(&attempt(10, 410)).state, WebhookState::Gone);
    let off = Webhook { state: WebhookState::Off, ..webhook(None, &["*"]) };
    assert_eq!(off.after(&attempt(10, 410)).state, WebhookState::Off, "what a person said stays");
}

#[test]
fn the_secret_before_signs_along_for_a_while_and_neither_is_printed() {
    let mut rotated = webhook(None, &["*"]);
    rotated.old_secret = Some((ClosedSecret::new(vec![2; 61]), at(100)));
    let keys = |now| rotated.secrets(now).map(|s| s.bytes()[0]).collect::<Vec<_>>();
    assert_eq!(keys(at(99)), [1, 2]);
    assert_eq!(keys(at(100)), [1]);
    assert_eq!(Secret::new([0; 32]).text(), format!("whsec_{}=", "A".repeat(43)));
    let printed = format!("{rotated:?}");
    assert!(!printed.contains("[1,") && !printed.contains("1, 1") && !printed.contains("whsec"), "{printed}");
}

#[test]
fn only_public_addresses_are_reached_unless_told() {
    let refused = [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "127.9.9.9",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.9",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "fe80::1",
        "fec0::1",
        "fc00::1",
        "fd12::1",
        "ff02::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "100::1",
        "::7f00:1",
    ];
    let allowed = [
        "1.1.1.1",
        "172.32.0.1",
        "100.128.0.1",
        "192.0.1.1",
        "2606:4700::1111",
        "2400:3200::1",
        "64:ff9b::101:101",
    ];
    let parse = |text: &str| text.parse::<IpAddr>().expect(text);
    let strict = Reach::default();
    for text in refused {
        assert!(!strict.admits(false, parse(text)), "{text}");
    }
    for text in allowed {
        assert!(strict.admits(false, parse(text)), "{text}");
        assert!(!strict.admits(true, parse(text)), "{text} without TLS");
    }
    let private = Reach { private: true, loopback: false };
    for text in ["10.0.0.1", "127.0.0.1", "::1", "fd12::1", "192.168.1.1", "100.64.0.1", "::ffff:10.0.0.1"] {
        assert!(private.admits(false, parse(text)), "{text}");
        assert!(!private.admits(true, parse(text)), "{text} without TLS");
    }
    for text in ["169.254.169.254", "fe80::1", "0.0.0.0", "::", "224.0.0.1", "ff02::1"] {
        assert!(!private.admits(false, parse(text)), "{text} is never reached");
    }
    let development = Reach { private: false, loopback: true };
    assert!(development.admits(true, parse("127.0.0.1")) && development.admits(false, parse("::1")));
    assert!(!development.admits(true, parse("10.0.0.1")) && !development.admits(false, parse("10.0.0.1")));
}
