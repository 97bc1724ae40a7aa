//! Receipts and annotated copies, and the seal that seals them.

use super::Fresh;
use super::samples::*;
use yinzheng::domain::paper::{Paper, PaperFile, PaperForm, PaperKind, ServiceSeal};
use yinzheng::ports::store::{StoreError, write};

fn paper(id: &str, key: &str, first: u8) -> Paper {
    let file = |form, nth: u8| PaperFile { form, sha256: [first + nth; 32] };
    Paper {
        id: id.into(),
        kind: PaperKind::Copy,
        key: key.into(),
        request_hash: [7; 32],
        about: license_id(1, 1).to_string(),
        asked_by: "holder-1".into(),
        made_at: at(10),
        expires_at: Some(at(1_000)),
        seal: seal_code(1),
        files: vec![file(PaperForm::Pdf, 0), file(PaperForm::Ofd, 1), file(PaperForm::Json, 2)],
    }
}

pub async fn a_key_makes_one_paper(fresh: Fresh) {
    write(&*fresh.store, |tx, _| {
        Box::pin(async move {
            tx.insert_seal(&seal(1), &seal_picture()).await?;
            let first = paper("p-1", "copy holder-1 a", 10);
            let receipt = Paper {
                kind: PaperKind::Receipt,
                expires_at: None,
                about: "showing-1".into(),
                ..paper("p-2", "receipt showing-1", 20)
            };
            tx.insert_paper(&first).await?;
            tx.insert_paper(&receipt).await?;
            let again = tx.insert_paper(&paper("p-3", "copy holder-1 a", 30)).await;
            assert!(matches!(again, Err(StoreError::Exists("paper"))), "{again:?}");
            assert_eq!(tx.paper("p-1").await?, Some(first.clone()));
            assert_eq!(tx.paper_of_key("copy holder-1 a").await?, Some(first));
            assert_eq!(tx.paper_of_key("receipt showing-1").await?, Some(receipt));
            assert_eq!(tx.paper("p-3").await?, None);
            assert_eq!(tx.paper_of_key("receipt showing-2").await?, None);
            Ok(())
        })
    })
    .await
    .expect("all that");
}

pub async fn the_seal_agreed_to_last_is_in_use(fresh: Fresh) {
    write(&*fresh.store, |tx, _| {
        Box::pin(async move {
            for number in [1, 2] {
                tx.insert_seal(&seal(number), &seal_picture()).await?;
            }
            assert_eq!(tx.service_seal().await?, None);
            assert!(!tx.agree_to_service_seal(&seal_code(1), "dept-1", at(5)).await?);
            tx.propose_service_seal(&seal_code(1), "op-1", at(10)).await?;
            assert_eq!(tx.service_seal().await?, None);
            assert!(tx.agree_to_service_seal(&seal_code(1), "dept-1", at(11)).await?);
            assert!(!tx.agree_to_service_seal(&seal_code(1), "dept-1", at(12)).await?);
            let first = ServiceSeal {
                seal: seal_code(1),
                proposed_by: "op-1".into(),
                proposed_at: at(10),
                agreed: Some(("dept-1".into(), at(11))),
            };
            assert_eq!(tx.service_seal().await?, Some(first.clone()));
            tx.propose_service_seal(&seal_code(2), "op-2", at(20)).await?;
            assert_eq!(tx.service_seal().await?, Some(first.clone()));
            assert!(tx.agree_to_service_seal(&seal_code(2), "dept-2", at(21)).await?);
            assert_eq!(tx.service_seal().await?.map(|found| found.seal), Some(seal_code(2)));
            // Proposed anew, it waits again.
            tx.propose_service_seal(&seal_code(2), "op-2", at(30)).await?;
            assert_eq!(tx.service_seal().await?, Some(first));
            Ok(())
        })
    })
    .await
    .expect("all that");
}
