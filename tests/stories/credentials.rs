//! What a credential reaches, how long, and in which language it is told so.

use crate::city::{City, HOLDER, PERMIT, Person};
use crate::service::DEPARTMENT;
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use std::time::Duration;

async fn issue(city: &City, who: &Person, key: &str, order: &Value) -> (u16, String) {
    let answer = city.post_once(who, "/v1/licenses", key, order).await;
    (answer.status.as_u16(), answer.code())
}

#[tokio::test]
async fn a_scope_is_kept_and_an_expired_or_withdrawn_credential_is_nobody() {
    let city = City::start().await;
    let seal = city.active_seal().await;
    let other_seal = city.active_seal().await;
    let permit = city.order(PERMIT, &seal);
    let business = city.order("business-license", &seal);
    let made = (201, String::new());
    let refused = |code: &str| (403, code.to_owned());

    let kinds = json!({ "department": DEPARTMENT, "kinds": ["business-license"] });
    let only_business = city.person("department", kinds).await;
    assert_eq!(issue(&city, &only_business, "k1", &permit).await, refused("permit.kind_out_of_scope"));
    assert_eq!(issue(&city, &only_business, "k2", &business).await, made);

    let seals = json!({ "department": DEPARTMENT, "seals": [other_seal] });
    let only_other_seal = city.person("department", seals).await;
    assert_eq!(issue(&city, &only_other_seal, "s1", &permit).await, refused("permit.seal_out_of_scope"));
    let under_other = city.order(PERMIT, &other_seal);
    assert_eq!(issue(&city, &only_other_seal, "s2", &under_other).await, made);

    // A department that is not responsible for the kind.
    let registry = "11990000MB0000002Q";
    city.bureau(registry, "natural-resources").await;
    let theirs = city.person("department", json!({ "department": registry })).await;
    assert_eq!(issue(&city, &theirs, "d1", &permit).await, refused("permit.not_responsible"));

    // Withdrawn by the operator.
    let gone = city.person("department", json!({ "department": DEPARTMENT })).await;
    assert_eq!(issue(&city, &gone, "w1", &permit).await, made);
    let answer = city.call(&city.operator, "DELETE", &format!("/v1/credentials/{}", gone.id)).await;
    assert_eq!(answer.status, 204);
    assert_eq!(issue(&city, &gone, "w2", &permit).await, (401, "caller.credential_expired".to_owned()));

    // A day's credential after two days.
    let brief = city.person("department", json!({ "department": DEPARTMENT, "days": 1 })).await;
    assert_eq!(issue(&city, &brief, "e1", &permit).await, made);
    let before = city.written().await;
    city.clock.forward(Duration::from_secs(2 * 86_400));
    assert_eq!(issue(&city, &brief, "e2", &permit).await, (401, "caller.credential_expired".to_owned()));
    assert_eq!(city.written().await, before);

    // The auditor sees who was given what, and when it was taken back.
    let lines = city.audit(&gone.id).await;
    for action in ["credential.add", "credential.withdraw"] {
        let line = (city.operator.id.clone(), action.to_owned(), "ok".to_owned());
        assert!(lines.contains(&line), "{lines:#?}");
    }
}

#[tokio::test]
async fn a_credential_that_fits_no_role_is_not_given() {
    let city = City::start().await;
    let give = async |request: Value| {
        let answer = city.post(&city.operator, "/v1/credentials", &request).await;
        (answer.status.as_u16(), crate::city::faults(&answer))
    };
    let (status, faults) = give(json!({ "label": "x", "role": "department", "days": 1 })).await;
    assert_eq!(status, 422, "a department's credential without a department: {faults:?}");
    let (status, _) = give(json!({ "label": "x", "role": "holder", "days": 1 })).await;
    assert_eq!(status, 422, "a holder's credential without a holder");
    let unknown =
        json!({ "label": "x", "role": "department", "department": "11990000MB0000003U", "days": 1 });
    assert_eq!(give(unknown).await.0, 422, "a department that is not registered");
    let twin = json!({ "label": "x", "role": "holder", "holder": HOLDER, "days": 1 });
    assert_eq!(give(twin).await.0, 201);
    let self_made = json!({ "label": "x", "role": "operator", "days": 1 });
    let answer = city.post(&city.department, "/v1/credentials", &self_made).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, "caller.wrong_role"));
}

#[tokio::test]
async fn problems_speak_the_language_that_was_asked_for() {
    let city = City::start().await;
    let ask = async |language: &str| {
        let request = Request::get("/v1/licenses/none").header("accept-language", language);
        let request = request.header("authorization", format!("Bearer {}", city.department.token));
        city.send(request.body(Body::empty()).expect("a request")).await.json()
    };
    let (zh, en) = (ask("zh-CN,zh;q=0.9,en;q=0.5").await, ask("en-GB,en;q=0.9").await);
    assert_eq!(zh["code"], "license.unknown");
    assert_eq!(en["code"], zh["code"]);
    assert_eq!(en["type"], "urn:yinzheng:problem:license.unknown");
    assert_eq!((&zh["detail"], &en["detail"]), (&zh["details"]["zh"], &zh["details"]["en"]));
    assert_eq!(zh["details"], en["details"]);
    let han = |value: &Value| value.as_str().expect("a text").chars().any(|c| ('一'..='鿿').contains(&c));
    assert!(han(&zh["detail"]) && han(&zh["title"]) && !han(&en["detail"]) && !han(&en["title"]));
    assert_eq!(ask("fr").await["code"], "license.unknown", "another language still gets an answer");
}
