//! The same while the second of two people makes a seal or voids one: it is done whole, with all that belongs to it, or it is
//! as if that person had never come.

use super::city::City;
use super::postgres::Postgres;
use super::support::{self, settings};
use super::{DATABASE, DIRECTORY, STEP, die, issue_under};
use std::path::Path;
use std::sync::Arc;
use yinzheng::app::{
    IssueStep, SealStep, Service, Steps, Unwatched, act_on_seal, add_credential, publish_crl, read_license,
    register_department, request_seal, verify_file,
};
use yinzheng::boot;
use yinzheng::config::Config;
use yinzheng::crypto::Suite;
use yinzheng::domain::license::LicenseId;
use yinzheng::domain::party::{Credential, Department, Role, Scope};
use yinzheng::domain::report::Verdict;
use yinzheng::domain::seal::{Seal, SealAct, SealPurpose, SealState};
use yinzheng::domain::time::Timestamp;
use yinzheng::formats::x509::{self, crl};
use yinzheng::ports::store;

struct AbortAt(SealStep);

impl Steps for AbortAt {
    fn reached(&self, _: IssueStep) {}

    fn seal_reached(&self, step: SealStep) {
        if step == self.0 {
            std::process::abort();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_killed_while_it_makes_or_voids_a_seal_leaves_none_half_made() {
    if is_child().await {
        return;
    }
    kill_at_each(None, "seals::a_process_killed_while_it_makes_or_voids_a_seal_leaves_none_half_made").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_does_one_killed_over_postgres() {
    if is_child().await {
        return;
    }
    let Some(server) = Postgres::start("nor_does_one_killed_while_it_makes_a_seal") else { return };
    kill_at_each(Some(&server), "seals::nor_does_one_killed_over_postgres").await;
}

async fn kill_at_each(server: Option<&Postgres>, test: &str) {
    // Voiding makes no keys.
    for (act, steps) in
        [(SealAct::Approve, &SealStep::ALL[..]), (SealAct::Void, &[SealStep::Decided, SealStep::Committed])]
    {
        let mut license = None;
        let city = City::new(server, async |config: &Config| license = prepare(config, act).await).await;
        for step in steps {
            let (directory, config) = city.copy().await;
            kill_at((act, *step), &config, directory.path(), license.as_ref(), test).await;
        }
    }
}

/// A child does what the second person does, until it is killed.
async fn is_child() -> bool {
    let variable = |name| std::env::var(name).ok();
    let (Some(what), Some(directory), Some(database)) =
        (variable(STEP), variable(DIRECTORY), variable(DATABASE))
    else {
        return false;
    };
    let (act, step) = what.split_once(' ').expect("an act and a step");
    let act = SealAct::parse(act).expect("an act");
    let step = SealStep::ALL.into_iter().find(|known| known.name() == step).expect("a step");
    let config = Config { database, ..settings(Path::new(&directory)) };
    let service = boot::build(&config, Arc::new(AbortAt(step))).await.expect("a service").service;
    // Not reaching the step is told apart from being killed by leaving in peace.
    let _ = act_by(&service, "c", act).await;
    true
}

async fn kill_at(
    (act, step): (SealAct, SealStep),
    config: &Config,
    directory: &Path,
    license: Option<&LicenseId>,
    test: &str,
) {
    die(&format!("{} {}", act.name(), step.name()), config, directory, test);
    let service = here(config).await;
    let of = format!("{act:?} {step:?}");
    let (seal, made, approvals) = state(&service).await;
    let done = step == SealStep::Committed;
    match act {
        SealAct::Approve => {
            let state = if done { SealState::Active } else { SealState::Requested };
            assert_eq!(seal.state, state, "{of}");
            // All that it signs with, and all of it in the authorities' registers; or nothing of either.
            assert_eq!(made, if done { seal.suites.len() } else { 0 }, "{of}");
            assert_eq!(approvals, if done { 2 } else { 1 }, "{of}");
        }
        _ => {
            assert_eq!(seal.state, if done { SealState::Void } else { SealState::Active }, "{of}");
            assert_eq!(approvals, if done { 4 } else { 3 }, "{of}");
        }
    }
    // The same person does it again: once is enough, and enough is once.
    let again = act_by(&service, "c", act).await;
    assert_eq!(again.is_ok(), !done, "{of}: {:?}", again.err());
    let (seal, made, _) = state(&service).await;
    assert_eq!(made, seal.suites.len(), "{of}");
    let events =
        store::read(service.store.as_ref(), |tx, _| Box::pin(async move { Ok(tx.events(0, 200).await?) }));
    let topic = format!("seal.{}", seal.state.name());
    let told = events.await.expect("events").into_iter().filter(|event| event.topic == topic).count();
    assert_eq!(told, 1, "{of}");
    let Some(license) = license else {
        // It seals, with keys that the process before may have left behind.
        let issued = issue_under(&service, "after").await.expect("a license").license;
        return passes(&service, &issued.id, Verdict::Passed, &of).await;
    };
    // The lists that a killed process did not publish are made up for.
    for suite in seal.suites {
        let authority = &service.authorities.of(suite).expect("here").seal;
        let (store, keys) = (service.store.as_ref(), service.keys.as_ref());
        let now = service.clock.now();
        publish_crl::run_if_due(store, keys, authority, now).await.expect("a pass");
        let latest =
            store::read(store, |tx, _| Box::pin(async move { Ok(tx.latest_crl(&authority.name).await?) }));
        let entries = crl::entries(&latest.await.expect("read").expect("a list").der).expect("a list");
        assert_eq!(entries.iter().map(|entry| entry.reason).collect::<Vec<_>>(), [9], "{of} {suite:?}");
    }
    passes(&service, license, Verdict::Failed, &of).await;
}

async fn passes(service: &Arc<Service>, id: &LicenseId, verdict: Verdict, of: &str) {
    let department = person(service, "system").await;
    let file = read_license::file(service, &department, id, None).await.expect("a file").bytes;
    let report = verify_file::run(service, file).await.expect("a report");
    assert_eq!(report.verdict, verdict, "{of}: {:?}", report.findings);
}

async fn here(config: &Config) -> Arc<Service> {
    boot::build(config, Arc::new(Unwatched)).await.expect("a service").service
}

/// The one seal; how many things it signs with that its authority knows; how many approvals it has.
async fn state(service: &Service) -> (Seal, usize, usize) {
    let (seal, credentials, approvals) = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let seal = tx.seals(None, "", 1).await?.pop().expect("a seal");
            let (code, credentials) = (seal.code.clone(), tx.seal_credentials(&seal.code).await?);
            Ok((seal, credentials, tx.seal_approvals(&code).await?.len()))
        })
    })
    .await
    .expect("read");
    let mut known = 0;
    for credential in &credentials {
        let authority = &service.authorities.of(credential.suite).expect("here").seal;
        let serial = x509::read(&credential.x509).expect("reads").serial_hex;
        // The register refuses a serial number that it has.
        let row = store::IssuedX509 {
            authority: authority.name.clone(),
            serial,
            der: vec![0],
            not_after: Timestamp::from_micros(0),
            revoked: None,
        };
        let row = &row;
        let taken = store::write(service.store.as_ref(), |tx, _| {
            Box::pin(async move {
                let taken = matches!(tx.insert_x509(row).await, Err(store::StoreError::Exists(_)));
                Ok(taken)
            })
        });
        known += usize::from(taken.await.expect("asked"));
    }
    assert_eq!(known, credentials.len());
    assert!(
        credentials.iter().all(|credential| credential.suite != Suite::Sm2 || credential.object.is_some())
    );
    (seal, known, approvals)
}

async fn person(service: &Service, label: &str) -> Credential {
    let all = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.credentials("", 100).await?) })
    });
    all.await.expect("read").into_iter().find(|known| known.label == label).expect("somebody")
}

async fn act_by(service: &Arc<Service>, label: &str, act: SealAct) -> Result<(), yinzheng::app::AppError> {
    let (seal, ..) = state(service).await;
    let request = act_on_seal::Request::new(seal.code, act, "按规定办理");
    act_on_seal::run(service, &person(service, label).await, request).await.map(drop)
}

/// A seal that one person asked for and another one approved; for voiding, one in use that has sealed a license and that one
/// person voided. The license.
async fn prepare(config: &Config, act: SealAct) -> Option<LicenseId> {
    let service = here(config).await;
    let operator = add_credential::first_operator(&service, "first").await.expect("fresh").expect("fresh");
    let operator = operator.credential;
    let department = Department {
        code: support::DEPARTMENT.into(),
        name_zh: "景川市市场监督管理局".into(),
        name_en: "Jingchuan Market Regulation Bureau".into(),
        area_code: "990100".into(),
        responsibility: "market-regulation".into(),
    };
    register_department::run(&service, &operator, department).await.expect("registered");
    for (role, label) in [
        (Role::Department, "system"),
        (Role::SealAdministrator, "a"),
        (Role::SealAdministrator, "b"),
        (Role::SealAdministrator, "c"),
    ] {
        let request = add_credential::Request {
            label: label.into(),
            role,
            department: Some(support::DEPARTMENT.into()),
            holder: None,
            business: None,
            kinds: Scope::All,
            seals: Scope::All,
            days: 1,
            person: None,
            secret: add_credential::Secret::Token,
        };
        add_credential::run(&service, &operator, request).await.expect("a credential");
    }
    let words = "电子证照专用章";
    let request = request_seal::Request::of_department(support::DEPARTMENT, SealPurpose::License, words, 30);
    request_seal::run(&service, &person(&service, "a").await, request).await.expect("a seal");
    act_by(&service, "b", SealAct::Approve).await.expect("one of two");
    if act == SealAct::Approve {
        return None;
    }
    act_by(&service, "c", SealAct::Approve).await.expect("made");
    let license = issue_under(&service, "before").await.expect("a license").license.id;
    act_by(&service, "b", act).await.expect("one of two");
    Some(license)
}
