//! Sealing together: the county bureau issues, any two of three city bureaus and the province seal with it.

use super::*;
use crate::app::envelope::act::{self, Deed};
use crate::app::envelope::list::{self, Which};
use crate::app::envelope::look_after::{self, LookedAfter};
use crate::app::envelope::{audit_sheet, consent, correct, open, read};
use crate::domain::envelope::{Envelope, EnvelopeId, EnvelopeState, What};
use crate::domain::report::Verdict;
use crate::domain::time::parse_date;

pub(super) const KIND: &str = "construction-permit";

/// Who takes part, by the name of its party: credit code, place, responsibility.
pub(super) const BODIES: [(&str, &str, &str, &str); 6] = [
    ("county", "11990102MB7100071W", "990102", "housing-construction"),
    ("city-construction", "11990100MB71000723", "990100", "housing-construction"),
    ("city-planning", "11990100MB71000736", "990100", "natural-resources"),
    ("city-environment", "11990100MB71000749", "990100", "ecology-environment"),
    ("province", "11990000MB71000757", "990000", "housing-construction"),
    ("deputy", "11990102MB7100076C", "990102", "natural-resources"),
];

/// The world with everybody who seals together.
pub(super) struct Region {
    pub world: World,
    officers: BTreeMap<&'static str, (Credential, Seal)>,
}

impl Region {
    pub async fn new() -> Self {
        let world = World::bare().await;
        let mut officers = BTreeMap::new();
        for (name, code, area, responsibility) in BODIES {
            world.body(code, area, responsibility).await;
            let of = |role| add_credential::Request { department: Some(code.into()), ..blank(role, name) };
            let officer = world.give(of(Role::Department)).await;
            let sealer = world.give(of(Role::SealAdministrator)).await;
            let request = request_seal::Request { owner_code: code.into(), ..seal_request() };
            let seal = request_seal::run(&world.service, &sealer, request).await.expect("a seal");
            let approver = async || world.give(of(Role::SealAdministrator)).await;
            world.act(&approver().await, &seal, SealAct::Approve).await.expect("one of two");
            let seal = world.act(&approver().await, &seal, SealAct::Approve).await.expect("an active seal");
            officers.insert(name, (officer, seal));
        }
        Self { world, officers }
    }

    pub fn officer(&self, who: &str) -> &Credential {
        &self.officers[who].0
    }

    pub fn seal(&self, who: &str) -> &Seal {
        &self.officers[who].1
    }

    pub fn request(&self) -> open::Request {
        let order = self.world.order(KIND, self.seal("county"));
        open::Request {
            kind: KIND.into(),
            data: order.data,
            number: None,
            parties: BTreeMap::new(),
            replaces: None,
            hash: [1; 32],
        }
    }

    pub async fn open(&self, key: &str) -> Result<Envelope, AppError> {
        open::run(&self.world.service, self.officer("county"), key, self.request()).await
    }

    pub async fn sent(&self) -> EnvelopeId {
        let envelope = self.open("key").await.expect("a draft");
        self.does("county", &envelope.id, Deed::Send).await.expect("sent");
        envelope.id
    }

    pub async fn does(&self, who: &str, id: &EnvelopeId, deed: Deed) -> Result<Envelope, AppError> {
        let request = act::Request { envelope: id.clone(), deed, revision: None };
        act::run(&self.world.service, self.officer(who), request).await
    }

    pub async fn yes(&self, who: &str, id: &EnvelopeId, version: u32) -> Result<Envelope, AppError> {
        let seal = self.seal(who).code.clone();
        let request = consent::Request { envelope: id.clone(), version, seal, grant: None };
        consent::run(&self.world.service, self.officer(who), request).await
    }

    /// Everybody but the last.
    pub async fn until_the_last(&self, id: &EnvelopeId) {
        for who in ["county", "city-environment", "city-construction"] {
            let envelope = self.yes(who, id, 1).await.expect("consented");
            assert_eq!(envelope.state, EnvelopeState::Open);
        }
    }

    pub async fn envelope(&self, id: &EnvelopeId) -> Envelope {
        store::read(self.world.service.store.as_ref(), |tx, _| {
            Box::pin(async move { Ok(tx.envelope(id).await?.expect("there")) })
        })
        .await
        .expect("read")
    }

    /// Licenses released, and intents left open.
    pub async fn released(&self) -> (Vec<License>, usize) {
        let request = list_licenses::Request { limit: Some(200), ..Default::default() };
        let slice = list_licenses::run(&self.world.service, self.officer("county"), request).await;
        let now = self.world.clock.now();
        let open = store::read(self.world.service.store.as_ref(), |tx, _| {
            Box::pin(async move { Ok(tx.open_issuances(now, 200).await?.len()) })
        })
        .await
        .expect("read");
        (slice.expect("a list").licenses, open)
    }

    /// What happened, as the outbox tells it.
    async fn topics(&self, id: &EnvelopeId) -> Vec<String> {
        let events = store::read(self.world.service.store.as_ref(), |tx, _| {
            Box::pin(async move { Ok(tx.events(0, 200).await?) })
        })
        .await
        .expect("read");
        events.into_iter().filter(|event| event.subject == id.as_str()).map(|event| event.topic).collect()
    }

    /// Every file of the one license passes, for a stranger and here.
    pub async fn proved(&self) -> License {
        let (licenses, open) = self.released().await;
        let [license] = &licenses[..] else { panic!("{} licenses", licenses.len()) };
        assert_eq!((open, license.files.len()), (0, 2));
        for file in &license.files {
            let format = Some(file.form.format);
            let file =
                read_license::file(&self.world.service, self.officer("county"), &license.id, format).await;
            let report = verify_file::run(&self.world.service, file.expect("a file").bytes).await;
            let report = report.expect("a report");
            assert_eq!(report.verdict, Verdict::Passed, "{format:?}: {:?}", report.findings);
        }
        license.clone()
    }
}

impl World {
    async fn body(&self, code: &str, area: &str, responsibility: &str) {
        let department = Department {
            code: code.into(),
            name_zh: format!("景川{area}号主管部门"),
            name_en: format!("Bureau {area}"),
            area_code: area.into(),
            responsibility: responsibility.into(),
        };
        register_department::run(&self.service, &self.operator, department).await.expect("a department");
    }

    pub async fn give(&self, request: add_credential::Request) -> Credential {
        add_credential::run(&self.service, &self.operator, request).await.expect("a credential").credential
    }
}

pub(super) fn reason() -> String {
    "按规定办理".to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn county_city_and_province_seal_one_license() {
    let region = Region::new().await;
    let id = region.sent().await;
    assert_eq!(
        refused(region.yes("province", &id, 1).await),
        "envelope.unknown",
        "not known before its stage"
    );
    region.until_the_last(&id).await;
    assert_eq!(region.released().await, (vec![], 0), "nothing half-sealed");
    let envelope = region.yes("province", &id, 1).await.expect("consented");
    assert_eq!(envelope.state, EnvelopeState::Finished);
    let license = region.proved().await;
    assert_eq!(envelope.license.as_ref(), Some(&license.id));
    assert_eq!(license.seal, region.seal("county").code.as_str());
    // A repetition of the last consent changes nothing.
    let again = region.yes("province", &id, 1).await.expect("the same");
    assert_eq!((again.revision, region.released().await.0.len()), (envelope.revision, 1));
    let topics = region.topics(&id).await;
    assert_eq!(topics.iter().filter(|topic| *topic == "envelope.finished").count(), 1);
    assert_eq!(topics.iter().filter(|topic| *topic == "envelope.party_consented").count(), 4);
    assert_eq!(topics.last().map(String::as_str), Some("envelope.finished"));
    let refused_again = region.yes("city-planning", &id, 1).await;
    assert_eq!(refused(refused_again), "envelope.act_not_allowed", "let go");
}

#[tokio::test]
async fn an_order_is_checked_as_a_license_would_be_and_its_key_makes_one_envelope() {
    let region = Region::new().await;
    let first = region.open("key").await.expect("a draft");
    assert_eq!(region.open("key").await.expect("the same").id, first.id);
    let service = &region.world.service;
    let other = open::Request { hash: [2; 32], ..region.request() };
    let county = region.officer("county");
    assert_eq!(refused(open::run(service, county, "key", other).await), "idempotency.key_reused");
    let mut bad = region.request();
    bad.data.remove("project");
    bad.parties.insert("nobody".into(), BODIES[4].1.into());
    bad.parties.insert("city-planning".into(), BODIES[1].1.into());
    bad.parties.insert("city-construction".into(), BODIES[1].1.into());
    bad.parties.insert("province".into(), "11990000MB0000001M".into());
    let Err(AppError::Refused(refusal)) = open::run(service, county, "bad", bad).await else {
        panic!("refused")
    };
    let mut faults: Vec<_> = refusal.faults.iter().map(|f| (f.pointer.as_str(), f.code)).collect();
    faults.sort();
    let expected = [
        ("/data/project", "field.required"),
        ("/parties/city-planning", "envelope.body_twice"),
        ("/parties/nobody", "envelope.party_unknown"),
        ("/parties/province", "department.unknown"),
    ];
    assert_eq!(faults, expected);
    // A kind of one department, the wrong department, and a license of this kind without an envelope.
    let of_one = open::Request { kind: "food-operation-permit".into(), ..region.request() };
    let world = &region.world;
    let outcome = open::run(service, &world.department, "one", of_one).await;
    let Err(AppError::Refused(refusal)) = outcome else { panic!("refused") };
    assert!(refusal.faults.iter().any(|fault| fault.code == "envelope.kind_of_one"));
    let not_responsible =
        open::run(service, region.officer("city-planning"), "other", region.request()).await;
    assert_eq!(refused(not_responsible), "permit.not_responsible");
    let unplaced = open::run(service, region.officer("city-construction"), "city", region.request()).await;
    let Err(AppError::Refused(refusal)) = unplaced else { panic!("refused") };
    assert!(refusal.faults.iter().any(|fault| fault.code == "envelope.party_unplaced"));
    let order = world.order(KIND, region.seal("county"));
    let alone = issue_license::run(service, county, "alone", order).await;
    let Err(AppError::Refused(refusal)) = alone else { panic!("refused") };
    assert_eq!(refusal.faults[0].code, "envelope.kind_of_several");
    assert_eq!(region.released().await, (vec![], 0));
}

#[tokio::test]
async fn a_consent_is_signed_with_the_partys_own_seal_and_proves_itself() {
    let region = Region::new().await;
    let id = region.sent().await;
    let service = &region.world.service;
    let of_another = consent::Request {
        envelope: id.clone(),
        version: 1,
        seal: region.seal("province").code.clone(),
        grant: None,
    };
    assert_eq!(
        refused(consent::run(service, region.officer("county"), of_another).await),
        "permit.seal_of_another"
    );
    assert_eq!(refused(region.yes("county", &id, 2).await), "envelope.other_version");
    region.yes("county", &id, 1).await.expect("consented");
    let sheet = audit_sheet::run(service, region.officer("county"), &id).await.expect("a sheet");
    let [proof] = &sheet.consents[..] else { panic!("one consent") };
    assert!(proof.verifies && proof.names_content);
    let statement = String::from_utf8(proof.signed.statement.clone()).expect("text");
    assert!(statement.starts_with("yinzheng envelope consent v1\n"), "{statement}");
    assert!(statement.contains(&format!("party county {}", BODIES[0].1)), "{statement}");
    let what: Vec<_> = sheet.events.iter().map(|event| event.what).collect();
    let expected = [
        What::Created,
        What::Sent,
        What::StageOpened,
        What::PartyConsented,
        What::StageDone,
        What::StageOpened,
        What::PartyResolved,
        What::PartyResolved,
        What::PartyResolved,
    ];
    assert_eq!(what, expected);
    assert!(sheet.events.iter().all(|event| !event.by.is_empty()));
    let audit = region.world.audit(id.as_str()).await;
    let signed =
        audit.iter().filter(|(action, outcome)| action == "envelope.sign_consent" && outcome == "ok");
    assert_eq!(signed.count(), 1, "only what was allowed was signed: {audit:?}");
}

#[tokio::test]
async fn what_came_back_is_corrected_and_shows_what_has_changed() {
    let region = Region::new().await;
    let (service, id) = (&region.world.service, region.sent().await);
    region.yes("county", &id, 1).await.expect("consented");
    let back = || Deed::Return { version: 1, reason: "建设地址有误".into() };
    assert_eq!(refused(region.does("deputy", &id, back()).await), "envelope.unknown");
    let returned = region.does("city-planning", &id, back()).await.expect("returned");
    assert_eq!((returned.state, returned.version), (EnvelopeState::Draft, 2));
    let mut data = region.request().data;
    data.insert("site".into(), RawValue::Text("景川市云栖区望江路以南".into()));
    let request =
        |revision| correct::Request { envelope: id.clone(), revision, data: data.clone(), number: None };
    let stale = correct::run(service, region.officer("county"), request(Some(1))).await;
    assert_eq!(refused(stale), "envelope.changed");
    let corrected = correct::run(service, region.officer("county"), request(Some(returned.revision))).await;
    assert_eq!(corrected.expect("corrected").version, 2);
    region.does("county", &id, Deed::Send).await.expect("sent again");
    let detail = read::run(service, region.officer("county"), &id).await.expect("read");
    assert_eq!((detail.consented_before, detail.envelope.consents().count()), (Some(1), 0));
    let found = read::difference(service, region.officer("county"), &id, None).await.expect("a difference");
    let [change] = &found.changes[..] else { panic!("{:?}", found.changes) };
    assert_eq!((found.from, found.to, change.field.as_str()), (1, 2, "site"));
    assert_eq!(refused(region.yes("county", &id, 1).await), "envelope.other_version");
    region.yes("county", &id, 2).await.expect("consented to what is shown now");
    let not_now = correct::run(service, region.officer("county"), request(None)).await;
    assert_eq!(refused(not_now), "envelope.act_not_allowed");
}

#[tokio::test]
async fn each_sees_what_it_is_asked_for() {
    let region = Region::new().await;
    let (service, id) = (&region.world.service, region.sent().await);
    let inbox = async |who: &str, which| {
        let slice = list::run(service, region.officer(who), which, None, None).await.expect("a list");
        slice.envelopes.into_iter().map(|envelope| envelope.id).collect::<Vec<_>>()
    };
    assert_eq!(inbox("county", Which::Asked).await, std::slice::from_ref(&id));
    assert_eq!(inbox("city-planning", Which::Asked).await, []);
    region.yes("county", &id, 1).await.expect("consented");
    assert_eq!(inbox("county", Which::Asked).await, []);
    assert_eq!(inbox("county", Which::Initiated).await, std::slice::from_ref(&id));
    assert_eq!(inbox("city-planning", Which::Asked).await, std::slice::from_ref(&id));
    assert_eq!(inbox("city-planning", Which::Initiated).await, []);
    let until = region.world.clock.now().date_in_china().next_day().expect("a day");
    let delegate = |to: &str| Deed::Delegate { to: to.into(), from: None, until, reason: reason() };
    let unknown = region.does("city-planning", &id, delegate("11990000MB0000001M")).await;
    let Err(AppError::Refused(refusal)) = unknown else { panic!("refused") };
    assert_eq!(refusal.faults[0].code, "department.unknown");
    region.does("city-planning", &id, delegate(BODIES[5].1)).await.expect("delegated");
    assert_eq!(inbox("deputy", Which::Asked).await, std::slice::from_ref(&id));
    region.yes("deputy", &id, 1).await.expect("consented for another");
    assert_eq!(inbox("deputy", Which::Asked).await, []);
    assert_eq!(inbox("city-planning", Which::Asked).await, []);
    assert_eq!(refused(region.yes("city-planning", &id, 1).await), "envelope.already_decided");
    region.yes("city-environment", &id, 1).await.expect("consented");
    region.yes("province", &id, 1).await.expect("consented");
    let license = region.proved().await;
    assert_eq!(region.envelope(&id).await.license, Some(license.id));
}

#[tokio::test]
async fn time_runs_out_by_itself_and_reminds_before() {
    let region = Region::new().await;
    let (service, id) = (&region.world.service, region.sent().await);
    assert_eq!(look_after::run(service).await.expect("a pass"), LookedAfter::default());
    let open = region.envelope(&id).await.open_stage.expect("open");
    let forward = |to: Timestamp| region.world.clock.forward(to.since(region.world.clock.now()));
    forward(open.remind_at.expect("a reminder"));
    let pass = look_after::run(service).await.expect("a pass");
    assert_eq!(pass, LookedAfter { reminded: 1, ..Default::default() });
    assert_eq!(look_after::run(service).await.expect("a pass"), LookedAfter::default());
    forward(open.deadline.expect("a deadline"));
    assert_eq!(refused(region.yes("county", &id, 1).await), "envelope.deadline_passed");
    let pass = look_after::run(service).await.expect("a pass");
    assert_eq!(pass, LookedAfter { expired: 1, ..Default::default() });
    assert_eq!(region.envelope(&id).await.state, EnvelopeState::Expired);
    let topics = region.topics(&id).await;
    assert_eq!(topics[topics.len() - 2..], ["envelope.reminded", "envelope.expired"]);
}

#[tokio::test]
async fn a_body_that_comes_to_be_known_is_asked_then() {
    let region = Region::new().await;
    let (service, id) = (&region.world.service, region.sent().await);
    // Two bureaus of one responsibility: nobody can tell which is meant, until one is gone.
    let twin = "11990102MB7100076C";
    region.world.body(twin, "990100", "natural-resources").await;
    region.yes("county", &id, 1).await.expect("consented");
    assert_eq!(region.envelope(&id).await.party("city-planning").expect("a party").body, None);
    assert_eq!(look_after::run(service).await.expect("a pass"), LookedAfter::default());
    region.world.body(twin, "990102", "natural-resources").await;
    let pass = look_after::run(service).await.expect("a pass");
    assert_eq!(pass, LookedAfter { resolved: 1, ..Default::default() });
    region.yes("city-planning", &id, 1).await.expect("consented");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_sealed_goes_back_and_what_may_pass_is_tried_again() {
    let region = Region::new().await;
    let (world, id) = (&region.world, region.sent().await);
    region.until_the_last(&id).await;
    world.plug.unplugged.store(true, Ordering::SeqCst);
    let waiting = region.yes("province", &id, 1).await.expect("the consent stands");
    assert_eq!(waiting.state, EnvelopeState::Satisfied);
    assert_eq!(region.released().await.0, []);
    assert_eq!(look_after::run(&world.service).await.expect("a pass").left, 1);
    let withdraw = region.does("county", &id, Deed::Withdraw { reason: reason() }).await;
    assert_eq!(refused(withdraw), "envelope.act_not_allowed");
    world.plug.unplugged.store(false, Ordering::SeqCst);
    // A seal that was suspended meanwhile seals nothing: the envelope goes back, with the reason.
    let seal = region.seal("city-construction");
    let sealer = add_credential::Request {
        department: Some(seal.owner_code.clone()),
        ..blank(Role::SealAdministrator, "丙")
    };
    world.act(&world.give(sealer).await, seal, SealAct::Suspend).await.expect("suspended");
    look_after::run(&world.service).await.expect("a pass");
    let envelope = region.envelope(&id).await;
    assert_eq!((envelope.state, envelope.version), (EnvelopeState::Draft, 2));
    assert_eq!(region.released().await, (vec![], 0));
    let sheet = audit_sheet::run(&world.service, region.officer("county"), &id).await.expect("a sheet");
    let last = sheet.events.last().expect("an event");
    assert_eq!((last.what, last.reason.as_str()), (What::Unsealable, "seal.suspended"));
    assert_eq!(look_after::run(&world.service).await.expect("a pass"), LookedAfter::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_at_any_step_of_finishing_there_is_one_license() {
    for step in IssueStep::ALL {
        let region = Arc::new(Region::new().await);
        let id = region.sent().await;
        region.until_the_last(&id).await;
        region.world.steps.on(step, || panic!("a crash of the test"));
        let (running, of) = (region.clone(), id.clone());
        let crashed = tokio::spawn(async move { running.yes("province", &of, 1).await.map(drop) }).await;
        let committed = step == IssueStep::Committed;
        let left = region.envelope(&id).await.state;
        assert_eq!(
            left,
            if committed { EnvelopeState::Finished } else { EnvelopeState::Satisfied },
            "{step:?}"
        );
        assert_eq!(region.released().await.0.len(), usize::from(committed), "{step:?}");
        drop(crashed);
        let resumed = resume_issuances::run(&region.world.service, region.world.clock.now()).await;
        let pass = look_after::run(&region.world.service).await.expect("a pass");
        assert_eq!((resumed.expect("a pass").left, pass.left), (0, 0), "{step:?}");
        let license = region.proved().await;
        let envelope = region.envelope(&id).await;
        assert_eq!(
            (envelope.state, envelope.license),
            (EnvelopeState::Finished, Some(license.id)),
            "{step:?}"
        );
        assert_eq!(
            region.topics(&id).await.iter().filter(|t| *t == "envelope.finished").count(),
            1,
            "{step:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_who_finish_at_once_make_one_license() {
    let region = Arc::new(Region::new().await);
    let id = region.sent().await;
    for who in ["county", "city-planning"] {
        region.yes(who, &id, 1).await.expect("consented");
    }
    // The quorum lacks one: two bureaus answer at once, each several times over, while the jobs run.
    let racers = (0..8).map(|n| {
        let (region, id) = (region.clone(), id.clone());
        let who = if n % 2 == 0 { "city-construction" } else { "city-environment" };
        tokio::spawn(async move {
            region.yes(who, &id, 1).await.map(drop).map_err(|why| refused(Err::<(), _>(why)))
        })
    });
    let outcomes: Vec<_> = futures::future::join_all(racers).await;
    let won = outcomes.iter().filter(|outcome| outcome.as_ref().expect("no panic").is_ok()).count();
    assert!((1..=4).contains(&won), "one bureau, as often as it asked: {outcomes:?}");
    let racers = (0..6).map(|n| {
        let (region, id) = (region.clone(), id.clone());
        tokio::spawn(async move {
            if n % 2 == 0 {
                region.yes("province", &id, 1).await.map(drop)
            } else {
                look_after::run(&region.world.service).await.map(drop)
            }
        })
    });
    for outcome in futures::future::join_all(racers).await {
        if let Err(why) = outcome.expect("no panic") {
            assert!(matches!(why, AppError::Refused(_)), "{why}");
        }
    }
    look_after::run(&region.world.service).await.expect("a pass");
    let envelope = region.envelope(&id).await;
    assert_eq!((envelope.state, envelope.consents().count()), (EnvelopeState::Finished, 4));
    region.proved().await;
}

#[test]
fn a_cursor_reads_back() {
    let at = Timestamp::start_of(parse_date("2026-11-23").expect("a date"));
    let text = format!("{}:{}", at.micros(), "ab".repeat(16));
    assert_eq!(list::Cursor::parse(&text).map(|cursor| cursor.to_text()), Some(text));
    assert_eq!(list::Cursor::parse("x:y"), None);
}
