use super::*;
use crate::app::redeem_show_code::Shown;
use crate::app::show_license::Drawn;
use crate::domain::license::Ending;

const FIELDS: [&str; 2] = ["operator", "credit_code"];

struct Counter {
    world: World,
    license: License,
    holder: Credential,
    clerk: Credential,
}

impl Counter {
    async fn new() -> Self {
        let (world, seal) = World::new().await;
        let license = world.permit("key", &seal).await.license;
        let holder = world.holder(&license.holder.code).await;
        let clerk = world.clerk().await;
        Self { world, license, holder, clerk }
    }

    fn chosen(&self) -> show_license::Chosen {
        let fields = FIELDS.iter().rev().map(|name| (*name).to_owned()).collect();
        show_license::Chosen { license: self.license.id.clone(), fields }
    }

    fn request(&self) -> show_license::Request {
        show_license::Request {
            chosen: vec![self.chosen()],
            purpose: "办理贷款".into(),
            reason: None,
            seconds: None,
        }
    }

    async fn draw(&self) -> Drawn {
        show_license::run(&self.world.service, &self.holder, self.request()).await.expect("a code")
    }

    async fn redeem(&self, code: &str) -> Result<Shown, AppError> {
        let request = redeem_show_code::Request { code: code.into(), matter: "核验经营资格".into() };
        redeem_show_code::run(&self.world.service, &self.clerk, request).await
    }
}

#[tokio::test]
async fn a_code_shows_exactly_the_chosen_fields_once_and_the_holder_sees_who_looked() {
    let counter = Counter::new().await;
    let drawn = counter.draw().await;
    let shown = counter.redeem(&drawn.code.grouped()).await.expect("a showing");
    let only = &shown.licenses[0];
    let names: Vec<_> = only.fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, FIELDS);
    assert_eq!(only.fields[0].value.as_ref(), counter.license.data.get("operator"));
    assert_eq!(only.license, counter.license.id);
    assert_eq!(only.issuer_name, "景川市市场监督管理局");

    let again = match counter.redeem(drawn.code.digits()).await {
        Err(AppError::Refused(refusal)) => refusal,
        _ => panic!("redeemed twice"),
    };
    assert_eq!(again.code, "show_code.used");
    assert!(again.args.contains(&("place", "clerk".into())));
    assert!(again.args.contains(&("at", shown.redeemed_at.to_string())));
    assert!(again.args.iter().all(|(_, value)| !value.contains("窗口")));

    let list = show_license::list(&counter.world.service, &counter.holder, None, None).await.expect("a list");
    assert_eq!(list.len(), 1);
    let redeemed = list[0].redeemed.as_ref().expect("somebody looked");
    assert_eq!((redeemed.label.as_str(), redeemed.matter.as_str()), ("3号窗口", "核验经营资格"));
    let lines = counter.world.audit(counter.license.id.as_str()).await;
    assert!(lines.contains(&("show_code.redeem".into(), "ok".into())));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_redeem_at_one_time_one_sees() {
    let counter = Arc::new(Counter::new().await);
    let code = counter.draw().await.code;
    let calls: Vec<_> = (0..16)
        .map(|_| {
            let (counter, code) = (counter.clone(), code.clone());
            tokio::spawn(async move { refused(counter.redeem(code.digits()).await) })
        })
        .collect();
    let mut seen = 0;
    for call in calls {
        match call.await.expect("no panic") {
            "(not refused)" => seen += 1,
            code => assert_eq!(code, "show_code.used"),
        }
    }
    assert_eq!(seen, 1);
}

#[tokio::test]
async fn a_code_lives_its_time_and_ten_seconds() {
    let counter = Counter::new().await;
    let (first, second) = (counter.draw().await, counter.draw().await);
    counter.world.clock.forward(Duration::from_secs(69));
    assert!(counter.redeem(first.code.digits()).await.is_ok());
    counter.world.clock.forward(Duration::from_secs(2));
    assert_eq!(refused(counter.redeem(second.code.digits()).await), "show_code.expired");
    // Used outweighs expired: the holder's counter is told that somebody was first.
    assert_eq!(refused(counter.redeem(first.code.digits()).await), "show_code.used");
}

#[tokio::test]
async fn a_withdrawn_code_opens_nothing() {
    let counter = Counter::new().await;
    let drawn = counter.draw().await;
    let service = &counter.world.service;
    let other = counter.world.holder("91990102MA7YQX032J").await;
    assert_eq!(refused(show_license::withdraw(service, &other, &drawn.id).await), "showing.unknown");
    show_license::withdraw(service, &counter.holder, &drawn.id).await.expect("withdrawn");
    assert_eq!(refused(counter.redeem(drawn.code.digits()).await), "show_code.withdrawn");
    let twice = show_license::withdraw(service, &counter.holder, &drawn.id).await;
    assert_eq!(refused(twice), "show_code.withdrawn");
}

#[tokio::test]
async fn taking_back_a_rolled_code_takes_back_the_one_before() {
    let counter = Counter::new().await;
    let service = &counter.world.service;
    let (used, before, now) = (counter.draw().await, counter.draw().await, counter.draw().await);
    let other = counter.world.holder("91990102MA7YQX032J").await;
    let foreign = show_license::withdraw_rolled(service, &other, &now.id).await;
    assert_eq!(refused(foreign), "showing.unknown");
    assert!(counter.redeem(used.code.digits()).await.is_ok());
    assert!(!show_license::withdraw_rolled(service, &counter.holder, &now.id).await.expect("withdrawn"));
    for drawn in [&before, &now] {
        assert_eq!(refused(counter.redeem(drawn.code.digits()).await), "show_code.withdrawn");
    }
    // Too late for the one on the screen: the other is taken back all the same.
    let (before, now) = (counter.draw().await, counter.draw().await);
    assert!(counter.redeem(now.code.digits()).await.is_ok());
    assert!(show_license::withdraw_rolled(service, &counter.holder, &now.id).await.expect("withdrawn"));
    assert_eq!(refused(counter.redeem(before.code.digits()).await), "show_code.withdrawn");
}

#[tokio::test]
async fn forged_unknown_and_foreign_codes_say_which() {
    let counter = Counter::new().await;
    let drawn = counter.draw().await;
    let mut forged = drawn.code.digits().to_owned();
    let last = if forged.ends_with('9') { "0" } else { "9" };
    forged.replace_range(26.., last);
    assert_eq!(refused(counter.redeem(&forged).await), "show_code.forged");
    assert_eq!(refused(counter.redeem("6222021234567890123").await), "show_code.not_a_code");
    let unknown = crate::domain::show_code::ShowCode::from_random("00000000000000000000000").expect("a code");
    assert_eq!(refused(counter.redeem(unknown.digits()).await), "show_code.unknown");
    // Who guesses is stopped, also when a guess would be right.
    for _ in 1..20 {
        assert_eq!(refused(counter.redeem(unknown.digits()).await), "show_code.unknown");
    }
    assert_eq!(refused(counter.redeem(drawn.code.digits()).await), "caller.too_many_tries");
    counter.world.clock.forward(Duration::from_secs(60));
    assert!(counter.redeem(drawn.code.digits()).await.is_ok());
}

#[tokio::test]
async fn an_ended_license_is_not_shown() {
    let counter = Counter::new().await;
    let drawn = counter.draw().await;
    let request = change_license_state::Request {
        license: counter.license.id.clone(),
        act: change_license_state::Act::End(Ending::Revoked),
        reason: "违法经营".into(),
        revision: None,
    };
    change_license_state::run(&counter.world.service, &counter.world.department, request)
        .await
        .expect("ended");
    let refusal = match counter.redeem(drawn.code.digits()).await {
        Err(AppError::Refused(refusal)) => refusal,
        _ => panic!("shown"),
    };
    assert_eq!(refusal.code, "show_code.license_not_in_force");
    assert_eq!(refusal.args, [("standing", "revoked".to_owned())]);
    let outcome = show_license::run(&counter.world.service, &counter.holder, counter.request()).await;
    assert_eq!(refused(outcome), "license.not_in_force");
}

#[tokio::test]
async fn only_the_holder_shows_and_only_what_there_is() {
    let counter = Counter::new().await;
    let service = &counter.world.service;
    let other = counter.world.holder("91990102MA7YQX032J").await;
    let outcome = show_license::run(service, &other, counter.request()).await;
    assert_eq!(refused(outcome), "license.unknown");
    let outcome = show_license::run(service, &counter.world.department, counter.request()).await;
    assert_eq!(refused(outcome), "permit.role");
    let drawn = counter.draw().await;
    let request = redeem_show_code::Request { code: drawn.code.digits().into(), matter: "看看".into() };
    assert_eq!(refused(redeem_show_code::run(service, &counter.holder, request).await), "permit.role");
    let chosen = |chosen| show_license::Request { chosen, ..counter.request() };
    let fields = |fields| chosen(vec![show_license::Chosen { fields, ..counter.chosen() }]);
    for (change, pointer) in [
        (fields(vec!["colour".into()]), "/licenses/0/fields/0"),
        (fields(Vec::new()), "/licenses/0/fields"),
        (chosen(Vec::new()), "/licenses"),
        (chosen((0..11).map(|_| counter.chosen()).collect()), "/licenses"),
        (chosen(vec![counter.chosen(), counter.chosen()]), "/licenses/1/license"),
        (show_license::Request { reason: Some(" ".into()), ..counter.request() }, "/reason"),
        (show_license::Request { seconds: Some(9), ..counter.request() }, "/seconds"),
        (show_license::Request { seconds: Some(601), ..counter.request() }, "/seconds"),
        (show_license::Request { purpose: " ".into(), ..counter.request() }, "/purpose"),
        (show_license::Request { purpose: "长".repeat(61), ..counter.request() }, "/purpose"),
    ] {
        match show_license::run(service, &counter.holder, change).await {
            Err(AppError::Refused(refusal)) => assert_eq!(refusal.faults[0].pointer, pointer),
            _ => panic!("{pointer} is not refused"),
        }
    }
    for seconds in [10, 600] {
        let request = show_license::Request { seconds: Some(seconds), ..counter.request() };
        assert!(show_license::run(service, &counter.holder, request).await.is_ok());
    }
}

#[tokio::test]
async fn a_code_has_its_pictures() {
    let counter = Counter::new().await;
    let code = counter.draw().await.code;
    let pictures = show_code_pictures::run(&code).expect("pictures");
    // Version 1 of QR has 21 modules on a side: the coarsest there is, read from afar and from scratched screens.
    let side = |digits: &str| crate::formats::code::Qr::encode(digits.as_bytes()).expect("a code").side();
    assert_eq!((side(code.digits()), side(&code.digits().repeat(2))), (21, 25));
    assert!(pictures.qr_svg.contains("viewBox=\"0 0 29 29\""), "{}", pictures.qr_svg);
    assert!(pictures.qr_svg.starts_with("<svg"));
    assert!(pictures.bars_svg.starts_with("<svg"));
    assert_eq!(pictures.qr_png.get(1..4), Some(&b"PNG"[..]));
}
