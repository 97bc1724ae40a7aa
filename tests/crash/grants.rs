//! The same under a grant: whatever step the process dies at, there is one license and the use is counted once.

use super::city::City;
use super::postgres::Postgres;
use super::support::DEPARTMENT;
use super::{childs_service, credential, die, first_of};
use std::path::Path;
use std::sync::Arc;
use yinzheng::app::issue_license::{self, Issued, Order};
use yinzheng::app::{
    AppError, IssueStep, Service, Unwatched, grant_seal, list_licenses, register_department, resume_issuances,
};
use yinzheng::boot;
use yinzheng::config::Config;
use yinzheng::domain::grant::{Grant, GrantUse, Grantee, UseOutcome, UseSubject};
use yinzheng::domain::license::draft::RawValue;
use yinzheng::domain::party::{Department, Role};
use yinzheng::ports::store;

const HALL: &str = "11990000MB0000002Q";
const KIND: &str = "food-operation-permit";

#[tokio::test(flavor = "multi_thread")]
async fn a_process_killed_while_it_issues_under_a_grant_counts_the_use_once() {
    if is_child().await {
        return;
    }
    let city = City::new(None, prepare).await;
    for step in IssueStep::ALL {
        let (directory, config) = city.copy().await;
        let test = "grants::a_process_killed_while_it_issues_under_a_grant_counts_the_use_once";
        kill_at(step, &config, directory.path(), test).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn so_does_one_killed_over_postgres() {
    if is_child().await {
        return;
    }
    let Some(server) = Postgres::start("so_does_one_killed_over_postgres") else { return };
    let city = City::new(Some(&server), prepare).await;
    for step in super::TELLING {
        let (directory, config) = city.copy().await;
        kill_at(step, &config, directory.path(), "grants::so_does_one_killed_over_postgres").await;
    }
}

async fn is_child() -> bool {
    let Some(service) = childs_service().await else { return false };
    // Not reaching the step is told apart from being killed by leaving in peace.
    let _ = issue(&service).await;
    true
}

async fn kill_at(step: IssueStep, config: &Config, directory: &Path, test: &str) {
    die(step.name(), config, directory, test);
    let service = boot::build(config, Arc::new(Unwatched)).await.expect("a service").service;
    let recorded = step >= IssueStep::Recorded;
    let (grant, uses) = grant(&service).await;
    assert_eq!((grant.used, uses.len()), (u32::from(recorded), usize::from(recorded)), "{step:?}: not lost");
    let resumed = resume_issuances::run(&service, service.clock.now()).await.expect("a pass");
    assert_eq!((resumed.cancelled, resumed.left), (0, 0), "{step:?}");
    // The hall, which has heard nothing, asks again under the same key.
    let issued = issue(&service).await.expect("a license");
    assert_eq!(issued.fresh, !recorded, "{step:?}");
    let owner = first_of(&service, Role::Department, DEPARTMENT).await;
    let list = list_licenses::run(&service, &owner, list_licenses::Request::default()).await;
    assert_eq!(list.expect("a list").licenses.len(), 1, "{step:?}");
    let (grant, uses) = self::grant(&service).await;
    let [line] = &uses[..] else { panic!("{step:?}: {uses:?}") };
    let subject = UseSubject::License(issued.license.id);
    assert_eq!(
        (grant.used, &line.subject, line.outcome),
        (1, &subject, UseOutcome::Done),
        "{step:?}: nor double"
    );
}

/// The one grant there is, and its uses.
async fn grant(service: &Service) -> (Grant, Vec<GrantUse>) {
    store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let grant = tx.grants_to_body(HALL, None, 1).await?.pop().expect("a grant");
            let uses = tx.grant_uses(&grant.id, None, 9).await?;
            Ok((grant, uses))
        })
    })
    .await
    .expect("read")
}

async fn issue(service: &Arc<Service>) -> Result<Issued, AppError> {
    let hall = first_of(service, Role::Department, HALL).await;
    let (grant, _) = grant(service).await;
    let kind = service.kinds.get(KIND).expect("an embedded kind");
    let data = kind.fields.iter().map(|f| (f.name.clone(), RawValue::Text(f.example.clone()))).collect();
    let order = Order {
        kind: kind.name.clone(),
        seal: grant.seal.clone(),
        data,
        number: None,
        replaces: None,
        envelope: None,
        grant: Some(grant.id),
        business: None,
    };
    issue_license::run(service, &hall, "the-one-key", order).await
}

/// A department with a seal, and a hall that may use it twice.
async fn prepare(config: &Config) {
    super::prepare(config).await;
    let service = boot::build(config, Arc::new(Unwatched)).await.expect("a service").service;
    let operator = first_of(&service, Role::Operator, "").await;
    let hall = Department {
        code: HALL.into(),
        name_zh: "景川市政务服务中心".into(),
        name_en: "Jingchuan Service Hall".into(),
        area_code: "990100".into(),
        responsibility: "administrative-services".into(),
    };
    register_department::run(&service, &operator, hall).await.expect("registered");
    credential(&service, &operator, HALL, Role::Department, "hall").await;
    let sealer = first_of(&service, Role::SealAdministrator, DEPARTMENT).await;
    let seals = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.seals(Some(DEPARTMENT), "", 1).await?) })
    });
    let request = grant_seal::Request {
        seal: seals.await.expect("read").pop().expect("a seal").code,
        grantee: Grantee::Body(HALL.into()),
        kinds: vec![KIND.into()],
        documents: false,
        from: None,
        until: service.clock.now().date_in_china().next_day().expect("a day"),
        most: Some(2),
        reason: "委托办理".into(),
    };
    grant_seal::run(&service, &sealer, request).await.expect("granted");
}
