//! Showing: the holder decides what is seen; a code opens once, in time, and nothing else ever.

use crate::city::{City, path};
use crate::service::Answer;
use serde_json::{Value, json};
use std::time::Duration;

async fn draw(city: &City, license: &Value) -> Value {
    let request = json!({ "fields": ["premises", "operator"], "purpose": "入驻审核", "seconds": 60 });
    let answer = city.post(&city.holder, &path(license, "show-codes"), &request).await;
    assert_eq!(answer.status, 201, "{}", answer.json());
    answer.json()
}

async fn redeem(city: &City, code: &str) -> Answer {
    city.post(&city.clerk, "/v1/show-codes:redeem", &json!({ "code": code, "matter": "办理入驻" })).await
}

/// A refusal names its code and shows nothing of the license.
fn closed(answer: &Answer, status: u16, code: &str) {
    let text = String::from_utf8_lossy(&answer.bytes).into_owned();
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code), "{text}");
    for secret in ["云栖茶业", "望江路", "林知微", "1.2.156.3005", "91990102MA7YQX031L", "入驻"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let json = answer.json();
    assert!(json["licenses"].is_null() && json["showing"].is_null());
}

#[tokio::test]
async fn exactly_the_chosen_fields_once_and_the_holder_sees_who_looked() {
    let city = City::start().await;
    let license = city.permit(&city.active_seal().await, "key").await;
    let drawn = draw(&city, &license).await;
    let code = drawn["code"].as_str().expect("a code");
    assert!(code.len() == 27 && code.bytes().all(|b| b.is_ascii_digit()));

    let spaced = drawn["grouped"].as_str().expect("groups");
    let answer = redeem(&city, spaced).await;
    let shown = answer.json();
    assert_eq!(answer.status, 200, "{shown}");
    let only = &shown["licenses"][0];
    let fields: Vec<_> = only["fields"]
        .as_array()
        .expect("fields")
        .iter()
        .map(|f| (f["name"].as_str().expect("a name"), f["value"].as_str().expect("a value")))
        .collect();
    assert_eq!(
        fields,
        [("operator", "景川市云栖茶业有限公司"), ("premises", "景川市云栖区望江路18号澄湖大厦1层105号")]
    );
    let text = String::from_utf8_lossy(&answer.bytes).into_owned();
    assert!(!text.contains("林知微") && !text.contains("澄湖大厦6层"), "a field that was not chosen: {text}");
    assert_eq!((&only["standing"], &shown["purpose"]), (&json!("in-force"), &json!("入驻审核")));

    // Used: by anyone, the institution too.
    closed(&redeem(&city, code).await, 410, "show_code.used");
    let request = json!({ "code": code, "matter": "核实" });
    let second = city.post(&city.institution, "/v1/show-codes:redeem", &request).await;
    closed(&second, 410, "show_code.used");
    // When, and what kind of place it was; not which.
    let (at, told) = (shown["redeemed_at"].as_str().expect("a time"), second.json()["details"].clone());
    for language in ["zh", "en"] {
        let told = told[language].as_str().expect("words");
        assert!(told.contains(at) && told.contains("clerk") && !told.contains("窗口"), "{told}");
    }

    let list = city.get(&city.holder, "/v1/showings").await.json();
    let showing = &list["items"][0];
    assert_eq!(showing["id"], drawn["id"]);
    assert_eq!(showing["licenses"][0]["fields"], json!(["operator", "premises"]));
    let look = &showing["redeemed"];
    assert_eq!((&look["by"], &look["matter"]), (&json!("3号窗口"), &json!("办理入驻")), "{look}");
    assert_eq!(look["at"], shown["redeemed_at"]);

    let lines = city.audit(license["id"].as_str().expect("an identifier")).await;
    for (who, action) in [(&city.holder, "license.show"), (&city.clerk, "show_code.redeem")] {
        let line = (who.id.clone(), action.to_owned(), "ok".to_owned());
        assert!(lines.contains(&line), "{line:?}: {lines:#?}");
    }
}

#[tokio::test]
async fn every_other_code_says_which_and_shows_nothing() {
    let city = City::start().await;
    let seal = city.active_seal().await;
    let license = city.permit(&seal, "key").await;
    let code = |drawn: &Value| drawn["code"].as_str().expect("a code").to_owned();

    // Withdrawn by the holder, and only by the holder.
    let drawn = draw(&city, &license).await;
    let address = format!("/v1/showings/{}", drawn["id"].as_str().expect("a name"));
    let stranger = city.person("holder", json!({ "holder": "91990102MA7YQX032J" })).await;
    assert_eq!(city.call(&stranger, "DELETE", &address).await.code(), "showing.unknown");
    assert_eq!(city.call(&city.holder, "DELETE", &address).await.status, 204);
    closed(&redeem(&city, &code(&drawn)).await, 410, "show_code.withdrawn");

    // Forged: one digit changed; made up with right check digits; no code at all.
    let live = code(&draw(&city, &license).await);
    let mut forged = live.clone().into_bytes();
    forged[10] = if forged[10] == b'9' { b'0' } else { forged[10] + 1 };
    let forged = String::from_utf8(forged).expect("digits");
    closed(&redeem(&city, &forged).await, 422, "show_code.forged");
    let made_up =
        yinzheng::domain::show_code::ShowCode::from_random("12345678901234567890123").expect("digits");
    closed(&redeem(&city, made_up.digits()).await, 404, "show_code.unknown");
    closed(&redeem(&city, "https://example.org/71").await, 422, "show_code.not_a_code");

    // Suspended: closed while it lasts; the same code opens when the license is in force again.
    let act = json!({ "reason": "依法办理" });
    city.post(&city.department, &path(&license, "suspend"), &act).await;
    closed(&redeem(&city, &live).await, 410, "show_code.license_not_in_force");
    city.post(&city.department, &path(&license, "resume"), &act).await;
    assert_eq!(redeem(&city, &live).await.status, 200);

    // Expired by the clock.
    let late = draw(&city, &license).await;
    city.clock.forward(Duration::from_secs(120));
    closed(&redeem(&city, &code(&late)).await, 410, "show_code.expired");

    // Of a license that has ended since.
    let last = draw(&city, &license).await;
    let end = json!({ "ending": "cancelled", "reason": "依当事人申请" });
    city.post(&city.department, &path(&license, "end"), &end).await;
    closed(&redeem(&city, &code(&last)).await, 410, "show_code.license_not_in_force");
    let request = json!({ "fields": ["operator"], "purpose": "入驻审核" });
    let answer = city.post(&city.holder, &path(&license, "show-codes"), &request).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (409, "license.not_in_force"));
}

#[tokio::test]
async fn nobody_shows_another_s_license_or_a_field_it_has_not() {
    let city = City::start().await;
    let license = city.permit(&city.active_seal().await, "key").await;
    let stranger = city.person("holder", json!({ "holder": "91990102MA7YQX032J" })).await;
    let request = json!({ "fields": ["operator"], "purpose": "入驻审核" });
    let answer = city.post(&stranger, &path(&license, "show-codes"), &request).await;
    closed(&answer, 404, "license.unknown");
    let request = json!({ "fields": ["operator", "blood_group"], "purpose": "入驻审核", "seconds": 601 });
    let answer = city.post(&city.holder, &path(&license, "show-codes"), &request).await;
    assert_eq!(crate::city::faults(&answer), [("/seconds".to_owned(), "body.out_of_range".to_owned())]);
    let request = json!({ "fields": ["operator", "blood_group"], "purpose": "入驻审核" });
    let answer = city.post(&city.holder, &path(&license, "show-codes"), &request).await;
    assert_eq!(crate::city::faults(&answer), [("/fields/1".to_owned(), "field.unknown".to_owned())]);
    draw(&city, &license).await;
}

#[tokio::test]
async fn several_licenses_are_one_showing_and_one_that_has_ended_since_shows_nothing() {
    let city = City::start().await;
    let seal = city.active_seal().await;
    let (first, second) = (city.permit(&seal, "first").await, city.permit(&seal, "second").await);
    let one = |license: &Value, field: &str| json!({ "license": license["id"], "fields": [field] });
    let request =
        json!({ "licenses": [one(&first, "operator"), one(&second, "premises")], "purpose": "入驻审核" });
    let draw = async || city.post(&city.holder, "/v1/show-codes", &request).await.json();
    let drawn = draw().await;
    let shown = redeem(&city, drawn["code"].as_str().expect("a code")).await.json();
    let seen = |at: usize| (&shown["licenses"][at]["license"], &shown["licenses"][at]["fields"][0]["name"]);
    assert_eq!(seen(0), (&first["id"], &json!("operator")), "{shown}");
    assert_eq!(seen(1), (&second["id"], &json!("premises")), "{shown}");
    let uses = city.get(&city.holder, "/v1/space").await.json()["uses"].as_array().map(Vec::len);
    assert_eq!(uses, Some(2), "one line for each license");
    closed(&redeem(&city, drawn["code"].as_str().expect("a code")).await, 410, "show_code.used");

    // The same with one of the two ended: its standing is told and nothing of it shown.
    let drawn = draw().await;
    let end = json!({ "ending": "revoked", "reason": "违法经营" });
    assert_eq!(city.post(&city.department, &path(&second, "end"), &end).await.status, 200);
    let shown = redeem(&city, drawn["code"].as_str().expect("a code")).await.json();
    let ended = &shown["licenses"][1];
    assert_eq!((&ended["standing"], &ended["fields"]), (&json!("revoked"), &json!([])), "{shown}");
    assert_eq!(shown["licenses"][0]["standing"], "in-force");
    // Of two that are one, and of a stranger's, nothing is drawn.
    let twice =
        json!({ "licenses": [one(&first, "operator"), one(&first, "premises")], "purpose": "入驻审核" });
    let answer = city.post(&city.holder, "/v1/show-codes", &twice).await;
    let fault = ("/licenses/1/license".to_owned(), "show_code.license_twice".to_owned());
    assert_eq!(crate::city::faults(&answer), [fault]);
    let stranger = city.person("holder", json!({ "holder": "91990102MA7YQX032J" })).await;
    closed(&city.post(&stranger, "/v1/show-codes", &request).await, 404, "license.unknown");
}
