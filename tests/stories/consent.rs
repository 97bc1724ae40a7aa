//! What the holder sees of every use, and "this was not me".

use crate::city::{City, HOLDER, faults, path};
use serde_json::{Value, json};

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
    assert_eq!(city.post(&city.operator, "/v1/disputes/none/answer", &answer).await.code(), "use.not_disputed");
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
