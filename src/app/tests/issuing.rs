use super::*;
use crate::domain::license::LicenseState;
use crate::domain::report::Verdict;
use crate::ports::files::ContentHash;

#[tokio::test]
async fn a_license_is_issued_step_by_step_and_a_stranger_passes_its_file() {
    let (world, seal) = World::new().await;
    let order = world.order("business-license", &seal);
    let issued = world.issue("one", order).await.expect("a license");
    assert!(issued.fresh);
    assert_eq!(world.steps.seen(), IssueStep::ALL);
    let license = &issued.license;
    assert_eq!(license.number, "91990102MA7YQX031L");
    assert_eq!(license.issuer, bureau());

    let read = read_license::run(&world.service, &world.department, &license.id).await.expect("a license");
    assert!(read == *license);
    let file =
        read_license::file(&world.service, &world.department, &license.id, None).await.expect("a file").bytes;
    let report = verify_file::run(&world.service, file).await.expect("a report");
    assert_eq!(report.verdict, Verdict::Passed, "{:?}", report.findings);
    for code in ["status.in_force", "status.issued_file", "status.seal_was_active"] {
        assert!(report.has(code), "{code} is not among {:?}", report.findings);
    }
    let history = read_license::history(&world.service, &world.department, &license.id).await;
    let history: Vec<_> = history.expect("a history").into_iter().map(|event| event.what).collect();
    assert_eq!(history, ["issued"]);
    let lines = world.audit(license.id.as_str()).await;
    let actions: Vec<_> = lines.iter().map(|(action, _)| action.as_str()).collect();
    assert_eq!(actions, ["license.issue", "license.read", "license.read_file", "license.read_history"]);
}

#[tokio::test]
async fn every_kind_of_the_department_is_issued() {
    let (world, seal) = World::new().await;
    let mut count = 0;
    for kind in world.service.kinds.iter().filter(|kind| kind.issuer == "market-regulation") {
        let order = world.order(&kind.name, &seal);
        let issued = world.issue(&kind.name, order).await.expect("a license");
        assert_eq!(issued.license.kind, kind.name);
        count += 1;
    }
    assert!(count >= 2);
}

#[tokio::test]
async fn the_same_key_gives_the_same_license_and_never_another_order_s() {
    let (world, seal) = World::new().await;
    let first = world.permit("key", &seal).await;
    let again = world.permit("key", &seal).await;
    assert!(!again.fresh);
    assert!(again.license == first.license);
    let mut other = world.order("food-operation-permit", &seal);
    other.data.insert("operator".into(), RawValue::Text("景川市云栖茶业有限公可".into()));
    assert_eq!(refused(world.issue("key", other).await), "idempotency.key_reused");
    assert_eq!(world.licenses().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_calls_under_one_key_at_one_time_make_one_license() {
    let (world, seal) = World::new().await;
    let world = Arc::new(world);
    let mut calls = Vec::new();
    for _ in 0..24 {
        let (world, order) = (world.clone(), world.order("food-operation-permit", &seal));
        calls.push(tokio::spawn(async move { world.issue("same", order).await }));
    }
    let mut made = 0;
    let mut ids = std::collections::BTreeSet::new();
    for call in calls {
        match call.await.expect("no panic") {
            Ok(issued) => {
                made += u32::from(issued.fresh);
                ids.insert(issued.license.id);
            }
            outcome => assert_eq!(refused(outcome), "idempotency.in_progress"),
        }
    }
    assert_eq!((made, ids.len()), (1, 1));
    assert_eq!(world.licenses().await.len(), 1);
}

#[tokio::test]
async fn every_fault_is_told_at_once_and_nothing_is_recorded() {
    let (world, seal) = World::new().await;
    let mut order = world.order("business-license", &seal);
    order.data.insert("credit_code".into(), RawValue::Text("91990102MA7YQX031M".into()));
    order.data.insert("established_on".into(), RawValue::Text("2026-02-30".into()));
    order.data.remove("name");
    order.data.insert("colour".into(), RawValue::Text("red".into()));
    order.number = Some("7".into());
    let refusal = match world.issue("key", order).await {
        Err(AppError::Refused(refusal)) => refusal,
        _ => panic!("not refused"),
    };
    let pointers: Vec<_> = refusal.faults.iter().map(|fault| fault.pointer.as_str()).collect();
    for pointer in ["/data/name", "/data/credit_code", "/data/established_on", "/data/colour", "/number"] {
        assert!(pointers.contains(&pointer), "{pointer} is not among {pointers:?}");
    }
    // The key is still free.
    assert!(world.issue("key", world.order("business-license", &seal)).await.expect("a license").fresh);
}

#[tokio::test]
async fn a_character_that_no_font_has_is_named_and_nothing_is_sealed() {
    let (world, seal) = World::new().await;
    let mut order = world.order("business-license", &seal);
    order.data.insert("legal_representative".into(), RawValue::Text("林\u{2A6D6}微".into()));
    let refusal = match world.issue("key", order.clone()).await {
        Err(AppError::Refused(refusal)) => refusal,
        _ => panic!("not refused"),
    };
    assert_eq!(refusal.faults.len(), 1);
    assert_eq!(refusal.faults[0].pointer, "/data/legal_representative");
    assert_eq!(refusal.faults[0].code, "face.missing_glyph");
    assert!(refusal.faults[0].args.contains(&("character", "\u{2A6D6}".into())));
    // It is told together with what else is wrong, and nothing is recorded.
    order.data.insert("credit_code".into(), RawValue::Text("91990102MA7YQX031M".into()));
    order.data.insert("address".into(), RawValue::Text("\u{2A6D6}街1号".into()));
    order.data.remove("registered_capital");
    let Err(AppError::Refused(refusal)) = world.issue("key", order).await else { panic!("not refused") };
    let mut faults: Vec<_> = refusal.faults.iter().map(|f| (f.pointer.as_str(), f.code)).collect();
    faults.sort_unstable();
    let expected = [
        ("/data/address", "face.missing_glyph"),
        ("/data/credit_code", "field.credit_code_check"),
        ("/data/legal_representative", "face.missing_glyph"),
        ("/data/registered_capital", "field.required"),
    ];
    assert_eq!(faults, expected);
    assert_eq!(world.steps.seen(), [IssueStep::Permitted; 2]);
    // The key is still free.
    let order = world.order("business-license", &seal);
    assert!(world.issue("key", order).await.expect("a license").fresh);
}

#[tokio::test]
async fn a_text_that_does_not_fit_its_place_is_told_before_anything_is_recorded() {
    let (world, seal) = World::new().await;
    let mut order = world.order("food-operation-permit", &seal);
    order.number = Some("宽".repeat(60));
    let Err(AppError::Refused(refusal)) = world.issue("key", order).await else { panic!("not refused") };
    let faults: Vec<_> = refusal.faults.iter().map(|f| (f.pointer.as_str(), f.code)).collect();
    assert_eq!(faults, [("/number", "face.does_not_fit")]);
    assert!(world.permit("key", &seal).await.fresh);
}

#[tokio::test]
async fn who_may_not_issue_is_told_why_and_written_down() {
    let (world, seal) = World::new().await;
    let order = world.order("food-operation-permit", &seal);
    let run = async |caller: &Credential, order: &Order| {
        refused(issue_license::run(&world.service, caller, "key", order.clone()).await)
    };
    assert_eq!(run(&world.clerk().await, &order).await, "permit.role");
    let narrow = |kinds, seals| Credential { kinds, seals, ..world.department.clone() };
    let other_kind = narrow(Scope::Only(vec!["business-license".into()]), Scope::All);
    assert_eq!(run(&other_kind, &order).await, "permit.kind_out_of_scope");
    let other_seal = narrow(Scope::All, Scope::Only(vec!["99010000000001".into()]));
    assert_eq!(run(&other_seal, &order).await, "permit.seal_out_of_scope");
    let marriage = world.order("marriage-certificate", &seal);
    assert_eq!(run(&world.department, &marriage).await, "permit.not_responsible");
    assert!(
        world
            .audit("marriage-certificate")
            .await
            .contains(&("license.issue".into(), "permit.not_responsible".into()))
    );
    assert_eq!(refused(world.issue("", order.clone()).await), "idempotency.key_form");
    assert_eq!(refused(world.issue("a b", order.clone()).await), "idempotency.key_form");
    assert!(world.issue("key", order).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_withdrawn_on_the_way_seals_nothing() {
    let (world, seal) = World::new().await;
    let (service, id, operator) =
        (world.service.clone(), world.department.id.clone(), world.operator.clone());
    let runtime = tokio::runtime::Handle::current();
    world.steps.on(IssueStep::Composed, move || {
        let withdraw = add_credential::withdraw(&service, &operator, &id);
        tokio::task::block_in_place(|| runtime.block_on(withdraw)).expect("withdrawn");
    });
    let world = Arc::new(world);
    let (running, order) = (world.clone(), world.order("food-operation-permit", &seal));
    let outcome = tokio::spawn(async move { running.issue("key", order).await }).await;
    assert_eq!(refused(outcome.expect("no panic")), "caller.credential_expired");
    assert!(!world.steps.seen().contains(&IssueStep::Sealed));
}

#[tokio::test]
async fn a_number_is_given_once() {
    let (world, seal) = World::new().await;
    let order = world.order("business-license", &seal);
    world.issue("one", order.clone()).await.expect("a license");
    assert_eq!(refused(world.issue("two", order).await), "license.number_taken");
    let mut given = world.order("food-operation-permit", &seal);
    given.number = Some("JY29901000000001".into());
    assert_eq!(
        world.issue("three", given.clone()).await.expect("a license").license.number,
        "JY29901000000001"
    );
    assert_eq!(refused(world.issue("four", given).await), "license.number_taken");
}

#[tokio::test]
async fn without_trusted_time_nothing_is_released_and_the_same_key_may_try_again() {
    let (world, seal) = World::new().await;
    world.plug.unplugged.store(true, Ordering::SeqCst);
    let order = world.order("food-operation-permit", &seal);
    assert_eq!(refused(world.issue("key", order.clone()).await), "timestamps.unavailable");
    assert!(world.licenses().await.is_empty());
    world.plug.unplugged.store(false, Ordering::SeqCst);
    assert_eq!(refused(world.issue("key", order.clone()).await), "idempotency.in_progress");
    world.clock.forward(Duration::from_secs(31));
    assert!(world.issue("key", order).await.expect("a license").fresh);
    assert_eq!(world.licenses().await.len(), 1);
}

#[tokio::test]
async fn a_batch_answers_each_by_itself() {
    let (world, seal) = World::new().await;
    let mut bad = world.order("food-operation-permit", &seal);
    bad.data.remove("operator");
    let good = world.order("food-operation-permit", &seal);
    let item = |key: &str, order: &Order| issue_batch::Item { key: key.into(), order: Ok(order.clone()) };
    let items = vec![item("a", &good), item("b", &bad), item("c", &good)];
    let outcomes = issue_batch::run(&world.service, &world.department, items).await.expect("outcomes");
    let codes: Vec<_> = outcomes.into_iter().map(refused).collect();
    assert_eq!(codes, ["(not refused)", "request.invalid", "(not refused)"]);
    let twice = vec![item("x", &good), item("x", &good)];
    assert_eq!(refused(issue_batch::run(&world.service, &world.department, twice).await), "request.invalid");
    let many = (0..=issue_batch::MOST).map(|n| item(&n.to_string(), &good)).collect();
    assert_eq!(refused(issue_batch::run(&world.service, &world.department, many).await), "request.invalid");
    assert_eq!(refused(issue_batch::run(&world.service, &world.department, vec![]).await), "request.invalid");
}

#[tokio::test]
async fn an_amended_license_gives_way_to_its_next_edition() {
    let (world, seal) = World::new().await;
    let first = world.issue("one", world.order("business-license", &seal)).await.expect("a license").license;
    let mut data = issue_license::raw(&first.data);
    data.insert("legal_representative".into(), RawValue::Text("林知远".into()));
    let request = |data: &BTreeMap<String, RawValue>, revision| amend_license::Request {
        license: first.id.clone(),
        revision: Some(revision),
        data: data.clone(),
        seal: seal.code.clone(),
        reason: "法定代表人变更".into(),
    };
    let amend = async |key: &str, revision| {
        amend_license::run(&world.service, &world.department, key, request(&data, revision)).await
    };
    assert_eq!(refused(amend("wrong", 2).await), "license.changed");
    let second = amend("two", 1).await.expect("an edition").license;
    assert_eq!((second.edition, second.number.as_str()), (2, first.number.as_str()));
    assert_eq!(second.id.serial(), first.id.serial());
    assert_eq!(second.previous.as_ref(), Some(&first.id));
    let old = read_license::run(&world.service, &world.department, &first.id).await.expect("the old one");
    assert_eq!(old.state, LicenseState::Superseded { by: second.id.clone() });
    // The same key answers again although the old edition can no longer be replaced.
    assert!(!amend("two", 1).await.expect("the same edition").fresh);
    assert_eq!(refused(amend("three", 2).await), "license.act_not_allowed");
    let file = world
        .service
        .files
        .get(&ContentHash(old.files[0].sha256))
        .await
        .expect("files")
        .expect("the old file");
    let report = verify_file::run(&world.service, file).await.expect("a report");
    assert_eq!(report.verdict, Verdict::Failed);
    assert!(report.has("status.superseded_by"));
}
