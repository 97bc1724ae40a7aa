//! Offline codes: `/s/{list}`, `/v1/verifier-bundle…`

mod bundle;
mod status_lists;

use crate::app::offline::Form;
use crate::http::route::Route;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};

const TAG: &str = "offline codes";
/// Media types of lists.
const LISTS: &[&str] = &[Form::Jwt.media_type(), Form::Cwt.media_type()];
/// Media type of the bundle.
const BUNDLE: &str = "application/yinzheng-bundle+jwt";

/// Routes about offline codes. What is public here is the same for everybody, so that anybody may keep a copy.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/s/{list}", status_lists::get)
            .api(TAG, "A status list (draft-ietf-oauth-status-list): as JWT, or as CWT where that is accepted")
            .public()
            .gives_bytes(LISTS)
            .refuses(&[404]),
        Route::get("/v1/verifier-bundle", bundle::get)
            .api(TAG, "What a verifier without a network carries: keys, status lists and texts, signed (compact JWS)")
            .public()
            .gives_bytes(&[BUNDLE]),
        Route::get("/v1/verifier-bundle/key", bundle::key)
            .api(TAG, "The key that signs the bundle and the status lists")
            .public()
            .gives::<bundle::PublisherKeyView>(200),
    ]
}

/// A file that anybody may keep and pages of other sites may read.
fn file(
    headers: &HeaderMap,
    mark: String,
    media_type: &'static str,
    seconds: u32,
    bytes: Vec<u8>,
) -> Response {
    let marks = [
        (ETAG, mark.clone()),
        (CACHE_CONTROL, format!("public, max-age={seconds}")),
        (VARY, "accept".to_owned()),
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*".to_owned()),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin".to_owned()),
    ];
    let asked = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if asked.split(',').any(|known| known.trim().trim_start_matches("W/") == mark) {
        return (StatusCode::NOT_MODIFIED, marks).into_response();
    }
    (marks, [(CONTENT_TYPE, media_type)], bytes).into_response()
}
