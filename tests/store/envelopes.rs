//! Envelopes: their rows, their lists, and the race of two last parties.

use super::Fresh;
use super::grants::grant;
use super::samples::*;
use futures::future::join_all;
use std::collections::BTreeMap;
use std::time::Duration;
use yinzheng::domain::envelope::{
    Act, Actor, Bodies, Calendar, Consent, Decision, Envelope, EnvelopeId, EnvelopeState, Ground, Happened,
    Level, NewEnvelope, Plan, PlannedParty, Quorum, Replaces, Stage, Wanted, What,
};
use yinzheng::domain::grant::Grantee;
use yinzheng::domain::license::kind::Bilingual;
use yinzheng::domain::suite::Suite;
use yinzheng::domain::time::Timestamp;
use yinzheng::ports::store::{
    EnvelopeContent, EnvelopeListing, EnvelopePage, SignedConsent, StoreError, TxError, read, write,
};

const RACERS: u32 = 24;

fn words(text: &str) -> Bilingual {
    Bilingual { zh: format!("{text}方"), en: text.to_owned() }
}

fn body(name: &str) -> PlannedParty {
    PlannedParty { name: name.into(), title: words(name), wanted: Wanted::Body(name.into()) }
}

fn stage(name: &str, parties: Vec<PlannedParty>) -> Stage {
    Stage {
        name: name.into(),
        title: words(name),
        quorum: Quorum::All,
        working_days: Some(3),
        remind: vec![1],
        parties,
    }
}

/// One party, then two side by side of which one is looked up.
fn plan() -> Plan {
    let wanted = Wanted::Role { level: Level::City, responsibility: "planning".into() };
    let role = PlannedParty { name: "role".into(), title: words("role"), wanted };
    Plan { stages: vec![stage("one", vec![body("first")]), stage("two", vec![body("second"), role])] }
}

fn draft(number: u8, plan: Plan) -> Envelope {
    let new = NewEnvelope {
        id: EnvelopeId::new([number; 16]),
        kind: "construction-permit".into(),
        kind_version: 1,
        initiator: "first".into(),
        area: "990102".into(),
        plan,
        replaces: (number == 2).then(|| Replaces { license: license_id(7, 1), reason: "变更".into() }),
    };
    Envelope::draft(new, "officer", at(i64::from(number))).0
}

fn after(envelope: &Envelope, who: &str, act: &Act, now: Timestamp) -> (Envelope, Vec<Happened>) {
    let (calendar, bodies) = (Calendar::default(), Bodies::new());
    let actor = Actor { by: format!("officer-{who}"), department: Some(who.into()) };
    let done = envelope.after(act, &actor, Ground { now, calendar: &calendar, bodies: &bodies });
    done.expect("allowed")
}

fn yes(party: &str) -> Act {
    Act::Consent { party: party.into(), version: 1, seal: seal_code(1), grant: None }
}

fn signed(envelope: &Envelope, party: &str, body: &str, now: Timestamp) -> SignedConsent {
    SignedConsent {
        envelope: envelope.id.clone(),
        version: envelope.version,
        party: party.into(),
        consent: Consent {
            body: body.into(),
            seal: seal_code(1),
            by: format!("officer-{body}"),
            at: now,
            grant: None,
        },
        suite: Suite::Sm2,
        x509: vec![1, 2],
        statement: vec![3],
        signature: vec![4, 5],
    }
}

fn content(envelope: &Envelope, version: u32) -> EnvelopeContent {
    EnvelopeContent {
        envelope: envelope.id.clone(),
        version,
        data: BTreeMap::from([("name".into(), "云山".into())]),
        number: Some("N1".into()),
        sha256: [1; 32],
        sm3: [2; 32],
        at: at(3),
        by: "officer".into(),
    }
}

/// Runs the body in one writing transaction and hands out what it made.
macro_rules! inside {
    ($fresh:expr, |$tx:ident| $body:block) => {
        write(&*$fresh.store, |$tx, _| Box::pin(async move { $body })).await.expect("committed")
    };
}

pub async fn an_envelope_stands_as_it_was_written(fresh: Fresh) {
    inside!(fresh, |tx| {
        tx.insert_seal(&seal(1), &seal_picture()).await?;
        let fresh = draft(1, plan());
        tx.insert_envelope(&fresh, "key", &[9; 32]).await?;
        assert_eq!(tx.envelope(&fresh.id).await?.as_ref(), Some(&fresh));
        assert_eq!(tx.envelope(&EnvelopeId::new([0; 16])).await?, None);
        assert_eq!(tx.envelope_by_key("first", "key").await?, Some((fresh.id.clone(), [9; 32])));
        assert_eq!(tx.envelope_by_key("second", "key").await?, None);
        let again = tx.insert_envelope(&draft(2, plan()), "key", &[9; 32]).await;
        assert!(matches!(again, Err(StoreError::Exists("idempotency key"))), "{again:?}");
        let again = tx.insert_envelope(&fresh, "other", &[9; 32]).await;
        assert!(matches!(again, Err(StoreError::Exists("envelope"))), "{again:?}");

        let (sent, _) = after(&fresh, "first", &Act::Send, at(5));
        assert!(tx.update_envelope(&sent, 1).await?);
        assert!(!tx.update_envelope(&sent, 1).await?, "somebody was quicker");
        assert_eq!(tx.envelope(&fresh.id).await?.as_ref(), Some(&sent));
        let grant = grant(1, Grantee::Body("deputy".into()), None);
        tx.insert_grant(&grant).await?;
        let act = Act::Consent {
            party: "first".into(),
            version: 1,
            seal: seal_code(1),
            grant: Some(grant.id.clone()),
        };
        let (consented, _) = after(&sent, "first", &act, at(6));
        assert!(tx.update_envelope(&consented, 2).await?);
        // A decision without its consent is a broken row, not a quiet no.
        let broken = tx.envelope(&fresh.id).await;
        assert!(matches!(broken, Err(StoreError::Corrupt { table: "envelope_parties", .. })), "{broken:?}");
        let mut proof = signed(&consented, "first", "first", at(6));
        proof.consent.grant = Some(grant.id);
        tx.add_envelope_consent(&proof).await?;
        assert_eq!(tx.envelope(&fresh.id).await?.as_ref(), Some(&consented));
        assert_eq!(tx.envelope_consents(&fresh.id).await?, [proof]);
        let (party, body) =
            (signed(&consented, "first", "x", at(6)), signed(&consented, "x", "first", at(6)));
        for twice in [party, body] {
            let taken = tx.add_envelope_consent(&twice).await;
            assert!(matches!(taken, Err(StoreError::Exists("consent"))), "{taken:?}");
        }

        let until = at(90_000);
        let (to, reason) = ("deputy".to_owned(), "r".to_owned());
        let delegate = Act::Delegate { party: "second".into(), to, from: at(7), until, reason };
        let (delegated, _) = after(&consented, "second", &delegate, at(7));
        assert!(tx.update_envelope(&delegated, 3).await?);
        assert_eq!(tx.envelope(&fresh.id).await?.as_ref(), Some(&delegated));
        let back = Act::Return { party: "second".into(), version: 1, reason: "r".into() };
        let (returned, _) = after(&delegated, "second", &back, at(8));
        assert!(tx.update_envelope(&returned, 4).await?);
        let found = tx.envelope(&fresh.id).await?.expect("there");
        assert_eq!((&found, found.version, found.consents().count()), (&returned, 2, 0));
        Ok(())
    });
}

pub async fn contents_and_histories_of_envelopes(fresh: Fresh) {
    inside!(fresh, |tx| {
        let (envelope, other) = (draft(1, plan()), draft(2, plan()));
        tx.insert_envelope(&envelope, "a", &[0; 32]).await?;
        tx.insert_envelope(&other, "b", &[0; 32]).await?;
        assert_eq!(tx.envelope(&other.id).await?.as_ref(), Some(&other), "with what it replaces");
        tx.put_envelope_content(&content(&envelope, 1)).await?;
        let corrected = EnvelopeContent { number: None, sha256: [7; 32], ..content(&envelope, 1) };
        tx.put_envelope_content(&corrected).await?;
        tx.put_envelope_content(&content(&envelope, 2)).await?;
        assert_eq!(tx.envelope_content(&envelope.id, 1).await?, Some(corrected));
        assert_eq!(tx.envelope_content(&envelope.id, 2).await?, Some(content(&envelope, 2)));
        assert_eq!(tx.envelope_content(&other.id, 1).await?, None);
        let (sent, events) = after(&envelope, "first", &Act::Send, at(5));
        for event in &events {
            tx.add_envelope_event(&sent.id, event).await?;
        }
        assert_eq!(
            events.iter().map(|event| event.what).collect::<Vec<_>>(),
            [What::Sent, What::StageOpened]
        );
        assert_eq!(tx.envelope_events(&sent.id).await?, events);
        assert_eq!(tx.envelope_events(&other.id).await?, []);
        Ok(())
    });
}

pub async fn lists_of_envelopes(fresh: Fresh) {
    inside!(fresh, |tx| {
        tx.insert_seal(&seal(1), &seal_picture()).await?;
        let page = |after: Option<u8>, limit| EnvelopePage {
            after: after.map(|n| (at(i64::from(n)), EnvelopeId::new([n; 16]))),
            limit,
        };
        let id = |n: u8| EnvelopeId::new([n; 16]);
        // 1 is a draft, 2 asks the first, 3 asks the second (who has a deputy) and a role, 4 is satisfied.
        let drafts = [1, 2, 3].map(|n| draft(n, plan()));
        for (key, envelope) in ["a", "b", "c"].iter().zip(&drafts) {
            tx.insert_envelope(envelope, key, &[0; 32]).await?;
        }
        let (second, _) = after(&drafts[1], "first", &Act::Send, at(10));
        assert!(tx.update_envelope(&second, 1).await?);
        let (third, _) = after(&drafts[2], "first", &Act::Send, at(20));
        let (third, _) = after(&third, "first", &yes("first"), at(21));
        let (to, reason) = ("deputy".to_owned(), "r".to_owned());
        let delegate = Act::Delegate { party: "second".into(), to, from: at(30), until: at(40), reason };
        let (third, _) = after(&third, "second", &delegate, at(22));
        assert!(tx.update_envelope(&third, 1).await?);
        tx.add_envelope_consent(&signed(&third, "first", "first", at(21))).await?;
        let alone = draft(4, Plan { stages: vec![stage("one", vec![body("first")])] });
        tx.insert_envelope(&alone, "d", &[0; 32]).await?;
        let (fourth, _) = after(&alone, "first", &Act::Send, at(25));
        let (fourth, _) = after(&fourth, "first", &yes("first"), at(26));
        assert!(tx.update_envelope(&fourth, 1).await?);

        let cases = [
            (EnvelopeListing::Initiated("first".into()), vec![4, 3, 2, 1]),
            (EnvelopeListing::Initiated("second".into()), vec![]),
            (EnvelopeListing::TakingPart("second".into()), vec![3, 2, 1]),
            (EnvelopeListing::Asked("first".into()), vec![2]),
            (EnvelopeListing::Asked("second".into()), vec![3]),
            (EnvelopeListing::Delegated("deputy".into(), at(29)), vec![]),
            (EnvelopeListing::Delegated("deputy".into(), at(30)), vec![3]),
            (EnvelopeListing::Delegated("deputy".into(), at(40)), vec![]),
            (EnvelopeListing::Delegated("second".into(), at(30)), vec![]),
        ];
        for (listing, expected) in cases {
            let found = tx.envelopes(&listing, &page(None, 10)).await?;
            let ids: Vec<_> = found.iter().map(|summary| summary.id.clone()).collect();
            assert_eq!(ids, expected.iter().map(|n| id(*n)).collect::<Vec<_>>(), "{listing:?}");
        }
        let mine = EnvelopeListing::Initiated("first".into());
        let slice = tx.envelopes(&mine, &page(Some(3), 1)).await?;
        let [summary] = &slice[..] else { panic!("{slice:?}") };
        assert_eq!((&summary.id, summary.state, summary.stage), (&id(2), EnvelopeState::Open, Some(0)));
        let deadline = second.open_stage.and_then(|open| open.deadline);
        assert_eq!((summary.deadline, summary.revision), (deadline, 2));

        assert_eq!(tx.satisfied_envelopes(10).await?, [id(4)]);
        let (finished, _) = after(&fourth, "system", &Act::Finish { license: license_id(1, 1) }, at(27));
        assert!(tx.update_envelope(&finished, fourth.revision).await?);
        tx.add_envelope_consent(&signed(&finished, "first", "first", at(26))).await?;
        assert_eq!(tx.envelope_of_license(&license_id(1, 1)).await?, Some(finished));
        assert_eq!(tx.envelope_of_license(&license_id(2, 1)).await?, None);
        assert_eq!(tx.satisfied_envelopes(10).await?, []);
        assert_eq!(tx.unresolved_envelopes(&page(None, 10)).await?, [(at(3), id(3))]);
        assert_eq!(tx.unresolved_envelopes(&page(Some(3), 10)).await?, []);
        let due = second.due_at().expect("a reminder");
        assert_eq!(tx.due_envelopes(due.minus(Duration::from_micros(1)), 10).await?, []);
        let due = tx.due_envelopes(due, 10).await?;
        assert_eq!(due, [id(2), id(3)], "neither a draft nor a satisfied one is due");

        tx.put_department(&department(ISSUER)).await?;
        assert_eq!(tx.bodies_at("990100", "market-regulation").await?, [ISSUER]);
        assert_eq!(tx.bodies_at("990101", "market-regulation").await?, Vec::<String>::new());
        assert_eq!(tx.bodies_at("990100", "planning").await?, Vec::<String>::new());
        Ok(())
    });
}

/// Many threads decide for the two last parties at once: each party counts once, and one of them satisfies the envelope.
pub async fn two_last_parties_at_once(fresh: Fresh) {
    let plan = Plan { stages: vec![stage("one", vec![body("first"), body("second")])] };
    let envelope = draft(1, plan);
    let (sent, _) = after(&envelope, "first", &Act::Send, at(5));
    let (made, open) = (&envelope, &sent);
    inside!(fresh, |tx| {
        tx.insert_seal(&seal(1), &seal_picture()).await?;
        tx.insert_envelope(made, "key", &[0; 32]).await?;
        assert!(tx.update_envelope(open, 1).await?);
        Ok(())
    });
    let racers = (0..RACERS).map(|n| {
        let (store, id) = (fresh.store.clone(), envelope.id.clone());
        let who = if n % 2 == 0 { "first" } else { "second" };
        tokio::spawn(async move {
            let id = &id;
            loop {
                let outcome = write(&*store, |tx, _| {
                    Box::pin(async move {
                        let now = tx.envelope(id).await?.expect("there");
                        let undecided = now.party(who).expect("a party").decision == Decision::Asked;
                        if !undecided {
                            return Ok(None);
                        }
                        let (next, events) = after(&now, who, &yes(who), at(6));
                        assert!(tx.update_envelope(&next, now.revision).await?, "read in this transaction");
                        tx.add_envelope_consent(&signed(&now, who, who, at(6))).await?;
                        for event in &events {
                            tx.add_envelope_event(id, event).await?;
                        }
                        Ok(Some(next.state))
                    })
                });
                match outcome.await {
                    Ok(state) => return state,
                    Err(TxError::Store(StoreError::Contention)) => {}
                    Err(other) => panic!("{other}"),
                }
            }
        })
    });
    let states: Vec<_> =
        join_all(racers).await.into_iter().filter_map(|state| state.expect("no panic")).collect();
    assert_eq!(states.len(), 2, "each party decided once: {states:?}");
    assert_eq!(states.iter().filter(|state| **state == EnvelopeState::Satisfied).count(), 1);
    let id = &envelope.id;
    let (found, events) = read(&*fresh.store, |tx, _| {
        Box::pin(async move { Ok((tx.envelope(id).await?.expect("there"), tx.envelope_events(id).await?)) })
    })
    .await
    .expect("read");
    assert_eq!((found.state, found.revision, found.consents().count()), (EnvelopeState::Satisfied, 4, 2));
    assert_eq!(events.iter().filter(|event| event.what == What::Satisfied).count(), 1);
}
