//! Who calls, in which role: the one check that stands before every handler.
//!
//! A caller proves itself by a bearer token, by the client X.509 certificate of its connection, or by the session
//! cookie of the pages. A session's changing requests must also repeat the session's secret, in the header
//! `X-CSRF-Token` or the form field `csrf`, which no other site can read; in a form with files it comes first.

use super::body::multipart::{self, MAX_MULTIPART, is_multipart};
use super::observe::{self, CalledBy};
use super::problem::{Kind, Problem};
use super::route::{Access, Door};
use super::{State, body, cookies, pages};
use crate::app::authenticate;
use crate::domain::party::Credential;
use crate::domain::time::Timestamp;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, OptionalFromRequestParts, Request};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

/// Cookie with the session of the pages.
pub const SESSION_COOKIE: &str = "session";
/// Header by which a page's script repeats the session's secret.
pub const CSRF_HEADER: &str = "x-csrf-token";
/// Form field by which a page's form repeats it.
pub const CSRF_FIELD: &str = "csrf";
/// Greatest form of a page.
const MAX_FORM: usize = 256 * 1024;

/// DER of the client X.509 certificate of this connection; put there by the TLS listener, which checked its chain.
#[derive(Clone, Debug)]
pub struct PeerX509(pub Arc<[u8]>);

/// Someone signed in to the pages.
#[derive(Clone, Debug)]
pub struct PageSession {
    /// Secret that every form repeats.
    pub csrf: String,
    /// When the session ends.
    pub expires_at: Timestamp,
}

/// Where a request comes from, to count tries by: an address, of IPv6 only the network. Put there by the listener.
#[derive(Clone, Debug)]
pub struct ClientAddress(pub String);

impl ClientAddress {
    /// From the connection's address, or behind a proxy from the last `X-Forwarded-For`, which that proxy wrote.
    pub fn find(headers: &HeaderMap, connection: IpAddr, behind_proxy: bool) -> Self {
        let forwarded = headers.get_all("x-forwarded-for").iter().next_back();
        let forwarded = forwarded.filter(|_| behind_proxy).and_then(|value| value.to_str().ok());
        let last = forwarded.and_then(|list| list.rsplit(',').next()?.trim().parse().ok());
        Self(match last.unwrap_or(connection) {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_else(|| Self("unknown".to_owned())))
    }
}

/// Who calls. Handlers take `Caller`, or `Option<Caller>` where nobody need be signed in.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The credential called with.
    pub credential: Credential,
    /// The session of the pages, if it is one.
    pub session: Option<PageSession>,
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(|| Problem::new(Kind::Unauthenticated, "caller.unknown"))
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}

/// Lets a request through to a route's handler if its caller may call it.
/// A person who is not signed in and asks for a page is led to the sign-in, and back from there.
pub async fn check(state: State, access: Access, door: Door, request: Request, next: Next) -> Response {
    let sign_in = (door == Door::Page && request.method().is_safe() && observe::wants_page(&request))
        .then(|| pages::sign_in_for(request.uri()));
    match admit(&state, access, door, request).await {
        Ok((request, by)) => {
            let mut response = next.run(request).await;
            if let Some(by) = by {
                response.extensions_mut().insert(CalledBy(by));
            }
            response
        }
        Err(problem) => match sign_in {
            Some(sign_in) if problem.kind == Kind::Unauthenticated => sign_in,
            _ => problem.into_response(),
        },
    }
}

async fn admit(
    state: &State,
    access: Access,
    door: Door,
    mut request: Request,
) -> Result<(Request, Option<String>), Problem> {
    if door == Door::Page && !request.method().is_safe() && is_cross_site(request.headers()) {
        return Err(Problem::new(Kind::Forbidden, "caller.other_site"));
    }
    let caller = match access {
        // What an open route of the API answers does not depend on who asks.
        Access::Public if door == Door::Api => None,
        // A page that anyone may see greets who is signed in, and does not mind who is not.
        Access::Public => by_session(state, request.headers()).await.ok().flatten(),
        Access::Roles(_) => {
            let peer = request.extensions().get::<PeerX509>().cloned();
            identify(state, request.headers(), peer).await?
        }
    };
    if access != Access::Public && caller.is_none() {
        return Err(Problem::new(Kind::Unauthenticated, "caller.unknown"));
    }
    if !access.allows(caller.as_ref().map(|caller| caller.credential.role)) {
        return Err(Problem::new(Kind::Forbidden, "caller.wrong_role"));
    }
    let by = caller.as_ref().map(|caller| caller.credential.id.clone());
    if let Some(caller) = caller {
        if let Some(session) = &caller.session
            && !request.method().is_safe()
        {
            request = repeats_secret(session, request).await?;
        }
        request.extensions_mut().insert(caller);
    }
    Ok((request, by))
}

async fn identify(
    state: &State,
    headers: &HeaderMap,
    peer: Option<PeerX509>,
) -> Result<Option<Caller>, Problem> {
    if let Some(header) = headers.get(AUTHORIZATION) {
        let token = header.to_str().ok().and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
        });
        let token = token.ok_or_else(|| Problem::new(Kind::Unauthenticated, "caller.unknown"))?;
        let credential = authenticate::by_token(state, token).await?;
        return Ok(Some(Caller { credential, session: None }));
    }
    if let Some(PeerX509(der)) = peer {
        let credential = authenticate::by_client_x509(state, &der).await?;
        return Ok(Some(Caller { credential, session: None }));
    }
    by_session(state, headers).await
}

async fn by_session(state: &State, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
    let Some(cookie) = cookies::get(headers, SESSION_COOKIE) else {
        return Ok(None);
    };
    let (credential, session) = authenticate::by_session(state, &cookie).await?;
    let session = PageSession { csrf: session.csrf, expires_at: session.expires_at };
    Ok(Some(Caller { credential, session: Some(session) }))
}

/// Whether the browser says that another site's page sent this.
fn is_cross_site(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| !matches!(site.as_bytes(), b"same-origin" | b"none"))
}

async fn repeats_secret(session: &PageSession, request: Request) -> Result<Request, Problem> {
    let matches = |given: &[u8]| bool::from(subtle::ConstantTimeEq::ct_eq(given, session.csrf.as_bytes()));
    let refusal = || Problem::new(Kind::Forbidden, "caller.csrf");
    if let Some(given) = request.headers().get(CSRF_HEADER) {
        return if matches(given.as_bytes()) { Ok(request) } else { Err(refusal()) };
    }
    if request.method() == Method::POST && is_multipart(request.headers()) {
        let (parts, content) = request.into_parts();
        let bytes = body::read(&parts.headers, content, MAX_MULTIPART).await?;
        let found = first_field(&parts.headers, bytes.clone()).await?.is_some_and(|value| matches(&value));
        return if found { Ok(Request::from_parts(parts, Body::from(bytes))) } else { Err(refusal()) };
    }
    let is_form = request.method() == Method::POST
        && request
            .headers()
            .get(CONTENT_TYPE)
            .is_some_and(|value| value.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
    if !is_form {
        return Err(refusal());
    }
    let (parts, content) = request.into_parts();
    let bytes = body::read(&parts.headers, content, MAX_FORM).await?;
    let found = url::form_urlencoded::parse(&bytes)
        .any(|(name, value)| name == CSRF_FIELD && matches(value.as_bytes()));
    if found { Ok(Request::from_parts(parts, Body::from(bytes))) } else { Err(refusal()) }
}

/// The session's secret in a form with files, if it is the first field: what comes before it would have to be read first.
async fn first_field(headers: &HeaderMap, bytes: Bytes) -> Result<Option<Bytes>, Problem> {
    let mut form = multipart::parts(headers, bytes).await?;
    match form.next_field().await.map_err(|_| multipart::unreadable())? {
        Some(field) if field.name() == Some(CSRF_FIELD) => {
            field.bytes().await.map(Some).map_err(|_| multipart::unreadable())
        }
        _ => Ok(None),
    }
}
