//! Requests (亮证请求): `/v1/requests…`: a counter or an institution asks, a holder says yes or no.

mod answer;
pub(super) mod ask;

use crate::domain::party::Role;
use crate::http::api::show_codes::ShownLicenses;
use crate::http::route::Route;

const TAG: &str = "requests";
const ASKERS: &[Role] = &[Role::Clerk, Role::Institution];
const HOLDER: &[Role] = &[Role::Holder];

/// Routes about requests. An open handle is a secret: it stands in bodies, never in an address.
pub fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/requests", ask::open)
            .api(TAG, "Ask whoever stands at the counter for what a matter needs")
            .roles(ASKERS)
            .takes::<ask::Question>()
            .gives::<ask::OpenedRequest>(201),
        Route::get("/v1/requests/{id}", ask::watch)
            .api(TAG, "What became of the caller's own request")
            .roles(ASKERS)
            .gives::<ask::RequestState>(200)
            .refuses(&[404]),
        Route::post("/v1/requests/{id}/withdraw", ask::withdraw)
            .api(TAG, "Take a request back before anyone has answered it")
            .roles(ASKERS)
            .refuses(&[404, 410]),
        Route::get("/v1/requests/{id}/showing", ask::disclosed)
            .api(TAG, "Read what was shown for the caller's own request, for ten minutes after the yes")
            .roles(ASKERS)
            .gives::<ShownLicenses>(200)
            .refuses(&[404, 409, 410]),
        Route::post("/v1/requests/{id}/assertions", ask::assert)
            .api(TAG, "Bring a trusted verifier's word on who stands at the counter, in place of a phone")
            .roles(ASKERS)
            .takes::<ask::Assertion>()
            .gives::<answer::Approved>(201)
            .refuses(&[404, 409, 410]),
        Route::post("/v1/requests:read", answer::look)
            .api(TAG, "Read a request by its handle: who asks, for what, and which of one's licenses fit")
            .roles(HOLDER)
            .takes::<answer::Handle>()
            .gives::<answer::RequestLook>(200)
            .refuses(&[404, 410, 429]),
        Route::post("/v1/requests:approve", answer::approve)
            .api(TAG, "Say yes, with the number on the other screen")
            .roles(HOLDER)
            .takes::<answer::Yes>()
            .gives::<answer::Approved>(201)
            .refuses(&[404, 410, 429]),
        Route::post("/v1/requests:decline", answer::decline)
            .api(TAG, "Say no")
            .roles(HOLDER)
            .takes::<answer::Handle>()
            .refuses(&[404, 410, 429]),
    ]
}
