//! A license that several sealed is amended by another envelope; and who of them may have its files.

use super::envelopes::{BODIES, KIND, Region, reason};
use super::*;
use crate::app::change_license_state as change;
use crate::app::envelope::act::Deed;
use crate::app::envelope::{audit_sheet, correct, file, look_after, open, read};
use crate::domain::envelope::{Envelope, EnvelopeId, EnvelopeState, What};
use crate::domain::license::LicenseState;
use crate::domain::report::Verdict;

/// Everybody consents to a version.
async fn seal(region: &Region, id: &EnvelopeId, version: u32) -> Envelope {
    for who in ["county", "city-environment", "city-construction"] {
        region.yes(who, id, version).await.expect("consented");
    }
    region.yes("province", id, version).await.expect("consented")
}

/// A finished envelope and its license.
async fn sealed() -> (Region, EnvelopeId, License) {
    let region = Region::new().await;
    let id = region.sent().await;
    seal(&region, &id, 1).await;
    let license = region.proved().await;
    (region, id, license)
}

/// A request to amend `license`: the project is elsewhere.
fn amendment(region: &Region, license: &License) -> open::Request {
    let mut request = open::Request { hash: [7; 32], ..region.request() };
    request.data.insert("site".into(), RawValue::Text("景川市云栖区望江路以南".into()));
    let license = license.id.clone();
    request.replaces = Some(open::Amended { license, revision: None, reason: "建设地址变更".into() });
    request
}

async fn amend(region: &Region, key: &str, request: open::Request) -> Result<Envelope, AppError> {
    open::run(&region.world.service, region.officer("county"), key, request).await
}

async fn change_state(region: &Region, license: &License, act: change::Act) -> License {
    let request = change::Request { license: license.id.clone(), act, reason: reason(), revision: None };
    change::run(&region.world.service, region.officer("county"), request).await.expect("changed")
}

/// The licenses, the newest edition first.
async fn editions(region: &Region) -> Vec<License> {
    let (mut licenses, open) = region.released().await;
    assert_eq!(open, 0);
    licenses.sort_by_key(|license| std::cmp::Reverse(license.edition));
    licenses
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_envelope_puts_a_new_edition_in_the_place_of_the_old_one() {
    let (region, first, old) = sealed().await;
    let service = &region.world.service;
    let envelope = amend(&region, "amend", amendment(&region, &old)).await.expect("a draft");
    assert_eq!(amend(&region, "amend", amendment(&region, &old)).await.expect("the same").id, envelope.id);
    assert_eq!(envelope.replaces.as_ref().map(|replaces| &replaces.license), Some(&old.id));
    region.does("county", &envelope.id, Deed::Send).await.expect("sent");
    let finished = seal(&region, &envelope.id, 1).await;
    assert_eq!(finished.state, EnvelopeState::Finished);
    let licenses = editions(&region).await;
    let [new, before] = &licenses[..] else { panic!("{} licenses", licenses.len()) };
    assert_eq!((new.edition, new.previous.as_ref(), &new.number), (2, Some(&old.id), &old.number));
    assert_eq!(before.state, LicenseState::Superseded { by: new.id.clone() });
    assert_eq!(new.data["site"], "景川市云栖区望江路以南");
    let history = read_license::history(service, region.officer("county"), &new.id).await.expect("a history");
    assert_eq!((history[0].what.as_str(), history[0].reason.as_str()), ("issued", "建设地址变更"));
    for format in [FileFormat::Pdf, FileFormat::Ofd] {
        let (license, file) =
            file::run(service, region.officer("province"), &envelope.id, Some(format)).await.expect("a file");
        assert_eq!(license, new.id);
        let report = verify_file::run(service, file.bytes).await.expect("a report");
        assert_eq!(report.verdict, Verdict::Passed, "{format:?}: {:?}", report.findings);
    }
    // Who consented, consented to the end of the old edition as well: it is in what was signed.
    let sheet = audit_sheet::run(service, region.officer("county"), &envelope.id).await.expect("a sheet");
    assert!(sheet.consents.iter().all(|consent| consent.verifies && consent.names_content));
    let same = open::Request { data: amendment(&region, &old).data, hash: [8; 32], ..region.request() };
    let same = amend(&region, "same", same).await.expect("a draft");
    let other = audit_sheet::run(service, region.officer("county"), &same.id).await.expect("a sheet");
    assert_eq!(sheet.contents[0].data, other.contents[0].data);
    assert_ne!(sheet.contents[0].sha256, other.contents[0].sha256);
    // The old edition gave way: nothing amends it any more, and its envelope still has its file.
    let again = amend(&region, "again", amendment(&region, &old)).await;
    assert_eq!(refused(again), "envelope.license_not_in_force");
    let (license, _) = file::run(service, region.officer("county"), &first, None).await.expect("a file");
    assert_eq!(license, old.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_amendment_is_held_to_the_license_that_it_is_about() {
    let (region, _, old) = sealed().await;
    let faults = async |change: &dyn Fn(&mut open::Request)| {
        let mut request = amendment(&region, &old);
        change(&mut request);
        match amend(&region, "twin", request).await {
            Err(AppError::Refused(refusal)) => match refusal.faults.is_empty() {
                true => vec![refusal.code.to_owned()],
                false => refusal.faults.iter().map(|f| format!("{} {}", f.pointer, f.code)).collect(),
            },
            _ => panic!("refused"),
        }
    };
    let about = |request: &mut open::Request, change: &dyn Fn(&mut open::Amended)| {
        change(request.replaces.as_mut().expect("it amends"));
    };
    let stale = |request: &mut open::Request| about(request, &|amended| amended.revision = Some(9));
    assert_eq!(faults(&stale).await, ["license.changed"]);
    let silent = |request: &mut open::Request| about(request, &|amended| amended.reason = " ".into());
    assert_eq!(faults(&silent).await, ["/replaces/reason field.required"]);
    let other_holder = |request: &mut open::Request| {
        request.data.insert("developer_code".into(), RawValue::Text("91990102MA7K3QH06G".into()));
        request.number = Some("990102202600000001".into());
    };
    let found = faults(&other_holder).await;
    assert_eq!(found[0], "/number number.not_yours", "{found:?}");
    assert!(found[1].starts_with("/data/developer_code "), "{found:?}");
    // A license of another department does not exist, and one of another kind is none to amend.
    let world = &region.world;
    let theirs = world.permit("theirs", &world.active_seal().await).await.license;
    let unknown =
        |request: &mut open::Request| about(request, &|amended| amended.license = theirs.id.clone());
    assert_eq!(faults(&unknown).await, ["license.unknown"]);
    // Alone nobody amends what several sealed.
    let alone = amend_license::Request {
        license: old.id.clone(),
        revision: None,
        data: amendment(&region, &old).data,
        seal: region.seal("county").code.clone(),
        reason: reason(),
    };
    let alone = amend_license::run(&world.service, region.officer("county"), "alone", alone).await;
    let Err(AppError::Refused(refusal)) = alone else { panic!("refused") };
    assert_eq!(
        (refusal.faults[0].pointer.as_str(), refusal.faults[0].code),
        ("/kind", "envelope.kind_of_several")
    );
    change_state(&region, &old, change::Act::Suspend).await;
    assert_eq!(faults(&|_| ()).await, ["envelope.license_not_in_force"]);
    change_state(&region, &old, change::Act::Resume).await;
    // The twin of them all.
    let envelope = amend(&region, "good", amendment(&region, &old)).await.expect("a draft");
    let mut data = amendment(&region, &old).data;
    data.insert("developer_code".into(), RawValue::Text("91990102MA7K3QH06G".into()));
    let request = correct::Request { envelope: envelope.id, revision: None, data, number: None };
    let corrected = correct::run(&world.service, region.officer("county"), request).await;
    let Err(AppError::Refused(refusal)) = corrected else { panic!("refused") };
    assert!(refusal.faults[0].pointer == "/data/developer_code", "{:?}", refusal.faults);
    assert_eq!(editions(&region).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_license_that_was_suspended_meanwhile_is_not_brought_back_by_old_consents() {
    let (region, _, old) = sealed().await;
    let service = &region.world.service;
    let id = amend(&region, "amend", amendment(&region, &old)).await.expect("a draft").id;
    region.does("county", &id, Deed::Send).await.expect("sent");
    for who in ["county", "city-environment", "city-construction"] {
        region.yes(who, &id, 1).await.expect("consented");
    }
    // Recorded, and not sealed, for want of timestamps; then the license is suspended.
    region.world.plug.unplugged.store(true, Ordering::SeqCst);
    let waiting = region.yes("province", &id, 1).await.expect("the consent stands");
    assert_eq!(waiting.state, EnvelopeState::Satisfied);
    change_state(&region, &old, change::Act::Suspend).await;
    region.world.plug.unplugged.store(false, Ordering::SeqCst);
    let pass = resume_issuances::run(service, region.world.clock.now()).await.expect("a pass");
    assert_eq!((pass.finished, pass.cancelled, pass.left), (0, 1, 0));
    look_after::run(service).await.expect("a pass");
    let back = region.envelope(&id).await;
    assert_eq!((back.state, back.version), (EnvelopeState::Draft, 2));
    let sheet = audit_sheet::run(service, region.officer("county"), &id).await.expect("a sheet");
    let last = sheet.events.last().expect("an event");
    assert_eq!((last.what, last.reason.as_str()), (What::Unsealable, "envelope.license_not_in_force"));
    let unchanged = editions(&region).await;
    assert!(matches!(unchanged[..], [License { edition: 1, state: LicenseState::Suspended { .. }, .. }]));
    // Resumed, consented to anew: the identifier that came to nothing is the new edition's.
    change_state(&region, &old, change::Act::Resume).await;
    region.does("county", &id, Deed::Send).await.expect("sent again");
    assert_eq!(seal(&region, &id, 2).await.state, EnvelopeState::Finished);
    assert_eq!(editions(&region).await.iter().map(|l| l.edition).collect::<Vec<_>>(), [2, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_amendments_one_takes_the_place() {
    let (region, _, old) = sealed().await;
    let mut envelopes = Vec::new();
    for key in ["one", "two"] {
        let id = amend(&region, key, amendment(&region, &old)).await.expect("a draft").id;
        region.does("county", &id, Deed::Send).await.expect("sent");
        envelopes.push(id);
    }
    assert_eq!(seal(&region, &envelopes[0], 1).await.state, EnvelopeState::Finished);
    let second = seal(&region, &envelopes[1], 1).await;
    assert_eq!((second.state, second.version), (EnvelopeState::Draft, 2));
    assert_eq!(editions(&region).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_seal_is_on_it_has_the_file_and_nobody_else() {
    let region = Region::new().await;
    let id = region.sent().await;
    let service = &region.world.service;
    let of = async |who: &str| file::run(service, region.officer(who), &id, Some(FileFormat::Pdf)).await;
    assert_eq!(refused(of("county").await), "envelope.not_finished");
    region.until_the_last(&id).await;
    let until = region.world.clock.now().date_in_china().next_day().expect("a day");
    let delegate = Deed::Delegate { to: BODIES[5].1.into(), from: None, until, reason: reason() };
    region.does("province", &id, delegate).await.expect("delegated");
    region.yes("deputy", &id, 1).await.expect("consented for the province");
    let license = region.proved().await;
    for who in ["county", "city-environment", "city-construction", "deputy", "province"] {
        let (of, file) = of(who).await.expect("a file");
        assert!(of == license.id && file.bytes.starts_with(b"%PDF"), "{who}");
        let detail = read::run(service, region.officer(who), &id).await.expect("read");
        assert_eq!(detail.formats, [FileFormat::Pdf, FileFormat::Ofd], "{who}");
    }
    // A party whose answer was not needed, a stranger, a holder; and a license's own door stays the issuer's.
    assert_eq!(refused(of("city-planning").await), "envelope.not_sealed_by_you");
    let detail = read::run(service, region.officer("city-planning"), &id).await.expect("read");
    assert_eq!(detail.formats, []);
    let stranger = file::run(service, &region.world.department, &id, None).await;
    assert_eq!(refused(stranger), "envelope.unknown");
    let holder = region.world.holder(&license.holder.code).await;
    assert_eq!(refused(file::run(service, &holder, &id, None).await), "permit.role");
    let around = read_license::file(service, region.officer("province"), &license.id, None).await;
    assert_eq!(refused(around), "license.unknown");
    let audit = region.world.audit(license.id.as_str()).await;
    let read = |outcome: &str| audit.iter().filter(|(a, o)| a == "license.read_file" && o == outcome).count();
    assert_eq!((read("ok"), read("envelope.not_sealed_by_you")), (5 + 2, 0), "{audit:?}");
    let refusals = region.world.audit(id.as_str()).await;
    assert!(refusals.contains(&("license.read_file".into(), "envelope.not_sealed_by_you".into())));
    assert_eq!(KIND, license.kind);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_at_any_step_of_an_amendment_there_is_one_new_edition() {
    for step in IssueStep::ALL {
        let (region, _, old) = sealed().await;
        let region = Arc::new(region);
        let id = amend(&region, "amend", amendment(&region, &old)).await.expect("a draft").id;
        region.does("county", &id, Deed::Send).await.expect("sent");
        region.until_the_last(&id).await;
        region.world.steps.on(step, || panic!("a crash of the test"));
        let (running, of) = (region.clone(), id.clone());
        drop(tokio::spawn(async move { running.yes("province", &of, 1).await.map(drop) }).await);
        let service = &region.world.service;
        resume_issuances::run(service, region.world.clock.now()).await.expect("a pass");
        assert_eq!(look_after::run(service).await.expect("a pass").left, 0, "{step:?}");
        let licenses = editions(&region).await;
        let [new, before] = &licenses[..] else { panic!("{step:?}: {} licenses", licenses.len()) };
        assert_eq!((new.edition, new.previous.as_ref()), (2, Some(&old.id)), "{step:?}");
        assert_eq!(before.state, LicenseState::Superseded { by: new.id.clone() }, "{step:?}");
        assert_eq!(region.envelope(&id).await.license.as_ref(), Some(&new.id), "{step:?}");
    }
}
