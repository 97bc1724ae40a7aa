//! The first page, and the switches for language and type size.

use super::chrome::{Chrome, SIZE_COOKIE, Size};
use super::{go_to, page};
use crate::http::problem::Problem;
use crate::http::{State, cookies, language};
use crate::texts::Language;
use askama::Template;
use axum::extract::{Query, State as From};
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::Response;
use serde::Deserialize;
use std::time::Duration;

const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

#[derive(Template)]
#[template(path = "pages/home.html")]
pub(super) struct Home {
    pub(super) c: Chrome,
}

/// `GET /`
pub(super) async fn get(c: Chrome) -> Result<Response, Problem> {
    page(StatusCode::OK, &Home { c })
}

/// What a switch asks for.
#[derive(Deserialize)]
pub(super) struct Preferences {
    #[serde(default)]
    lang: String,
    #[serde(default)]
    size: String,
    #[serde(default)]
    back: String,
}

/// `GET /preferences`: remembers a switch and goes back to where it was used.
pub(super) async fn preferences(From(state): From<State>, Query(asked): Query<Preferences>) -> Response {
    let mut response = go_to(&local(&asked.back));
    let language = Language::of_tag(&asked.lang).map(|found| (language::COOKIE, found.name()));
    let size = Size::of_name(&asked.size).map(|size| (SIZE_COOKIE, size.name()));
    let secure = super::sign_in::is_secure(&state);
    for (name, value) in language.into_iter().chain(size) {
        if let Some(cookie) = cookies::set(name, value, YEAR, secure) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }
    response
}

/// The address if it is a path on this site, else the first page. A language in it would outlast the switch.
pub(super) fn local(address: &str) -> String {
    let plain = address.len() <= 500
        && address.starts_with('/')
        && !address.starts_with("//")
        && address.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if !plain {
        return "/".to_owned();
    }
    let Some((path, query)) = address.split_once('?') else {
        return address.to_owned();
    };
    let kept: Vec<&str> = query.split('&').filter(|pair| !pair.starts_with("lang=")).collect();
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn a_switch_leads_back_but_never_away() {
        assert_eq!(local("/c/1.2?k=AB&lang=en"), "/c/1.2?k=AB");
        assert_eq!(local("/desk?lang=en"), "/desk");
        for away in ["//evil.example", "https://evil.example", "/\\evil.example", "", "/a\r\nb"] {
            assert_eq!(local(away), "/", "{away}");
        }
    }
}
