//! The same while a document is sealed: the job is done once, whole, or nothing was recorded of it.

use super::city::City;
use super::postgres::Postgres;
use super::support::settings;
use super::{DATABASE, DIRECTORY, STEP, die, parties, prepare};
use std::path::Path;
use std::sync::Arc;
use yinzheng::app::seal_document::{self, Outcome, Request};
use yinzheng::app::{
    AppError, IssueStep, JobStep, Service, Steps, Unwatched, add_credential, grant_seal, resume_seal_jobs,
    verify_file,
};
use yinzheng::boot;
use yinzheng::config::Config;
use yinzheng::domain::grant::{Grant, Grantee};
use yinzheng::domain::party::{Credential, Role, Scope};
use yinzheng::domain::report::Verdict;
use yinzheng::domain::seal_job::{JobState, Place, Which};
use yinzheng::ports::store;

struct AbortAt(JobStep);

impl Steps for AbortAt {
    fn reached(&self, _: IssueStep) {}

    fn reached_in_job(&self, step: JobStep) {
        if step == self.0 {
            std::process::abort();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_killed_while_it_seals_a_document_leaves_nothing_half_done() {
    if is_child().await {
        return;
    }
    let city = City::new(None, ready).await;
    for step in JobStep::ALL {
        let (directory, config) = city.copy().await;
        let test = "seal_jobs::a_process_killed_while_it_seals_a_document_leaves_nothing_half_done";
        kill_at(step, &config, directory.path(), test).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_does_one_killed_over_postgres() {
    if is_child().await {
        return;
    }
    let Some(server) = Postgres::start("nor_does_one_killed_while_it_seals") else { return };
    let city = City::new(Some(&server), ready).await;
    for step in [JobStep::Recorded, JobStep::Sealed, JobStep::Filed, JobStep::Committed] {
        let (directory, config) = city.copy().await;
        kill_at(step, &config, directory.path(), "seal_jobs::nor_does_one_killed_over_postgres").await;
    }
}

/// Whether this process is a child. Not reaching the step is told apart from being killed by leaving in peace.
async fn is_child() -> bool {
    let variable = |name| std::env::var(name).ok();
    let (Some(step), Some(directory), Some(database)) =
        (variable(STEP), variable(DIRECTORY), variable(DATABASE))
    else {
        return false;
    };
    let step = JobStep::ALL.into_iter().find(|known| known.name() == step).expect("a step");
    let config = Config { database, ..settings(Path::new(&directory)) };
    let service = boot::build(&config, Arc::new(AbortAt(step))).await.expect("a service").service;
    let _ = seal(&service).await;
    true
}

async fn kill_at(step: JobStep, config: &Config, directory: &Path, test: &str) {
    die(step.name(), config, directory, test);
    let service = boot::build(config, Arc::new(Unwatched)).await.expect("a service").service;
    let recorded = step >= JobStep::Recorded;
    let used = || async { lent(&service).await.1.used };
    assert_eq!(used().await, u32::from(recorded), "{step:?}: a use counts from its intent on");
    // A restart finishes what was recorded; nothing recorded needs nothing finished.
    let resumed = resume_seal_jobs::run(&service, service.clock.now()).await.expect("a pass");
    let open = (JobStep::Recorded..JobStep::Committed).contains(&step);
    assert_eq!((resumed.finished, resumed.cancelled, resumed.left), (u32::from(open), 0, 0), "{step:?}");
    // The same key: one job, and a new one only if nothing was recorded.
    let outcome = seal(&service).await.expect("sealed");
    assert_eq!(outcome.fresh, !recorded, "{step:?}");
    assert!(matches!(outcome.job.state, JobState::Done { .. }));
    assert_eq!(used().await, 1, "{step:?}: used once, whatever happened");
    let (clerk, _) = lent(&service).await;
    let jobs = seal_document::of_caller(&service, &clerk, None, None).await.expect("a list");
    assert_eq!(jobs.len(), 1, "{step:?}");
    let now = service.clock.now();
    let (lines, events, open) = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let lines = tx.audit_lines(None, None, 0, 200).await?;
            let lines = lines.iter().filter(|line| line.action == "seal.use").count();
            let events = tx.events(0, 200).await?;
            let events = events.iter().filter(|event| event.topic == "seal.used").count();
            Ok((lines, events, tx.open_seal_jobs(now, 10).await?.len()))
        })
    })
    .await
    .expect("what is left");
    assert_eq!((lines, events, open), (1, 1, 0), "{step:?}");
    let (_, file) = seal_document::file(&service, &clerk, &jobs[0].id).await.expect("a file");
    let report = verify_file::run(&service, file).await.expect("a report");
    assert_eq!(report.verdict, Verdict::Passed, "{step:?}: {:?}", report.findings);
}

async fn ready(config: &Config) {
    prepare(config).await;
    lend(config).await;
}

/// A clerk with a grant for one document.
async fn lend(config: &Config) {
    let service = boot::build(config, Arc::new(Unwatched)).await.expect("a service").service;
    let (_, seal) = parties(&service).await;
    let operator = of_role(&service, Role::Operator).await;
    let request = add_credential::Request {
        label: "3号窗口".into(),
        role: Role::Clerk,
        department: None,
        holder: None,
        business: None,
        person: None,
        kinds: Scope::All,
        seals: Scope::All,
        days: 1,
        secret: add_credential::Secret::Token,
    };
    let clerk = add_credential::run(&service, &operator, request).await.expect("a credential").credential;
    let request = grant_seal::Request {
        seal,
        grantee: Grantee::Credential(clerk.id),
        kinds: Vec::new(),
        documents: true,
        from: None,
        until: service.clock.now().date_in_china(),
        most: Some(1),
        reason: "委托用印".into(),
    };
    let administrator = of_role(&service, Role::SealAdministrator).await;
    grant_seal::run(&service, &administrator, request).await.expect("a grant");
}

async fn of_role(service: &Service, role: Role) -> Credential {
    let credentials = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.credentials("", 100).await?) })
    });
    let found = credentials.await.expect("read").into_iter().find(|credential| credential.role == role);
    found.expect("one of this role")
}

/// The clerk and its grant.
async fn lent(service: &Service) -> (Credential, Grant) {
    let clerk = of_role(service, Role::Clerk).await;
    let id = &clerk.id;
    let grants = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.grants_to_credential(id, None, 1).await?) })
    });
    let grant = grants.await.expect("read").pop().expect("a grant");
    (clerk, grant)
}

async fn seal(service: &Arc<Service>) -> Result<Outcome, AppError> {
    let (clerk, grant) = lent(service).await;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/pdf/chromium.pdf");
    let request = Request {
        seal: grant.seal,
        grant: Some(grant.id),
        suite: None,
        place: Place::Words { words: "甲方（盖章）".into(), which: Which::Only },
        straddling: true,
        name: "采购合同.pdf".into(),
        reason: "签订采购合同".into(),
        file: std::fs::read(file).expect("a sample"),
    };
    seal_document::run(service, &clerk, "the-one-key", request).await
}
