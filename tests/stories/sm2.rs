//! The suite SM2 through the door: asked for by name, everything else as ever.

use crate::city::{City, PERMIT};
use crate::service::DEPARTMENT;
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use yinzheng::crypto::{DigestAlgorithm, Suite};
use yinzheng::formats::tsp::{self, Response};
use yinzheng::formats::x509::{self, crl, pem};

fn wish(suites: &[&str]) -> Value {
    let mut wish = json!({
        "owner_code": DEPARTMENT, "purpose": "license", "purpose_words": "电子证照专用章", "days": 365,
    });
    if !suites.is_empty() {
        wish["suites"] = json!(suites);
    }
    wish
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seal_signs_in_the_suites_that_were_asked_for() {
    let city = City::start().await;
    for (asked, suites) in [
        (vec![], vec!["p256", "sm2"]),
        (vec!["p256"], vec!["p256"]),
        (vec!["sm2"], vec!["sm2"]),
        (vec!["sm2", "p256"], vec!["p256", "sm2"]),
    ] {
        let answer = city.post(&city.sealer, "/v1/seals", &wish(&asked)).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["suites"]), (201, &json!(suites)));
        let seal = answer.json()["code"].as_str().expect("a code").to_owned();
        city.approve_seal(&seal).await;
        let order = city.order(PERMIT, &seal);
        let issued = city.post_once(&city.department, "/v1/licenses", &format!("key-{seal}"), &order).await;
        if suites.contains(&"p256") {
            assert_eq!(issued.status, 201, "{}", issued.json());
        } else {
            let refused = issued.json();
            assert_eq!(
                (issued.status.as_u16(), &refused["code"]),
                (409, &json!("seal.lacks_suite")),
                "{refused}"
            );
        }
    }
    let unknown = city.post(&city.sealer, "/v1/seals", &wish(&["sm9"])).await;
    assert_eq!(unknown.status, 422, "{}", unknown.json());
}

#[tokio::test]
async fn roots_lists_and_time_of_both_suites_are_open_to_all() {
    let city = City::start().await;
    let roots = city.get(&city.auditor, "/pki/roots.pem").await.bytes;
    let roots = pem::x509s_from_pem(&String::from_utf8(roots).expect("text")).expect("PEM");
    let suites: Vec<_> = roots.iter().map(|root| Suite::of_key(x509::spki(root).expect("reads"))).collect();
    assert_eq!(suites, [Some(Suite::P256), Some(Suite::Sm2)]);
    for name in ["root", "seal-ca", "tls-ca", "sm2-root", "sm2-seal-ca", "sm2-tls-ca"] {
        let authority = city.get(&city.auditor, &format!("/pki/{name}.cer")).await.bytes;
        let list = city.get(&city.auditor, &format!("/crl/{name}.crl")).await.bytes;
        assert_eq!(crl::check_issuer(&list, &authority), Ok(()), "{name}");
        let sm2 = Suite::of_key(x509::spki(&authority).expect("reads")) == Some(Suite::Sm2);
        assert_eq!(sm2, name.starts_with("sm2-"), "{name}");
    }
    assert_eq!(city.get(&city.auditor, "/crl/sm2-seal-maker.crl").await.status, 404);

    for suite in Suite::ALL {
        let algorithm = suite.digest_algorithm();
        let query = tsp::request(algorithm, &suite.digest(b"x"), 7);
        let request = Request::post("/tsa").header("content-type", "application/timestamp-query");
        let answer = city.send(request.body(Body::from(query)).expect("a request")).await;
        let Ok(Response::Granted(token)) = tsp::parse_response(&answer.bytes) else { panic!("no token") };
        let facts = tsp::read_token(&token).expect("reads");
        assert!(facts.is_intact() && facts.stamps(b"x") && !facts.stamps(b"y"));
        assert_eq!((facts.algorithm, facts.cms.digest_algorithm), (Some(algorithm), Some(algorithm)));
        let is_sm3 = facts.cms.digest_algorithm == Some(DigestAlgorithm::Sm3);
        assert_eq!(is_sm3, suite == Suite::Sm2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seal_is_exported_and_checked_by_anybody() {
    let city = City::start().await;
    let seal = city.active_seal().await;
    let object = city.get(&city.department, &format!("/v1/seals/{seal}/seal.esl")).await;
    assert_eq!(object.status, 200);
    let report = city.verify(object.bytes.clone()).await.json();
    assert_eq!(report["verdict"], "passed", "{report}");
    let standards = report["findings"].as_array().expect("findings").iter().map(|f| &f["standard"]);
    assert!(standards.clone().any(|standard| *standard == "GB/T 38540-2020"), "{report}");
    // The twin: one byte of the picture changed.
    let mut twin = object.bytes;
    let middle = twin.len() / 3;
    twin[middle] ^= 1;
    let report = city.verify(twin).await.json();
    assert_eq!(report["verdict"], "failed", "{report}");
    let codes: Vec<_> = report["findings"].as_array().expect("findings").iter().map(|f| &f["code"]).collect();
    assert!(codes.contains(&&json!("eseal.maker_signature_wrong")), "{codes:?}");

    // Put out of use, it is genuine still, and no longer to be relied on.
    assert_eq!(city.act_on_seal(&city.sealer, &seal, "suspend").await.status, 200);
    let object = city.get(&city.department, &format!("/v1/seals/{seal}/seal.esl")).await;
    let report = city.verify(object.bytes).await.json();
    assert_eq!(report["verdict"], "failed", "{report}");
    assert!(report.to_string().contains("status.seal_is_not_active"), "{report}");

    let p256 = city.post(&city.sealer, "/v1/seals", &wish(&["p256"])).await.json();
    let code = p256["code"].as_str().expect("a code");
    city.approve_seal(code).await;
    let none = city.get(&city.department, &format!("/v1/seals/{code}/seal.esl")).await;
    assert_eq!((none.status.as_u16(), none.code().as_str()), (404, "seal.no_object"));
}
