//! A kiosk: whoever a trusted verifier recognises prints one code of one own license; nobody prints another's, or twice.

use crate::asking::Verifier;
use crate::city::{City, HOLDER, Person, faults, path};
use crate::service::Answer;
use axum::body::Body;
use axum::http::Request;
use futures::future::join_all;
use serde_json::{Value, json};
use std::time::Duration;
use yinzheng::app::offline;
use yinzheng::ports::clock::Clock;

/// A holder who holds nothing.
const OTHER: &str = "91990102MA7YQX032J";

/// A city with a kiosk, its verifier, and a holder with a permit; and the folder that must stay.
struct Hall {
    city: City,
    verifier: Verifier,
    license: Value,
    _folder: tempfile::TempDir,
}

impl Hall {
    async fn start() -> Option<Self> {
        let verifier = Verifier::start()?;
        let folder = tempfile::tempdir().expect("a directory");
        let file = folder.path().join("verifiers.toml");
        let mut config = crate::service::settings(folder.path());
        let mut city = City::with(|first| {
            (first.database, first.files) = (config.database.clone(), config.files.clone());
            first.keys = config.keys.clone();
        })
        .await;
        // The verifier speaks for a counter that exists: the service is started again with its settings.
        let (clerk, key) = (&city.clerk.id, &verifier.key);
        let text = format!(
            "[[verifiers]]\nname = \"face-1\"\nkey = \"\"\"\n{key}\"\"\"\ncounters = [\"{clerk}\"]\n"
        );
        std::fs::write(&file, text).expect("written");
        config.asking.verifiers = Some(file);
        let again = yinzheng::boot::build(&config, std::sync::Arc::new(yinzheng::app::Unwatched)).await;
        let mut service = again.expect("a service").service;
        std::sync::Arc::get_mut(&mut service).expect("nobody else has it yet").clock = city.clock.clone();
        city.router = yinzheng::http::router::router(service.clone());
        city.service = service;
        let license = city.permit(&city.active_seal().await, "key").await;
        offline::publish(&city.service).await.expect("published");
        Some(Self { city, verifier, license, _folder: folder })
    }

    async fn open(&self) -> Value {
        let answer = self.city.call(&self.city.clerk, "POST", "/v1/kiosk/sessions").await;
        assert_eq!(answer.status, 201, "{}", answer.json());
        answer.json()
    }

    fn claims(&self, session: &Value, holder: &str) -> Value {
        let now = self.city.clock.now().micros() / 1_000_000;
        let jti = format!("{}-{now}", session["id"].as_str().expect("an identifier"));
        json!({
            "iss": "face-1", "aud": "http://127.0.0.1:8080", "sub": holder, "jti": jti, "iat": now,
            "exp": now + 30, "request": session["id"], "liveness": "active",
        })
    }

    async fn bring(&self, session: &Value, token: &str) -> Answer {
        let body = json!({ "assertion": token });
        self.city.post(&self.city.clerk, &address(session, "/assertions"), &body).await
    }

    /// Somebody faces the camera.
    async fn face(&mut self, session: &Value, holder: &str) -> Answer {
        let token = self.verifier.assert("good", &self.claims(session, holder));
        self.bring(session, &token).await
    }

    async fn print(&self, session: &Value) -> Answer {
        self.city.post(&self.city.clerk, &address(session, "/paper-codes"), &wish(1)).await
    }

    async fn state(&self, session: &Value) -> Value {
        self.city.get(&self.city.clerk, &address(session, "")).await.json()
    }

    async fn printed(&self) -> Vec<Value> {
        let list = self.city.get(&self.city.holder, "/v1/paper-codes").await.json();
        list["items"].as_array().expect("a list").clone()
    }
}

fn wish(license: u32) -> Value {
    json!({ "license": license, "purpose": "银行开户", "recipient": "景川银行" })
}

fn address(session: &Value, more: &str) -> String {
    format!("/v1/kiosk/sessions/{}{more}", session["id"].as_str().expect("an identifier"))
}

fn said(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.code())
}

fn no(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_is_recognised_takes_one_sheet_along() {
    let Some(mut hall) = Hall::start().await else { return };
    let session = hall.open().await;
    assert_eq!((&session["state"], &session["licenses"]), (&json!("waiting"), &json!([])));
    let known = hall.face(&session, HOLDER).await;
    assert_eq!(known.status, 201, "{}", known.json());
    let seen = known.json();
    assert_eq!(seen["state"], json!("recognised"));
    // Kind and masked number, and nothing else of the license.
    let number = hall.license["number"].as_str().expect("a number");
    let masked = seen["licenses"][0]["number"].as_str().expect("a number");
    assert!(masked.starts_with('J') && masked.contains("****") && masked.len() == number.len(), "{masked}");
    assert_eq!(seen["licenses"].as_array().map(Vec::len), Some(1), "{seen}");
    assert_eq!(seen["licenses"][0]["title"]["en"], json!("Food operation permit"));
    let text = String::from_utf8_lossy(&known.bytes).into_owned();
    let id = hall.license["id"].as_str().expect("an identifier");
    for secret in [number, id, HOLDER, "云栖"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    assert_eq!(hall.state(&session).await, seen);

    let sheet = hall.print(&session).await;
    assert_eq!(sheet.status, 200, "{}", String::from_utf8_lossy(&sheet.bytes));
    assert!(sheet.bytes.starts_with(b"%PDF"));
    assert_eq!(hall.state(&session).await["state"], json!("printed"));
    assert_eq!(hall.state(&session).await["licenses"], json!([]));

    // The holder finds the sheet and the use, and can end it.
    let list = hall.printed().await;
    assert_eq!(list.len(), 1);
    let code = &list[0];
    assert_eq!((&code["place"], &code["standing"]), (&json!("3号窗口"), &json!("live")));
    assert_eq!((&code["purpose"], &code["fields"]), (&json!("银行开户"), &json!(["operator"])));
    let city = &hall.city;
    let uses = city.get(&city.holder, "/v1/space/uses").await.json();
    let used = &uses["items"][0];
    assert_eq!((&used["what"], &used["verifier"]), (&json!("printed"), &json!("face-1")), "{uses}");
    assert_eq!((&used["label"], &used["by"]), (&json!("3号窗口"), &json!(city.clerk.id)));
    let pages = [("/wallet/codes", "在自助终端“3号窗口”打印"), ("/space/uses", "在自助终端打印了纸质亮证单")];
    for (page, words) in pages {
        let request = Request::get(page).header("authorization", format!("Bearer {}", city.holder.token));
        let answer = city.send(request.body(Body::empty()).expect("a request")).await;
        assert!(String::from_utf8_lossy(&answer.bytes).contains(words), "{page}");
    }
    let lines = city.audit(id).await;
    assert!(lines.contains(&(city.clerk.id.clone(), "paper_code.make".into(), "ok".into())), "{lines:#?}");
    let about = city.get(&city.auditor, &format!("/v1/audit?subject={id}&limit=200")).await.json();
    assert!(about.to_string().contains("face-1"), "the audit trail names the verifier: {about}");
    let lines = city.audit(session["id"].as_str().expect("an identifier")).await;
    for action in ["kiosk.open", "kiosk.assert", "kiosk.recognise"] {
        assert!(lines.contains(&(city.clerk.id.clone(), action.into(), "ok".into())), "{action}: {lines:#?}");
    }
    let end = format!("/v1/paper-codes/{}", code["id"].as_str().expect("an identifier"));
    assert_eq!(city.call(&city.holder, "DELETE", &end).await.status, 204);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn everything_else_prints_nothing() {
    let Some(mut hall) = Hall::start().await else { return };
    let session = hall.open().await;
    assert_eq!(said(&hall.print(&session).await), no(409, "kiosk_session.nobody"));

    // Assertions that are not for this session, stale, or of nobody we trust.
    let other = hall.open().await;
    let good = hall.claims(&session, HOLDER);
    let with = |name: &str, value: Value| {
        let mut twin = good.clone();
        twin[name] = value;
        twin
    };
    let now = good["iat"].as_i64().expect("a time");
    let mut stale = with("exp", json!(now - 40));
    stale["iat"] = json!(now - 70);
    for (how, twin, code) in [
        ("good", stale, "assertion.stale"),
        ("good", with("aud", json!("https://other.example")), "assertion.audience"),
        ("good", with("request", other["id"].clone()), "assertion.other_request"),
        ("stranger", good.clone(), "assertion.signature"),
        ("none", good.clone(), "assertion.algorithm"),
    ] {
        let token = hall.verifier.assert(how, &twin);
        assert_eq!(said(&hall.bring(&session, &token).await), no(422, code));
        assert_eq!(hall.state(&session).await["state"], json!("waiting"));
    }
    let token = hall.verifier.assert("good", &good);
    assert_eq!(hall.bring(&session, &token).await.status, 201);
    // Replayed here, and under a new signature there; then somebody else in the same session.
    assert_eq!(said(&hall.bring(&session, &token).await), no(409, "assertion.used"));
    let mut replayed = hall.claims(&other, HOLDER);
    replayed["jti"] = good["jti"].clone();
    let token = hall.verifier.assert("good", &replayed);
    assert_eq!(said(&hall.bring(&other, &token).await), no(409, "assertion.used"));
    let mut second = hall.claims(&session, OTHER);
    second["jti"] = json!("another-one-of-this-verifier");
    let token = hall.verifier.assert("good", &second);
    assert_eq!(said(&hall.bring(&session, &token).await), no(409, "kiosk_session.recognised"));

    // What was not offered cannot be named; whoever holds nothing is offered nothing.
    let paper = address(&session, "/paper-codes");
    let clerk = hall.city.clerk.clone();
    let answer = hall.city.post(&clerk, &paper, &wish(2)).await;
    assert_eq!(faults(&answer), [("/license".to_owned(), "kiosk_session.not_offered".to_owned())]);
    let third = hall.open().await;
    let nothing = hall.face(&third, OTHER).await;
    assert_eq!((nothing.status.as_u16(), &nothing.json()["licenses"]), (201, &json!([])));
    let answer = hall.print(&third).await;
    assert_eq!(faults(&answer), [("/license".to_owned(), "kiosk_session.not_offered".to_owned())]);
    let mut long = wish(1);
    long["purpose"] = json!("用".repeat(31));
    assert_eq!(hall.city.post(&clerk, &paper, &long).await.status, 422);

    // Another's session is nobody's business, and a counter without a verifier is no kiosk.
    let city = &hall.city;
    let stranger = city.person("clerk", json!({ "label": "4号窗口" })).await;
    let answer = city.post(&stranger, &paper, &wish(1)).await;
    assert_eq!(said(&answer), no(404, "kiosk_session.unknown"));
    assert_eq!(said(&city.get(&stranger, &address(&session, "")).await), no(404, "kiosk_session.unknown"));
    let answer = city.call(&stranger, "POST", "/v1/kiosk/sessions").await;
    assert_eq!(said(&answer), no(403, "assertion.not_for_this_counter"));

    // A license that was suspended since it was offered.
    let act = json!({ "reason": "依法办理" });
    city.post(&city.department, &path(&hall.license, "suspend"), &act).await;
    assert_eq!(said(&hall.print(&session).await), no(409, "license.not_in_force"));
    city.post(&city.department, &path(&hall.license, "resume"), &act).await;
    assert!(hall.printed().await.is_empty());

    // Many at once: one sheet. Then never again.
    let calls = (0..6).map(|_| hall.print(&session));
    let won = join_all(calls).await.into_iter().filter(|answer| answer.status == 200).count();
    assert_eq!((won, hall.printed().await.len()), (1, 1));
    assert_eq!(said(&hall.print(&session).await), no(410, "kiosk_session.printed"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_session_is_over_after_two_minutes_or_when_somebody_leaves() {
    let Some(mut hall) = Hall::start().await else { return };
    let (early, late) = (hall.open().await, hall.open().await);
    assert_eq!(hall.face(&early, HOLDER).await.status, 201);
    hall.city.clock.forward(Duration::from_secs(121));
    assert_eq!(hall.state(&early).await["state"], json!("expired"));
    assert_eq!(hall.state(&early).await["licenses"], json!([]));
    assert_eq!(said(&hall.print(&early).await), no(410, "kiosk_session.expired"));
    assert_eq!(said(&hall.face(&late, HOLDER).await), no(410, "kiosk_session.expired"));

    let left = hall.open().await;
    assert_eq!(hall.face(&left, HOLDER).await.status, 201);
    let end = address(&left, "/end");
    let stranger: Person = hall.city.institution.clone();
    assert_eq!(said(&hall.city.call(&stranger, "POST", &end).await), no(404, "kiosk_session.unknown"));
    assert_eq!(hall.state(&left).await["state"], json!("recognised"));
    for _ in 0..2 {
        assert_eq!(hall.city.call(&hall.city.clerk, "POST", &end).await.status, 204);
    }
    assert_eq!(said(&hall.print(&left).await), no(410, "kiosk_session.expired"));
    assert!(hall.printed().await.is_empty());
}
