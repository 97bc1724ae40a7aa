//! The suite SM2 through the door: asked for by name, everything else as ever.

use crate::city::{City, PERMIT};
use crate::service::DEPARTMENT;
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use yinzheng::crypto::{DigestAlgorithm, Suite};
use yinzheng::formats::tsp::{self, Response};
use yinzheng::formats::x509::{self, crl, pem};

fn wish(suite: Option<&str>) -> Value {
    let mut wish = json!({
        "owner_code": DEPARTMENT, "purpose": "license", "purpose_words": "电子证照专用章", "days": 365,
    });
    if let Some(suite) = suite {
        wish["suite"] = suite.into();
    }
    wish
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seal_is_of_the_suite_that_was_asked_for() {
    let city = City::start().await;
    for (asked, suite) in [(None, "p256"), (Some("p256"), "p256"), (Some("sm2"), "sm2")] {
        let answer = city.post(&city.sealer, "/v1/seals", &wish(asked)).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["suite"]), (201, &json!(suite)));
        let seal = answer.json()["code"].as_str().expect("a code").to_owned();
        assert_eq!(city.act_on_seal(&city.second_sealer, &seal, "approve").await.json()["suite"], suite);
        let license = city.permit(&seal, &format!("asked-{}", asked.unwrap_or("nothing"))).await;
        let report = city.verify(city.file(&license).await).await.json();
        assert_eq!(report["verdict"], "passed", "{report}");
        let rules = report["rules"].as_str().expect("rules");
        assert_eq!(rules.contains("SM2/SM3"), suite == "sm2", "{rules}");
    }
    let order = city.order(PERMIT, "99010099999999");
    assert_eq!(city.post_once(&city.department, "/v1/licenses", "none", &order).await.status, 404);
    let unknown = city.post(&city.sealer, "/v1/seals", &wish(Some("sm9"))).await;
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
