//! Files that somebody brings to be sealed.

use super::Fresh;
use super::samples::*;
use futures::future::join_all;
use yinzheng::domain::grant::{Grant, GrantId, Grantee};
use yinzheng::domain::license::{FileForm, FileFormat};
use yinzheng::domain::seal_job::{JobId, JobState, KeptFile, Place, Point, SealJob, Which};
use yinzheng::domain::suite::Suite;
use yinzheng::ports::store::{StoreError, TxError, read, write};

const RACERS: u8 = 16;

fn job(number: u8, key: &str) -> SealJob {
    SealJob {
        id: JobId::new(at(i64::from(number)), [number; 8]),
        key_owner: ISSUER.into(),
        key: key.into(),
        request_hash: [number; 32],
        requested_by: "first".into(),
        seal: seal_code(1),
        owner: ISSUER.into(),
        grant: None,
        form: FileForm { format: FileFormat::Pdf, suite: Suite::P256 },
        place: Place::Words { words: "甲方（盖章）".into(), which: Which::Nth(2) },
        straddling: false,
        name: "茶叶购销合同.pdf".into(),
        reason: "签订合同".into(),
        brought: KeptFile { sha256: [3; 32], size: 4_321 },
        started_at: at(i64::from(number)),
        state: JobState::Open,
    }
}

async fn with_seal(fresh: &Fresh) {
    let work = write(&*fresh.store, |tx, _| {
        Box::pin(async move { Ok(tx.insert_seal(&seal(1), &seal_picture()).await?) })
    });
    work.await.expect("a seal");
}

pub async fn seal_jobs(fresh: Fresh) {
    with_seal(&fresh).await;
    write(&*fresh.store, |tx, _| {
        Box::pin(async move {
            let grant = Grant {
                id: GrantId::new(at(1), [1; 8]),
                seal: seal_code(1),
                owner: ISSUER.into(),
                grantee: Grantee::Credential("clerk".into()),
                kinds: Vec::new(),
                documents: true,
                from: at(1),
                until: at(99),
                most: None,
                used: 0,
                granted_by: "first".into(),
                granted_at: at(1),
                reason: "委托用印".into(),
                withdrawn: None,
            };
            tx.insert_grant(&grant).await?;
            assert_eq!(tx.grant(&grant.id).await?.as_ref(), Some(&grant));

            // Each place reads back as it was written.
            let first = job(1, "one");
            let point = Place::At(Point { page: 3, x: 6_001, y: 29_700 });
            let second = SealJob {
                key_owner: "clerk".into(),
                grant: Some(grant.id),
                form: FileForm { format: FileFormat::Ofd, suite: Suite::Sm2 },
                place: point,
                straddling: true,
                ..job(2, "one")
            };
            let words = |which| Place::Words { words: "盖章".into(), which };
            let third = SealJob { place: words(Which::Last), ..job(3, "three") };
            let fourth = SealJob { place: words(Which::All), ..job(4, "four") };
            for job in [&first, &second, &third, &fourth] {
                tx.insert_seal_job(job).await?;
                assert_eq!(tx.seal_job(&job.id).await?.as_ref(), Some(job));
                assert_eq!(tx.seal_job_of_key(&job.key_owner, &job.key).await?.as_ref(), Some(job));
            }
            assert_eq!(tx.seal_job_of_key("clerk", "three").await?, None);
            let same_key = tx.insert_seal_job(&job(9, "one")).await;
            assert!(matches!(same_key, Err(StoreError::Exists("idempotency key"))));
            let same_id = tx.insert_seal_job(&job(1, "another")).await;
            assert!(matches!(same_id, Err(StoreError::Exists("seal job"))));
            assert_eq!(tx.seal_job(&job(9, "one").id).await?, None);

            // Lists, newest first, and those that are open, oldest first.
            let all = [&fourth, &third, &first].map(Clone::clone);
            assert_eq!(tx.seal_jobs_of(ISSUER, None, 9).await?, all);
            assert_eq!(tx.seal_jobs_of(ISSUER, Some(&fourth.id), 1).await?, all[1..2]);
            assert_eq!(tx.seal_jobs_of("clerk", None, 9).await?, std::slice::from_ref(&second));
            assert_eq!(tx.seal_jobs_under(&seal_code(1), None, 9).await?.len(), 4);
            assert_eq!(tx.seal_jobs_under(&seal_code(1), Some(&second.id), 9).await?, all[2..]);
            assert!(tx.seal_jobs_under(&seal_code(2), None, 9).await?.is_empty());
            let open = [&first, &second].map(Clone::clone);
            assert_eq!(tx.open_seal_jobs(at(3), 9).await?, open);
            assert_eq!(tx.open_seal_jobs(at(9), 1).await?, open[..1]);

            // A job ends once.
            let done = JobState::Done { file: KeptFile { sha256: [5; 32], size: 9_999 }, at: at(50) };
            let failed = JobState::Failed { code: "seal.suspended".into(), at: at(51) };
            assert!(!tx.close_seal_job(&first.id, &JobState::Open).await?);
            assert!(tx.close_seal_job(&first.id, &done).await?);
            assert!(!tx.close_seal_job(&first.id, &failed).await?, "it is done");
            assert!(tx.close_seal_job(&second.id, &failed).await?);
            assert!(!tx.close_seal_job(&job(9, "x").id, &done).await?, "there is none");
            assert_eq!(tx.seal_job(&first.id).await?.expect("there").state, done);
            assert_eq!(tx.seal_job(&second.id).await?.expect("there").state, failed);
            assert_eq!(tx.open_seal_jobs(at(9), 9).await?, [third, fourth]);
            Ok(())
        })
    })
    .await
    .expect("committed");
}

pub async fn a_key_makes_one_seal_job(fresh: Fresh) {
    with_seal(&fresh).await;
    let racers = (0..RACERS).map(|number| {
        let (store, job) = (fresh.store.clone(), job(number, "same"));
        tokio::spawn(async move {
            let job = &job;
            write(&*store, |tx, _| Box::pin(async move { Ok(tx.insert_seal_job(job).await?) })).await
        })
    });
    let mut made = 0;
    for racer in join_all(racers).await {
        match racer.expect("no panic") {
            Ok(()) => made += 1,
            Err(TxError::Store(StoreError::Exists("idempotency key"))) => {}
            Err(why) => panic!("{why}"),
        }
    }
    assert_eq!(made, 1);
    let jobs =
        read(&*fresh.store, |tx, _| Box::pin(async move { Ok(tx.seal_jobs_of(ISSUER, None, 99).await?) }));
    assert_eq!(jobs.await.expect("read").len(), 1);
}
