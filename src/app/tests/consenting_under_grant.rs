//! A party lets somebody else consent with its seal: counted, refused over the count, and nobody decides twice.

use super::envelopes::{BODIES, KIND, Region, reason};
use super::*;
use crate::app::envelope::act::Deed;
use crate::app::envelope::list::{self, Which};
use crate::app::envelope::{audit_sheet, consent, read};
use crate::domain::envelope::{Envelope, EnvelopeId, EnvelopeState};
use crate::domain::grant::{Grant, GrantUse, Grantee, UseOutcome, UseSubject};

fn body(who: &str) -> Grantee {
    Grantee::Body(BODIES.iter().find(|body| body.0 == who).expect("a body").1.into())
}

impl Region {
    /// `owner` grants its seal for construction permits.
    async fn grant(&self, owner: &str, grantee: Grantee, most: Option<u32>) -> Grant {
        let sealer = self.world.give(blank(Role::SealAdministrator, "丁")).await;
        let request = grant_seal::Request {
            seal: self.seal(owner).code.clone(),
            grantee,
            kinds: vec![KIND.into()],
            documents: false,
            from: None,
            until: self.world.clock.now().date_in_china().next_day().expect("a day"),
            most,
            reason: "委托办理".into(),
        };
        grant_seal::run(&self.world.service, &sealer, request).await.expect("granted")
    }

    async fn yes_under(
        &self,
        caller: &Credential,
        id: &EnvelopeId,
        grant: &Grant,
    ) -> Result<Envelope, AppError> {
        let (seal, grant) = (grant.seal.clone(), Some(grant.id.clone()));
        let request = consent::Request { envelope: id.clone(), version: 1, seal, grant };
        consent::run(&self.world.service, caller, request).await
    }

    /// An envelope of its own key that asks the province, and nobody else any more.
    async fn at_the_last(&self, key: &str) -> EnvelopeId {
        let id = self.open(key).await.expect("a draft").id;
        self.does("county", &id, Deed::Send).await.expect("sent");
        self.until_the_last(&id).await;
        id
    }

    async fn uses(&self, grant: &Grant) -> (u32, Vec<GrantUse>) {
        let id = &grant.id;
        store::read(self.world.service.store.as_ref(), |tx, _| {
            Box::pin(async move {
                Ok((tx.grant(id).await?.expect("there").used, tx.grant_uses(id, None, 99).await?))
            })
        })
        .await
        .expect("read")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_consents_with_a_seal_that_was_granted_to_it() {
    let region = Region::new().await;
    let service = &region.world.service;
    let (id, deputy) = (region.at_the_last("one").await, region.officer("deputy"));
    assert_eq!(refused(read::run(service, deputy, &id).await), "envelope.unknown");
    let grant = region.grant("province", body("deputy"), Some(1)).await;
    // It sees what it may consent to, and is asked for it.
    let inbox = async || {
        let slice = list::run(service, deputy, Which::Granted, None, None).await.expect("a list");
        slice.envelopes.into_iter().map(|envelope| envelope.id).collect::<Vec<_>>()
    };
    assert_eq!(inbox().await, std::slice::from_ref(&id));
    let detail = read::run(service, deputy, &id).await.expect("read");
    assert_eq!(detail.grants.iter().map(|offered| &offered.id).collect::<Vec<_>>(), [&grant.id]);
    let own = region.does("deputy", &id, Deed::Decline { version: 1, reason: reason() }).await;
    assert_eq!(refused(own), "envelope.unknown", "the grant is for saying yes");

    let finished = region.yes_under(deputy, &id, &grant).await.expect("consented");
    assert_eq!(finished.state, EnvelopeState::Finished);
    let province = BODIES[4].1;
    let (_, given) = finished.consents().last().expect("a consent");
    assert_eq!((given.body.as_str(), given.by.as_str()), (province, deputy.id.as_str()));
    assert_eq!(given.grant.as_ref(), Some(&grant.id));
    let license = region.proved().await;
    let sheet = audit_sheet::run(service, region.officer("province"), &id).await.expect("a sheet");
    let proof = sheet.consents.iter().find(|proof| proof.signed.consent.grant.is_some()).expect("a proof");
    let statement = String::from_utf8(proof.signed.statement.clone()).expect("text");
    assert!(proof.verifies && proof.names_content);
    assert!(statement.starts_with("yinzheng envelope consent v2\n"), "{statement}");
    assert!(
        statement.ends_with(&format!("by {province}\nseal {}\ngrant {}\n", grant.seal, grant.id)),
        "{statement}"
    );

    // One use, whose line says for what; saying it again is no other.
    region.yes_under(deputy, &id, &grant).await.expect("the same");
    let (used, lines) = region.uses(&grant).await;
    let [line] = &lines[..] else { panic!("{lines:?}") };
    let subject = UseSubject::Consent { envelope: id.clone(), version: 1 };
    assert_eq!((used, &line.subject, line.outcome), (1, &subject, UseOutcome::Done));
    assert_eq!((line.kind.as_str(), &line.by), (KIND, &deputy.id));
    // Used up: it may look at what it did, and do no more.
    assert!(read::run(service, deputy, &id).await.is_ok_and(|detail| detail.grants.is_empty()));
    let second = region.at_the_last("two").await;
    assert_eq!(inbox().await, []);
    assert_eq!(refused(region.yes_under(deputy, &second, &grant).await), "grant.exhausted");
    assert_eq!(region.envelope(&second).await.state, EnvelopeState::Open);
    assert_eq!(region.uses(&grant).await.0, 1);
    // The file is the signers': the seal's owner has it, whoever used the seal has it not.
    let files = crate::app::envelope::file::run(service, region.officer("province"), &id, None).await;
    assert_eq!(files.expect("a file").0, license.id);
    let files = crate::app::envelope::file::run(service, deputy, &id, None).await;
    assert_eq!(refused(files), "envelope.unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_beyond_a_grant_is_no_consent() {
    let region = Region::new().await;
    let id = region.at_the_last("one").await;
    let clerk = region.world.clerk().await;
    let grant = region.grant("province", Grantee::Credential(clerk.id.clone()), None).await;
    let deputy = region.officer("deputy");
    assert_eq!(refused(region.yes_under(deputy, &id, &grant).await), "grant.unknown");
    let other_seal = Grant { seal: region.seal("deputy").code.clone(), ..grant.clone() };
    assert_eq!(refused(region.yes_under(&clerk, &id, &other_seal).await), "permit.seal_of_another");
    let let_go = region.grant("city-planning", Grantee::Credential(clerk.id.clone()), None).await;
    assert_eq!(refused(region.yes_under(&clerk, &id, &let_go).await), "envelope.not_needed");
    let without =
        consent::Request { envelope: id.clone(), version: 1, seal: grant.seal.clone(), grant: None };
    assert_eq!(refused(consent::run(&region.world.service, &clerk, without).await), "permit.role");
    // A department that takes no part: its grant opens no door.
    let foreign = region.grant("deputy", Grantee::Credential(clerk.id.clone()), None).await;
    assert_eq!(refused(region.yes_under(&clerk, &id, &foreign).await), "envelope.unknown");
    let audit = region.world.audit(id.as_str()).await;
    let signed = audit.iter().filter(|(action, _)| action == "envelope.sign_consent").count();
    assert_eq!(signed, 3, "no key was used for any of it: {audit:?}");
    // A clerk lists and reads by its grant, and consents: the twin.
    let service = &region.world.service;
    let slice = list::run(service, &clerk, Which::Granted, None, None).await.expect("a list");
    assert_eq!(slice.envelopes.len(), 1);
    assert_eq!(refused(list::run(service, &clerk, Which::Asked, None, None).await.map(drop)), "permit.role");
    region.yes_under(&clerk, &id, &grant).await.expect("consented");
    region.proved().await;
    let withdrawer = region.world.give(blank(Role::SealAdministrator, "戊")).await;
    for withdrawn in [&grant, &let_go] {
        withdraw_grant::run(service, &withdrawer, &withdrawn.id, "停止委托").await.expect("withdrawn");
    }
    let second = region.at_the_last("two").await;
    assert_eq!(refused(region.yes_under(&clerk, &second, &grant).await), "grant.withdrawn");
    assert_eq!(refused(read::run(service, &clerk, &second).await.map(drop)), "envelope.unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_decides_twice_by_grants() {
    let region = Region::new().await;
    let id = region.sent().await;
    region.yes("county", &id, 1).await.expect("consented");
    // A party by itself and for another one; the same body for two; each refused, whichever comes first.
    let to_party = region.grant("city-environment", body("city-planning"), None).await;
    let planning = region.officer("city-planning");
    assert_eq!(refused(region.yes_under(planning, &id, &to_party).await), "envelope.grantee_takes_part");
    let one = region.grant("city-environment", body("deputy"), None).await;
    let two = region.grant("city-construction", body("deputy"), None).await;
    let deputy = region.officer("deputy");
    let slice =
        list::run(&region.world.service, deputy, Which::Granted, None, Some(2)).await.expect("a list");
    let ids: Vec<_> = slice.envelopes.iter().map(|envelope| &envelope.id).collect();
    assert_eq!(ids, [&id], "asked of both, and listed once");
    region.yes_under(deputy, &id, &one).await.expect("for one of them");
    assert_eq!(refused(region.yes_under(deputy, &id, &two).await), "envelope.grantee_takes_part");
    let until = region.world.clock.now().date_in_china().next_day().expect("a day");
    let delegate = Deed::Delegate { to: BODIES[5].1.into(), from: None, until, reason: reason() };
    region.does("city-construction", &id, delegate).await.expect("delegated");
    assert_eq!(refused(region.yes("deputy", &id, 1).await), "envelope.grantee_takes_part");
    assert_eq!((region.uses(&one).await.0, region.uses(&two).await.0), (1, 0));
    // The owner itself has consented already, through whom it granted its seal.
    assert_eq!(refused(region.yes("city-environment", &id, 1).await), "envelope.already_decided");
    assert!(region.yes("city-planning", &id, 1).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn parallel_consents_do_not_run_over_a_grant() {
    let region = Arc::new(Region::new().await);
    let mut envelopes = Vec::new();
    for key in ["a", "b", "c", "d", "e"] {
        envelopes.push(region.at_the_last(key).await);
    }
    let grant = region.grant("province", body("deputy"), Some(2)).await;
    let calls = envelopes.iter().chain(&envelopes).map(|id| {
        let (region, id, grant) = (region.clone(), id.clone(), grant.clone());
        tokio::spawn(async move {
            region
                .yes_under(region.officer("deputy"), &id, &grant)
                .await
                .map(drop)
                .map_err(|why| refused(Err::<(), _>(why)))
        })
    });
    let answers: Vec<_> =
        futures::future::join_all(calls).await.into_iter().map(|answer| answer.expect("no panic")).collect();
    let refusals: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().err()).collect();
    assert!(refusals.iter().all(|code| **code == "grant.exhausted"), "{refusals:?}");
    let mut finished = 0;
    for id in &envelopes {
        let envelope = region.envelope(id).await;
        let consents = envelope.consents().count();
        match envelope.state {
            EnvelopeState::Finished => finished += 1,
            state => assert_eq!((state, consents), (EnvelopeState::Open, 3)),
        }
    }
    let (used, lines) = region.uses(&grant).await;
    assert_eq!((finished, used, lines.len()), (2, 2, 2));
    assert_eq!(region.released().await.0.len(), 2);
}
