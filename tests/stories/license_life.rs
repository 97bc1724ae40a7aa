//! The life of a license, from its issue to its end.

use crate::city::{City, PERMIT, findings, path};
use serde_json::{Value, json};

fn why(ending: Option<&str>) -> Value {
    match ending {
        Some(ending) => json!({ "ending": ending, "reason": "依当事人申请" }),
        None => json!({ "reason": "依法办理" }),
    }
}

#[tokio::test]
async fn issued_once_read_and_verified() {
    let city = City::start().await;
    let seal = city.active_seal().await;
    let order = city.order(PERMIT, &seal);
    let issue =
        async |key: &str, order: &Value| city.post_once(&city.department, "/v1/licenses", key, order).await;
    let first = issue("key-1", &order).await;
    assert_eq!(first.status, 201, "{}", first.json());
    let license = first.json();
    assert_eq!((&license["state"], &license["standing"]), (&json!("active"), &json!("in-force")));
    assert_eq!(license["data"]["operator"], "景川市云栖茶业有限公司");

    // The same key and body is the same answer, byte for byte; another body is refused, another key is another license.
    let again = issue("key-1", &order).await;
    assert_eq!((again.status, again.bytes), (first.status, first.bytes));
    let mut other = order.clone();
    other["data"]["signatory"] = json!("沈亦帆");
    let reused = issue("key-1", &other).await;
    assert_eq!((reused.status.as_u16(), reused.code().as_str()), (409, "idempotency.key_reused"));
    assert_ne!(issue("key-2", &order).await.json()["id"], license["id"]);

    // Read by the department and by its holder, not by another holder.
    for who in [&city.department, &city.holder] {
        let read = city.get(who, &path(&license, "")[..path(&license, "").len() - 1]).await;
        assert_eq!((read.status.as_u16(), read.json()), (200, license.clone()));
    }
    let stranger = city.person("holder", json!({ "holder": "91990102MA7YQX032J" })).await;
    let read = city.get(&stranger, &path(&license, "file")).await;
    assert_eq!((read.status.as_u16(), read.code().as_str()), (404, "license.unknown"));

    // The file passes; with one byte changed it does not.
    let file = city.file(&license).await;
    let report = city.verify(file.clone()).await.json();
    assert_eq!(report["verdict"], "passed", "{report}");
    assert_eq!(report["license"]["identifier"], license["id"]);
    assert_eq!(report["file_sha256"], license["files"][0]["sha256"]);
    let mut twin = file;
    let middle = twin.len() / 3;
    twin[middle] ^= 1;
    let report = city.verify(twin).await.json();
    assert_eq!(report["verdict"], "failed", "{report}");
}

#[tokio::test]
async fn suspended_resumed_and_its_history() {
    let city = City::start().await;
    let seal = city.active_seal().await;
    let license = city.permit(&seal, "key").await;
    let id = license["id"].as_str().expect("an identifier");
    let act = async |act: &str| city.post(&city.department, &path(&license, act), &why(None)).await;

    let early = act("resume").await;
    assert_eq!((early.status.as_u16(), early.code().as_str()), (409, "license.act_not_allowed"));
    let suspended = act("suspend").await;
    assert_eq!(suspended.json()["state"], "suspended", "{}", suspended.json());
    assert_eq!(suspended.json()["reason"], "依法办理");
    let report = city.verify(city.file(&license).await).await.json();
    assert!(findings(&report).contains(&"status.suspended".into()), "{report}");
    assert_eq!(report["verdict"], "failed");
    assert_eq!(act("resume").await.json()["state"], "active");
    assert_eq!(city.verify(city.file(&license).await).await.json()["verdict"], "passed");

    // Who saw an older state does nothing.
    let stale = json!({ "reason": "依法办理", "revision": license["revision"] });
    let refused = city.post(&city.department, &path(&license, "suspend"), &stale).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (409, "license.changed"));
    // Without a reason nothing is done either.
    let refused = city.post(&city.department, &path(&license, "suspend"), &json!({ "reason": "" })).await;
    assert_eq!(refused.status, 422);

    let history = city.get(&city.holder, &path(&license, "history")).await.json();
    let events = history["events"].as_array().expect("events");
    let whats: Vec<_> = events.iter().map(|event| event["what"].as_str().expect("a name")).collect();
    assert_eq!(whats, ["issued", "suspended", "resumed"]);
    assert!(events.iter().all(|event| event["by"] == city.department.id.as_str()));

    // The auditor retraces each act, the refused ones too.
    let lines = city.audit(id).await;
    let by_department = |action: &str, outcome: &str| {
        lines.contains(&(city.department.id.clone(), action.to_owned(), outcome.to_owned()))
    };
    for (action, outcome) in [
        ("license.issue", "ok"),
        ("license.resume", "license.act_not_allowed"),
        ("license.suspend", "ok"),
        ("license.resume", "ok"),
        ("license.suspend", "license.changed"),
        ("license.read_file", "ok"),
    ] {
        assert!(by_department(action, outcome), "{action} {outcome}: {lines:#?}");
    }
    let read = (city.holder.id.clone(), "license.read_history".to_owned(), "ok".to_owned());
    assert!(lines.contains(&read), "{lines:#?}");
}

#[tokio::test]
async fn amended_the_old_edition_says_so() {
    let city = City::start().await;
    let seal = city.active_seal().await;
    let old = city.permit(&seal, "first").await;
    let mut data = city.order(PERMIT, &seal)["data"].clone();
    data["premises"] = json!("景川市云栖区望江路20号");
    let request = json!({ "seal": seal, "data": data, "reason": "经营场所变更" });
    let amend = async |key: &str, license: &Value| {
        city.post_once(&city.department, &path(license, "amend"), key, &request).await
    };
    let new = amend("second", &old).await;
    assert_eq!(new.status, 201, "{}", new.json());
    assert_eq!(amend("second", &old).await.bytes, new.bytes, "a repetition");
    let new = new.json();
    assert_eq!((&new["edition"], &new["previous"], &new["number"]), (&json!(2), &old["id"], &old["number"]));

    let report = city.verify(city.file(&old).await).await.json();
    assert_eq!(report["verdict"], "failed");
    let superseded = report["findings"].as_array().expect("findings").iter();
    let superseded: Vec<_> = superseded.filter(|finding| finding["code"] == "status.superseded_by").collect();
    assert_eq!(superseded.len(), 1, "{report}");
    let words = superseded[0]["details"]["en"].as_str().expect("a text");
    assert!(words.contains(new["id"].as_str().expect("an identifier")), "{words}");
    assert_eq!(city.verify(city.file(&new).await).await.json()["verdict"], "passed");

    // What has been superseded can be neither amended again nor ended.
    let refused = amend("third", &old).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (409, "license.act_not_allowed"));
    let refused = city.post(&city.department, &path(&old, "end"), &why(Some("revoked"))).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (409, "license.act_not_allowed"));
}

#[tokio::test]
async fn four_ways_to_end() {
    let city = City::start().await;
    let seal = city.active_seal().await;
    for ending in ["cancelled", "annulled", "withdrawn", "revoked"] {
        let license = city.permit(&seal, ending).await;
        let file = city.file(&license).await;
        assert_eq!(city.verify(file.clone()).await.json()["verdict"], "passed", "before");
        let end = async || city.post(&city.department, &path(&license, "end"), &why(Some(ending))).await;
        let ended = end().await.json();
        assert_eq!((&ended["state"], &ended["reason"]), (&json!(ending), &json!("依当事人申请")), "{ended}");
        let report = city.verify(file).await.json();
        assert_eq!(report["verdict"], "failed");
        assert!(findings(&report).contains(&format!("status.{ending}")), "{report}");
        // Ended is ended.
        let again = end().await;
        assert_eq!((again.status.as_u16(), again.code().as_str()), (409, "license.act_not_allowed"));
        let lines = city.audit(license["id"].as_str().expect("an identifier")).await;
        assert!(lines.iter().any(|(_, action, outcome)| action == "license.end" && outcome == "ok"));
    }
    let license = city.permit(&seal, "fifth").await;
    let refused = city.post(&city.department, &path(&license, "end"), &why(Some("deleted"))).await;
    assert_eq!(
        (refused.status.as_u16(), crate::city::faults(&refused)),
        (422, vec![("/ending".to_owned(), "body.not_one_of".to_owned())])
    );
}
