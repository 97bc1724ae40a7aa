//! Webhooks to receivers over real connections: ones that fail, hang, dribble, redirect, repeat, and are gone.

use crate::city::{City, Person, path};
use crate::postgres::Postgres;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::oneshot;
use yinzheng::app::webhook::{deliver, fan_out};
use yinzheng::domain::webhook::WebhookId;
use yinzheng::jobs::{self, Outside};

/// What a receiver was sent, as it came.
#[derive(Clone)]
struct Heard {
    id: String,
    timestamp: String,
    signature: String,
    body: String,
}

impl Heard {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    fn topic(&self) -> String {
        self.json()["type"].as_str().expect("a type").to_owned()
    }

    /// As the standard has it, with nothing of ours: one of the signatures is right under this secret.
    fn verifies(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").expect("a secret")).expect("base64");
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        let text = format!("{}.{}.{}", self.id, self.timestamp, self.body);
        self.signature.split(' ').any(|one| {
            let mac = one.strip_prefix("v1,").and_then(|mac| STANDARD.decode(mac).ok());
            mac.is_some_and(|mac| hmac::verify(&key, text.as_bytes(), &mac).is_ok())
        })
    }
}

/// Receivers by the last part of their address: how often each has yet to fail, and what it heard.
#[derive(Clone, Default)]
struct Receivers {
    heard: Arc<Mutex<HashMap<String, Vec<Heard>>>>,
    failures: Arc<Mutex<HashMap<String, u32>>>,
}

impl Receivers {
    fn heard(&self, name: &str) -> Vec<Heard> {
        self.heard.lock().expect("no panic before").get(name).cloned().unwrap_or_default()
    }

    fn topics(&self, name: &str) -> Vec<String> {
        self.heard(name).iter().map(Heard::topic).collect()
    }

    /// Listens; returns the address that the names stand behind.
    async fn listen(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new().route("/{name}", post(receive)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}")
    }
}

async fn receive(
    State(receivers): State<Receivers>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let header = |name: &str| headers[name].to_str().expect("a text").to_owned();
    let heard = Heard {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
        body: String::from_utf8(body.to_vec()).expect("UTF-8"),
    };
    receivers.heard.lock().expect("no panic before").entry(name.clone()).or_default().push(heard);
    let fails = {
        let mut failures = receivers.failures.lock().expect("no panic before");
        let left = failures.entry(name.clone()).or_default();
        let fails = *left > 0;
        *left = left.saturating_sub(1);
        fails
    };
    match name.as_str() {
        "hangs" if fails => std::future::pending().await,
        "slow" => {
            tokio::time::sleep(Duration::from_millis(300)).await;
            StatusCode::OK.into_response()
        }
        "redirects" if fails => (StatusCode::TEMPORARY_REDIRECT, [("location", "/caught")]).into_response(),
        "gone" => StatusCode::GONE.into_response(),
        _ if fails => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        _ => StatusCode::NO_CONTENT.into_response(),
    }
}

async fn register(city: &City, who: &Person, url: &str, topics: &[&str]) -> (WebhookId, String) {
    let answer = city.post(who, "/v1/webhooks", &json!({ "url": url, "topics": topics })).await;
    let made = answer.json();
    assert_eq!(answer.status, 201, "{made}");
    let id = WebhookId::parse(made["webhook"]["id"].as_str().expect("an id")).expect("an id");
    (id, made["secret"].as_str().expect("a secret").to_owned())
}

async fn tell(city: &City) {
    fan_out::run(&city.service).await.expect("handed over");
    let due = deliver::due(&city.service).await.expect("read");
    let rounds = due.iter().map(|id| async {
        deliver::run(&city.service, id, &AtomicBool::new(false)).await.expect("delivered");
    });
    futures::future::join_all(rounds).await;
}

async fn act(city: &City, license: &Value, what: &str) {
    let answer = city.post(&city.department, &path(license, what), &json!({ "reason": "按规定办理" })).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
}

async fn state(city: &City, id: &WebhookId) -> String {
    let answer = city.get(&city.operator, &format!("/v1/webhooks/{id}")).await;
    answer.json()["state"].as_str().expect("a state").to_owned()
}

/// What was heard is left for an independent judge.
fn leave(name: &str, secret: &str, heard: &[Heard]) {
    let Some(out) = std::env::var_os("YINZHENG_TEST_OUT") else { return };
    let folder = std::path::Path::new(&out).join("webhooks");
    std::fs::create_dir_all(&folder).expect("a folder");
    for (number, one) in heard.iter().enumerate() {
        let text = json!({
            "secret": secret, "webhook-id": one.id, "webhook-timestamp": one.timestamp,
            "webhook-signature": one.signature, "body": one.body,
        });
        std::fs::write(folder.join(format!("{name}-{number}.json")), text.to_string()).expect("written");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn receivers_that_fail_hang_redirect_and_answer_slowly_get_all_of_it_in_order() {
    let city = City::start().await;
    let receivers = Receivers::default();
    let address = receivers.listen().await;
    let names = ["good", "fails", "hangs", "redirects", "slow"];
    for name in ["fails", "hangs", "redirects"] {
        receivers.failures.lock().expect("no panic before").insert(name.to_owned(), 2);
    }
    let mut secrets = BTreeMap::new();
    for name in names {
        let (_, secret) = register(&city, &city.operator, &format!("{address}/{name}"), &["license.*"]).await;
        secrets.insert(name, secret);
    }
    let license = city.permit(&city.active_seal().await, "key").await;
    act(&city, &license, "suspend").await;
    act(&city, &license, "resume").await;
    let wanted = ["license.issued", "license.suspended", "license.resumed"];

    tell(&city).await;
    assert_eq!(receivers.topics("good"), wanted);
    assert_eq!(receivers.topics("slow"), wanted);
    for name in ["fails", "hangs", "redirects"] {
        assert_eq!(receivers.topics(name), wanted[..1], "{name}: nothing overtakes");
    }
    for seconds in [6, 331] {
        city.clock.forward(Duration::from_secs(seconds));
        tell(&city).await;
    }
    for name in ["fails", "hangs", "redirects"] {
        let heard = receivers.heard(name);
        let topics = receivers.topics(name);
        assert_eq!(topics, [&wanted[..1], &wanted[..1], &wanted[..]].concat(), "{name}");
        assert!(heard[..3].iter().all(|one| one.id == heard[0].id && one.body == heard[0].body), "{name}");
    }
    assert_eq!(receivers.topics("caught"), [""; 0], "a redirect was followed");
    let before = receivers.heard("good").len();
    tell(&city).await;
    assert_eq!(receivers.heard("good").len(), before, "nothing twice");

    for (name, secret) in &secrets {
        let heard = receivers.heard(name);
        leave(name, secret, &heard);
        for one in &heard {
            assert!(one.verifies(secret), "{name}");
            // The twins: another secret, another body, another time, another message.
            assert!(!one.verifies(&format!("whsec_{}", STANDARD.encode([0; 32]))));
            for twin in [
                Heard { body: one.body.replace("license", "licence"), ..one.clone() },
                Heard { timestamp: "1700000000".into(), ..one.clone() },
                Heard { id: "0".into(), ..one.clone() },
            ] {
                assert!(!twin.verifies(secret), "{name}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_deliverers_send_nothing_twice_and_both_secrets_sign_after_a_rotation() {
    race(City::start().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_deliverers_send_nothing_twice_over_postgres() {
    let Some(server) = Postgres::start("several_deliverers_send_nothing_twice_over_postgres") else { return };
    let database = server.database().await;
    race(City::with(|config| config.database = database).await).await;
}

async fn race(city: City) {
    let receivers = Receivers::default();
    let address = receivers.listen().await;
    let (id, old) = register(&city, &city.operator, &format!("{address}/slow"), &["seal.*"]).await;
    let answer = city.call(&city.operator, "POST", &format!("/v1/webhooks/{id}/rotate-secret")).await;
    let new = answer.json()["secret"].as_str().expect("a secret").to_owned();
    for _ in 0..6 {
        city.requested_seal(365).await;
    }
    let race = (0..3).map(|_| {
        let (service, id) = (city.service.clone(), id.clone());
        tokio::spawn(async move {
            fan_out::run(&service).await.expect("handed over");
            deliver::run(&service, &id, &AtomicBool::new(false)).await.expect("delivered").delivered
        })
    });
    let mut delivered = 0;
    for one in futures::future::join_all(race).await {
        delivered += one.expect("no panic");
    }
    let heard = receivers.heard("slow");
    let ids: std::collections::BTreeSet<_> = heard.iter().map(|one| &one.id).collect();
    assert_eq!((heard.len(), ids.len(), delivered), (6, 6, 6));
    assert!(heard.iter().all(|one| one.verifies(&old) && one.verifies(&new) && old != new));
    leave("rotated-old", &old, &heard[..1]);
    leave("rotated-new", &new, &heard[..1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_jobs_deliver_by_themselves_and_a_receiver_may_say_that_it_is_gone() {
    let city = City::start().await;
    let receivers = Receivers::default();
    let address = receivers.listen().await;
    let (good, _) = register(&city, &city.department, &format!("{address}/good"), &["*"]).await;
    let (gone, _) = register(&city, &city.operator, &format!("{address}/gone"), &["*"]).await;
    city.requested_seal(365).await;
    let outside = Outside { brought_crls: city.brought_crls.clone(), on_root_crl: Box::new(|_, _| {}) };
    let (stop, stopped) = oneshot::channel::<()>();
    let jobs = tokio::spawn(jobs::run(city.service.clone(), outside, async { drop(stopped.await) }));
    let told = async {
        while receivers.heard("good").is_empty() || state(&city, &gone).await != "gone" {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), told).await.expect("told within a minute");
    drop(stop);
    jobs.await.expect("the jobs end");
    assert_eq!(receivers.topics("good"), ["seal.requested"]);
    assert_eq!(state(&city, &good).await, "on");
    // Told that it is gone, the service knocks no more.
    let knocks = receivers.heard("gone").len();
    city.requested_seal(365).await;
    city.clock.forward(Duration::from_secs(3_600));
    tell(&city).await;
    assert_eq!(receivers.heard("gone").len(), knocks);
    assert_eq!(receivers.heard("good").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_shows_deliveries_and_tells_again() {
    let city = City::start().await;
    let receivers = Receivers::default();
    let address = receivers.listen().await;
    let (id, secret) = register(&city, &city.department, &format!("{address}/good"), &["license.*"]).await;
    let at = |what: &str| format!("/v1/webhooks/{id}/{what}");
    let license = city.permit(&city.active_seal().await, "key").await;
    tell(&city).await;
    let list = city.get(&city.department, &at("deliveries")).await.json();
    let one = &list["items"][0];
    assert_eq!(
        (&one["state"], &one["attempts"], &one["last_status"]),
        (&json!("delivered"), &json!(1), &json!(204))
    );
    assert_eq!((&one["topic"], &one["subject"]), (&json!("license.issued"), &license["id"]));
    let again = city.post(&city.department, &at("replay"), &json!({ "number": one["number"] })).await;
    assert_eq!(again.status, 200, "{}", again.json());
    let test = city.call(&city.department, "POST", &at("test")).await;
    assert_eq!((test.status.as_u16(), &test.json()["number"]), (202, &json!(3)));
    let since = city.post(&city.department, &at("replay"), &json!({ "since": "2026-01-01T00:00:00Z" })).await;
    assert_eq!(since.status, 200, "{}", since.json());
    tell(&city).await;
    let heard = receivers.heard("good");
    let mut topics = receivers.topics("good");
    topics.sort();
    assert_eq!(topics, ["license.issued", "license.issued", "license.issued", "webhook.test"]);
    let issued: Vec<_> = heard.iter().filter(|one| one.topic() == "license.issued").collect();
    assert!(issued.iter().all(|one| one.id == issued[0].id && one.body == issued[0].body));
    assert!(heard.iter().all(|one| one.verifies(&secret)));

    for (body, code) in [
        (json!({}), "webhook.replay_one_of"),
        (json!({ "number": 1, "since": "2026-01-01T00:00:00Z" }), "webhook.replay_one_of"),
        (json!({ "since": "yesterday, at about noon" }), "webhook.since"),
    ] {
        let answer = city.post(&city.department, &at("replay"), &body).await;
        assert_eq!(answer.status, 422);
        assert_eq!(answer.json()["errors"][0]["code"], code);
    }
    // The secret is told once, and the operator, who sees all webhooks, is not told it.
    for path in ["/v1/webhooks".to_owned(), format!("/v1/webhooks/{id}")] {
        let answer = city.get(&city.operator, &path).await;
        assert_eq!(answer.status, 200);
        assert!(!String::from_utf8_lossy(&answer.bytes).contains("whsec"));
    }
    let answer = city.call(&city.operator, "POST", &at("rotate-secret")).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, "webhook.not_yours"));
    let off = city.call(&city.department, "POST", &at("disable")).await;
    assert_eq!(off.json()["state"], "off");
    assert_eq!(city.call(&city.department, "POST", &at("disable")).await.code(), "webhook.state");
    assert_eq!(city.call(&city.department, "POST", &at("enable")).await.json()["state"], "on");
    assert_eq!(city.call(&city.department, "DELETE", &format!("/v1/webhooks/{id}")).await.status, 204);
    assert_eq!(city.get(&city.department, &format!("/v1/webhooks/{id}")).await.code(), "webhook.unknown");
    let lines: Vec<_> =
        city.audit(id.as_str()).await.into_iter().map(|(_, action, outcome)| (action, outcome)).collect();
    for (action, outcome) in [
        ("webhook.register", "ok"),
        ("webhook.replay", "ok"),
        ("webhook.test", "ok"),
        ("webhook.rotate_secret", "webhook.not_yours"),
        ("webhook.disable", "ok"),
        ("webhook.disable", "webhook.state"),
        ("webhook.enable", "ok"),
        ("webhook.remove", "ok"),
    ] {
        assert!(lines.contains(&(action.to_owned(), outcome.to_owned())), "{action} {outcome}: {lines:?}");
    }
}
