//! Seals: asked for by one person, approved by two others, and sealing only while they are in use.

use crate::city::{City, PERMIT, Person};
use crate::postgres::Postgres;
use crate::service::DEPARTMENT;
use axum::body::Body;
use axum::http::Request;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde_json::{Value, json};
use std::time::Duration;
use yinzheng::crypto::sha256;
use yinzheng::formats::x509;
use yinzheng::ports::clock::Clock;

const DAY: Duration = Duration::from_secs(86_400);

async fn refusal(city: &City, seal: &str, key: &str) -> (u16, String) {
    let order = city.order(PERMIT, seal);
    let answer = city.post_once(&city.department, "/v1/licenses", key, &order).await;
    (answer.status.as_u16(), answer.code())
}

#[tokio::test]
async fn a_seal_that_is_not_in_use_seals_nothing() {
    let city = City::start().await;
    let before = city.written().await;
    let seal = city.requested_seal(365).await;
    let short = city.requested_seal(1).await;
    let refused = |code: &str| (409, code.to_owned());

    assert_eq!(refusal(&city, &seal, "requested").await, refused("seal.not_approved"));
    // Nobody approves what they asked for themselves.
    let own = city.act_on_seal(&city.sealer, &seal, "approve").await;
    assert_eq!((own.status.as_u16(), own.code().as_str()), (403, "seal.second_person_needed"));
    let not_theirs = city.act_on_seal(&city.department, &seal, "approve").await;
    assert_eq!((not_theirs.status.as_u16(), not_theirs.code().as_str()), (403, "caller.wrong_role"));
    assert_eq!(refusal(&city, &seal, "requested").await, refused("seal.not_approved"));
    // One approval waits for another one, for everybody to see, and makes nothing.
    let first = city.act_on_seal(&city.second_sealer, &seal, "approve").await.json();
    assert_eq!(
        (&first["state"], &first["waiting"][0]["by"]),
        (&json!("requested"), &json!(city.second_sealer.id))
    );
    let shown = city.get(&city.department, &format!("/v1/seals/{seal}")).await.json();
    assert_eq!(
        (&shown["waiting"][0]["act"], &shown["waiting"][0]["expired"]),
        (&json!("approve"), &json!(false))
    );
    let twice = city.act_on_seal(&city.second_sealer, &seal, "approve").await;
    assert_eq!((twice.status.as_u16(), twice.code().as_str()), (409, "seal.approved_already"));
    assert_eq!(refusal(&city, &seal, "requested").await, refused("seal.not_approved"));
    let stale = json!({ "revision": 7 });
    let stale = city.post(&city.third_sealer, &format!("/v1/seals/{seal}/approve"), &stale).await;
    assert_eq!((stale.status.as_u16(), stale.code().as_str()), (409, "seal.other_revision"));
    let second = city.act_on_seal(&city.third_sealer, &seal, "approve").await.json();
    assert_eq!((&second["state"], &second["waiting"]), (&json!("active"), &json!([])));
    city.approve_seal(&short).await;

    // The twin: in use it seals, the very order that was refused too.
    assert_eq!(city.permit(&seal, "requested").await["state"], "active");

    city.act_on_seal(&city.sealer, &seal, "suspend").await;
    assert_eq!(refusal(&city, &seal, "suspended").await, refused("seal.suspended"));
    city.clock.forward(2 * DAY);
    assert_eq!(refusal(&city, &short, "expired").await, refused("seal.expired"));
    // It says so wherever it is shown, and is offered to nobody.
    let shown = city.get(&city.department, &format!("/v1/seals/{short}")).await.json();
    assert_eq!(shown["state"], "expired", "{shown}");
    let listed = city.get(&city.department, "/v1/seals").await.json();
    let listed = listed["items"].as_array().expect("a list").iter();
    let states: Vec<_> = listed.map(|seal| (seal["code"].clone(), seal["state"].clone())).collect();
    assert!(states.contains(&(json!(short), json!("expired"))), "{states:?}");
    assert!(states.contains(&(json!(seal), json!("suspended"))), "{states:?}");
    assert_eq!(city.act_by_two(&seal, "resume").await.json()["state"], "active");
    city.act_on_seal(&city.sealer, &seal, "cancel").await;
    assert_eq!(refusal(&city, &seal, "cancelled").await, refused("seal.cancelled"));
    let again = city.act_on_seal(&city.second_sealer, &seal, "resume").await;
    assert_eq!((again.status.as_u16(), again.code().as_str()), (409, "seal.act_not_allowed"));
    assert_eq!(refusal(&city, "99010099999999", "none").await, (404, "seal.unknown".to_owned()));

    // One license came of it, and no intent was left.
    let (licenses, open, _) = city.written().await;
    assert_eq!((licenses, open), (before.0 + 1, before.1));

    // Its life, as anyone concerned and the auditor can read it.
    let history = city.get(&city.auditor, &format!("/v1/seals/{seal}/history")).await.json();
    let states: Vec<_> =
        history["events"].as_array().expect("events").iter().map(|e| e["state"].clone()).collect();
    assert_eq!(states, ["requested", "active", "suspended", "active", "cancelled"]);
    let intervals = history["intervals"].as_array().expect("intervals");
    assert_eq!((intervals.len(), &intervals[4]["until"]), (5, &json!(null)));
    assert!(intervals.windows(2).all(|pair| pair[0]["until"] == pair[1]["from"]), "{intervals:?}");
    let approvals = history["approvals"].as_array().expect("approvals").iter();
    let acts: Vec<_> = approvals.map(|given| (given["act"].clone(), given["by"].clone())).collect();
    let (second, third) = (json!(city.second_sealer.id), json!(city.third_sealer.id));
    assert_eq!(
        acts,
        [
            (json!("approve"), second.clone()),
            (json!("approve"), third.clone()),
            (json!("resume"), second),
            (json!("resume"), third),
        ]
    );
    let lines = city.audit(&seal).await;
    for (who, action, outcome) in [
        (&city.sealer, "seal.request", "ok"),
        (&city.sealer, "seal.approve", "seal.second_person_needed"),
        (&city.second_sealer, "seal.approve", "ok"),
        (&city.sealer, "seal.suspend", "ok"),
        (&city.second_sealer, "seal.resume", "ok"),
        (&city.third_sealer, "seal.resume", "ok"),
        (&city.sealer, "seal.cancel", "ok"),
        (&city.second_sealer, "seal.resume", "seal.act_not_allowed"),
    ] {
        let line = (who.id.clone(), action.to_owned(), outcome.to_owned());
        assert!(lines.contains(&line), "{line:?}: {lines:#?}");
    }
}

#[tokio::test]
async fn whoever_was_sent_away_approves_nothing_any_more() {
    let city = City::start().await;
    for sent_away in [true, false] {
        let seal = city.requested_seal(365).await;
        let gone = city.person("seal-administrator", json!({ "department": DEPARTMENT })).await;
        let first = city.act_on_seal(&gone, &seal, "approve").await;
        assert_eq!((first.status.as_u16(), &first.json()["state"]), (200, &json!("requested")));
        if sent_away {
            let path = format!("/v1/credentials/{}", gone.id);
            assert_eq!(city.call(&city.operator, "DELETE", &path).await.status, 204);
        }
        let second = city.act_on_seal(&city.second_sealer, &seal, "approve").await;
        let state = if sent_away { "requested" } else { "active" };
        assert_eq!((second.status.as_u16(), &second.json()["state"]), (200, &json!(state)));
        if sent_away {
            // Now two who are there have to agree.
            let third = city.act_on_seal(&city.third_sealer, &seal, "approve").await;
            assert_eq!(third.json()["state"], "active");
        }
    }
}

#[tokio::test]
async fn one_person_with_two_credentials_is_one_of_the_two_people() {
    let city = City::start().await;
    let administrator = async |reference: &str| {
        let more = json!({ "department": DEPARTMENT, "person": reference });
        city.person("seal-administrator", more).await
    };
    let (morning, evening) = (administrator("0417").await, administrator("0417").await);
    let other = administrator("0418").await;
    let answer = async |who: &Person, seal: &str| {
        let answer = city.act_on_seal(who, seal, "approve").await;
        (answer.status.as_u16(), answer.code())
    };
    // Two approvals by one person are one; another person's is the second.
    let seal = city.requested_seal(365).await;
    assert_eq!(answer(&morning, &seal).await.0, 200);
    assert_eq!(answer(&evening, &seal).await, (409, "seal.approved_already".to_owned()));
    assert_eq!(city.act_on_seal(&other, &seal, "approve").await.json()["state"], "active");
    // Nor does who asked decide by another credential.
    let request =
        json!({ "owner_code": DEPARTMENT, "purpose": "business", "purpose_words": "业务专用章", "days": 30 });
    let asked = city.post(&morning, "/v1/seals", &request).await.json();
    let seal = asked["code"].as_str().expect("a code");
    assert_eq!(answer(&evening, seal).await, (403, "seal.second_person_needed".to_owned()));
    let rejected = city.act_on_seal(&evening, seal, "reject").await;
    assert_eq!((rejected.status.as_u16(), rejected.code().as_str()), (403, "seal.second_person_needed"));
    assert_eq!(answer(&other, seal).await.0, 200);

    // The operator reads whom a credential is of, and keeps no identity numbers there.
    let listed = city.get(&city.operator, "/v1/credentials?limit=200").await.json();
    let found = listed["items"].as_array().expect("a list").iter().find(|one| one["id"] == json!(other.id));
    assert_eq!(found.expect("listed")["person"], "0418");
    let request =
        json!({ "label": "x", "role": "seal-administrator", "days": 1, "person": "11010519491231002X" });
    let refused = city.post(&city.operator, "/v1/credentials", &request).await;
    assert_eq!(refused.status.as_u16(), 422);
    assert_eq!(refused.json()["errors"][0]["code"], "credential.person_is_identity_number");
}

#[tokio::test]
async fn a_rejected_seal_and_a_seal_of_another_department_are_no_use() {
    let city = City::start().await;
    let seal = city.requested_seal(30).await;
    assert_eq!(city.act_on_seal(&city.second_sealer, &seal, "reject").await.json()["state"], "rejected");
    assert_eq!(refusal(&city, &seal, "rejected").await, (409, "seal.rejected".to_owned()));

    let other = "11990000MB0000002Q";
    city.bureau(other, "market-regulation").await;
    let stranger = city.person("department", json!({ "department": other })).await;
    let active = city.active_seal().await;
    let order = city.order(PERMIT, &active);
    let answer = city.post_once(&stranger, "/v1/licenses", "theirs", &order).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, "permit.seal_of_another"));
    let administrator = city.person("seal-administrator", json!({ "department": other })).await;
    let answer = city.act_on_seal(&administrator, &active, "cancel").await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (404, "seal.unknown"));
    let request =
        json!({ "owner_code": DEPARTMENT, "purpose": "business", "purpose_words": "业务专用章", "days": 30 });
    let answer = city.post(&administrator, "/v1/seals", &request).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, "permit.other_department"));
}

/// The three parts of a statement, with header and claims read.
fn opened(statement: &str) -> (Value, Value, String, Vec<u8>) {
    let parts: Vec<&str> = statement.split('.').collect();
    let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).expect("base64url");
    let read = |part: &str| serde_json::from_slice(&bytes(part)).expect("JSON");
    assert_eq!(parts.len(), 3);
    (read(parts[0]), read(parts[1]), format!("{}.{}", parts[0], parts[1]), bytes(parts[2]))
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_ask_for_a_seals_state_and_get_it_signed() {
    let city = City::start().await;
    let seal = city.active_seal().await;
    let license = city.permit(&seal, "one").await;
    let file = city.file(&license).await;
    city.clock.forward(DAY);
    let between = city.clock.now();
    city.clock.forward(DAY);
    city.act_on_seal(&city.sealer, &seal, "suspend").await;
    let stranger = Person { id: String::new(), token: String::new() };
    let ask = async |query: &str| city.get(&stranger, &format!("/v1/seal-status/{query}")).await;
    let state = async |query: &str| ask(query).await.json()["state"].clone();
    assert_eq!(state(&seal).await, "suspended");
    assert_eq!(state(&format!("{seal}?at={between}")).await, "active");
    assert_eq!(state(&format!("{seal}?at=2020-01-01T00:00:00Z")).await, "not-made");

    // The statement stands without us: its key is certified by the seal CA, for this alone.
    let answer = ask(&format!("{seal}?at={between}")).await.json();
    let statement = answer["statement"].as_str().expect("a statement");
    let (header, claims, signed, signature) = opened(statement);
    assert_eq!((&header["alg"], &header["typ"]), (&json!("ES256"), &json!("seal-status+jwt")));
    assert_eq!((&claims["seal"], &claims["state"]), (&json!(seal), &json!("active")));
    let x5c = |n: usize| STANDARD.decode(header["x5c"][n].as_str().expect("text")).expect("base64");
    let (own, above) = (x5c(0), x5c(1));
    assert_eq!(above, city.service.authorities.p256.seal.x509);
    assert_eq!(x509::check_issued_by(&own, &above), Ok(()));
    let facts = x509::read(&own).expect("an X.509 certificate");
    let key = facts.spki[facts.spki.len() - 65..].to_vec();
    let verify = |message: &str| {
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &key);
        key.verify(message.as_bytes(), &signature).is_ok()
    };
    assert!(verify(&signed));
    assert!(!verify(&signed.replacen("eyJ", "eyK", 1)), "the twin");
    // The intervals beside it are what its digest is over.
    let mut lines = String::new();
    for interval in answer["intervals"].as_array().expect("intervals") {
        let text = |name: &str| interval[name].as_str().unwrap_or("-").to_owned();
        lines += &format!("{} {} {}\n", text("state"), text("from"), text("until"));
    }
    assert_eq!(claims["intervals_sha256"], json!(hex::encode(sha256(lines.as_bytes()))));
    assert!(!answer.to_string().contains("市场监督"), "it names no owner");

    // A file is answered for at the time that its seal sealed.
    let asked = Request::post("/v1/seal-status").header("content-type", "application/pdf");
    let found = city.send(asked.body(Body::from(file)).expect("a request")).await.json();
    assert_eq!(
        (&found["seals"][0]["seal_code"], &found["seals"][0]["status"]["state"]),
        (&json!(seal), &json!("active"))
    );
    city.act_by_two(&seal, "void").await;
    assert_eq!(state(&format!("{seal}?at={between}")).await, "void", "and so it always was");

    let code = async |query: &str| {
        let answer = ask(query).await;
        (answer.status.as_u16(), answer.code())
    };
    assert_eq!(code("99010099999999").await, (404, "seal.unknown".into()));
    let unmade = city.requested_seal(30).await;
    assert_eq!(code(&unmade).await, (404, "seal.unknown".into()), "applications are nobody's business");
    assert_eq!(code(&format!("{seal}?at=2199-01-01T00:00:00Z")).await, (422, "seal.status_of_future".into()));
    assert_eq!(code(&format!("{seal}?at=yesterday")).await.0, 422);
    let asked = Request::post("/v1/seal-status").header("content-type", "application/pdf");
    let none = city.send(asked.body(Body::from("no file")).expect("a request")).await;
    assert_eq!((none.status.as_u16(), none.code().as_str()), (422, "seal.no_seal_in_file"));
    let mut last = 200;
    for _ in 0..60 {
        last = ask(&seal).await.status.as_u16();
    }
    assert_eq!(last, 429, "not without end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_approvers_at_once_make_one_seal_over_postgres_too() {
    let Some(server) = Postgres::start("two_approvers_at_once_make_one_seal_over_postgres_too") else {
        return;
    };
    let database = server.database().await;
    let city = std::sync::Arc::new(City::with(|config| config.database = database).await);
    for _ in 0..4 {
        let seal = city.requested_seal(30).await;
        let race = [city.second_sealer.clone(), city.third_sealer.clone()].map(|who| {
            let (city, seal) = (city.clone(), seal.clone());
            tokio::spawn(async move { city.act_on_seal(&who, &seal, "approve").await })
        });
        for racer in race {
            assert_eq!(racer.await.expect("no panic").status, 200);
        }
        let history = city.get(&city.auditor, &format!("/v1/seals/{seal}/history")).await.json();
        let states: Vec<_> =
            history["events"].as_array().expect("events").iter().map(|e| &e["state"]).collect();
        assert_eq!(states, ["requested", "active"], "{history}");
        assert_eq!(history["approvals"].as_array().map(Vec::len), Some(2));
        city.permit(&seal, &format!("race-{seal}")).await;
    }
}
