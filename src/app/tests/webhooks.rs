use super::*;
use crate::app::webhook::replay::What;
use crate::app::webhook::{change, deliver, fan_out, read, register, replay, secrets, tidy_up};
use crate::crypto::hmac_sha256;
use crate::domain::license::Ending;
use crate::domain::webhook::{ClosedSecret, Delivery, DeliveryState, Secret, Webhook, WebhookState};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::collections::BTreeSet;

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

fn request(path: &str, topics: &[&str]) -> register::Request {
    register::Request {
        url: format!("https://receiver.example/{path}"),
        topics: topics.iter().map(|topic| (*topic).to_owned()).collect(),
        description: "市民掌上办".into(),
    }
}

async fn registered(world: &World, by: &Credential, path: &str, topics: &[&str]) -> Webhook {
    told(world, by, path, topics).await.webhook
}

/// With its secret.
async fn told(world: &World, by: &Credential, path: &str, topics: &[&str]) -> register::Told {
    register::run(&world.service, by, request(path, topics)).await.expect("a webhook")
}

/// Hands events over and delivers what is due; says what was sent, in order: path, topic, subject.
async fn tell(world: &World) -> Vec<(String, String, String)> {
    world.receiver.heard.lock().expect("no panic before").clear();
    fan_out::run(&world.service).await.expect("handed over");
    for id in deliver::due(&world.service).await.expect("read") {
        deliver::run(&world.service, &id, &AtomicBool::new(false)).await.expect("delivered");
    }
    let heard = world.receiver.heard.lock().expect("no panic before");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    heard
        .iter()
        .map(|message| {
            let body: Value = serde_json::from_str(&message.body).expect("JSON");
            let path = message.url.rsplit('/').next().expect("a path").to_owned();
            (path, text(&body["type"]), text(&body["data"]["subject"]))
        })
        .collect()
}

fn say(world: &World, statuses: &[u16]) {
    let answers = statuses.iter().map(|status| Ok(Answer { status: *status, retry_after: None }));
    world.receiver.says.lock().expect("no panic before").extend(answers);
}

async fn deliveries(world: &World, webhook: &Webhook) -> Vec<Delivery> {
    let found = read::deliveries(&world.service, &world.operator, &webhook.id, None, None).await;
    let mut found = found.expect("a list");
    found.reverse();
    found
}

async fn now(world: &World, webhook: &Webhook) -> Webhook {
    read::one(&world.service, &world.operator, &webhook.id).await.expect("there")
}

async fn suspend_and_resume(world: &World, license: &License) {
    for act in [change_license_state::Act::Suspend, change_license_state::Act::Resume] {
        acted(world, license, act).await;
    }
}

async fn acted(world: &World, license: &License, act: change_license_state::Act) {
    let reason = "按规定办理".to_owned();
    let request = change_license_state::Request { license: license.id.clone(), act, reason, revision: None };
    change_license_state::run(&world.service, &world.department, request).await.expect("done");
}

fn signature(secret: &Secret, message: &Message) -> String {
    let text = format!("{}.{}.{}", message.id, message.timestamp, message.body);
    format!("v1,{}", STANDARD.encode(hmac_sha256(secret.bytes(), &[text.as_bytes()])))
}

#[tokio::test]
async fn every_event_is_told_to_whom_it_concerns_without_personal_data() {
    let world = World::bare().await;
    registered(&world, &world.operator, "all", &["*"]).await;
    registered(&world, &world.operator, "shows", &["show.*"]).await;
    registered(&world, &world.department, "bureau", &["*"]).await;
    let registry = Department {
        code: "11990000MB0000002Q".into(),
        name_zh: "景川市自然资源局".into(),
        name_en: "Natural Resources".into(),
        area_code: "990100".into(),
        responsibility: "natural-resources".into(),
    };
    register_department::run(&world.service, &world.operator, registry.clone()).await.expect("a department");
    let other =
        add_credential::Request { department: Some(registry.code), ..blank(Role::Department, "他局") };
    let other = add_credential::run(&world.service, &world.operator, other).await.expect("one").credential;
    registered(&world, &other, "other", &["*"]).await;

    let seal = world.active_seal().await;
    let license = world.permit("key", &seal).await.license;
    suspend_and_resume(&world, &license).await;
    let holder = world.holder(&license.holder.code).await;
    let show = || show_license::Request {
        chosen: vec![show_license::Chosen { license: license.id.clone(), fields: vec!["operator".into()] }],
        purpose: "办理贷款".into(),
        reason: None,
        seconds: None,
    };
    let drawn = show_license::run(&world.service, &holder, show()).await.expect("a code");
    let redeem = redeem_show_code::Request { code: drawn.code.digits().into(), matter: "核验".into() };
    redeem_show_code::run(&world.service, &world.clerk().await, redeem).await.expect("shown");
    let taken_back = show_license::run(&world.service, &holder, show()).await.expect("a code");
    show_license::withdraw(&world.service, &holder, &taken_back.id).await.expect("withdrawn");
    acted(&world, &license, change_license_state::Act::End(Ending::Cancelled)).await;
    world.act(&world.sealer, &seal, SealAct::Suspend).await.expect("suspended");

    let told = tell(&world).await;
    let to = |path: &str| -> Vec<(&str, &str)> {
        told.iter()
            .filter(|(to, ..)| to == path)
            .map(|(_, topic, subject)| (topic.as_str(), subject.as_str()))
            .collect()
    };
    let (code, id) = (seal.code.as_str(), license.id.as_str());
    let seals = [
        ("seal.requested", code),
        ("seal.approval_given", code),
        ("seal.active", code),
        ("seal.suspended", code),
    ];
    let licenses =
        [("license.issued", id), ("license.suspended", id), ("license.resumed", id), ("license.ended", id)];
    let shows = [("show.redeemed", drawn.id.as_str()), ("show.withdrawn", taken_back.id.as_str())];
    let all = to("all");
    assert_eq!(all.len(), 10, "{told:?}");
    // About one subject in order; between subjects there is none.
    let about = |subject: &str| all.iter().copied().filter(|(_, of)| *of == subject).collect::<Vec<_>>();
    assert_eq!(about(code), seals);
    assert_eq!(about(id), licenses);
    assert_eq!(to("shows").into_iter().collect::<BTreeSet<_>>(), BTreeSet::from(shows));
    let bureau: BTreeSet<_> = to("bureau").into_iter().collect();
    assert_eq!(bureau, seals.into_iter().chain(licenses).collect::<BTreeSet<_>>());
    assert_eq!(to("other"), []);

    let heard = world.receiver.heard.lock().expect("no panic before");
    for message in heard.iter() {
        let body: Value = serde_json::from_str(&message.body).expect("JSON");
        let body = body["data"].to_string();
        for (name, value) in &license.data {
            // Short values, such as a class of "1", say nothing and stand in any number.
            let told = value.chars().count() > 3 && body.contains(value.as_str());
            assert!(!told, "{name} in {body}");
        }
        assert!(!body.contains(drawn.code.digits()) && !body.contains(&license.holder.code), "{body}");
    }
}

#[tokio::test]
async fn about_one_subject_nothing_overtakes_and_pauses_are_kept() {
    let (world, seal) = World::new().await;
    let hook = registered(&world, &world.operator, "all", &["license.*"]).await;
    let slow = world.permit("one", &seal).await.license;
    suspend_and_resume(&world, &slow).await;
    let id = slow.id.as_str().to_owned();
    let sent = |topic: &str| vec![("all".to_owned(), topic.to_owned(), id.clone())];

    say(&world, &[500]);
    assert_eq!(tell(&world).await, sent("license.issued"));
    let states = |list: &[Delivery]| list.iter().map(|d| (d.state.name(), d.attempts)).collect::<Vec<_>>();
    assert_eq!(states(&deliveries(&world, &hook).await), [("waiting", 1), ("queued", 0), ("queued", 0)]);
    // Another subject goes on meanwhile.
    let quick = world.permit("two", &seal).await.license;
    assert_eq!(tell(&world).await, [("all".into(), "license.issued".into(), quick.id.to_string())]);

    world.clock.forward(Duration::from_secs(4));
    assert_eq!(tell(&world).await, [], "a second too early");
    world.clock.forward(Duration::from_secs(2));
    say(&world, &[302]);
    assert_eq!(tell(&world).await, sent("license.issued"), "a redirect is no yes");
    world.clock.forward(Duration::from_secs(299));
    assert_eq!(tell(&world).await, []);
    world.clock.forward(Duration::from_secs(32));
    let told = tell(&world).await;
    assert_eq!(told, [sent("license.issued"), sent("license.suspended"), sent("license.resumed")].concat());
    let heard = world.receiver.heard.lock().expect("no panic before").clone();
    let list = deliveries(&world, &hook).await;
    assert_eq!(heard[0].id, list[0].what.message);
    assert_eq!(heard[0].body, list[0].what.payload);
    assert!(list.iter().all(|delivery| delivery.state == DeliveryState::Delivered));
    assert_eq!(list[0].attempts, 3);
    assert_eq!(tell(&world).await, [], "nothing twice");
}

#[tokio::test]
async fn what_is_never_taken_is_given_up_and_what_waits_behind_it_goes_on() {
    let (world, seal) = World::new().await;
    let hook = registered(&world, &world.operator, "all", &["license.*"]).await;
    let license = world.permit("one", &seal).await.license;
    suspend_and_resume(&world, &license).await;
    let mut attempts = 0;
    loop {
        world.receiver.says.lock().expect("no panic before").push_back(Err(SendError::Timeout));
        if tell(&world).await.len() > 1 {
            break;
        }
        attempts += 1;
        let due = deliveries(&world, &hook).await[0].due_at.expect("another attempt");
        world.clock.forward(due.since(world.clock.now()) + Duration::from_secs(1));
    }
    let list = deliveries(&world, &hook).await;
    assert_eq!((list[0].state, list[0].attempts), (DeliveryState::Failed, 10));
    assert_eq!((list[0].last_error.as_deref(), list[0].last_status), (Some("timeout"), None));
    assert_eq!(attempts, 9, "the tenth attempt was the last, and then the next ones went");
    assert_eq!(list[1].state, DeliveryState::Delivered);
}

#[tokio::test]
async fn an_endpoint_that_takes_nothing_for_days_is_put_out_of_use_and_can_come_back() {
    let (world, seal) = World::new().await;
    let hook = registered(&world, &world.operator, "all", &["license.*"]).await;
    world.permit("one", &seal).await;
    say(&world, &[500]);
    tell(&world).await;
    let failing = now(&world, &hook).await;
    assert!(failing.failing_since.is_some() && failing.state == WebhookState::On);
    world.clock.forward(5 * DAY);
    say(&world, &[500]);
    tell(&world).await;
    assert_eq!(now(&world, &hook).await.state, WebhookState::Failing);
    let line = ("webhook.disable".to_owned(), "ok".to_owned());
    assert!(world.audit(hook.id.as_str()).await.contains(&line));
    world.permit("two", &seal).await;
    world.clock.forward(DAY);
    assert_eq!(tell(&world).await, [], "it is told nothing");
    change::enable(&world.service, &world.operator, &hook.id).await.expect("enabled");
    assert_eq!(tell(&world).await.len(), 2, "nothing was lost");
    let well = now(&world, &hook).await;
    assert_eq!((well.state, well.failing_since), (WebhookState::On, None));
}

#[tokio::test]
async fn a_receiver_that_is_gone_says_so_and_an_overloaded_one_is_left_alone() {
    let (world, seal) = World::new().await;
    let hook = registered(&world, &world.operator, "all", &["license.*"]).await;
    world.permit("one", &seal).await;
    let busy = Answer { status: 503, retry_after: Some(Duration::from_secs(600)) };
    world.receiver.says.lock().expect("no panic before").push_back(Ok(busy));
    tell(&world).await;
    world.permit("two", &seal).await;
    world.clock.forward(Duration::from_secs(599));
    assert_eq!(tell(&world).await, [], "also about other subjects");
    world.clock.forward(Duration::from_secs(2));
    say(&world, &[200, 410]);
    assert_eq!(tell(&world).await.len(), 2);
    assert_eq!(now(&world, &hook).await.state, WebhookState::Gone);
    let again = change::enable(&world.service, &world.operator, &hook.id).await.expect("enabled");
    assert_eq!(again.state, WebhookState::On);
    let twice = change::enable(&world.service, &world.operator, &hook.id).await;
    assert_eq!(refused(twice), "webhook.state");
}

#[tokio::test]
async fn messages_are_signed_and_a_rotated_secret_signs_along_for_a_day() {
    let (world, seal) = World::new().await;
    let register::Told { webhook: hook, secret } = told(&world, &world.operator, "all", &["license.*"]).await;
    world.permit("one", &seal).await;
    tell(&world).await;
    let heard = world.receiver.heard.lock().expect("no panic before")[0].clone();
    assert_eq!(heard.signature, signature(&secret, &heard));
    let rotated = change::rotate(&world.service, &world.operator, &hook.id).await.expect("rotated");
    assert_ne!(rotated.secret, secret);
    let both = |message: &Message| {
        format!("{} {}", signature(&rotated.secret, message), signature(&secret, message))
    };
    for (hours, one) in [(23, false), (25, true)] {
        let number = replay::test(&world.service, &world.operator, &hook.id).await.expect("a test");
        world.clock.forward(if hours == 23 { 23 * HOUR } else { 2 * HOUR });
        assert_eq!(tell(&world).await, [("all".into(), "webhook.test".into(), hook.id.to_string())]);
        let heard = world.receiver.heard.lock().expect("no panic before")[0].clone();
        let wanted = if one { signature(&rotated.secret, &heard) } else { both(&heard) };
        assert_eq!(heard.signature, wanted, "after {hours} hours");
        assert!((0..2).contains(&(world.clock.now().seconds() - heard.timestamp)));
        let list = deliveries(&world, &hook).await;
        assert_eq!(list.last().map(|d| (d.what.number, d.state)), Some((number, DeliveryState::Delivered)));
    }
    // The twin: a message of another body.
    let spoiled = Message { body: heard.body.replace("issued", "ended"), ..heard.clone() };
    assert_ne!(heard.signature, signature(&secret, &spoiled));
}

#[tokio::test]
async fn what_an_earlier_program_stored_open_is_closed_at_the_start() {
    let (world, seal) = World::new().await;
    let register::Told { webhook: hook, secret } = told(&world, &world.operator, "all", &["license.*"]).await;
    let (store, vault) = (world.service.store.as_ref(), world.service.vault.as_ref());
    let stored = async || now(&world, &hook).await.secret.bytes().to_vec();
    let holds = |stored: &[u8]| stored.windows(8).any(|window| secret.bytes().starts_with(window));
    assert!(!holds(&stored().await), "what is stored does not give the secret away");
    assert_eq!(secrets::close_all(store, vault).await.expect("a pass"), 0, "nothing to do");

    let before = now(&world, &hook).await;
    let open = &Webhook { secret: ClosedSecret::new(secret.bytes().to_vec()), ..before };
    let written = store::write(store, |tx, _| Box::pin(async move { Ok(tx.update_webhook(open).await?) }));
    assert!(written.await.expect("written") && holds(&stored().await));
    // Nothing is sent that could not be signed, and nothing is lost.
    world.permit("one", &seal).await;
    fan_out::run(&world.service).await.expect("handed over");
    assert!(deliver::run(&world.service, &hook.id, &AtomicBool::new(false)).await.is_err());
    assert!(world.receiver.heard.lock().expect("no panic before").is_empty());
    assert_eq!(secrets::close_all(store, vault).await.expect("a pass"), 1);
    assert!(!holds(&stored().await));
    assert_eq!(secrets::close_all(store, vault).await.expect("a pass"), 0);
    world.clock.forward(HOUR);
    assert_eq!(tell(&world).await.len(), 1);
    let heard = world.receiver.heard.lock().expect("no panic before")[0].clone();
    assert_eq!(heard.signature, signature(&secret, &heard), "the same secret");

    // A row that was put in another one's place does not open.
    let other = registered(&world, &world.operator, "other", &["license.*"]).await;
    let moved = &Webhook { secret: now(&world, &hook).await.secret, ..other };
    let written = store::write(store, |tx, _| Box::pin(async move { Ok(tx.update_webhook(moved).await?) }));
    assert!(written.await.expect("written"));
    world.permit("two", &seal).await;
    fan_out::run(&world.service).await.expect("handed over");
    assert!(deliver::run(&world.service, &moved.id, &AtomicBool::new(false)).await.is_err());
    // The start goes on without it, and a new secret helps; the lost one signs along no more.
    assert_eq!(secrets::close_all(store, vault).await.expect("a pass"), 0);
    let anew = change::rotate(&world.service, &world.operator, &moved.id).await.expect("rotated").secret;
    world.clock.forward(HOUR);
    let told = tell(&world).await;
    assert!(told.iter().any(|(path, ..)| path == "other"), "{told:?}");
    let heard = world.receiver.heard.lock().expect("no panic before").clone();
    let heard = heard.iter().find(|message| message.url.ends_with("other")).expect("one");
    assert_eq!(heard.signature, signature(&anew, heard));
}

#[tokio::test]
async fn one_or_everything_since_a_time_is_told_again_under_the_same_names() {
    let (world, seal) = World::new().await;
    let hook = registered(&world, &world.operator, "all", &["license.*"]).await;
    let early = world.permit("one", &seal).await.license;
    tell(&world).await;
    let first = world.receiver.heard.lock().expect("no panic before")[0].clone();
    world.clock.forward(HOUR);
    let since = world.clock.now();
    suspend_and_resume(&world, &early).await;
    say(&world, &[500]);
    tell(&world).await;
    let again = |what| replay::run(&world.service, &world.operator, &hook.id, what);
    assert_eq!(refused(again(What::One(2)).await), "webhook.delivery_not_over");
    assert_eq!(refused(again(What::One(77)).await), "webhook.delivery_unknown");
    assert_eq!(refused(again(What::Since(world.clock.now().plus(DAY))).await), "request.invalid");
    // It waits behind what is not over yet, as everything about its subject does.
    again(What::One(1)).await.expect("again");
    assert_eq!(tell(&world).await, []);
    world.clock.forward(Duration::from_secs(6));
    let topics =
        |told: Vec<(String, String, String)>| told.into_iter().map(|(_, topic, _)| topic).collect::<Vec<_>>();
    let told = topics(tell(&world).await);
    assert_eq!(told, ["license.suspended", "license.resumed", "license.issued"]);
    let repeated = world.receiver.heard.lock().expect("no panic before")[2].clone();
    assert_eq!((repeated.id, repeated.body), (first.id, first.body));

    again(What::Since(since)).await.expect("again");
    assert_eq!(topics(tell(&world).await), ["license.suspended", "license.resumed"]);
    again(What::Since(Timestamp::from_seconds(0))).await.expect("again");
    assert_eq!(topics(tell(&world).await), ["license.issued", "license.suspended", "license.resumed"]);
}

#[tokio::test]
async fn only_owners_look_after_their_webhooks() {
    let world = World::bare().await;
    let service = &world.service;
    let own = registered(&world, &world.department, "bureau", &["*"]).await;
    let operators = registered(&world, &world.operator, "all", &["*"]).await;
    let clerk = world.clerk().await;
    assert_eq!(refused(register::run(service, &clerk, request("x", &["*"])).await), "permit.role");
    assert_eq!(refused(read::one(service, &clerk, &own.id).await), "permit.role");
    let limited = Credential { kinds: Scope::Only(vec!["food".into()]), ..world.department.clone() };
    let outcome = register::run(service, &limited, request("x", &["*"])).await;
    assert_eq!(refused(outcome), "webhook.limited_credential");
    // What is somebody else's does not exist.
    let stranger = Credential { department: Some("11990000MB0000002Q".into()), ..world.department.clone() };
    assert_eq!(refused(read::one(service, &stranger, &own.id).await), "webhook.unknown");
    assert_eq!(refused(change::remove(service, &stranger, &own.id).await), "webhook.unknown");
    assert_eq!(refused(read::one(service, &world.department, &operators.id).await), "webhook.unknown");
    // An operator looks after all, but is told nobody else's secret.
    assert_eq!(refused(change::rotate(service, &world.operator, &own.id).await), "webhook.not_yours");
    change::disable(service, &world.operator, &own.id).await.expect("disabled");
    let list = read::list(service, &world.operator, "", None).await.expect("a list");
    assert_eq!(list.len(), 2);
    let list = read::list(service, &world.department, "", None).await.expect("a list");
    assert_eq!(list.iter().map(|webhook| &webhook.id).collect::<Vec<_>>(), [&own.id]);
}

#[tokio::test]
async fn bad_registrations_are_told_every_fault_at_once() {
    let world = World::bare().await;
    let request = register::Request {
        url: "http://10.0.0.1/".into(),
        topics: vec!["license.*".into(), "licence.*".into()],
        description: "一".repeat(101),
    };
    let faults = match register::run(&world.service, &world.operator, request).await {
        Err(AppError::Refused(refusal)) => refusal.faults,
        _ => panic!("registered"),
    };
    let faults: Vec<_> = faults.iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect();
    let wanted = [
        ("/url", "webhook.url_not_public"),
        ("/topics/1", "webhook.topic"),
        ("/description", "text.too_long"),
    ];
    assert_eq!(faults, wanted);
    assert_eq!(
        refused(register::run(&world.service, &world.operator, self::request("x", &[])).await),
        "request.invalid"
    );
    for number in 0..20 {
        registered(&world, &world.operator, &number.to_string(), &["*"]).await;
    }
    let one_more = register::run(&world.service, &world.operator, self::request("x", &["*"])).await;
    assert_eq!(refused(one_more), "webhook.too_many");
}

#[tokio::test]
async fn a_removed_webhook_goes_with_its_rows_and_old_deliveries_go_after_a_month() {
    let (world, seal) = World::new().await;
    let hook = registered(&world, &world.operator, "all", &["license.*"]).await;
    let gone = registered(&world, &world.operator, "gone", &["license.*"]).await;
    world.permit("one", &seal).await;
    assert_eq!(tell(&world).await.len(), 2);
    change::remove(&world.service, &world.operator, &gone.id).await.expect("removed");
    assert_eq!(refused(read::one(&world.service, &world.operator, &gone.id).await), "webhook.unknown");
    assert_eq!(tidy_up::run(&world.service).await.expect("tidied"), (1, 0));
    world.clock.forward(tidy_up::KEPT + DAY);
    assert_eq!(tidy_up::run(&world.service).await.expect("tidied"), (0, 1));
    assert_eq!(deliveries(&world, &hook).await, []);
}
