//! Businesses, their seals, their people, and the rules that their seals are made under.

use super::Fresh;
use super::samples::*;
use yinzheng::domain::business::{Business, BusinessSeal, BusinessState, RuleId, StandingRule};
use yinzheng::domain::grant::{Grant, GrantId, Grantee, Withdrawal};
use yinzheng::domain::party::{Credential, Role};
use yinzheng::domain::seal::SealPurpose;
use yinzheng::ports::store::{StoreError, write};

const CODE: &str = "91990102MA7YQX031L";

fn business(code: &str) -> Business {
    Business {
        code: code.into(),
        name: "景川市云栖茶业有限公司".into(),
        registry: ISSUER.into(),
        license: license_id(1, 1),
        state: BusinessState::Active,
        manager: None,
        revision: 1,
        registered_at: at(10),
        changed_at: at(10),
    }
}

fn bound(purpose: SealPurpose, number: u32, edition: u16) -> BusinessSeal {
    BusinessSeal { business: CODE.into(), purpose, seal: seal_code(number), license: license_id(1, edition) }
}

pub async fn businesses_and_their_seals(fresh: Fresh) {
    write(&*fresh.store, |tx, _| {
        Box::pin(async move {
            tx.put_department(&department(ISSUER)).await?;
            for number in 1..=3 {
                tx.insert_seal(&seal(number), &seal_picture()).await?;
            }
            tx.insert_business(&business(CODE)).await?;
            let again = tx.insert_business(&business(CODE)).await;
            assert!(matches!(again, Err(StoreError::Exists("business"))), "{again:?}");
            for code in ["91990102MA7YQX0320", "91990102MA7YQX0336"] {
                tx.insert_business(&business(code)).await?;
            }
            assert_eq!(tx.business(CODE).await?, Some(business(CODE)));
            assert_eq!(tx.business("91990102MA7YQX0344").await?, None);

            let first = tx.businesses(ISSUER, "", 2).await?;
            assert_eq!(first, [business(CODE), business("91990102MA7YQX0320")]);
            assert_eq!(tx.businesses(ISSUER, &first[1].code, 2).await?, [business("91990102MA7YQX0336")]);
            assert!(tx.businesses("11990000MB0000002K", "", 2).await?.is_empty());

            tx.bind_seal(&bound(SealPurpose::Finance, 1, 1)).await?;
            tx.bind_seal(&bound(SealPurpose::Contract, 2, 1)).await?;
            let twice = tx.bind_seal(&bound(SealPurpose::Invoice, 2, 1)).await;
            assert!(matches!(twice, Err(StoreError::Exists(_))), "a seal is bound once: {twice:?}");
            tx.bind_seal(&bound(SealPurpose::Finance, 3, 2)).await?;
            let now = tx.business_seals(CODE).await?;
            assert_eq!(now, [bound(SealPurpose::Contract, 2, 1), bound(SealPurpose::Finance, 3, 2)]);

            let changed = Business {
                name: "景川市云栖茶叶有限公司".into(),
                license: license_id(1, 2),
                state: BusinessState::Deregistered,
                revision: 2,
                changed_at: at(20),
                ..business(CODE)
            };
            assert!(!tx.update_business(&changed, 0).await?, "another revision");
            assert!(tx.update_business(&changed, 1).await?);
            assert!(!tx.update_business(&changed, 1).await?, "changed meanwhile");
            assert!(tx.update_business(&changed, 2).await.is_err(), "a revision that does not grow");
            Ok(())
        })
    })
    .await
    .expect("all that");
}

pub async fn people_of_a_business(fresh: Fresh) {
    let person =
        |id: &str, role| Credential { role, department: None, business: Some(CODE.into()), ..credential(id) };
    let (manager, employee) = (person("m", Role::CompanyManager), person("s", Role::Sealer));
    let stranger = Credential { business: Some("91990102MA7YQX0320".into()), ..person("x", Role::Sealer) };
    let people = &[manager, employee, stranger];
    write(&*fresh.store, |tx, _| {
        Box::pin(async move {
            tx.put_department(&department(ISSUER)).await?;
            for (number, person) in (0..).zip(people) {
                tx.add_credential(person, &[number; 32]).await?;
            }
            let managed = Business { manager: Some("m".into()), ..business(CODE) };
            tx.insert_business(&managed).await?;
            assert_eq!(tx.business(CODE).await?, Some(managed));
            assert_eq!(tx.business_credentials(CODE, "", 9).await?, people[..2]);
            assert_eq!(tx.business_credentials(CODE, "m", 9).await?, people[1..2]);
            assert_eq!(tx.business_credentials(CODE, "", 1).await?, people[..1]);

            assert_eq!(tx.withdraw_business_credentials(CODE, Role::Sealer, at(30)).await?, 1);
            assert_eq!(tx.withdraw_business_credentials(CODE, Role::Sealer, at(40)).await?, 0, "only once");
            let withdrawn = |tx: Option<Credential>| tx.expect("a credential").withdrawn_at;
            assert_eq!(withdrawn(tx.credential("s").await?), Some(at(30)));
            assert_eq!(withdrawn(tx.credential("m").await?), None);
            assert_eq!(withdrawn(tx.credential("x").await?), None);

            // And what the company granted.
            tx.insert_seal(&seal(1), &seal_picture()).await?;
            for (number, owner) in [(1, CODE), (2, CODE), (3, ISSUER)] {
                tx.insert_grant(&grant(number, owner)).await?;
            }
            assert_eq!(tx.grants_of_owner(CODE, None, 9).await?, [grant(2, CODE), grant(1, CODE)]);
            assert_eq!(tx.grants_of_owner(CODE, Some(&grant(2, CODE).id), 9).await?, [grant(1, CODE)]);
            let end = Withdrawal { at: at(30), by: "m".into(), reason: "注销登记".into() };
            assert!(tx.withdraw_grant(&grant(1, CODE).id, &end).await?);
            assert_eq!(tx.withdraw_grants_of_owner(CODE, &end).await?, 1, "the other was before");
            let ended = |number| grant(number, CODE).id;
            assert!(tx.grant(&ended(2)).await?.expect("a grant").withdrawn.is_some());
            assert!(tx.grant(&ended(3)).await?.expect("a grant").withdrawn.is_none());
            Ok(())
        })
    })
    .await
    .expect("all that");
}

fn grant(number: u8, owner: &str) -> Grant {
    Grant {
        id: GrantId::new(at(i64::from(number)), [number; 8]),
        seal: seal_code(1),
        owner: owner.into(),
        grantee: Grantee::Credential("s".into()),
        kinds: vec!["business-license".into()],
        documents: false,
        from: at(10),
        until: at(20),
        most: None,
        used: 0,
        granted_by: "m".into(),
        granted_at: at(i64::from(number)),
        reason: "用印".into(),
        withdrawn: None,
    }
}

fn rule(number: u8) -> StandingRule {
    StandingRule {
        id: RuleId::new(at(i64::from(number)), [number; 8]),
        registry: ISSUER.into(),
        purposes: vec![SealPurpose::LegalName, SealPurpose::Finance],
        days: 1095,
        from: at(10),
        until: at(20),
        reason: "企业开办一件事".into(),
        proposed_by: "a".into(),
        proposed_at: at(5),
        approved: None,
        withdrawn: None,
    }
}

pub async fn standing_rules(fresh: Fresh) {
    write(&*fresh.store, |tx, _| {
        Box::pin(async move {
            tx.put_department(&department(ISSUER)).await?;
            for number in 1..=3 {
                tx.insert_standing_rule(&rule(number)).await?;
            }
            let again = tx.insert_standing_rule(&rule(1)).await;
            assert!(matches!(again, Err(StoreError::Exists("standing rule"))), "{again:?}");
            assert_eq!(tx.standing_rules(ISSUER, None, 2).await?, [rule(3), rule(2)]);
            assert_eq!(tx.standing_rules(ISSUER, Some(&rule(2).id), 2).await?, [rule(1)]);
            assert!(tx.standing_rules("11990000MB0000002K", None, 2).await?.is_empty());

            let id = &rule(1).id;
            assert!(!tx.approve_standing_rule(id, "a", at(6)).await?, "not by the one who proposed it");
            assert!(tx.approve_standing_rule(id, "b", at(6)).await?);
            assert!(!tx.approve_standing_rule(id, "c", at(7)).await?, "once");
            let approved = StandingRule { approved: Some(("b".into(), at(6))), ..rule(1) };
            assert_eq!(tx.standing_rule(id).await?, Some(approved.clone()));

            let end = Withdrawal { at: at(8), by: "c".into(), reason: "停止".into() };
            assert!(tx.withdraw_standing_rule(id, &end).await?);
            assert!(!tx.withdraw_standing_rule(id, &end).await?, "once");
            let withdrawn = StandingRule { withdrawn: Some(end.clone()), ..approved };
            assert_eq!(tx.standing_rule(id).await?, Some(withdrawn));
            assert!(tx.withdraw_standing_rule(&rule(2).id, &end).await?);
            assert!(!tx.approve_standing_rule(&rule(2).id, "b", at(9)).await?, "it was withdrawn");
            assert_eq!(tx.standing_rule(&RuleId::new(at(99), [9; 8])).await?, None);
            Ok(())
        })
    })
    .await
    .expect("all that");
    let third = &rule(3);
    let none_kept = write(&*fresh.store, |tx, _| {
        Box::pin(async move {
            let own = StandingRule {
                id: RuleId::new(at(50), [50; 8]),
                approved: Some(("a".into(), at(6))),
                ..third.clone()
            };
            Ok(tx.insert_standing_rule(&own).await?)
        })
    });
    let refused = none_kept.await;
    assert!(refused.is_err(), "the table itself keeps one person from being both: {refused:?}");
}
