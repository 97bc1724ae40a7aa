//! Webhooks: their rows, the order of their deliveries, leases, and two deliverers at once.

use super::Fresh;
use super::samples::*;
use futures::future::join_all;
use std::collections::BTreeMap;
use yinzheng::domain::time::Timestamp;
use yinzheng::domain::webhook::{
    Attempt, ClosedSecret, Delivery, DeliveryState, NewDelivery, TopicPattern, Webhook, WebhookId,
    WebhookState,
};
use yinzheng::ports::store::{StoreError, TxError, WebhookListing, read, write};

fn id(number: u8) -> WebhookId {
    WebhookId::new([number; 12])
}

fn webhook(number: u8, owner: Option<&str>) -> Webhook {
    Webhook {
        id: id(number),
        owner: owner.map(str::to_owned),
        url: "https://receiver.example/hook".into(),
        topics: ["license.*", "seal.active"].map(|text| TopicPattern::parse(text).expect("a pattern")).into(),
        description: "市民掌上办".into(),
        state: WebhookState::On,
        failing_since: Some(at(1)),
        resume_at: Some(at(2)),
        secret: ClosedSecret::new(vec![number; 61]),
        old_secret: Some((ClosedSecret::new(vec![99; 61]), at(3))),
        position: 7,
        next_number: 5,
        created_by: "operator".into(),
        created_at: at(4),
        revision: 1,
    }
}

fn new(webhook: u8, number: i64, subject: &str) -> NewDelivery {
    NewDelivery {
        webhook: id(webhook),
        number,
        message: format!("m{number}"),
        topic: "license.issued".into(),
        subject: subject.into(),
        payload: "{\"type\":\"license.issued\"}".into(),
        created_at: at(number),
    }
}

fn attempt(now: Timestamp, status: u16) -> Attempt {
    Attempt { at: now, status: Some(status), error: None, retry_after: None }
}

/// Runs the body in one writing transaction and hands out what it made.
macro_rules! inside {
    ($fresh:expr, |$tx:ident| $body:block) => {
        write(&*$fresh.store, |$tx, _| Box::pin(async move { $body })).await.expect("committed")
    };
}

pub async fn webhooks(fresh: Fresh) {
    let plain = Webhook { failing_since: None, resume_at: None, old_secret: None, ..webhook(2, Some("A")) };
    let (first, second, third) = (webhook(1, None), plain, webhook(3, Some("B")));
    let all = &[first.clone(), second.clone(), third.clone()];
    inside!(fresh, |tx| {
        for one in all {
            tx.insert_webhook(one).await?;
        }
        let again = tx.insert_webhook(&all[0]).await;
        assert!(matches!(again, Err(StoreError::Exists("webhook"))), "{again:?}");
        for one in all {
            assert_eq!(tx.webhook(&one.id).await?.as_ref(), Some(one));
        }
        assert_eq!(tx.webhook(&id(9)).await?, None);
        let list = [
            (WebhookListing::All, vec![0, 1, 2]),
            (WebhookListing::Operators, vec![0]),
            (WebhookListing::Department("B".into()), vec![2]),
            (WebhookListing::Department("C".into()), vec![]),
            (WebhookListing::InState(WebhookState::On), vec![0, 1, 2]),
            (WebhookListing::InState(WebhookState::Removed), vec![]),
        ];
        for (listing, wanted) in &list {
            let wanted: Vec<Webhook> = wanted.iter().map(|n: &usize| all[*n].clone()).collect();
            assert_eq!(tx.webhooks(listing, "", 10).await?, wanted, "{listing:?}");
        }
        assert_eq!(tx.webhooks(&WebhookListing::All, all[0].id.as_str(), 1).await?, [all[1].clone()]);
        Ok(())
    });
    let changed = &Webhook {
        state: WebhookState::Removed,
        failing_since: None,
        resume_at: None,
        secret: ClosedSecret::new(vec![50; 61]),
        old_secret: None,
        position: 90,
        next_number: 91,
        ..first.clone()
    };
    inside!(fresh, |tx| {
        assert!(tx.update_webhook(changed).await?);
        assert!(!tx.update_webhook(changed).await?, "somebody was quicker");
        let now = Webhook { revision: 2, ..changed.clone() };
        assert_eq!(tx.webhook(&id(1)).await?, Some(now.clone()));
        assert_eq!(tx.webhooks(&WebhookListing::Operators, "", 10).await?, []);
        assert_eq!(tx.webhooks(&WebhookListing::All, "", 10).await?.len(), 2);
        assert_eq!(tx.webhooks(&WebhookListing::InState(WebhookState::Removed), "", 10).await?, [now]);
        Ok(())
    });
}

pub async fn deliveries_about_a_subject_go_one_after_the_other(fresh: Fresh) {
    inside!(fresh, |tx| {
        tx.insert_webhook(&webhook(1, None)).await?;
        tx.insert_webhook(&webhook(2, None)).await?;
        assert_eq!(tx.next_delivery_due(&id(1)).await?, None);
        for (number, subject) in [(1, "a"), (2, "a"), (3, "b"), (4, "a")] {
            tx.insert_delivery(&new(1, number, subject)).await?;
        }
        tx.insert_delivery(&new(2, 1, "a")).await?;
        let again = tx.insert_delivery(&new(1, 4, "c")).await;
        assert!(matches!(again, Err(StoreError::Exists("delivery"))), "{again:?}");

        let fresh = Delivery {
            what: new(1, 1, "a"),
            state: DeliveryState::Waiting,
            attempts: 0,
            due_at: Some(at(1)),
            leased_until: None,
            last_at: None,
            last_status: None,
            last_error: None,
            ended_at: None,
        };
        assert_eq!(tx.delivery(&id(1), 1).await?, Some(fresh));
        assert_eq!(tx.delivery(&id(1), 9).await?, None);
        let states = tx.deliveries(&id(1), i64::MAX, 10).await?;
        let states: Vec<_> = states.iter().map(|d| (d.what.number, d.state.name())).collect();
        assert_eq!(states, [(4, "queued"), (3, "waiting"), (2, "queued"), (1, "waiting")]);
        assert_eq!(tx.deliveries(&id(1), 3, 1).await?[0].what.number, 2);
        assert_eq!(tx.next_delivery_due(&id(1)).await?, Some(at(1)));
        Ok(())
    });
    let numbers = |deliveries: &[Delivery]| deliveries.iter().map(|d| d.what.number).collect::<Vec<_>>();
    inside!(fresh, |tx| {
        assert_eq!(tx.lease_deliveries(&id(1), at(0), at(60), 10).await?, [], "nothing is due yet");
        let leased = tx.lease_deliveries(&id(1), at(10), at(70), 10).await?;
        assert_eq!(numbers(&leased), [1, 3]);
        assert_eq!((leased[0].leased_until, leased[0].due_at), (Some(at(70)), Some(at(70))));
        assert_eq!(tx.delivery(&id(1), 1).await?.as_ref(), Some(&leased[0]));
        assert_eq!(tx.lease_deliveries(&id(1), at(69), at(99), 10).await?, [], "they are taken");
        assert_eq!(tx.next_delivery_due(&id(1)).await?, Some(at(70)));

        // A failed attempt: later again, and what is behind it waits on.
        let failed = leased[0].after(&attempt(at(11), 500), 0);
        assert!(!tx.finish_delivery(&failed, at(71)).await?, "another lease");
        assert!(tx.finish_delivery(&failed, at(70)).await?);
        assert_eq!(tx.delivery(&id(1), 1).await?.as_ref(), Some(&failed));
        assert!(!tx.finish_delivery(&failed, at(70)).await?, "the lease is over");
        assert_eq!(tx.delivery(&id(1), 2).await?.expect("there").state, DeliveryState::Queued);
        Ok(())
    });
    inside!(fresh, |tx| {
        // Whoever took the other one died: its lease runs out, and the first is due again.
        let leased = tx.lease_deliveries(&id(1), at(80), at(140), 10).await?;
        assert_eq!(numbers(&leased), [1, 3]);
        let error = Attempt { status: None, error: Some("timeout"), ..attempt(at(81), 0) };
        let timed_out = leased[1].after(&error, 0);
        assert!(tx.finish_delivery(&timed_out, at(140)).await?);
        assert_eq!(tx.delivery(&id(1), 3).await?.as_ref(), Some(&timed_out));
        let taken = leased[0].after(&attempt(at(82), 200), 0);
        assert!(tx.finish_delivery(&taken, at(140)).await?);
        let second = tx.delivery(&id(1), 2).await?.expect("there");
        assert_eq!((second.state, second.due_at), (DeliveryState::Waiting, Some(at(82))));
        assert_eq!(tx.delivery(&id(1), 4).await?.expect("there").state, DeliveryState::Queued);
        assert_eq!(numbers(&tx.lease_deliveries(&id(1), at(83), at(150), 1).await?), [2]);
        // Another webhook's are its own.
        assert_eq!(numbers(&tx.lease_deliveries(&id(2), at(83), at(150), 9).await?), [1]);
        Ok(())
    });
}

pub async fn old_deliveries_and_removed_webhooks_go(fresh: Fresh) {
    inside!(fresh, |tx| {
        tx.insert_webhook(&webhook(1, None)).await?;
        for number in 1..=4 {
            tx.insert_delivery(&new(1, number, &format!("s{number}"))).await?;
        }
        for leased in tx.lease_deliveries(&id(1), at(10), at(70), 3).await? {
            let ended = leased.after(&attempt(at(100 + leased.what.number), 204), 0);
            assert!(tx.finish_delivery(&ended, at(70)).await?);
        }
        assert_eq!(tx.purge_deliveries(&id(1), at(101), 10).await?, 0);
        assert_eq!(tx.purge_deliveries(&id(1), at(104), 1).await?, 1);
        assert_eq!(tx.purge_deliveries(&id(1), at(103), 10).await?, 1);
        assert_eq!(tx.deliveries(&id(1), i64::MAX, 10).await?.len(), 2);
        Ok(())
    });
    inside!(fresh, |tx| {
        let here = tx.webhook(&id(1)).await?.expect("there");
        assert!(tx.update_webhook(&Webhook { state: WebhookState::Removed, ..here }).await?);
        assert!(!tx.erase_webhook(&id(1), 1).await?, "one of two is gone");
        assert!(!tx.erase_webhook(&id(1), 1).await?, "there may be more");
        assert!(tx.erase_webhook(&id(1), 1).await?);
        assert_eq!(tx.webhook(&id(1)).await?, None);
        assert_eq!(tx.deliveries(&id(1), i64::MAX, 10).await?, []);
        Ok(())
    });
}

/// Several deliverers at once: nothing is leased by two, everything by one, and of a subject one at a time.
pub async fn several_deliverers_share_the_work(fresh: Fresh) {
    const EACH: i64 = 30;
    inside!(fresh, |tx| {
        tx.insert_webhook(&webhook(1, None)).await?;
        for number in 1..=EACH {
            tx.insert_delivery(&new(1, number, &format!("subject{}", number % 10))).await?;
        }
        Ok(())
    });
    let deliverer = |store: std::sync::Arc<dyn yinzheng::ports::store::Store>, lease: Timestamp| async move {
        let mut mine = Vec::new();
        loop {
            let leased = write(store.as_ref(), |tx, _| {
                Box::pin(async move { Ok(tx.lease_deliveries(&id(1), at(1_000), lease, 4).await?) })
            });
            let leased = leased.await.expect("leased");
            let open = read(store.as_ref(), |tx, _| {
                Box::pin(async move { Ok(tx.deliveries(&id(1), i64::MAX, 100).await?) })
            });
            let open = open.await.expect("read");
            if leased.is_empty() && open.iter().all(|delivery| delivery.state.is_over()) {
                return mine;
            }
            for delivery in leased {
                let done = &delivery.after(&attempt(at(999), 200), 0);
                let ours: Result<bool, TxError> = write(store.as_ref(), |tx, _| {
                    Box::pin(async move { Ok(tx.finish_delivery(done, lease).await?) })
                })
                .await;
                assert!(ours.expect("finished"), "nobody took it from us");
                mine.push((delivery.what.subject.clone(), delivery.what.number));
            }
        }
    };
    let work = (0..4).map(|n| tokio::spawn(deliverer(fresh.store.clone(), at(5_000 + n))));
    let mut by_subject: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    let mut count = 0;
    for mine in join_all(work).await {
        let mine = mine.expect("no panic");
        count += mine.len();
        for (subject, number) in mine {
            by_subject.entry(subject).or_default().push(number);
        }
    }
    assert_eq!(count, usize::try_from(EACH).expect("small"), "each once");
    for numbers in by_subject.values_mut() {
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 3);
    }
}

pub async fn places_in_the_outbox(fresh: Fresh) {
    inside!(fresh, |tx| {
        assert_eq!(tx.last_event_position().await?, 0);
        assert_eq!(tx.event_position_before(at(0)).await?, 0);
        Ok(())
    });
    for (name, seconds) in [("e1", 1_000), ("e2", 2_000), ("e3", 3_000)] {
        let event = &yinzheng::ports::store::OutboxEvent { at: at(seconds), ..event(name) };
        inside!(fresh, |tx| { Ok(tx.append_event(event).await?) });
    }
    inside!(fresh, |tx| {
        let all = tx.events(0, 10).await?;
        assert_eq!(tx.last_event_position().await?, all[2].position);
        let after = async |tx: &mut dyn yinzheng::ports::store::Transaction, seconds| {
            let position = tx.event_position_before(at(seconds)).await?;
            Ok::<_, StoreError>(tx.events(position, 10).await?.len())
        };
        assert_eq!(after(&mut *tx, 0).await?, 3);
        assert_eq!(after(&mut *tx, 2_000).await?, 2);
        assert_eq!(after(&mut *tx, 2_500).await?, 1);
        assert_eq!(after(&mut *tx, 9_000).await?, 0);
        Ok(())
    });
}
