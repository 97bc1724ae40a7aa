//! Who may call what: every route, called in every role and by nobody, against a reviewed matrix.

#[path = "support/service.rs"]
mod service;

use axum::body::Body;
use axum::http::Request;
use service::TestService;
use std::fmt::Write;
use std::path::Path;
use yinzheng::domain::party::Role;
use yinzheng::http::router::table;

/// Refusals of the access check itself; everything else was said by the handler behind it.
const CLOSED: [&str; 3] = ["caller.unknown", "caller.wrong_role", "caller.credential_expired"];

#[tokio::test]
async fn every_route_admits_exactly_the_roles_of_the_matrix() {
    let test = TestService::start().await;
    let mut callers = vec![("nobody", None)];
    for role in Role::ALL {
        callers.push((role.name(), Some(test.token(role).await)));
    }
    let mut found = String::from("# Who may call what. + may, . may not. Checked by tests/access.rs.\n#");
    for (name, _) in &callers {
        write!(found, " {name}").expect("memory");
    }
    found.push('\n');
    let mut routes = table();
    routes.sort_by_key(|route| (route.path, route.method.to_string()));
    for route in routes {
        for (name, token) in &callers {
            // A method that changes something is sent without a body that could: the check comes first.
            let path = route.path.replace(['{', '}'], "");
            let mut request = Request::builder().method(route.method.clone()).uri(path);
            if let Some(token) = token {
                request = request.header("authorization", format!("Bearer {token}"));
            }
            let answer = test.send(request.body(Body::empty()).expect("a request")).await;
            assert!(!answer.status.is_server_error(), "{} {} as {name}", route.method, route.path);
            let open = !CLOSED.contains(&answer.code().as_str()) && answer.status.as_u16() != 401;
            found.push(if open { '+' } else { '.' });
        }
        writeln!(found, " {:6} {}", route.method.as_str(), route.path).expect("memory");
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/access_matrix.txt");
    let reviewed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == reviewed,
        "the access matrix has changed; review it, then write this to tests/access_matrix.txt:\n{found}"
    );
}

#[tokio::test]
async fn a_wrong_token_is_nobody() {
    let test = TestService::start().await;
    let good = test.token(Role::Auditor).await;
    let mut bad = good.clone();
    bad.replace_range(bad.len() - 1.., if good.ends_with('A') { "B" } else { "A" });
    for (token, status) in [(good, 200), (bad, 401)] {
        let request = Request::get("/v1/audit").header("authorization", format!("Bearer {token}"));
        let answer = test.send(request.body(Body::empty()).expect("a request")).await;
        assert_eq!(answer.status.as_u16(), status);
    }
}
