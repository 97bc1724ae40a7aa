//! What the holder sees of every use, and "this was not me".

use crate::city::{City, HOLDER, faults, path};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use yinzheng::app::sign_in;

/// A license of which one field was shown to the clerk, and the use that follows.
async fn looked_at(city: &City) -> (Value, Value) {
    let license = city.permit(&city.active_seal().await, "key").await;
    let request = json!({ "fields": ["operator", "premises"], "purpose": "入驻审核" });
    let drawn = city.post(&city.holder, &path(&license, "show-codes"), &request).await.json();
    let request = json!({ "code": drawn["code"], "matter": "办理入驻" });
    let answer = city.post(&city.clerk, "/v1/show-codes:redeem", &request).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    let uses = city.get(&city.holder, "/v1/space/uses").await.json();
    (license, uses["items"][0].clone())
}

#[tokio::test]
async fn a_holder_disputes_a_use_once_and_reads_what_came_of_it() {
    let city = City::start().await;
    let (_, used) = looked_at(&city).await;
    assert_eq!((&used["label"], &used["matter"]), (&json!("3号窗口"), &json!("办理入驻")), "{used}");
    assert_eq!((&used["fields"], &used["dispute"]), (&json!(["operator", "premises"]), &Value::Null));
    let id = used["id"].as_str().expect("an identity");
    let address = format!("/v1/space/uses/{id}/dispute");
    let words = json!({ "words": "那天我没有去过" });

    // Of a stranger's space there is nothing to dispute, and a clerk has none.
    let stranger = city.person("holder", json!({ "holder": "91990102MA7YQX032J" })).await;
    assert_eq!(city.post(&stranger, &address, &words).await.code(), "use.unknown");
    assert_eq!(city.post(&city.clerk, &address, &words).await.status, 403);
    let long = json!({ "words": "多".repeat(201) });
    assert_eq!(
        faults(&city.post(&city.holder, &address, &long).await),
        [("/words".to_owned(), "body.too_long".to_owned())]
    );

    let made = city.post(&city.holder, &address, &words).await;
    assert_eq!((made.status.as_u16(), &made.json()["words"]), (201, &words["words"]), "{}", made.json());
    assert_eq!(city.post(&city.holder, &address, &words).await.code(), "use.disputed_already");
    let uses = city.get(&city.holder, "/v1/space/uses").await.json();
    assert_eq!(uses["items"][0]["dispute"]["words"], words["words"]);
    assert!(uses["items"][0]["dispute"]["answer"].is_null());

    // Operators and auditors find it, without the holder's code; only operators answer, once.
    for who in [&city.operator, &city.auditor] {
        let list = city.get(who, "/v1/disputes").await;
        let text = String::from_utf8_lossy(&list.bytes).into_owned();
        assert!(!text.contains(HOLDER) && text.contains("那天我没有去过"), "{text}");
        assert_eq!(list.json()["items"][0]["use"]["id"], id);
    }
    assert_eq!(city.get(&city.holder, "/v1/disputes").await.status, 403);
    let answer = json!({ "words": "系窗口误操作，已更正" });
    let address = format!("/v1/disputes/{id}/answer");
    assert_eq!(city.post(&city.auditor, &address, &answer).await.status, 403);
    assert_eq!(
        city.post(&city.operator, "/v1/disputes/none/answer", &answer).await.code(),
        "use.not_disputed"
    );
    assert_eq!(city.post(&city.operator, &address, &answer).await.status, 200);
    assert_eq!(city.post(&city.operator, &address, &answer).await.code(), "use.answered_already");
    let uses = city.get(&city.holder, "/v1/space/uses").await.json();
    assert_eq!(uses["items"][0]["dispute"]["answer"]["words"], answer["words"]);

    let lines = city.audit(id).await;
    for (who, action, outcome) in [
        (&city.holder, "use.dispute", "ok"),
        (&stranger, "use.dispute", "use.unknown"),
        (&city.operator, "use.answer_dispute", "ok"),
    ] {
        let line = (who.id.clone(), action.to_owned(), outcome.to_owned());
        assert!(lines.contains(&line), "{line:?}: {lines:#?}");
    }
    let topics: Vec<String> = city.events().await.into_iter().map(|event| event.topic).collect();
    for topic in ["use.disputed", "use.dispute_answered"] {
        assert!(topics.iter().any(|known| known == topic), "{topic}: {topics:?}");
    }
}

#[tokio::test]
async fn who_comes_second_with_a_code_is_told_to_the_holder() {
    let city = City::start().await;
    let license = city.permit(&city.active_seal().await, "key").await;
    let request = json!({ "fields": ["operator"], "purpose": "入驻审核" });
    let drawn = city.post(&city.holder, &path(&license, "show-codes"), &request).await.json();
    let claim = json!({ "code": drawn["code"], "matter": "办理入驻" });
    assert_eq!(city.post(&city.clerk, "/v1/show-codes:redeem", &claim).await.status, 200);
    let list = city.get(&city.holder, "/v1/showings").await.json();
    assert_eq!(list["items"][0]["tried_again"], json!([]), "{list}");
    // Twice by the same: told once.
    for _ in 0..2 {
        let answer = city.post(&city.institution, "/v1/show-codes:redeem", &claim).await;
        assert_eq!(answer.code(), "show_code.used");
    }
    let list = city.get(&city.holder, "/v1/showings").await.json();
    let again = list["items"][0]["tried_again"].as_array().expect("a list");
    assert_eq!(again.len(), 1, "{list}");
    assert_eq!(again[0]["by"], "institution");
    let events = city.events().await;
    let told: Vec<_> = events.iter().filter(|event| event.topic == "show.tried_again").collect();
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].subject.as_str(), told[0].concerns.len()), (drawn["id"].as_str().expect("an id"), 0));
}

#[tokio::test]
async fn who_signs_out_leaves_no_codes_behind_that_still_open() {
    let city = City::start().await;
    let license = city.permit(&city.active_seal().await, "key").await;
    let licenses = json!([{ "license": license["id"], "fields": ["operator"] }]);
    let fetch = json!({ "licenses": licenses, "purpose": "接受现场检查" });
    let claim = |code: &Value| json!({ "code": code, "matter": "现场检查" });
    let signed_in = sign_in::run(&city.service, &city.holder.token).await.expect("signed in");
    let codes = city.post(&city.holder, "/v1/show-codes:prefetch", &fetch).await.json()["codes"].clone();

    // Another one's leaving does no harm.
    let other = sign_in::run(&city.service, &city.clerk.token).await.expect("signed in");
    sign_in::out(&city.service, &other.cookie).await.expect("signed out");
    let address = "/v1/show-codes:redeem";
    assert_eq!(city.post(&city.clerk, address, &claim(&codes[0]["code"])).await.status, 200);
    sign_in::out(&city.service, &signed_in.cookie).await.expect("signed out");
    assert_eq!(
        city.post(&city.clerk, address, &claim(&codes[1]["code"])).await.code(),
        "show_code.withdrawn"
    );
    let dropped = |lines: &[(String, String, String)]| {
        lines.iter().filter(|line| line.1 == "show_code.drop_prefetched").count()
    };
    assert_eq!(dropped(&city.audit(&city.holder.id).await), 1);
    // Nothing is left to withdraw, and nothing is said of it.
    let again = sign_in::run(&city.service, &city.holder.token).await.expect("signed in");
    sign_in::out(&city.service, &again.cookie).await.expect("signed out");
    assert_eq!(dropped(&city.audit(&city.holder.id).await), 1);
    assert_eq!(dropped(&city.audit(&city.clerk.id).await), 0);
}

#[tokio::test]
async fn codes_fetched_in_advance_open_once_for_a_day_and_are_void_when_the_phone_is_back() {
    let city = City::start().await;
    let license = city.permit(&city.active_seal().await, "key").await;
    let id = license["id"].clone();
    let licenses = json!([{ "license": id, "fields": ["operator"] }]);
    let fetch = json!({ "licenses": licenses, "purpose": "接受现场检查" });
    let address = "/v1/show-codes:prefetch";
    let redeem = |code: Value| {
        let claim = json!({ "code": code, "matter": "现场检查" });
        let city = &city;
        async move { city.post(&city.clerk, "/v1/show-codes:redeem", &claim).await }
    };

    let fetched = city.post(&city.holder, address, &fetch).await;
    assert_eq!(fetched.status, 201, "{}", fetched.json());
    let codes = fetched.json()["codes"].as_array().expect("codes").clone();
    assert_eq!(codes.len(), 10);
    let seen: std::collections::BTreeSet<_> = codes.iter().map(|one| one["code"].to_string()).collect();
    assert_eq!(seen.len(), 10, "each is another");
    // Hours later, without a network in between: each opens once.
    city.clock.forward(Duration::from_secs(23 * 3600));
    let shown = redeem(codes[0]["code"].clone()).await;
    assert_eq!((shown.status.as_u16(), &shown.json()["way"]), (200, &json!("prefetched")));
    assert_eq!(redeem(codes[0]["code"].clone()).await.code(), "show_code.used");
    // A day is over.
    city.clock.forward(Duration::from_secs(3601 + 10));
    assert_eq!(redeem(codes[1]["code"].clone()).await.code(), "show_code.expired");

    // Fetched again: those before are void. Drawn: those too. Dropped: those too.
    let first = city.post(&city.holder, address, &fetch).await.json()["codes"][0]["code"].clone();
    let second = city.post(&city.holder, address, &fetch).await.json()["codes"].clone();
    assert_eq!(redeem(first).await.code(), "show_code.withdrawn");
    assert_eq!(redeem(second[0]["code"].clone()).await.status, 200);
    let draw = json!({ "licenses": licenses, "purpose": "接受现场检查" });
    let drawn = city.post(&city.holder, "/v1/show-codes", &draw).await;
    assert_eq!(drawn.status, 201, "{}", drawn.json());
    assert_eq!(redeem(second[1]["code"].clone()).await.code(), "show_code.withdrawn");
    let third = city.post(&city.holder, address, &fetch).await.json()["codes"][0]["code"].clone();
    // Another holder's drawing and dropping does no harm to ours.
    let stranger = city.person("holder", json!({ "holder": "91990102MA7YQX032J" })).await;
    assert_eq!(city.call(&stranger, "DELETE", address).await.status, 204);
    assert_eq!(city.call(&city.holder, "DELETE", address).await.status, 204);
    assert_eq!(redeem(third).await.code(), "show_code.withdrawn");
    // The code that rolls is none of them.
    assert_eq!(redeem(drawn.json()["code"].clone()).await.status, 200);

    for (name, value) in [("count", json!(11)), ("count", json!(0)), ("hours", json!(25))] {
        let mut wrong = fetch.clone();
        wrong[name] = value;
        let answer = city.post(&city.holder, address, &wrong).await;
        assert_eq!(faults(&answer), [(format!("/{name}"), "body.out_of_range".to_owned())], "{wrong}");
    }
    assert_eq!(city.post(&stranger, address, &fetch).await.code(), "license.unknown");
}

#[tokio::test]
async fn a_family_member_shows_on_behalf_and_everybody_is_told() {
    let city = City::start().await;
    let seal = city.active_seal().await;
    let (license, other) = (city.permit(&seal, "one").await, city.permit(&seal, "two").await);
    let daughter = city.person("holder", json!({ "holder": "990102199302213027" })).await;
    let stranger = city.person("holder", json!({ "holder": "91990102MA7YQX032J" })).await;
    let name = json!({
        "deputy": "990102199302213027", "name": "女儿 周念安", "licenses": [license["id"]],
        "until": city.clock_date(30),
    });

    // A year at most, not oneself, only what is one's own.
    for (member, value, fault) in [
        ("until", json!(city.clock_date(400)), ("/until", "deputy.until")),
        ("until", json!("2020-01-01"), ("/until", "deputy.until")),
        ("deputy", json!(HOLDER), ("/deputy", "deputy.oneself")),
    ] {
        let mut wrong = name.clone();
        wrong[member] = value;
        let answer = city.post(&city.holder, "/v1/deputies", &wrong).await;
        assert_eq!(faults(&answer), [(fault.0.to_owned(), fault.1.to_owned())], "{wrong}");
    }
    assert_eq!(city.post(&stranger, "/v1/deputies", &name).await.code(), "license.unknown");
    let named = city.post(&city.holder, "/v1/deputies", &name).await;
    assert_eq!(named.status, 201, "{}", named.json());
    let id = named.json()["id"].as_str().expect("an identity").to_owned();
    let lists = city.get(&daughter, "/v1/deputies").await.json();
    assert_eq!(lists["for_others"][0]["id"], id.as_str(), "{lists}");
    assert_eq!(lists["named"], json!([]));

    // She sees the card and no data, and not the license that was not named.
    let address = format!("/v1/deputies/{id}/licenses");
    let cards = city.get(&daughter, &address).await.json();
    assert_eq!(cards["items"].as_array().map(Vec::len), Some(1), "{cards}");
    assert_eq!(cards["items"][0]["license"], license["id"]);
    assert_eq!(city.get(&stranger, &address).await.code(), "deputy.unknown");
    assert_eq!(city.get(&daughter, &path(&license, "history")).await.code(), "license.unknown");

    let address = format!("/v1/deputies/{id}/show-codes");
    let draw = |license: &Value| json!({ "licenses": [{ "license": license["id"], "fields": ["operator"] }], "purpose": "入驻审核" });
    assert_eq!(city.post(&daughter, &address, &draw(&other)).await.code(), "license.unknown");
    assert_eq!(city.post(&stranger, &address, &draw(&license)).await.code(), "deputy.unknown");
    // Not by the way of one's own licenses.
    assert_eq!(city.post(&daughter, "/v1/show-codes", &draw(&license)).await.code(), "license.unknown");
    let drawn = city.post(&daughter, &address, &draw(&license)).await;
    assert_eq!(drawn.status, 201, "{}", drawn.json());
    let claim = json!({ "code": drawn.json()["code"], "matter": "办理入驻" });
    let shown = city.post(&city.clerk, "/v1/show-codes:redeem", &claim).await;
    assert_eq!(
        (shown.status.as_u16(), &shown.json()["deputy"]),
        (200, &json!("女儿 周念安")),
        "{}",
        shown.json()
    );

    // The owner's history and the audit trail say so; her own space has nothing.
    let uses = city.get(&city.holder, "/v1/space/uses").await.json();
    assert_eq!(uses["items"][0]["deputy"], "女儿 周念安", "{uses}");
    assert_eq!(city.get(&daughter, "/v1/space/uses").await.json()["items"], json!([]));
    let subject = license["id"].as_str().expect("an identifier");
    let audit = city.get(&city.auditor, &format!("/v1/audit?subject={subject}&limit=200")).await.json();
    let lines = audit["items"].as_array().expect("lines");
    assert!(lines.iter().any(|l| l["action"] == "license.show" && l["detail"]["deputy"] == id.as_str()));
    assert!(lines.iter().any(|l| l["action"] == "show_code.redeem" && l["detail"]["on_behalf"] == true));

    // Taken back, at once, also for the code that is open; a holder's own code says nothing of anybody.
    let drawn = city.post(&city.holder, "/v1/show-codes", &draw(&license)).await.json();
    let claim = json!({ "code": drawn["code"], "matter": "办理入驻" });
    let shown = city.post(&city.clerk, "/v1/show-codes:redeem", &claim).await.json();
    assert!(shown["deputy"].is_null(), "{shown}");
    let open = city.post(&daughter, &address, &draw(&license)).await.json();
    let withdraw = format!("/v1/deputies/{id}");
    assert_eq!(city.call(&stranger, "DELETE", &withdraw).await.code(), "deputy.unknown");
    assert_eq!(city.call(&city.holder, "DELETE", &withdraw).await.status, 204);
    assert_eq!(city.call(&city.holder, "DELETE", &withdraw).await.code(), "deputy.withdrawn_already");
    assert_eq!(city.post(&daughter, &address, &draw(&license)).await.code(), "deputy.unknown");
    let claim = json!({ "code": open["code"], "matter": "办理入驻" });
    assert_eq!(city.post(&city.clerk, "/v1/show-codes:redeem", &claim).await.code(), "show_code.withdrawn");
}

/// Collects what the service logs.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("whole").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn log_audit_and_events_hold_field_names_and_no_values() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_writer(move || writer.clone())
        .finish();
    let _listening = tracing::subscriber::set_default(subscriber);
    let city = City::start().await;
    let license = city.permit(&city.active_seal().await, "key").await;
    let draw = json!({ "licenses": [{ "license": license["id"], "fields": ["operator", "premises", "signatory"] }], "purpose": "入驻审核" });
    let drawn = city.post(&city.holder, "/v1/show-codes", &draw).await.json();
    let code = drawn["code"].as_str().expect("a code");
    let claim = json!({ "code": code, "matter": "办理入驻" });
    let shown = city.post(&city.clerk, "/v1/show-codes:redeem", &claim).await;
    let text = String::from_utf8_lossy(&shown.bytes).into_owned();
    assert!(text.contains("望江路18号") && text.contains("沈亦舟"), "{text}");
    city.post(&city.institution, "/v1/show-codes:redeem", &claim).await;

    let logged = String::from_utf8_lossy(&log.0.lock().expect("whole")).into_owned();
    assert!(logged.contains("/v1/show-codes:redeem"), "nothing was logged: {}", logged.len());
    let audit = city.get(&city.auditor, "/v1/audit?limit=200").await;
    let audit = String::from_utf8_lossy(&audit.bytes).into_owned();
    assert!(audit.contains("premises") && audit.contains("show_code.redeem"), "{audit}");
    let events: String = city.events().await.into_iter().map(|event| event.body).collect();
    for value in ["云栖茶业", "望江路", "沈亦舟", "林知微", HOLDER, code] {
        for (place, text) in [("log", &logged), ("audit", &audit), ("events", &events)] {
            assert!(!text.contains(value), "{value} in the {place}");
        }
    }
}
