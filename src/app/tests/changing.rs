use super::*;
use crate::app::change_license_state::{Act, Request};
use crate::domain::license::{Ending, LicenseState};

#[tokio::test]
async fn acts_lead_where_the_law_says_and_nowhere_else() {
    let (world, seal) = World::new().await;
    let act = async |license: &License, act, revision| {
        let request = Request { license: license.id.clone(), act, reason: "依法办理".into(), revision };
        change_license_state::run(&world.service, &world.department, request).await
    };
    for ending in Ending::ALL {
        let license = world.permit(ending.name(), &seal).await.license;
        assert_eq!(refused(act(&license, Act::Resume, None).await), "license.act_not_allowed");
        let suspended = act(&license, Act::Suspend, Some(1)).await.expect("suspended");
        assert_eq!(suspended.revision, 2);
        assert_eq!(refused(act(&license, Act::Resume, Some(1)).await), "license.changed");
        act(&license, Act::Resume, Some(2)).await.expect("resumed");
        let ended = act(&license, Act::End(ending), Some(3)).await.expect("ended");
        assert_eq!(ended.state, LicenseState::Ended { ending, reason: "依法办理".into() });
        for next in [Act::Suspend, Act::Resume, Act::End(Ending::Cancelled)] {
            assert_eq!(refused(act(&license, next, None).await), "license.act_not_allowed");
        }
        let history = read_license::history(&world.service, &world.department, &license.id).await;
        let history: Vec<_> = history.expect("a history").into_iter().map(|event| event.what).collect();
        assert_eq!(history, ["issued", "suspended", "resumed", ending.name()]);
    }
}

#[tokio::test]
async fn an_act_needs_its_reason_and_its_department() {
    let (world, seal) = World::new().await;
    let license = world.permit("key", &seal).await.license;
    let request = |reason: &str| Request {
        license: license.id.clone(),
        act: Act::Suspend,
        reason: reason.into(),
        revision: None,
    };
    let run = async |caller: &Credential, reason| {
        refused(change_license_state::run(&world.service, caller, request(reason)).await)
    };
    assert_eq!(run(&world.department, "").await, "request.invalid");
    let stranger = Credential { department: Some("11100000MB0143028R".into()), ..world.department.clone() };
    assert_eq!(run(&stranger, "依法办理").await, "license.unknown");
    let holder = world.holder(&license.holder.code).await;
    assert_eq!(run(&holder, "依法办理").await, "permit.role");
    let lines = world.audit(license.id.as_str()).await;
    assert!(lines.contains(&("license.suspend".into(), "license.unknown".into())), "{lines:?}");
    assert_eq!(run(&world.department, "依法办理").await, "(not refused)");
}

#[tokio::test]
async fn lists_hold_one_s_own_and_go_on_where_they_ended() {
    let (world, seal) = World::new().await;
    for key in ["a", "b", "c"] {
        world.permit(key, &seal).await;
    }
    let all: Vec<_> = world.licenses().await.into_iter().map(|license| license.id).collect();
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let request = list_licenses::Request { after, limit: Some(2), ..Default::default() };
        let slice = list_licenses::run(&world.service, &world.department, request).await.expect("a slice");
        seen.extend(slice.licenses.into_iter().map(|license| license.id));
        match slice.next {
            Some(next) => after = list_licenses::Cursor::parse(&next.to_text()),
            None => break,
        }
    }
    assert_eq!(seen.len(), 3);
    assert_eq!(seen, all);
    let other = world.holder("91990102MA7YQX032J").await;
    let list = list_licenses::run(&world.service, &other, Default::default()).await.expect("a list");
    assert!(list.licenses.is_empty());
    let asked = list_licenses::Request { holder: Some("91990102MA7YQX031L".into()), ..Default::default() };
    let list = list_licenses::run(&world.service, &other, asked).await.expect("a list");
    assert!(list.licenses.is_empty(), "a holder sees only its own");
    let clerk = world.clerk().await;
    assert_eq!(refused(list_licenses::run(&world.service, &clerk, Default::default()).await), "permit.role");
}
