//! `/v1/seal-grants`: letting others use a seal (用印授权).

mod read;
pub mod view;
mod write;

pub use view::grant_id;

use crate::domain::party::Role;
use crate::http::route::Route;

const TAG: &str = "seal grants";
const LENDERS: &[Role] = &[Role::SealAdministrator, Role::CompanyManager];
const READERS: &[Role] = &[
    Role::Department,
    Role::SealAdministrator,
    Role::Clerk,
    Role::Auditor,
    Role::CompanyManager,
    Role::Sealer,
];

/// Routes about grants.
pub fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/seal-grants", write::grant)
            .api(TAG, "Let another body, a clerk, a system or an employee use a seal: for kinds or documents, a time, a count")
            .roles(LENDERS)
            .takes::<write::GrantRequest>()
            .gives::<view::GrantView>(201)
            .refuses(&[403, 404, 409, 503]),
        Route::get("/v1/seal-grants", read::list)
            .api(TAG, "List the grants of a seal, or those given to you, newest first")
            .roles(READERS)
            .query::<read::GrantQuery>()
            .gives::<read::GrantList>(200)
            .refuses(&[404, 422]),
        Route::get("/v1/seal-grants/{id}", read::one)
            .api(TAG, "Read a grant")
            .roles(READERS)
            .gives::<view::GrantView>(200)
            .refuses(&[404]),
        Route::get("/v1/seal-grants/{id}/uses", read::uses)
            .api(TAG, "Who sealed what under a grant, oldest first")
            .roles(READERS)
            .query::<read::UseQuery>()
            .gives::<read::UseList>(200)
            .refuses(&[404]),
        Route::post("/v1/seal-grants/{id}/withdraw", write::withdraw)
            .api(TAG, "Take a grant back; what was sealed under it stays good")
            .roles(LENDERS)
            .takes::<write::WithdrawGrantRequest>()
            .gives::<view::GrantView>(200)
            .refuses(&[404, 409, 503]),
    ]
}
