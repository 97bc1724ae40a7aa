use super::*;
use crate::domain::picture::UploadedPicture;
use crate::domain::report::Verdict;
use crate::domain::seal::{SealLook, SealState};

#[tokio::test]
async fn a_seal_needs_a_second_person() {
    let world = World::bare().await;
    let seal = world.requested_seal().await;
    assert!(matches!(seal.look, SealLook::Drawn));
    assert!(seal.code.as_str().starts_with("990100"));
    assert_eq!(refused(world.act(&world.sealer, &seal, SealAct::Approve).await), "seal.second_person_needed");
    assert_eq!(refused(world.act(&world.department, &seal, SealAct::Approve).await), "permit.role");
    let order = world.order("food-operation-permit", &seal);
    assert_eq!(refused(world.issue("key", order.clone()).await), "seal.not_approved");
    let active = world.act(&world.second_sealer, &seal, SealAct::Approve).await.expect("an active seal");
    assert_eq!(active.state, SealState::Active);
    assert_eq!(active.approved_by.as_ref(), Some(&world.second_sealer.id));
    assert!(world.issue("key", order).await.is_ok());
    let (stored, events) = list_seals::one(&world.service, &world.sealer, &seal.code).await.expect("a seal");
    assert!(stored == active);
    let states: Vec<_> = events.into_iter().map(|event| event.state).collect();
    assert_eq!(states, [SealState::Requested, SealState::Active]);
    let outcomes: Vec<_> = world.audit(seal.code.as_str()).await.into_iter().map(|(_, o)| o).collect();
    assert_eq!(outcomes, ["ok", "seal.second_person_needed", "permit.role", "ok"]);
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
    world.act(&world.sealer, &seal, SealAct::Resume).await.expect("active again");
    assert!(world.issue("key", order).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seal_suspended_on_the_way_seals_and_releases_nothing() {
    for step in [IssueStep::Composed, IssueStep::Proved, IssueStep::Filed] {
        let (world, seal) = World::new().await;
        let (service, sealer, code) = (world.service.clone(), world.sealer.clone(), seal.code.clone());
        let runtime = tokio::runtime::Handle::current();
        world.steps.on(step, move || {
            let request =
                act_on_seal::Request {
                    seal: code.clone(), act: SealAct::Suspend, reason: "立即停用".into()
                };
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
async fn a_revoked_seal_is_on_the_revocation_list_and_what_it_sealed_before_stands() {
    let (world, seal) = World::new().await;
    let before = world.permit("before", &seal).await.license;
    world.clock.forward(Duration::from_secs(5));
    world.act(&world.sealer, &seal, SealAct::Revoke).await.expect("revoked");
    let order = world.order("food-operation-permit", &seal);
    assert_eq!(refused(world.issue("after", order).await), "seal.revoked");
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
    let seal = world.act(&world.second_sealer, &requested, SealAct::Approve).await.expect("an active seal");
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
async fn one_seal_seals_in_both_worlds_until_it_is_revoked() {
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
    world.act(&world.sealer, &seal, SealAct::Revoke).await.expect("revoked");
    assert_eq!((number("seal-ca").await, number("sm2-seal-ca").await), (before.0 + 1, before.1 + 1));
    let list = read_pki::crl(&world.service, "sm2-seal-ca").await.expect("a read").expect("a list");
    assert!(list.windows(16).any(|w| hex::encode(w) == facts.serial_hex), "the list names it");
    let order = world.order("food-operation-permit", &seal);
    assert_eq!(refused(world.issue("late", order).await), "seal.revoked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seal_of_one_suite_seals_only_what_is_sealed_so() {
    let world = World::bare().await;
    let requested = world.requested_seal_of(&[Suite::P256]).await;
    let seal = world.act(&world.second_sealer, &requested, SealAct::Approve).await.expect("an active seal");
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
