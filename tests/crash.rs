//! Kills the process at each numbered step of issuing and checks what is left.
//!
//! Each test here, one a store, starts itself again as a child that issues a license and aborts, without unwinding and
//! without destructors, as soon as the step is complete.

#[path = "crash/businesses.rs"]
mod businesses;
#[path = "crash/city.rs"]
mod city;
#[path = "crash/envelopes.rs"]
mod envelopes;
#[path = "crash/grants.rs"]
mod grants;
#[path = "support/postgres.rs"]
mod postgres;
#[path = "crash/seal_jobs.rs"]
mod seal_jobs;
#[path = "crash/seals.rs"]
mod seals;
#[allow(dead_code, reason = "this test calls no router")]
#[path = "support/service.rs"]
mod support;
#[path = "crash/webhooks.rs"]
mod webhooks;

use city::City;
use postgres::Postgres;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use support::settings;
use yinzheng::app::issue_license::{self, Issued, Order};
use yinzheng::app::{
    AppError, IssueStep, Service, Steps, Unwatched, act_on_seal, add_credential, list_licenses, read_license,
    register_department, request_seal, resume_issuances, verify_file,
};
use yinzheng::boot;
use yinzheng::config::Config;
use yinzheng::domain::license::draft::RawValue;
use yinzheng::domain::party::{Credential, Department, Role, Scope};
use yinzheng::domain::report::Verdict;
use yinzheng::domain::seal::{SealAct, SealCode, SealPurpose};
use yinzheng::ports::store;

const STEP: &str = "YINZHENG_TEST_ABORT_AT";
const DIRECTORY: &str = "YINZHENG_TEST_DIRECTORY";
const DATABASE: &str = "YINZHENG_TEST_DATABASE";

/// The steps between which something durable appears: what is told apart over PostgreSQL too, where each takes seconds. Every
/// step is told apart over SQLite, and of plain issuing over both.
const TELLING: [IssueStep; 4] =
    [IssueStep::Recorded, IssueStep::Sealed, IssueStep::Filed, IssueStep::Committed];

struct AbortAt(IssueStep);

impl Steps for AbortAt {
    fn reached(&self, step: IssueStep) {
        if step == self.0 {
            std::process::abort();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_killed_at_any_step_neither_loses_nor_doubles() {
    if is_child().await {
        return;
    }
    let city = City::new(None, prepare).await;
    for step in IssueStep::ALL {
        let (directory, config) = city.copy().await;
        kill_at(step, &config, directory.path(), "a_process_killed_at_any_step_neither_loses_nor_doubles")
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_does_one_killed_over_postgres() {
    if is_child().await {
        return;
    }
    let Some(server) = Postgres::start("nor_does_one_killed_over_postgres") else { return };
    let city = City::new(Some(&server), prepare).await;
    for step in IssueStep::ALL {
        let (directory, config) = city.copy().await;
        kill_at(step, &config, directory.path(), "nor_does_one_killed_over_postgres").await;
    }
}

async fn kill_at(step: IssueStep, config: &Config, directory: &Path, test: &str) {
    die(step.name(), config, directory, test);
    check(config, step).await;
}

/// Runs this test again as a child that dies at the step.
fn die(step: &str, config: &Config, directory: &Path, test: &str) {
    let child = Command::new(std::env::current_exe().expect("this test"))
        .args([test, "--exact", "--nocapture"])
        .env(STEP, step)
        .env(DIRECTORY, directory)
        .env(DATABASE, &config.database)
        .output()
        .expect("a child");
    // SIGABRT and nothing else: a child that failed on its way there would prove nothing.
    assert_eq!(child.status.signal(), Some(6), "{step}: {}", String::from_utf8_lossy(&child.stderr));
}

/// Whether this process is a child. A child issues until it is killed; being alive after that is the failure.
async fn is_child() -> bool {
    let Some(service) = childs_service().await else { return false };
    // Not reaching the step is told apart from being killed by leaving in peace.
    let _ = issue(&service).await;
    true
}

/// The service of a child, which dies at its step; none in the parent.
async fn childs_service() -> Option<Arc<Service>> {
    let variable = |name| std::env::var(name).ok();
    let (Some(step), Some(directory), Some(database)) =
        (variable(STEP), variable(DIRECTORY), variable(DATABASE))
    else {
        return None;
    };
    let step = IssueStep::ALL.into_iter().find(|s| s.name() == step).expect("a step");
    let config = Config { database, ..settings(Path::new(&directory)) };
    Some(boot::build(&config, Arc::new(AbortAt(step))).await.expect("a service").service)
}

async fn prepare(config: &Config) {
    let service = boot::build(config, Arc::new(Unwatched)).await.expect("a service").service;
    let operator = add_credential::first_operator(&service, "first").await.expect("fresh").expect("fresh");
    let operator = operator.credential;
    let department = Department {
        code: support::DEPARTMENT.into(),
        name_zh: "景川市市场监督管理局".into(),
        name_en: "Jingchuan Market Regulation Bureau".into(),
        area_code: "990100".into(),
        responsibility: "market-regulation".into(),
    };
    register(&service, &operator, department).await;
}

/// A department with a credential of its own and a seal that one administrator asked for and two others approved.
async fn register(service: &Arc<Service>, operator: &Credential, department: Department) {
    let code = department.code.clone();
    register_department::run(service, operator, department).await.expect("registered");
    credential(service, operator, &code, Role::Department, "system").await;
    let first = credential(service, operator, &code, Role::SealAdministrator, "a").await;
    let request = request_seal::Request::of_department(&code, SealPurpose::License, "电子证照专用章", 30);
    let seal = request_seal::run(service, &first, request).await.expect("a seal").code;
    for label in ["b", "c"] {
        let approve = act_on_seal::Request::new(seal.clone(), SealAct::Approve, "");
        let approver = credential(service, operator, &code, Role::SealAdministrator, label).await;
        act_on_seal::run(service, &approver, approve).await.expect("approved");
    }
}

/// A credential of a department.
async fn credential(
    service: &Arc<Service>,
    operator: &Credential,
    department: &str,
    role: Role,
    label: &str,
) -> Credential {
    let request = add_credential::Request {
        label: label.into(),
        role,
        department: Some(department.into()),
        holder: None,
        business: None,
        person: None,
        kinds: Scope::All,
        seals: Scope::All,
        days: 1,
        secret: add_credential::Secret::Token,
    };
    add_credential::run(service, operator, request).await.expect("a credential").credential
}

/// A credential of this role and department, from the database; whatever department where that is empty.
async fn first_of(service: &Service, role: Role, department: &str) -> Credential {
    let credentials = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.credentials("", 100).await?) })
    });
    let mut found = credentials.await.expect("credentials").into_iter();
    let of = |own: Option<&str>| department.is_empty() || own == Some(department);
    found.find(|c| c.role == role && of(c.department.as_deref())).expect("such a credential")
}

/// The department's credential and its seal, from the database.
async fn parties(service: &Service) -> (Credential, SealCode) {
    store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let credentials = tx.credentials("", 100).await?;
            let department = credentials.into_iter().find(|c| c.role == Role::Department);
            let seal = tx.seals(None, "", 1).await?.pop();
            Ok((department.expect("a department"), seal.expect("a seal").code))
        })
    })
    .await
    .expect("parties")
}

async fn issue(service: &Arc<Service>) -> Result<Issued, AppError> {
    issue_under(service, "the-one-key").await
}

async fn issue_under(service: &Arc<Service>, key: &str) -> Result<Issued, AppError> {
    let (department, seal) = parties(service).await;
    let kind = service.kinds.get("food-operation-permit").expect("an embedded kind");
    let data = kind.fields.iter().map(|f| (f.name.clone(), RawValue::Text(f.example.clone()))).collect();
    let order = Order {
        kind: kind.name.clone(),
        seal,
        data,
        number: None,
        replaces: None,
        envelope: None,
        grant: None,
        business: None,
    };
    issue_license::run(service, &department, key, order).await
}

async fn check(config: &Config, step: IssueStep) {
    let service = boot::build(config, Arc::new(Unwatched)).await.expect("a service").service;
    let (department, _) = parties(&service).await;
    // A restart finishes what was recorded; nothing recorded needs nothing finished.
    let resumed = resume_issuances::run(&service, service.clock.now()).await.expect("a pass");
    let open = (IssueStep::Recorded..IssueStep::Committed).contains(&step);
    assert_eq!((resumed.finished, resumed.cancelled, resumed.left), (u32::from(open), 0, 0), "{step:?}");
    // The same key: one license, and a new one only if nothing was recorded.
    let issued = issue(&service).await.expect("a license");
    assert_eq!(issued.fresh, step < IssueStep::Recorded, "{step:?}");
    let list = list_licenses::run(&service, &department, list_licenses::Request::default()).await;
    let licenses = list.expect("a list").licenses;
    assert_eq!(licenses.len(), 1, "{step:?}");
    // License, history, audit and event came together, once.
    let id = &licenses[0].id;
    let now = service.clock.now();
    let (history, issues, events, open) = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let lines = tx.audit_lines(Some(id.as_str()), None, 0, 100).await?;
            let issues = lines.iter().filter(|line| line.action == "license.issue").count();
            let events = tx.events(0, 100).await?;
            let events = events.iter().filter(|event| event.topic == "license.issued").count();
            let open = tx.open_issuances(now, 10).await?.len();
            Ok((tx.license_events(id).await?.len(), issues, events, open))
        })
    })
    .await
    .expect("what is left");
    assert_eq!((history, issues, events, open), (1, 1, 1, 0), "{step:?}");
    // And its file passes.
    let file = read_license::file(&service, &department, id, None).await.expect("a file").bytes;
    let report = verify_file::run(&service, file).await.expect("a report");
    assert_eq!(report.verdict, Verdict::Passed, "{step:?}: {:?}", report.findings);
}
