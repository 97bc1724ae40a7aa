//! What a transaction promises, with many at once.

use super::Fresh;
use super::samples::*;
use futures::future::join_all;
use std::sync::atomic::{AtomicU32, Ordering};
use yinzheng::domain::license::License;
use yinzheng::domain::party::Person;
use yinzheng::domain::refusal::{Refusal, RefusalClass};
use yinzheng::domain::seal::{Approval, SealAct, SealState};
use yinzheng::ports::store::{StoreError, TxError, glance, read, write};

/// The tasks of a race.
const RACERS: u32 = 32;

pub async fn a_failed_job_leaves_nothing(fresh: Fresh) {
    let store = &*fresh.store;
    let refused = write(store, |tx, _| {
        Box::pin(async move {
            tx.put_department(&department(ISSUER)).await?;
            tx.append_event(&event("e")).await?;
            Err::<(), _>(Refusal::new(RefusalClass::Conflict, "test.no").into())
        })
    });
    assert!(matches!(refused.await, Err(TxError::Refused(refusal)) if refusal.code == "test.no"));
    let left =
        read(store, |tx, _| Box::pin(async move { Ok((tx.departments().await?, tx.events(0, 10).await?)) }));
    let (departments, events) = left.await.expect("read");
    assert!(departments.is_empty() && events.is_empty());
}

pub async fn a_job_may_go_on_after_exists(fresh: Fresh) {
    let store = &*fresh.store;
    let found = write(store, |tx, _| {
        Box::pin(async move {
            tx.insert_issuance(&issuance("k", 1)).await?;
            let again = tx.insert_issuance(&issuance("k", 2)).await;
            assert!(matches!(again, Err(StoreError::Exists("idempotency key"))), "{again:?}");
            tx.append_event(&event("after")).await?;
            Ok(tx.issuance(ISSUER, "k").await?)
        })
    });
    assert_eq!(found.await.expect("committed"), Some(issuance("k", 1)));
    let events = read(store, |tx, _| Box::pin(async move { Ok(tx.events(0, 10).await?) }));
    assert_eq!(events.await.expect("read").len(), 1);
}

pub async fn a_read_cannot_write(fresh: Fresh) {
    let store = &*fresh.store;
    let wrote =
        read(store, |tx, _| Box::pin(async move { Ok(tx.put_department(&department(ISSUER)).await?) })).await;
    assert!(matches!(wrote, Err(TxError::Store(StoreError::Failed(_)))), "{wrote:?}");
    let found = read(store, |tx, _| Box::pin(async move { Ok(tx.department(ISSUER).await?) }));
    assert_eq!(found.await.expect("read"), None);
}

pub async fn a_glance_is_one_reading_statement(fresh: Fresh) {
    let store = &*fresh.store;
    let wrote =
        glance(store, |tx, _| Box::pin(async move { Ok(tx.put_department(&department(ISSUER)).await?) }))
            .await;
    assert!(matches!(wrote, Err(TxError::Store(StoreError::Failed(_)))), "{wrote:?}");
    let once = glance(store, |tx, _| Box::pin(async move { Ok(tx.department(ISSUER).await?) }));
    assert_eq!(once.await.expect("read"), None, "and nothing was written");
    let twice = glance(store, |tx, _| {
        Box::pin(async move {
            tx.department(ISSUER).await?;
            Ok(tx.department(ISSUER).await?)
        })
    });
    assert!(matches!(twice.await, Err(TxError::Store(StoreError::Failed(_)))));
}

pub async fn exactly_one_redeems(fresh: Fresh) {
    let shown = write(&*fresh.store, |tx, _| {
        Box::pin(async move {
            tx.insert_license(&license(1)).await?;
            Ok(tx.insert_showing(&showing(1)).await?)
        })
    });
    shown.await.expect("shown");
    let racers = (0..RACERS).map(|n| {
        let store = fresh.store.clone();
        tokio::spawn(async move {
            let redemption = &redemption(&format!("clerk-{n}"));
            write(&*store, |tx, _| {
                Box::pin(async move {
                    let found = tx.showing_by_code(&[1; 32]).await?.expect("it is there");
                    Ok(tx.redeem_showing(&found.id, redemption).await?)
                })
            })
            .await
            .expect("answered")
        })
    });
    let won: Vec<bool> = join_all(racers).await.into_iter().map(|won| won.expect("no panic")).collect();
    assert_eq!(won.iter().filter(|won| **won).count(), 1);
    let winner = won.iter().position(|won| *won).expect("one");
    let found = read(&*fresh.store, |tx, _| Box::pin(async move { Ok(tx.showing("s001").await?) }));
    let redeemed = found.await.expect("read").and_then(|showing| showing.redeemed).expect("redeemed");
    assert_eq!(redeemed, redemption(&format!("clerk-{winner}")));
}

pub async fn exactly_one_change_of_a_revision_wins(fresh: Fresh) {
    write(&*fresh.store, |tx, _| {
        Box::pin(async move { Ok(tx.insert_seal(&seal(1), &seal_picture()).await?) })
    })
    .await
    .expect("there");
    let racers = (0..RACERS).map(|n| {
        let store = fresh.store.clone();
        tokio::spawn(async move {
            let mut changed = seal(1);
            changed.state = SealState::Active;
            changed.approved_by = Some(n.to_string());
            changed.revision = 2;
            let changed = &changed;
            write(&*store, |tx, _| Box::pin(async move { Ok(tx.update_seal(changed, 1).await?) }))
                .await
                .expect("answered")
        })
    });
    let won = join_all(racers).await.into_iter().filter(|won| *won.as_ref().expect("no panic")).count();
    assert_eq!(won, 1);
}

pub async fn of_two_approvals_at_once_one_sees_the_other(fresh: Fresh) {
    write(&*fresh.store, |tx, _| {
        Box::pin(async move { Ok(tx.insert_seal(&seal(1), &seal_picture()).await?) })
    })
    .await
    .expect("there");
    let racers = (0..RACERS).map(|n| {
        let store = fresh.store.clone();
        tokio::spawn(async move {
            let mine = &Approval {
                seal: seal_code(1),
                act: SealAct::Approve,
                revision: 1,
                by: format!("approver-{n}"),
                person: Person::unknown(&format!("approver-{n}")),
                at: at(1),
                expires: at(100),
                reason: String::new(),
            };
            let job = write(&*store, |tx, _| {
                Box::pin(async move {
                    let before = tx.seal_approvals(&seal_code(1)).await?.len();
                    // Only the first is kept: the next one finds it and would carry the act out.
                    if before == 0 {
                        tx.add_seal_approval(mine).await?;
                    }
                    Ok(before == 0)
                })
            });
            match job.await {
                Ok(kept) => kept,
                Err(TxError::Store(StoreError::Contention)) => false,
                Err(other) => panic!("{other}"),
            }
        })
    });
    let kept = join_all(racers).await.into_iter().filter(|kept| *kept.as_ref().expect("no panic")).count();
    assert_eq!(kept, 1);
}

pub async fn an_idempotency_key_makes_one_intent(fresh: Fresh) {
    let racers = (0..RACERS).map(|n| {
        let store = fresh.store.clone();
        tokio::spawn(async move {
            let mine = &issuance("the key", n);
            let made = write(&*store, |tx, _| Box::pin(async move { Ok(tx.insert_issuance(mine).await?) }));
            match made.await {
                Ok(()) => true,
                Err(TxError::Store(StoreError::Exists("idempotency key"))) => false,
                Err(other) => panic!("{other}"),
            }
        })
    });
    let won = join_all(racers).await.into_iter().filter(|won| *won.as_ref().expect("no panic")).count();
    assert_eq!(won, 1);
}

pub async fn a_number_belongs_to_one_serial(fresh: Fresh) {
    // First editions and amended ones alike; the unique number of an edition would tell only half of them apart.
    let racers = (1..=RACERS).map(|n| {
        let store = fresh.store.clone();
        tokio::spawn(async move {
            let edition = u16::try_from(n % 2).expect("small") + 1;
            let mine =
                &License { id: license_id(n, edition), edition, number: "the number".into(), ..license(n) };
            let made = write(&*store, |tx, _| Box::pin(async move { Ok(tx.insert_license(mine).await?) }));
            match made.await {
                Ok(()) => true,
                Err(TxError::Store(StoreError::Exists("license number"))) => false,
                Err(other) => panic!("{other}"),
            }
        })
    });
    let won = join_all(racers).await.into_iter().filter(|won| *won.as_ref().expect("no panic")).count();
    assert_eq!(won, 1);
}

pub async fn readers_that_write_what_they_read_do_not_lose_updates(fresh: Fresh) {
    write(&*fresh.store, |tx, _| Box::pin(async move { Ok(tx.put_department(&department(ISSUER)).await?) }))
        .await
        .expect("there");
    let runs = std::sync::Arc::new(AtomicU32::new(0));
    let racers = (0..RACERS).map(|_| {
        let (store, runs) = (fresh.store.clone(), runs.clone());
        tokio::spawn(async move {
            let runs = &runs;
            let job = write(&*store, |tx, _| {
                Box::pin(async move {
                    runs.fetch_add(1, Ordering::Relaxed);
                    let mut counted = tx.department(ISSUER).await?.expect("it is there");
                    counted.name_en.push('+');
                    Ok(tx.put_department(&counted).await?)
                })
            });
            // Busy is an answer; nothing may be lost or done twice.
            match job.await {
                Ok(()) => 1,
                Err(TxError::Store(StoreError::Contention)) => 0,
                Err(other) => panic!("{other}"),
            }
        })
    });
    let done: usize = join_all(racers).await.into_iter().map(|done| done.expect("no panic")).sum();
    let found = read(&*fresh.store, |tx, _| Box::pin(async move { Ok(tx.department(ISSUER).await?) }));
    let counted = found.await.expect("read").expect("it is there").name_en.matches('+').count();
    assert_eq!(counted, done);
    assert!(done >= 24, "only {done} of {RACERS} got through");
    assert!(runs.load(Ordering::Relaxed) >= RACERS);
}

pub async fn a_job_without_a_result_runs_through_the_port_alone(fresh: Fresh) {
    let put = fresh
        .store
        .write(&|tx, _| Box::pin(async move { Ok(tx.put_department(&department(ISSUER)).await?) }));
    put.await.expect("committed");
    let found = fresh.store.read(&|tx, _| {
        Box::pin(async move {
            let found = tx.department(ISSUER).await?;
            found.map(drop).ok_or_else(|| Refusal::new(RefusalClass::NotFound, "test.not_found").into())
        })
    });
    found.await.expect("it is there");
    let glanced = fresh.store.glance(&|tx, _| {
        Box::pin(async move {
            tx.department(ISSUER).await?;
            Ok(())
        })
    });
    glanced.await.expect("read");
}

pub async fn a_reader_sees_one_moment(fresh: Fresh) {
    let store = &*fresh.store;
    let seen = read(store, |tx, _| {
        Box::pin(async move {
            let before = tx.department(ISSUER).await?;
            write(store, |tx, _| Box::pin(async move { Ok(tx.put_department(&department(ISSUER)).await?) }))
                .await?;
            Ok((before, tx.department(ISSUER).await?))
        })
    });
    assert_eq!(seen.await.expect("read"), (None, None));
    let later = read(store, |tx, _| Box::pin(async move { Ok(tx.department(ISSUER).await?) }));
    assert_eq!(later.await.expect("read"), Some(department(ISSUER)));
}

pub async fn what_was_acknowledged_is_there_after_reopening(fresh: Fresh) {
    let Fresh { store, url } = fresh;
    let writers = (1..=16).map(|n| {
        let store = store.clone();
        tokio::spawn(async move {
            let license = &license(n);
            write(&*store, |tx, _| Box::pin(async move { Ok(tx.insert_license(license).await?) })).await
        })
    });
    for done in join_all(writers).await {
        done.expect("no panic").expect("committed");
    }
    drop(store);
    let again = Fresh::open(url).await;
    for n in 1..=16 {
        let found =
            read(&*again.store, |tx, _| Box::pin(async move { Ok(tx.license(&license_id(n, 1)).await?) }));
        assert_eq!(found.await.expect("read"), Some(license(n)));
    }
}
