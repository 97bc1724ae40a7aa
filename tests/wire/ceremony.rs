//! A key ceremony over a real connection: seals for many departments, broken off and gone on with.

use crate::city::{City, Person};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use yinzheng::cli::ceremony::{self, CeremonyError, RecordError, StepArgs};
use yinzheng::cli::client::Client;
use yinzheng::http::server;

/// Departments of the city besides its own; their codes are right (GB 32100-2015).
const OTHERS: [&str; 2] = ["11990000MB0000002Q", "11990000MB0000003U"];

/// A step of the command.
type Step = fn(&StepArgs, &dyn Fn(&str)) -> Result<String, CeremonyError>;

struct Table {
    city: City,
    server: String,
    place: tempfile::TempDir,
}

impl Table {
    async fn set() -> Self {
        let city = City::start().await;
        for code in OTHERS {
            city.bureau(code, "civil-affairs").await;
        }
        let listener = server::bind(([127, 0, 0, 1], 0).into()).expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("bound"));
        tokio::spawn(server::serve(listener, city.router.clone(), None, false, std::future::pending()));
        Self { city, server: address, place: tempfile::tempdir().expect("a directory") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    async fn administrator(&self) -> Person {
        self.city.person("seal-administrator", json!({})).await
    }

    /// Runs a step as this person: its outcome, and what it told on the way.
    async fn step(&self, who: &Person, step: Step) -> (Result<String, CeremonyError>, Vec<String>) {
        fs::write(self.path("token"), format!("{}\n", who.token)).expect("written");
        let args = StepArgs {
            server: self.server.clone(),
            token_file: self.path("token"),
            list: self.path("list.toml"),
            record: self.path("record.json"),
        };
        let run = move || {
            let told = Mutex::new(Vec::new());
            let outcome = step(&args, &|line| told.lock().expect("no panic").push(line.to_owned()));
            (outcome, told.into_inner().expect("no panic"))
        };
        tokio::task::spawn_blocking(run).await.expect("no panic")
    }

    fn record(&self) -> Value {
        serde_json::from_slice(&fs::read(self.path("record.json")).expect("there")).expect("JSON")
    }
}

fn write_list(server: &str, path: &Path) {
    let departments = Client::new(server).get("/v1/departments").expect("public");
    let codes = departments["items"].as_array().expect("a list").iter();
    let line = |department: &Value| {
        let code = department["code"].as_str().expect("a code");
        format!(
            "[[seal]]\nowner_code = \"{code}\"\npurpose = \"license\"\npurpose_words = \"电子证照专用章\"\ndays = 365\n"
        )
    };
    fs::write(path, codes.map(line).collect::<String>()).expect("written");
}

async fn count(city: &City, who: &Person) -> usize {
    let seals = city.get(who, "/v1/seals?limit=200").await.json();
    seals["items"].as_array().expect("a list").len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_asks_for_all_and_two_approve_also_when_it_breaks_off() {
    let table = Table::set().await;
    let (server, list) = (table.server.clone(), table.path("list.toml"));
    tokio::task::spawn_blocking(move || write_list(&server, &list)).await.expect("written");
    let people = (table.administrator().await, table.administrator().await, table.administrator().await);
    let (asks, second, third) = &people;

    let (outcome, told) = table.step(asks, ceremony::request).await;
    assert_eq!(outcome.expect("asked"), "0 of 3 seals are made, 3 wait for approval");
    assert!(told[0].starts_with("[  1/3] ") && told[2].ends_with(": asked for"), "{told:?}");
    // It broke off after the service had taken the last two and before they stood in the record.
    let mut record = table.record();
    for line in 1..3 {
        record["lines"][line]["code"] = Value::Null;
    }
    fs::write(table.path("record.json"), record.to_string()).expect("written");
    let (outcome, told) = table.step(asks, ceremony::request).await;
    assert_eq!(outcome.expect("asked"), "0 of 3 seals are made, 3 wait for approval");
    assert!(told[0].ends_with(": asked for before") && told[1].ends_with("before it broke off"), "{told:?}");
    assert_eq!(count(&table.city, asks).await, 3, "a seal was asked for twice");

    // Who asked approves nothing; everybody is told for each seal.
    let (outcome, told) = table.step(asks, ceremony::approve).await;
    let Err(CeremonyError::Some { failed: 3, all: 3, why }) = outcome else { panic!("{outcome:?}") };
    assert!(why.contains("seal.second_person_needed") && told[1].contains("FAILED"), "{why}");
    // One person counts once, however often.
    for _ in 0..2 {
        let (outcome, _) = table.step(second, ceremony::approve).await;
        assert_eq!(outcome.expect("approved"), "0 of 3 seals are made, 3 wait for approval");
    }
    for _ in 0..2 {
        let (outcome, told) = table.step(third, ceremony::approve).await;
        assert_eq!(outcome.expect("made"), "3 of 3 seals are made, 0 wait for approval");
        assert!(told[0].ends_with(": made"), "{told:?}");
    }
    let record = table.record();
    for line in record["lines"].as_array().expect("lines") {
        assert_eq!((&line["requested_by"], &line["state"]), (&json!(asks.id), &json!("active")), "{line}");
        let approvals = line["history"].as_array().expect("approvals").iter();
        let by: Vec<&Value> = approvals.map(|approval| &approval["by"]).collect();
        assert_eq!(by, [&json!(second.id), &json!(third.id)]);
    }

    // Another list is another ceremony.
    let text = fs::read_to_string(table.path("list.toml")).expect("there");
    fs::write(table.path("list.toml"), text.replace("days = 365", "days = 364")).expect("written");
    let (outcome, _) = table.step(asks, ceremony::request).await;
    assert!(matches!(outcome, Err(CeremonyError::Record(RecordError::OtherList(_)))), "{outcome:?}");
}
