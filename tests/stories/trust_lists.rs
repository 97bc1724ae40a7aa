//! Two cities, each behind its own API with its own keys: one publishes whom it vouches for, the other takes it.

use crate::city::{City, Person, findings};
use crate::service::Answer;
use axum::body::Body;
use axum::http::Request;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use yinzheng::adapters::clock::SystemClock;
use yinzheng::adapters::keys::{NewKeySet, Passphrase, SoftwareKeys};
use yinzheng::adapters::random::SystemRandom;
use yinzheng::app::trust_list::publish;
use yinzheng::config::{PassphraseFrom, TrustListConfig};
use yinzheng::crypto::{Suite, sha256};
use yinzheng::domain::trust_list::{Names, Territory};
use yinzheng::ports::clock::Clock;

const THERE: &str = "990100";
const HERE: &str = "990200";

/// A city with key sets of its own in this directory, which publishes for a place.
async fn city(directory: &Path, territory: &str) -> City {
    let passphrase = directory.join("passphrase");
    std::fs::write(&passphrase, "correct horse battery\n").expect("written");
    let random = std::sync::Arc::new(SystemRandom);
    let keys =
        SoftwareKeys::open(directory, Passphrase::from_file(&passphrase).expect("one"), random.clone());
    let keys = keys.expect("a key directory");
    for suite in Suite::ALL {
        let name = if territory == THERE { "云山市" } else { "川南市" };
        let now = SystemClock.now();
        let new = NewKeySet { directory, suite, name, development: true, public_url: None, now };
        new.make(&keys, random.as_ref()).expect("a key set");
    }
    let names = |zh: &str, en: &str| Names { zh: zh.into(), en: en.into() };
    City::with(|config| {
        config.keys.set = directory.to_owned();
        config.keys.passphrase = PassphraseFrom::File(passphrase);
        config.trust_list = Some(TrustListConfig {
            territory: Territory::parse(territory).expect("a code"),
            place: names("云山市", "Yunshan"),
            operator: names("云山市政务服务局", "Yunshan Services"),
        });
    })
    .await
}

async fn bring(city: &City, who: &Person, territory: &str, media: &str, bytes: &[u8]) -> Answer {
    let request = Request::post(format!("/v1/trust-lists/{territory}/versions"))
        .header("authorization", format!("Bearer {}", who.token))
        .header("content-type", media);
    city.send(request.body(Body::from(bytes.to_vec())).expect("a request")).await
}

async fn open_to_all(city: &City, path: &str) -> Answer {
    city.send(Request::get(path).body(Body::empty()).expect("a request")).await
}

const LIST: &str = "application/pkcs7-mime";

#[tokio::test(flavor = "multi_thread")]
async fn a_city_takes_the_list_of_another_and_recognises_its_seals() {
    let (their_keys, our_keys) = (tempfile::tempdir().expect("one"), tempfile::tempdir().expect("one"));
    let (there, here) = (city(their_keys.path(), THERE).await, city(our_keys.path(), HERE).await);
    assert_eq!(open_to_all(&there, "/pki/trust-list.p7m").await.code(), "trust_list.not_published");
    publish::run_if_due(&there.service).await.expect("published").expect("a first one");

    // There: a license is sealed, and the list is published to all.
    let seal = there.active_seal().await;
    let order = there.order("business-license", &seal);
    let license = there.post_once(&there.department, "/v1/licenses", "key", &order).await;
    assert_eq!(license.status, 201, "{}", license.json());
    let license = license.json();
    let pdf = there.file(&license).await;
    let ofd = format!("/v1/licenses/{}/file?format=ofd", license["id"].as_str().expect("an id"));
    let ofd = there.get(&there.department, &ofd).await.bytes;
    let list = open_to_all(&there, "/pki/trust-list.p7m").await;
    let signer = open_to_all(&there, "/pki/trust-list.cer").await;
    assert_eq!((list.status.as_u16(), signer.status.as_u16()), (200, 200));
    let plain = open_to_all(&there, "/pki/trust-list.json").await.json();
    assert_eq!((&plain["sequence"], &plain["territory"]["code"]), (&json!(1), &json!(THERE)));
    assert_eq!(plain["entries"].as_array().expect("a list").len(), 7);

    // Here: nobody known; two operators say who signs; the list is taken.
    let unknown = here.verify(pdf.clone()).await.json();
    assert_eq!(unknown["verdict"], "indeterminate");
    assert!(findings(&unknown).contains(&"chain.unknown_root".to_owned()), "{unknown}");
    let wish = json!({
        "territory": THERE, "name_zh": "云山市", "name_en": "Yunshan", "signer": STANDARD.encode(&signer.bytes),
    });
    let pinned = here.post(&here.operator, "/v1/trust-lists", &wish).await;
    assert_eq!((pinned.status.as_u16(), &pinned.json()["state"]), (201, &json!("waiting")));
    assert_eq!(here.post(&here.operator, "/v1/trust-lists", &wish).await.code(), "trust_list.signer_known");
    let fingerprint = pinned.json()["sha256"].as_str().expect("a digest").to_owned();
    assert_eq!(fingerprint, hex::encode(sha256(&signer.bytes)));
    let path = format!("/v1/trust-lists/{THERE}/signers/{fingerprint}");
    let early = bring(&here, &here.operator, THERE, LIST, &list.bytes).await;
    assert_eq!((early.status.as_u16(), early.code().as_str()), (409, "trust_list.not_confirmed"));
    let alone = here.call(&here.operator, "POST", &format!("{path}/confirm")).await;
    assert_eq!((alone.status.as_u16(), alone.code().as_str()), (403, "trust_list.second_person_needed"));
    let second = here.person("operator", json!({})).await;
    let confirmed = here.call(&second, "POST", &format!("{path}/confirm")).await;
    assert_eq!((confirmed.status.as_u16(), &confirmed.json()["state"]), (200, &json!("trusted")));
    let taken = bring(&here, &here.operator, THERE, LIST, &list.bytes).await;
    assert_eq!((taken.status.as_u16(), &taken.json()["known"]), (200, &json!(false)), "{}", taken.json());
    for file in [&pdf, &ofd] {
        let report = here.verify(file.clone()).await.json();
        assert_eq!(report["verdict"], "passed", "{report}");
        let found = report["findings"].as_array().expect("a list");
        let by = found.iter().find(|finding| finding["code"] == "recognition.by").expect("named");
        let said = by["details"]["zh"].as_str().expect("a text");
        assert!(said.contains("云山市（990100）信任列表第 1 版"), "{by}");
    }

    // The bad ways, each with its status.
    for (territory, media, bytes, status, code) in [
        (THERE, LIST, b"{}".to_vec(), 422, "trust_list.not_signed"),
        (THERE, "application/json", b"{}".to_vec(), 415, "request.media_type"),
        ("990300", LIST, list.bytes.clone(), 404, "trust_list.unknown_territory"),
        ("x", LIST, list.bytes.clone(), 404, "trust_list.unknown_territory"),
        (THERE, LIST, vec![0; (4 << 20) + 1], 413, "request.too_large"),
    ] {
        let answer = bring(&here, &here.operator, territory, media, &bytes).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code));
    }
    let again = bring(&here, &here.operator, THERE, "application/octet-stream", &list.bytes).await;
    assert_eq!(again.json()["known"], true);
    let versions = here.get(&here.auditor, &format!("/v1/trust-lists/{THERE}/versions")).await.json();
    assert_eq!(versions["items"].as_array().expect("a list").len(), 1);
    let shown = open_to_all(&here, "/v1/trust-lists").await.json();
    assert_eq!(shown["items"][0]["version"]["sequence"], 1);
    assert_eq!(shown["items"][0]["entries"].as_array().expect("a list").len(), 7);
    assert!(!shown.to_string().contains("operator-"), "who did it is for the audit trail");
    let lines = here.audit(THERE).await;
    assert!(lines.iter().any(
        |(who, what, how)| (who, what.as_str(), how.as_str()) == (&second.id, "trust_list.confirm", "ok")
    ));

    // Trust is taken away.
    let ended = here.call(&here.operator, "POST", &format!("{path}/end")).await;
    assert_eq!((ended.status.as_u16(), &ended.json()["state"]), (200, &json!("ended")));
    assert_eq!(here.verify(pdf).await.json()["verdict"], "indeterminate");
}

#[tokio::test(flavor = "multi_thread")]
async fn our_list_is_asked_for_by_its_mark() {
    let keys = tempfile::tempdir().expect("one");
    let there = city(keys.path(), THERE).await;
    publish::run_if_due(&there.service).await.expect("published").expect("a first one");
    use tower::ServiceExt;
    let ask = async |path: &str, mark: &str| {
        let request =
            Request::get(path).header("if-none-match", mark).body(Body::empty()).expect("a request");
        let response = there.router.clone().oneshot(request).await.expect("an answer");
        let mark = response.headers().get("etag").and_then(|mark| mark.to_str().ok()).map(str::to_owned);
        (response.status().as_u16(), mark.expect("a mark"))
    };
    for path in ["/pki/trust-list.p7m", "/pki/sm2-trust-list.p7m", "/pki/trust-list.json"] {
        let (status, mark) = ask(path, "\"other\"").await;
        assert_eq!(status, 200);
        assert_eq!(ask(path, &mark).await, (304, mark.clone()));
        assert_eq!(ask(path, &format!("\"x\", W/{mark}")).await.0, 304);
    }
}

/// The offline command recognises by a list that it is given, with its signer.
#[tokio::test(flavor = "multi_thread")]
async fn the_command_recognises_by_a_list() {
    let (their_keys, place) = (tempfile::tempdir().expect("one"), tempfile::tempdir().expect("one"));
    let there = city(their_keys.path(), THERE).await;
    publish::run_if_due(&there.service).await.expect("published").expect("a first one");
    let seal = there.active_seal().await;
    let license = there.permit(&seal, "key").await;
    let keep = |name: &str, bytes: &[u8]| std::fs::write(place.path().join(name), bytes).expect("written");
    keep("license.pdf", &there.file(&license).await);
    keep("list.p7m", &open_to_all(&there, "/pki/trust-list.p7m").await.bytes);
    keep("sm2.p7m", &open_to_all(&there, "/pki/sm2-trust-list.p7m").await.bytes);
    keep("signer.cer", &open_to_all(&there, "/pki/trust-list.cer").await.bytes);
    let dev = Path::new(env!("CARGO_MANIFEST_DIR")).join("keys-dev/roots.pem");
    let verify = |more: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_yinzheng"))
            .args(["verify", "license.pdf", "--json", "--trust"])
            .arg(&dev)
            .args(more)
            .current_dir(place.path())
            .output()
            .expect("the program runs");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        (output.status.code(), report["verdict"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(verify(&[]), (Some(3), "indeterminate".into()));
    let with = ["--trust-list", "list.p7m", "--trust-list-signer", "signer.cer"];
    assert_eq!(verify(&with), (Some(0), "passed".into()));
    assert_eq!(verify(&["--trust-list", "sm2.p7m", "--trust-list-signer", "signer.cer"]).0, Some(2));
    assert_eq!(verify(&with[..2]).0, Some(2), "a list without its signer");
    let show = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_yinzheng"))
            .args(["trust-list", "show"])
            .args(arguments)
            .current_dir(place.path())
            .output()
            .expect("the program runs");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (status, said) = show(&["list.p7m", "--signer", "signer.cer"]);
    assert!(status == Some(0) && said.contains("(990100), version 1,"), "{said}");
    assert!(said.contains("seal-maker") && !said.contains("not compared"), "{said}");
    assert!(show(&["sm2.p7m"]).1.contains("not compared"));
    assert_eq!(show(&["sm2.p7m", "--signer", "signer.cer"]), (Some(1), String::new()));
    assert_eq!(show(&["license.pdf"]).0, Some(1));
}

/// Brings a revocation list.
async fn bring_crl(city: &City, who: &Person, territory: &str, der: &[u8]) -> Answer {
    let request = Request::post(format!("/v1/trust-lists/{territory}/crls"))
        .header("authorization", format!("Bearer {}", who.token))
        .header("content-type", "application/pkix-crl");
    city.send(request.body(Body::from(der.to_vec())).expect("a request")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_revoked_there_between_two_lists_is_known_here_when_its_revocation_list_is_brought() {
    let (their_keys, our_keys) = (tempfile::tempdir().expect("one"), tempfile::tempdir().expect("one"));
    let (there, here) = (city(their_keys.path(), THERE).await, city(our_keys.path(), HERE).await);
    let seal = there.active_seal().await;
    let license = there.permit(&seal, "key").await;
    let file = there.file(&license).await;
    publish::run_if_due(&there.service).await.expect("published").expect("a first one");
    let list = open_to_all(&there, "/pki/trust-list.p7m").await.bytes;
    let signer = open_to_all(&there, "/pki/trust-list.cer").await.bytes;
    let old = open_to_all(&there, "/crl/seal-ca.crl").await.bytes;
    let told = |answer: Answer| (answer.status.as_u16(), answer.code());
    let refused = |status, code: &str| (status, code.to_owned());
    let nowhere = told(bring_crl(&here, &here.operator, THERE, &old).await);
    assert_eq!(nowhere, refused(404, "trust_list.unknown_territory"));

    let wish = json!({
        "territory": THERE, "name_zh": "云山市", "name_en": "Yunshan", "signer": STANDARD.encode(&signer),
    });
    assert_eq!(here.post(&here.operator, "/v1/trust-lists", &wish).await.status, 201);
    let second = here.person("operator", json!({})).await;
    let confirm = format!("/v1/trust-lists/{THERE}/signers/{}/confirm", hex::encode(sha256(&signer)));
    assert_eq!(here.call(&second, "POST", &confirm).await.status, 200);
    assert_eq!(bring(&here, &here.operator, THERE, LIST, &list).await.status, 200);
    assert_eq!(here.verify(file.clone()).await.json()["verdict"], "passed");

    // There the seal turns out to be void; here nobody knows before the revocation list comes.
    there.clock.forward(std::time::Duration::from_secs(2));
    assert_eq!(there.act_by_two(&seal, "void").await.json()["state"], "void");
    let new = open_to_all(&there, "/crl/seal-ca.crl").await.bytes;
    assert_ne!(new, old);
    assert_eq!(here.verify(file.clone()).await.json()["verdict"], "passed");
    here.clock.forward(std::time::Duration::from_secs(10));
    let stranger = open_to_all(&here, "/crl/seal-ca.crl").await.bytes;
    let mut twin = new.clone();
    let last = twin.len() - 1;
    twin[last] ^= 1;
    for (who, bytes, expected) in [
        (&here.department, &new, refused(403, "caller.wrong_role")),
        (&here.operator, &stranger, refused(422, "trust_list.crl_of_nobody")),
        (&here.operator, &twin, refused(422, "trust_list.crl_of_nobody")),
        (&here.operator, &list, refused(422, "trust_list.crl_unreadable")),
    ] {
        assert_eq!(told(bring_crl(&here, who, THERE, bytes).await), expected);
    }
    assert_eq!(here.verify(file.clone()).await.json()["verdict"], "passed", "nothing was taken");
    let taken = bring_crl(&here, &here.operator, THERE, &new).await;
    assert_eq!(taken.status, 200, "{}", taken.json());
    let report = here.verify(file).await.json();
    assert_eq!(report["verdict"], "failed", "{report}");
    assert!(findings(&report).contains(&"chain.revoked".to_owned()), "{report}");
    for before in [&new, &old] {
        let again = told(bring_crl(&here, &here.operator, THERE, before).await);
        assert_eq!(again, refused(409, "trust_list.crl_not_newer"));
    }
    let lines = here.audit(THERE).await;
    for outcome in ["ok", "trust_list.crl_of_nobody", "trust_list.crl_not_newer"] {
        let line = (here.operator.id.clone(), "trust_list.take_crl".to_owned(), outcome.to_owned());
        assert!(lines.contains(&line), "{line:?}: {lines:?}");
    }
}
