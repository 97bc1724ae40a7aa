//! Whose a printed number is, and whom an edition is about.

use super::*;
use crate::domain::license::kind::NumberRule;
use crate::domain::license::{Ending, LicenseKind};

const PERMIT: &str = "food-operation-permit";
/// The field that the printed number is taken from in [`numbered_world`]; it is not the holder's code.
const NUMBER_FIELD: &str = "legal_representative";

/// A world whose permits print a field that an amendment may change.
async fn numbered_world() -> (Arc<World>, Seal) {
    let embedded = kinds::load(None).expect("the embedded kinds");
    let permit = embedded.get(PERMIT).expect("an embedded kind");
    let kind = LicenseKind { number: NumberRule::Field(NUMBER_FIELD.into()), ..LicenseKind::clone(permit) };
    let world = World::with_kinds(Kinds::from_iter([kind])).await;
    let seal = world.active_seal().await;
    (Arc::new(world), seal)
}

fn numbered(world: &World, seal: &Seal, number: &str) -> Order {
    let mut order = world.order(PERMIT, seal);
    order.data.insert(NUMBER_FIELD.into(), RawValue::Text(number.into()));
    order
}

async fn amend(
    world: &World,
    key: &str,
    license: &License,
    field: &str,
    value: &str,
) -> Result<Issued, AppError> {
    let mut data = issue_license::raw(&license.data);
    data.insert(field.into(), RawValue::Text(value.into()));
    let seal = crate::domain::seal::SealCode::parse(&license.seal).expect("a seal's code");
    let request = amend_license::Request {
        license: license.id.clone(),
        revision: None,
        data,
        seal,
        reason: "依申请变更".into(),
    };
    amend_license::run(&world.service, &world.department, key, request).await
}

#[tokio::test]
async fn an_amendment_does_not_take_another_license_s_number() {
    let (world, seal) = numbered_world().await;
    let first = world.issue("1", numbered(&world, &seal, "甲一号")).await.expect("a license").license;
    let second = world.issue("2", numbered(&world, &seal, "甲二号")).await.expect("a license").license;
    assert_eq!(refused(amend(&world, "3", &second, NUMBER_FIELD, "甲一号").await), "license.number_taken");
    // A free number is its own from then on, and so is the one it had.
    let third = amend(&world, "4", &second, NUMBER_FIELD, "甲三号").await.expect("an edition").license;
    assert_eq!(refused(world.issue("5", numbered(&world, &seal, "甲二号")).await), "license.number_taken");
    assert_eq!(refused(world.issue("6", numbered(&world, &seal, "甲三号")).await), "license.number_taken");
    amend(&world, "7", &third, NUMBER_FIELD, "甲二号").await.expect("back to its old number");
    // The end of a license sets its number not free.
    let end = change_license_state::Request {
        license: first.id.clone(),
        act: change_license_state::Act::End(Ending::Cancelled),
        reason: "依申请注销".into(),
        revision: None,
    };
    change_license_state::run(&world.service, &world.department, end).await.expect("ended");
    assert_eq!(refused(world.issue("8", numbered(&world, &seal, "甲一号")).await), "license.number_taken");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_amendments_to_one_number_at_one_time_one_wins() {
    let (world, seal) = numbered_world().await;
    let mut calls = Vec::new();
    for n in 0..6 {
        let order = numbered(&world, &seal, &format!("乙{n}号"));
        let license = world.issue(&format!("make-{n}"), order).await.expect("a license").license;
        let world = world.clone();
        calls.push(async move { amend(&world, &format!("amend-{n}"), &license, NUMBER_FIELD, "丙号").await });
    }
    let fresh = world.issue("fresh", numbered(&world, &seal, "丙号"));
    let (amended, issued) = futures::join!(futures::future::join_all(calls), fresh);
    let mut outcomes: Vec<_> = amended.into_iter().map(refused).collect();
    outcomes.push(refused(issued));
    outcomes.sort_unstable();
    assert_eq!(outcomes[0], "(not refused)");
    assert!(outcomes[1..].iter().all(|code| *code == "license.number_taken"), "{outcomes:?}");
    let bearing = world.licenses().await.into_iter().filter(|license| license.number == "丙号").count();
    assert_eq!(bearing, 1);
}

#[tokio::test]
async fn an_amendment_keeps_its_holder() {
    let (world, seal) = World::new().await;
    let license = world.permit("one", &seal).await.license;
    let outcome = amend(&world, "two", &license, "credit_code", "11990000MB0000001M").await;
    let Err(AppError::Refused(refusal)) = outcome else { panic!("not refused") };
    let faults: Vec<_> = refusal.faults.iter().map(|f| (f.pointer.as_str(), f.code)).collect();
    assert_eq!(faults, [("/data/credit_code", "license.other_holder")]);
    // The same code written otherwise is the same holder, and a name may change.
    amend(&world, "three", &license, "credit_code", "91990102ma7yqx031l").await.expect("an edition");
}
