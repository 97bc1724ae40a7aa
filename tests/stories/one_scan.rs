//! One scan collects every license that a matter needs, and the papers that the holder handed in.

use crate::city::{City, HOLDER, PERMIT, faults};
use crate::service::Answer;
use serde_json::{Value, json};

/// A matter of the embedded catalogue, which needs two kinds.
const MATTER: &str = "change-food-operation-permit";
const BUSINESS: &str = "business-license";

/// What a yes agrees to: each license with these optional fields.
fn yes(asked: &Value, licenses: &[(&Value, &[&str])]) -> Value {
    let licenses: Vec<_> = licenses
        .iter()
        .map(|(license, fields)| json!({ "license": license["id"], "fields": fields }))
        .collect();
    json!({ "code": asked["code"], "number": asked["number"], "licenses": licenses })
}

fn said(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.code())
}

#[tokio::test]
async fn one_yes_shows_all_the_licenses_that_a_matter_needs() {
    let city = City::start().await;
    let seal = city.active_seal().await;
    let permit = city.permit(&seal, "permit").await;
    let order = city.order(BUSINESS, &seal);
    let business = city.post_once(&city.department, "/v1/licenses", "business", &order).await;
    assert_eq!(business.status, 201, "{}", business.json());
    let business = business.json();

    let asked = city.post(&city.clerk, "/v1/requests", &json!({ "matter": MATTER })).await;
    assert_eq!(asked.status, 201, "{}", asked.json());
    let asked = asked.json();
    let look = city.post(&city.holder, "/v1/requests:read", &json!({ "code": asked["code"] })).await.json();
    let fit: Vec<_> =
        look["asked"].as_array().expect("needs").iter().map(|need| &need["licenses"][0]["license"]).collect();
    assert_eq!(fit, [&business["id"], &permit["id"]], "{look}");

    // One of the two is not enough, and says which one is missing; nothing was shown.
    let half = city.post(&city.holder, "/v1/requests:approve", &yes(&asked, &[(&permit, &[])])).await;
    assert_eq!(faults(&half), [("/licenses".into(), "ask.kind_missing".into())], "{}", half.json());
    assert!(half.json().to_string().contains(BUSINESS));
    let address = format!("/v1/requests/{}/showing", asked["id"].as_str().expect("an identifier"));
    assert_eq!(said(&city.get(&city.clerk, &address).await), (409, "ask.still_open".into()));

    let both = yes(&asked, &[(&business, &[]), (&permit, &["supervisor"])]);
    let approved = city.post(&city.holder, "/v1/requests:approve", &both).await;
    assert_eq!(approved.status, 201, "{}", approved.json());
    let shown = city.get(&city.clerk, &address).await.json();
    let of = |kind: &str| -> Vec<(String, String)> {
        let license = shown["licenses"]
            .as_array()
            .expect("licenses")
            .iter()
            .find(|one| one["kind"]["name"] == kind || one["kind"] == kind);
        let fields =
            license.unwrap_or_else(|| panic!("{kind}: {shown}"))["fields"].as_array().expect("fields");
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        fields.iter().map(|field| (text(&field["name"]), text(&field["value"]))).collect()
    };
    let names = |kind: &str| of(kind).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names(BUSINESS), ["name", "credit_code", "legal_representative", "address"]);
    assert_eq!(names(PERMIT), ["operator", "credit_code", "premises", "business_items", "supervisor"]);
    for kind in [BUSINESS, PERMIT] {
        assert!(of(kind).contains(&("credit_code".to_owned(), HOLDER.to_owned())), "{shown}");
    }

    // It is one showing, and the holder reads of both licenses.
    assert_eq!(shown["showing"], approved.json()["showing"]);
    let uses = city.get(&city.holder, "/v1/space/uses").await.json().to_string();
    for license in [&business, &permit] {
        assert!(uses.contains(license["id"].as_str().expect("an identifier")), "{uses}");
    }
}
