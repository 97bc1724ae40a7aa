//! Offline codes: `/s/{list}`, `/v1/verifier-bundle…`, `/v1/offline-codes:…`, `/v1/paper-codes…`, `/v1/devices…`

mod bundle;
mod check;
mod devices;
mod paper;
mod status_lists;

use crate::app::offline::Form;
pub use check::OfflineCheckView;

use crate::domain::party::Role;
use crate::http::route::Route;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};

const TAG: &str = "offline codes";
const HOLDER: &[Role] = &[Role::Holder];
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
        Route::post("/v1/offline-codes:check", check::check)
            .api(TAG, "Check an offline code: a verdict with its findings")
            .public()
            .takes::<check::OfflineCheckRequest>()
            .gives::<check::OfflineCheckView>(200)
            .refuses(&[429]),
        Route::post("/v1/offline-codes:use", check::used)
            .api(TAG, "The same for a counter or an institution: the holder learns of it, checks of a sheet are counted")
            .roles(&[Role::Clerk, Role::Institution])
            .takes::<check::OfflineUseRequest>()
            .gives::<check::OfflineCheckView>(200)
            .refuses(&[404]),
        Route::post("/v1/offline-codes:compared", check::compared)
            .api(TAG, "Say that the person was compared with an identity document, within ten minutes of the use")
            .roles(&[Role::Clerk, Role::Institution])
            .takes::<check::OfflineComparedRequest>()
            .refuses(&[404, 410]),
        Route::post("/v1/licenses/{id}/paper-codes", paper::make)
            .api(TAG, "Make a code on paper, with the sheet to print")
            .roles(HOLDER)
            .takes::<paper::PaperCodeRequest>()
            .gives::<paper::MadePaperCode>(201)
            .refuses(&[404, 409]),
        Route::get("/v1/paper-codes", paper::list)
            .api(TAG, "The holder's codes on paper, newest first")
            .roles(HOLDER)
            .query::<paper::PaperCodeQuery>()
            .gives::<paper::PaperCodeList>(200)
            .refuses(&[404]),
        Route::delete("/v1/paper-codes/{id}", paper::end)
            .api(TAG, "End a code on paper")
            .roles(HOLDER)
            .refuses(&[404, 409]),
        Route::post("/v1/devices:challenge", devices::challenge)
            .api(TAG, "What a phone's key signs to be enrolled")
            .roles(HOLDER)
            .gives::<devices::DeviceChallenge>(200),
        Route::post("/v1/devices", devices::enrol)
            .api(TAG, "Enrol a phone's key")
            .roles(HOLDER)
            .takes::<devices::DeviceRequest>()
            .gives::<devices::DeviceView>(201)
            .refuses(&[404, 409]),
        Route::get("/v1/devices", devices::list)
            .api(TAG, "The holder's phones, newest first")
            .roles(HOLDER)
            .gives::<devices::DeviceList>(200)
            .refuses(&[404]),
        Route::delete("/v1/devices/{id}", devices::withdraw)
            .api(TAG, "Withdraw a phone: its codes end")
            .roles(HOLDER)
            .refuses(&[404, 409]),
        Route::post("/v1/licenses/{id}/phone-codes", devices::phone_code)
            .api(TAG, "Make a code that an enrolled phone signs each time it shows it")
            .roles(HOLDER)
            .takes::<devices::PhoneCodeRequest>()
            .gives::<devices::PhoneCodeView>(201)
            .refuses(&[404, 409]),
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
