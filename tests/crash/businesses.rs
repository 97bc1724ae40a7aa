//! The same while a business is registered, and while it is renamed: license and seals are there together or not at all.

use super::city::City;
use super::postgres::Postgres;
use super::support::DEPARTMENT;
use super::{childs_service, die, parties, prepare as prepare_registry};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use yinzheng::app::business::{read, register, rule};
use yinzheng::app::issue_license::Issued;
use yinzheng::app::{
    AppError, IssueStep, Service, Unwatched, add_credential, list_licenses, read_license, resume_issuances,
    verify_file,
};
use yinzheng::boot;
use yinzheng::config::Config;
use yinzheng::domain::business::COMPANY_SEALS;
use yinzheng::domain::license::draft::RawValue;
use yinzheng::domain::party::{Credential, Role, Scope};
use yinzheng::domain::report::Verdict;
use yinzheng::domain::seal::{Seal, SealCode, SealState};
use yinzheng::domain::time::parse_date;
use yinzheng::ports::store;

const CODE: &str = "91990102MA7YQX031L";
const RENAMED: &str = "景川市云栖茶叶有限公司";
/// Where the child renames a business instead of registering one.
const RENAME: &str = "rename";

#[tokio::test(flavor = "multi_thread")]
async fn a_process_killed_while_it_registers_a_business_leaves_no_half_of_it() {
    let test = "businesses::a_process_killed_while_it_registers_a_business_leaves_no_half_of_it";
    if is_child().await {
        return;
    }
    let city = City::new(None, prepare).await;
    for step in IssueStep::ALL {
        let (directory, config) = city.copy().await;
        kill_at(step, &config, directory.path(), (test, false)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_does_one_killed_while_it_renames_one() {
    if is_child().await {
        return;
    }
    let city = City::new(None, prepare_one_to_rename).await;
    for step in IssueStep::ALL {
        let (directory, config) = city.copy().await;
        let test = "businesses::nor_does_one_killed_while_it_renames_one";
        kill_at(step, &config, directory.path(), (test, true)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_does_one_killed_over_postgres() {
    if is_child().await {
        return;
    }
    let Some(server) = Postgres::start("nor_does_one_killed_while_it_registers") else { return };
    let none_yet = City::new(Some(&server), prepare).await;
    let one_to_rename = City::new(Some(&server), prepare_one_to_rename).await;
    for (step, rename) in [
        (IssueStep::Recorded, false),
        (IssueStep::SealsMade, true),
        (IssueStep::Filed, false),
        (IssueStep::Committed, true),
    ] {
        let (directory, config) = if rename { &one_to_rename } else { &none_yet }.copy().await;
        let test = "businesses::nor_does_one_killed_over_postgres";
        kill_at(step, &config, directory.path(), (test, rename)).await;
    }
}

async fn is_child() -> bool {
    let Some(service) = childs_service().await else { return false };
    let directory = std::env::var(super::DIRECTORY).expect("a child has one");
    // Not reaching the step is told apart from being killed by leaving in peace.
    let _ = if Path::new(&directory).join(RENAME).exists() {
        rename(&service).await
    } else {
        register(&service).await
    };
    true
}

async fn kill_at(step: IssueStep, config: &Config, directory: &Path, (test, renames): (&str, bool)) {
    if renames {
        std::fs::write(directory.join(RENAME), "").expect("a mark");
    }
    die(step.name(), config, directory, test);
    let service = boot::build(config, Arc::new(Unwatched)).await.expect("a service").service;
    let editions = usize::from(renames) + usize::from(step == IssueStep::Committed);
    assert_whole(&service, editions, &format!("{step:?} before the restart")).await;
    let resumed = resume_issuances::run(&service, service.clock.now()).await.expect("a pass");
    assert_eq!((resumed.cancelled, resumed.left), (0, 0), "{step:?}");
    let again = if renames { rename(&service).await } else { register(&service).await };
    assert_eq!(again.expect("a business").fresh, step < IssueStep::Recorded, "{step:?}");
    assert_whole(&service, 1 + usize::from(renames), &format!("{step:?} after it")).await;
}

/// So many editions of the license there are, as many seals of each purpose, and the last of both in use.
async fn assert_whole(service: &Arc<Service>, editions: usize, when: &str) {
    let (registry, _) = parties(service).await;
    let list = list_licenses::run(service, &registry, list_licenses::Request::default()).await;
    let licenses = list.expect("a list").licenses;
    assert_eq!(licenses.len(), editions, "{when}");
    let seals = seals(service).await;
    assert_eq!(seals.len(), editions * COMPANY_SEALS.len(), "{when}: half of it never exists");
    let mut states = BTreeMap::new();
    for seal in &seals {
        *states.entry(seal.state.name()).or_insert(0_usize) += 1;
    }
    let in_use = if editions == 0 { 0 } else { COMPANY_SEALS.len() };
    assert_eq!(states.get("active").copied().unwrap_or_default(), in_use, "{when}: {states:?}");
    assert!(seals.iter().all(|s| matches!(s.state, SealState::Active | SealState::Replaced)), "{when}");
    let found = read::one(service, &registry, CODE).await;
    if editions == 0 {
        assert!(found.is_err(), "{when}: no business without its license");
        return;
    }
    let whole = found.expect("a business");
    assert_eq!(whole.license.edition as usize, editions, "{when}");
    let names = whole.seals.iter().map(|seal| &seal.owner_name).chain([&whole.license.holder.name]);
    assert!(names.into_iter().all(|name| *name == whole.business.name), "{when}: one name on everything");
    let id = &whole.license.id;
    let file = read_license::file(service, &registry, id, None).await.expect("a file").bytes;
    let report = verify_file::run(service, file).await.expect("a report");
    assert_eq!(report.verdict, Verdict::Passed, "{when}: {:?}", report.findings);
}

async fn seals(service: &Service) -> Vec<Seal> {
    store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.seals(Some(CODE), "", 200).await?) })
    })
    .await
    .expect("seals")
}

/// The registry, its seal, and a rule that two people approved.
async fn prepare_one_to_rename(config: &Config) {
    prepare(config).await;
    let service = boot::build(config, Arc::new(Unwatched)).await.expect("a service").service;
    register(&service).await.expect("a business");
}

async fn prepare(config: &Config) {
    prepare_registry(config).await;
    let service = boot::build(config, Arc::new(Unwatched)).await.expect("a service").service;
    let operator = person(&service, Role::Operator).await;
    let mut people = Vec::new();
    for label in ["d", "e"] {
        let request = add_credential::Request {
            label: label.into(),
            role: Role::SealAdministrator,
            department: None,
            holder: None,
            business: None,
            person: None,
            kinds: Scope::All,
            seals: Scope::All,
            days: 1,
            secret: add_credential::Secret::Token,
        };
        people.push(add_credential::run(&service, &operator, request).await.expect("given").credential);
    }
    let wish = rule::Request {
        registry: DEPARTMENT.into(),
        purposes: COMPANY_SEALS.to_vec(),
        days: 365,
        from: None,
        until: parse_date("2028-06-30").expect("a date"),
        reason: "企业开办一件事".into(),
    };
    let proposed = rule::propose(&service, &people[0], wish).await.expect("a rule");
    rule::approve(&service, &people[1], &proposed.id).await.expect("approved");
}

async fn person(service: &Service, role: Role) -> Credential {
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.credentials("", 100).await?) })
    });
    let found = found.await.expect("credentials").into_iter().find(|person| person.role == role);
    found.expect("somebody in that role")
}

/// The examples of the kind, under the registry's own seal.
async fn ground(service: &Service) -> (Credential, SealCode, BTreeMap<String, RawValue>) {
    let registry = parties(service).await.0;
    let kind = service.kinds.get("business-license").expect("an embedded kind");
    let data = kind.fields.iter().map(|f| (f.name.clone(), RawValue::Text(f.example.clone()))).collect();
    let seal = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.seals(Some(DEPARTMENT), "", 1).await?.pop()) })
    });
    (registry, seal.await.expect("seals").expect("a seal").code, data)
}

async fn register(service: &Arc<Service>) -> Result<Issued, AppError> {
    let (registry, seal, data) = ground(service).await;
    let request = register::Registration {
        kind: "business-license".into(),
        seal,
        data,
        seals: COMPANY_SEALS.to_vec(),
        replaces: None,
    };
    register::run(service, &registry, "the-one-key", request).await
}

async fn rename(service: &Arc<Service>) -> Result<Issued, AppError> {
    let (registry, seal, mut data) = ground(service).await;
    data.insert("name".into(), RawValue::Text(RENAMED.into()));
    let request = register::Change {
        business: CODE.into(),
        revision: None,
        seal,
        data,
        seals: Vec::new(),
        reason: "变更名称".into(),
    };
    register::change(service, &registry, "the-other-key", request).await
}
