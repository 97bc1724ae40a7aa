use super::*;

#[test]
fn the_embedded_kinds_load() {
    let kinds = load(None).map_err(|error| error.to_string()).expect("embedded kinds");
    assert!(kinds.get("business-license").is_some());
    assert!(kinds.get("no-such-kind").is_none());
}
