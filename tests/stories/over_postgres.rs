//! The main story over PostgreSQL: sealed, issued by many at once, shown, redeemed by one of many, amended, ended.

use crate::city::{City, PERMIT, findings, path};
use crate::postgres::Postgres;
use futures::future::join_all;
use serde_json::json;
use std::collections::BTreeSet;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_main_story_over_postgres() {
    let Some(server) = Postgres::start("the_main_story_over_postgres") else { return };
    let database = server.database().await;
    let city = City::with(|config| config.database = database).await;
    let seal = city.active_seal().await;
    let order = city.order(PERMIT, &seal);

    // The same key from many at once: one license; whoever came too early is told so, and nobody gets another.
    let same =
        join_all((0..6).map(|_| city.post_once(&city.department, "/v1/licenses", "same", &order))).await;
    let made: BTreeSet<String> =
        same.iter().filter(|a| a.status == 201).map(|a| a.json()["id"].to_string()).collect();
    assert_eq!(made.len(), 1);
    for answer in same.iter().filter(|answer| answer.status != 201) {
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (409, "idempotency.in_progress"));
    }
    // Different keys from many at once: each its own.
    let keys: Vec<String> = (0..6).map(|n| format!("own-{n}")).collect();
    let own = join_all(keys.iter().map(|key| city.permit(&seal, key))).await;
    let made: BTreeSet<String> = own.iter().map(|license| license["id"].to_string()).collect();
    assert_eq!((made.len(), city.written().await.0), (6, 7));

    let license = &own[0];
    let file = city.file(license).await;
    assert_eq!(city.verify(file.clone()).await.json()["verdict"], "passed");
    let mut twin = file.clone();
    let middle = twin.len() / 3;
    twin[middle] ^= 1;
    assert_eq!(city.verify(twin).await.json()["verdict"], "failed");

    // Many redeem one code: one sees it.
    let draw = json!({ "fields": ["operator"], "purpose": "入驻审核" });
    let drawn = city.post(&city.holder, &path(license, "show-codes"), &draw).await.json();
    let redeem = json!({ "code": drawn["code"], "matter": "办理入驻" });
    let address = "/v1/show-codes:redeem";
    let answers = join_all((0..6).map(|_| city.post(&city.clerk, address, &redeem))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.code() == "show_code.used").count(), 5);

    let amend = json!({ "seal": seal, "data": order["data"], "reason": "换发" });
    let new = city.post_once(&city.department, &path(license, "amend"), "amend", &amend).await;
    assert_eq!(new.status, 201, "{}", new.json());
    let report = city.verify(file).await.json();
    assert!(findings(&report).contains(&"status.superseded_by".into()), "{report}");
    let end = json!({ "ending": "revoked", "reason": "违法经营" });
    let new = new.json();
    assert_eq!(city.post(&city.department, &path(&new, "end"), &end).await.json()["state"], "revoked");
    let report = city.verify(city.file(&new).await).await.json();
    assert!(findings(&report).contains(&"status.revoked".into()), "{report}");
    let lines = city.audit(new["id"].as_str().expect("an identifier")).await;
    let ended = (city.department.id.clone(), "license.end".to_owned(), "ok".to_owned());
    assert!(lines.contains(&ended), "{lines:#?}");
}
