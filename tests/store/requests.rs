//! Requests, assertions that were taken, materials.

use super::Fresh;
use super::samples::*;
use futures::future::join_all;
use yinzheng::domain::material::Material;
use yinzheng::domain::seal::PaperMedia;
use yinzheng::domain::show_request::{Asked, Ended, Ending, ShowRequest};
use yinzheng::ports::store::{StoreError, read, write};

const RACERS: u32 = 16;

fn request(number: u8) -> ShowRequest {
    let asked = Asked {
        kind: "business-license".into(),
        required: vec!["name".into(), "credit_code".into()],
        optional: vec!["address".into()],
        may_lack: number == 2,
    };
    ShowRequest {
        id: format!("r{number:03}"),
        code_hash: [number; 32],
        by: "clerk-1".into(),
        body: "景川市市场监督管理局 3号窗口".into(),
        counter: "左".into(),
        matter: "open-bank-account".into(),
        asked: vec![asked],
        number: 42,
        created_at: at(10),
        expires_at: at(130),
        wrong: 0,
        ended: None,
    }
}

fn ended(how: Ending, showing: Option<&str>) -> Ended {
    let materials = showing.map(|_| "m1".to_owned()).into_iter().collect();
    Ended { how, at: at(60), showing: showing.map(str::to_owned), materials }
}

pub async fn requests_and_their_ends(fresh: Fresh) {
    write(&*fresh.store, |tx, _| {
        Box::pin(async move {
            let done = ShowRequest { ended: Some(ended(Ending::Declined, None)), ..request(2) };
            tx.insert_request(&request(1)).await?;
            tx.insert_request(&done).await?;
            let again = ShowRequest { id: "other".into(), ..request(1) };
            let again = tx.insert_request(&again).await;
            assert!(matches!(again, Err(StoreError::Exists("request"))), "{again:?}");
            assert_eq!(tx.request("r001").await?, Some(request(1)));
            assert_eq!(tx.request_by_code(&[2; 32]).await?, Some(done));
            assert_eq!(tx.request_by_code(&[3; 32]).await?, None);
            assert!(tx.count_wrong_number("r001").await?);
            assert!(!tx.count_wrong_number("r002").await?);
            assert!(!tx.count_wrong_number("nobody").await?);
            let yes = ended(Ending::Approved, Some("s001"));
            assert!(tx.end_request("r001", &yes).await?);
            assert!(!tx.end_request("r001", &ended(Ending::Withdrawn, None)).await?);
            assert!(!tx.count_wrong_number("r001").await?);
            let now = ShowRequest { wrong: 1, ended: Some(yes), ..request(1) };
            assert_eq!(tx.request("r001").await?, Some(now));
            Ok(())
        })
    })
    .await
    .expect("all that");
}

pub async fn a_request_ends_once(fresh: Fresh) {
    let made =
        write(&*fresh.store, |tx, _| Box::pin(async move { Ok(tx.insert_request(&request(1)).await?) }));
    made.await.expect("made");
    let racers = (0..RACERS).map(|n| {
        let store = fresh.store.clone();
        tokio::spawn(async move {
            // Some say yes, some no, some take it back.
            let how = [Ending::Approved, Ending::Declined, Ending::Withdrawn][n as usize % 3];
            let mine = &Ended { materials: vec![n.to_string()], ..ended(how, None) };
            write(&*store, |tx, _| {
                Box::pin(async move {
                    let found = tx.request_by_code(&[1; 32]).await?.expect("it is there");
                    Ok(tx.end_request(&found.id, mine).await?)
                })
            })
            .await
            .expect("answered")
        })
    });
    let won: Vec<bool> = join_all(racers).await.into_iter().map(|won| won.expect("no panic")).collect();
    assert_eq!(won.iter().filter(|won| **won).count(), 1);
    let winner = won.iter().position(|won| *won).expect("one");
    let found = read(&*fresh.store, |tx, _| Box::pin(async move { Ok(tx.request("r001").await?) }));
    let ended = found.await.expect("read").and_then(|request| request.ended).expect("ended");
    assert_eq!(ended.materials, [winner.to_string()]);
}

pub async fn an_assertion_is_taken_once(fresh: Fresh) {
    let racers = (0..RACERS).map(|_| {
        let store = fresh.store.clone();
        tokio::spawn(async move {
            let taken = write(&*store, |tx, _| {
                Box::pin(async move {
                    match tx.take_assertion("face-1", "jti-1", at(60)).await {
                        Ok(()) => Ok(true),
                        Err(StoreError::Exists("assertion")) => Ok(false),
                        Err(other) => Err(other.into()),
                    }
                })
            });
            taken.await.expect("answered")
        })
    });
    let won: Vec<bool> = join_all(racers).await.into_iter().map(|won| won.expect("no panic")).collect();
    assert_eq!(won.iter().filter(|won| **won).count(), 1);
    write(&*fresh.store, |tx, _| {
        Box::pin(async move {
            tx.take_assertion("face-2", "jti-1", at(90)).await?;
            assert_eq!(tx.forget_assertions(at(60)).await?, 0);
            assert_eq!(tx.forget_assertions(at(61)).await?, 1);
            tx.take_assertion("face-1", "jti-1", at(90)).await?;
            let again = tx.take_assertion("face-2", "jti-1", at(95)).await;
            assert!(matches!(again, Err(StoreError::Exists(_))), "{again:?}");
            Ok(())
        })
    })
    .await
    .expect("all that");
}

pub async fn materials_of_a_holder(fresh: Fresh) {
    let material = |id: &str, holder: &str, label: &str, seconds: i64| Material {
        id: id.into(),
        holder: holder.into(),
        label: label.into(),
        name: "合同.pdf".into(),
        sha256: [u8::try_from(seconds).expect("small"); 32],
        size: 1_024,
        media: PaperMedia::Pdf,
        by: "clerk-1".into(),
        label_of_bringer: "3号窗口".into(),
        matter: "open-bank-account".into(),
        at: at(seconds),
        replaced_at: None,
    };
    let all = &[
        material("a", "h", "lease", 10),
        material("b", "h", "plan", 20),
        material("c", "h", "lease", 30),
        material("d", "other", "lease", 40),
    ];
    write(&*fresh.store, |tx, _| {
        Box::pin(async move {
            for one in all {
                tx.add_material(one).await?;
            }
            let again = tx.add_material(&Material { label: "plan".into(), ..all[0].clone() }).await;
            assert!(matches!(again, Err(StoreError::Exists("material"))), "{again:?}");
            let replaced = Material { replaced_at: Some(at(30)), ..all[0].clone() };
            assert_eq!(tx.material("a").await?, Some(replaced.clone()));
            assert_eq!(tx.materials("h", 9).await?, [all[2].clone(), all[1].clone(), replaced]);
            assert_eq!(tx.materials("h", 1).await?, [all[2].clone()]);
            assert_eq!((tx.material("x").await?, tx.materials("nobody", 9).await?), (None, Vec::new()));
            Ok(())
        })
    })
    .await
    .expect("all that");
}
