use super::*;
use crate::app::decode_picture;
use crate::domain::license::{Ending, LicenseId};
use crate::domain::report::Verdict;
use std::io::Cursor;

async fn issued() -> (World, License, Vec<u8>) {
    let (world, seal) = World::new().await;
    let license = world.permit("key", &seal).await.license;
    let file =
        read_license::file(&world.service, &world.department, &license.id, None).await.expect("a file").bytes;
    (world, license, file)
}

#[tokio::test]
async fn any_changed_byte_is_noticed() {
    let (world, _, file) = issued().await;
    let step = file.len() / 23;
    for at in (20..file.len()).step_by(step) {
        let mut changed = file.clone();
        changed[at] ^= 0x01;
        let report = verify_file::run(&world.service, changed).await.expect("a report");
        assert_ne!(report.verdict, Verdict::Passed, "byte {at} of {}", file.len());
    }
}

#[tokio::test]
async fn a_file_outlives_its_license_and_says_so() {
    let (world, license, file) = issued().await;
    for (act, code, verdict) in [
        (change_license_state::Act::Suspend, "status.suspended", Verdict::Failed),
        (change_license_state::Act::Resume, "status.in_force", Verdict::Passed),
        (change_license_state::Act::End(Ending::Annulled), "status.annulled", Verdict::Failed),
    ] {
        let request = change_license_state::Request {
            license: license.id.clone(),
            act,
            reason: "依法办理".into(),
            revision: None,
        };
        change_license_state::run(&world.service, &world.department, request).await.expect("changed");
        let report = verify_file::run(&world.service, file.clone()).await.expect("a report");
        assert_eq!(report.verdict, verdict, "{act:?}");
        assert!(report.has(code), "{code}");
    }
}

#[tokio::test]
async fn what_is_no_file_of_ours_is_a_report_too() {
    let (world, _, file) = issued().await;
    for bad in [Vec::new(), b"hello".to_vec(), file[..file.len() / 2].to_vec(), vec![b'%'; 100_000]] {
        let report = verify_file::run(&world.service, bad).await.expect("a report");
        assert_ne!(report.verdict, Verdict::Passed);
    }
}

fn printed(identifier: &str, check_code: &str) -> check_printed_code::Request {
    check_printed_code::Request {
        identifier: identifier.into(),
        check_code: check_code.into(),
        from: "192.0.2.7".into(),
    }
}

#[tokio::test]
async fn a_printed_code_tells_the_state_and_masked_fields_only() {
    let (world, license, _) = issued().await;
    let request = printed(license.id.as_str(), &license.check_code);
    let known = check_printed_code::run(&world.service, None, request).await.expect("an answer");
    assert_eq!(known.standing.name(), "in-force");
    let kind = world.service.kinds.get(&license.kind).expect("its kind");
    for field in &known.fields {
        let of_kind = kind.field(&field.name).expect("a field of the kind");
        let full = license.data.get(&field.name).expect("a value");
        match of_kind.privacy {
            crate::domain::license::kind::PrivacyClass::Public => {}
            crate::domain::license::kind::PrivacyClass::Personal => assert_ne!(&field.value, full),
            crate::domain::license::kind::PrivacyClass::Sensitive => panic!("{} is shown", field.name),
        }
    }
    assert!(world.audit(license.id.as_str()).await.contains(&("license.check".into(), "ok".into())));
}

#[tokio::test]
async fn a_wrong_check_code_and_an_unknown_license_are_refused_alike_and_not_often() {
    let (world, license, _) = issued().await;
    let id = &license.id;
    let unknown = LicenseId::new(id.type_code(), id.issuer_code(), "20260101000000000000", 1).expect("an id");
    let mut wrong = license.check_code.clone();
    wrong.replace_range(..1, if wrong.starts_with('0') { "1" } else { "0" });
    let mut refusals = Vec::new();
    for request in [
        printed(id.as_str(), &wrong),
        printed(id.as_str(), ""),
        printed(unknown.as_str(), &license.check_code),
        printed("1.2.3", &license.check_code),
    ] {
        match check_printed_code::run(&world.service, None, request).await {
            Err(AppError::Refused(refusal)) => refusals.push(refusal),
            _ => panic!("answered"),
        }
    }
    assert!(refusals.windows(2).all(|pair| pair[0] == pair[1]), "{refusals:?}");
    for _ in 4..30 {
        let outcome = check_printed_code::run(&world.service, None, printed(id.as_str(), &wrong)).await;
        assert_eq!(refused(outcome), "printed_code.unknown");
    }
    let right = || printed(id.as_str(), &license.check_code);
    assert_eq!(
        refused(check_printed_code::run(&world.service, None, right()).await),
        "caller.too_many_tries"
    );
    let elsewhere = check_printed_code::Request { from: "192.0.2.8".into(), ..right() };
    assert!(check_printed_code::run(&world.service, None, elsewhere).await.is_ok());
}

#[tokio::test]
async fn a_preview_shows_what_is_right_so_far() {
    let (world, seal) = World::new().await;
    let order = world.order("business-license", &seal);
    let mut data = order.data.clone();
    data.insert("credit_code".into(), RawValue::Text("91990102".into()));
    data.remove("address");
    let request = preview_face::Request { kind: order.kind, data, number: None, issuer: None };
    let preview = preview_face::run(&world.service, &world.department, request).await.expect("a preview");
    assert!(preview.svg.starts_with("<svg"));
    let pointers: Vec<_> = preview.faults.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(pointers, ["/data/credit_code"]);
}

#[tokio::test]
async fn a_picture_waits_for_its_turn_as_files_do() {
    let world = World::bare().await;
    let clerk = world.clerk().await;
    let mut picture = Cursor::new(Vec::new());
    image::GrayImage::new(8, 8).write_to(&mut picture, image::ImageFormat::Png).expect("a picture");
    let picture = picture.into_inner();
    let read = || decode_picture::for_caller(&world.service, &clerk, picture.clone());
    assert_eq!(read().await.expect("read"), None, "the twin: somebody's turn is free");
    let turns = &world.service.verifying;
    let taken = turns.acquire_many(u32::try_from(turns.available_permits()).expect("few")).await;
    assert!(tokio::time::timeout(Duration::from_millis(300), read()).await.is_err(), "it did not wait");
    drop(taken);
    assert_eq!(read().await.expect("read"), None);
}
