//! `/v1/seals`

mod act;
pub mod papers;
mod read;
mod request;
pub mod view;

use crate::domain::party::Role;
use crate::http::route::{Content, Route};

const TAG: &str = "seals";
const ADMINISTRATOR: &[Role] = &[Role::SealAdministrator];
const READERS: &[Role] = &[Role::Department, Role::SealAdministrator, Role::Auditor, Role::Operator];

/// Routes about seals.
pub fn routes() -> Vec<Route> {
    let act = |route: Route, summary| {
        route
            .api(TAG, summary)
            .roles(ADMINISTRATOR)
            .takes::<act::SealActRequest>()
            .gives::<view::SealView>(200)
            .refuses(&[404, 409, 503])
    };
    vec![
        Route::post("/v1/seals", request::request)
            .api(TAG, "Ask for a seal; two other people approve it")
            .roles(ADMINISTRATOR)
            .takes::<request::SealRequest>()
            .gives::<view::SealView>(201)
            .refuses(&[409, 503]),
        Route::get("/v1/seals", read::list)
            .api(TAG, "List the department's seals, or all for those who act for none")
            .roles(READERS)
            .query::<read::SealQuery>()
            .gives::<read::SealList>(200),
        Route::get("/v1/seals/{code}", read::one)
            .api(TAG, "Read a seal")
            .roles(READERS)
            .gives::<view::SealView>(200)
            .refuses(&[404]),
        Route::get("/v1/seals/{code}/history", read::history)
            .api(TAG, "A seal's life: what was recorded, what it was when, and who approved")
            .roles(READERS)
            .gives::<view::SealHistory>(200)
            .refuses(&[404]),
        Route::put("/v1/seals/{code}/papers/{sha256}", papers::bring)
            .api(TAG, "Bring the bytes of a paper that the application lists: PDF, OFD, PNG or JPEG, at most 10 MB")
            .roles(ADMINISTRATOR)
            .takes_content(Content::Bytes(papers::PAPERS))
            .refuses(&[404, 409, 422, 503]),
        Route::get("/v1/seals/{code}/papers/{sha256}", papers::get)
            .api(TAG, "The bytes of a paper, for those who administer the seal; every look is a line of the audit trail")
            .roles(ADMINISTRATOR)
            .gives_bytes(papers::KEPT)
            .refuses(&[404, 503]),
        Route::get("/v1/seals/{code}/picture.svg", read::picture)
            .api(TAG, "What a seal shows")
            .roles(READERS)
            .gives_bytes(&["image/svg+xml"])
            .refuses(&[404]),
        Route::get("/v1/seals/{code}/seal.esl", read::object)
            .api(TAG, "The seal as an object of GB/T 38540-2020; only seals that sign with SM2 are one")
            .roles(READERS)
            .gives_bytes(&["application/octet-stream"])
            .refuses(&[404]),
        act(
            Route::post("/v1/seals/{code}/approve", act::approve),
            "Approve a seal that another person asked for; the second approval makes it",
        ),
        act(Route::post("/v1/seals/{code}/reject", act::reject), "Turn a request down"),
        act(Route::post("/v1/seals/{code}/suspend", act::suspend), "Take a seal out of use for a time"),
        act(
            Route::post("/v1/seals/{code}/resume", act::resume),
            "Put a seal back into use; it takes two people",
        ),
        act(
            Route::post("/v1/seals/{code}/cancel", act::cancel),
            "Take a seal out of use for good; what it sealed stays good",
        ),
        act(
            Route::post("/v1/seals/{code}/void", act::void),
            "Mark a seal as unlawfully made; it takes two people, and what it sealed falls",
        ),
    ]
}
