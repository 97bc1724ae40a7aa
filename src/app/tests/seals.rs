use super::*;
use crate::documents::{Known, examine};
use crate::domain::picture::UploadedPicture;
use crate::domain::report::Verdict;
use crate::domain::report::judge::{Policy, judge_examined};
use crate::domain::seal::{SealLook, SealState};
use crate::formats::x509::{self, crl};

#[tokio::test]
async fn a_seal_needs_two_people_besides_the_one_who_asked() {
    let world = World::bare().await;
    let seal = world.requested_seal().await;
    assert!(matches!(seal.look, SealLook::Drawn));
    assert!(seal.code.as_str().starts_with("990100"));
    assert_eq!(refused(world.act(&world.sealer, &seal, SealAct::Approve).await), "seal.second_person_needed");
    assert_eq!(refused(world.act(&world.department, &seal, SealAct::Approve).await), "permit.role");
    let order = world.order("food-operation-permit", &seal);
    assert_eq!(refused(world.issue("key", order.clone()).await), "seal.not_approved");
    let waits = world.act(&world.second_sealer, &seal, SealAct::Approve).await.expect("one of two");
    assert_eq!(waits, seal, "nothing has happened to it yet");
    assert_eq!(
        refused(world.act(&world.second_sealer, &seal, SealAct::Approve).await),
        "seal.approved_already"
    );
    assert_eq!(refused(world.issue("key", order.clone()).await), "seal.not_approved");
    let active = world.act(&world.third_sealer, &seal, SealAct::Approve).await.expect("an active seal");
    assert_eq!(active.state, SealState::Active);
    assert_eq!(active.approved_by.as_ref(), Some(&world.third_sealer.id));
    assert!(world.issue("key", order).await.is_ok());
    let life = list_seals::one(&world.service, &world.sealer, &seal.code).await.expect("a seal");
    assert!(life.seal == active);
    let states: Vec<_> = life.events.into_iter().map(|event| event.state).collect();
    assert_eq!(states, [SealState::Requested, SealState::Active]);
    let people: Vec<_> = life.approvals.into_iter().map(|approval| approval.by).collect();
    assert_eq!(people, [world.second_sealer.id.clone(), world.third_sealer.id.clone()]);
    let outcomes: Vec<_> = world.audit(seal.code.as_str()).await.into_iter().map(|(_, o)| o).collect();
    assert_eq!(
        outcomes,
        ["ok", "seal.second_person_needed", "permit.role", "ok", "seal.approved_already", "ok"]
    );
}

#[tokio::test]
async fn an_approval_runs_out_and_is_of_one_revision() {
    let world = World::bare().await;
    let seal = world.requested_seal().await;
    world.act(&world.second_sealer, &seal, SealAct::Approve).await.expect("one of two");
    let request = |revision, anew| act_on_seal::Request {
        revision,
        anew,
        ..act_on_seal::Request::new(seal.code.clone(), SealAct::Approve, "")
    };
    let act = async |by: &Credential, revision, anew| {
        act_on_seal::run(&world.service, by, request(revision, anew)).await
    };
    assert_eq!(refused(act(&world.third_sealer, Some(2), false).await), "seal.other_revision");
    world.clock.forward(Duration::from_secs(7 * 86_400));
    assert_eq!(refused(act(&world.third_sealer, Some(1), false).await), "seal.approval_expired");
    // Begun anew it takes two again, and the one whose approval ran out is as good as any.
    let waits = act(&world.third_sealer, Some(1), true).await.expect("one of two");
    assert_eq!(waits.seal.state, SealState::Requested);
    let done = act(&world.second_sealer, Some(1), false).await.expect("the second");
    assert_eq!((done.seal.state, done.waiting.len()), (SealState::Active, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_approvers_at_once_two_make_the_seal_once() {
    let world = World::bare().await;
    let seal = world.requested_seal().await;
    let mut racers = Vec::new();
    for label in ["丁", "戊", "己", "庚", "辛", "壬"] {
        let approver = credential(&world.service, &world.operator, Role::SealAdministrator, label).await;
        let (service, code) = (world.service.clone(), seal.code.clone());
        racers.push(tokio::spawn(async move {
            act_on_seal::run(&service, &approver, act_on_seal::Request::new(code, SealAct::Approve, "")).await
        }));
    }
    let (mut waited, mut made) = (0, 0);
    for racer in racers {
        match racer.await.expect("no panic") {
            Ok(acted) if acted.seal.state == SealState::Active => made += 1,
            Ok(_) => waited += 1,
            Err(AppError::Refused(refusal)) => {
                assert!(
                    ["seal.changed", "seal.act_not_allowed", "store.busy"].contains(&refusal.code),
                    "{refusal:?}"
                );
            }
            Err(AppError::Internal(why)) => panic!("{why}"),
        }
    }
    assert_eq!((waited, made), (1, 1));
    let life = list_seals::one(&world.service, &world.sealer, &seal.code).await.expect("a seal");
    assert_eq!((life.events.len(), life.approvals.len()), (2, 2));
    let means = world.service.seal_means(&seal.code).await.expect("read").expect("its means");
    assert_eq!(means.credentials.len(), 2, "one of each suite");
    assert!(world.issue("key", world.order("food-operation-permit", &seal)).await.is_ok());
}

#[tokio::test]
async fn a_rejected_seal_stays_so() {
    let world = World::bare().await;
    let seal = world.requested_seal().await;
    assert_eq!(refused(world.act(&world.sealer, &seal, SealAct::Reject).await), "seal.second_person_needed");
    world.act(&world.second_sealer, &seal, SealAct::Reject).await.expect("rejected");
    assert_eq!(
        refused(world.act(&world.second_sealer, &seal, SealAct::Approve).await),
        "seal.act_not_allowed"
    );
}

#[tokio::test]
async fn a_suspended_seal_seals_nothing_until_it_is_resumed() {
    let (world, seal) = World::new().await;
    world.act(&world.sealer, &seal, SealAct::Suspend).await.expect("suspended");
    let order = world.order("food-operation-permit", &seal);
    assert_eq!(refused(world.issue("key", order.clone()).await), "seal.suspended");
    world.act(&world.sealer, &seal, SealAct::Resume).await.expect("one of two");
    assert_eq!(refused(world.issue("key", order.clone()).await), "seal.suspended");
    assert_eq!(refused(world.act(&world.sealer, &seal, SealAct::Resume).await), "seal.approved_already");
    world.act(&world.second_sealer, &seal, SealAct::Resume).await.expect("active again");
    assert!(world.issue("key", order).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seal_suspended_on_the_way_seals_and_releases_nothing() {
    for step in [IssueStep::Composed, IssueStep::Proved, IssueStep::Filed] {
        let (world, seal) = World::new().await;
        let (service, sealer, code) = (world.service.clone(), world.sealer.clone(), seal.code.clone());
        let runtime = tokio::runtime::Handle::current();
        world.steps.on(step, move || {
            let request = act_on_seal::Request::new(code.clone(), SealAct::Suspend, "立即停用");
            let act = act_on_seal::run(&service, &sealer, request);
            tokio::task::block_in_place(|| runtime.block_on(act)).expect("suspended");
        });
        let world = Arc::new(world);
        let (running, order) = (world.clone(), world.order("food-operation-permit", &seal));
        let outcome = tokio::spawn(async move { running.issue("key", order).await }).await;
        assert_eq!(refused(outcome.expect("no panic")), "seal.suspended", "{step:?}");
        assert_eq!(world.steps.seen().contains(&IssueStep::Sealed), step > IssueStep::Composed);
        assert!(world.licenses().await.is_empty(), "{step:?}");
    }
}

#[tokio::test]
async fn a_cancelled_seal_is_on_the_revocation_list_and_what_it_sealed_before_stands() {
    let (world, seal) = World::new().await;
    let before = world.permit("before", &seal).await.license;
    world.clock.forward(Duration::from_secs(5));
    world.act(&world.sealer, &seal, SealAct::Cancel).await.expect("cancelled");
    let order = world.order("food-operation-permit", &seal);
    assert_eq!(refused(world.issue("after", order).await), "seal.cancelled");
    assert_eq!(refused(world.act(&world.sealer, &seal, SealAct::Resume).await), "seal.act_not_allowed");
    let latest = store::read(world.service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            Ok((
                tx.latest_crl("seal-ca").await?,
                tx.revoked_x509("seal-ca", Timestamp::from_micros(0)).await?,
            ))
        })
    });
    let (crl, revoked) = latest.await.expect("a list");
    assert_eq!(crl.expect("a list").number, 2);
    assert_eq!(revoked.len(), 1);
    assert_eq!(revoked[0].der, world.x509_of(&seal, Suite::P256).await);
    let file =
        read_license::file(&world.service, &world.department, &before.id, None).await.expect("a file").bytes;
    let report = verify_file::run(&world.service, file).await.expect("a report");
    assert_eq!(report.verdict, Verdict::Passed, "{:?}", report.findings);
    assert!(report.has("chain.revoked_later"), "the file's own lists are older, but the service knows");
}

#[tokio::test]
async fn departments_do_not_bring_pictures_and_others_bring_real_ones() {
    let world = World::bare().await;
    let png = |side| {
        let mut bytes = std::io::Cursor::new(Vec::new());
        let picture = image::RgbaImage::from_pixel(side, side, image::Rgba([200, 0, 0, 255]));
        picture.write_to(&mut bytes, image::ImageFormat::Png).expect("a picture");
        bytes.into_inner()
    };
    let picture = |png| Some(UploadedPicture { png, width_tenths: 400, height_tenths: 400 });
    let of_bureau = request_seal::Request { picture: picture(png(10)), ..seal_request() };
    let free = Credential { department: None, ..world.sealer.clone() };
    let codes = async |request| match request_seal::run(&world.service, &free, request).await {
        Err(AppError::Refused(refusal)) => refusal.faults.into_iter().map(|f| f.code).collect::<Vec<_>>(),
        Err(AppError::Internal(why)) => panic!("{why}"),
        Ok(_) => Vec::new(),
    };
    assert_eq!(codes(of_bureau).await, ["seal.picture_is_drawn"]);
    let of_company = |png| request_seal::Request {
        owner_code: "91990102MA7YQX031L".into(),
        owner_name: Some("景川市云栖茶业有限公司".into()),
        area_code: Some("990102".into()),
        picture: picture(png),
        ..seal_request()
    };
    assert!(codes(of_company(png(10))).await.is_empty());
    assert_eq!(codes(of_company(png(2_001))).await, ["seal.picture_unreadable"]);
    let mut broken = png(10);
    let middle = broken.len() / 2;
    broken.truncate(middle);
    assert_eq!(codes(of_company(broken)).await, ["seal.picture_unreadable"]);
    // A department's administrator asks for its own department's seals only.
    let outcome = request_seal::run(&world.service, &world.sealer, of_company(png(10))).await;
    assert_eq!(refused(outcome), "permit.other_department");
}

#[tokio::test]
async fn the_period_begins_with_the_approval_and_the_x509_has_the_same() {
    let world = World::bare().await;
    let requested = world.requested_seal().await;
    world.clock.forward(Duration::from_secs(3 * 24 * 60 * 60));
    let approved = world.clock.now().whole_second();
    let seal = world.approve(&requested).await.expect("an active seal");
    assert_eq!(seal.valid_from, approved);
    assert_eq!(seal.valid_until, approved.plus(Duration::from_secs(365 * 24 * 60 * 60)));
    for suite in Suite::ALL {
        let facts =
            crate::formats::x509::read(&world.x509_of(&seal, suite).await).expect("an X.509 certificate");
        assert_eq!((facts.not_before, facts.not_after), (seal.valid_from, seal.valid_until));
        assert_eq!(
            (facts.subject_cn.as_str(), Suite::of_key(&facts.spki)),
            (seal.code.as_str(), Some(suite))
        );
    }
    world.clock.forward(Duration::from_secs(365 * 24 * 60 * 60));
    assert!(seal.check_usable(approved).is_ok());
    let late = seal.check_usable(world.clock.now().plus(Duration::from_secs(1)));
    assert_eq!(late.map_err(|refusal| refusal.code), Err("seal.expired"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_seal_seals_in_both_worlds_until_it_is_cancelled() {
    let (world, seal) = World::new().await;
    assert_eq!(seal.suites, Suite::ALL);
    let facts =
        crate::formats::x509::read(&world.x509_of(&seal, Suite::Sm2).await).expect("an X.509 certificate");
    assert_eq!(facts.subject_o, format!("{}{}", seal.owner_code, seal.owner_name));
    assert_eq!(facts.crl_addresses, ["https://license.example.org/crl/sm2-seal-ca.crl"]);

    let order = world.order("business-license", &seal);
    let license = world.issue("both", order).await.expect("issued").license;
    let forms: Vec<_> = license.files.iter().map(|file| (file.form.format, file.form.suite)).collect();
    assert_eq!(forms, [(FileFormat::Pdf, Suite::P256), (FileFormat::Ofd, Suite::Sm2)]);
    for (format, rules) in [(FileFormat::Pdf, "PAdES"), (FileFormat::Ofd, "GB/T 38540")] {
        let read = read_license::file(&world.service, &world.department, &license.id, Some(format));
        let report =
            verify_file::run(&world.service, read.await.expect("a file").bytes).await.expect("a report");
        assert_eq!(report.verdict, Verdict::Passed, "{format:?} {:?}", report.findings);
        assert!(report.rules.contains(rules), "{}", report.rules);
        assert!(
            report.has("status.in_force") && report.has("status.seal_was_active"),
            "{:?}",
            report.findings
        );
    }

    let number = async |authority: &str| {
        let latest = store::read(world.service.store.as_ref(), |tx, _| {
            Box::pin(async move { Ok(tx.latest_crl(authority).await?) })
        });
        latest.await.expect("a read").expect("a list").number
    };
    let before = (number("seal-ca").await, number("sm2-seal-ca").await);
    world.act(&world.sealer, &seal, SealAct::Cancel).await.expect("cancelled");
    assert_eq!((number("seal-ca").await, number("sm2-seal-ca").await), (before.0 + 1, before.1 + 1));
    let list = read_pki::crl(&world.service, "sm2-seal-ca").await.expect("a read").expect("a list");
    assert!(list.windows(16).any(|w| hex::encode(w) == facts.serial_hex), "the list names it");
    let order = world.order("food-operation-permit", &seal);
    assert_eq!(refused(world.issue("late", order).await), "seal.cancelled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seal_of_one_suite_seals_only_what_is_sealed_so() {
    let world = World::bare().await;
    let requested = world.requested_seal_of(&[Suite::P256]).await;
    let seal = world.approve(&requested).await.expect("an active seal");
    assert_eq!(seal.suites, [Suite::P256]);
    assert!(world.issue("pdf", world.order("food-operation-permit", &seal)).await.is_ok());
    let both = world.issue("both", world.order("business-license", &seal)).await;
    assert_eq!(refused(both), "seal.lacks_suite");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suite_that_is_not_here_makes_no_seals_and_no_files() {
    let world = World::with_suites(&[Suite::P256]).await;
    let request = |suite| request_seal::Request { suites: vec![suite], ..seal_request() };
    let outcome = request_seal::run(&world.service, &world.sealer, request(Suite::Sm2)).await;
    let Err(AppError::Refused(refusal)) = outcome else { panic!("not refused") };
    let faults: Vec<_> = refusal.faults.iter().map(|fault| (fault.pointer.as_str(), fault.code)).collect();
    assert_eq!(faults, [("/suites", "seal.suite_not_here")]);
    let seal = world.active_seal().await;
    assert_eq!(seal.suites, [Suite::P256]);
    let license = world.issue("pdf", world.order("business-license", &seal)).await.expect("issued").license;
    assert_eq!(license.files.len(), 1);
    assert_eq!(read_pki::crl(&world.service, "sm2-root").await.expect("a read"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_void_seal_sealed_falls_and_what_a_cancelled_one_sealed_stands() {
    for (act, verdict, finding) in [
        (SealAct::Cancel, Verdict::Passed, "status.seal_was_active"),
        (SealAct::Void, Verdict::Failed, "status.seal_is_void"),
    ] {
        let (world, seal) = World::new().await;
        let license = world.permit("before", &seal).await.license;
        world.clock.forward(Duration::from_secs(86_400));
        let ended = world.act_by_two(&seal, act).await;
        if act == SealAct::Void {
            assert_eq!(ended.expect("void").state, SealState::Void);
        } else {
            assert_eq!(refused(ended), "seal.act_not_allowed", "one person was enough");
        }
        let file = read_license::file(&world.service, &world.department, &license.id, None).await;
        let report = verify_file::run(&world.service, file.expect("a file").bytes).await.expect("a report");
        assert_eq!(report.verdict, verdict, "{act:?} {:?}", report.findings);
        assert!(report.has(finding), "{act:?} {:?}", report.findings);
        if act == SealAct::Void {
            // A list that is newer than the file says so too: the certificate counts as revoked from its beginning.
            let revoked = store::read(world.service.store.as_ref(), |tx, _| {
                Box::pin(async move { Ok(tx.revoked_x509("seal-ca", Timestamp::from_micros(0)).await?) })
            });
            let entry = revoked.await.expect("a list").pop().and_then(|x509| x509.revoked);
            assert_eq!(entry, Some((seal.valid_from, 9)));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seal_that_was_cancelled_can_still_be_voided() {
    let (world, seal) = World::new().await;
    let license = world.permit("before", &seal).await.license;
    world.act(&world.sealer, &seal, SealAct::Cancel).await.expect("cancelled");
    world.act_by_two(&seal, SealAct::Void).await.expect("void");
    let file = read_license::file(&world.service, &world.department, &license.id, None).await;
    let report = verify_file::run(&world.service, file.expect("a file").bytes).await.expect("a report");
    assert!(report.verdict == Verdict::Failed && report.has("status.seal_is_void"), "{:?}", report.findings);
    assert_eq!(refused(world.act(&world.sealer, &seal, SealAct::Void).await), "seal.act_not_allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lists_that_strangers_read_say_that_a_cancelled_seal_turned_out_to_be_void() {
    let (world, seal) = World::new().await;
    let license = world.permit("before", &seal).await.license;
    world.clock.forward(Duration::from_secs(86_400));
    world.act(&world.sealer, &seal, SealAct::Cancel).await.expect("cancelled");
    let cancelled = world.clock.now().whole_second();
    let list = async || {
        let latest = store::read(world.service.store.as_ref(), |tx, _| {
            Box::pin(async move { Ok(tx.latest_crl("seal-ca").await?) })
        });
        latest.await.expect("read").expect("a list").der
    };
    let entry = async || {
        let entries = crl::entries(&list().await).expect("a list");
        let [only] = entries.as_slice() else { panic!("{entries:?}") };
        (only.at, only.reason, only.invalid_since)
    };
    // Whoever asks nobody and has the file and a list of today.
    let file =
        read_license::file(&world.service, &world.department, &license.id, None).await.expect("a file");
    let stranger = async || {
        let crls = [list().await];
        let known = Known { trust: &world.service.trust, x509s: &[], crls: &crls, recognised: None };
        let facts = examine(&file.bytes, known).expect("a file");
        judge_examined(&facts, &Policy { status: None, before_release: false }, world.clock.now())
    };
    assert_eq!(entry().await, (cancelled, 5, None));
    assert!(stranger().await.has("chain.revoked_later"), "what it sealed stands");

    world.clock.forward(Duration::from_secs(86_400));
    world.act_by_two(&seal, SealAct::Void).await.expect("void");
    assert_eq!(entry().await, (seal.valid_from, 9, Some(seal.valid_from)));
    let report = stranger().await;
    assert!(report.verdict == Verdict::Failed && report.has("chain.revoked"), "{:?}", report.findings);
}

#[tokio::test]
async fn a_list_that_a_void_seal_is_not_on_is_made_up_for() {
    let (world, seal) = World::new().await;
    world.clock.forward(Duration::from_secs(86_400));
    let now = world.clock.now();
    let authority = &world.service.authorities.p256.seal;
    let publish = async || {
        let (store, keys) = (world.service.store.as_ref(), world.service.keys.as_ref());
        publish_crl::run_if_due(store, keys, authority, now).await.expect("a pass").map(|list| list.number)
    };
    assert_eq!(publish().await, None);
    // As a crash between the voiding and its list leaves it: revoked from long before the last list.
    let serial = x509::read(&world.x509_of(&seal, Suite::P256).await).expect("reads").serial_hex;
    let (serial, from) = (&serial, seal.valid_from);
    store::write(world.service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.revoke_x509("seal-ca", serial, from, 9).await?) })
    })
    .await
    .expect("revoked");
    assert_eq!(publish().await, Some(2));
    assert_eq!(publish().await, None, "once is enough");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seal_made_anew_ends_the_old_one_in_the_same_moment() {
    let (world, old) = World::new().await;
    let before = world.permit("before", &old).await.license;
    let request = request_seal::Request { replaces: Some(old.code.clone()), ..seal_request() };
    let asked = request_seal::run(&world.service, &world.sealer, request.clone()).await.expect("a seal");
    let rival = request_seal::run(&world.service, &world.sealer, request).await.expect("a seal");
    assert!(world.issue("between", world.order("food-operation-permit", &old)).await.is_ok());
    world.clock.forward(Duration::from_secs(60));
    let new = world.approve(&asked).await.expect("made");
    let gone = list_seals::one(&world.service, &world.sealer, &old.code).await.expect("a seal").seal;
    assert_eq!((gone.state, gone.replaced_by), (SealState::Replaced, Some(new.code.clone())));
    let order = world.order("food-operation-permit", &old);
    assert_eq!(refused(world.issue("after", order).await), "seal.replaced");
    assert!(world.issue("new", world.order("food-operation-permit", &new)).await.is_ok());
    // Its certificate is on the list, and what it sealed stays good.
    let file = read_license::file(&world.service, &world.department, &before.id, None).await;
    let report = verify_file::run(&world.service, file.expect("a file").bytes).await.expect("a report");
    assert_eq!(report.verdict, Verdict::Passed, "{:?}", report.findings);
    assert!(report.has("chain.revoked_later") && report.has("status.seal_was_active"));
    // No second seal takes the same place: nothing of it is made.
    assert_eq!(refused(world.approve(&rival).await), "seal.cannot_be_replaced");
    let rival = list_seals::one(&world.service, &world.sealer, &rival.code).await.expect("a seal");
    assert_eq!((rival.seal.state, rival.approvals.len()), (SealState::Requested, 1));
    // The twin: only a seal of the same owner and purpose, in use, gives way.
    for code in [old.code.clone(), crate::domain::seal::SealCode::parse("99010099999999").expect("a code")] {
        let request = request_seal::Request { replaces: Some(code), ..seal_request() };
        let refusal = request_seal::run(&world.service, &world.sealer, request).await;
        let Err(AppError::Refused(refusal)) = refusal else { panic!("not refused") };
        assert_eq!(refusal.faults[0].code, "seal.replaces_what");
    }
}

#[tokio::test]
async fn owners_of_every_kind_have_their_seals() {
    use crate::domain::seal::{OwnerKind, SealPurpose as P};
    let world = World::bare().await;
    let free = Credential { department: None, ..world.sealer.clone() };
    let body = |prefix: &str, purpose, words: &str| {
        let first = format!("{prefix}990102MA7YQX031");
        let code = format!("{first}{}", check_character(&first).expect("17 characters"));
        request_seal::Request {
            owner_name: Some("景川市云栖茶业有限公司".into()),
            area_code: Some("990102".into()),
            ..request_seal::Request::of_department(&code, purpose, words, 30)
        }
    };
    for (request, kind, words) in [
        (body("11", P::LegalName, ""), OwnerKind::Organ, ""),
        (body("12", P::LegalName, ""), OwnerKind::Institution, ""),
        (body("51", P::Contract, ""), OwnerKind::SocialOrganisation, "合同专用章"),
        (body("91", P::Finance, ""), OwnerKind::Enterprise, "财务专用章"),
        (body("91", P::Invoice, ""), OwnerKind::Enterprise, "发票专用章"),
        (body("92", P::LegalRepresentative, "林知远"), OwnerKind::Enterprise, "林知远"),
        (body("91", P::Branch, "城东分公司"), OwnerKind::Enterprise, "城东分公司"),
        (body("91", P::InnerBody, "办公室"), OwnerKind::Enterprise, "办公室"),
    ] {
        let seal = request_seal::run(&world.service, &free, request).await.expect("a seal");
        assert_eq!((seal.owner_kind, seal.purpose_words.as_str()), (kind, words));
    }
    let faults = async |request| match request_seal::run(&world.service, &free, request).await {
        Err(AppError::Refused(refusal)) => {
            refusal.faults.into_iter().map(|f| (f.pointer, f.code)).collect::<Vec<_>>()
        }
        Err(AppError::Internal(why)) => panic!("{why}"),
        Ok(seal) => panic!("{seal:?}"),
    };
    let at = |pointer: &str, code| (pointer.to_owned(), code);
    assert_eq!(faults(body("91", P::PersonalName, "")).await, [at("/purpose", "seal.purpose_of_others")]);
    assert_eq!(
        faults(body("91", P::LegalName, "多余的字")).await,
        [at("/purpose_words", "seal.no_words_here")]
    );
    assert_eq!(
        faults(body("91", P::LegalRepresentative, "买买提阿不都拉江山")).await,
        [at("/purpose_words", "face.does_not_fit")]
    );
}

#[tokio::test]
async fn of_a_person_only_a_salted_hash_is_kept() {
    use crate::domain::seal::{OwnerKind, SealPurpose as P};
    const NUMBER: &str = "11010519491231002X";
    let world = World::bare().await;
    let free = Credential { department: None, ..world.sealer.clone() };
    let person = |purpose| request_seal::Request {
        identity_number: Some(NUMBER.into()),
        owner_name: Some("林知远".into()),
        area_code: Some("990102".into()),
        ..request_seal::Request::of_department("", purpose, "", 30)
    };
    let run = async |request| request_seal::run(&world.service, &free, request).await;
    let seal = run(person(P::PersonalName)).await.expect("a seal");
    let known = seal.person.clone().expect("a person");
    assert_eq!(seal.owner_kind, OwnerKind::Person);
    assert_eq!(known.hash, crate::crypto::sha256(&[&known.salt[..], NUMBER.as_bytes()].concat()));
    assert!(seal.owner_code.starts_with("person-") && !format!("{seal:?}").contains(NUMBER));
    let again = run(person(P::PersonalName)).await.expect("a seal");
    assert_ne!(again.owner_code, seal.owner_code, "another salt, another name");
    let fault = async |request| match run(request).await {
        Err(AppError::Refused(refusal)) => refusal.faults[0].code,
        other => panic!("{}", other.is_ok()),
    };
    assert_eq!(fault(person(P::Signature)).await, "seal.picture_needed");
    assert_eq!(fault(person(P::LegalName)).await, "seal.purpose_of_others");
    let wrong = request_seal::Request {
        identity_number: Some("110105194912310021".into()),
        ..person(P::PersonalName)
    };
    assert_eq!(fault(wrong).await, "field.identity_number_check");
    let both = request_seal::Request { owner_code: bureau(), ..person(P::PersonalName) };
    assert_eq!(fault(both).await, "seal.one_owner");
    // Made anew, it stays the same person's.
    let mut approved = seal.clone();
    for label in ["丁", "戊"] {
        let approver = credential(&world.service, &world.operator, Role::SealAdministrator, label).await;
        let approver = Credential { department: None, ..approver };
        approved = world.act(&approver, &seal, SealAct::Approve).await.expect("approved");
    }
    let anew = request_seal::Request { replaces: Some(approved.code.clone()), ..person(P::PersonalName) };
    let new = run(anew).await.expect("a seal");
    assert_eq!((new.owner_code, new.person), (seal.owner_code, seal.person));
}

#[tokio::test]
async fn papers_are_bounded_and_listed_once() {
    use crate::domain::seal::Paper;
    let world = World::bare().await;
    let paper = |n: u8, size| Paper { name: format!("材料{n}"), sha256: [n; 32], size };
    let ask = async |papers| {
        let request = request_seal::Request { papers, ..seal_request() };
        request_seal::run(&world.service, &world.sealer, request).await
    };
    let seal = ask(vec![paper(1, 10), paper(2, 20)]).await.expect("a seal");
    let stored = list_seals::one(&world.service, &world.sealer, &seal.code).await.expect("a seal").seal;
    assert_eq!(stored.papers, [paper(1, 10), paper(2, 20)]);
    let fault = async |papers| match ask(papers).await {
        Err(AppError::Refused(refusal)) => refusal.faults[0].code,
        other => panic!("{}", other.is_ok()),
    };
    assert_eq!(fault(vec![paper(1, 10), paper(1, 10)]).await, "seal.paper_twice");
    assert_eq!(fault(vec![paper(1, 0)]).await, "number.out_of_range");
    assert_eq!(fault((0..21).map(|n| paper(n, 1)).collect()).await, "seal.too_many_papers");
}

#[tokio::test]
async fn keys_that_an_interrupted_making_left_behind_are_taken_up() {
    let world = World::bare().await;
    let seal = world.requested_seal().await;
    let mut left = Vec::new();
    for (suite, handle) in
        [(Suite::P256, format!("seal/{}", seal.code)), (Suite::Sm2, format!("sm2/seal/{}", seal.code))]
    {
        let handle = crate::ports::keys::KeyHandle::parse(&handle).expect("a handle");
        left.push(world.service.keys.generate(&handle, suite).expect("a key").spki);
    }
    let made = world.approve(&seal).await.expect("made");
    for (suite, spki) in Suite::ALL.into_iter().zip(left) {
        let facts = crate::formats::x509::read(&world.x509_of(&made, suite).await).expect("X.509");
        assert_eq!(facts.spki, spki, "{suite:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seal_signature_without_a_license_falls_with_its_seal_too() {
    use std::io::{Cursor, Read};
    let (world, seal) = World::new().await;
    let license = world.issue("both", world.order("business-license", &seal)).await.expect("issued").license;
    let ofd = read_license::file(&world.service, &world.department, &license.id, Some(FileFormat::Ofd));
    let mut package = zip::ZipArchive::new(Cursor::new(ofd.await.expect("a file").bytes)).expect("a package");
    let mut signature = Vec::new();
    for place in 0..package.len() {
        let mut part = package.by_index(place).expect("a part");
        if part.name().expect("a name").ends_with("SignedValue.dat") {
            part.read_to_end(&mut signature).expect("bytes");
        }
    }
    let report = verify_file::run(&world.service, signature.clone()).await.expect("a report");
    assert!(report.has("status.seal_was_active"), "{:?}", report.findings);
    assert_ne!(report.verdict, Verdict::Failed, "{:?}", report.findings);
    world.act_by_two(&seal, SealAct::Void).await.expect("void");
    let report = verify_file::run(&world.service, signature).await.expect("a report");
    assert!(report.verdict == Verdict::Failed && report.has("status.seal_is_void"), "{:?}", report.findings);
}
