use super::*;
use crate::app::tests::World;
use crate::formats::x509::Issuer;
use crate::formats::x509::crl::{self, CrlTimes, RevokedX509};
use crate::ports::clock::Clock;
use crate::ports::keys::HandleSigner;
use crate::ports::store::{IssuedX509, Session};
use std::sync::Mutex;
use std::sync::atomic::Ordering;

/// A list as it lies in the key set: its authority, and its bytes or why they cannot be read.
type BroughtList = (String, Result<Vec<u8>, String>);

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn jobs(world: &World) -> (Jobs, Arc<Mutex<Vec<Vec<u8>>>>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = told.clone();
    let tell: OnRootCrl = Box::new(move |root, crls| {
        if root == "root" {
            heard.lock().expect("no panic before").extend(crls);
        }
    });
    (Jobs::new(world.service.clone(), outside(tell)), told)
}

/// Nobody brings anything.
fn outside(on_root_crl: OnRootCrl) -> Outside {
    Outside { brought_crls: Arc::new(Vec::new), on_root_crl }
}

async fn latest(world: &World, authority: &str) -> store::PublishedCrl {
    let latest = store::read(world.service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.latest_crl(authority).await?) })
    });
    latest.await.expect("a read").expect("a list")
}

async fn number(world: &World, authority: &str) -> u64 {
    latest(world, authority).await.number
}

#[tokio::test]
async fn lists_are_renewed_when_half_their_life_is_over_and_not_before() {
    let world = World::bare().await;
    let (mut jobs, told) = jobs(&world);
    let now = world.clock.now();
    jobs.pass(now).await;
    assert_eq!((number(&world, "root").await, number(&world, "seal-ca").await), (1, 1));
    assert_eq!(told.lock().expect("no panic before").len(), 1);
    world.clock.forward(publish_crl::LIFE / 2 - DAY);
    jobs.pass(now).await;
    assert_eq!((number(&world, "root").await, number(&world, "seal-ca").await), (1, 1));
    assert_eq!(told.lock().expect("no panic before").len(), 1, "told twice of one list");
    world.clock.forward(DAY);
    jobs.pass(now).await;
    assert_eq!((number(&world, "root").await, number(&world, "seal-ca").await), (2, 2));
    assert_eq!((number(&world, "sm2-root").await, number(&world, "sm2-seal-ca").await), (2, 2));
    assert_eq!(told.lock().expect("no panic before").len(), 2);
}

#[tokio::test]
async fn a_revocation_that_no_list_has_is_published() {
    let world = World::bare().await;
    let (mut jobs, _) = jobs(&world);
    world.clock.forward(Duration::from_secs(5));
    let now = world.clock.now();
    let x509 = &IssuedX509 {
        authority: "seal-ca".into(),
        serial: "41aa".into(),
        der: vec![1],
        not_after: now.plus(DAY),
        revoked: Some((now, 1)),
    };
    store::write(world.service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.insert_x509(x509).await?) })
    })
    .await
    .expect("a row");
    world.clock.forward(Duration::from_secs(5));
    jobs.pass(now).await;
    assert_eq!((number(&world, "tls-ca").await, number(&world, "seal-ca").await), (1, 2));
    world.clock.forward(Duration::from_secs(5));
    jobs.pass(now).await;
    assert_eq!(number(&world, "seal-ca").await, 2, "published again without need");
}

#[tokio::test]
async fn a_list_that_is_brought_is_published_and_what_it_revokes_stays_revoked() {
    let world = World::bare().await;
    let (mut jobs, told) = jobs(&world);
    let brought = Arc::new(Mutex::new(Vec::<BroughtList>::new()));
    let lying = Arc::clone(&brought);
    jobs.outside.brought_crls = Arc::new(move || lying.lock().expect("no panic before").clone());
    let bring = |name: &str, list| *brought.lock().expect("no panic before") = vec![(name.to_owned(), list)];
    let now = world.clock.now();
    jobs.pass(now).await;
    assert_eq!(number(&world, "root").await, 1);

    let root = &world.service.authorities.p256.root;
    let signer = HandleSigner::new(world.service.keys.as_ref(), &root.key).expect("a signer");
    let issuer = Issuer { x509: &root.x509, signer: &signer };
    let revoked =
        RevokedX509 { serial_hex: "47aa".into(), at: now.whole_second(), reason: 2, invalid_since: None };
    let times = CrlTimes { this_update: now.whole_second(), next_update: now.plus(publish_crl::LIFE) };
    let list = |number, revoked: &[_]| Ok(crl::make(&issuer, number, times, revoked).expect("a list"));
    bring("root", list(7, std::slice::from_ref(&revoked)));
    jobs.pass(now).await;
    jobs.pass(now).await;
    assert_eq!(number(&world, "root").await, 7);
    assert_eq!(told.lock().expect("no panic before").len(), 2, "the first and this one, once each");

    // Neither an older one, nor another of the same number, nor another authority's, nor what is no list.
    for (name, list) in [
        ("root", list(6, &[])),
        ("root", list(7, &[])),
        ("tls-ca", list(9, &[])),
        ("root", Ok(b"no list".to_vec())),
        ("root", Err("no file".into())),
        ("nobody", list(9, &[])),
    ] {
        bring(name, list);
        jobs.pass(now).await;
        assert_eq!((number(&world, "root").await, number(&world, "tls-ca").await), (7, 1));
    }

    // The service makes the next one itself, with the root's key that is here: the entry is none of its own rows.
    world.clock.forward(publish_crl::LIFE);
    jobs.pass(now).await;
    let next = latest(&world, "root").await;
    assert_eq!((next.number, crl::entries(&next.der)), (8, Ok(vec![revoked])));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_intent_left_open_is_finished_but_a_young_one_is_left_alone() {
    let (world, seal) = World::new().await;
    let (mut jobs, _) = jobs(&world);
    let before = world.clock.now();
    world.plug.unplugged.store(true, Ordering::SeqCst);
    assert!(world.issue("key", world.order("food-operation-permit", &seal)).await.is_err());
    world.plug.unplugged.store(false, Ordering::SeqCst);
    jobs.pass(before).await;
    assert!(world.licenses().await.is_empty());
    jobs.pass(world.clock.now()).await;
    assert_eq!(world.licenses().await.len(), 1);
}

#[tokio::test]
async fn sessions_are_removed_once_they_ended() {
    let world = World::bare().await;
    let (mut jobs, _) = jobs(&world);
    let now = world.clock.now();
    let session = &Session {
        token_hash: [7; 32],
        credential: world.sealer.id.clone(),
        csrf: "c".into(),
        expires_at: now.plus(DAY),
    };
    store::write(world.service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.add_session(session).await?) })
    })
    .await
    .expect("a session");
    let there = async || {
        let found = store::read(world.service.store.as_ref(), |tx, _| {
            Box::pin(async move { Ok(tx.session(&session.token_hash).await?) })
        });
        found.await.expect("a read").is_some()
    };
    jobs.pass(now).await;
    assert!(there().await);
    world.clock.forward(DAY + DAY);
    jobs.pass(now).await;
    assert!(!there().await);
}

#[tokio::test]
async fn the_first_pass_comes_at_once_and_the_end_is_heard() {
    let world = World::bare().await;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let stop = Mutex::new(Some(stop));
    let tell: OnRootCrl = Box::new(move |_, _| drop(stop.lock().expect("no panic before").take()));
    let shutdown = async { drop(stopped.await) };
    tokio::time::timeout(Duration::from_secs(20), run(world.service.clone(), outside(tell), shutdown))
        .await
        .expect("the end is heard");
    // The twin: told to stop before it began, it does nothing.
    let idle: OnRootCrl = Box::new(|_, _| panic!("a pass after the end"));
    run(world.service.clone(), outside(idle), std::future::ready(())).await;
}
