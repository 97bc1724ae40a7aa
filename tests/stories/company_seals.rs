//! A company's own seals: the manager seals and lets employees seal, and whoever verifies sees seal, company and license.

use crate::businesses;
use crate::city::{City, HOLDER, Person, faults, findings, path};
use crate::contract;
use crate::judges;
use crate::seal_jobs::{ask, request, sealed};
use crate::service::DEPARTMENT;
use serde_json::{Value, json};
use std::time::Duration;
use yinzheng::domain::business::{Business, BusinessState};
use yinzheng::domain::license::LicenseId;
use yinzheng::domain::time::Timestamp;
use yinzheng::ports::clock::Clock;
use yinzheng::ports::store;

const COMPANY: &str = "景川市云栖茶业有限公司";

/// A company with its license, a contract seal, and somebody who controls it.
struct Company {
    license: Value,
    seal: String,
    manager: Person,
}

async fn company(city: &City) -> Company {
    let issuing = city.active_seal().await;
    let order = city.order("business-license", &issuing);
    let license = city.post_once(&city.department, "/v1/licenses", "license", &order).await;
    assert_eq!(license.status, 201, "{}", license.json());
    let license = license.json();
    register(city, HOLDER, license["id"].as_str().expect("an identifier")).await;
    let asks = city.person("seal-administrator", json!({})).await;
    let wanted = json!({
        "owner_code": HOLDER, "owner_name": COMPANY, "area_code": "990102", "purpose": "contract", "days": 365,
    });
    let asked = city.post(&asks, "/v1/seals", &wanted).await;
    assert_eq!(asked.status, 201, "{}", asked.json());
    let seal = asked.json()["code"].as_str().expect("a code").to_owned();
    for _ in 0..2 {
        let approver = city.person("seal-administrator", json!({})).await;
        let answer = city.act_on_seal(&approver, &seal, "approve").await;
        assert_eq!(answer.status, 200, "{}", answer.json());
    }
    let manager = city.person("company-manager", json!({ "business": HOLDER })).await;
    Company { license, seal, manager }
}

/// Puts a business into the register.
async fn register(city: &City, code: &str, license: &str) {
    let now = city.clock.now();
    let business = &Business {
        code: code.to_owned(),
        name: COMPANY.to_owned(),
        registry: DEPARTMENT.to_owned(),
        license: LicenseId::parse(license).expect("an identifier"),
        state: BusinessState::Active,
        manager: None,
        revision: 1,
        registered_at: now,
        changed_at: now,
    };
    let written = store::write(city.service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.insert_business(business).await?) })
    });
    written.await.expect("registered");
}

/// Strikes the business off, as of a moment.
async fn deregister(city: &City, at: Timestamp) {
    let written = store::write(city.service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let business = tx.business(HOLDER).await?.expect("registered");
            let (seen, state) = (business.revision, BusinessState::Deregistered);
            let business = Business { state, revision: seen + 1, changed_at: at, ..business };
            Ok(tx.update_business(&business, seen).await?)
        })
    });
    assert!(written.await.expect("written"));
}

fn to(credential: &Person, company: &Company, city: &City) -> Value {
    json!({
        "seal": company.seal, "credential": credential.id, "documents": true, "until": city.clock_date(10),
        "reason": "授权采购部用印", "most": 1,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn who_verifies_a_contract_sees_seal_company_and_license() {
    let city = City::start().await;
    let company = company(&city).await;
    let wanted = request(&company.seal, &contract::printed(), json!({}));
    let (job, file) = sealed(&city, &company.manager, "contract", &wanted).await;
    assert_eq!(job["owner"], HOLDER);
    let report = async || city.verify(file.clone()).await.json();
    let said = report().await;
    assert_eq!(said["verdict"], "passed", "{said}");
    let found = findings(&said);
    for code in ["status.seal_was_active", "company.registered", "company.license_in_force"] {
        assert!(found.contains(&code.to_owned()), "{code}: {found:?}");
    }
    let finding =
        said["findings"].as_array().expect("a list").iter().find(|f| f["code"] == "company.registered");
    let finding = finding.expect("there");
    assert!(finding["details"]["zh"].as_str().expect("a text").contains(COMPANY), "{finding}");
    assert_eq!(finding["standard"], "国务院令第746号");

    // A suspended license is told, and takes nothing from what was sealed.
    let reason = json!({ "reason": "依法办理" });
    let act = path(&company.license, "suspend");
    assert_eq!(city.post(&city.department, &act, &reason).await.status, 200);
    let said = report().await;
    assert!(findings(&said).contains(&"company.license_without_force".to_owned()), "{said}");
    assert!(!findings(&said).contains(&"company.license_in_force".to_owned()), "{said}");
    assert_eq!(said["verdict"], "passed", "{said}");

    // So is a company that was struck off since.
    let hour = Duration::from_secs(3_600);
    deregister(&city, city.clock.now().plus(hour)).await;
    let said = report().await;
    assert!(findings(&said).contains(&"company.deregistered_since".to_owned()), "{said}");
    assert_eq!(said["verdict"], "passed", "{said}");
    // And the report is a page as well.
    let page = city.verify_page(file.clone()).await;
    assert!(page.contains(COMPANY) && page.contains("注销登记"), "{page}");
    // One that was no more when its seal was laid on is held against the file.
    deregister(&city, city.clock.now().minus(hour)).await;
    let said = report().await;
    assert!(findings(&said).contains(&"company.was_deregistered".to_owned()), "{said}");
    assert_eq!(said["verdict"], "failed", "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_company_sealed_outlives_it_and_nothing_follows() {
    let city = City::start().await;
    let issuing = city.active_seal().await;
    businesses::agree(&city).await;
    let business = businesses::registered(&city, &issuing).await;
    let seals = business["seals"].as_array().expect("a list");
    let seal = seals.iter().find(|seal| seal["purpose"] == "contract").expect("a contract seal");
    let seal = seal["code"].as_str().expect("a code");
    let manager = city.person("company-manager", json!({ "business": HOLDER })).await;
    let (_, file) =
        sealed(&city, &manager, "contract", &request(seal, &contract::printed(), json!({}))).await;
    let ofd = request(seal, &contract::ofd(), json!({}));
    let (_, ofd) = sealed(&city, &manager, "ofd", &ofd).await;
    judges::ofd("company.ofd", &ofd);
    for file in [&file, &ofd] {
        let said = city.verify(file.clone()).await.json();
        assert_eq!(said["verdict"], "passed", "{said}");
        let found = findings(&said);
        for code in ["status.seal_was_active", "company.registered", "company.license_in_force"] {
            assert!(found.contains(&code.to_owned()), "{code}: {found:?}");
        }
    }
    // Timestamps tell whole seconds.
    city.clock.forward(Duration::from_secs(2));
    let end = json!({ "reason": "注销登记" });
    let gone = city.post(&city.department, &format!("/v1/businesses/{HOLDER}/deregister"), &end).await;
    assert_eq!(gone.status, 200, "{}", gone.json());
    for file in [&file, &ofd] {
        let said = city.verify(file.clone()).await.json();
        assert_eq!(said["verdict"], "passed", "{said}");
        let found = findings(&said);
        for code in ["status.seal_was_active", "company.deregistered_since", "company.license_without_force"]
        {
            assert!(found.contains(&code.to_owned()), "{code}: {found:?}");
        }
    }
    let late = ask(&city, &manager, "late", &request(seal, &contract::printed(), json!({}))).await;
    assert!(matches!(late.status.as_u16(), 401 | 409), "{}", late.json());
    let line = ask(&city, &city.department, "x", &request(seal, &contract::printed(), json!({}))).await;
    assert_eq!(line.code(), "permit.seal_of_another");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_employee_seals_as_far_as_the_manager_granted_it() {
    let city = City::start().await;
    let company = company(&city).await;
    let employee = city.person("sealer", json!({ "business": HOLDER })).await;
    let file = contract::pdf(&[&["Party A"]]);
    let place = json!({ "words": "Party A" });
    let seals = async |who: &Person, key: &str, grant: Option<&Value>| {
        let grant = grant.map_or(Value::Null, |grant| grant["id"].clone());
        let wanted = request(&company.seal, &file, json!({ "place": place, "grant": grant }));
        let answer = ask(&city, who, key, &wanted).await;
        (answer.status.as_u16(), answer.code())
    };
    let forbidden = |code: &str| (403, code.to_owned());
    assert_eq!(seals(&employee, "x", None).await, forbidden("permit.seal_of_another"));
    let given = city.post(&company.manager, "/v1/seal-grants", &to(&employee, &company, &city)).await;
    assert_eq!(given.status, 201, "{}", given.json());
    let given = given.json();
    assert_eq!((&given["owner"], &given["documents"]), (&json!(HOLDER), &json!(true)));
    assert_eq!(seals(&employee, "one", Some(&given)).await.0, 201);
    assert_eq!(seals(&employee, "two", Some(&given)).await, forbidden("grant.exhausted"));

    // The manager sees who used what; colleagues see nothing of it.
    let colleague = city.person("sealer", json!({ "business": HOLDER })).await;
    let id = given["id"].as_str().expect("an id");
    let uses = city.get(&company.manager, &format!("/v1/seal-grants/{id}/uses")).await.json();
    assert_eq!(uses["items"][0]["by"], json!(employee.id));
    let job = uses["items"][0]["job"].as_str().expect("a job").to_owned();
    for (who, status) in
        [(&company.manager, 200), (&employee, 200), (&colleague, 404), (&city.department, 404)]
    {
        assert_eq!(city.get(who, &format!("/v1/seal-jobs/{job}/file")).await.status, status);
    }
    assert_eq!(seals(&colleague, "x", Some(&given)).await, (404, "grant.unknown".to_owned()));
    let listed = city.get(&employee, "/v1/seal-grants").await.json();
    assert_eq!(listed["items"][0]["id"], given["id"]);
    let space = city.get(&company.manager, "/v1/space/uses").await.json();
    let told = (&space["items"][0]["what"], &space["items"][0]["job"], &space["items"][0]["grant"]);
    assert_eq!(told, (&json!("sealed-document"), &json!(job), &given["id"]), "{space}");
    let under = city.get(&company.manager, &format!("/v1/seal-jobs?seal={}", company.seal)).await.json();
    assert_eq!(under["items"].as_array().map(Vec::len), Some(1));
    // An employee issues nothing.
    let order = city.order(crate::city::PERMIT, &company.seal);
    let issued = city.post_once(&employee, "/v1/licenses", "x", &order).await;
    assert_eq!((issued.status.as_u16(), issued.code().as_str()), (403, "caller.wrong_role"));

    // Taken back by the manager alone.
    let more = json!({ "most": 9 });
    let mut again = to(&employee, &company, &city);
    again.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    let again = city.post(&company.manager, "/v1/seal-grants", &again).await.json();
    let withdraw = format!("/v1/seal-grants/{}/withdraw", again["id"].as_str().expect("an id"));
    let reason = json!({ "reason": "岗位调整" });
    assert_eq!(city.post(&employee, &withdraw, &reason).await.status, 403);
    assert_eq!(city.post(&company.manager, &withdraw, &reason).await.status, 200);
    assert_eq!(seals(&employee, "three", Some(&again)).await, forbidden("grant.withdrawn"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_lends_only_its_own_seals_to_its_own_people_for_documents() {
    let city = City::start().await;
    let company = company(&city).await;
    let other = "91990102MA7YQX04H7";
    register(&city, other, company.license["id"].as_str().expect("an identifier")).await;
    let employee = city.person("sealer", json!({ "business": HOLDER })).await;
    let stranger = city.person("sealer", json!({ "business": other })).await;
    let rival = city.person("company-manager", json!({ "business": other })).await;
    let refused = async |who: &Person, change: Value| {
        let mut wanted = to(&employee, &company, &city);
        let members = wanted.as_object_mut().expect("an object");
        members.extend(change.as_object().expect("an object").clone());
        members.retain(|_, value| !value.is_null());
        city.post(who, "/v1/seal-grants", &wanted).await
    };
    let fault = |pointer: &str, code: &str| vec![(pointer.to_owned(), code.to_owned())];
    let not_theirs = refused(&rival, json!({})).await;
    assert_eq!((not_theirs.status.as_u16(), not_theirs.code().as_str()), (404, "seal.unknown"));
    let to_stranger = refused(&company.manager, json!({ "credential": stranger.id })).await;
    assert_eq!(faults(&to_stranger), fault("/credential", "grant.to_employees_only"));
    let to_clerk = refused(&company.manager, json!({ "credential": city.clerk.id })).await;
    assert_eq!(faults(&to_clerk), fault("/credential", "grant.to_employees_only"));
    let to_body = refused(&company.manager, json!({ "credential": null, "body": DEPARTMENT })).await;
    assert_eq!(faults(&to_body), fault("/body", "grant.to_employees_only"));
    let kinds = refused(&company.manager, json!({ "kinds": [crate::city::PERMIT] })).await;
    assert_eq!(faults(&kinds), fault("/kinds", "grant.documents_only"));
    // The rival's key opens nothing here either.
    let wanted =
        request(&company.seal, &contract::pdf(&[&["Party A"]]), json!({ "place": { "words": "Party A" } }));
    assert_eq!(ask(&city, &rival, "x", &wanted).await.code(), "permit.seal_of_another");
    deregister(&city, city.clock.now()).await;
    let over = refused(&company.manager, json!({})).await;
    assert_eq!((over.status.as_u16(), over.code().as_str()), (409, "business.struck_off"));
}
