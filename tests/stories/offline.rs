//! Offline: codes on paper and on a phone, checked with and without a network; status lists that grow old.

use crate::city::{City, PERMIT, Person, faults, findings, path};
use crate::postgres::Postgres;
use crate::service::DEPARTMENT;
use axum::body::Body;
use axum::http::Request;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use clap::{Args, FromArgMatches};
use serde_json::{Value, json};
use std::process::ExitCode;
use std::time::Duration;
use yinzheng::app::offline::{self, paper};
use yinzheng::cli::verify_code::{self, VerifyCodeArgs};
use yinzheng::crypto::{PrivateKey, PublicKey, Signer, Suite, fixed_signature};
use yinzheng::domain::check_pair;
use yinzheng::domain::license::LicenseId;
use yinzheng::domain::report::Verdict;
use yinzheng::domain::time::Timestamp;
use yinzheng::formats::offline_code::{on_phone, prove};
use yinzheng::formats::verifier_bundle::VerifierBundle;
use yinzheng::ports::clock::Clock;
use yinzheng::ports::store;

const HOUR: Duration = Duration::from_secs(3600);

fn wish() -> Value {
    json!({ "fields": ["operator", "business_form"], "purpose": "银行开户", "recipient": "景川银行", "days": 30 })
}

async fn public(city: &City, path: &str) -> Vec<u8> {
    let answer = city.send(Request::get(path).body(Body::empty()).expect("a request")).await;
    assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.bytes));
    answer.bytes
}

async fn publisher_key(city: &City) -> PublicKey {
    let key: Value = serde_json::from_slice(&public(city, "/v1/verifier-bundle/key").await).expect("JSON");
    let spki = STANDARD.decode(key["spki"].as_str().expect("a key")).expect("base64");
    PublicKey::from_spki(&spki).expect("a key")
}

/// What a verifier has that was here just now.
async fn bundle(city: &City) -> VerifierBundle {
    let token = String::from_utf8(public(city, "/v1/verifier-bundle").await).expect("text");
    VerifierBundle::open(&token, &publisher_key(city).await).expect("a bundle")
}

async fn on_paper(city: &City, license: &Value) -> Value {
    let answer = city.post(&city.holder, &path(license, "paper-codes"), &wish()).await;
    assert_eq!(answer.status, 201, "{}", answer.json());
    answer.json()
}

async fn check(city: &City, code: &str) -> Value {
    let body = json!({ "code": code }).to_string();
    let request = Request::post("/v1/offline-codes:check").header("content-type", "application/json");
    let answer = city.send(request.body(Body::from(body)).expect("a request")).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    answer.json()
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}"))
}

#[tokio::test]
async fn a_sheet_is_checked_here_and_without_a_network_until_its_holder_ends_it() {
    let city = City::start().await;
    let license = city.permit(&city.active_seal().await, "key").await;
    offline::publish(&city.service).await.expect("published");
    let carried = bundle(&city).await;
    let made = on_paper(&city, &license).await;
    let digits = text(&made, "digits");
    assert!(STANDARD.decode(text(&made, "sheet_pdf")).expect("base64").starts_with(b"%PDF"));

    // The bundle is older than the code, and its key and list are in it all the same.
    let offline_now = carried.check(digits, city.clock.now());
    assert_eq!(offline_now.verdict, Verdict::Passed, "{:?}", offline_now.findings);
    let online = check(&city, digits).await;
    assert_eq!(
        (text(&online, "verdict"), text(&online["status"], "answer")),
        ("passed", "valid"),
        "{online}"
    );
    assert_eq!(online["code"]["recipient"], "景川银行");
    assert_eq!(online["code"]["license"], license["id"]);
    assert_eq!(online["code"]["fields"][0]["title"]["zh"], "经营者名称");
    assert_eq!(online["code"]["fields"][1]["value"], "餐饮服务经营者");
    assert!(online["uses_today"].is_null(), "a stranger learns nothing of other checks");

    // A twin: one digit.
    let mut twin = digits.to_owned();
    let digit = if twin.as_bytes()[300] == b'9' { "0" } else { "9" };
    twin.replace_range(300..301, digit);
    assert_eq!(findings(&check(&city, &twin).await), ["offline.misread"]);
    assert_eq!(findings(&check(&city, "6212 3456").await), ["offline.not_ours"]);

    // Counters leave a line with the holder and are told how many they are today.
    for count in 1..=2 {
        let using = json!({ "code": digits, "matter": "对公开户" });
        let used = city.post(&city.clerk, "/v1/offline-codes:use", &using).await.json();
        assert_eq!(used["uses_today"], count, "{used}");
        assert!(findings(&used).contains(&"offline.checked_today".to_owned()));
    }
    let uses = city.get(&city.holder, "/v1/space/uses").await.json();
    assert_eq!(uses["items"].as_array().expect("a list").len(), 2, "{uses}");
    assert_eq!(uses["items"][0]["matter"], "对公开户");
    city.clock.forward(24 * HOUR);
    let using = json!({ "code": digits, "matter": "对公开户" });
    let used = city.post(&city.institution, "/v1/offline-codes:use", &using).await.json();
    assert_eq!(used["uses_today"], 1, "another day: {used}");

    // Ended: known here at once, elsewhere with the next list.
    offline::publish(&city.service).await.expect("published");
    let before = bundle(&city).await;
    let id = text(&made["paper_code"], "id");
    let stranger = city.person("holder", json!({ "holder": "91990102MA7YQX032J" })).await;
    let refused = city.call(&stranger, "DELETE", &format!("/v1/paper-codes/{id}")).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (404, "paper_code.unknown"));
    assert_eq!(city.call(&city.holder, "DELETE", &format!("/v1/paper-codes/{id}")).await.status, 204);
    let again = city.call(&city.holder, "DELETE", &format!("/v1/paper-codes/{id}")).await;
    assert_eq!((again.status.as_u16(), again.code().as_str()), (409, "paper_code.ended"));
    let online = check(&city, digits).await;
    assert!(findings(&online).contains(&"offline.status_ended".to_owned()), "{online}");
    assert_eq!(before.check(digits, city.clock.now()).verdict, Verdict::Passed);
    let done = offline::publish(&city.service).await.expect("published");
    assert_eq!((done.changed, done.refreshed), (1, 0));
    city.clock.forward(Duration::from_secs(60));
    assert_eq!(bundle(&city).await.check(digits, city.clock.now()).verdict, Verdict::Failed);
    let list = city.get(&city.holder, "/v1/paper-codes").await.json();
    assert_eq!((text(&list["items"][0], "id"), text(&list["items"][0], "standing")), (id, "ended"));
}

#[tokio::test]
async fn whoever_compares_the_person_with_an_identity_document_says_so_and_the_holder_reads_it() {
    over(City::start().await).await;
}

#[tokio::test]
async fn over_postgres_the_comparison_is_kept_as_well() {
    let Some(server) = Postgres::start("over_postgres_the_comparison_is_kept_as_well") else { return };
    let database = server.database().await;
    over(City::with(|config| config.database = database).await).await;
}

async fn over(city: City) {
    let license = city.permit(&city.active_seal().await, "key").await;
    offline::publish(&city.service).await.expect("published");
    let made = on_paper(&city, &license).await;
    let digits = text(&made, "digits");
    let using = |compared: Option<bool>| {
        let mut body = json!({ "code": digits, "matter": "对公开户" });
        if let Some(compared) = compared {
            body["compared"] = json!(compared);
        }
        body
    };
    let path = "/v1/offline-codes:use";
    let newest = async || city.get(&city.holder, "/v1/space/uses").await.json()["items"][0].clone();
    let said = async |person: &Person, used: &Value| {
        let answer = city.post(person, "/v1/offline-codes:compared", &json!({ "use": used })).await;
        (answer.status.as_u16(), if answer.status == 204 { String::new() } else { answer.code() })
    };

    // With the check itself, or not.
    let before = city.post(&city.clerk, path, &using(Some(true))).await.json();
    assert_eq!((&before["verdict"], &before["compared"]), (&json!("passed"), &json!(true)), "{before}");
    let kept = newest().await;
    assert_eq!((&kept["id"], &kept["compared"]), (&before["use"], &json!(true)), "{kept}");
    let page = async || {
        let request =
            Request::get("/space/uses").header("authorization", format!("Bearer {}", city.holder.token));
        let answer = city.send(request.body(Body::empty()).expect("a request")).await;
        String::from_utf8_lossy(&answer.bytes).matches("查看方已核对身份证件").count()
    };
    assert_eq!(page().await, 1);
    for compared in [None, Some(false)] {
        city.clock.forward(Duration::from_secs(1));
        let used = city.post(&city.clerk, path, &using(compared)).await.json();
        assert_eq!(
            (&used["compared"], &newest().await["compared"]),
            (&json!(false), &json!(false)),
            "{used}"
        );
    }
    assert_eq!(page().await, 1, "who did not compare is not said to have");

    // A moment later, by who checked; twice is as good as once.
    let used = newest().await["id"].clone();
    assert_eq!(said(&city.institution, &used).await, (404, "paper_use.unknown".to_owned()));
    for (wrong, status, code) in [
        (json!("0".repeat(32)), 404, "paper_use.unknown"),
        (json!("no"), 422, "request.invalid"),
        (json!(""), 422, "request.invalid"),
    ] {
        assert_eq!(said(&city.clerk, &wrong).await, (status, code.to_owned()), "{wrong}");
    }
    assert_eq!(newest().await["compared"], json!(false));
    for _ in 0..2 {
        assert_eq!(said(&city.clerk, &used).await, (204, String::new()));
    }
    assert_eq!((newest().await["compared"].clone(), page().await), (json!(true), 2));
    let lines = city.audit(used.as_str().expect("an identity")).await;
    let by =
        |who: &Person, outcome: &str| (who.id.clone(), "offline_code.compare".to_owned(), outcome.to_owned());
    assert!(lines.contains(&by(&city.clerk, "ok")), "{lines:#?}");

    // Too late; and what nobody has looked at on paper cannot be compared.
    city.clock.forward(Duration::from_secs(1));
    let late = city.post(&city.clerk, path, &using(None)).await.json()["use"].clone();
    city.clock.forward(Duration::from_secs(601));
    assert_eq!(said(&city.clerk, &late).await, (410, "paper_use.over".to_owned()));
    assert_eq!(newest().await["compared"], json!(false));
    let show = json!({ "fields": ["operator"], "purpose": "窗口核验" });
    let id = license["id"].as_str().expect("an identifier");
    let drawn = city.post(&city.holder, &format!("/v1/licenses/{id}/show-codes"), &show).await.json();
    let redeem = json!({ "code": drawn["code"], "matter": "演示" });
    assert_eq!(city.post(&city.clerk, "/v1/show-codes:redeem", &redeem).await.status, 200);
    let shown = newest().await;
    assert_eq!((&shown["matter"], &shown["compared"]), (&json!("演示"), &json!(null)));
    assert_eq!(said(&city.clerk, &shown["id"]).await, (404, "paper_use.unknown".to_owned()));

    // Checked without a network and told when it is back: as of then, once under its name, and said to be so.
    let kept = |code: &str, ago: u64| {
        let kept = json!({ "id": "0123456789abcdef".repeat(2), "seconds_ago": ago });
        json!({ "code": code, "matter": "下乡办理", "compared": true, "kept": kept })
    };
    let told = city.post(&city.clerk, path, &kept(digits, 30)).await.json();
    assert_eq!((&told["verdict"], &told["compared"]), (&json!("passed"), &json!(true)), "{told}");
    let lines = async || city.get(&city.holder, "/v1/space/uses").await.json()["items"].clone();
    let all = lines().await;
    let all = all.as_array().expect("uses");
    let line = all.iter().find(|line| line["id"] == told["use"]).expect("a line");
    assert_eq!((&line["offline"], &line["compared"]), (&json!(true), &json!(true)), "{line}");
    assert!(line["at"].as_str() < shown["at"].as_str(), "{line}");
    assert_eq!(shown["offline"], json!(false));
    let again = city.post(&city.clerk, path, &kept(digits, 45)).await.json();
    assert_eq!(again["use"], told["use"]);
    assert_eq!(lines().await.as_array().map(Vec::len), Some(all.len()), "told twice, used once");
    let other = city.post(&city.institution, path, &kept(digits, 30)).await.json();
    assert_ne!(other["use"], told["use"], "the names of two verifiers are not the same");
    let late = city.post(&city.clerk, path, &kept(digits, 7 * 86_400 + 1)).await;
    assert_eq!(faults(&late), [("/kept/seconds_ago".to_owned(), "body.out_of_range".to_owned())]);

    // A forged code leaves no line, so there is none to tell.
    let mut twin = digits.to_owned();
    let digit = if twin.as_bytes()[300] == b'9' { "0" } else { "9" };
    twin.replace_range(300..301, digit);
    let body = json!({ "code": twin, "matter": "对公开户", "compared": true });
    let refused = city.post(&city.clerk, path, &body).await.json();
    assert_eq!((&refused["use"], &refused["compared"]), (&json!(null), &json!(null)), "{refused}");
}

#[tokio::test]
async fn what_a_license_is_its_codes_are() {
    let city = City::start().await;
    let license = city.permit(&city.active_seal().await, "key").await;
    let made = on_paper(&city, &license).await;
    let digits = text(&made, "digits");
    for (act, body, code) in [
        ("suspend", json!({ "reason": "整改" }), "offline.status_suspended"),
        ("resume", json!({ "reason": "整改完成" }), "offline.status_valid"),
        ("end", json!({ "ending": "revoked", "reason": "违法经营" }), "offline.status_ended"),
    ] {
        let answer = city.post(&city.department, &path(&license, act), &body).await;
        assert!(answer.status.is_success(), "{act}: {}", answer.json());
        assert!(findings(&check(&city, digits).await).contains(&code.to_owned()), "{act}");
        city.clock.forward(Duration::from_secs(60));
        offline::publish(&city.service).await.expect("published");
        let carried = bundle(&city).await.check(digits, city.clock.now());
        assert_eq!(carried.findings.last().map(|finding| finding.code), Some(code), "{act}");
    }
    // No new code of a license that is over.
    let answer = city.post(&city.holder, &path(&license, "paper-codes"), &wish()).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (409, "license.not_in_force"));
}

#[tokio::test]
async fn what_no_sheet_may_hold_is_refused_before_anything_is_kept() {
    let city = City::start().await;
    let license = city.permit(&city.active_seal().await, "key").await;
    let at = path(&license, "paper-codes");
    let with = |name: &str, value: Value| {
        let mut wish = wish();
        wish[name] = value;
        wish
    };
    for (body, expected) in [
        (with("days", json!(8)), ("/days", "paper_code.life")),
        (with("purpose", json!("开\u{200b}户")), ("/purpose", "offline.purpose")),
        (with("purpose", json!("开户😀")), ("/purpose", "paper_code.glyph")),
        (with("fields", json!(["operator", "blood_group"])), ("/fields/1", "field.unknown")),
    ] {
        let answer = city.post(&city.holder, &at, &body).await;
        assert_eq!(faults(&answer), [(expected.0.to_owned(), expected.1.to_owned())], "{body}");
    }
    let stranger = city.person("holder", json!({ "holder": "91990102MA7YQX032J" })).await;
    let answer = city.post(&stranger, &at, &wish()).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (404, "license.unknown"));
    assert_eq!(city.get(&city.holder, "/v1/paper-codes").await.json()["items"], json!([]));
    // Five, and no sixth until one is ended.
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(text(&on_paper(&city, &license).await["paper_code"], "id").to_owned());
    }
    let answer = city.post(&city.holder, &at, &wish()).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (409, "paper_code.too_many"));
    assert_eq!(city.call(&city.holder, "DELETE", &format!("/v1/paper-codes/{}", ids[2])).await.status, 204);
    on_paper(&city, &license).await;
    let id = &city.holder.id;
    let holder = store::read(city.service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.credential(id).await?) })
    });
    let holder = holder.await.expect("read").expect("there");
    let license = LicenseId::parse(text(&license, "id")).expect("an identifier");
    // Two weeks before its end a license makes a sheet for one, by a key that was made since; a week later it makes none.
    city.clock.forward(Duration::from_secs((5 * 365 - 13) * 86_400));
    let (fields, purpose) = (vec!["operator".to_owned()], "银行开户".to_owned());
    let request = paper::Request { license: license.clone(), fields, purpose, recipient: None, days: 7 };
    let made = paper::run(&city.service, &holder, request).await.expect("a sheet");
    assert_eq!(check(&city, &made.digits).await["verdict"], "passed");
    city.clock.forward(Duration::from_secs(8 * 86_400));
    for days in [7, 30] {
        let (fields, purpose) = (vec!["operator".to_owned()], "银行开户".to_owned());
        let request = paper::Request { license: license.clone(), fields, purpose, recipient: None, days };
        let refused = paper::run(&city.service, &holder, request).await.err();
        let code = refused.and_then(|error| error.refusal().map(|refusal| refusal.code));
        assert_eq!(code, Some("paper_code.outlives_license"), "{days}");
    }
}

#[tokio::test]
async fn a_dead_job_is_told_of_long_before_lists_cannot_tell() {
    let city = City::start().await;
    let license = city.permit(&city.active_seal().await, "key").await;
    offline::publish(&city.service).await.expect("published");
    let made = on_paper(&city, &license).await;
    let digits = text(&made, "digits");
    let ready = async |city: &City| -> Value {
        serde_json::from_slice(&public(city, "/readyz").await).expect("JSON")
    };
    assert_eq!(ready(&city).await["warnings"], json!([]));
    let topics = async |city: &City| -> Vec<String> {
        let events = city.events().await.into_iter().map(|event| event.topic);
        events.filter(|topic| topic.starts_with("status_lists.")).collect()
    };
    // The job does nothing from here on; whoever asks whether the service is ready learns it, once each.
    city.clock.forward(2 * HOUR + Duration::from_secs(60));
    for _ in 0..2 {
        assert_eq!(ready(&city).await["warnings"], json!(["status_lists.old"]));
    }
    assert_eq!(topics(&city).await, ["status_lists.old"]);
    city.clock.forward(20 * HOUR);
    assert_eq!(ready(&city).await["warnings"], json!(["status_lists.ending"]));
    city.clock.forward(HOUR);
    let carried = bundle(&city).await.check(digits, city.clock.now());
    assert_eq!(carried.verdict, Verdict::Passed, "23 hours: {:?}", carried.findings);
    assert_eq!(carried.findings.last().map(|f| f.code), Some("offline.status_valid_aged"));
    city.clock.forward(2 * HOUR);
    let carried = bundle(&city).await.check(digits, city.clock.now());
    assert_eq!(carried.verdict, Verdict::Indeterminate, "25 hours: {:?}", carried.findings);
    assert_eq!(carried.findings.last().map(|f| f.code), Some("offline.status_too_old"));
    assert_eq!(ready(&city).await["warnings"], json!(["status_lists.over"]));
    assert_eq!(topics(&city).await, ["status_lists.old", "status_lists.ending", "status_lists.over"]);
    // It lives again: all is well at once.
    offline::publish(&city.service).await.expect("published");
    assert_eq!(ready(&city).await["warnings"], json!([]));
    city.clock.forward(Duration::from_secs(60));
    assert_eq!(bundle(&city).await.check(digits, city.clock.now()).verdict, Verdict::Passed);
}

/// Says of a code, to whoever has the program and these files, as of `after` from now.
fn program(folder: &std::path::Path, digits: &str, now: Timestamp, more: &[&str]) -> (String, String) {
    struct At(Timestamp);
    impl Clock for At {
        fn now(&self) -> Timestamp {
            self.0
        }
    }
    let [bundle, key] = ["bundle.jwt", "key.json"].map(|name| folder.join(name).display().to_string());
    let mut line = vec!["verify-code", "--bundle", &bundle, "--bundle-key", &key, digits];
    line.extend(more);
    let matches = VerifyCodeArgs::augment_args(clap::Command::new("verify-code")).get_matches_from(line);
    let args = VerifyCodeArgs::from_arg_matches(&matches).expect("arguments");
    let (said, status) = verify_code::run(&args, &At(now)).expect("a verdict");
    (said, format!("{status:?}"))
}

#[tokio::test]
async fn the_program_warns_well_before_its_bundle_confirms_nothing_any_more() {
    let city = City::start().await;
    let license = city.permit(&city.active_seal().await, "key").await;
    offline::publish(&city.service).await.expect("published");
    let made = on_paper(&city, &license).await;
    let digits = text(&made, "digits");
    // The list job dies; a bundle that is fetched two hours later is fresh, and its list is not.
    city.clock.forward(HOUR * 2);
    let folder = tempfile::tempdir().expect("a folder");
    for (name, address) in [("bundle.jwt", "/v1/verifier-bundle"), ("key.json", "/v1/verifier-bundle/key")] {
        std::fs::write(folder.path().join(name), public(&city, address).await).expect("written");
    }
    let now = city.clock.now();
    let success = format!("{:?}", ExitCode::SUCCESS);
    for (hours, warning, passes) in [
        (0, Some("carried.old"), true),
        (19, Some("carried.old"), true),
        (21, Some("carried.ending"), true),
        (23, Some("carried.over"), false),
    ] {
        let at = now.plus(HOUR * hours + Duration::from_secs(60));
        let (said, status) = program(folder.path(), digits, at, &[]);
        let told = said.lines().filter(|line| line.starts_with("  ! ")).collect::<Vec<_>>();
        let expected = warning.map(|code| format!("[{code}]"));
        assert!(told.len() == 1 && expected.is_some_and(|code| told[0].ends_with(&code)), "{hours}: {said}");
        assert_eq!(status == success, passes, "{hours}: {said}");
        let (json, _) = program(folder.path(), digits, at, &["--json"]);
        let json: Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(json["warning"]["code"].as_str(), warning, "{json}");
    }
    // The twin: a bundle with a list that is fresh.
    offline::publish(&city.service).await.expect("published");
    city.clock.forward(Duration::from_secs(60));
    std::fs::write(folder.path().join("bundle.jwt"), public(&city, "/v1/verifier-bundle").await)
        .expect("written");
    let (said, status) = program(folder.path(), digits, city.clock.now(), &[]);
    assert!(!said.contains("  ! ") && status == success, "{said}");
}

#[tokio::test]
async fn a_bundle_that_cannot_be_made_is_told_of_long_before_those_that_verifiers_carry_are_over() {
    let mut keys = std::path::PathBuf::new();
    let city = City::with(|config| keys = config.keys.own.clone()).await;
    let ready = async || -> Value {
        let said: Value = serde_json::from_slice(&public(&city, "/readyz").await).expect("JSON");
        said["warnings"].clone()
    };
    // What the job does each minute; the publisher's key is out of reach in the second of it.
    let pass = async |breaks: bool| {
        offline::publish(&city.service).await.expect("published");
        let away = keys.with_extension("away");
        if breaks {
            std::fs::rename(&keys, &away).expect("moved");
            std::fs::write(&keys, "no directory").expect("something else in its place");
        }
        let made = offline::bundle(&city.service).await.is_ok();
        if breaks {
            std::fs::remove_file(&keys).expect("removed");
            std::fs::rename(&away, &keys).expect("moved back");
        }
        made
    };
    assert!(pass(false).await);
    city.clock.forward(2 * HOUR + Duration::from_secs(60));
    assert!(pass(false).await);
    assert_eq!(ready().await, json!([]), "the twin: it can be made");
    city.clock.forward(2 * HOUR + Duration::from_secs(60));
    assert!(!pass(true).await);
    for _ in 0..2 {
        assert_eq!(ready().await, json!(["verifier_bundle.old"]));
    }
    city.clock.forward(20 * HOUR);
    assert!(!pass(true).await);
    assert_eq!(ready().await, json!(["verifier_bundle.ending"]));
    city.clock.forward(2 * HOUR);
    assert!(!pass(true).await);
    assert_eq!(ready().await, json!(["verifier_bundle.over"]));
    let topics = city.events().await.into_iter().map(|event| event.topic);
    let topics: Vec<String> = topics.filter(|topic| topic.starts_with("verifier_bundle.")).collect();
    assert_eq!(topics, ["verifier_bundle.old", "verifier_bundle.ending", "verifier_bundle.over"]);
    assert!(pass(false).await);
    assert_eq!(ready().await, json!([]), "all is well at once");
}

#[tokio::test]
async fn a_department_whose_codes_are_in_sm2_is_checked_here_and_by_the_program() {
    let city = City::with(|config| config.offline_in_sm2 = vec![DEPARTMENT.to_owned()]).await;
    let license = city.permit(&city.active_seal().await, "key").await;
    offline::publish(&city.service).await.expect("published");
    let made = on_paper(&city, &license).await;
    let digits = text(&made, "digits");
    let token = public(&city, "/v1/verifier-bundle").await;
    let claims = std::str::from_utf8(&token).expect("text").split('.').nth(1).expect("claims");
    let claims: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).expect("base64")).expect("JSON");
    assert_eq!(
        (claims["keys"].as_array().map(Vec::len), &claims["keys"][0]["alg"]),
        (Some(1), &json!("SM2-SM3"))
    );
    let spki = STANDARD.decode(text(&claims["keys"][0], "spki")).expect("base64");
    assert_eq!(PublicKey::from_spki(&spki).expect("a key").suite(), Suite::Sm2);

    let online = check(&city, digits).await;
    assert_eq!(online["verdict"], "passed", "{online}");
    let using = json!({ "code": digits, "matter": "对公开户" });
    assert_eq!(city.post(&city.clerk, "/v1/offline-codes:use", &using).await.json()["verdict"], "passed");
    let carried = bundle(&city).await;
    assert_eq!(carried.check(digits, city.clock.now()).verdict, Verdict::Passed);
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("bundle.jwt"), &token).expect("written");
    std::fs::write(folder.path().join("key.json"), public(&city, "/v1/verifier-bundle/key").await)
        .expect("written");
    let (said, status) = program(folder.path(), digits, city.clock.now(), &[]);
    assert_eq!(status, format!("{:?}", ExitCode::SUCCESS), "{said}");

    // A twin with one byte changed, its check digits made right.
    let bytes = |place: usize| {
        let mut twin = digits[..digits.len() - 2].to_owned();
        let digit = if twin.as_bytes()[place] == b'0' { "1" } else { "0" };
        twin.replace_range(place..=place, digit);
        let check = check_pair::of(&twin).expect("digits");
        twin + &check
    };
    // In a field's value, and in the signature, which stands last.
    for place in [500, digits.len() - 20] {
        let twin = bytes(place);
        let online = check(&city, &twin).await;
        assert_eq!(online["verdict"], "failed", "{online}");
        assert_eq!(carried.check(&twin, city.clock.now()).verdict, Verdict::Failed, "{place}");
    }
    assert_eq!(findings(&check(&city, &bytes(digits.len() - 20)).await), ["offline.forged"]);

    // On a phone as well, whose own key is on P-256.
    let key = PrivateKey::from_pkcs8(&PrivateKey::generate_pkcs8(Suite::P256).expect("a key")).expect("ours");
    let (device, _) = enrol(&city, &city.holder, &key).await;
    let wish = json!({ "device": device["id"], "fields": ["operator"] });
    let made = city.post(&city.holder, &path(&license, "phone-codes"), &wish).await.json();
    let code = STANDARD.decode(text(&made, "code")).expect("base64");
    let shown = prove(&code, city.clock.now(), "入驻审核", &key).expect("signed");
    let online = check(&city, &on_phone(&code, &shown).expect("fits")).await;
    assert_eq!(online["verdict"], "passed", "{online}");
}

#[tokio::test]
async fn a_list_is_made_anew_when_it_changed_or_is_ten_minutes_old_and_not_before() {
    let city = City::start().await;
    let license = city.permit(&city.active_seal().await, "key").await;
    on_paper(&city, &license).await;
    let pass = async || {
        let done = offline::publish(&city.service).await.expect("published");
        let list = offline::list(&city.service, 1, offline::Form::Cwt).await.expect("read").expect("a list");
        ((done.changed, done.refreshed), list)
    };
    let (done, first) = pass().await;
    assert_eq!(done, (1, 0));
    for seconds in [0, 60, 539] {
        city.clock.forward(Duration::from_secs(seconds));
        assert_eq!(pass().await, ((0, 0), first.clone()), "nothing changed: not a byte");
    }
    // Ten minutes after the first: the same entries, and times that begin again.
    city.clock.forward(Duration::from_secs(1));
    let (done, second) = pass().await;
    assert_eq!((done, second.content), ((0, 1), first.content));
    assert_eq!(second.made_at, first.made_at.plus(Duration::from_secs(600)));
    assert_eq!(second.expires_at, first.expires_at.plus(Duration::from_secs(600)));
    let reason = json!({ "reason": "整改" });
    assert!(city.post(&city.department, &path(&license, "suspend"), &reason).await.status.is_success());
    let (done, third) = pass().await;
    assert_eq!(done, (1, 0));
    assert_ne!(third.content, second.content);
    assert_eq!(pass().await, ((0, 0), third));
    // As before the suspension, which is a change as well.
    assert!(city.post(&city.department, &path(&license, "resume"), &reason).await.status.is_success());
    let (done, fourth) = pass().await;
    assert_eq!((done, fourth.content), ((1, 0), first.content));
}

#[tokio::test]
async fn nobody_has_more_than_twenty_pictures_a_minute_searched() {
    let city = City::start().await;
    let mut picture = std::io::Cursor::new(Vec::new());
    image::GrayImage::new(8, 8).write_to(&mut picture, image::ImageFormat::Png).expect("a picture");
    let picture = picture.into_inner();
    let brought = async || {
        let request = Request::post("/verify").header("content-type", "application/octet-stream");
        let answer = city.send(request.body(Body::from(picture.clone())).expect("a request")).await;
        answer.status.as_u16()
    };
    for _ in 0..20 {
        assert_eq!(brought().await, 422, "no code in it");
    }
    assert_eq!(brought().await, 429);
    city.clock.forward(Duration::from_secs(61));
    assert_eq!(brought().await, 422);
}

#[tokio::test]
async fn lists_and_bundle_are_files_that_anybody_may_keep() {
    let city = City::start().await;
    let none = city.send(Request::get("/s/1").body(Body::empty()).expect("a request")).await;
    assert_eq!(none.status, 404);
    offline::publish(&city.service).await.expect("published");
    let fetch = async |path: &str, header: (&str, &str)| {
        let request = Request::get(path).header(header.0, header.1).body(Body::empty()).expect("a request");
        let answer = tower::ServiceExt::oneshot(city.router.clone(), request).await.expect("an answer");
        let text = |name: &str| answer.headers().get(name).map(|v| v.to_str().expect("text").to_owned());
        (answer.status().as_u16(), text("content-type"), text("etag"), text("cache-control"))
    };
    let (status, kind, mark, kept) = fetch("/s/1", ("accept", "application/statuslist+cwt")).await;
    assert_eq!((status, kind.as_deref()), (200, Some("application/statuslist+cwt")));
    assert_eq!(kept.as_deref(), Some("public, max-age=60"));
    let (_, kind, other, _) = fetch("/s/1", ("accept", "*/*")).await;
    assert_eq!(kind.as_deref(), Some("application/statuslist+jwt"));
    assert_ne!(mark, other, "two forms are two files");
    let again = fetch("/s/1", ("if-none-match", &other.expect("a mark"))).await;
    assert_eq!(again.0, 304);
    for wrong in ["/s/01", "/s/+1", "/s/2", "/s/x"] {
        assert_eq!(fetch(wrong, ("accept", "*/*")).await.0, 404, "{wrong}");
    }
    let (status, kind, mark, _) = fetch("/v1/verifier-bundle", ("accept", "*/*")).await;
    assert_eq!((status, kind.as_deref()), (200, Some("application/yinzheng-bundle+jwt")));
    assert_eq!(fetch("/v1/verifier-bundle", ("if-none-match", &mark.expect("a mark"))).await.0, 304);
    // Signed by the named key and by no other; every kind of the department and its fields are named.
    let carried = bundle(&city).await;
    let kind = carried.kinds.get(PERMIT).expect("the department issues permits");
    assert_eq!((kind.title.zh.as_str(), kind.fields["operator"].en.as_str()), ("食品经营许可证", "Operator"));
    let token = String::from_utf8(public(&city, "/v1/verifier-bundle").await).expect("text");
    let other =
        PrivateKey::from_pkcs8(&PrivateKey::generate_pkcs8(Suite::P256).expect("a key")).expect("ours");
    let other = PublicKey::from_spki(other.spki()).expect("a key");
    assert!(VerifierBundle::open(&token, &other).is_err());
    left_for_judges(&city, &token).await;
}

/// What a live service publishes, for `tests/tools/offline_check.py`.
async fn left_for_judges(city: &City, token: &str) {
    let Some(out) = std::env::var_os("YINZHENG_TEST_OUT") else { return };
    let folder = std::path::Path::new(&out).join("offline-live");
    std::fs::create_dir_all(&folder).expect("a folder");
    let license = city.permit(&city.active_seal().await, "judged").await;
    let ended = on_paper(city, &license).await;
    let id = text(&ended["paper_code"], "id");
    assert_eq!(city.call(&city.holder, "DELETE", &format!("/v1/paper-codes/{id}")).await.status, 204);
    let live = on_paper(city, &license).await;
    offline::publish(&city.service).await.expect("published");
    let request = Request::get("/s/1").header("accept", "application/statuslist+cwt");
    let cwt = city.send(request.body(Body::empty()).expect("a request")).await.bytes;
    let keep = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).expect("written");
    keep("list.cwt", &cwt);
    keep("list.jwt", &public(city, "/s/1").await);
    keep("bundle.jwt", token.as_bytes());
    keep("key.json", &public(city, "/v1/verifier-bundle/key").await);
    keep("live.digits", text(&live, "digits").as_bytes());
    keep("ended.digits", text(&ended, "digits").as_bytes());
    keep("sheet.pdf", &STANDARD.decode(text(&live, "sheet_pdf")).expect("base64"));
    city.clock.forward(Duration::from_secs(60));
    keep("bundle.jwt", &public(city, "/v1/verifier-bundle").await);
}

/// Enrols a device as its script does.
pub async fn enrol(city: &City, who: &Person, key: &PrivateKey) -> (Value, Value) {
    let challenge = city.post(who, "/v1/devices:challenge", &json!({})).await.json();
    let challenge = text(&challenge, "challenge").to_owned();
    let signature = fixed_signature(&key.sign(challenge.as_bytes()).expect("signed")).expect("a signature");
    let request = json!({
        "label": "我的手机", "spki": STANDARD.encode(key.spki()), "challenge": challenge,
        "signature": STANDARD.encode(signature),
    });
    let answer = city.post(who, "/v1/devices", &request).await;
    assert_eq!(answer.status, 201, "{}", answer.json());
    (answer.json(), request)
}

#[tokio::test]
async fn a_phone_shows_a_code_that_its_own_key_signs_until_it_is_withdrawn() {
    let city = City::start().await;
    let license = city.permit(&city.active_seal().await, "key").await;
    offline::publish(&city.service).await.expect("published");
    let key = PrivateKey::from_pkcs8(&PrivateKey::generate_pkcs8(Suite::P256).expect("a key")).expect("ours");
    let (device, request) = enrol(&city, &city.holder, &key).await;
    let refused = |answer: &crate::service::Answer| (answer.status.as_u16(), answer.code());
    // The same key again, a challenge of somebody else, another signature, a challenge that is too old.
    let again = city.post(&city.holder, "/v1/devices", &request).await;
    assert_eq!(refused(&again), (409, "device.known".to_owned()));
    let other = city.person("holder", json!({ "holder": "91990102MA7YQX032J" })).await;
    let answer = city.post(&other, "/v1/devices", &request).await;
    assert_eq!(faults(&answer), [("/challenge".to_owned(), "device.challenge".to_owned())]);
    let mut twin = request.clone();
    let mut signature = STANDARD.decode(text(&request, "signature")).expect("base64");
    signature[5] ^= 1;
    twin["signature"] = STANDARD.encode(signature).into();
    let answer = city.post(&city.holder, "/v1/devices", &twin).await;
    assert_eq!(faults(&answer), [("/signature".to_owned(), "device.signature".to_owned())]);
    city.clock.forward(Duration::from_secs(301));
    let answer = city.post(&city.holder, "/v1/devices", &request).await;
    assert_eq!(faults(&answer), [("/challenge".to_owned(), "device.challenge".to_owned())]);

    let wish = json!({ "device": device["id"], "fields": ["operator"] });
    let answer = city.post(&other, &path(&license, "phone-codes"), &wish).await;
    assert_eq!(refused(&answer), (404, "license.unknown".to_owned()));
    let answer = city.post(&city.holder, &path(&license, "phone-codes"), &wish).await;
    assert_eq!(answer.status, 201, "{}", answer.json());
    let made = answer.json();
    assert!(made["purpose_bytes"].as_u64().expect("a number") >= 18);
    let code = STANDARD.decode(text(&made, "code")).expect("base64");
    let show = |at| on_phone(&code, &prove(&code, at, "入驻审核", &key).expect("signed")).expect("fits");
    let digits = show(city.clock.now());
    let online = check(&city, &digits).await;
    assert_eq!((text(&online, "verdict"), text(&online["code"], "medium")), ("passed", "phone"), "{online}");
    assert_eq!((&online["code"]["license"], &online["code"]["purpose"]), (&Value::Null, &json!("入驻审核")));
    let carried = bundle(&city).await;
    assert_eq!(carried.check(&digits, city.clock.now()).verdict, Verdict::Passed);
    // Used once; the very same showing a second time is told.
    let using = json!({ "code": digits, "matter": "入驻" });
    let mut compared = using.clone();
    compared["compared"] = json!(true);
    let answer = city.post(&city.clerk, "/v1/offline-codes:use", &compared).await;
    assert_eq!(faults(&answer), [("/compared".to_owned(), "paper_use.not_paper".to_owned())]);
    assert_eq!(city.post(&city.clerk, "/v1/offline-codes:use", &using).await.json()["verdict"], "passed");
    let twice = city.post(&city.clerk, "/v1/offline-codes:use", &using).await.json();
    assert_eq!(twice["verdict"], "indeterminate");
    assert!(findings(&twice).contains(&"offline.shown_before".to_owned()));
    // Copied, it is stale after 90 seconds; without a proof it is nothing.
    city.clock.forward(Duration::from_secs(92));
    assert!(findings(&check(&city, &digits).await).contains(&"offline.proof_stale".to_owned()));
    let stranger =
        PrivateKey::from_pkcs8(&PrivateKey::generate_pkcs8(Suite::P256).expect("a key")).expect("ours");
    let forged = prove(&code, city.clock.now(), "入驻审核", &stranger).expect("signed");
    let forged = on_phone(&code, &forged).expect("fits");
    assert!(findings(&check(&city, &forged).await).contains(&"offline.proof_forged".to_owned()));

    // Lost: withdrawn, and no code of it is taken any more.
    let address = format!("/v1/devices/{}", text(&device, "id"));
    assert_eq!(city.call(&other, "DELETE", &address).await.code(), "device.unknown");
    assert_eq!(city.call(&city.holder, "DELETE", &address).await.status, 204);
    assert_eq!(city.call(&city.holder, "DELETE", &address).await.code(), "device.withdrawn");
    let digits = show(city.clock.now());
    assert!(findings(&check(&city, &digits).await).contains(&"offline.status_ended".to_owned()));
    let answer = city.post(&city.holder, &path(&license, "phone-codes"), &wish).await;
    assert_eq!(refused(&answer), (409, "device.withdrawn".to_owned()));
    let list = city.get(&city.holder, "/v1/devices").await.json();
    assert!(!list["items"][0]["withdrawn_at"].is_null(), "{list}");
}
