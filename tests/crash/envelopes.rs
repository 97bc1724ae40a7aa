//! The same while an envelope is finished: the last consent, given by a deputy under a grant, stands and is one use of it, and
//! the license is released once, whole, or not yet.

use super::city::City;
use super::postgres::Postgres;
use super::{childs_service, credential, die, first_of, register};
use std::path::Path;
use std::sync::Arc;
use yinzheng::app::envelope::{act, consent, look_after, open};
use yinzheng::app::{
    IssueStep, Service, Unwatched, add_credential, grant_seal, list_licenses, read_license,
    register_department, resume_issuances, verify_file,
};
use yinzheng::boot;
use yinzheng::config::Config;
use yinzheng::domain::envelope::{Envelope, EnvelopeId, EnvelopeState};
use yinzheng::domain::grant::{GrantId, Grantee};
use yinzheng::domain::license::draft::RawValue;
use yinzheng::domain::party::{Credential, Department, Role};
use yinzheng::domain::report::Verdict;
use yinzheng::domain::seal::SealCode;
use yinzheng::ports::store;

/// Credit code, place, responsibility, in the order in which they consent; the last consents in the child.
const BODIES: [(&str, &str, &str); 4] = [
    ("11990102MB7100071W", "990102", "housing-construction"),
    ("11990100MB71000736", "990100", "natural-resources"),
    ("11990100MB71000749", "990100", "ecology-environment"),
    ("11990000MB71000757", "990000", "housing-construction"),
];
/// Whom the last of them granted its seal.
const DEPUTY: &str = "11990102MB7100076C";

#[tokio::test(flavor = "multi_thread")]
async fn a_process_killed_while_it_finishes_an_envelope_leaves_nothing_half_sealed() {
    if is_child().await {
        return;
    }
    let city = City::new(None, prepare).await;
    for step in IssueStep::ALL {
        let (directory, config) = city.copy().await;
        let test = "envelopes::a_process_killed_while_it_finishes_an_envelope_leaves_nothing_half_sealed";
        kill_at(step, &config, directory.path(), test).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_does_one_killed_over_postgres() {
    if is_child().await {
        return;
    }
    let Some(server) = Postgres::start("nor_does_one_killed_while_it_finishes") else { return };
    let city = City::new(Some(&server), prepare).await;
    for step in super::TELLING {
        let (directory, config) = city.copy().await;
        kill_at(step, &config, directory.path(), "envelopes::nor_does_one_killed_over_postgres").await;
    }
}

async fn is_child() -> bool {
    let Some(service) = childs_service().await else { return false };
    let (id, ..) = envelope(&service).await;
    // Not reaching the step is told apart from being killed by leaving in peace.
    let deputy = first_of(&service, Role::Department, DEPUTY).await;
    let (grant, _) = grant(&service).await;
    let seal = officer(&service, BODIES[3].0).await.1;
    let _ = consents(&service, &id, &deputy, seal, Some(grant)).await;
    true
}

async fn kill_at(step: IssueStep, config: &Config, directory: &Path, test: &str) {
    die(step.name(), config, directory, test);
    let service = boot::build(config, Arc::new(Unwatched)).await.expect("a service").service;
    let (id, found) = envelope(&service).await;
    let released = step == IssueStep::Committed;
    assert_eq!(grant(&service).await.1, 1, "{step:?}: counted with the consent");
    let state = if released { EnvelopeState::Finished } else { EnvelopeState::Satisfied };
    assert_eq!(found.state, state, "{step:?}");
    assert_eq!(
        licenses(&service).await.len(),
        usize::from(released),
        "{step:?}: nothing half-sealed is there"
    );
    // A restart finishes it, whichever of the two jobs comes to it first.
    let resumed = resume_issuances::run(&service, service.clock.now()).await.expect("a pass");
    let looked = look_after::run(&service).await.expect("a pass");
    assert_eq!((resumed.cancelled, resumed.left, looked.left), (0, 0, 0), "{step:?}");
    assert_eq!(grant(&service).await.1, 1, "{step:?}: and once");
    let (_, found) = envelope(&service).await;
    let licenses = licenses(&service).await;
    let [license] = &licenses[..] else { panic!("{step:?}: {} licenses", licenses.len()) };
    assert_eq!(
        (found.state, found.license.as_ref()),
        (EnvelopeState::Finished, Some(&license.id)),
        "{step:?}"
    );
    let (id, county) = (&id, officer(&service, BODIES[0].0).await.0);
    let events =
        store::read(service.store.as_ref(), |tx, _| Box::pin(async move { Ok(tx.events(0, 200).await?) }))
            .await
            .expect("events");
    let told = |topic: &str| events.iter().filter(|event| event.topic == topic).count();
    assert_eq!((told("envelope.finished"), told("license.issued")), (1, 1), "{step:?} {id}");
    for file in &license.files {
        let format = Some(file.form.format);
        let file = read_license::file(&service, &county, &license.id, format).await.expect("a file").bytes;
        let report = verify_file::run(&service, file).await.expect("a report");
        assert_eq!(report.verdict, Verdict::Passed, "{step:?} {format:?}: {:?}", report.findings);
    }
}

async fn licenses(service: &Service) -> Vec<yinzheng::domain::license::License> {
    let county = officer(service, BODIES[0].0).await.0;
    let list = list_licenses::run(service, &county, list_licenses::Request::default()).await;
    list.expect("a list").licenses
}

/// The one envelope there is.
async fn envelope(service: &Service) -> (EnvelopeId, Envelope) {
    let listing = store::EnvelopeListing::Initiated(BODIES[0].0.into());
    let page = store::EnvelopePage { after: None, limit: 1 };
    let (listing, page) = (&listing, &page);
    store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let summary = tx.envelopes(listing, page).await?.pop().expect("an envelope");
            let envelope = tx.envelope(&summary.id).await?.expect("an envelope");
            Ok((summary.id, envelope))
        })
    })
    .await
    .expect("read")
}

/// A department's officer and its seal, from the database.
async fn officer(service: &Service, code: &str) -> (Credential, SealCode) {
    store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let credentials = tx.credentials("", 100).await?;
            let mine = credentials
                .into_iter()
                .find(|c| c.role == Role::Department && c.department.as_deref() == Some(code));
            let seal = tx.seals(Some(code), "", 1).await?.pop();
            Ok((mine.expect("an officer"), seal.expect("a seal").code))
        })
    })
    .await
    .expect("read")
}

async fn consents(
    service: &Arc<Service>,
    id: &EnvelopeId,
    by: &Credential,
    seal: SealCode,
    grant: Option<GrantId>,
) -> Option<Envelope> {
    let request = consent::Request { envelope: id.clone(), version: 1, seal, grant };
    consent::run(service, by, request).await.ok()
}

/// The deputy's grant, and how often it was used.
async fn grant(service: &Service) -> (GrantId, u32) {
    store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let grant = tx.grants_to_body(DEPUTY, None, 1).await?.pop().expect("a grant");
            assert_eq!(tx.grant_uses(&grant.id, None, 9).await?.len(), grant.used as usize);
            Ok((grant.id, grant.used))
        })
    })
    .await
    .expect("read")
}

/// Everybody's seals, a grant of the last one's, an envelope, and every consent but the last.
async fn prepare(config: &Config) {
    let service = boot::build(config, Arc::new(Unwatched)).await.expect("a service").service;
    let operator = add_credential::first_operator(&service, "first").await.expect("fresh").expect("fresh");
    let operator = operator.credential;
    for (code, area, responsibility) in BODIES {
        let department = Department {
            code: code.into(),
            name_zh: format!("景川{area}主管部门"),
            name_en: format!("Bureau {area}"),
            area_code: area.into(),
            responsibility: responsibility.into(),
        };
        register(&service, &operator, department).await;
    }
    let deputy = Department {
        code: DEPUTY.into(),
        name_zh: "景川政务服务中心".into(),
        name_en: "Hall".into(),
        area_code: "990102".into(),
        responsibility: "administrative-services".into(),
    };
    register_department::run(&service, &operator, deputy).await.expect("registered");
    credential(&service, &operator, DEPUTY, Role::Department, "deputy").await;
    let grant = grant_seal::Request {
        seal: officer(&service, BODIES[3].0).await.1,
        grantee: Grantee::Body(DEPUTY.into()),
        kinds: vec!["construction-permit".into()],
        documents: false,
        from: None,
        until: service.clock.now().date_in_china().next_day().expect("a day"),
        most: Some(1),
        reason: "委托办理".into(),
    };
    let sealer = first_of(&service, Role::SealAdministrator, BODIES[3].0).await;
    grant_seal::run(&service, &sealer, grant).await.expect("granted");
    let kind = service.kinds.get("construction-permit").expect("an embedded kind");
    let data = kind.fields.iter().map(|f| (f.name.clone(), RawValue::Text(f.example.clone()))).collect();
    let request = open::Request {
        kind: kind.name.clone(),
        data,
        number: None,
        // The bureau of the city's own construction is not registered here; the two others are its quorum.
        parties: [].into(),
        replaces: None,
        hash: [1; 32],
    };
    let county = officer(&service, BODIES[0].0).await.0;
    let envelope = open::run(&service, &county, "key", request).await.expect("a draft");
    let send = act::Request { envelope: envelope.id.clone(), deed: act::Deed::Send, revision: None };
    act::run(&service, &county, send).await.expect("sent");
    for (code, ..) in &BODIES[..3] {
        let (officer, seal) = officer(&service, code).await;
        consents(&service, &envelope.id, &officer, seal, None).await.expect("consented");
    }
}
