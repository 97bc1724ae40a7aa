//! Grants: a seal used by others than its owner, within what was granted and no further.

use crate::city::{City, PERMIT, Person};
use crate::service::DEPARTMENT;
use serde_json::{Value, json};
use std::time::Duration;

const HALL: &str = "11990000MB0000002Q";
const DAY: Duration = Duration::from_secs(86_400);

/// A city with an administrative service hall, which issues nothing by itself, and a seal.
async fn with_hall() -> (City, Person, String) {
    let city = City::start().await;
    city.bureau(HALL, "administrative-services").await;
    let hall = city.person("department", json!({ "department": HALL })).await;
    let seal = city.active_seal().await;
    (city, hall, seal)
}

async fn grant(city: &City, seal: &str, more: Value) -> Value {
    let answer = city.post(&city.sealer, "/v1/seal-grants", &request(city, seal, more)).await;
    assert_eq!(answer.status, 201, "{}", answer.json());
    answer.json()
}

/// A grant to the hall for ten days; a member that is null in `more` is left out.
fn request(city: &City, seal: &str, more: Value) -> Value {
    let until = city.clock_date(10);
    let mut request = json!({
        "seal": seal, "body": HALL, "kinds": [PERMIT], "until": until, "reason": "委托政务服务中心办理",
    });
    let members = request.as_object_mut().expect("an object");
    members.extend(more.as_object().expect("an object").clone());
    members.retain(|_, value| !value.is_null());
    request
}

async fn issue(city: &City, who: &Person, key: &str, kind: &str, seal: &str, grant: &Value) -> (u16, String) {
    let mut order = city.order(kind, seal);
    order["grant"] = grant["id"].clone();
    let answer = city.post_once(who, "/v1/licenses", key, &order).await;
    (answer.status.as_u16(), answer.code())
}

fn refused(code: &str) -> (u16, String) {
    (403, code.to_owned())
}

#[tokio::test]
async fn a_body_seals_within_its_grant_and_every_use_is_a_line() {
    let (city, hall, seal) = with_hall().await;
    let given = grant(&city, &seal, json!({ "most": 2 })).await;
    assert_eq!((&given["state"], &given["used"]), (&json!("in-force"), &json!(0)));

    let mut order = city.order(PERMIT, &seal);
    // Without the grant it is another body's seal.
    let answer = city.post_once(&hall, "/v1/licenses", "none", &order).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (403, "permit.not_responsible"));
    order["grant"] = given["id"].clone();
    let made = city.post_once(&hall, "/v1/licenses", "one", &order).await;
    assert_eq!(made.status, 201, "{}", made.json());
    let license = made.json();
    assert_eq!(license["issuer"], json!(DEPARTMENT), "it is the owner's license");
    // The same order again is the same license, and no second use.
    let again = city.post_once(&hall, "/v1/licenses", "one", &order).await;
    assert_eq!((again.status.as_u16(), again.json()["id"].clone()), (201, license["id"].clone()));
    // The owner's keys are its own.
    let own = city.post_once(&city.department, "/v1/licenses", "one", &city.order(PERMIT, &seal)).await;
    assert_eq!(own.status, 201);
    assert_ne!(own.json()["id"], license["id"]);
    let report = city.verify(city.file(&license).await).await.json();
    assert_eq!(report["verdict"], "passed", "{report}");

    assert_eq!(issue(&city, &hall, "two", PERMIT, &seal, &given).await.0, 201);
    assert_eq!(issue(&city, &hall, "three", PERMIT, &seal, &given).await, refused("grant.exhausted"));

    let id = given["id"].as_str().expect("an id");
    for who in [&hall, &city.sealer, &city.department, &city.auditor] {
        let uses = city.get(who, &format!("/v1/seal-grants/{id}/uses")).await.json();
        let lines = uses["items"].as_array().expect("a list");
        assert_eq!(lines.len(), 2, "{uses}");
        assert_eq!((&lines[0]["license"], &lines[0]["by"]), (&license["id"], &json!(hall.id)));
        assert_eq!((&lines[0]["kind"], &lines[0]["outcome"]), (&json!(PERMIT), &json!("done")));
    }
    let first = city.get(&hall, &format!("/v1/seal-grants/{id}/uses?limit=1")).await.json();
    let next = first["next"].as_str().expect("more");
    let rest = city.get(&hall, &format!("/v1/seal-grants/{id}/uses?after={next}")).await.json();
    assert_eq!(rest["items"].as_array().map(Vec::len), Some(1), "{rest}");
    let listed = city.get(&hall, "/v1/seal-grants").await.json();
    assert_eq!(
        (&listed["items"][0]["id"], &listed["items"][0]["state"]),
        (&given["id"], &json!("exhausted"))
    );
    let listed = city.get(&city.sealer, &format!("/v1/seal-grants?seal={seal}")).await.json();
    assert_eq!(listed["items"][0]["used"], 2);
    let line = (hall.id.clone(), "license.issue".to_owned(), "ok".to_owned());
    assert!(city.audit(license["id"].as_str().expect("an id")).await.contains(&line));
}

#[tokio::test]
async fn what_lies_beyond_a_grant_is_refused_and_leaves_nothing() {
    let (city, hall, seal) = with_hall().await;
    let later = json!({ "from": city.clock_date(1) });
    let (given, waiting) = (grant(&city, &seal, json!({})).await, grant(&city, &seal, later).await);
    let other_seal = city.active_seal().await;
    let stranger = "11990000MB0000003U";
    city.bureau(stranger, "civil-affairs").await;
    let stranger = city.person("department", json!({ "department": stranger })).await;
    let narrow = json!({ "department": HALL, "kinds": ["business-license"] });
    let narrow = city.person("department", narrow).await;
    let before = city.written().await;

    let unknown = (404, "grant.unknown".to_owned());
    assert_eq!(issue(&city, &stranger, "k", PERMIT, &seal, &given).await, unknown);
    assert_eq!(issue(&city, &city.clerk, "k", PERMIT, &seal, &given).await, unknown);
    assert_eq!(issue(&city, &hall, "k", PERMIT, &seal, &json!({ "id": "0".repeat(32) })).await, unknown);
    let none = city.post_once(&city.clerk, "/v1/licenses", "k", &city.order(PERMIT, &seal)).await;
    assert_eq!((none.status.as_u16(), none.code().as_str()), (403, "permit.role"));
    assert_eq!(issue(&city, &narrow, "k", PERMIT, &seal, &given).await, refused("permit.kind_out_of_scope"));
    assert_eq!(
        issue(&city, &hall, "k", "business-license", &seal, &given).await,
        refused("grant.other_kind")
    );
    assert_eq!(issue(&city, &hall, "k", PERMIT, &other_seal, &given).await, refused("grant.other_seal"));
    assert_eq!(issue(&city, &hall, "k", PERMIT, &seal, &waiting).await, refused("grant.not_begun"));
    city.act_on_seal(&city.sealer, &seal, "suspend").await;
    assert_eq!(issue(&city, &hall, "k", PERMIT, &seal, &given).await, (409, "seal.suspended".to_owned()));
    for who in [&city.sealer, &city.second_sealer] {
        city.act_on_seal(who, &seal, "resume").await;
    }
    assert_eq!(city.written().await.0, before.0);

    // The twin: nothing of that counted, and the grant is good.
    assert_eq!(issue(&city, &hall, "k", PERMIT, &seal, &given).await.0, 201);

    let id = given["id"].as_str().expect("an id");
    let withdraw = format!("/v1/seal-grants/{id}/withdraw");
    let reason = json!({ "reason": "停止委托" });
    assert_eq!(city.post(&city.department, &withdraw, &reason).await.status, 403);
    let ended = city.post(&city.second_sealer, &withdraw, &reason).await.json();
    assert_eq!((&ended["state"], &ended["used"]), (&json!("withdrawn"), &json!(1)), "{ended}");
    let again = city.post(&city.second_sealer, &withdraw, &reason).await;
    assert_eq!((again.status.as_u16(), again.code().as_str()), (409, "grant.withdrawn"));
    assert_eq!(issue(&city, &hall, "x", PERMIT, &seal, &given).await, refused("grant.withdrawn"));
    city.clock.forward(11 * DAY);
    assert_eq!(issue(&city, &hall, "y", PERMIT, &seal, &waiting).await, refused("grant.ended"));
}

#[tokio::test]
async fn a_clerk_uses_a_grant_of_its_own() {
    let (city, hall, seal) = with_hall().await;
    let to_clerk = json!({ "body": null, "credential": city.clerk.id });
    let given = grant(&city, &seal, to_clerk).await;
    assert_eq!(issue(&city, &city.clerk, "c", PERMIT, &seal, &given).await.0, 201);
    assert_eq!(issue(&city, &hall, "c", PERMIT, &seal, &given).await, (404, "grant.unknown".to_owned()));
    let listed = city.get(&city.clerk, "/v1/seal-grants").await.json();
    assert_eq!(listed["items"][0]["id"], given["id"]);
    assert_eq!(city.get(&city.clerk, &format!("/v1/seal-grants?seal={seal}")).await.status, 404);
    let listed = city.get(&hall, "/v1/seal-grants").await.json();
    assert_eq!(listed["items"], json!([]), "{listed}");
}

#[tokio::test]
async fn parallel_calls_do_not_run_over_a_grant() {
    let (city, hall, seal) = with_hall().await;
    let given = grant(&city, &seal, json!({ "most": 3 })).await;
    let keys: Vec<String> = (0..8).map(|n| format!("p{n}")).collect();
    let calls = keys.iter().map(|key| issue(&city, &hall, key, PERMIT, &seal, &given));
    let answers = futures::future::join_all(calls).await;
    assert_eq!(answers.iter().filter(|(status, _)| *status == 201).count(), 3, "{answers:?}");
    let exhausted = answers.iter().filter(|answer| **answer == refused("grant.exhausted")).count();
    assert_eq!(exhausted, 5, "{answers:?}");
}

#[tokio::test]
async fn a_grant_that_makes_no_sense_is_refused_with_every_fault() {
    let (city, _, seal) = with_hall().await;
    let faults = async |more: Value| {
        let answer = city.post(&city.sealer, "/v1/seal-grants", &request(&city, &seal, more)).await;
        assert_eq!(answer.status, 422, "{}", answer.json());
        let faults = answer.json()["errors"].as_array().cloned().unwrap_or_default();
        let text = |fault: &Value, name: &str| fault[name].as_str().unwrap_or_default().to_owned();
        faults.iter().map(|f| format!("{} {}", text(f, "pointer"), text(f, "code"))).collect::<Vec<_>>()
    };
    assert_eq!(faults(json!({ "body": DEPARTMENT })).await, ["/body grant.to_owner"]);
    assert_eq!(faults(json!({ "body": "11990000MB0000009X" })).await, ["/body department.unknown"]);
    let to = |person: &Person| json!({ "body": null, "credential": person.id });
    assert_eq!(faults(to(&city.institution)).await, ["/credential grant.credential_unfit"]);
    assert_eq!(faults(json!({ "credential": city.clerk.id })).await, ["/body grant.one_grantee"]);
    assert_eq!(faults(json!({ "body": null })).await, ["/body grant.one_grantee"]);
    let many = json!({ "kinds": [PERMIT, "no-such-kind", "marriage-certificate"], "until": "2020-01-01" });
    let found = faults(many).await;
    assert_eq!(found[..2], ["/until grant.period_empty", "/kinds/1 kind.unknown"], "{found:?}");
    assert_eq!(faults(json!({ "until": city.clock_date(2_000) })).await, ["/until grant.period_too_long"]);
    assert_eq!(faults(json!({ "kinds": [PERMIT, PERMIT] })).await, ["/kinds grant.kinds"]);
    let theirs = city.person("seal-administrator", json!({ "department": HALL })).await;
    let answer = city.post(&theirs, "/v1/seal-grants", &request(&city, &seal, json!({}))).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (404, "seal.unknown"));
    let listed = city.get(&city.sealer, &format!("/v1/seal-grants?seal={seal}")).await.json();
    assert_eq!(listed["items"], json!([]));
}
