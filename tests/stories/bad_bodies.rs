//! Bodies that are not what they should be: each a clear problem, every fault at once, nothing written.

use crate::city::{City, PERMIT, faults};
use serde_json::{Value, json};

#[tokio::test]
async fn every_fault_of_a_body_is_told_at_once_with_its_place() {
    let city = City::start().await;
    let seal = city.active_seal().await;
    let before = city.written().await;
    let refused = async |order: &Value| {
        let answer = city.post_once(&city.department, "/v1/licenses", "key", order).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (422, "request.invalid"));
        faults(&answer)
    };
    let list = |faults: &[(&str, &str)]| -> Vec<(String, String)> {
        faults.iter().map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned())).collect()
    };

    // The shape.
    let mut shape = city.order(PERMIT, "123");
    shape["kind"] = json!(7);
    shape["colour"] = json!("red");
    let expected =
        [("/colour", "body.unknown_field"), ("/kind", "body.wrong_type"), ("/seal", "body.pattern")];
    assert_eq!(refused(&shape).await, list(&expected));

    // The kind's own rules.
    let mut business = city.order("business-license", &seal);
    let dates = |name: &str| business["data"][name].is_string();
    assert!(dates("established_on"), "the kind has the field this is about");
    business["data"]["established_on"] = json!("2999-01-01");
    business["data"]["credit_code"] = json!("91990102MA7YQX031X");
    business["data"]["nickname"] = json!("小茶");
    business["data"]["name"] = json!(["景川市云栖茶业有限公司"]);
    let expected = [
        ("/data/credit_code", "field.credit_code_check"),
        ("/data/established_on", "field.date_in_future"),
        ("/data/name", "field.wrong_type"),
        ("/data/nickname", "field.unknown"),
    ];
    assert_eq!(refused(&business).await, list(&expected));

    // A character that no font has is named, and not drawn as a box.
    let mut rare = city.order(PERMIT, &seal);
    rare["data"]["legal_representative"] = json!("林\u{2EBE0}微");
    assert_eq!(refused(&rare).await, list(&[("/data/legal_representative", "face.missing_glyph")]));
    rare["data"]["credit_code"] = json!("91990102MA7YQX031X");
    let expected = [
        ("/data/credit_code", "field.credit_code_check"),
        ("/data/legal_representative", "face.missing_glyph"),
    ];
    assert_eq!(refused(&rare).await, list(&expected));
    assert_eq!(city.written().await, before);

    // The twin.
    let twin = city.order("business-license", &seal);
    let answer = city.post_once(&city.department, "/v1/licenses", "key", &twin).await;
    assert_eq!(answer.status, 201, "{}", answer.json());
}

#[tokio::test]
async fn what_is_not_a_request_is_refused_and_writes_nothing() {
    let city = City::start().await;
    let seal = city.active_seal().await;
    let before = city.written().await;
    let good = city.order(PERMIT, &seal).to_string();
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    let long = format!("{{\"kind\":\"{}\"}}", "a".repeat(1024 * 1024));
    let with_control = good.replace("沈亦舟", "沈\\u0007亦舟");
    let turned = good.replace("沈亦舟", "沈\u{202E}亦舟");
    let twice = good.replacen('{', "{\"kind\":\"business-license\",", 1);
    let cases: [(&str, Vec<u8>, u16, &str); 9] = [
        ("too large", long.into_bytes(), 413, "request.too_large"),
        ("too deep", format!("{{\"data\":{deep}}}").into_bytes(), 400, "request.too_deep"),
        ("cut", good.as_bytes()[..good.len() - 1].to_vec(), 400, "request.not_json"),
        ("followed by more", format!("{good}x").into_bytes(), 400, "request.not_json"),
        ("not UTF-8", vec![b'"', 0xff, b'"'], 400, "request.not_json"),
        ("empty", Vec::new(), 400, "request.not_json"),
        ("control character", with_control.into_bytes(), 422, "body.control_character"),
        ("turned writing", turned.into_bytes(), 422, "body.control_character"),
        ("a member twice", twice.into_bytes(), 422, "body.duplicate_key"),
    ];
    for (name, body, status, code) in cases {
        let answer = city.post_raw(&city.department, "/v1/licenses", Some("key"), body).await;
        let found = faults(&answer);
        let named = answer.code() == code || found.iter().any(|(_, fault)| fault == code);
        assert!(answer.status == status && named, "{name}: {} {}", answer.status, answer.json());
    }
    for (key, code) in [(None, "request.header_missing"), (Some("a b"), "request.header_form")] {
        let answer = city.post_raw(&city.department, "/v1/licenses", key, good.clone().into_bytes()).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, code));
    }
    let form = axum::http::Request::post("/v1/licenses")
        .header("authorization", format!("Bearer {}", city.department.token))
        .header("idempotency-key", "key")
        .header("content-type", "text/plain");
    let answer = city.send(form.body(good.clone().into()).expect("a request")).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (415, "request.media_type"));
    assert_eq!(city.written().await, before);
    // The twin, under the very key.
    let answer = city.post_raw(&city.department, "/v1/licenses", Some("key"), good.into_bytes()).await;
    assert_eq!(answer.status, 201, "{}", answer.json());
}
