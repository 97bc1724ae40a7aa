//! A business's license and seals in one act.

use super::*;
use crate::app::business::{deregister, people, read, register, rule};
use crate::domain::business::{BusinessState, COMPANY_SEALS, RuleState};
use crate::domain::license::{Ending, LicenseState};
use crate::domain::report::Verdict;
use crate::domain::seal::SealState;
use crate::domain::time::parse_date;

const CODE: &str = "91990102MA7YQX031L";
const NAME: &str = "景川市云栖茶业有限公司";

struct City {
    world: Arc<World>,
    seal: Seal,
}

fn wish(purposes: &[SealPurpose]) -> rule::Request {
    rule::Request {
        registry: bureau(),
        purposes: purposes.to_vec(),
        days: 1095,
        from: None,
        until: parse_date("2027-12-31").expect("a date"),
        reason: "企业开办一件事".into(),
    }
}

impl City {
    /// A registry with a seal, but no rule.
    async fn without_rule() -> Self {
        let (world, seal) = World::new().await;
        Self { world: Arc::new(world), seal }
    }

    async fn new() -> Self {
        let city = Self::without_rule().await;
        city.rule(&COMPANY_SEALS).await;
        city
    }

    async fn rule(&self, purposes: &[SealPurpose]) {
        let (service, world) = (&self.world.service, &self.world);
        let proposed = rule::propose(service, &world.sealer, wish(purposes)).await.expect("a rule");
        rule::approve(service, &world.second_sealer, &proposed.id).await.expect("approved");
    }

    fn registration(&self, seals: &[SealPurpose]) -> register::Registration {
        register::Registration {
            kind: "business-license".into(),
            seal: self.seal.code.clone(),
            data: self.world.order("business-license", &self.seal).data,
            seals: seals.to_vec(),
            replaces: None,
        }
    }

    async fn register(&self, key: &str, seals: &[SealPurpose]) -> Result<Issued, AppError> {
        register::run(&self.world.service, &self.world.department, key, self.registration(seals)).await
    }

    fn changed(&self, with: &[(&str, &str)]) -> register::Change {
        let mut data = self.world.order("business-license", &self.seal).data;
        for (name, value) in with {
            data.insert((*name).into(), RawValue::Text((*value).into()));
        }
        register::Change {
            business: CODE.into(),
            revision: None,
            seal: self.seal.code.clone(),
            data,
            seals: Vec::new(),
            reason: "变更登记".into(),
        }
    }

    async fn change(&self, key: &str, with: &[(&str, &str)]) -> Result<Issued, AppError> {
        let change = self.changed(with);
        register::change(&self.world.service, &self.world.department, key, change).await
    }

    async fn business(&self) -> Result<read::Whole, AppError> {
        read::one(&self.world.service, &self.world.department, CODE).await
    }

    async fn deregister(&self) -> Result<crate::domain::business::Business, AppError> {
        let request = deregister::Request {
            business: CODE.into(),
            revision: None,
            ending: Ending::Cancelled,
            reason: "注销登记".into(),
        };
        deregister::run(&self.world.service, &self.world.department, request).await
    }

    /// Every seal of the company, whatever its state.
    async fn seals(&self) -> Vec<Seal> {
        store::read(self.world.service.store.as_ref(), |tx, _| {
            Box::pin(async move { Ok(tx.seals(Some(CODE), "", 200).await?) })
        })
        .await
        .expect("seals")
    }

    async fn in_use(&self) -> usize {
        self.seals().await.iter().filter(|seal| seal.state == SealState::Active).count()
    }
}

/// Place and code of each fault.
fn faults<T>(outcome: Result<T, AppError>) -> Vec<String> {
    match outcome {
        Err(AppError::Refused(refusal)) => {
            refusal.faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect()
        }
        Err(AppError::Internal(why)) => panic!("failed inside: {why}"),
        Ok(_) => Vec::new(),
    }
}

fn codes(seals: &[Seal]) -> BTreeMap<&'static str, String> {
    seals.iter().map(|seal| (seal.purpose.name(), seal.code.to_string())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn license_and_seals_come_together() {
    let city = City::new().await;
    let issued = city.register("key", &COMPANY_SEALS).await.expect("a business");
    assert!(issued.fresh);
    let whole = city.business().await.expect("it is there");
    assert_eq!((whole.business.name.as_str(), whole.business.state), (NAME, BusinessState::Active));
    assert_eq!(whole.business.license, issued.license.id);
    assert_eq!(whole.seals.len(), 5);
    for seal in &whole.seals {
        assert_eq!((seal.state, seal.owner_code.as_str()), (SealState::Active, CODE));
        assert!(seal.approved_by.as_deref().is_some_and(|by| by.starts_with("rule-")));
        assert!(seal.check_usable(city.world.clock.now()).is_ok());
        let means = city.world.service.seal_means(&seal.code).await.expect("read").expect("its means");
        assert_eq!(means.credentials.len(), 2, "a key and an X.509 certificate of each suite");
    }
    let representative = whole.seals.iter().find(|seal| seal.purpose == SealPurpose::LegalRepresentative);
    assert_eq!(representative.expect("one of five").purpose_words, "林知微");
    // The same order gives the same business, and nothing twice.
    let again = city.register("key", &COMPANY_SEALS).await.expect("the same");
    assert!(!again.fresh && again.license == issued.license);
    assert_eq!(city.seals().await.len(), 5);
    // Another order of the same company is refused, under whichever key.
    assert_eq!(refused(city.register("key", &[SealPurpose::LegalName]).await), "idempotency.key_reused");
    assert_eq!(refused(city.register("other", &COMPANY_SEALS).await), "business.exists");
    let lines = city.world.audit(CODE).await;
    assert!(lines.contains(&("business.registered".into(), "ok".into())), "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_refused_before_anything_is_made() {
    let city = City::without_rule().await;
    assert_eq!(refused(city.register("a", &COMPANY_SEALS).await), "business.no_rule");
    let proposed = rule::propose(&city.world.service, &city.world.sealer, wish(&COMPANY_SEALS)).await;
    let proposed = proposed.expect("a rule");
    assert_eq!(proposed.state(city.world.clock.now()), RuleState::Proposed);
    assert_eq!(refused(city.register("a", &COMPANY_SEALS).await), "business.no_rule");
    let service = &city.world.service;
    let own = rule::approve(service, &city.world.sealer, &proposed.id).await;
    assert_eq!(refused(own), "rule.second_person_needed");
    rule::approve(service, &city.world.second_sealer, &proposed.id).await.expect("approved");
    let twice = rule::approve(service, &city.world.third_sealer, &proposed.id).await;
    assert_eq!(refused(twice), "rule.not_proposed");

    let with = |seals: &'static [SealPurpose]| city.register("b", seals);
    assert_eq!(faults(with(&[]).await), ["/seals business.seals"]);
    assert_eq!(faults(with(&[SealPurpose::Finance]).await), ["/seals business.seals"]);
    assert_eq!(faults(with(&[SealPurpose::LegalName; 2]).await), ["/seals business.seals"]);
    assert_eq!(
        faults(with(&[SealPurpose::LegalName, SealPurpose::License]).await),
        ["/seals business.seals"]
    );
    // A name that no square seal can show.
    let mut registration = city.registration(&COMPANY_SEALS);
    registration.data.insert("legal_representative".into(), RawValue::Text("长".repeat(30)));
    let run = register::run(service, &city.world.department, "c", registration).await;
    assert_eq!(faults(run), ["/data/legal_representative face.does_not_fit"]);
    // A kind that is no business license.
    let order = city.world.order("food-operation-permit", &city.seal);
    let registration =
        register::Registration { kind: order.kind, data: order.data, ..city.registration(&COMPANY_SEALS) };
    let run = register::run(service, &city.world.department, "d", registration).await;
    assert_eq!(faults(run), ["/kind business.kind_of_none"]);
    // A rule that was withdrawn makes nothing more.
    rule::withdraw(service, &city.world.third_sealer, &proposed.id, "停止").await.expect("withdrawn");
    assert_eq!(refused(city.register("e", &COMPANY_SEALS).await), "business.no_rule");
    assert!(city.seals().await.is_empty());
    assert!(city.world.licenses().await.is_empty());
    assert_eq!(refused(city.business().await), "business.unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_at_any_step_there_is_all_of_it_once() {
    for step in IssueStep::ALL {
        let city = City::new().await;
        city.world.steps.on(step, || panic!("a crash of the test"));
        let (world, registration) = (city.world.clone(), city.registration(&COMPANY_SEALS));
        let crashed = tokio::spawn(async move {
            register::run(&world.service, &world.department, "key", registration).await.map(drop)
        });
        let crashed = crashed.await;
        assert!(crashed.is_err() || crashed.is_ok_and(|outcome| outcome.is_err()), "{step:?}");
        let whole = if step == IssueStep::Committed { 5 } else { 0 };
        assert_eq!(city.seals().await.len(), whole, "{step:?}: half of it never exists");
        assert_eq!(city.world.licenses().await.len(), whole / 5, "{step:?}");
        let now = city.world.clock.now();
        let resumed = resume_issuances::run(&city.world.service, now).await.expect("a pass");
        assert_eq!((resumed.cancelled, resumed.left), (0, 0), "{step:?}");
        city.register("key", &COMPANY_SEALS).await.expect("a business");
        let whole = city.business().await.expect("it is there");
        assert_eq!((whole.seals.len(), city.seals().await.len()), (5, 5), "{step:?}");
        assert_eq!(city.world.licenses().await.len(), 1, "{step:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_withdrawn_meanwhile_cancels_it_whole() {
    let city = City::without_rule().await;
    let (service, world) = (&city.world.service, &city.world);
    let proposed = rule::propose(service, &world.sealer, wish(&COMPANY_SEALS)).await.expect("a rule");
    rule::approve(service, &world.second_sealer, &proposed.id).await.expect("approved");
    let (running, id) = (city.world.clone(), proposed.id.clone());
    let runtime = tokio::runtime::Handle::current();
    city.world.steps.on(IssueStep::SealsMade, move || {
        tokio::task::block_in_place(|| {
            let withdrawn = rule::withdraw(&running.service, &running.third_sealer, &id, "停止");
            runtime.block_on(withdrawn).expect("withdrawn");
        });
    });
    assert_eq!(refused(city.register("key", &COMPANY_SEALS).await), "rule.not_in_force");
    assert!(city.seals().await.is_empty());
    assert!(city.world.licenses().await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_registrations_at_once_one_wins_whole() {
    let city = City::new().await;
    let runs = ["a", "b", "c"].map(|key| {
        let (world, registration) = (city.world.clone(), city.registration(&COMPANY_SEALS));
        tokio::spawn(async move { register::run(&world.service, &world.department, key, registration).await })
    });
    let mut won = 0;
    for run in runs {
        won += u32::from(run.await.expect("no panic").is_ok());
    }
    assert_eq!((won, city.seals().await.len(), city.world.licenses().await.len()), (1, 5, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_name_makes_everything_anew_and_a_new_representative_one_seal() {
    let city = City::new().await;
    city.register("key", &COMPANY_SEALS).await.expect("a business");
    let before = city.business().await.expect("it is there");
    let manager = people::hand_over(&city.world.service, &city.world.department, CODE, "王经理").await;
    let manager = manager.expect("control").credential;

    let renamed = city.change("rename", &[("name", "景川市云栖茶叶有限公司")]).await.expect("renamed");
    let after = city.business().await.expect("it is there");
    assert_eq!(after.business.name, "景川市云栖茶叶有限公司");
    assert_eq!(after.license.id, renamed.license.id);
    assert_eq!(after.business.manager.as_deref(), Some(manager.id.as_str()), "control stays");
    let (old, new) = (codes(&before.seals), codes(&after.seals));
    assert!(old.iter().all(|(purpose, code)| new.get(purpose).is_some_and(|other| other != code)));
    assert!(after.seals.iter().all(|seal| seal.owner_name == "景川市云栖茶叶有限公司"));
    let all = city.seals().await;
    let replaced: Vec<_> = all.iter().filter(|seal| seal.state == SealState::Replaced).collect();
    assert_eq!((replaced.len(), city.in_use().await), (5, 5));
    assert!(replaced.iter().all(|seal| seal.replaced_by.is_some()));
    // The same order again is the same change, also now that the edition before it is another one.
    let again = city.change("rename", &[("name", "景川市云栖茶叶有限公司")]).await.expect("the same");
    assert!(!again.fresh && again.license.id == renamed.license.id);

    let led = [("name", "景川市云栖茶叶有限公司"), ("legal_representative", "沈时雨")];
    city.change("led", &led).await.expect("another representative");
    let then = city.business().await.expect("it is there");
    let (new, newest) = (codes(&after.seals), codes(&then.seals));
    let differ: Vec<_> =
        new.iter().filter(|(p, code)| newest.get(**p) != Some(code)).map(|(p, _)| *p).collect();
    assert_eq!(differ, ["legal-representative"]);
    assert_eq!(then.business.manager, None, "whom another representative let in has no control");
    let known = people::list(&city.world.service, &manager, CODE, "", None).await.expect("a list");
    assert!(known.iter().all(|person| person.withdrawn_at.is_some()));

    // An address is on no seal.
    let moved = [led[0], led[1], ("address", "景川市云栖区望江路20号")];
    city.change("moved", &moved).await.expect("another address");
    let last = city.business().await.expect("it is there");
    assert_eq!(codes(&last.seals), newest);
    assert_eq!(last.license.edition, 4);
    assert_eq!(last.business.revision, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_that_do_not_go_are_refused_whole() {
    let city = City::new().await;
    assert_eq!(refused(city.change("a", &[]).await), "business.unknown");
    let license = city.register("key", &[SealPurpose::LegalName]).await.expect("a business").license;
    let (service, department) = (&city.world.service, &city.world.department);
    let stale = register::Change { revision: Some(7), ..city.changed(&[]) };
    assert_eq!(refused(register::change(service, department, "b", stale).await), "business.changed");
    let other = [("credit_code", "91990102MA7YQX0320")];
    let other = city.change("c", &other).await;
    assert!(faults(other).iter().any(|fault| fault.starts_with("/data/credit_code ")));
    let twice = register::Change { seals: vec![SealPurpose::LegalName], ..city.changed(&[]) };
    let twice = register::change(service, department, "d", twice).await;
    assert_eq!(faults(twice), ["/seals/0 business.seal_in_use"]);
    // A seal that it has not yet can be added.
    let more = register::Change { seals: vec![SealPurpose::Finance], ..city.changed(&[]) };
    register::change(service, department, "e", more).await.expect("one more seal");
    assert_eq!(city.in_use().await, 2);
    // Whoever suspended a seal decides before a change makes it anew.
    let seal = city.business().await.expect("it is there").seals.remove(0);
    let free = Credential { department: None, ..city.world.sealer.clone() };
    city.world.act(&free, &seal, SealAct::Suspend).await.expect("suspended");
    let name = [("name", "景川市云栖茶叶有限公司")];
    assert_eq!(refused(city.change("f", &name).await), "business.seal_suspended");
    // The license alone can be neither ended nor amended.
    let newest = city.business().await.expect("it is there").license;
    assert_ne!(newest.id, license.id);
    let end = change_license_state::Request {
        license: newest.id.clone(),
        act: change_license_state::Act::End(Ending::Cancelled),
        reason: "注销".into(),
        revision: None,
    };
    assert_eq!(refused(change_license_state::run(service, department, end).await), "business.act_needed");
    let amend = amend_license::Request {
        license: newest.id,
        revision: None,
        data: city.world.order("business-license", &city.seal).data,
        seal: city.seal.code.clone(),
        reason: "变更".into(),
    };
    let amended = amend_license::run(service, department, "g", amend).await;
    assert_eq!(refused(amended.map(drop)), "business.act_needed");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_business_is_the_end_of_all_that_is_its() {
    let city = City::new().await;
    let license = city.register("key", &COMPANY_SEALS).await.expect("a business").license;
    let (service, world) = (&city.world.service, &city.world);
    let manager =
        people::hand_over(service, &world.department, CODE, "王经理").await.expect("control").credential;
    let employee = people::let_in(service, &manager, CODE, "小李", 30).await.expect("let in").credential;
    let asked = request_seal::Request {
        owner_name: Some(NAME.into()),
        area_code: Some("990102".into()),
        ..request_seal::Request::of_department(CODE, SealPurpose::Branch, "城东分公司", 365)
    };
    let free = Credential { department: None, ..world.sealer.clone() };
    request_seal::run(service, &free, asked).await.expect("applied for");
    let ended = city.deregister().await.expect("struck off");
    assert_eq!((ended.state, ended.manager), (BusinessState::Deregistered, None));
    let mut states: Vec<_> = city.seals().await.iter().map(|seal| seal.state.name()).collect();
    states.sort_unstable();
    assert_eq!(states, ["cancelled", "cancelled", "cancelled", "cancelled", "cancelled", "rejected"]);
    let stands = read_license::run(service, &world.department, &license.id).await.expect("it is there");
    assert!(matches!(stands.state, LicenseState::Ended { ending: Ending::Cancelled, .. }));
    for id in [&manager.id, &employee.id] {
        let found = store::read(service.store.as_ref(), |tx, _| {
            Box::pin(async move { Ok(tx.credential(id).await?) })
        });
        assert!(found.await.expect("read").expect("known").withdrawn_at.is_some());
    }
    // What was sealed before stays what it was: the license's file says that it has ended.
    let file = read_license::file(service, &world.department, &license.id, None).await.expect("a file");
    let report = verify_file::run(service, file.bytes).await.expect("a report");
    assert_eq!(report.verdict, Verdict::Failed);
    assert_eq!(refused(city.deregister().await), "business.struck_off");
    assert_eq!(refused(city.change("later", &[]).await), "business.struck_off");
    assert_eq!(refused(city.register("again", &COMPANY_SEALS).await), "business.struck_off");
}

#[tokio::test(flavor = "multi_thread")]
async fn control_is_one_persons_and_employees_are_let_in_by_it() {
    let city = City::new().await;
    city.register("key", &COMPANY_SEALS).await.expect("a business");
    let (service, department) = (&city.world.service, &city.world.department);
    let first = people::hand_over(service, department, CODE, "王经理").await.expect("control");
    let token = first.token.expect("told once");
    assert!(authenticate::by_token(service, &token).await.is_ok());
    let second = people::hand_over(service, department, CODE, "赵经理").await.expect("control").credential;
    assert_eq!(refused(authenticate::by_token(service, &token).await), "caller.credential_expired");
    let employee = people::let_in(service, &second, CODE, "小李", 30).await.expect("let in").credential;
    assert_eq!((employee.role, employee.business.as_deref()), (Role::Sealer, Some(CODE)));
    assert_eq!(people::list(service, &second, CODE, "", None).await.expect("a list").len(), 3);
    // Nobody else can: not the registry, not an employee, not another company's manager.
    assert_eq!(refused(people::let_in(service, department, CODE, "小张", 30).await.map(drop)), "permit.role");
    assert_eq!(refused(people::let_in(service, &employee, CODE, "小张", 30).await.map(drop)), "permit.role");
    let stranger = Credential { business: Some("91990102MA7YQX0320".into()), ..second.clone() };
    let others = people::let_in(service, &stranger, CODE, "小张", 30).await;
    assert_eq!(refused(others.map(drop)), "business.unknown");
    let gone = people::let_go(service, &second, CODE, &second.id).await;
    assert_eq!(refused(gone), "credential.unknown", "a manager goes by the registry alone");
    people::let_go(service, &second, CODE, &employee.id).await.expect("let go");
    let twice = people::let_go(service, &second, CODE, &employee.id).await;
    assert_eq!(refused(twice), "credential.unknown");
    let elsewhere = Credential { department: Some("11100000MB0143028R".into()), ..department.clone() };
    let other = people::hand_over(service, &elsewhere, CODE, "王经理").await;
    assert_eq!(refused(other.map(drop)), "business.unknown");
}
