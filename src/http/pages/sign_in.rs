//! Signing in with a credential's token, and out.

use super::chrome::Chrome;
use super::home::local;
use super::{go_to, page};
use crate::app::sign_in;
use crate::http::caller::SESSION_COOKIE;
use crate::http::problem::Problem;
use crate::http::{State, cookies};
use askama::Template;
use axum::Form;
use axum::extract::{Query, State as From};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use std::time::Duration;

#[derive(Template)]
#[template(path = "pages/sign_in.html")]
pub(super) struct SignIn {
    pub(super) c: Chrome,
    pub(super) fault: Option<String>,
    pub(super) next: String,
}

/// Where to go afterwards.
#[derive(Deserialize)]
pub(super) struct Next {
    #[serde(default)]
    next: String,
}

/// What the form sends.
#[derive(Deserialize)]
pub(super) struct Given {
    token: String,
    #[serde(default)]
    next: String,
}

/// Whether cookies are for encrypted connections only: wherever the public address is one.
pub(super) fn is_secure(state: &State) -> bool {
    state.settings.public_url.starts_with("https:")
}

/// `GET /sign-in`
pub(super) async fn get(c: Chrome, Query(asked): Query<Next>) -> Result<Response, Problem> {
    page(StatusCode::OK, &SignIn { c, fault: None, next: asked.next })
}

/// `POST /sign-in`
pub(super) async fn post(
    From(state): From<State>,
    c: Chrome,
    Form(given): Form<Given>,
) -> Result<Response, Problem> {
    let signed_in = match sign_in::run(&state, given.token.trim()).await {
        Ok(signed_in) => signed_in,
        Err(error) if error.refusal().is_some() => {
            let fault = Some(c.t("sign_in.wrong"));
            return page(StatusCode::UNAUTHORIZED, &SignIn { c, fault, next: given.next });
        }
        Err(error) => return Err(error.into()),
    };
    let next = if given.next.is_empty() {
        Chrome::own_page(signed_in.credential.role).to_owned()
    } else {
        local(&given.next)
    };
    let mut response = go_to(&next);
    let age = signed_in.expires_at.since(state.clock.now());
    if let Some(cookie) = cookies::set(SESSION_COOKIE, &signed_in.cookie, age, is_secure(&state)) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// `POST /sign-out`
pub(super) async fn out(From(state): From<State>, headers: HeaderMap) -> Result<Response, Problem> {
    if let Some(cookie) = cookies::get(&headers, SESSION_COOKIE) {
        sign_in::out(&state, &cookie).await?;
    }
    let mut response = go_to("/");
    if let Some(cookie) = cookies::set(SESSION_COOKIE, "out", Duration::ZERO, is_secure(&state)) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}
