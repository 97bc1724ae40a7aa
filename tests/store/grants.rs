//! Grants to use a seal, and their uses.

use super::Fresh;
use super::samples::*;
use futures::future::join_all;
use yinzheng::domain::envelope::EnvelopeId;
use yinzheng::domain::grant::{Grant, GrantId, GrantUse, Grantee, UseOutcome, UseSubject, Withdrawal};
use yinzheng::domain::seal_job::JobId;
use yinzheng::domain::time::Timestamp;
use yinzheng::ports::store::{StoreError, read, write};

const BODY: &str = "11990000MB0000002K";
const RACERS: u32 = 16;

pub fn grant(number: u8, grantee: Grantee, most: Option<u32>) -> Grant {
    Grant {
        id: GrantId::new(at(i64::from(number)), [number; 8]),
        seal: seal_code(1),
        owner: ISSUER.into(),
        grantee,
        kinds: vec!["business-license".into(), "work-permit".into()],
        documents: most.is_none(),
        from: at(10),
        until: at(20),
        most,
        used: 0,
        granted_by: "first".into(),
        granted_at: at(i64::from(number)),
        reason: "委托办理".into(),
        withdrawn: None,
    }
}

fn used(grant: &Grant, serial: u32) -> GrantUse {
    GrantUse {
        grant: grant.id.clone(),
        subject: license(serial),
        kind: "business-license".into(),
        by: "clerk".into(),
        at: at(10 + i64::from(serial)),
        outcome: UseOutcome::Open,
    }
}

fn license(serial: u32) -> UseSubject {
    UseSubject::License(license_id(serial, 1))
}

async fn with_seal(fresh: &Fresh) {
    let job = write(&*fresh.store, |tx, _| {
        Box::pin(async move { Ok(tx.insert_seal(&seal(1), &seal_picture()).await?) })
    });
    job.await.expect("a seal");
}

pub async fn grants_and_their_uses(fresh: Fresh) {
    with_seal(&fresh).await;
    write(&*fresh.store, |tx, _| {
        Box::pin(async move {
            let to_body = grant(1, Grantee::Body(BODY.into()), Some(2));
            let to_clerk = grant(2, Grantee::Credential("clerk".into()), None);
            tx.insert_grant(&to_clerk).await?;
            tx.insert_grant(&to_body).await?;
            assert!(matches!(tx.insert_grant(&to_body).await, Err(StoreError::Exists("seal grant"))));
            assert_eq!(tx.grant(&to_body.id).await?.as_ref(), Some(&to_body));
            assert_eq!(tx.grant(&GrantId::new(at(9), [9; 8])).await?, None);
            let code = &seal_code(1);
            assert_eq!(tx.grants_of_seal(code, None, 9).await?, [to_clerk.clone(), to_body.clone()]);
            assert_eq!(tx.grants_of_seal(code, None, 1).await?, std::slice::from_ref(&to_clerk));
            assert_eq!(tx.grants_of_seal(code, Some(&to_clerk.id), 9).await?, std::slice::from_ref(&to_body));
            assert!(tx.grants_of_seal(&seal_code(2), None, 9).await?.is_empty());
            assert_eq!(tx.grants_to_body(BODY, None, 9).await?, std::slice::from_ref(&to_body));
            assert!(tx.grants_to_body("clerk", None, 9).await?.is_empty());
            assert_eq!(tx.grants_to_credential("clerk", None, 9).await?, std::slice::from_ref(&to_clerk));
            assert!(tx.grants_to_credential(BODY, Some(&to_clerk.id), 9).await?.is_empty());

            // Two uses, and no third; one that came to nothing makes room.
            let count = async |tx: &mut dyn yinzheng::ports::store::Transaction| {
                Ok::<_, StoreError>(tx.grant(&to_body.id).await?.expect("there").used)
            };
            assert!(tx.take_grant_use(&used(&to_body, 1)).await?);
            assert!(tx.take_grant_use(&used(&to_body, 2)).await?);
            assert!(!tx.take_grant_use(&used(&to_body, 3)).await?);
            assert_eq!(count(&mut *tx).await?, 2);
            assert!(tx.settle_grant_use(&license(1), UseOutcome::Done).await?);
            assert!(!tx.settle_grant_use(&license(1), UseOutcome::Cancelled).await?, "it is done");
            assert!(!tx.settle_grant_use(&license(3), UseOutcome::Done).await?, "it was refused");
            assert!(tx.settle_grant_use(&license(2), UseOutcome::Cancelled).await?);
            assert_eq!(count(&mut *tx).await?, 1);
            assert!(tx.take_grant_use(&used(&to_body, 3)).await?);
            assert!(tx.take_grant_use(&used(&to_clerk, 4)).await?);
            // A consent is a use too, once for each version.
            let consent = |version| GrantUse {
                subject: UseSubject::Consent { envelope: EnvelopeId::new([1; 16]), version },
                outcome: UseOutcome::Done,
                ..used(&to_clerk, 6 + version)
            };
            assert!(tx.take_grant_use(&consent(1)).await?);
            assert!(tx.take_grant_use(&consent(2)).await?);
            assert!(matches!(tx.take_grant_use(&consent(2)).await, Err(StoreError::Exists(_))));
            let uses = tx.grant_uses(&to_clerk.id, None, 9).await?;
            assert_eq!(uses[1..], [consent(1), consent(2)]);

            let outcome = |serial, outcome| GrantUse { outcome, ..used(&to_body, serial) };
            let all = [
                outcome(1, UseOutcome::Done),
                outcome(2, UseOutcome::Cancelled),
                outcome(3, UseOutcome::Open),
            ];
            assert_eq!(tx.grant_uses(&to_body.id, None, 9).await?, all);
            assert_eq!(tx.grant_uses(&to_body.id, None, 1).await?, all[..1]);
            let place = Some((all[0].at, &all[0].subject));
            assert_eq!(tx.grant_uses(&to_body.id, place, 9).await?, all[1..]);

            // A document has a line of its own.
            let job = JobId::new(at(16), [1; 8]);
            let document =
                GrantUse { subject: UseSubject::Document(job), kind: String::new(), ..used(&to_clerk, 9) };
            assert!(tx.take_grant_use(&document).await?);
            let second = consent(2);
            let place = Some((second.at, &second.subject));
            assert_eq!(tx.grant_uses(&to_clerk.id, place, 9).await?, std::slice::from_ref(&document));
            assert!(tx.settle_grant_use(&document.subject, UseOutcome::Done).await?);

            // Withdrawn once, with its reason, and used no more.
            let end = Withdrawal { at: at(15), by: "second".into(), reason: "停止委托".into() };
            assert!(tx.withdraw_grant(&to_clerk.id, &end).await?);
            assert!(!tx.withdraw_grant(&to_clerk.id, &end).await?);
            assert_eq!(tx.grant(&to_clerk.id).await?.expect("there").withdrawn, Some(end));
            assert!(!tx.take_grant_use(&used(&to_clerk, 5)).await?);
            Ok(())
        })
    })
    .await
    .expect("committed");
}

pub async fn the_last_use_of_a_grant_is_taken_once(fresh: Fresh) {
    with_seal(&fresh).await;
    let one = &grant(1, Grantee::Body(BODY.into()), Some(3));
    write(&*fresh.store, |tx, _| Box::pin(async move { Ok(tx.insert_grant(one).await?) }))
        .await
        .expect("there");
    let racers = (0..RACERS).map(|serial| {
        let (store, used) = (fresh.store.clone(), used(one, serial));
        tokio::spawn(async move {
            let used = &used;
            let took = write(&*store, |tx, _| Box::pin(async move { Ok(tx.take_grant_use(used).await?) }));
            took.await.expect("answered")
        })
    });
    let took: Vec<bool> = join_all(racers).await.into_iter().map(|took| took.expect("no panic")).collect();
    assert_eq!(took.iter().filter(|took| **took).count(), 3);
    let uses: Vec<UseSubject> = read(&*fresh.store, |tx, _| {
        Box::pin(async move {
            assert_eq!(tx.grant(&one.id).await?.expect("there").used, 3);
            let place: Option<(Timestamp, &UseSubject)> = None;
            Ok(tx.grant_uses(&one.id, place, 99).await?.into_iter().map(|used| used.subject).collect())
        })
    })
    .await
    .expect("read");
    let winners: Vec<UseSubject> =
        (0..RACERS).zip(&took).filter(|(_, took)| **took).map(|(serial, _)| license(serial)).collect();
    assert_eq!(uses, winners);
}
