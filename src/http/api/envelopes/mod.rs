//! `/v1/envelopes`: licenses that several seal together.

mod act;
mod audit;
mod open;
mod read;
pub mod view;

use crate::domain::party::Role;
use crate::http::api::licenses::read::FileQuery;
use crate::http::route::Route;

const TAG: &str = "envelopes";
const DEPARTMENT: &[Role] = &[Role::Department];
const DEPARTMENT_OR_AUDITOR: &[Role] = &[Role::Department, Role::Auditor];
/// Clerks see and do only what a grant lets them.
const CONSENTING: &[Role] = &[Role::Department, Role::Clerk];
const READING: &[Role] = &[Role::Department, Role::Clerk, Role::Auditor];

/// Routes about envelopes.
pub fn routes() -> Vec<Route> {
    let act_of = |roles: &'static [Role], route: Route| {
        route.roles(roles).gives::<view::EnvelopeView>(200).refuses(&[404, 409, 503])
    };
    let act = |route: Route| act_of(DEPARTMENT, route);
    vec![
        Route::post("/v1/envelopes", open::open)
            .api(TAG, "Start a license that several seal together: a draft, checked as a license would be")
            .roles(DEPARTMENT)
            .idempotent()
            .takes::<open::OpenRequest>()
            .gives::<view::EnvelopeView>(201)
            .refuses(&[404, 409, 503]),
        Route::get("/v1/envelopes", read::list)
            .api(
                TAG,
                "List envelopes, newest first: those that ask you, that you started, that you take part in",
            )
            .roles(CONSENTING)
            .query::<read::EnvelopeListQuery>()
            .gives::<read::EnvelopeList>(200)
            .refuses(&[422]),
        Route::get("/v1/envelopes/{id}", read::one)
            .api(TAG, "Read an envelope with its content")
            .roles(READING)
            .gives::<read::EnvelopeDetailView>(200)
            .refuses(&[404, 503]),
        Route::put("/v1/envelopes/{id}", open::correct)
            .api(TAG, "Correct the content of a draft")
            .roles(DEPARTMENT)
            .takes::<open::CorrectRequest>()
            .gives::<view::EnvelopeView>(200)
            .refuses(&[404, 409, 503]),
        Route::get("/v1/envelopes/{id}/diff", read::difference)
            .api(TAG, "What has changed since a version, or since your department said yes")
            .roles(DEPARTMENT_OR_AUDITOR)
            .query::<read::DiffQuery>()
            .gives::<read::DiffView>(200)
            .refuses(&[404, 422, 503]),
        Route::get("/v1/envelopes/{id}/file", read::file)
            .api(TAG, "Download the finished license, if your seal is on it")
            .roles(DEPARTMENT)
            .query::<FileQuery>()
            .gives_bytes(&["application/pdf", "application/ofd"])
            .refuses(&[404, 409, 422]),
        Route::get("/v1/envelopes/{id}/audit", audit::sheet)
            .api(TAG, "The audit sheet: digests, consents with their proofs, everything that happened")
            .roles(DEPARTMENT_OR_AUDITOR)
            .gives::<audit::SheetView>(200)
            .refuses(&[404, 503]),
        act(Route::post("/v1/envelopes/{id}/send", act::send)
            .api(TAG, "Send a draft: its first stage opens")
            .takes::<act::SendRequest>()),
        act_of(
            CONSENTING,
            Route::post("/v1/envelopes/{id}/consent", act::consent)
                .api(
                    TAG,
                    "Say yes to a version: your seal's key, or that of one granted to you, signs its digests",
                )
                .takes::<act::ConsentRequest>(),
        ),
        act(Route::post("/v1/envelopes/{id}/decline", act::decline)
            .api(TAG, "Say no to a version")
            .takes::<act::AnswerRequest>()),
        act(Route::post("/v1/envelopes/{id}/return", act::give_back)
            .api(TAG, "Hand a version back to be corrected")
            .takes::<act::AnswerRequest>()),
        act(Route::post("/v1/envelopes/{id}/delegate", act::delegate)
            .api(TAG, "Let another department decide for yours, for a time")
            .takes::<act::DelegateRequest>()),
        act(Route::post("/v1/envelopes/{id}/withdraw", act::withdraw)
            .api(TAG, "Give an envelope up that you started")
            .takes::<act::WithdrawRequest>()),
    ]
}
