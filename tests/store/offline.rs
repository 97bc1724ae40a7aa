//! Offline codes: keys, places in status lists, what is published, codes on paper, devices.

use super::Fresh;
use super::samples::*;
use yinzheng::domain::license::LicenseState;
use yinzheng::domain::offline_code::{Device, DeviceId, OfflineKey, PaperCode, PaperCodeId};
use yinzheng::domain::status_entry::{Marked, StatusEntry};
use yinzheng::ports::store::{PublishedFile, StoreError, write};

fn key(n: u8, issuer: &str, until: i64) -> OfflineKey {
    OfflineKey {
        kid: [n; 8],
        issuer: issuer.into(),
        handle: format!("offline/{n}"),
        spki: vec![n; 91],
        from: at(1),
        until: at(until),
    }
}

fn entry(list: u32, place: u64, license: u32, owner: &str) -> StatusEntry {
    StatusEntry { list, place, license: license_id(license, 1), owner: owner.into(), ended_at: None }
}

fn paper(n: u8, license: u32, holder: &str, expires: i64) -> PaperCode {
    PaperCode {
        id: PaperCodeId::new(at(i64::from(n)), [n; 8]),
        license: license_id(license, 1),
        holder: holder.into(),
        made_by: "holder-1".into(),
        fields: vec!["name".into()],
        purpose: "租房".into(),
        recipient: n.is_multiple_of(2).then(|| "景川银行".into()),
        made_at: at(i64::from(n)),
        expires_at: at(expires),
        ended_at: None,
        place: (n == 3).then(|| "自助1号".into()),
    }
}

pub async fn keys_for_offline_codes(fresh: Fresh) {
    write(&*fresh.store, |tx, _| {
        Box::pin(async move {
            for key in [key(1, "A", 100), key(2, "A", 200), key(3, "B", 150)] {
                tx.insert_offline_key(&key).await?;
            }
            let again = tx.insert_offline_key(&key(2, "C", 999)).await;
            assert!(matches!(again, Err(StoreError::Exists("offline key"))), "{again:?}");
            assert_eq!(tx.offline_key_of("A", at(50)).await?, Some(key(2, "A", 200)));
            assert_eq!(tx.offline_key_of("A", at(200)).await?, None);
            assert_eq!(tx.offline_key_of("C", at(0)).await?, None);
            assert_eq!(tx.offline_keys(at(100)).await?, [key(3, "B", 150), key(2, "A", 200)]);
            Ok(())
        })
    })
    .await
    .expect("all that");
}

pub async fn places_in_status_lists(fresh: Fresh) {
    write(&*fresh.store, |tx, _| {
        Box::pin(async move {
            for number in 1..=4 {
                tx.insert_license(&license(number)).await?;
            }
            assert!(tx.status_lists().await?.is_empty());
            assert!(tx.open_status_list(2, 64).await? && tx.open_status_list(1, 32).await?);
            assert!(!tx.open_status_list(1, 99).await?);
            assert_eq!(tx.status_lists().await?, [(1, 32), (2, 64)]);
            let all = [entry(1, 7, 1, "a"), entry(1, 8, 2, "b"), entry(2, 7, 3, "a"), entry(2, 9, 4, "c")];
            for one in &all {
                assert!(tx.take_status_entry(one).await?);
            }
            assert!(!tx.take_status_entry(&entry(1, 7, 4, "d")).await?, "a place is given once");
            assert_eq!(tx.status_entry("a", &license_id(3, 1)).await?, Some(all[2].clone()));
            assert_eq!(tx.status_entry("b", &license_id(3, 1)).await?, None);
            assert_eq!(tx.status_entry_at(1, 8).await?, Some(all[1].clone()));
            assert_eq!(tx.status_entry_at(1, 9).await?, None);
            assert!(tx.marked_entries().await?.is_empty());

            // An owner ends, one license is suspended, and one that ended by itself is superseded as well.
            assert_eq!(tx.end_status_entries("a", at(50)).await?, 2);
            assert_eq!(tx.end_status_entries("a", at(60)).await?, 0);
            let ended = tx.status_entry_at(1, 7).await?.expect("there");
            assert_eq!(ended.ended_at, Some(at(50)));
            let suspended = LicenseState::Suspended { reason: "整改".into() };
            assert!(tx.set_license_state(&license_id(2, 1), license(2).revision, &suspended).await?);
            let superseded = LicenseState::Superseded { by: license_id(9, 1) };
            for number in [3, 4] {
                let revision = license(number).revision;
                assert!(tx.set_license_state(&license_id(number, 1), revision, &superseded).await?);
            }
            let mut marked = tx.marked_entries().await?;
            marked.sort_by_key(|marked| (marked.list, marked.place));
            let mark = |list, place, value| Marked { list, place, value };
            assert_eq!(marked, [mark(1, 7, 1), mark(1, 8, 2), mark(2, 7, 1), mark(2, 9, 1)]);
            Ok(())
        })
    })
    .await
    .expect("all that");
}

pub async fn published_files(fresh: Fresh) {
    write(&*fresh.store, |tx, _| {
        Box::pin(async move {
            let file = |name: &str, made: i64| PublishedFile {
                name: name.into(),
                content: [made as u8; 32],
                made_at: at(made),
                expires_at: at(made + 100),
                bytes: vec![1, 2, made as u8],
            };
            tx.put_published(&file("b", 10)).await?;
            tx.put_published(&file("a", 20)).await?;
            tx.put_published(&file("b", 30)).await?;
            // Who comes late with an older one changes nothing.
            tx.put_published(&file("b", 25)).await?;
            assert_eq!(tx.published("b").await?, Some(file("b", 30)));
            assert_eq!(tx.published("c").await?, None);
            let bare = |name, made| PublishedFile { bytes: Vec::new(), ..file(name, made) };
            assert_eq!(tx.published_files().await?, [bare("a", 20), bare("b", 30)]);
            Ok(())
        })
    })
    .await
    .expect("all that");
}

pub async fn codes_on_paper(fresh: Fresh) {
    write(&*fresh.store, |tx, _| {
        Box::pin(async move {
            tx.insert_license(&license(1)).await?;
            tx.insert_license(&license(2)).await?;
            let all =
                [paper(4, 2, "H", 90), paper(3, 1, "H", 90), paper(2, 1, "H", 50), paper(1, 1, "X", 90)];
            for one in &all {
                tx.insert_paper_code(one).await?;
            }
            let again = tx.insert_paper_code(&all[0]).await;
            assert!(matches!(again, Err(StoreError::Exists("paper code"))), "{again:?}");
            assert_eq!(tx.paper_code(all[1].id.as_str()).await?, Some(all[1].clone()));
            assert_eq!(tx.paper_codes("H", None, 9).await?, all[..3]);
            assert_eq!(tx.paper_codes("H", Some(all[0].id.as_str()), 1).await?, all[1..2]);
            assert_eq!(tx.live_paper_codes(&license_id(1, 1), at(50)).await?, 3, "its last moment counts");
            assert_eq!(tx.live_paper_codes(&license_id(1, 1), at(51)).await?, 2);
            assert!(tx.end_paper_code(all[1].id.as_str(), at(60)).await?);
            assert!(!tx.end_paper_code(all[1].id.as_str(), at(61)).await?);
            assert_eq!(tx.live_paper_codes(&license_id(1, 1), at(51)).await?, 1);
            let id = all[0].id.as_str();
            for (second, use_id) in [(10, "a"), (20, "b"), (20, "c")] {
                tx.add_paper_code_use(id, at(second), "clerk-1", use_id).await?;
            }
            assert_eq!(tx.paper_code_uses(id, at(11)).await?, 2);
            assert_eq!(tx.paper_code_uses(id, at(10)).await?, 3);
            assert_eq!(tx.paper_code_uses(all[1].id.as_str(), at(0)).await?, 0);
            Ok(())
        })
    })
    .await
    .expect("all that");
}

pub async fn devices(fresh: Fresh) {
    write(&*fresh.store, |tx, _| {
        Box::pin(async move {
            let device = |n: u8, holder: &str| Device {
                id: DeviceId::new(at(i64::from(n)), [n; 8]),
                holder: holder.into(),
                label: "手机".into(),
                spki: vec![n; 91],
                added_by: "holder-1".into(),
                added_at: at(i64::from(n)),
                withdrawn_at: None,
            };
            for one in [device(1, "H"), device(2, "H"), device(3, "X")] {
                tx.insert_device(&one).await?;
            }
            let same_key = Device { id: DeviceId::new(at(9), [9; 8]), ..device(3, "H") };
            let again = tx.insert_device(&same_key).await;
            assert!(matches!(again, Err(StoreError::Exists("device"))), "{again:?}");
            assert_eq!(tx.devices("H", 9).await?, [device(2, "H"), device(1, "H")]);
            let id = device(1, "H").id;
            assert!(tx.withdraw_device(id.as_str(), at(5)).await?);
            assert!(!tx.withdraw_device(id.as_str(), at(6)).await?);
            let gone = Device { withdrawn_at: Some(at(5)), ..device(1, "H") };
            assert_eq!(tx.device(id.as_str()).await?, Some(gone));
            Ok(())
        })
    })
    .await
    .expect("all that");
}
