//! What a clerk's page says once a license's day is over, or the license has given way: the reasons that come with time. The
//! others are triggered in a browser (tests/browser/states.py); together they are all of texts/desk.toml.

use crate::city::{City, Person, path};
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use std::time::Duration;
use yinzheng::ports::clock::Clock;

const KIND: &str = "business-license";
/// Seconds of a day, and by how much China's day begins earlier than that of UTC.
const DAY: u64 = 86_400;
const CHINA: u64 = 8 * 3_600;

/// The texts of the desk, for people who read Chinese.
fn words(code: &str) -> [String; 3] {
    let texts = include_str!("../../texts/desk.toml").parse::<toml::Table>().expect("a table of texts");
    ["", "_sentence", "_act"].map(|part| {
        let text = &texts["verdict"][format!("{}{part}", code.to_lowercase())]["zh"];
        text.as_str().expect("a text").to_owned()
    })
}

/// What stands between two marks.
fn between<'p>(page: &'p str, before: &str, after: &str) -> &'p str {
    let rest = page.split_once(before).unwrap_or_else(|| panic!("no {before} in {page}")).1;
    rest.split_once(after).expect("its end").0
}

/// Code, word, sentence and act of the verdict on a scan, and the rest of its page.
async fn scanned(city: &City, code: &Value) -> (String, [String; 3], String) {
    let code = code.as_str().expect("digits");
    let request = Request::post("/desk")
        .header("authorization", format!("Bearer {}", city.clerk.token))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(format!("code={code}&matter=test")));
    let answer = city.send(request.expect("a request")).await;
    assert_eq!(answer.status, 200);
    let page = String::from_utf8(answer.bytes).expect("text");
    // Behind the outcome stand the blanks of all the others, for the page's script.
    let outcome = between(&page, "<div data-place>", "data-inputs").to_owned();
    let word = between(&outcome, "data-focus>", "</h1>").to_owned();
    let sentence = between(&outcome, "<p data-slot=\"sentence\">", "</p>").to_owned();
    let act = between(between(&outcome, "<div class=\"do-now\">", "</div>"), "<p>", "</p>").to_owned();
    let reason = between(between(&outcome, "<p class=\"reason\"", "/p>"), ">", "<").to_owned();
    (reason, [word, sentence, act], outcome)
}

async fn draw(city: &City, license: &Value, holder: &Person) -> Value {
    let request = json!({ "fields": ["name"], "purpose": "办理银行业务", "seconds": 600 });
    let drawn = city.post(holder, &path(license, "show-codes"), &request).await;
    assert_eq!(drawn.status, 201, "{}", drawn.json());
    drawn.json()["code"].clone()
}

async fn license(city: &City, seal: &str, until: &str) -> Value {
    let mut order = city.order(KIND, seal);
    order["data"]["operates_until"] = json!(until);
    let answer = city.post_once(&city.department, "/v1/licenses", "desk", &order).await;
    assert_eq!(answer.status, 201, "{}", answer.json());
    answer.json()
}

/// Until so many seconds before China's next day begins.
fn before_midnight(city: &City, seconds: u64) -> Duration {
    let now = u64::try_from(city.clock.now().micros() / 1_000_000).expect("after 1970");
    Duration::from_secs(2 * DAY - (now + CHINA) % DAY - seconds)
}

#[tokio::test]
async fn a_code_drawn_on_the_last_day_of_a_license_opens_nothing_on_the_day_after() {
    let city = City::start().await;
    let seal = city.active_seal().await;
    let license = license(&city, &seal, &city.clock_date(1)).await;
    // To the last minutes of the license's last day, which is tomorrow.
    city.clock.forward(before_midnight(&city, 120));
    let (first, second) =
        (draw(&city, &license, &city.holder).await, draw(&city, &license, &city.holder).await);
    let (code, said, page) = scanned(&city, &first).await;
    assert_eq!((code.as_str(), said), ("V00", words("V00")));
    assert!(page.contains("data-state=\"valid\"") && page.contains("景川市云栖茶业有限公司"), "{page}");
    city.clock.forward(Duration::from_secs(180));
    let (code, said, page) = scanned(&city, &second).await;
    assert_eq!((code.as_str(), said), ("V03", words("V03")));
    assert!(page.contains("data-state=\"out-of-time\""), "{page}");
    assert!(!page.contains("景川市云栖茶业有限公司") && !page.contains("data-shown"), "{page}");
}
