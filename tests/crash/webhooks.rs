//! The same while webhooks are told: whenever the teller is killed, every event reaches every endpoint, at least once, and of one
//! subject in order.

use super::postgres::Postgres;
use super::support::{self, settings};
use super::{DATABASE, DIRECTORY, STEP};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::Value;
use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;
use yinzheng::adapters::clock::SystemClock;
use yinzheng::app::webhook::{deliver, fan_out, register};
use yinzheng::app::{Service, Unwatched, act_on_seal, add_credential, register_department, request_seal};
use yinzheng::boot;
use yinzheng::config::Config;
use yinzheng::domain::party::{Credential, Department, Role, Scope};
use yinzheng::domain::seal::{SealAct, SealPurpose};
use yinzheng::domain::time::Timestamp;
use yinzheng::domain::webhook::{DeliveryState, WebhookId};
use yinzheng::ports::clock::Clock;
use yinzheng::ports::store;

/// Subjects, each with three events.
const SEALS: usize = 4;
const TOPICS: [&str; 3] = ["seal.requested", "seal.approval_given", "seal.rejected"];
const ENDPOINTS: [&str; 2] = ["one", "two"];
/// What is heard of a process before it is killed: nothing, since it only just starts; the first message; some.
const HEARD_BEFORE: [usize; 6] = [0, 1, 2, 1, 3, 5];

/// Ahead of the computer's clock, so that a dead process's leases have run out without waiting for it.
struct Ahead(Duration);

impl Clock for Ahead {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus(self.0)
    }
}

/// Endpoint, message, topic, subject, in the order in which they came.
type Heard = Arc<Mutex<Vec<(String, String, String, String)>>>;

#[derive(Clone)]
struct Receiver {
    heard: Heard,
    tell: mpsc::UnboundedSender<()>,
}

async fn receive(
    State(receiver): State<Receiver>,
    Path(endpoint): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let message = headers["webhook-id"].to_str().expect("text").to_owned();
    let body: Value = serde_json::from_slice(&body).expect("JSON");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let line = (endpoint, message, text(&body["type"]), text(&body["data"]["subject"]));
    receiver.heard.lock().expect("no panic before").push(line);
    // The teller may be killed while it waits for the answer: it was heard, and nobody wrote that down.
    let _ = receiver.tell.send(());
    tokio::time::sleep(Duration::from_millis(60)).await;
    StatusCode::NO_CONTENT
}

#[tokio::test(flavor = "multi_thread")]
async fn a_teller_killed_at_any_moment_loses_nothing_and_lets_nothing_overtake() {
    if is_child().await {
        return;
    }
    let directory = tempfile::tempdir().expect("a directory");
    let config = settings(directory.path());
    let test = "webhooks::a_teller_killed_at_any_moment_loses_nothing_and_lets_nothing_overtake";
    kill_again_and_again(&config, directory.path(), test).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_does_one_killed_over_postgres() {
    if is_child().await {
        return;
    }
    let Some(server) = Postgres::start("nor_does_a_teller_killed_over_postgres") else { return };
    let directory = tempfile::tempdir().expect("a directory");
    let config = Config { database: server.ready().await, ..settings(directory.path()) };
    let test = "webhooks::nor_does_one_killed_over_postgres";
    kill_again_and_again(&config, directory.path(), test).await;
}

/// A child tells what is to be told, and ends when nothing is left.
async fn is_child() -> bool {
    let variable = |name| std::env::var(name).ok();
    let (Some(ahead), Some(directory), Some(database)) =
        (variable(STEP), variable(DIRECTORY), variable(DATABASE))
    else {
        return false;
    };
    let config = Config { database, ..settings(std::path::Path::new(&directory)) };
    let mut service = here(&config).await;
    let ahead = Duration::from_secs(ahead.parse().expect("seconds"));
    Arc::get_mut(&mut service).expect("nobody else has it yet").clock = Arc::new(Ahead(ahead));
    fan_out::run(&service).await.expect("handed over");
    loop {
        let due = deliver::due(&service).await.expect("read");
        if due.is_empty() {
            return true;
        }
        let stop = AtomicBool::new(false);
        let rounds = due.iter().map(|id| deliver::run(&service, id, &stop));
        for done in futures::future::join_all(rounds).await {
            done.expect("delivered");
        }
    }
}

fn start(config: &Config, directory: &std::path::Path, test: &str, ahead: usize) -> Child {
    Command::new(std::env::current_exe().expect("this test"))
        .args([test, "--exact", "--nocapture"])
        .env(STEP, (ahead * 120).to_string())
        .env(DIRECTORY, directory)
        .env(DATABASE, &config.database)
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("a child")
}

async fn kill_again_and_again(config: &Config, directory: &std::path::Path, test: &str) {
    let (tell, mut told) = mpsc::unbounded_channel();
    let receiver = Receiver { heard: Heard::default(), tell };
    let heard = receiver.heard.clone();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let router = Router::new().route("/{endpoint}", post(receive)).with_state(receiver);
    tokio::spawn(async move { axum::serve(listener, router).await });
    let endpoints = prepare(config, &format!("http://{address}")).await;

    for (round, most) in HEARD_BEFORE.into_iter().enumerate() {
        while told.try_recv().is_ok() {}
        let mut child = start(config, directory, test, round);
        for _ in 0..most {
            let one = tokio::time::timeout(Duration::from_secs(60), told.recv()).await;
            one.expect("the child tells within a minute");
        }
        child.kill().expect("it runs");
        let status = child.wait().expect("it ends");
        assert_eq!(status.signal(), Some(9), "round {round}: {status:?}");
    }
    let last = start(config, directory, test, HEARD_BEFORE.len()).wait().expect("it ends");
    assert!(last.success(), "{last:?}");

    let heard = heard.lock().expect("no panic before").clone();
    for endpoint in ENDPOINTS {
        let mut told: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
        for (_, message, topic, subject) in heard.iter().filter(|(at, ..)| at == endpoint) {
            told.entry(subject).or_default().push((topic, message));
        }
        assert_eq!(told.len(), SEALS, "{endpoint}: {told:?}");
        for (subject, mut messages) in told {
            // Whatever came twice came twice in a row: nothing overtook, and nothing came back later.
            messages.dedup();
            let topics: Vec<&str> = messages.iter().map(|(topic, _)| *topic).collect();
            assert_eq!(topics, TOPICS, "{endpoint} {subject}");
        }
    }
    let once = SEALS * TOPICS.len() * ENDPOINTS.len();
    assert!(heard.len() > once, "no kill hit a message on its way: {} of {once}", heard.len());
    let service = here(config).await;
    for id in &endpoints {
        let all = store::read(service.store.as_ref(), |tx, _| {
            Box::pin(async move { Ok(tx.deliveries(id, i64::MAX, 100).await?) })
        });
        let all = all.await.expect("read");
        assert_eq!(all.len(), SEALS * TOPICS.len());
        assert!(all.iter().all(|one| one.state == DeliveryState::Delivered), "{all:?}");
    }
}

async fn here(config: &Config) -> Arc<Service> {
    boot::build(config, Arc::new(Unwatched)).await.expect("a service").service
}

/// Endpoints, and seals that were asked for, approved by one and turned down by another.
async fn prepare(config: &Config, address: &str) -> Vec<WebhookId> {
    let service = here(config).await;
    let operator = add_credential::first_operator(&service, "first").await.expect("fresh").expect("fresh");
    let operator = operator.credential;
    let department = Department {
        code: support::DEPARTMENT.into(),
        name_zh: "景川市市场监督管理局".into(),
        name_en: "Jingchuan Market Regulation Bureau".into(),
        area_code: "990100".into(),
        responsibility: "market-regulation".into(),
    };
    register_department::run(&service, &operator, department).await.expect("registered");
    let mut endpoints = Vec::new();
    for name in ENDPOINTS {
        let request = register::Request {
            url: format!("{address}/{name}"),
            topics: vec!["seal.*".into()],
            description: String::new(),
        };
        let told = register::run(&service, &operator, request).await.expect("a webhook");
        endpoints.push(told.webhook.id);
    }
    let people = [
        administrator(&service, &operator).await,
        administrator(&service, &operator).await,
        administrator(&service, &operator).await,
    ];
    for _ in 0..SEALS {
        let words = "电子证照专用章";
        let request =
            request_seal::Request::of_department(support::DEPARTMENT, SealPurpose::License, words, 30);
        let seal = request_seal::run(&service, &people[0], request).await.expect("a seal").code;
        for (person, act) in [(&people[1], SealAct::Approve), (&people[2], SealAct::Reject)] {
            let request = act_on_seal::Request::new(seal.clone(), act, "按规定办理");
            act_on_seal::run(&service, person, request).await.expect("done");
        }
    }
    endpoints
}

async fn administrator(service: &Service, operator: &Credential) -> Credential {
    let request = add_credential::Request {
        label: "administrator".into(),
        role: Role::SealAdministrator,
        department: None,
        holder: None,
        business: None,
        kinds: Scope::All,
        seals: Scope::All,
        days: 1,
        person: None,
        secret: add_credential::Secret::Token,
    };
    add_credential::run(service, operator, request).await.expect("a credential").credential
}
