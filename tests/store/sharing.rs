//! The sharing service: who may ask what, how often they did, what they found wrong.

use super::Fresh;
use super::samples::*;
use yinzheng::domain::grant::Withdrawal;
use yinzheng::domain::sharing::{Allowance, Count, Operation, Remark};
use yinzheng::ports::store::{StoreError, write};

fn allowance(credential: &str) -> Allowance {
    Allowance {
        credential: credential.into(),
        system: "市民贷".into(),
        kinds: vec!["business-license".into(), "food-operation-permit".into()],
        causes: vec!["3301-0042".into()],
        lawful: vec!["business-license".into()],
        basis: "有关规定".into(),
        per_minute: 60,
        registered_by: "op-1".into(),
        registered_at: at(10),
        until: at(1_000),
        confirmed: None,
        withdrawn: None,
    }
}

pub async fn allowances_of_systems(fresh: Fresh) {
    write(&*fresh.store, |tx, _| {
        Box::pin(async move {
            tx.put_department(&department(ISSUER)).await?;
            for (id, hash) in [("a-1", [1; 32]), ("a-2", [2; 32])] {
                tx.add_credential(&credential(id), &hash).await?;
                tx.put_share_allowance(&allowance(id)).await?;
            }
            assert_eq!(tx.share_allowance("a-1").await?, Some(allowance("a-1")));
            assert_eq!(tx.share_allowance("a-3").await?, None);
            assert_eq!(tx.share_allowances("", 9).await?, [allowance("a-1"), allowance("a-2")]);
            assert_eq!(tx.share_allowances("a-1", 9).await?, [allowance("a-2")]);
            assert!(tx.confirm_share_allowance("a-1", "op-2", at(20)).await?);
            assert!(!tx.confirm_share_allowance("a-1", "op-2", at(21)).await?);
            assert!(!tx.confirm_share_allowance("a-3", "op-2", at(21)).await?);
            let confirmed = Allowance { confirmed: Some(("op-2".into(), at(20))), ..allowance("a-1") };
            assert_eq!(tx.share_allowance("a-1").await?, Some(confirmed.clone()));
            let end = Withdrawal { at: at(30), by: "op-1".into(), reason: "停用".into() };
            assert!(tx.withdraw_share_allowance("a-1", &end).await?);
            assert!(!tx.withdraw_share_allowance("a-1", &end).await?);
            let ended = Allowance { withdrawn: Some(end.clone()), ..confirmed };
            assert_eq!(tx.share_allowance("a-1").await?, Some(ended));
            assert!(tx.withdraw_share_allowance("a-2", &end).await?);
            assert!(!tx.confirm_share_allowance("a-2", "op-2", at(40)).await?);
            // Registered anew, it waits again.
            tx.put_share_allowance(&allowance("a-1")).await?;
            assert_eq!(tx.share_allowance("a-1").await?, Some(allowance("a-1")));
            Ok(())
        })
    })
    .await
    .expect("all that");
}

pub async fn questions_are_counted_by_day(fresh: Fresh) {
    write(&*fresh.store, |tx, _| {
        Box::pin(async move {
            for (who, day, what, answered) in [
                ("a-1", 100, Operation::ByHolder, true),
                ("a-1", 100, Operation::ByHolder, false),
                ("a-1", 100, Operation::ByHolder, true),
                ("a-1", 101, Operation::ByHolder, true),
                ("a-2", 100, Operation::VerifyFile, false),
            ] {
                tx.count_share(who, day, what, answered).await?;
            }
            let count = |credential: &str, day, operation, answered, refused| Count {
                credential: credential.into(),
                day,
                operation,
                answered,
                refused,
            };
            let all = [
                count("a-1", 100, Operation::ByHolder, 2, 1),
                count("a-2", 100, Operation::VerifyFile, 0, 1),
                count("a-1", 101, Operation::ByHolder, 1, 0),
            ];
            assert_eq!(tx.share_counts(100, 101, 9).await?, all);
            assert_eq!(tx.share_counts(101, 101, 9).await?, all[2..]);
            assert_eq!(tx.share_counts(100, 101, 1).await?, all[..1]);
            Ok(())
        })
    })
    .await
    .expect("all that");
}

pub async fn remarks_on_licenses(fresh: Fresh) {
    write(&*fresh.store, |tx, _| {
        Box::pin(async move {
            tx.put_department(&department(ISSUER)).await?;
            let license = license(1);
            tx.insert_seal(&seal(1), &seal_picture()).await?;
            tx.insert_license(&license).await?;
            let remark = |id: &str, seconds| Remark {
                id: id.into(),
                license: license.id.clone(),
                issuer: ISSUER.into(),
                field: "name".into(),
                remark: "名称与登记不符".into(),
                by: "a-1".into(),
                at: at(seconds),
            };
            tx.add_share_remark(&remark("r-1", 10)).await?;
            tx.add_share_remark(&remark("r-2", 20)).await?;
            let again = tx.add_share_remark(&remark("r-2", 30)).await;
            assert!(matches!(again, Err(StoreError::Exists("remark"))), "{again:?}");
            assert_eq!(tx.share_remarks(ISSUER, 9).await?, [remark("r-2", 20), remark("r-1", 10)]);
            assert_eq!(tx.share_remarks(ISSUER, 1).await?, [remark("r-2", 20)]);
            assert!(tx.share_remarks("nobody", 9).await?.is_empty());
            Ok(())
        })
    })
    .await
    .expect("all that");
}
