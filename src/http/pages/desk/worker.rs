//! What the browser keeps so that the desk opens without a network: the page, naming nobody, and the script that
//! answers in the service's place.

use super::Desk;
use crate::http::assets;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::page;
use crate::http::problem::Problem;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

/// `GET /desk/shell`: the desk of nobody in particular. Public, since it holds words only.
pub async fn shell(c: Chrome) -> Result<Response, Problem> {
    let c = Chrome { signed_in: None, address: "/desk".into(), ..c };
    let matter = c.t("desk.matter_default");
    page(StatusCode::OK, &Desk { shell: true, ..Desk::new(c, None, matter) })
}

/// `GET /desk/worker.js`: asked for at each visit, so that a browser learns of a new one at once.
pub async fn worker() -> Response {
    let headers = [
        (CONTENT_TYPE.as_str(), "text/javascript; charset=utf-8"),
        (CACHE_CONTROL.as_str(), "no-cache"),
        // It lies below the page that it serves.
        ("service-worker-allowed", "/desk"),
    ];
    (headers, assets::bytes("desk-worker.js")).into_response()
}
