//! Documents that are brought: what happens between the steps of sealing them.

use super::*;
use crate::domain::grant::{Grant, Grantee, UseOutcome};
use crate::domain::report::Verdict;
use crate::domain::seal_job::{JobState, Place, SealJob, Which};
use seal_document::{Outcome, Request};
use tokio::runtime::Handle;

fn contract() -> Vec<u8> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/pdf/signed.pdf");
    std::fs::read(file).expect("a sample")
}

fn request(seal: &Seal, grant: Option<&Grant>) -> Request {
    Request {
        seal: seal.code.clone(),
        grant: grant.map(|grant| grant.id.clone()),
        suite: None,
        place: Place::Words { words: "Party B".into(), which: Which::Only },
        straddling: false,
        name: "合同.pdf".into(),
        reason: "签订合同".into(),
        file: contract(),
    }
}

/// A clerk with a grant for one document.
async fn lent() -> (Arc<World>, Seal, Credential, Grant) {
    let (world, seal) = World::new().await;
    let clerk = world.clerk().await;
    let request = grant_seal::Request {
        seal: seal.code.clone(),
        grantee: Grantee::Credential(clerk.id.clone()),
        kinds: Vec::new(),
        documents: true,
        from: None,
        until: world.clock.now().plus(Duration::from_secs(10 * 86_400)).date_in_china(),
        most: Some(1),
        reason: "委托用印".into(),
    };
    let grant = grant_seal::run(&world.service, &world.sealer, request).await.expect("a grant");
    (Arc::new(world), seal, clerk, grant)
}

impl World {
    async fn seal_document(&self, by: &Credential, key: &str, request: Request) -> Result<Outcome, AppError> {
        seal_document::run(&self.service, by, key, request).await
    }

    async fn jobs(&self, of: &Credential) -> Vec<SealJob> {
        seal_document::of_caller(&self.service, of, None, None).await.expect("a list")
    }

    async fn used(&self, grant: &Grant) -> (u32, Vec<UseOutcome>) {
        let id = &grant.id;
        let read = store::read(self.service.store.as_ref(), |tx, _| {
            Box::pin(async move {
                let used = tx.grant(id).await?.expect("there").used;
                let uses = tx.grant_uses(id, None, 9).await?;
                Ok((used, uses.into_iter().map(|used| used.outcome).collect()))
            })
        });
        read.await.expect("read")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seal_put_out_of_use_on_the_way_releases_nothing_and_gives_the_use_back() {
    for step in [JobStep::Recorded, JobStep::Laid, JobStep::Sealed, JobStep::Filed] {
        let (world, seal, clerk, grant) = lent().await;
        let (acting, at_work) = (world.clone(), seal.clone());
        world.steps.on_job(step, move || {
            let suspended = acting.act(&acting.sealer, &at_work, SealAct::Suspend);
            tokio::task::block_in_place(|| Handle::current().block_on(suspended)).expect("suspended");
        });
        let outcome = world.seal_document(&clerk, "key", request(&seal, Some(&grant))).await;
        assert_eq!(refused(outcome), "seal.suspended", "{step:?}");
        let [job] = &world.jobs(&clerk).await[..] else { panic!("one job") };
        assert!(matches!(&job.state, JobState::Failed { code, .. } if code == "seal.suspended"), "{step:?}");
        assert_eq!(world.used(&grant).await, (0, vec![UseOutcome::Cancelled]), "{step:?}");
        let line = ("seal.use".to_owned(), "seal.suspended".to_owned());
        assert!(world.audit(seal.code.as_str()).await.contains(&line), "{step:?}");
        let again = world.seal_document(&clerk, "key", request(&seal, Some(&grant))).await;
        assert_eq!(refused(again), "idempotency.cancelled");
        assert_eq!(refused(seal_document::file(&world.service, &clerk, &job.id).await), "seal_job.not_done");
        // Back in use: another key is another job, and the use is there again.
        world.act_by_two(&seal, SealAct::Resume).await.expect("resumed");
        let outcome =
            world.seal_document(&clerk, "next", request(&seal, Some(&grant))).await.expect("sealed");
        assert!(outcome.fresh);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_taken_back_on_the_way_releases_nothing() {
    for step in [JobStep::Recorded, JobStep::Filed] {
        let (world, seal, clerk, grant) = lent().await;
        let (acting, id) = (world.clone(), grant.id.clone());
        world.steps.on_job(step, move || {
            let withdrawn = withdraw_grant::run(&acting.service, &acting.sealer, &id, "停止委托");
            tokio::task::block_in_place(|| Handle::current().block_on(withdrawn)).expect("withdrawn");
        });
        let outcome = world.seal_document(&clerk, "key", request(&seal, Some(&grant))).await;
        assert_eq!(refused(outcome), "grant.withdrawn", "{step:?}");
        assert_eq!(world.used(&grant).await, (0, vec![UseOutcome::Cancelled]), "{step:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_trusted_time_a_job_waits_and_is_finished_later() {
    let (world, seal, clerk, grant) = lent().await;
    world.plug.unplugged.store(true, Ordering::SeqCst);
    let outcome = world.seal_document(&clerk, "key", request(&seal, Some(&grant))).await;
    assert_eq!(refused(outcome), "timestamps.unavailable");
    let pass = async || {
        let resumed = resume_seal_jobs::run(&world.service, world.clock.now()).await.expect("a pass");
        (resumed.finished, resumed.cancelled, resumed.left)
    };
    assert_eq!(pass().await, (0, 0, 1));
    let soon = world.seal_document(&clerk, "key", request(&seal, Some(&grant))).await;
    assert_eq!(refused(soon), "idempotency.in_progress");
    assert_eq!(world.used(&grant).await, (1, vec![UseOutcome::Open]));
    world.plug.unplugged.store(false, Ordering::SeqCst);
    assert_eq!(pass().await, (1, 0, 0));
    assert_eq!(pass().await, (0, 0, 0));
    let outcome = world.seal_document(&clerk, "key", request(&seal, Some(&grant))).await.expect("sealed");
    assert!(!outcome.fresh);
    assert_eq!(world.used(&grant).await, (1, vec![UseOutcome::Done]));
    let (_, file) = seal_document::file(&world.service, &clerk, &outcome.job.id).await.expect("a file");
    let report = verify_file::run(&world.service, file).await.expect("a report");
    // What the other party's authority is worth is not known here; of ours nothing is in doubt.
    assert_eq!((report.verdict, report.seals.len()), (Verdict::Indeterminate, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_calls_under_one_key_make_one_job() {
    let (world, seal, clerk, grant) = lent().await;
    let calls = (0..6).map(|_| {
        let (world, clerk) = (world.clone(), clerk.clone());
        let request = request(&seal, Some(&grant));
        tokio::spawn(async move { world.seal_document(&clerk, "same", request).await })
    });
    let mut made = 0;
    for call in calls.collect::<Vec<_>>() {
        match call.await.expect("no panic") {
            Ok(outcome) => made += u32::from(outcome.fresh),
            // The grant is for one: who came a moment too early is told that, and nobody gets another.
            outcome => assert!(matches!(refused(outcome), "idempotency.in_progress" | "grant.exhausted")),
        }
    }
    assert_eq!((made, world.jobs(&clerk).await.len()), (1, 1));
    assert_eq!(world.used(&grant).await, (1, vec![UseOutcome::Done]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_that_finish_one_job_make_one_file() {
    let (world, seal, clerk, grant) = lent().await;
    world.steps.on_job(JobStep::Recorded, || panic!("a crash of the test"));
    let (running, by, wanted) = (world.clone(), clerk.clone(), request(&seal, Some(&grant)));
    let crashed = tokio::spawn(async move { running.seal_document(&by, "key", wanted).await.map(|_| ()) });
    assert!(crashed.await.is_err());
    let now = world.clock.now();
    let passes = (0..4).map(|_| {
        let service = world.service.clone();
        tokio::spawn(async move { resume_seal_jobs::run(&service, now).await })
    });
    for pass in passes.collect::<Vec<_>>() {
        let resumed = pass.await.expect("no panic").expect("a pass");
        assert_eq!((resumed.cancelled, resumed.left), (0, 0));
    }
    let [job] = &world.jobs(&clerk).await[..] else { panic!("one job") };
    assert!(matches!(job.state, JobState::Done { .. }));
    assert_eq!(world.used(&grant).await, (1, vec![UseOutcome::Done]));
    let lines = world.audit(seal.code.as_str()).await;
    assert_eq!(lines.iter().filter(|(action, _)| action == "seal.use").count(), 1);
}
