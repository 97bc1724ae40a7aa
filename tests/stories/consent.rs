//! What the holder sees of every use, and "this was not me".

use crate::city::{City, HOLDER, PERMIT, faults, path};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use yinzheng::app::sign_in;
use yinzheng::crypto::{PrivateKey, Suite};

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

/// What the holder and others do with a license in every other way; what was told them and nobody else.
async fn every_other_way(city: &City, license: &Value) -> Vec<String> {
    let id = license["id"].as_str().expect("an identifier");
    let made = |answer: &crate::service::Answer| {
        assert!(answer.status.is_success(), "{}", String::from_utf8_lossy(&answer.bytes));
    };
    let told = |value: &Value| value.as_str().expect("a text").to_owned();
    let mut codes = Vec::new();
    // On paper, checked and used.
    let fields = json!(["operator", "premises"]);
    let wish = json!({ "fields": fields, "purpose": "入驻审核", "recipient": "景川银行", "days": 30 });
    let paper = city.post(&city.holder, &path(license, "paper-codes"), &wish).await;
    made(&paper);
    let digits = told(&paper.json()["digits"]);
    made(&city.post(&city.clerk, "/v1/offline-codes:check", &json!({ "code": digits })).await);
    let using = json!({ "code": digits, "matter": "办理入驻" });
    let used = city.post(&city.clerk, "/v1/offline-codes:use", &using).await;
    made(&used);
    assert!(String::from_utf8_lossy(&used.bytes).contains("云栖茶业"), "{}", used.json());
    codes.push(digits);
    // On a phone.
    let key = PrivateKey::generate_pkcs8(Suite::P256).expect("a key");
    let key = PrivateKey::from_pkcs8(&key).expect("ours");
    let (device, _) = crate::offline::enrol(city, &city.holder, &key).await;
    let wish = json!({ "device": device["id"], "fields": ["operator"] });
    let phone = city.post(&city.holder, &path(license, "phone-codes"), &wish).await;
    made(&phone);
    codes.push(told(&phone.json()["code"]));
    // Kept for a bad network, and used.
    let licenses = json!([{ "license": id, "fields": ["operator", "signatory"] }]);
    let fetch = json!({ "licenses": licenses, "purpose": "接受现场检查", "count": 2 });
    let kept = city.post(&city.holder, "/v1/show-codes:prefetch", &fetch).await;
    made(&kept);
    for code in kept.json()["codes"].as_array().expect("codes") {
        codes.push(told(&code["code"]));
    }
    let claim = json!({ "code": codes[2], "matter": "现场检查" });
    made(&city.post(&city.clerk, "/v1/show-codes:redeem", &claim).await);
    // Shown to a system, which asks again, takes a copy, and says what is wrong.
    crate::sharing::allow(city, &city.institution, &[PERMIT], &[PERMIT], 60).await;
    let cause = crate::sharing::cause();
    let draw = json!({ "fields": ["operator", "premises"], "purpose": "入驻审核" });
    let drawn = city.post(&city.holder, &path(license, "show-codes"), &draw).await.json();
    codes.push(told(&drawn["code"]));
    let body = json!({ "qrcode": drawn["code"], "useCause": cause });
    made(&city.post(&city.institution, "/share/v1/queryCertInfoByQRcode", &body).await);
    made(&crate::sharing::by_identifier(city, &city.institution, &license["id"], None).await);
    made(&crate::sharing::by_holder(city, &city.institution, HOLDER, PERMIT).await);
    let data = json!({ "operator": "景川市云栖茶业有限公司" });
    let body = json!({ "certIdentifier": id, "data": data, "useCause": cause });
    made(&city.post(&city.institution, "/share/v1/verifyCertInfo", &body).await);
    let body = json!({ "certIdentifier": id, "days": 7, "useCause": cause });
    made(&city.post_once(&city.institution, "/share/v1/downloadUrl", "copy", &body).await);
    let body = json!({ "certIdentifier": id, "remark": "望江路应为望湖路", "useCause": cause });
    made(&city.post(&city.institution, "/share/v1/certRemark", &body).await);
    // A material, and a receipt.
    let material =
        axum::http::Request::post("/v1/materials?matter=change-food-operation-permit&label=premises-lease")
            .header("authorization", format!("Bearer {}", city.holder.token))
            .header("content-type", "application/pdf")
            .body(axum::body::Body::from("%PDF-1.7 出租人林知微，望江路18号"));
    made(&city.send(material.expect("a request")).await);
    let list = city.get(&city.holder, "/v1/showings").await.json();
    let of_clerk = list["items"].as_array().expect("showings").iter();
    let of_clerk = of_clerk.filter(|one| one["redeemed"]["by"] == "3号窗口").map(|one| told(&one["id"]));
    for showing in of_clerk.collect::<Vec<_>>() {
        let receipt = format!("/v1/showings/{showing}/receipt?format=json");
        made(&city.call(&city.clerk, "POST", &receipt).await);
    }
    codes
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
    let seal = city.active_seal().await;
    let wish = json!({ "seal": seal });
    city.put(&city.operator, "/v1/service-seal", &wish).await;
    city.post(&city.department, "/v1/service-seal:agree", &wish).await;
    let license = city.permit(&seal, "key").await;
    let draw = json!({ "licenses": [{ "license": license["id"], "fields": ["operator", "premises", "signatory"] }], "purpose": "入驻审核" });
    let drawn = city.post(&city.holder, "/v1/show-codes", &draw).await.json();
    let code = drawn["code"].as_str().expect("a code");
    let claim = json!({ "code": code, "matter": "办理入驻" });
    let shown = city.post(&city.clerk, "/v1/show-codes:redeem", &claim).await;
    let text = String::from_utf8_lossy(&shown.bytes).into_owned();
    assert!(text.contains("望江路18号") && text.contains("沈亦舟"), "{text}");
    city.post(&city.institution, "/v1/show-codes:redeem", &claim).await;
    let mut codes = every_other_way(&city, &license).await;
    codes.push(code.to_owned());

    let logged = String::from_utf8_lossy(&log.0.lock().expect("whole")).into_owned();
    for place in
        ["/v1/show-codes:redeem", "paper-codes", "phone-codes", "/v1/materials", "/share/v1/downloadUrl"]
    {
        assert!(logged.contains(place), "{place} was not logged: {}", logged.len());
    }
    let audit = city.get(&city.auditor, "/v1/audit?limit=200").await.json();
    let lines = audit["items"].as_array().expect("lines");
    for (action, fields) in [
        ("license.show", json!(["operator", "premises", "signatory"])),
        ("show_code.redeem", json!(["operator", "premises", "signatory"])),
        ("paper_code.make", json!(["operator", "premises"])),
        ("phone_code.make", json!(["operator"])),
        ("license.prefetch", json!(["operator", "signatory"])),
    ] {
        let found = lines.iter().find(|line| line["action"] == action && line["subject"] == license["id"]);
        let found = found.unwrap_or_else(|| panic!("{action} in {audit:#}"));
        let mut names: Vec<_> = found["detail"]["fields"].as_array().expect("names").iter().collect();
        names.sort_by_key(|name| name.as_str());
        assert_eq!(json!(names), fields, "{action}");
    }
    for action in ["share.ask", "paper.make", "material.bring", "device.enrol"] {
        assert!(lines.iter().any(|line| line["action"] == action), "{action}");
    }
    let audit = audit.to_string();
    let events: String = city.events().await.into_iter().map(|event| event.body).collect();
    let values = ["云栖茶业", "望江路", "沈亦舟", "林知微", HOLDER].map(str::to_owned);
    for value in values.iter().chain(&codes) {
        for (place, text) in [("log", &logged), ("audit", &audit), ("events", &events)] {
            assert!(!text.contains(value), "{value} in the {place}");
        }
    }
}
