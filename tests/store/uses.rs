//! Who used what of whom.

use super::Fresh;
use super::samples::*;
use yinzheng::domain::grant::GrantId;
use yinzheng::domain::space::{Carrier, CodeUse, Use, Used};
use yinzheng::ports::store::{StoreError, write};

pub fn used(id: &str, owner: &str, seconds: i64, what: Used) -> Use {
    Use {
        id: id.into(),
        owner: owner.into(),
        at: at(seconds),
        by: "clerk-1".into(),
        label: "3号窗口".into(),
        what,
    }
}

pub fn shown() -> Used {
    Used::Shown {
        license: license_id(1, 1),
        purpose: "开户".into(),
        matter: "办理开户".into(),
        fields: vec!["name".into(), "credit_code".into()],
        deputy: Some("周念安".into()),
        compared: None,
        offline: false,
        code: None,
    }
}

/// Of a code on paper.
fn on_paper(compared: bool) -> Used {
    match shown() {
        Used::Shown { license, purpose, matter, fields, .. } => Used::Shown {
            license,
            purpose,
            matter,
            fields,
            deputy: None,
            compared: Some(compared),
            offline: compared,
            code: Some(CodeUse {
                carrier: Carrier::Paper,
                short: !compared,
                passed: compared,
                status_at: at(90),
            }),
        },
        other => other,
    }
}

fn printed() -> Used {
    Used::Printed {
        license: license_id(1, 1),
        purpose: "开户".into(),
        fields: vec!["name".into()],
        verifier: "face-1".into(),
    }
}

pub async fn seals_of_a_person(fresh: Fresh) {
    write(&*fresh.store, |tx, _| {
        Box::pin(async move {
            for number in 1..=3 {
                tx.insert_seal(&seal(number), &seal_picture()).await?;
            }
            for (person, number) in [(1, 2), (1, 1), (2, 3)] {
                tx.add_person_seal(&[person; 32], &seal_code(number)).await?;
            }
            let again = tx.add_person_seal(&[1; 32], &seal_code(1)).await;
            assert!(matches!(again, Err(StoreError::Exists(_))), "{again:?}");
            assert_eq!(tx.person_seals(&[1; 32], 9).await?, [seal(1), seal(2)]);
            assert_eq!(tx.person_seals(&[1; 32], 1).await?, [seal(1)]);
            assert!(tx.person_seals(&[3; 32], 9).await?.is_empty());
            Ok(())
        })
    })
    .await
    .expect("all that");
}

pub async fn who_used_what(fresh: Fresh) {
    write(&*fresh.store, |tx, _| {
        Box::pin(async move {
            let grant = GrantId::new(at(1), [1; 8]);
            let sealed =
                Used::SealedLicense { seal: seal_code(1), license: license_id(2, 1), grant: grant.clone() };
            let document = |grant| Used::SealedDocument { seal: seal_code(1), job: "job-1".into(), grant };
            let all = [
                used("d", "owner", 40, document(Some(grant))),
                used("c", "owner", 30, document(None)),
                used("bb", "owner", 25, printed()),
                used("b", "owner", 20, sealed),
                used("a", "owner", 20, shown()),
            ];
            for one in all.iter().rev() {
                tx.add_use(one).await?;
            }
            tx.add_use(&used("x", "somebody else", 35, shown())).await?;
            let again = tx.add_use(&used("x", "owner", 50, shown())).await;
            assert!(matches!(again, Err(StoreError::Exists("use"))), "{again:?}");
            assert_eq!(tx.uses("owner", None, 9).await?, all);
            assert_eq!(tx.uses("owner", None, 2).await?, all[..2]);
            assert_eq!(tx.uses("owner", Some((at(30), "c")), 9).await?, all[2..]);
            assert_eq!(tx.uses("owner", Some((at(20), "b")), 9).await?, all[4..]);
            assert!(tx.uses("nobody", None, 9).await?.is_empty());

            // More became known of one, and of that one alone.
            tx.add_use(&used("p", "paper", 60, on_paper(false))).await?;
            tx.add_use(&used("q", "paper", 50, on_paper(false))).await?;
            assert!(tx.amend_use("p", &on_paper(true)).await?);
            assert!(!tx.amend_use("nothing", &on_paper(true)).await?);
            let known = [used("p", "paper", 60, on_paper(true)), used("q", "paper", 50, on_paper(false))];
            assert_eq!(tx.uses("paper", None, 9).await?, known);
            Ok(())
        })
    })
    .await
    .expect("all that");
}
