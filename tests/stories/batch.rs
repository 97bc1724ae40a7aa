//! Many licenses: in one call, and in lists.

use crate::city::{City, PERMIT, faults};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn item(key: &str, license: &Value) -> Value {
    json!({ "key": key, "license": license })
}

#[tokio::test]
async fn each_item_has_its_own_outcome_and_lists_go_on_by_cursor() {
    let city = City::start().await;
    let seal = city.active_seal().await;
    let good = city.order(PERMIT, &seal);
    let mut faulty = good.clone();
    faulty["data"]["credit_code"] = json!("91990102MA7YQX031X");
    faulty["data"].as_object_mut().expect("an object").remove("premises");
    let mut unknown = good.clone();
    unknown["kind"] = json!("flying-permit");
    let items = [
        item("a", &good),
        item("b", &faulty),
        item("c", &good),
        item("d", &unknown),
        item("e", &good),
        item("f", &good),
        item("g", &good),
    ];
    let answer = city.post(&city.department, "/v1/licenses:batch", &json!({ "items": items })).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    let outcomes = answer.json()["items"].as_array().expect("outcomes").clone();
    let keys: Vec<_> = outcomes.iter().map(|outcome| outcome["key"].as_str().expect("a key")).collect();
    assert_eq!(keys, ["a", "b", "c", "d", "e", "f", "g"]);
    for (index, outcome) in outcomes.iter().enumerate() {
        let failed = matches!(index, 1 | 3);
        assert_eq!(outcome["license"].is_null(), failed, "{outcome}");
        assert_eq!(outcome["problem"].is_null(), !failed, "{outcome}");
    }
    let codes: BTreeSet<_> = outcomes[1]["problem"]["errors"]
        .as_array()
        .expect("faults")
        .iter()
        .map(|fault| (fault["pointer"].as_str().expect("a pointer"), fault["code"].as_str().expect("a code")))
        .collect();
    let expected = [("/data/credit_code", "field.credit_code_check"), ("/data/premises", "field.required")];
    assert_eq!(codes, BTreeSet::from(expected));
    assert_eq!(outcomes[3]["problem"]["code"], "kind.unknown");

    // Repeated: those that succeeded are the same ones; nothing is doubled.
    let again = city.post(&city.department, "/v1/licenses:batch", &json!({ "items": items })).await.json();
    for (before, after) in outcomes.iter().zip(again["items"].as_array().expect("outcomes")) {
        assert_eq!(before["license"]["id"], after["license"]["id"]);
    }

    // Listed by cursor, newest first, each once; a cursor from nowhere is refused.
    let mut seen = Vec::new();
    let mut pages = 0;
    let mut address = "/v1/licenses?limit=2".to_owned();
    loop {
        let page = city.get(&city.department, &address).await.json();
        seen.extend(page["items"].as_array().expect("a list").iter().map(|license| license["id"].clone()));
        pages += 1;
        let Some(next) = page["next"].as_str() else { break };
        address = format!("/v1/licenses?limit=2&after={next}");
    }
    let issued: BTreeSet<_> =
        outcomes.iter().filter_map(|outcome| outcome["license"]["id"].as_str()).collect();
    let listed: BTreeSet<_> = seen.iter().filter_map(Value::as_str).collect();
    assert_eq!((seen.len(), pages, listed), (5, 3, issued));
    let refused = city.get(&city.department, "/v1/licenses?after=AAAA").await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (400, "request.cursor"));
    // The holder sees the same ones, another holder none.
    let own = city.get(&city.holder, "/v1/licenses").await.json();
    assert_eq!(own["items"].as_array().expect("a list").len(), 5);
    let other = city.person("holder", json!({ "holder": "91990102MA7YQX032J" })).await;
    assert_eq!(city.get(&other, "/v1/licenses").await.json()["items"], json!([]));
}

#[tokio::test]
async fn an_item_of_the_wrong_shape_leaves_the_others_alone() {
    let city = City::start().await;
    let seal = city.active_seal().await;
    let good = city.order(PERMIT, &seal);
    let with = |change: &dyn Fn(&mut Value)| {
        let mut order = good.clone();
        change(&mut order);
        order
    };
    let faulty = [
        with(&|order| {
            order["seal"] = json!("123");
            order["colour"] = json!("red");
            order.as_object_mut().expect("an object").remove("kind");
        }),
        with(&|order| order["data"]["signatory"] = json!("沈\u{7}亦舟")),
        with(&|order| order["data"] = json!([])),
        json!("a license"),
    ];
    let expected: [&[(&str, &str)]; 4] = [
        &[("/colour", "body.unknown_field"), ("/kind", "body.required"), ("/seal", "body.pattern")],
        &[("/data/signatory", "body.control_character")],
        &[("/data", "body.wrong_type")],
        &[("", "body.wrong_type")],
    ];
    let mut items = vec![item("good-1", &good)];
    items.extend(faulty.iter().enumerate().map(|(n, order)| item(&format!("faulty-{n}"), order)));
    items.push(item("good-2", &good));
    let answer = city.post(&city.department, "/v1/licenses:batch", &json!({ "items": items })).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    let outcomes = answer.json()["items"].as_array().expect("outcomes").clone();
    assert_eq!(outcomes.len(), 6);
    for good in [&outcomes[0], &outcomes[5]] {
        assert!(good["license"]["id"].is_string() && good["problem"].is_null(), "{good}");
    }
    for (outcome, expected) in outcomes[1..5].iter().zip(expected) {
        assert!(outcome["license"].is_null(), "{outcome}");
        let problem = &outcome["problem"];
        assert_eq!((&problem["status"], &problem["code"]), (&json!(422), &json!("request.invalid")));
        let mut found: Vec<_> = problem["errors"]
            .as_array()
            .expect("faults")
            .iter()
            .map(|fault| (fault["pointer"].as_str().expect("it"), fault["code"].as_str().expect("it")))
            .collect();
        found.sort_unstable();
        assert_eq!(found, expected);
    }
    // The same member twice is its item's fault too.
    let twice = json!({ "items": [item("good-3", &good), item("twice", &good)] }).to_string();
    let at = twice.rfind("\"kind\"").expect("the second one");
    let twice = format!("{}\"kind\":\"x\",{}", &twice[..at], &twice[at..]);
    let answer = city.post_raw(&city.department, "/v1/licenses:batch", None, twice.into_bytes()).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    assert!(answer.json()["items"][0]["license"]["id"].is_string());
    assert_eq!(answer.json()["items"][1]["problem"]["errors"][0]["pointer"], "/kind");
    // The key of what was no order is still free.
    let fixed = json!({ "items": [item("faulty-0", &good)] });
    let answer = city.post(&city.department, "/v1/licenses:batch", &fixed).await.json();
    assert!(answer["items"][0]["license"]["id"].is_string(), "{answer}");
}

#[tokio::test]
async fn a_batch_that_is_none_is_refused_whole() {
    let city = City::start().await;
    let seal = city.active_seal().await;
    let good = city.order(PERMIT, &seal);
    let before = city.written().await;
    let many: Vec<_> = (0..101).map(|n| item(&n.to_string(), &good)).collect();
    for (items, pointer, code) in [
        (many, "/items", "body.too_many"),
        (Vec::new(), "/items", "body.too_few"),
        (vec![item("a", &good), item("b", &good), item("a", &good)], "/items/2/key", "batch.key_repeated"),
        (vec![item("a", &good), item("", &good)], "/items/1/key", "body.pattern"),
        (vec![item("a", &good), json!({ "key": "b" })], "/items/1/license", "body.required"),
    ] {
        let answer = city.post(&city.department, "/v1/licenses:batch", &json!({ "items": items })).await;
        assert_eq!(answer.status, 422, "{}", answer.json());
        assert_eq!(faults(&answer), [(pointer.to_owned(), code.to_owned())]);
    }
    assert_eq!(city.written().await, before);
}
