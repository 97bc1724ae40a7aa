use super::*;
use crate::domain::report::Verdict;

/// Stops an issuance by a panic at a step, as a crash would, and answers the license's world as it was left.
async fn crash_at(step: IssueStep) -> (Arc<World>, Seal) {
    let (world, seal) = World::new().await;
    let world = Arc::new(world);
    world.steps.on(step, || panic!("a crash of the test"));
    let (running, order) = (world.clone(), world.order("food-operation-permit", &seal));
    let crashed = tokio::spawn(async move { running.issue("key", order).await.map(|_| ()) }).await;
    assert!(crashed.is_err() || crashed.is_ok_and(|outcome| outcome.is_err()), "{step:?}");
    (world, seal)
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_crash_at_any_step_the_same_key_gives_one_license() {
    for step in IssueStep::ALL {
        let (world, seal) = crash_at(step).await;
        let resumed = resume_issuances::run(&world.service, world.clock.now()).await.expect("a pass");
        let open = step >= IssueStep::Recorded && step < IssueStep::Committed;
        assert_eq!((resumed.finished, resumed.cancelled, resumed.left), (u32::from(open), 0, 0), "{step:?}");
        let issued = world.permit("key", &seal).await;
        assert_eq!(issued.fresh, step < IssueStep::Recorded, "{step:?}");
        let licenses = world.licenses().await;
        assert_eq!(licenses.len(), 1, "{step:?}");
        assert!(licenses[0] == issued.license);
        let file = read_license::file(&world.service, &world.department, &issued.license.id, None).await;
        let report = verify_file::run(&world.service, file.expect("a file").bytes).await.expect("a report");
        assert_eq!(report.verdict, Verdict::Passed, "{step:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_no_longer_be_sealed_is_cancelled() {
    let (world, seal) = crash_at(IssueStep::Recorded).await;
    world.act(&world.sealer, &seal, SealAct::Suspend).await.expect("suspended");
    let resumed = resume_issuances::run(&world.service, world.clock.now()).await.expect("a pass");
    assert_eq!((resumed.finished, resumed.cancelled, resumed.left), (0, 1, 0));
    assert!(world.licenses().await.is_empty());
    let order = world.order("food-operation-permit", &seal);
    assert_eq!(refused(world.issue("key", order).await), "idempotency.cancelled");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_for_a_while_is_left_for_the_next_pass() {
    let (world, _) = crash_at(IssueStep::Recorded).await;
    world.plug.unplugged.store(true, Ordering::SeqCst);
    let resumed = resume_issuances::run(&world.service, world.clock.now()).await.expect("a pass");
    assert_eq!((resumed.finished, resumed.cancelled, resumed.left), (0, 0, 1));
    world.plug.unplugged.store(false, Ordering::SeqCst);
    let resumed = resume_issuances::run(&world.service, world.clock.now()).await.expect("a pass");
    assert_eq!((resumed.finished, resumed.cancelled, resumed.left), (1, 0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_that_finish_one_intent_make_one_license() {
    let (world, _) = crash_at(IssueStep::Recorded).await;
    let now = world.clock.now();
    let passes = (0..4).map(|_| {
        let service = world.service.clone();
        tokio::spawn(async move { resume_issuances::run(&service, now).await })
    });
    for pass in passes.collect::<Vec<_>>() {
        let resumed = pass.await.expect("no panic").expect("a pass");
        assert_eq!((resumed.cancelled, resumed.left), (0, 0));
    }
    assert_eq!(world.licenses().await.len(), 1);
}
