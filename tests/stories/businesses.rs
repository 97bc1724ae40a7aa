//! A registrar, a company's manager and employee: license and seals in one act, and what follows from it.

use crate::city::{City, Person, faults};
use crate::service::DEPARTMENT;
use serde_json::{Value, json};

const CODE: &str = "91990102MA7YQX031L";
const ALL: [&str; 5] = ["legal-name", "finance", "contract", "invoice", "legal-representative"];

/// Registry and seal administrators have agreed on a rule.
async fn with_rule() -> (City, String) {
    let city = City::start().await;
    let seal = city.active_seal().await;
    agree(&city).await;
    (city, seal)
}

pub async fn agree(city: &City) {
    let rule = json!({
        "registry": DEPARTMENT, "purposes": ALL, "days": 1095, "until": city.clock_date(365),
        "reason": "企业开办一件事",
    });
    let proposed = city.post(&city.sealer, "/v1/standing-rules", &rule).await;
    assert_eq!(proposed.status, 201, "{}", proposed.json());
    let approve = format!("/v1/standing-rules/{}/approve", text(&proposed.json(), "id"));
    let own = city.post(&city.sealer, &approve, &json!(null)).await;
    assert_eq!((own.status.as_u16(), own.code().as_str()), (403, "rule.second_person_needed"));
    let approved = city.post(&city.second_sealer, &approve, &json!(null)).await;
    assert_eq!((approved.status.as_u16(), text(&approved.json(), "state").as_str()), (200, "in-force"));
}

fn text(value: &Value, member: &str) -> String {
    value[member].as_str().unwrap_or_else(|| panic!("{member} in {value}")).to_owned()
}

pub async fn registered(city: &City, seal: &str) -> Value {
    let request = request(city, seal);
    let made = city.post_once(&city.department, "/v1/businesses", "open", &request).await;
    assert_eq!(made.status, 201, "{}", made.json());
    made.json()
}

fn request(city: &City, seal: &str) -> Value {
    json!({ "kind": "business-license", "seal": seal, "data": city.order("business-license", seal)["data"] })
}

fn seal_states(business: &Value) -> Vec<String> {
    let seals = business["seals"].as_array().expect("a list");
    seals.iter().map(|seal| format!("{} {}", text(seal, "purpose"), text(seal, "state"))).collect()
}

async fn company_person(given: Value) -> Person {
    Person { id: text(&given["person"], "id"), token: text(&given, "token") }
}

#[tokio::test]
async fn a_registrar_opens_changes_and_closes_a_business() {
    let (city, seal) = with_rule().await;
    let business = registered(&city, &seal).await;
    assert_eq!(text(&business, "code"), CODE);
    assert_eq!(business["license"]["number"], CODE);
    let mut all: Vec<_> = ALL.iter().map(|purpose| format!("{purpose} active")).collect();
    all.sort();
    assert_eq!(seal_states(&business), all);
    // The same order again answers the same business.
    let again = registered(&city, &seal).await;
    assert_eq!(again, business);
    let other = city.post_once(&city.department, "/v1/businesses", "other", &request(&city, &seal)).await;
    assert_eq!((other.status.as_u16(), other.code().as_str()), (409, "business.exists"));
    // Who may not: a seal administrator registers nothing; another registry does not see it.
    let wrong = city.post_once(&city.sealer, "/v1/businesses", "x", &request(&city, &seal)).await;
    assert_eq!((wrong.status.as_u16(), wrong.code().as_str()), (403, "caller.wrong_role"));
    city.bureau("11990000MB0000002Q", "market-regulation").await;
    let stranger = city.person("department", json!({ "department": "11990000MB0000002Q" })).await;
    let path = format!("/v1/businesses/{CODE}");
    assert_eq!(city.get(&stranger, &path).await.code(), "business.unknown");

    let mut data = request(&city, &seal)["data"].clone();
    data["name"] = json!("景川市云栖茶叶有限公司");
    let change = json!({ "seal": seal, "data": data, "reason": "变更名称", "revision": 1 });
    let changed = city.post_once(&city.department, &format!("{path}/change"), "rename", &change).await;
    assert_eq!(changed.status, 201, "{}", changed.json());
    let changed = changed.json();
    assert_eq!((changed["revision"].clone(), changed["license"]["edition"].clone()), (json!(2), json!(2)));
    assert_eq!(seal_states(&changed), all);
    for (old, new) in
        business["seals"].as_array().expect("a list").iter().zip(changed["seals"].as_array().expect("a list"))
    {
        assert_eq!(new["replaces"], old["code"]);
        let found = city.get(&city.sealer, &format!("/v1/seals/{}", text(old, "code"))).await;
        // The administrator of the registry's department administers no seal of the company.
        assert_eq!(found.code(), "seal.unknown");
    }
    let stale = json!({ "seal": seal, "data": change["data"], "reason": "变更名称", "revision": 1 });
    let stale = city.post_once(&city.department, &format!("{path}/change"), "stale", &stale).await;
    assert_eq!((stale.status.as_u16(), stale.code().as_str()), (409, "business.changed"));

    let end = format!("/v1/licenses/{}/end", text(&changed["license"], "id"));
    let alone = city.post(&city.department, &end, &json!({ "ending": "cancelled", "reason": "注销" })).await;
    assert_eq!((alone.status.as_u16(), alone.code().as_str()), (409, "business.act_needed"));
    let gone =
        city.post(&city.department, &format!("{path}/deregister"), &json!({ "reason": "注销登记" })).await;
    assert_eq!(gone.status, 200, "{}", gone.json());
    let gone = gone.json();
    assert_eq!(
        (text(&gone, "state"), text(&gone["license"], "state")),
        ("deregistered".into(), "cancelled".into())
    );
    assert!(seal_states(&gone).iter().all(|state| state.ends_with(" cancelled")), "{gone}");
    let actions: Vec<String> = city.audit(CODE).await.into_iter().map(|(_, action, _)| action).collect();
    for action in ["business.registered", "business.amended", "business.deregister"] {
        assert!(actions.iter().any(|done| done == action), "{action} in {actions:?}");
    }
}

#[tokio::test]
async fn control_is_handed_to_a_manager_who_lets_employees_in() {
    let (city, seal) = with_rule().await;
    registered(&city, &seal).await;
    let path = format!("/v1/businesses/{CODE}");
    let given = city.post(&city.department, &format!("{path}/manager"), &json!({ "label": "王经理" })).await;
    assert_eq!(given.status, 201, "{}", given.json());
    let manager = company_person(given.json()).await;
    let seen = city.get(&manager, &path).await.json();
    assert_eq!(text(&seen, "manager"), manager.id);
    let license = format!("/v1/licenses/{}", text(&seen["license"], "id"));
    assert_eq!(city.get(&manager, &license).await.status, 200, "it is the company's own");

    let let_in = format!("{path}/people");
    let short = city.post(&manager, &let_in, &json!({ "label": " ", "days": 30 })).await;
    assert_eq!(faults(&short), [("/label".to_owned(), "field.required".to_owned())]);
    let given = city.post(&manager, &let_in, &json!({ "label": "小李", "days": 30 })).await;
    assert_eq!(given.status, 201, "{}", given.json());
    let employee = company_person(given.json()).await;
    assert_eq!(city.get(&employee, &path).await.status, 200);
    assert_eq!(city.get(&employee, &let_in).await.code(), "caller.wrong_role");
    let people = city.get(&manager, &let_in).await.json();
    assert_eq!(people["items"].as_array().expect("a list").len(), 2);
    let gone = city.call(&manager, "DELETE", &format!("{let_in}/{}", employee.id)).await;
    assert_eq!(gone.status, 204);
    assert_eq!(city.get(&employee, &path).await.status, 401);
    // A second hand-over ends the first.
    let next = city.post(&city.department, &format!("{path}/manager"), &json!({ "label": "赵经理" })).await;
    assert_eq!(next.status, 201);
    assert_eq!(city.get(&manager, &path).await.status, 401);
}

#[tokio::test]
async fn a_company_sees_in_its_space_who_used_what() {
    let (city, seal) = with_rule().await;
    let business = registered(&city, &seal).await;
    let given = city
        .post(&city.department, &format!("/v1/businesses/{CODE}/manager"), &json!({ "label": "王经理" }))
        .await;
    let manager = company_person(given.json()).await;
    let given = city
        .post(&manager, &format!("/v1/businesses/{CODE}/people"), &json!({ "label": "小李", "days": 30 }))
        .await;
    let employee = company_person(given.json()).await;
    // Whoever speaks for the company at a counter shows its license; a bank looks.
    let holder = city.person("holder", json!({ "holder": CODE })).await;
    let draw = json!({ "fields": ["name", "legal_representative"], "purpose": "对公开户" });
    let license = text(&business["license"], "id");
    let drawn = city.post(&holder, &format!("/v1/licenses/{license}/show-codes"), &draw).await.json();
    let redeem = json!({ "code": drawn["code"], "matter": "开立账户" });
    let seen = city.post(&city.institution, "/v1/show-codes:redeem", &redeem).await;
    assert_eq!(seen.status, 200, "{}", seen.json());

    let space = city.get(&manager, "/v1/space").await;
    assert_eq!(space.status, 200, "{}", space.json());
    let space = space.json();
    assert_eq!((text(&space, "kind"), text(&space, "business")), ("enterprise".into(), CODE.into()));
    let count = |list: &str| space[list].as_array().expect("a list").len();
    assert_eq!((count("licenses"), count("seals"), count("uses")), (1, 5, 1));
    let used = &space["uses"][0];
    assert_eq!((text(used, "what"), text(used, "license")), ("shown".into(), license.clone()));
    assert_eq!(used["fields"], json!(["name", "legal_representative"]), "names, never values");
    assert_eq!((text(used, "by"), text(used, "matter")), (city.institution.id.clone(), "开立账户".into()));
    // The person at the counter sees the same; an employee sees the seals alone; others have no space.
    let same = city.get(&holder, "/v1/space").await.json();
    assert_eq!((text(&same, "kind"), same["uses"].clone()), ("person".into(), space["uses"].clone()));
    let less = city.get(&employee, "/v1/space").await.json();
    let lists = ["licenses", "seals", "uses"].map(|list| less[list].as_array().expect("a list").len());
    assert_eq!(lists, [0, 5, 0]);
    assert_eq!(city.get(&city.department, "/v1/space").await.code(), "caller.wrong_role");
    assert_eq!(city.get(&employee, "/v1/space/uses").await.code(), "caller.wrong_role");
    let rest = city.get(&manager, "/v1/space/uses?limit=1").await.json();
    let next = text(&rest, "next");
    let end = city.get(&manager, &format!("/v1/space/uses?after={next}")).await.json();
    assert_eq!((rest["items"].as_array().map(Vec::len), end["items"].clone()), (Some(1), json!([])));
    let foreign = city.get(&manager, "/v1/space/uses?after=AAAA").await;
    assert_eq!((foreign.status.as_u16(), foreign.code().as_str()), (400, "request.cursor"));
    // Another company's manager sees its own.
    let others = city.person("holder", json!({ "holder": "91990102MA7YQX0320" })).await;
    let others = city.get(&others, "/v1/space").await.json();
    assert_eq!((others["licenses"].clone(), others["uses"].clone()), (json!([]), json!([])));
}

#[tokio::test]
async fn a_person_finds_its_seals_in_its_space_and_nobody_else_does() {
    let city = City::start().await;
    let number = "11010519491231002X";
    let free = city.person("seal-administrator", json!({})).await;
    let wanted = json!({
        "identity_number": number, "owner_name": "林知微", "area_code": "990100", "purpose": "personal-name", "days": 365,
    });
    let asked = city.post(&free, "/v1/seals", &wanted).await;
    assert_eq!(asked.status, 201, "{}", asked.json());
    let code = text(&asked.json(), "code");
    let person = city.person("holder", json!({ "holder": number })).await;
    let space = city.get(&person, "/v1/space").await.json();
    let codes: Vec<_> =
        space["seals"].as_array().expect("a list").iter().map(|seal| text(seal, "code")).collect();
    assert_eq!(codes, [code]);
    // One digit of the number changed is another person.
    let other = city.person("holder", json!({ "holder": "110105194912310038" })).await;
    assert_eq!(city.get(&other, "/v1/space").await.json()["seals"], json!([]));
}
