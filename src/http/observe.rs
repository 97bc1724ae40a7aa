//! What happens to every request and answer: an identifier, a time limit, a caught panic, wording of problems,
//! one line in the access log. That line names the route's pattern, never the address called: addresses hold
//! identifiers, and queries hold worse.

use super::problem::{Kind, Problem};
use super::{State, language, pages};
use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

/// Header with the identifier of a request.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Identifier of the request at hand.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Who called, for the access log; put into the answer by the access check.
#[derive(Clone, Debug)]
pub struct CalledBy(pub String);

/// Gives the request an identifier: the one it brings from a proxy if that is plain, else a fresh one.
/// Writes the access log.
pub async fn log(
    axum::extract::State(state): axum::extract::State<State>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = brought(request.headers()).unwrap_or_else(|| fresh(&state));
    request.extensions_mut().insert(RequestId(id.clone()));
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let began = state.clock.now();
    let mut response = next.run(request).await;
    let millis = state.clock.now().since(began).as_millis() as u64;
    let by = response.extensions().get::<CalledBy>().map_or("-", |by| by.0.as_str());
    let problem = response.extensions().get::<Arc<Problem>>().map_or("-", |p| p.refusal.code);
    let (status, route) = (response.status().as_u16(), route.as_deref().unwrap_or("-"));
    tracing::info!(target: "access", %id, %method, route, status, problem, by, millis);
    if let Ok(value) = HeaderValue::try_from(id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

fn brought(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    ((8..=64).contains(&id.len()) && id.bytes().all(plain)).then(|| id.to_owned())
}

fn fresh(state: &State) -> String {
    hex::encode(state.random.bytes::<12>())
}

/// Words the problem in an answer, in the language and form of the request.
pub async fn word(request: Request, next: Next) -> Response {
    let language = language::of(request.headers());
    let wants_page = wants_page(&request);
    let response = next.run(request).await;
    let problem = response.extensions().get::<Arc<Problem>>().cloned();
    let Some(problem) = problem.or_else(|| unworded(&response).map(Arc::new)) else {
        return response;
    };
    let mut worded = if wants_page {
        pages::problem(&problem, language).unwrap_or_else(|| problem.respond(language, &response))
    } else {
        problem.respond(language, &response)
    };
    worded.extensions_mut().extend(response.into_parts().0.extensions);
    worded.extensions_mut().insert(problem);
    worded
}

/// The problem in a refusal that the framework wrote in its own words: an address, a query or a form that it could
/// not take apart before any handler of ours ran.
fn unworded(response: &Response) -> Option<Problem> {
    let text = response.headers().get(CONTENT_TYPE)?.as_bytes().starts_with(b"text/plain");
    if !text {
        return None;
    }
    match response.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Some(Problem::new(Kind::TooLarge, "request.too_long")),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            let form = "application/x-www-form-urlencoded";
            Some(Problem::new(Kind::MediaType, "request.media_type").with("expected", form))
        }
        status if status.is_client_error() => Some(Problem::new(Kind::Malformed, "request.unreadable")),
        status if status.is_server_error() => Some(Problem::new(Kind::Internal, "internal.error")),
        _ => None,
    }
}

/// Whether a person's browser asks for a page, outside the API.
pub fn wants_page(request: &Request) -> bool {
    let path = request.uri().path();
    let accept = request.headers().get(ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    !path.starts_with("/v1/") && accept.contains("text/html")
}

/// Gives up on a request after `limit`. Changes under way finish on their own: see [`super::detach`].
pub async fn limit_time(limit: Duration, request: Request, next: Next) -> Response {
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(Kind::Unavailable, "request.timeout").into_response(),
    }
}

/// The answer in place of a panic. What panicked is logged without its message, which may hold what was sent.
pub fn panicked(_: Box<dyn Any + Send + 'static>) -> axum::http::Response<Body> {
    tracing::error!("a handler panicked");
    Problem::new(Kind::Internal, "internal.error").into_response()
}

/// Headers on every answer.
pub async fn secure(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in SECURITY {
        headers.entry(*name).or_insert(HeaderValue::from_static(value));
    }
    if headers.contains_key(CONTENT_TYPE) {
        headers.entry("cache-control").or_insert(HeaderValue::from_static("no-store"));
    }
    response
}

/// The camera is for the clerk's desk; `blob:` is the picture taken there.
const SECURITY: &[(&str, &str)] = &[
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
         connect-src 'self'; media-src 'self' blob:; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("permissions-policy", "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("strict-transport-security", "max-age=31536000"),
];
