//! County, city and province seal a construction permit together: through the API alone, on both databases.

use crate::city::{City, Person, faults, findings};
use crate::postgres::Postgres;
use futures::future::join_all;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

const KIND: &str = "construction-permit";

/// Who takes part: credit code, place, responsibility.
const BODIES: [(&str, &str, &str, &str); 6] = [
    ("county", "11990102MB7100071W", "990102", "housing-construction"),
    ("city-construction", "11990100MB71000723", "990100", "housing-construction"),
    ("city-planning", "11990100MB71000736", "990100", "natural-resources"),
    ("city-environment", "11990100MB71000749", "990100", "ecology-environment"),
    ("province", "11990000MB71000757", "990000", "housing-construction"),
    ("deputy", "11990102MB7100076C", "990102", "natural-resources"),
];

struct Region {
    city: City,
    /// An officer of each, and the code of its seal.
    officers: BTreeMap<&'static str, (Person, String)>,
}

impl Region {
    async fn start(city: City) -> Self {
        let mut officers = BTreeMap::new();
        for (name, code, area, responsibility) in BODIES {
            let department = json!({
                "code": code, "name_zh": format!("景川{area}主管部门"), "name_en": format!("Bureau {name}"),
                "area_code": area, "responsibility": responsibility,
            });
            let answer = city.post(&city.operator, "/v1/departments", &department).await;
            assert!(answer.status.is_success(), "{}", answer.json());
            let of = json!({ "department": code });
            let officer = city.person("department", of.clone()).await;
            let first = city.person("seal-administrator", of).await;
            let request = json!({
                "owner_code": code, "purpose": "license", "purpose_words": "电子证照专用章", "days": 365,
            });
            let asked = city.post(&first, "/v1/seals", &request).await;
            assert_eq!(asked.status, 201, "{}", asked.json());
            let seal = asked.json()["code"].as_str().expect("a code").to_owned();
            city.approve_seal_of(code, &seal).await;
            officers.insert(name, (officer, seal));
        }
        Self { city, officers }
    }

    fn who(&self, name: &str) -> &Person {
        &self.officers[name].0
    }

    fn order(&self) -> Value {
        let order = self.city.order(KIND, "");
        json!({ "kind": KIND, "data": order["data"] })
    }

    async fn sent(&self, key: &str) -> String {
        let opened = self.city.post_once(self.who("county"), "/v1/envelopes", key, &self.order()).await;
        assert_eq!(opened.status, 201, "{}", opened.json());
        let id = opened.json()["id"].as_str().expect("an identity").to_owned();
        let sent = self.act("county", &id, "send", json!({})).await;
        assert_eq!((sent.0, &sent.1["state"]), (200, &json!("open")), "{}", sent.1);
        id
    }

    /// Status, and the envelope or the problem.
    async fn act(&self, who: &str, id: &str, act: &str, body: Value) -> (u16, Value) {
        let answer = self.city.post(self.who(who), &format!("/v1/envelopes/{id}/{act}"), &body).await;
        (answer.status.as_u16(), answer.json())
    }

    async fn yes(&self, who: &str, id: &str) -> (u16, Value) {
        self.act(who, id, "consent", json!({ "version": 1, "seal": self.officers[who].1 })).await
    }

    async fn inbox(&self, who: &str, which: &str) -> usize {
        let list = self.city.get(self.who(who), &format!("/v1/envelopes?which={which}")).await.json();
        list["items"].as_array().expect("a list").len()
    }
}

async fn seal_together(region: &Region) {
    let city = &region.city;
    let id = region.sent("one").await;
    assert_eq!(region.inbox("county", "asked").await, 1);
    let (status, problem) = region.yes("province", &id).await;
    assert_eq!((status, &problem["code"]), (404, &json!("envelope.unknown")), "{problem}");
    assert_eq!(region.yes("county", &id).await.0, 200);
    for who in ["city-construction", "city-planning", "city-environment"] {
        assert_eq!(region.inbox(who, "asked").await, 1, "{who}");
    }
    // Two of three at once, from many clients each: the quorum is reached once.
    let racers = ["city-planning", "city-environment"].into_iter().cycle().take(8);
    let answers = join_all(racers.map(|who| region.yes(who, &id))).await;
    assert!(answers.iter().all(|(status, _)| matches!(status, 200 | 409 | 503)), "{answers:?}");
    let (status, problem) = region.yes("city-construction", &id).await;
    assert_eq!((status, &problem["code"]), (409, &json!("envelope.not_needed")), "{problem}");
    assert!(problem["details"]["zh"].as_str() != problem["details"]["en"].as_str());
    // The last party from many clients: one license.
    let answers = join_all((0..6).map(|_| region.yes("province", &id))).await;
    assert!(answers.iter().any(|(status, _)| *status == 200), "{answers:?}");
    let mut detail = json!(null);
    for _ in 0..100 {
        detail = city.get(region.who("county"), &format!("/v1/envelopes/{id}")).await.json();
        if detail["envelope"]["state"] == "finished" {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(detail["envelope"]["state"], "finished", "{detail}");
    let license = detail["envelope"]["license"].as_str().expect("a license").to_owned();
    for format in ["pdf", "ofd"] {
        let address = format!("/v1/licenses/{license}/file?format={format}");
        let file = city.get(region.who("county"), &address).await;
        assert_eq!(file.status, 200);
        let report = city.verify(file.bytes).await.json();
        assert_eq!(report["verdict"], "passed", "{format}: {:?}", findings(&report));
    }
    // Whose seal is on it has the file too; who was let go has not, and a stranger knows of nothing.
    for (who, expected) in [("province", 200), ("city-construction", 403), ("deputy", 404)] {
        let file = city.get(region.who(who), &format!("/v1/envelopes/{id}/file?format=ofd")).await;
        assert_eq!(file.status, expected, "{who}");
        assert_eq!(file.bytes.starts_with(b"PK"), expected == 200, "{who}");
    }
    let wrong = city.get(region.who("province"), &format!("/v1/envelopes/{id}/file?format=doc")).await;
    assert_eq!(wrong.status, 400);
    assert_eq!(region.inbox("province", "taking-part").await, 1);
    assert_eq!(region.inbox("province", "asked").await, 0);
    let sheet = city.get(&city.auditor, &format!("/v1/envelopes/{id}/audit")).await.json();
    let consents = sheet["consents"].as_array().expect("consents");
    assert_eq!(consents.len(), 4);
    assert!(consents.iter().all(|c| c["verifies"] == true && c["names_content"] == true), "{sheet}");
    let finished = sheet["events"].as_array().expect("events").iter().filter(|e| e["what"] == "finished");
    assert_eq!(finished.count(), 1);
    assert!(!sheet.to_string().contains("云栖茶文化产业园"), "no values in the sheet");
    amend_together(region, &license).await;
}

/// The license is amended by another envelope; for the province a clerk consents, from many clients, under a grant for one.
async fn amend_together(region: &Region, license: &str) {
    let city = &region.city;
    let province = json!({ "department": BODIES[4].1 });
    let sealer = city.person("seal-administrator", province).await;
    let seal = region.officers["province"].1.as_str();
    let request = json!({
        "seal": seal, "credential": city.clerk.id, "kinds": [KIND], "until": city.clock_date(10), "most": 1,
        "reason": "委托办理",
    });
    let granted = city.post(&sealer, "/v1/seal-grants", &request).await;
    assert_eq!(granted.status, 201, "{}", granted.json());
    let granted = granted.json();
    let mut order = region.order();
    order["data"]["site"] = json!("景川市云栖区望江路以南");
    order["replaces"] = json!({ "license": license, "reason": "建设地址变更" });
    let opened = city.post_once(region.who("county"), "/v1/envelopes", "amend", &order).await;
    assert_eq!(opened.status, 201, "{}", opened.json());
    assert_eq!(opened.json()["replaces"]["license"], json!(license));
    let id = opened.json()["id"].as_str().expect("an identity").to_owned();
    assert_eq!(region.act("county", &id, "send", json!({})).await.0, 200);
    let granted_list = async || city.get(&city.clerk, "/v1/envelopes?which=granted").await.json();
    assert_eq!(granted_list().await["items"], json!([]), "the province is not asked yet");
    for who in ["county", "city-planning", "city-environment"] {
        assert_eq!(region.yes(who, &id).await.0, 200, "{who}");
    }
    assert_eq!(granted_list().await["items"][0]["id"], json!(id));
    let detail = city.get(&city.clerk, &format!("/v1/envelopes/{id}")).await.json();
    assert_eq!(detail["grants"], json!([granted["id"]]), "{detail}");
    let consent = json!({ "version": 1, "seal": seal, "grant": granted["id"] });
    let path = format!("/v1/envelopes/{id}/consent");
    let answers = join_all((0..4).map(|_| city.post(&city.clerk, &path, &consent))).await;
    assert!(answers.iter().any(|answer| answer.status == 200), "{:?}", answers[0].json());
    let mut detail = json!(null);
    for _ in 0..100 {
        detail = city.get(region.who("county"), &format!("/v1/envelopes/{id}")).await.json();
        if detail["envelope"]["state"] == "finished" {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(detail["envelope"]["state"], "finished", "{detail}");
    let new = detail["envelope"]["license"].as_str().expect("a license");
    let new = city.get(region.who("county"), &format!("/v1/licenses/{new}")).await.json();
    let old = city.get(region.who("county"), &format!("/v1/licenses/{license}")).await.json();
    assert_eq!((&new["edition"], &old["state"]), (&json!(2), &json!("superseded")), "{old}");
    let path = format!("/v1/seal-grants/{}/uses", granted["id"].as_str().expect("an id"));
    let uses = city.get(&city.clerk, &path).await.json();
    let lines = uses["items"].as_array().expect("a list");
    assert_eq!(
        (lines.len(), &lines[0]["envelope"], &lines[0]["version"]),
        (1, &json!(id), &json!(1)),
        "{uses}"
    );
    // Over the count: another envelope is not consented to.
    let second = region.sent("three").await;
    for who in ["county", "city-planning", "city-environment"] {
        assert_eq!(region.yes(who, &second).await.0, 200, "{who}");
    }
    let refused = city.post(&city.clerk, &format!("/v1/envelopes/{second}/consent"), &consent).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (403, "grant.exhausted"));
    // An amendment of what gave way, and one for no reason.
    order["replaces"]["reason"] = json!("");
    let twin = city.post_once(region.who("county"), "/v1/envelopes", "twin", &order).await;
    assert_eq!(twin.status, 422, "{}", twin.json());
    order["replaces"]["reason"] = json!("再次变更");
    let twin = city.post_once(region.who("county"), "/v1/envelopes", "twin", &order).await;
    assert_eq!((twin.status.as_u16(), twin.code().as_str()), (409, "envelope.license_not_in_force"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn county_city_and_province_seal_together() {
    seal_together(&Region::start(City::start().await).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn and_over_postgres() {
    let Some(server) = Postgres::start("and_over_postgres") else { return };
    let database = server.database().await;
    seal_together(&Region::start(City::with(|config| config.database = database).await).await).await;
}

#[tokio::test]
async fn what_goes_wrong_has_its_code() {
    let region = Region::start(City::start().await).await;
    let city = &region.city;
    let id = region.sent("one").await;
    // The same key: the same envelope; another order under it is refused.
    let again = city.post_once(region.who("county"), "/v1/envelopes", "one", &region.order()).await;
    assert_eq!((again.status.as_u16(), &again.json()["id"]), (201, &json!(id)));
    let mut other = region.order();
    other["parties"] = json!([{ "party": "province", "department": BODIES[4].1 }]);
    let reused = city.post_once(region.who("county"), "/v1/envelopes", "one", &other).await;
    assert_eq!(reused.code(), "idempotency.key_reused");
    // Every fault at once.
    let mut bad = region.order();
    bad["data"]["price"] = json!("viel");
    bad["parties"] = json!([{ "party": "nobody", "department": BODIES[4].1 }]);
    let refused = city.post_once(region.who("county"), "/v1/envelopes", "bad", &bad).await;
    assert_eq!(refused.status, 422);
    let found = faults(&refused);
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[1], ("/parties/nobody".into(), "envelope.party_unknown".into()));
    let alone = city.order(KIND, &region.officers["county"].1);
    let alone = city.post_once(region.who("county"), "/v1/licenses", "alone", &alone).await;
    assert_eq!(faults(&alone), [("/kind".to_owned(), "envelope.kind_of_several".to_owned())]);
    // Another version, another's seal, a period that ends before it begins.
    let seal = &region.officers["county"].1;
    let (status, problem) = region.act("county", &id, "consent", json!({ "version": 2, "seal": seal })).await;
    assert_eq!((status, &problem["code"]), (409, &json!("envelope.other_version")));
    let theirs = json!({ "version": 1, "seal": region.officers["province"].1 });
    let (status, problem) = region.act("county", &id, "consent", theirs).await;
    assert_eq!((status, &problem["code"]), (403, &json!("permit.seal_of_another")));
    assert_eq!(region.yes("county", &id).await.0, 200);
    let delegate = |until: &str| json!({ "to": BODIES[5].1, "until": until, "reason": "出差" });
    let (status, problem) = region.act("city-planning", &id, "delegate", delegate("2020-01-01")).await;
    assert_eq!((status, &problem["code"]), (422, &json!("envelope.delegation_period")));
    let until = city.clock_date(5);
    assert_eq!(region.act("city-planning", &id, "delegate", delegate(&until)).await.0, 200);
    assert_eq!(region.inbox("deputy", "asked").await, 1);
    // Handed back, corrected, sent: the difference is told, and what was said before is void.
    let back = json!({ "version": 1, "reason": "建设地址有误" });
    assert_eq!(region.act("deputy", &id, "return", back).await.1["state"], "draft");
    let detail = city.get(region.who("county"), &format!("/v1/envelopes/{id}")).await.json();
    let came_back = (&detail["came_back"]["what"], &detail["came_back"]["reason"]);
    assert_eq!(came_back, (&json!("returned"), &json!("建设地址有误")), "{detail}");
    let mut order = region.order();
    order["data"]["site"] = json!("景川市云栖区望江路以南");
    let request = json!({ "data": order["data"] });
    let corrected = city.put(region.who("county"), &format!("/v1/envelopes/{id}"), &request).await;
    assert_eq!((corrected.status.as_u16(), &corrected.json()["version"]), (200, &json!(2)));
    assert_eq!(region.act("county", &id, "send", json!({})).await.0, 200);
    let diff = city.get(region.who("county"), &format!("/v1/envelopes/{id}/diff")).await.json();
    assert_eq!((&diff["from"], &diff["changes"][0]["field"]), (&json!(1), &json!("site")), "{diff}");
    let missing = city.get(region.who("county"), &format!("/v1/envelopes/{id}/diff?from=9")).await;
    assert_eq!((missing.status.as_u16(), missing.code().as_str()), (404, "envelope.version_unknown"));
    // Time runs out.
    city.clock.forward(Duration::from_secs(12 * 86_400));
    let late = json!({ "version": 2, "seal": seal });
    let (status, problem) = region.act("county", &id, "consent", late).await;
    assert_eq!((status, &problem["code"]), (409, &json!("envelope.deadline_passed")));
    let withdraw = json!({ "reason": "不再需要" });
    let (status, problem) = region.act("city-environment", &id, "withdraw", withdraw.clone()).await;
    assert_eq!((status, &problem["code"]), (404, &json!("envelope.unknown")));
    assert_eq!(region.act("county", &id, "withdraw", withdraw).await.1["state"], "withdrawn");
    assert_eq!(city.get(&city.holder, &format!("/v1/envelopes/{id}")).await.status, 403);
}
