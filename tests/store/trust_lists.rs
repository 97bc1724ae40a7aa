//! Rows about trust lists.

use super::Fresh;
use super::samples::at;
use yinzheng::domain::trust_list::{Names, Territory};
use yinzheng::ports::store::{
    ForeignCrl, ListVersion, OwnTrustList, PinnedSigner, StoreError, glance, write,
};

/// Runs the body in one writing transaction and hands out what it made.
macro_rules! inside {
    ($fresh:expr, |$tx:ident| $body:block) => {
        write(&*$fresh.store, |$tx, _| Box::pin(async move { $body })).await
    };
}

fn taken<T>(outcome: Result<T, StoreError>) -> &'static str {
    match outcome {
        Err(StoreError::Exists(what)) => what,
        Err(other) => panic!("{other}"),
        Ok(_) => "nothing",
    }
}

fn place(code: &str) -> Territory {
    Territory::parse(code).expect("a code")
}

fn signer(territory: &str, byte: u8) -> PinnedSigner {
    PinnedSigner {
        territory: place(territory),
        sha256: [byte; 32],
        name: Names { zh: "云山市".into(), en: "Yunshan".into() },
        x509: vec![0x30, byte],
        pinned: ("operator-1".into(), at(1)),
        confirmed: None,
        ended: None,
    }
}

fn version(territory: &str, sequence: u64) -> ListVersion {
    ListVersion {
        territory: place(territory),
        sequence,
        sha256: [9; 32],
        signer: [1; 32],
        issued: at(2),
        next_update: at(3),
        imported_by: "operator-1".into(),
        imported_at: at(4),
    }
}

pub async fn signers_of_trust_lists(fresh: Fresh) {
    inside!(fresh, |tx| {
        let (home, other) = (&place("990100"), &place("990200"));
        assert!(tx.list_signers().await?.is_empty());
        for new in [signer("990200", 1), signer("990100", 2), signer("990100", 1)] {
            tx.pin_list_signer(&new).await?;
        }
        assert_eq!(taken(tx.pin_list_signer(&signer("990100", 1)).await), "trust list signer");
        let all = [signer("990100", 1), signer("990100", 2), signer("990200", 1)];
        assert_eq!(tx.list_signers().await?, all);
        assert!(!tx.confirm_list_signer(home, &[1; 32], "operator-1", at(5)).await?, "who pinned it");
        assert!(!tx.confirm_list_signer(home, &[3; 32], "operator-2", at(5)).await?, "none");
        assert!(tx.confirm_list_signer(home, &[1; 32], "operator-2", at(5)).await?);
        assert!(!tx.confirm_list_signer(home, &[1; 32], "operator-3", at(6)).await?, "once");
        assert!(tx.end_list_signer(other, &[1; 32], "operator-1", at(7)).await?);
        assert!(!tx.end_list_signer(other, &[1; 32], "operator-1", at(8)).await?, "once");
        assert!(!tx.end_list_signer(other, &[2; 32], "operator-1", at(8)).await?, "none");
        assert!(!tx.confirm_list_signer(other, &[1; 32], "operator-2", at(9)).await?, "ended");
        let mut all = all;
        all[0].confirmed = Some(("operator-2".into(), at(5)));
        all[2].ended = Some(("operator-1".into(), at(7)));
        assert_eq!(tx.list_signers().await?, all);
        assert_eq!(all.map(|signer| signer.is_trusted()), [true, false, false]);
        // What was ended begins anew, with nobody's confirmation.
        let again = PinnedSigner { pinned: ("operator-3".into(), at(10)), ..signer("990200", 1) };
        tx.pin_list_signer(&again).await?;
        assert_eq!(tx.list_signers().await?.pop(), Some(again));
        assert!(tx.confirm_list_signer(other, &[1; 32], "operator-1", at(11)).await?);
        Ok(())
    })
    .expect("committed");
}

pub async fn versions_of_trust_lists(fresh: Fresh) {
    inside!(fresh, |tx| {
        let home = &place("990100");
        for sequence in [9, 10, 2] {
            tx.insert_list_version(&version("990100", sequence), &[0x30, 0]).await?;
        }
        tx.insert_list_version(&version("990200", 10), &[0x30, 1]).await?;
        assert_eq!(taken(tx.insert_list_version(&version("990100", 9), &[]).await), "trust list version");
        let newest = [version("990100", 10), version("990100", 9)];
        assert_eq!(tx.list_versions(home, 2).await?, newest);
        assert!(tx.list_versions(&place("990300"), 2).await?.is_empty());
        assert_eq!(tx.list_bytes(home, 11).await?, None);
        assert_eq!(tx.list_bytes(&place("990200"), 10).await?, Some(vec![0x30, 1]));
        let too_large = tx.insert_list_version(&version("990100", u64::MAX), &[]).await;
        assert!(matches!(too_large, Err(StoreError::Failed(_))));
        Ok(())
    })
    .expect("committed");
    let bytes =
        glance(&*fresh.store, |tx, _| Box::pin(async move { Ok(tx.list_bytes(&place("990100"), 2).await?) }));
    assert_eq!(bytes.await.expect("one statement"), Some(vec![0x30, 0]));
}

pub async fn our_own_trust_list(fresh: Fresh) {
    let list = |sequence, sm2| OwnTrustList {
        sequence,
        content: [5; 32],
        issued: at(2),
        next_update: at(3),
        json: b"{}".to_vec(),
        p256: Some(vec![0x30]),
        sm2,
    };
    let list = &list;
    inside!(fresh, |tx| {
        assert_eq!(tx.latest_own_list().await?, None);
        for sequence in [1, 11, 2] {
            tx.insert_own_list(&list(sequence, None)).await?;
        }
        assert_eq!(taken(tx.insert_own_list(&list(2, None)).await), "own trust list");
        assert_eq!(tx.latest_own_list().await?, Some(list(11, None)));
        tx.insert_own_list(&list(12, Some(vec![0x31]))).await?;
        assert_eq!(tx.latest_own_list().await?, Some(list(12, Some(vec![0x31]))));
        Ok(())
    })
    .expect("committed");
}

pub async fn revocation_lists_of_others(fresh: Fresh) {
    let crl = |territory: &str, issuer: u8, seconds| ForeignCrl {
        territory: place(territory),
        issuer: [issuer; 32],
        this_update: at(seconds),
        next_update: at(seconds + 100),
        der: vec![0x30, issuer],
        imported: ("operator-1".into(), at(seconds + 1)),
    };
    let crl = &crl;
    inside!(fresh, |tx| {
        let home = &place("990100");
        assert!(tx.foreign_crls(home).await?.is_empty());
        for new in [crl("990100", 2, 5), crl("990100", 1, 5), crl("990200", 1, 9)] {
            assert!(tx.put_foreign_crl(&new).await?);
        }
        // Neither an older one nor one of the same moment takes its place.
        for old in [crl("990100", 1, 4), ForeignCrl { der: vec![0x30, 9], ..crl("990100", 1, 5) }] {
            assert!(!tx.put_foreign_crl(&old).await?);
        }
        assert!(tx.put_foreign_crl(&crl("990100", 1, 6)).await?);
        assert_eq!(tx.foreign_crls(home).await?, [crl("990100", 1, 6), crl("990100", 2, 5)]);
        Ok(())
    })
    .expect("committed");
}
