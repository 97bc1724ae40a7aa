//! A thousand who come with one show code at once, over 64 connections: exactly one sees the license.

use crate::city::{City, path};
use crate::postgres::Postgres;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const CONNECTIONS: usize = 64;
const CLAIMS: usize = 1_000;

async fn a_thousand_claims(city: City) {
    let license = city.permit(&city.active_seal().await, "key").await;
    let draw = json!({ "fields": ["operator"], "purpose": "入驻审核", "seconds": 600 });
    let drawn = city.post(&city.holder, &path(&license, "show-codes"), &draw).await.json();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let serving = tokio::spawn(axum::serve(listener, city.router.clone()).into_future());

    let body = json!({ "code": drawn["code"], "matter": "办理入驻" });
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
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    for answers in futures::future::join_all(claims).await {
        for (status, answer) in answers.expect("a thread") {
            let word = match status {
                200 => "shown".to_owned(),
                _ => answer["code"].as_str().unwrap_or("nothing").to_owned(),
            };
            assert!(status == 200 || answer["licenses"].is_null(), "{status}: {answer}");
            *told.entry(word).or_default() += 1;
        }
    }
    serving.abort();
    assert_eq!(told.get("shown"), Some(&1), "{told:?}");
    assert_eq!(told.get("show_code.used"), Some(&(CLAIMS - 1)), "{told:?}");

    // One look, and each of the two who came too late is told of once.
    let uses = city.get(&city.holder, "/v1/space/uses").await.json();
    assert_eq!(uses["items"].as_array().map(Vec::len), Some(1), "{uses}");
    let events = city.events().await;
    let count = |topic: &str| events.iter().filter(|event| event.topic == topic).count();
    assert_eq!(count("show.redeemed"), 1);
    assert!((1..=2).contains(&count("show.tried_again")), "{}", count("show.tried_again"));
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
