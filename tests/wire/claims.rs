//! A thousand who come with one show code at once, over 64 connections and all in the same moment: exactly one sees the license.

use crate::city::{City, path};
use crate::postgres::Postgres;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::Barrier;

const CONNECTIONS: usize = 64;
const CLAIMS: usize = 1_000;

async fn a_thousand_claims(city: City) {
    let city = Arc::new(city);
    let license = city.permit(&city.active_seal().await, "key").await;
    over_connections(&city, &license).await;
    told_of(&city, 1).await;
    in_one_moment(&city, &license).await;
    told_of(&city, 2).await;
}

async fn drawn(city: &City, license: &Value) -> Value {
    let draw = json!({ "fields": ["operator"], "purpose": "入驻审核", "seconds": 600 });
    let code = city.post(&city.holder, &path(license, "show-codes"), &draw).await.json()["code"].take();
    json!({ "code": code, "matter": "办理入驻" })
}

async fn over_connections(city: &City, license: &Value) {
    let body = drawn(city, license).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let serving = tokio::spawn(axum::serve(listener, city.router.clone()).into_future());

    let (clerk, institution) = (city.clerk.token.clone(), city.institution.token.clone());
    let claims = (0..CONNECTIONS).map(|number| {
        let token = if number % 2 == 0 { clerk.clone() } else { institution.clone() };
        let body = body.clone();
        tokio::task::spawn_blocking(move || {
            let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
            let share = CLAIMS / CONNECTIONS + usize::from(number < CLAIMS % CONNECTIONS);
            let claim = |_| {
                let request = agent
                    .post(format!("http://{address}/v1/show-codes:redeem"))
                    .header("authorization", format!("Bearer {token}"))
                    .header("content-type", "application/json");
                let mut answer = request.send(body.to_string()).expect("an answer");
                let text = answer.body_mut().read_to_string().expect("a body");
                (answer.status().as_u16(), serde_json::from_str::<Value>(&text).expect("JSON"))
            };
            (0..share).map(claim).collect::<Vec<_>>()
        })
    });
    let answers = futures::future::join_all(claims).await;
    serving.abort();
    one_won(answers.into_iter().flat_map(|answers| answers.expect("a thread")));
}

async fn in_one_moment(city: &Arc<City>, license: &Value) {
    let body = Arc::new(drawn(city, license).await);
    let start = Arc::new(Barrier::new(CLAIMS));
    let claims = (0..CLAIMS).map(|number| {
        let (city, body, start) = (city.clone(), body.clone(), start.clone());
        tokio::spawn(async move {
            let who = if number % 2 == 0 { &city.clerk } else { &city.institution };
            start.wait().await;
            let answer = city.post(who, "/v1/show-codes:redeem", &body).await;
            (answer.status.as_u16(), answer.json())
        })
    });
    let claims: Vec<_> = claims.collect();
    let answers = futures::future::join_all(claims).await;
    one_won(answers.into_iter().map(|answer| answer.expect("a task")));
}

fn one_won(answers: impl Iterator<Item = (u16, Value)>) {
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    for (status, answer) in answers {
        let word = match status {
            200 => "shown".to_owned(),
            _ => answer["code"].as_str().unwrap_or("nothing").to_owned(),
        };
        assert!(status == 200 || answer["licenses"].is_null(), "{status}: {answer}");
        *told.entry(word).or_default() += 1;
    }
    assert_eq!(told.get("shown"), Some(&1), "{told:?}");
    assert_eq!(told.get("show_code.used"), Some(&(CLAIMS - 1)), "{told:?}");
}

/// So many looks, and each of the two who came too late is told of once a code.
async fn told_of(city: &City, codes: usize) {
    let uses = city.get(&city.holder, "/v1/space/uses").await.json();
    assert_eq!(uses["items"].as_array().map(Vec::len), Some(codes), "{uses}");
    let events = city.events().await;
    let count = |topic: &str| events.iter().filter(|event| event.topic == topic).count();
    assert_eq!(count("show.redeemed"), codes);
    assert!((codes..=2 * codes).contains(&count("show.tried_again")), "{}", count("show.tried_again"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_thousand_claims_one_wins_on_sqlite() {
    a_thousand_claims(City::start().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_thousand_claims_one_wins_on_postgres() {
    let Some(server) = Postgres::start("of_a_thousand_claims_one_wins_on_postgres") else { return };
    let database = server.database().await;
    a_thousand_claims(City::with(|config| config.database = database).await).await;
}
