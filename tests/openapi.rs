//! The API description that is served, the one that is committed, and the routes that exist are the same.

use std::collections::BTreeSet;
use std::path::Path;
use yinzheng::http::openapi;
use yinzheng::http::route::Door;
use yinzheng::http::router::table;

#[test]
fn the_committed_description_is_the_one_made_from_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("api-spec/openapi.json");
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == openapi::text(),
        "{} is out of date. Look at the difference, then: cargo run -- openapi > api-spec/openapi.json",
        path.display()
    );
}

#[test]
fn every_route_of_the_api_is_described_and_nothing_else() {
    let document = openapi::document();
    let mut described = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for method in operations.as_object().expect("operations").keys() {
            described.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    let routes = table().into_iter().filter(|route| route.door == Door::Api);
    let existing: BTreeSet<String> = routes.map(|route| format!("{} {}", route.method, route.path)).collect();
    assert_eq!(described, existing);
}

#[test]
fn every_reference_in_the_description_leads_somewhere() {
    let document = openapi::document();
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().expect("a name");
        assert!(document["components"]["schemas"][name].is_object(), "{name} is missing");
    }
    let ids: Vec<&str> =
        text.split("\"operationId\":\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "operation ids are not unique");
}
