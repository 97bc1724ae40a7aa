use super::*;
use serde::Deserialize;

#[derive(Debug, Deserialize, ToSchema, PartialEq)]
#[serde(deny_unknown_fields)]
struct Sample {
    #[schema(min_length = 2, max_length = 4)]
    name: String,
    #[schema(pattern = "^[0-9]{3}$")]
    code: Option<String>,
    #[schema(minimum = 1, maximum = 9)]
    count: u32,
    inner: Option<Inner>,
    #[serde(default)]
    #[schema(max_items = 2)]
    list: Vec<Inner>,
}

#[derive(Debug, Deserialize, ToSchema, PartialEq)]
#[serde(deny_unknown_fields)]
struct Inner {
    flag: bool,
}

fn faults(text: &str) -> Vec<(String, &'static str)> {
    let problem = json::<Sample>(text.as_bytes()).expect_err(text);
    problem.refusal.faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
}

fn code(text: &str) -> &'static str {
    json::<Sample>(text.as_bytes()).expect_err("a bad body").refusal.code
}

#[test]
fn a_good_body_reads() {
    let text = r#"{"name":"张三","code":"123","count":2,"inner":{"flag":true},"list":[{"flag":false}]}"#;
    let sample: Sample = json(text.as_bytes()).expect("a good body");
    assert_eq!((sample.name.as_str(), sample.count), ("张三", 2));
    assert_eq!(json::<Sample>(br#"{"name":"ab","count":1,"code":null}"#).expect("good").code, None);
}

#[test]
fn every_fault_is_reported_at_once_with_its_pointer() {
    let text = r#"{"name":"x","code":"12a","count":10,"extra":1,"a/b":2,"inner":{"flag":"yes"},"list":[{},{"flag":true,"z":0}]}"#;
    let mut found = faults(text);
    found.sort();
    assert_eq!(
        found,
        [
            ("/a~1b".to_owned(), "body.unknown_field"),
            ("/code".to_owned(), "body.pattern"),
            ("/count".to_owned(), "body.out_of_range"),
            ("/extra".to_owned(), "body.unknown_field"),
            ("/inner/flag".to_owned(), "body.wrong_type"),
            ("/list/0/flag".to_owned(), "body.required"),
            ("/list/1/z".to_owned(), "body.unknown_field"),
            ("/name".to_owned(), "body.too_short"),
        ]
    );
}

#[test]
fn what_json_leaves_open_is_refused() {
    assert_eq!(faults(r#"{"name":"ab","count":1,"count":2}"#), [("/count".to_owned(), "body.duplicate_key")]);
    assert_eq!(
        faults("{\"name\":\"a\\u0000b\",\"count\":1}"),
        [("/name".to_owned(), "body.control_character")]
    );
    assert_eq!(
        faults("{\"name\":\"a\\u202eb\",\"count\":1}"),
        [("/name".to_owned(), "body.control_character")]
    );
    assert_eq!(faults("{\"name\":\"a\\nb\",\"count\":1}"), [("/name".to_owned(), "body.control_character")]);
    assert_eq!(faults("[]"), [(String::new(), "body.wrong_type")]);
}

#[test]
fn what_is_not_json_is_named_as_such() {
    for text in ["", "{", "{'a':1}", "{} {}", "\u{feff}{}", "{\"name\":\"\\ud800\",\"count\":1}"] {
        assert_eq!(code(text), "request.not_json", "{text:?}");
    }
    assert!(json::<Sample>(b"{\"name\":\"\xff\"}").is_err());
}

#[test]
fn depth_and_count_are_bounded() {
    assert_eq!(code(&format!("{{\"x\":{}{}}}", "[".repeat(13), "]".repeat(13))), "request.too_deep");
    assert_eq!(code(&"[".repeat(200_000)), "request.too_deep");
    assert_eq!(code(&format!("[{}0]", "0,".repeat(30_000))), "request.too_many_values");
}

#[test]
fn the_content_type_must_fit() {
    let mut headers = HeaderMap::new();
    assert!(expect_type(&headers, &["application/json"]).is_err());
    for (given, fits) in [
        ("application/json", true),
        ("Application/JSON; charset=UTF-8", true),
        ("application/json; charset=gbk", false),
        ("text/plain", false),
    ] {
        headers.insert(CONTENT_TYPE, given.parse().expect("a header"));
        assert_eq!(expect_type(&headers, &["application/json"]).is_ok(), fits, "{given}");
    }
}
