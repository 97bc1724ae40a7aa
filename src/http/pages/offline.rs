//! The wallet without a network: the page that shows kept codes, and the worker that keeps the page. Neither holds
//! anything of anybody, so both are public.

use super::chrome::Chrome;
use super::page;
use super::show::presets;
use crate::http::State;
use crate::http::assets;
use crate::http::problem::Problem;
use askama::Template;
use axum::extract::State as From;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

const WORKER: &str = include_str!("assets/worker.js");

/// What the page needs besides itself: name and suffix.
const FILES: [(&str, &str); 7] = [
    ("page", "css"),
    ("page", "js"),
    ("kept", "js"),
    ("device", "js"),
    ("qrcode", "js"),
    ("phone", "js"),
    ("mark", "svg"),
];

fn addresses() -> [String; 7] {
    FILES.map(|(name, suffix)| assets::address(&format!("{name}.{suffix}")).to_owned())
}

#[derive(Template)]
#[template(path = "pages/offline.html")]
pub(super) struct Offline {
    pub(super) c: Chrome,
    /// Purposes to choose from.
    pub(super) presets: Vec<String>,
}

/// `GET /wallet/offline`
pub(super) async fn get(From(state): From<State>, c: Chrome) -> Result<Response, Problem> {
    let presets = presets(&c, &state.purposes).into_iter().map(|preset| preset.title).collect();
    // It is kept for whoever comes without a network; who was signed in when it was kept is no matter of the page.
    page(StatusCode::OK, &Offline { presets, c: Chrome { signed_in: None, ..c } })
}

/// `GET /wallet/worker.js`
pub(super) async fn worker() -> Response {
    let addresses = addresses();
    let files = addresses.each_ref().map(|address| format!("{address:?}")).join(", ");
    // Addresses change with what they hold, so the name of the cache does too.
    let mark: String =
        addresses.iter().filter_map(|address| address.split('.').nth(1)).map(|mark| &mark[..4]).collect();
    let text = WORKER.replace("/*files*/", &files).replace("/*mark*/", &mark);
    let headers = [
        (CONTENT_TYPE.as_str(), "text/javascript; charset=utf-8"),
        (CACHE_CONTROL.as_str(), "no-cache"),
        ("service-worker-allowed", "/wallet"),
    ];
    (headers, text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_worker_names_every_file_by_its_present_address() {
        let response = worker().await;
        assert_eq!(response.headers()["service-worker-allowed"], "/wallet");
        let body = axum::body::to_bytes(response.into_body(), 100_000).await.expect("a body");
        let text = String::from_utf8(body.to_vec()).expect("a text");
        for address in addresses() {
            assert!(address.starts_with("/assets/") && text.contains(&address), "{address}");
        }
        assert!(!text.contains("/*"), "{text}");
    }
}
