//! A service with one department and everybody who deals with it, reached through the API alone.

use crate::service::{Answer, DEPARTMENT, settings};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tower::ServiceExt;
use yinzheng::adapters::clock::SystemClock;
use yinzheng::adapters::webhooks::HttpWebhooks;
use yinzheng::app::{Service, Unwatched, add_credential};
use yinzheng::boot;
use yinzheng::config::Config;
use yinzheng::domain::time::Timestamp;
use yinzheng::http::router::router;
use yinzheng::http::server::TlsSettings;
use yinzheng::jobs::BroughtCrls;
use yinzheng::ports::clock::Clock;
use yinzheng::ports::store;

/// The kind most stories are about: its number is drawn, so that there can be many.
pub const PERMIT: &str = "food-operation-permit";
/// The holder of that kind's example data.
pub const HOLDER: &str = "91990102MA7YQX031L";

/// The computer's clock, ahead by as much as a story wants.
#[derive(Default)]
pub struct AheadClock(AtomicI64);

impl AheadClock {
    /// Time passes.
    pub fn forward(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_micros()).expect("a short time"), Ordering::SeqCst);
    }
}

impl Clock for AheadClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(SystemClock.now().micros() + self.0.load(Ordering::SeqCst))
    }
}

/// Somebody who calls: the credential and its token.
#[derive(Clone)]
pub struct Person {
    /// Identifier of the credential.
    pub id: String,
    /// Token.
    pub token: String,
}

/// The service and its people.
pub struct City {
    /// The service, to look behind the API.
    pub service: Arc<Service>,
    /// Its door.
    pub router: Router,
    /// Its clock.
    pub clock: Arc<AheadClock>,
    /// Gives credentials.
    pub operator: Person,
    /// Issues.
    pub department: Person,
    /// Asks for seals.
    pub sealer: Person,
    /// Approves them.
    pub second_sealer: Person,
    /// Approves them too.
    pub third_sealer: Person,
    /// Whom the example license is about.
    pub holder: Person,
    /// Works a counter.
    pub clerk: Person,
    /// Relies on licenses.
    pub institution: Person,
    /// Reads the audit trail.
    pub auditor: Person,
    /// TLS of its listener, if the settings ask for it.
    pub tls: Option<TlsSettings>,
    /// Where its jobs look for revocation lists that operators bring.
    pub brought_crls: BroughtCrls,
    _directory: tempfile::TempDir,
}

impl City {
    /// A city on SQLite.
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// A city whose settings were changed.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let mut config = settings(directory.path());
        change(&mut config);
        let booted = boot::build(&config, Arc::new(Unwatched)).await.expect("a service");
        let (mut service, tls, brought_crls) = (booted.service, booted.tls, booted.brought_crls);
        let clock = Arc::new(AheadClock::default());
        let own = Arc::get_mut(&mut service).expect("nobody else has it yet");
        own.clock = clock.clone();
        // A receiver that hangs must not hold a story up for a quarter of a minute.
        let brief = Duration::from_secs(4);
        own.webhooks = Arc::new(HttpWebhooks::within(own.settings.webhooks, None, brief, brief));
        let first = add_credential::first_operator(&service, "first").await.expect("fresh").expect("fresh");
        let operator = Person { id: first.credential.id, token: first.token.expect("a token") };
        let nobody = Person { id: String::new(), token: String::new() };
        let mut city = Self {
            router: router(service.clone()),
            service,
            clock,
            operator,
            department: nobody.clone(),
            sealer: nobody.clone(),
            second_sealer: nobody.clone(),
            third_sealer: nobody.clone(),
            holder: nobody.clone(),
            clerk: nobody.clone(),
            institution: nobody.clone(),
            auditor: nobody,
            tls,
            brought_crls,
            _directory: directory,
        };
        city.people().await;
        city
    }

    async fn people(&mut self) {
        self.bureau(DEPARTMENT, "market-regulation").await;
        self.department = self.person("department", json!({ "department": DEPARTMENT })).await;
        self.sealer = self.person("seal-administrator", json!({ "department": DEPARTMENT })).await;
        self.second_sealer = self.person("seal-administrator", json!({ "department": DEPARTMENT })).await;
        self.third_sealer = self.person("seal-administrator", json!({ "department": DEPARTMENT })).await;
        self.holder = self.person("holder", json!({ "holder": HOLDER })).await;
        self.clerk = self.person("clerk", json!({ "label": "3号窗口" })).await;
        self.institution = self.person("institution", json!({})).await;
        self.auditor = self.person("auditor", json!({})).await;
    }

    /// Registers a department.
    pub async fn bureau(&self, code: &str, responsibility: &str) {
        let department = json!({
            "code": code, "name_zh": "景川市市场监督管理局", "name_en": "Jingchuan Bureau",
            "area_code": "990100", "responsibility": responsibility,
        });
        let answer = self.post(&self.operator, "/v1/departments", &department).await;
        assert!(answer.status.is_success(), "{}", answer.json());
    }

    /// Gives a credential; `more` adds to or replaces members of the request.
    pub async fn person(&self, role: &str, more: Value) -> Person {
        let mut request = json!({ "label": role, "role": role, "days": 30 });
        let members = request.as_object_mut().expect("an object");
        members.extend(more.as_object().expect("an object").clone());
        let answer = self.post(&self.operator, "/v1/credentials", &request).await;
        let given = answer.json();
        assert_eq!(answer.status, 201, "{given}");
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        Person { id: text(&given["credential"]["id"]), token: text(&given["token"]) }
    }

    /// Sends any request.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 64 * 1024 * 1024).await.expect("a body").to_vec();
        Answer { status: parts.status, bytes }
    }

    /// Calls without a body.
    pub async fn call(&self, who: &Person, method: &str, path: &str) -> Answer {
        let request = Request::builder().method(method).uri(path).header("authorization", bearer(who));
        self.send(request.body(Body::empty()).expect("a request")).await
    }

    /// Reads.
    pub async fn get(&self, who: &Person, path: &str) -> Answer {
        self.call(who, "GET", path).await
    }

    /// Sends JSON.
    pub async fn post(&self, who: &Person, path: &str, body: &Value) -> Answer {
        self.post_raw(who, path, None, body.to_string().into_bytes()).await
    }

    /// Sends JSON under an idempotency key.
    pub async fn post_once(&self, who: &Person, path: &str, key: &str, body: &Value) -> Answer {
        self.post_raw(who, path, Some(key), body.to_string().into_bytes()).await
    }

    /// Sends JSON in place of what was there.
    pub async fn put(&self, who: &Person, path: &str, body: &Value) -> Answer {
        let request = Request::put(path)
            .header("authorization", bearer(who))
            .header("content-type", "application/json");
        self.send(request.body(Body::from(body.to_string())).expect("a request")).await
    }

    /// The day in China so many days from now.
    pub fn clock_date(&self, days: u64) -> String {
        let then = self.clock.now().plus(Duration::from_secs(days * 86_400));
        yinzheng::domain::time::format_date(then.date_in_china())
    }

    /// Sends what claims to be JSON.
    pub async fn post_raw(&self, who: &Person, path: &str, key: Option<&str>, body: Vec<u8>) -> Answer {
        let mut request = Request::post(path)
            .header("authorization", bearer(who))
            .header("content-type", "application/json");
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        self.send(request.body(Body::from(body)).expect("a request")).await
    }

    /// The report on a file that anybody brings.
    pub async fn verify(&self, file: Vec<u8>) -> Answer {
        let request = Request::post("/v1/verifications").header("content-type", "application/pdf");
        self.send(request.body(Body::from(file)).expect("a request")).await
    }

    /// The report on a file as a page.
    pub async fn verify_page(&self, file: Vec<u8>) -> String {
        let request = Request::post("/verify").header("content-type", "application/pdf");
        let answer = self.send(request.body(Body::from(file)).expect("a request")).await;
        String::from_utf8(answer.bytes).expect("text")
    }

    /// A seal asked for and not yet approved.
    pub async fn requested_seal(&self, days: u32) -> String {
        let request = json!({
            "owner_code": DEPARTMENT, "purpose": "license", "purpose_words": "电子证照专用章", "days": days,
        });
        let answer = self.post(&self.sealer, "/v1/seals", &request).await;
        assert_eq!(answer.status, 201, "{}", answer.json());
        answer.json()["code"].as_str().expect("a code").to_owned()
    }

    /// An act on a seal.
    pub async fn act_on_seal(&self, who: &Person, seal: &str, act: &str) -> Answer {
        self.post(who, &format!("/v1/seals/{seal}/{act}"), &json!({ "reason": "按规定办理" })).await
    }

    /// An act on a seal that takes two people, by the two who ask for none. The answer is the second one's.
    pub async fn act_by_two(&self, seal: &str, act: &str) -> Answer {
        let first = self.act_on_seal(&self.second_sealer, seal, act).await;
        assert_eq!(first.status, 200, "{}", first.json());
        self.act_on_seal(&self.third_sealer, seal, act).await
    }

    /// Brings a seal that was asked for into use: two people approve, neither of whom asked for it.
    pub async fn approve_seal(&self, seal: &str) {
        let answer = self.act_by_two(seal, "approve").await;
        assert_eq!((answer.status.as_u16(), &answer.json()["state"]), (200, &json!("active")));
    }

    /// The same by two administrators of another department, who are made for it.
    pub async fn approve_seal_of(&self, department: &str, seal: &str) {
        for _ in 0..2 {
            let approver = self.person("seal-administrator", json!({ "department": department })).await;
            assert_eq!(self.act_on_seal(&approver, seal, "approve").await.status, 200);
        }
    }

    /// A seal in use.
    pub async fn active_seal(&self) -> String {
        let seal = self.requested_seal(365).await;
        self.approve_seal(&seal).await;
        seal
    }

    /// A request with the example data of a kind.
    pub fn order(&self, kind: &str, seal: &str) -> Value {
        let kind = self.service.kinds.get(kind).expect("an embedded kind");
        let fields = kind.fields.iter().filter(|field| !field.example.is_empty());
        let data: serde_json::Map<_, _> =
            fields.map(|field| (field.name.clone(), Value::from(field.example.clone()))).collect();
        json!({ "kind": kind.name, "seal": seal, "data": data })
    }

    /// A permit, issued under this key.
    pub async fn permit(&self, seal: &str, key: &str) -> Value {
        let order = self.order(PERMIT, seal);
        let answer = self.post_once(&self.department, "/v1/licenses", key, &order).await;
        assert_eq!(answer.status, 201, "{}", answer.json());
        answer.json()
    }

    /// The file of a license.
    pub async fn file(&self, license: &Value) -> Vec<u8> {
        let answer = self.get(&self.department, &path(license, "file")).await;
        assert_eq!(answer.status, 200);
        answer.bytes
    }

    /// The audit trail about a subject as the auditor reads it: who, what and how it ended, oldest first.
    pub async fn audit(&self, subject: &str) -> Vec<(String, String, String)> {
        let answer = self.get(&self.auditor, &format!("/v1/audit?subject={subject}&limit=200")).await;
        assert_eq!(answer.status, 200, "{}", answer.json());
        let text = |line: &Value, name: &str| line[name].as_str().expect("a text").to_owned();
        let items = answer.json()["items"].as_array().expect("a list").clone();
        items.iter().map(|l| (text(l, "actor"), text(l, "action"), text(l, "outcome"))).collect()
    }

    /// Every event so far.
    pub async fn events(&self) -> Vec<store::OutboxEvent> {
        let read = store::read(self.service.store.as_ref(), |tx, _| {
            Box::pin(async move { Ok(tx.events(0, 1_000).await?) })
        });
        read.await.expect("events")
    }

    /// What an issuance writes: licenses of the department, and events. Equal before and after: nothing was written.
    pub async fn written(&self) -> (usize, usize, usize) {
        let list = self.get(&self.department, "/v1/licenses?limit=200").await.json();
        let licenses = list["items"].as_array().expect("a list").len();
        let now = self.clock.now().plus(Duration::from_secs(86_400));
        let (open, events) = store::read(self.service.store.as_ref(), |tx, _| {
            Box::pin(
                async move { Ok((tx.open_issuances(now, 200).await?.len(), tx.events(0, 200).await?.len())) },
            )
        })
        .await
        .expect("counts");
        (licenses, open, events)
    }
}

fn bearer(who: &Person) -> String {
    format!("Bearer {}", who.token)
}

/// A path below a license.
pub fn path(license: &Value, what: &str) -> String {
    format!("/v1/licenses/{}/{what}", license["id"].as_str().expect("an identifier"))
}

/// Codes of the findings of a report.
pub fn findings(report: &Value) -> Vec<String> {
    let list = report["findings"].as_array().expect("a report");
    list.iter().map(|finding| finding["code"].as_str().expect("a code").to_owned()).collect()
}

/// Pointer and code of every fault of a problem, sorted.
pub fn faults(answer: &Answer) -> Vec<(String, String)> {
    let text = |fault: &Value, name: &str| fault[name].as_str().expect("a text").to_owned();
    let json = answer.json();
    let list = json["errors"].as_array().cloned().unwrap_or_default();
    let mut found: Vec<_> = list.iter().map(|f| (text(f, "pointer"), text(f, "code"))).collect();
    found.sort();
    found
}
