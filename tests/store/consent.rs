//! Disputes of uses, later comers with a used code, deputies.

use super::Fresh;
use super::samples::*;
use super::uses::{shown, used};
use yinzheng::domain::consent::{Answer, Deputy, Dispute, Try};
use yinzheng::domain::show_code::{Showing, Way};
use yinzheng::ports::store::{StoreError, write};

fn dispute(used: &str, owner: &str, used_at: i64, seconds: i64) -> Dispute {
    Dispute {
        used: used.into(),
        owner: owner.into(),
        used_at: at(used_at),
        at: at(seconds),
        words: "不是我".into(),
        answer: None,
    }
}

pub async fn disputes_of_uses(fresh: Fresh) {
    write(&*fresh.store, |tx, _| {
        Box::pin(async move {
            for (id, owner, seconds) in
                [("a", "owner", 10), ("b", "owner", 20), ("c", "owner", 30), ("x", "other", 20)]
            {
                tx.add_use(&used(id, owner, seconds, shown())).await?;
            }
            assert_eq!(tx.one_use("b").await?, Some(used("b", "owner", 20, shown())));
            assert_eq!(tx.one_use("none").await?, None);
            let (first, second, others) =
                (dispute("a", "owner", 10, 50), dispute("b", "owner", 20, 40), dispute("x", "other", 20, 50));
            for one in [&first, &second, &others] {
                tx.add_dispute(one).await?;
            }
            let again = tx.add_dispute(&dispute("a", "owner", 10, 60)).await;
            assert!(matches!(again, Err(StoreError::Exists("dispute"))), "{again:?}");
            assert_eq!(
                tx.disputes_of_owner("owner", at(10), at(30), 9).await?,
                [second.clone(), first.clone()]
            );
            assert_eq!(
                tx.disputes_of_owner("owner", at(11), at(30), 9).await?,
                std::slice::from_ref(&second)
            );
            assert_eq!(tx.disputes_of_owner("owner", at(10), at(19), 9).await?, std::slice::from_ref(&first));
            assert_eq!(tx.disputes(None, 9).await?, [others.clone(), first.clone(), second.clone()]);
            assert_eq!(tx.disputes(Some((at(50), "x")), 1).await?, std::slice::from_ref(&first));
            let answer = Answer { at: at(70), by: "operator-1".into(), words: "系误操作".into() };
            assert!(tx.answer_dispute("a", &answer).await?);
            assert!(!tx.answer_dispute("a", &Answer { at: at(71), ..answer.clone() }).await?, "once");
            assert!(!tx.answer_dispute("c", &answer).await?, "nobody disputes it");
            assert_eq!(tx.dispute("a").await?, Some(Dispute { answer: Some(answer), ..first }));
            assert_eq!(tx.dispute("c").await?, None);
            Ok(())
        })
    })
    .await
    .expect("all that");
}

pub async fn later_comers_with_a_used_code(fresh: Fresh) {
    write(&*fresh.store, |tx, _| {
        Box::pin(async move {
            tx.insert_license(&license(1)).await?;
            tx.insert_showing(&showing(1)).await?;
            let tried = |by: &str, seconds| Try {
                showing: "s001".into(),
                by: by.into(),
                label: "3号窗口".into(),
                at: at(seconds),
            };
            assert!(tx.add_try(&tried("clerk-2", 20)).await?);
            assert!(tx.add_try(&tried("clerk-1", 10)).await?);
            assert!(!tx.add_try(&tried("clerk-1", 30)).await?, "it came before");
            assert_eq!(tx.tries("s001", 9).await?, [tried("clerk-1", 10), tried("clerk-2", 20)]);
            assert_eq!(tx.tries("s001", 1).await?, [tried("clerk-1", 10)]);
            assert!(tx.tries("s002", 9).await?.is_empty());

            // Of codes fetched in advance those that nobody used are withdrawn, and no others.
            for (number, by) in [(2, "phone-1"), (3, "phone-1"), (4, "phone-2")] {
                let way = Way::Prefetched;
                tx.insert_showing(&Showing { way, shown_by: by.into(), ..showing(number) }).await?;
            }
            let rolling = Showing { way: Way::Rolling, shown_by: "phone-1".into(), ..showing(5) };
            tx.insert_showing(&rolling).await?;
            assert!(tx.redeem_showing("s002", &redemption("clerk")).await?);
            assert_eq!(tx.withdraw_prefetched("phone-1", at(40)).await?, 1);
            assert_eq!(tx.withdraw_prefetched("phone-1", at(50)).await?, 0);
            for (number, withdrawn) in [(2, None), (3, Some(at(40))), (4, None), (5, None)] {
                let found = tx.showing(&format!("s00{number}")).await?.expect("there");
                assert_eq!(found.withdrawn_at, withdrawn, "{number}");
            }
            Ok(())
        })
    })
    .await
    .expect("all that");
}

pub async fn deputies(fresh: Fresh) {
    write(&*fresh.store, |tx, _| {
        Box::pin(async move {
            let deputy = |id: &str, owner: &str, deputy: &str, seconds| Deputy {
                id: id.into(),
                owner: owner.into(),
                owner_name: "林知微".into(),
                deputy: deputy.into(),
                deputy_name: "周念安".into(),
                licenses: vec![license_id(1, 1)],
                created_at: at(seconds),
                until: at(1000),
                withdrawn_at: None,
            };
            let all = [
                deputy("1", "mother", "child", 10),
                Deputy { licenses: Vec::new(), ..deputy("2", "mother", "sister", 20) },
                deputy("3", "father", "child", 30),
            ];
            for one in &all {
                tx.add_deputy(one).await?;
            }
            let again = tx.add_deputy(&deputy("1", "father", "sister", 40)).await;
            assert!(matches!(again, Err(StoreError::Exists("deputy"))), "{again:?}");
            assert_eq!(tx.deputies_of("mother", 9).await?, [all[1].clone(), all[0].clone()]);
            assert_eq!(tx.deputies_of("mother", 1).await?, [all[1].clone()]);
            assert_eq!(tx.deputy_for("child", 9).await?, [all[2].clone(), all[0].clone()]);
            assert!(tx.deputy_for("mother", 9).await?.is_empty());
            assert!(tx.withdraw_deputy("1", at(50)).await?);
            assert!(!tx.withdraw_deputy("1", at(60)).await?, "once");
            assert!(!tx.withdraw_deputy("none", at(60)).await?);
            let withdrawn = Deputy { withdrawn_at: Some(at(50)), ..all[0].clone() };
            assert_eq!(tx.deputy("1").await?, Some(withdrawn));
            assert_eq!(tx.deputy("none").await?, None);
            tx.insert_license(&license(1)).await?;
            tx.insert_showing(&showing(1)).await?;
            tx.insert_showing(&showing(2)).await?;
            tx.add_showing_deputy("s001", "2").await?;
            let again = tx.add_showing_deputy("s001", "3").await;
            assert!(matches!(again, Err(StoreError::Exists("deputy of a showing"))), "{again:?}");
            assert_eq!(tx.showing_deputy("s001").await?, Some(all[1].clone()));
            assert_eq!(tx.showing_deputy("s002").await?, None);
            Ok(())
        })
    })
    .await
    .expect("all that");
}
