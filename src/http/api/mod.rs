//! The API for programs: `/v1/…`, the timestamping authority, the PKI's files, health.

mod audit;
mod businesses;
mod common;
mod credentials;
mod departments;
mod deputies;
mod disputes;
pub mod envelopes;
pub mod grants;
mod health;
mod kinds;
pub mod kiosk;
pub mod licenses;
pub mod materials;
mod matters;
pub mod offline;
pub mod papers;
mod pki;
mod printed_codes;
mod requests;
pub mod seal_jobs;
mod seal_status;
pub mod seals;
mod sharing;
mod show_codes;
mod space;
mod trust_lists;
mod tsa;
pub mod verifications;
pub mod webhooks;

use super::route::Route;

/// Every route of the API.
pub fn routes() -> Vec<Route> {
    let mut routes = Vec::new();
    routes.extend(licenses::routes());
    routes.extend(envelopes::routes());
    routes.extend(businesses::routes());
    routes.extend(kinds::routes());
    routes.extend(seals::routes());
    routes.extend(grants::routes());
    routes.extend(seal_jobs::routes());
    routes.extend(show_codes::routes());
    routes.extend(offline::routes());
    routes.extend(matters::routes());
    routes.extend(requests::routes());
    routes.extend(kiosk::routes());
    routes.extend(papers::routes());
    routes.extend(sharing::routes());
    routes.extend(materials::routes());
    routes.extend(space::routes());
    routes.extend(disputes::routes());
    routes.extend(deputies::routes());
    routes.extend(verifications::routes());
    routes.extend(printed_codes::routes());
    routes.extend(seal_status::routes());
    routes.extend(departments::routes());
    routes.extend(credentials::routes());
    routes.extend(webhooks::routes());
    routes.extend(audit::routes());
    routes.extend(trust_lists::routes());
    routes.extend(tsa::routes());
    routes.extend(pki::routes());
    routes.extend(health::routes());
    routes
}
