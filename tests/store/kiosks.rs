//! Sessions at kiosks.

use super::Fresh;
use super::samples::*;
use futures::future::join_all;
use yinzheng::domain::kiosk::{KioskSession, Printed, Recognised};
use yinzheng::domain::offline_code::PaperCodeId;
use yinzheng::ports::store::{StoreError, read, write};

const RACERS: u8 = 16;

fn session(id: &str, expires: i64) -> KioskSession {
    KioskSession {
        id: id.into(),
        by: "clerk-1".into(),
        place: "景川市市场监督管理局 自助1号".into(),
        created_at: at(expires - 120),
        expires_at: at(expires),
        recognised: None,
        printed: None,
    }
}

fn recognised(holder: &str) -> Recognised {
    Recognised {
        holder: holder.into(),
        verifier: "face-1".into(),
        at: at(20),
        offered: vec![license_id(1, 1), license_id(2, 1)],
    }
}

fn printed(number: u8) -> Printed {
    Printed { code: PaperCodeId::new(at(30), [number; 8]), at: at(30) }
}

pub async fn sessions_at_kiosks(fresh: Fresh) {
    write(&*fresh.store, |tx, _| {
        Box::pin(async move {
            let done = KioskSession {
                recognised: Some(recognised("H")),
                printed: Some(printed(9)),
                ..session("done", 140)
            };
            tx.insert_kiosk_session(&session("a", 130)).await?;
            tx.insert_kiosk_session(&done).await?;
            let again = tx.insert_kiosk_session(&session("a", 150)).await;
            assert!(matches!(again, Err(StoreError::Exists("kiosk session"))), "{again:?}");
            assert_eq!(tx.kiosk_session("done").await?, Some(done.clone()));
            assert_eq!(tx.kiosk_session("b").await?, None);
            // Step by step, each once.
            assert!(!tx.print_at_kiosk("a", &printed(1)).await?, "nobody was recognised");
            assert!(tx.recognise_at_kiosk("a", &recognised("H")).await?);
            assert!(!tx.recognise_at_kiosk("a", &recognised("X")).await?);
            assert!(!tx.recognise_at_kiosk("b", &recognised("X")).await?);
            let known = KioskSession { recognised: Some(recognised("H")), ..session("a", 130) };
            assert_eq!(tx.kiosk_session("a").await?, Some(known.clone()));
            // An end comes sooner, never later, and not behind a sheet.
            assert!(!tx.end_kiosk_session("a", at(131)).await?);
            assert!(!tx.end_kiosk_session("done", at(50)).await?);
            assert!(tx.end_kiosk_session("a", at(50)).await?);
            let ended = KioskSession { expires_at: at(50), ..known };
            assert_eq!(tx.kiosk_session("a").await?, Some(ended));
            assert_eq!(tx.forget_kiosk_sessions(at(50)).await?, 0);
            assert_eq!(tx.forget_kiosk_sessions(at(51)).await?, 1);
            assert_eq!(tx.kiosk_session("a").await?, None);
            assert_eq!(tx.kiosk_session("done").await?, Some(done));
            Ok(())
        })
    })
    .await
    .expect("all that");
}

pub async fn one_sheet_a_session(fresh: Fresh) {
    write(&*fresh.store, |tx, _| {
        Box::pin(async move {
            let open = KioskSession { recognised: Some(recognised("H")), ..session("a", 130) };
            Ok(tx.insert_kiosk_session(&open).await?)
        })
    })
    .await
    .expect("made");
    let racers = (0..RACERS).map(|number| {
        let store = fresh.store.clone();
        tokio::spawn(async move {
            let won = write(&*store, |tx, _| {
                Box::pin(async move { Ok(tx.print_at_kiosk("a", &printed(number)).await?) })
            });
            won.await.expect("answered")
        })
    });
    let won: Vec<bool> = join_all(racers).await.into_iter().map(|won| won.expect("no panic")).collect();
    assert_eq!(won.iter().filter(|won| **won).count(), 1);
    let winner = won.iter().position(|won| *won).and_then(|place| u8::try_from(place).ok()).expect("one");
    let found = read(&*fresh.store, |tx, _| Box::pin(async move { Ok(tx.kiosk_session("a").await?) }));
    assert_eq!(found.await.expect("read").and_then(|found| found.printed), Some(printed(winner)));
}
