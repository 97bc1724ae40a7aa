//! A counter asks, a holder answers: what is seen is what was asked and agreed to, by who asked, once, in time.

use crate::city::{City, HOLDER, Person, faults};
use crate::postgres::Postgres;
use crate::service::Answer;
use futures::future::join_all;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// A matter over the kind that most stories are about.
const MATTER: &str = r#"
title = { zh = "入驻审核", en = "Admission" }
keep = { zh = "一年", en = "One year", days = 366 }

[[needs]]
kind = "food-operation-permit"
required = ["operator", "premises"]
optional = ["supervisor", "business_form"]

[[needs]]
kind = "construction-permit"
required = ["developer", "project"]
may_lack = true

[[materials]]
label = "premises-lease"
title = { zh = "经营场所租赁合同", en = "Lease of the premises" }
days = 30
"#;

/// A city with that matter, a holder with a permit, and the folder that must stay.
struct Town {
    city: City,
    license: Value,
    _matters: tempfile::TempDir,
}

impl Town {
    async fn start(database: Option<String>) -> Self {
        Self::with(|config| config.database = database.unwrap_or_else(|| config.database.clone())).await
    }

    async fn with(change: impl FnOnce(&mut yinzheng::config::Config)) -> Self {
        let matters = tempfile::tempdir().expect("a directory");
        std::fs::write(matters.path().join("admission.toml"), MATTER).expect("written");
        let city = City::with(|config| {
            config.asking.matters = Some(matters.path().to_owned());
            change(config);
        })
        .await;
        let license = city.permit(&city.active_seal().await, "key").await;
        Self { city, license, _matters: matters }
    }

    async fn ask(&self) -> Value {
        let question = json!({ "matter": "admission", "counter": "左侧" });
        let answer = self.city.post(&self.city.clerk, "/v1/requests", &question).await;
        assert_eq!(answer.status, 201, "{}", answer.json());
        answer.json()
    }

    fn yes(&self, asked: &Value, fields: &[&str]) -> Value {
        json!({
            "code": asked["code"], "number": asked["number"],
            "licenses": [{ "license": self.license["id"], "fields": fields }],
        })
    }

    async fn approve(&self, yes: &Value) -> Answer {
        self.city.post(&self.city.holder, "/v1/requests:approve", yes).await
    }

    async fn state(&self, asked: &Value) -> Value {
        self.city.get(&self.city.clerk, &address(asked, "")).await.json()["state"].clone()
    }
}

fn address(asked: &Value, more: &str) -> String {
    format!("/v1/requests/{}{more}", asked["id"].as_str().expect("an identifier"))
}

fn said(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.code())
}

fn no(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

/// Another number of two digits.
fn wrong(asked: &Value) -> u64 {
    let number = asked["number"].as_u64().expect("a number");
    if number == 99 { 10 } else { number + 1 }
}

#[tokio::test]
async fn one_yes_shows_what_was_asked_and_agreed_to_who_asked_for_ten_minutes() {
    let town = Town::start(None).await;
    let city = &town.city;
    let listed = city.get(&city.clerk, "/v1/matters").await.json();
    let codes: Vec<_> =
        listed["items"].as_array().expect("matters").iter().map(|m| m["code"].clone()).collect();
    assert!(codes.contains(&json!("admission")) && codes.contains(&json!("open-bank-account")), "{codes:?}");

    let asked = town.ask().await;
    let code = asked["code"].as_str().expect("a code");
    assert!(code.len() == 27 && code.starts_with("51") && code.bytes().all(|b| b.is_ascii_digit()));
    assert_eq!((town.state(&asked).await, &asked["asker"]), (json!("open"), &json!("3号窗口 左侧")));

    // The holder sees who asks as registered, apart from what it says of itself; not the number.
    let look = city.post(&city.holder, "/v1/requests:read", &json!({ "code": asked["grouped"] })).await;
    let seen = look.json();
    assert_eq!(look.status, 200, "{seen}");
    assert_eq!((&seen["body"], &seen["counter"]), (&json!("3号窗口"), &json!("左侧")));
    assert_eq!((&seen["title"]["zh"], &seen["kept_days"]), (&json!("入驻审核"), &json!(366)));
    assert_eq!(seen["asked"][0]["licenses"][0]["license"], town.license["id"]);
    assert_eq!(seen["asked"][1]["licenses"], json!([]));
    assert!(seen.get("number").is_none());
    // Somebody else's licenses are not among what fits.
    let stranger = city.person("holder", json!({ "holder": "91990102MA7YQX032J" })).await;
    let theirs = city.post(&stranger, "/v1/requests:read", &json!({ "code": code })).await.json();
    assert_eq!(theirs["asked"][0]["licenses"], json!([]));

    let early = city.get(&city.clerk, &address(&asked, "/showing")).await;
    assert_eq!(said(&early), no(409, "ask.still_open"));
    let yes = town.approve(&town.yes(&asked, &["supervisor"])).await;
    assert_eq!(yes.status, 201, "{}", yes.json());
    assert_eq!(town.state(&asked).await, json!("approved"));
    assert_eq!(said(&town.approve(&town.yes(&asked, &[])).await), no(410, "ask.approved"));

    let shown = city.get(&city.clerk, &address(&asked, "/showing")).await;
    let text = String::from_utf8_lossy(&shown.bytes).into_owned();
    let shown = shown.json();
    let names = |license: &Value| -> Vec<String> {
        let fields = license["fields"].as_array().expect("fields").iter();
        fields.map(|field| field["name"].as_str().expect("a name").to_owned()).collect()
    };
    assert_eq!(shown["licenses"].as_array().map(Vec::len), Some(1), "{text}");
    // Required ones and the one that was ticked; not the other optional one.
    assert_eq!(names(&shown["licenses"][0]), ["operator", "premises", "supervisor"]);
    assert_eq!((&shown["way"], &shown["purpose"]), (&json!("requested"), &json!("入驻审核")));
    assert_eq!(shown["showing"], yes.json()["showing"]);
    assert!(!text.contains("林知微") && !text.contains("catering"), "{text}");
    // To nobody else there is such a request.
    let other = city.person("clerk", json!({ "label": "4号窗口" })).await;
    for who in [&other, &city.institution] {
        assert_eq!(said(&city.get(who, &address(&asked, "/showing")).await), no(404, "ask.unknown"));
        assert_eq!(said(&city.get(who, &address(&asked, "")).await), no(404, "ask.unknown"));
    }

    // The holder finds it among the showings and the uses; both sides stand in the audit trail.
    let list = city.get(&city.holder, "/v1/showings").await.json();
    assert_eq!(list["items"][0]["redeemed"]["by"], json!("3号窗口 左侧"), "{list}");
    let uses = city.get(&city.holder, "/v1/space/uses").await.json();
    assert!(uses.to_string().contains("3号窗口 左侧") && uses.to_string().contains("入驻审核"), "{uses}");
    let lines = city.audit(town.license["id"].as_str().expect("an identifier")).await;
    assert!(lines.contains(&(city.holder.id.clone(), "license.show".into(), "ok".into())), "{lines:#?}");
    let lines = city.audit(asked["id"].as_str().expect("an identifier")).await;
    for (who, action) in [
        (&city.clerk, "request.open"),
        (&city.holder, "request.approve"),
        (&city.clerk, "request.read_showing"),
    ] {
        assert!(lines.contains(&(who.id.clone(), action.into(), "ok".into())), "{action}: {lines:#?}");
    }
    let told: Vec<_> =
        city.events().await.into_iter().filter(|event| event.topic == "show.redeemed").collect();
    assert_eq!(told.len(), 1);
    assert!(told[0].body.contains("requested") && !told[0].body.contains(code));

    city.clock.forward(Duration::from_secs(601));
    let late = city.get(&city.clerk, &address(&asked, "/showing")).await;
    assert_eq!(said(&late), no(410, "ask.read_too_late"));
}

#[tokio::test]
async fn the_third_wrong_number_ends_it() {
    let town = Town::start(None).await;
    let asked = town.ask().await;
    let mut guess = town.yes(&asked, &[]);
    guess["number"] = json!(wrong(&asked));
    for left in ["2", "1"] {
        let answer = town.approve(&guess).await;
        assert_eq!(said(&answer), no(422, "ask.wrong_number"));
        assert!(answer.json()["detail"].as_str().expect("a detail").contains(left), "{}", answer.json());
        assert_eq!(town.state(&asked).await, json!("open"));
    }
    assert_eq!(said(&town.approve(&guess).await), no(410, "ask.mismatched"));
    assert_eq!(town.state(&asked).await, json!("mismatched"));
    // Now the right one is too late.
    assert_eq!(said(&town.approve(&town.yes(&asked, &[])).await), no(410, "ask.mismatched"));
    let shown = town.city.get(&town.city.clerk, &address(&asked, "/showing")).await;
    assert_eq!(said(&shown), no(410, "ask.mismatched"));
    // Two wrong ones and the right one are fine.
    let asked = town.ask().await;
    let mut guess = town.yes(&asked, &[]);
    guess["number"] = json!(wrong(&asked));
    for _ in 0..2 {
        town.approve(&guess).await;
    }
    assert_eq!(town.approve(&town.yes(&asked, &[])).await.status, 201);
}

#[tokio::test]
async fn every_other_request_says_why_not() {
    let town = Town::start(None).await;
    let city = &town.city;
    let read = |code: Value| async move {
        city.post(&city.holder, "/v1/requests:read", &json!({ "code": code })).await
    };

    let asked = town.ask().await;
    let code = asked["code"].as_str().expect("a code").to_owned();
    let mut misread = code.clone().into_bytes();
    misread[10] = if misread[10] == b'9' { b'0' } else { misread[10] + 1 };
    let misread = String::from_utf8(misread).expect("digits");
    assert_eq!(said(&read(json!(misread)).await), no(422, "ask.misread"));
    assert_eq!(said(&read(json!("7112")).await), no(422, "ask.not_a_code"));
    let made_up =
        yinzheng::domain::show_request::RequestCode::from_random("12345678901234567890123").expect("digits");
    assert_eq!(said(&read(json!(made_up.digits())).await), no(404, "ask.unknown"));

    // Faults of the choice, all at once, and none of them ends the request.
    let stranger = city.person("holder", json!({ "holder": "91990102MA7YQX032J" })).await;
    let theirs = city.post(&stranger, "/v1/requests:approve", &town.yes(&asked, &[])).await;
    assert_eq!(
        faults(&theirs),
        [
            ("/licenses".to_owned(), "ask.kind_missing".to_owned()),
            ("/licenses/0/license".to_owned(), "license.unknown".to_owned())
        ]
    );
    let mut twice = town.yes(&asked, &["supervisor", "signatory"]);
    twice["licenses"].as_array_mut().expect("a list").push(json!({ "license": town.license["id"] }));
    assert_eq!(
        faults(&town.approve(&twice).await),
        [
            ("/licenses/0/fields/1".to_owned(), "ask.field_not_asked".to_owned()),
            ("/licenses/1/license".to_owned(), "ask.kind_twice".to_owned())
        ]
    );
    let act = json!({ "reason": "依法办理" });
    city.post(&city.department, &crate::city::path(&town.license, "suspend"), &act).await;
    let answer = town.approve(&town.yes(&asked, &[])).await;
    assert_eq!(faults(&answer), [("/licenses/0/license".to_owned(), "license.not_in_force".to_owned())]);
    city.post(&city.department, &crate::city::path(&town.license, "resume"), &act).await;

    // Withdrawn by who asked, and only by that one.
    let path = address(&asked, "/withdraw");
    assert_eq!(said(&city.post(&city.institution, &path, &json!({})).await), no(404, "ask.unknown"));
    assert_eq!(city.call(&city.clerk, "POST", &path).await.status, 204);
    assert_eq!(said(&town.approve(&town.yes(&asked, &[])).await), no(410, "ask.withdrawn"));
    assert_eq!(said(&city.call(&city.clerk, "POST", &path).await), no(410, "ask.withdrawn"));

    let declined = town.ask().await;
    let answer = city.post(&city.holder, "/v1/requests:decline", &json!({ "code": declined["code"] })).await;
    assert_eq!(answer.status, 204);
    assert_eq!(town.state(&declined).await, json!("declined"));
    assert_eq!(said(&town.approve(&town.yes(&declined, &[])).await), no(410, "ask.declined"));

    let late = town.ask().await;
    city.clock.forward(Duration::from_secs(119));
    assert_eq!(read(late["code"].clone()).await.status, 200);
    city.clock.forward(Duration::from_secs(2));
    assert_eq!(town.state(&late).await, json!("expired"));
    assert_eq!(said(&read(late["code"].clone()).await), no(410, "ask.expired"));
    assert_eq!(said(&town.approve(&town.yes(&late, &[])).await), no(410, "ask.expired"));
}

#[tokio::test]
async fn less_may_be_asked_and_never_more() {
    let town = Town::start(None).await;
    let city = &town.city;
    let ask = |matter: &'static str, only: Value| async move {
        city.post(&city.clerk, "/v1/requests", &json!({ "matter": matter, "only": only })).await
    };
    let kind = "food-operation-permit";
    let less = ask("admission", json!([{ "kind": kind, "fields": ["operator"] }])).await;
    assert_eq!(less.status, 201, "{}", less.json());
    let yes = town.approve(&town.yes(&less.json(), &[])).await;
    assert_eq!(yes.status, 201, "{}", yes.json());
    let shown = city.get(&city.clerk, &address(&less.json(), "/showing")).await.json();
    assert_eq!(shown["licenses"][0]["fields"].as_array().map(Vec::len), Some(1), "{shown}");

    let more = ask("admission", json!([{ "kind": kind, "fields": ["operator", "signatory"] }])).await;
    assert_eq!(faults(&more), [("/only/0/fields/1".to_owned(), "ask.field_not_needed".to_owned())]);
    let nameless = ask("admission", json!([{ "kind": kind, "fields": ["premises"] }])).await;
    assert_eq!(faults(&nameless), [("/only/0/fields".to_owned(), "ask.nameless".to_owned())]);
    let other = ask("admission", json!([{ "kind": "business-license", "fields": ["name"] }])).await;
    assert_eq!(faults(&other), [("/only/0/kind".to_owned(), "ask.kind_not_needed".to_owned())]);
    let none = ask("no-such-matter", Value::Null).await;
    assert_eq!(faults(&none), [("/matter".to_owned(), "ask.unknown_matter".to_owned())]);
    // A credential that may use other kinds only neither sees the matter nor may ask for it.
    let limited = city.person("clerk", json!({ "kinds": ["marriage-certificate"] })).await;
    assert_eq!(city.get(&limited, "/v1/matters").await.json()["items"], json!([]));
    let answer = city.post(&limited, "/v1/requests", &json!({ "matter": "admission" })).await;
    assert_eq!(said(&answer), no(403, "permit.kind_out_of_scope"));
}

/// Many answer at once: two holders' phones say yes, no, and who asked takes it back. One of them is first.
async fn one_outcome(town: &Town) {
    let city = &town.city;
    let second = city.person("holder", json!({ "holder": HOLDER })).await;
    for round in 0..4 {
        let asked = town.ask().await;
        let yes = town.yes(&asked, &[]);
        let handle = json!({ "code": asked["code"] });
        let nothing = json!({});
        let withdraw = address(&asked, "/withdraw");
        let mut calls: Vec<(&Person, &str, &Value)> = Vec::new();
        for _ in 0..3 {
            calls.push((&city.holder, "/v1/requests:approve", &yes));
            calls.push((&second, "/v1/requests:approve", &yes));
        }
        calls.insert(round, (&second, "/v1/requests:decline", &handle));
        calls.insert(2 * round, (&city.clerk, &withdraw, &nothing));
        let before =
            city.get(&city.holder, "/v1/showings").await.json()["items"].as_array().map_or(0, Vec::len);
        let answers = join_all(calls.iter().map(|(who, path, body)| async move {
            match path.ends_with("/withdraw") {
                true => city.call(who, "POST", path).await,
                false => city.post(who, path, body).await,
            }
        }))
        .await;
        let done: Vec<u16> =
            answers.iter().map(|a| a.status.as_u16()).filter(|status| *status < 300).collect();
        assert_eq!(done.len(), 1, "{:?}", answers.iter().map(said).collect::<Vec<_>>());
        assert!(answers.iter().filter(|a| !a.status.is_success()).all(|a| a.status == 410));
        let after =
            city.get(&city.holder, "/v1/showings").await.json()["items"].as_array().map_or(0, Vec::len);
        assert_eq!(after - before, usize::from(done[0] == 201));
        assert_eq!(town.state(&asked).await == json!("approved"), done[0] == 201);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_answers_exactly_one_counts() {
    one_outcome(&Town::start(None).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_answers_exactly_one_counts_over_postgres() {
    let Some(server) = Postgres::start("of_many_answers_exactly_one_counts_over_postgres") else { return };
    one_outcome(&Town::start(Some(server.database().await)).await).await;
}

/// A verifier of faces: a process of its own.
pub struct Verifier {
    process: std::process::Child,
    said: std::io::Lines<std::io::BufReader<std::process::ChildStdout>>,
    /// Its public key, PEM.
    pub key: String,
}

impl Verifier {
    /// Starts one; `None`, and it is said, where that cannot be done.
    pub fn start() -> Option<Self> {
        use std::io::BufRead;
        use std::process::{Command, Stdio};
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tools/face_verifier.py");
        let Some(python) = crate::judges::python_with("cryptography") else {
            crate::judges::not_run("the verifier of faces (Python with cryptography)");
            return None;
        };
        let mut process = Command::new(python)
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python runs");
        let mut said = std::io::BufReader::new(process.stdout.take().expect("piped")).lines();
        let first: Value = serde_json::from_str(&said.next().expect("a line").expect("text")).expect("JSON");
        let key = first["key"].as_str().expect("a key").to_owned();
        Some(Self { process, said, key })
    }

    /// Has it assert these claims.
    pub fn assert(&mut self, how: &str, claims: &Value) -> String {
        use std::io::Write;
        let line = json!({ "how": how, "claims": claims });
        writeln!(self.process.stdin.as_mut().expect("piped"), "{line}").expect("it listens");
        self.said.next().expect("a line").expect("text")
    }
}

impl Drop for Verifier {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_trusted_verifier_s_word_stands_in_for_the_phone() {
    let Some(mut verifier) = Verifier::start() else { return };
    let folder = tempfile::tempdir().expect("a directory");
    let file = folder.path().join("verifiers.toml");
    // The verifier speaks for counters that exist: the service is started again with its settings.
    let mut config = crate::service::settings(folder.path());
    let mut town = Town::with(|first| {
        (first.database, first.files) = (config.database.clone(), config.files.clone());
        first.keys = config.keys.clone();
    })
    .await;
    let (clerk, key) = (town.city.clerk.id.clone(), verifier.key.clone());
    let text =
        format!("[[verifiers]]\nname = \"face-1\"\nkey = \"\"\"\n{key}\"\"\"\ncounters = [\"{clerk}\"]\n");
    std::fs::write(&file, text).expect("written");
    config.asking.matters = Some(town._matters.path().to_owned());
    config.asking.verifiers = Some(file);
    let again = yinzheng::boot::build(&config, std::sync::Arc::new(yinzheng::app::Unwatched))
        .await
        .expect("a service");
    town.city.router = yinzheng::http::router::router(again.service.clone());
    let city = &town.city;

    let claims = |asked: &Value| {
        let now = again.service.clock.now().micros() / 1_000_000;
        let jti = format!("{}-{}", asked["id"].as_str().expect("an identifier"), now);
        json!({
            "iss": "face-1", "aud": "http://127.0.0.1:8080", "sub": HOLDER, "jti": jti, "iat": now, "exp": now + 30,
            "request": asked["id"], "liveness": "active",
        })
    };
    let bring = |asked: Value, token: String| async move {
        city.post(&city.clerk, &address(&asked, "/assertions"), &json!({ "assertion": token })).await
    };

    let asked = town.ask().await;
    let good = claims(&asked);
    let with = |name: &str, value: Value| {
        let mut twin = good.clone();
        twin[name] = value;
        twin
    };
    let now = good["iat"].as_i64().expect("a time");
    let mut stale = with("exp", json!(now - 40));
    stale["iat"] = json!(now - 70);
    let other = town.ask().await;
    for (how, twin, code) in [
        ("good", stale, "assertion.stale"),
        ("good", with("aud", json!("https://other.example")), "assertion.audience"),
        ("stranger", good.clone(), "assertion.signature"),
        ("good", with("request", other["id"].clone()), "assertion.other_request"),
        ("none", good.clone(), "assertion.algorithm"),
        ("good", with("exp", json!(now + 3600)), "assertion.life"),
    ] {
        let token = verifier.assert(how, &twin);
        assert_eq!(said(&bring(asked.clone(), token).await), no(422, code));
        assert_eq!(town.state(&asked).await, json!("open"));
    }
    // Nobody has a license of that person: nothing is shown, and nothing is used up.
    let nobody = verifier.assert("good", &with("sub", json!("91990102MA7YQX032J")));
    assert_eq!(said(&bring(asked.clone(), nobody).await), no(409, "ask.kind_missing"));

    let token = verifier.assert("good", &good);
    let answer = bring(asked.clone(), token.clone()).await;
    assert_eq!(answer.status, 201, "{}", answer.json());
    let shown = city.get(&city.clerk, &address(&asked, "/showing")).await.json();
    // What the matter cannot do without, and nothing that a holder could have refused.
    assert_eq!(shown["licenses"][0]["fields"].as_array().map(Vec::len), Some(2), "{shown}");
    assert_eq!(shown["way"], json!("face"));
    let list = city.get(&city.holder, "/v1/showings").await.json();
    assert_eq!(list["items"][0]["id"], answer.json()["showing"]);

    // Replayed: for the same request, and under its own signature for another.
    assert_eq!(said(&bring(asked.clone(), token).await), no(409, "assertion.used"));
    let mut again_for_other = claims(&other);
    again_for_other["jti"] = good["jti"].clone();
    let token = verifier.assert("good", &again_for_other);
    assert_eq!(said(&bring(other.clone(), token).await), no(409, "assertion.used"));
    // Another counter's requests are not the verifier's business.
    let asked = city.post(&city.institution, "/v1/requests", &json!({ "matter": "admission" })).await.json();
    let token = verifier.assert("good", &claims(&asked));
    let answer =
        city.post(&city.institution, &address(&asked, "/assertions"), &json!({ "assertion": token })).await;
    assert_eq!(said(&answer), no(403, "assertion.not_for_this_counter"));
    // Two licenses fit: which one is for the holder to say.
    let seal = city.get(&city.department, "/v1/seals").await.json()["items"][0]["code"].clone();
    city.permit(seal.as_str().expect("a code"), "second").await;
    let token = verifier.assert("good", &claims(&other));
    assert_eq!(said(&bring(other, token).await), no(409, "ask.several_fit"));
}

/// What begins like a PDF, one unlike the other.
fn paper(number: usize) -> Vec<u8> {
    format!("%PDF-1.7 {number}").into_bytes()
}

async fn bring(city: &City, who: &Person, query: &str, bytes: Vec<u8>) -> Answer {
    let request = axum::http::Request::post(format!("/v1/materials?{query}"))
        .header("authorization", format!("Bearer {}", who.token))
        .header("content-type", "application/pdf");
    city.send(request.body(axum::body::Body::from(bytes)).expect("a request")).await
}

#[tokio::test]
async fn the_same_material_is_handed_in_once() {
    let town = Town::start(None).await;
    let city = &town.city;
    let asked = town.ask().await;
    let query = |asked: &Value| {
        format!(
            "matter=admission&label=premises-lease&request={}",
            asked["id"].as_str().expect("an identifier")
        )
    };
    // Before the yes there is nobody whose it could be.
    let early = bring(city, &city.clerk, &query(&asked), paper(1)).await;
    assert_eq!(said(&early), no(410, "material.no_holder"));
    assert_eq!(town.approve(&town.yes(&asked, &[])).await.status, 201);
    let lacking = city.get(&city.clerk, &address(&asked, "/materials")).await.json();
    assert_eq!(lacking["items"][0]["state"], json!("lacking"), "{lacking}");
    for (who, query, bytes, no) in [
        (&city.institution, query(&asked), paper(1), no(404, "ask.unknown")),
        (
            &city.clerk,
            query(&asked).replace("premises-lease", "shoe-size"),
            paper(1),
            no(422, "material.not_needed"),
        ),
        (&city.clerk, query(&asked), b"<html>".to_vec(), no(422, "material.sort")),
        (
            &city.clerk,
            query(&asked).replace("admission", "open-bank-account"),
            paper(1),
            no(410, "material.no_holder"),
        ),
    ] {
        assert_eq!(said(&bring(city, who, &query, bytes).await), no);
    }
    let kept = bring(city, &city.clerk, &query(&asked), paper(1)).await;
    assert_eq!(kept.status, 201, "{}", kept.json());
    let first = kept.json()["id"].clone();

    // The next matter finds it, and has it only if the holder says so.
    let read = |asked: &Value| {
        let handle = json!({ "code": asked["code"] });
        async move { city.post(&city.holder, "/v1/requests:read", &handle).await.json()["materials"].clone() }
    };
    let asked = town.ask().await;
    assert_eq!(read(&asked).await[0]["state"], json!("fits"));
    assert_eq!(town.approve(&town.yes(&asked, &[])).await.status, 201);
    let without = city.get(&city.clerk, &address(&asked, "/materials")).await.json();
    assert_eq!(without["items"][0]["state"], json!("lacking"));
    let one =
        |asked: &Value| address(asked, &format!("/materials/{}", first.as_str().expect("an identifier")));
    assert_eq!(said(&city.get(&city.clerk, &one(&asked)).await), no(404, "material.unknown"));

    let asked = town.ask().await;
    let mut yes = town.yes(&asked, &[]);
    yes["materials"] = json!([first, "no-such"]);
    let answer = town.approve(&yes).await;
    assert_eq!(faults(&answer), [("/materials/1".to_owned(), "material.unknown".to_owned())]);
    yes["materials"] = json!([first]);
    assert_eq!(town.approve(&yes).await.status, 201);
    let with = city.get(&city.clerk, &address(&asked, "/materials")).await.json();
    assert_eq!((&with["items"][0]["state"], &with["items"][0]["changed"]), (&json!("fits"), &json!(false)));
    assert_eq!(city.get(&city.clerk, &one(&asked)).await.bytes, paper(1));
    assert_eq!(said(&city.get(&city.institution, &one(&asked)).await), no(404, "ask.unknown"));

    // Another takes its place: the old one is said to be replaced, the new one to be another.
    let own = bring(city, &city.holder, "matter=admission&label=premises-lease", paper(2)).await;
    assert_eq!(own.status, 201, "{}", own.json());
    let seen = city.get(&city.clerk, &address(&asked, "/materials")).await.json();
    assert_eq!(seen["items"][0]["state"], json!("replaced"), "{seen}");
    let asked = town.ask().await;
    let found = read(&asked).await;
    assert_eq!((&found[0]["state"], &found[0]["changed"]), (&json!("fits"), &json!(true)));
    yes = town.yes(&asked, &[]);
    yes["materials"] = json!([first]);
    let answer = town.approve(&yes).await;
    assert_eq!(faults(&answer), [("/materials/0".to_owned(), "material.replaced".to_owned())]);

    // Too old for the matter after its days.
    city.clock.forward(Duration::from_secs(31 * 86_400 - 3_600));
    let holder = city.person("holder", json!({ "holder": HOLDER })).await;
    let clerk = city.person("clerk", json!({})).await;
    let asked = city.post(&clerk, "/v1/requests", &json!({ "matter": "admission" })).await.json();
    let look = city.post(&holder, "/v1/requests:read", &json!({ "code": asked["code"] })).await.json();
    assert_eq!(look["materials"][0]["state"], json!("expired"), "{look}");
    yes = town.yes(&asked, &[]);
    yes["materials"] = json!([own.json()["id"]]);
    let answer = city.post(&holder, "/v1/requests:approve", &yes).await;
    assert_eq!(faults(&answer), [("/materials/0".to_owned(), "material.expired".to_owned())]);
    // The holder's own list has both; nobody else reads them.
    let mine = city.get(&holder, "/v1/materials").await.json();
    assert_eq!(mine["items"].as_array().map(Vec::len), Some(2), "{mine}");
    let path = format!("/v1/materials/{}", first.as_str().expect("an identifier"));
    assert_eq!(city.get(&holder, &path).await.bytes, paper(1));
    let stranger = city.person("holder", json!({ "holder": "91990102MA7YQX032J" })).await;
    assert_eq!(said(&city.get(&stranger, &path).await), no(404, "material.unknown"));
}
