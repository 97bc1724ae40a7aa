//! Pages for people. Each screen is a file with its template beside it.

use super::assets;
use super::problem::Problem;
use super::route::Route;
use crate::texts::Language;
use axum::response::Response;

/// Every page.
pub fn routes() -> Vec<Route> {
    vec![Route::get("/assets/{file}", assets::get).public()]
}

/// The page that says no; `None` where there is none and the problem goes out as JSON.
pub fn problem(_problem: &Problem, _language: Language) -> Option<Response> {
    None
}
