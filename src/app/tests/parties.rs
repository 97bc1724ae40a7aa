use super::*;
use crate::app::add_credential::Secret;

#[tokio::test]
async fn a_token_opens_until_it_expires_or_is_withdrawn() {
    let world = World::bare().await;
    let service = &world.service;
    let added =
        add_credential::run(service, &world.operator, blank(Role::Auditor, "审计")).await.expect("one");
    let token = added.token.expect("a token");
    let found = authenticate::by_token(service, &token).await.expect("known");
    assert!(found == added.credential);
    let mut other = token.clone();
    other.pop();
    assert_eq!(refused(authenticate::by_token(service, &other).await), "caller.unknown");
    assert_eq!(refused(authenticate::by_token(service, &"x".repeat(10_000)).await), "caller.unknown");
    add_credential::withdraw(service, &world.operator, &found.id).await.expect("withdrawn");
    assert_eq!(refused(authenticate::by_token(service, &token).await), "caller.credential_expired");
    let twice = add_credential::withdraw(service, &world.operator, &found.id).await;
    assert_eq!(refused(twice), "credential.unknown");

    let short =
        add_credential::run(service, &world.operator, blank(Role::Auditor, "审计")).await.expect("one");
    world.clock.forward(Duration::from_secs(30 * 86_400));
    let expired = authenticate::by_token(service, &short.token.expect("a token")).await;
    assert_eq!(refused(expired), "caller.credential_expired");
}

#[tokio::test]
async fn a_session_lives_as_long_as_its_cookie_and_its_credential() {
    let world = World::bare().await;
    let service = &world.service;
    let added = add_credential::run(service, &world.operator, blank(Role::Clerk, "窗口")).await.expect("one");
    let token = added.token.expect("a token");
    assert_eq!(refused(sign_in::run(service, "nobody").await), "caller.unknown");
    let first = sign_in::run(service, &token).await.expect("signed in");
    let (credential, session) = authenticate::by_session(service, &first.cookie).await.expect("signed in");
    assert!(credential == added.credential);
    assert_eq!(session.csrf, first.csrf);
    sign_in::out(service, &first.cookie).await.expect("signed out");
    assert_eq!(refused(authenticate::by_session(service, &first.cookie).await), "caller.unknown");
    let second = sign_in::run(service, &token).await.expect("signed in");
    world.clock.forward(Duration::from_secs(10 * 3600));
    assert_eq!(refused(authenticate::by_session(service, &second.cookie).await), "caller.unknown");
}

#[tokio::test]
async fn a_client_x509_certificate_is_a_credential_once_registered() {
    let world = World::bare().await;
    let der = world.service.authorities.p256.tls.x509.clone();
    assert_eq!(refused(authenticate::by_client_x509(&world.service, &der).await), "caller.unknown");
    let request = || add_credential::Request {
        department: Some(bureau()),
        secret: Secret::ClientX509(der.clone()),
        ..blank(Role::Department, "业务系统")
    };
    let added = add_credential::run(&world.service, &world.operator, request()).await.expect("one");
    assert!(added.token.is_none());
    let found = authenticate::by_client_x509(&world.service, &der).await.expect("known");
    assert!(found == added.credential);
    let twice = add_credential::run(&world.service, &world.operator, request()).await;
    assert_eq!(refused(twice), "request.invalid");
}

#[tokio::test]
async fn only_operators_give_credentials_and_only_fitting_ones() {
    let world = World::bare().await;
    let service = &world.service;
    let outcome = add_credential::run(service, &world.department, blank(Role::Operator, "运维")).await;
    assert_eq!(refused(outcome), "permit.role");
    assert!(add_credential::first_operator(service, "二").await.expect("no failure").is_none());
    let faults = async |request| match add_credential::run(service, &world.operator, request).await {
        Err(AppError::Refused(refusal)) => {
            refusal.faults.into_iter().map(|fault| fault.pointer).collect::<Vec<_>>()
        }
        _ => Vec::new(),
    };
    assert_eq!(faults(blank(Role::Department, "系统")).await, ["/department"]);
    assert_eq!(faults(blank(Role::Holder, "人")).await, ["/holder"]);
    assert_eq!(
        faults(add_credential::Request { days: 0, ..blank(Role::Clerk, "") }).await,
        ["/label", "/days"]
    );
    let kinds = Scope::Only(vec!["no-such-kind".into()]);
    assert_eq!(faults(add_credential::Request { kinds, ..blank(Role::Clerk, "窗口") }).await, ["/kinds"]);
    let department = Some("11100000MB0143028R".into());
    let nowhere = add_credential::Request { department, ..blank(Role::Department, "系统") };
    assert_eq!(faults(nowhere).await, ["/department"]);
}

#[tokio::test]
async fn the_audit_trail_is_read_by_auditors_and_says_so() {
    let world = World::bare().await;
    let request = read_audit::Request::default();
    let outcome = read_audit::run(&world.service, &world.operator, request.clone()).await;
    assert_eq!(refused(outcome), "permit.role");
    let auditor = add_credential::run(&world.service, &world.operator, blank(Role::Auditor, "审计"));
    let auditor = auditor.await.expect("one").credential;
    let lines = read_audit::run(&world.service, &auditor, request).await.expect("lines");
    assert!(lines.iter().any(|line| line.action == "department.put"));
    assert!(world.audit("audit").await.contains(&("audit.read".into(), "ok".into())));
}
