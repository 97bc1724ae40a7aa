//! Seals: asked for by one person, approved by another, and sealing only while they are in use.

use crate::city::{City, PERMIT};
use crate::service::DEPARTMENT;
use serde_json::json;
use std::time::Duration;

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
    for seal in [&seal, &short] {
        assert_eq!(city.act_on_seal(&city.second_sealer, seal, "approve").await.status, 200);
    }

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
    city.act_on_seal(&city.sealer, &seal, "resume").await;
    city.act_on_seal(&city.sealer, &seal, "revoke").await;
    assert_eq!(refusal(&city, &seal, "revoked").await, refused("seal.revoked"));
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
    assert_eq!(states, ["requested", "active", "suspended", "active", "revoked"]);
    let lines = city.audit(&seal).await;
    for (who, action, outcome) in [
        (&city.sealer, "seal.request", "ok"),
        (&city.sealer, "seal.approve", "seal.second_person_needed"),
        (&city.second_sealer, "seal.approve", "ok"),
        (&city.sealer, "seal.suspend", "ok"),
        (&city.sealer, "seal.resume", "ok"),
        (&city.sealer, "seal.revoke", "ok"),
        (&city.second_sealer, "seal.resume", "seal.act_not_allowed"),
    ] {
        let line = (who.id.clone(), action.to_owned(), outcome.to_owned());
        assert!(lines.contains(&line), "{line:?}: {lines:#?}");
    }
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
    let answer = city.act_on_seal(&administrator, &active, "revoke").await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (404, "seal.unknown"));
    let request =
        json!({ "owner_code": DEPARTMENT, "purpose": "business", "purpose_words": "业务专用章", "days": 30 });
    let answer = city.post(&administrator, "/v1/seals", &request).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, "permit.other_department"));
}
