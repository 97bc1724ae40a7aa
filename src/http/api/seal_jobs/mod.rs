//! `/v1/seal-jobs`: sealing a document that somebody brings (用印).

mod read;
mod view;
mod write;

pub use read::download;
pub use view::job_id;
pub use write::hundredths;

use crate::domain::party::Role;
use crate::http::route::Route;

const TAG: &str = "seal jobs";
/// Who may have documents sealed, each under its own rule.
pub const SEALERS: &[Role] = &[Role::Department, Role::Clerk, Role::CompanyManager, Role::Sealer];
const FILES: &[&str] = &["application/pdf", "application/ofd"];

/// Routes about seal jobs.
pub fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/seal-jobs", write::seal)
            .api(
                TAG,
                "Seal a PDF or OFD file that you bring, at words or at a point, astride its pages if asked",
            )
            .roles(SEALERS)
            .idempotent()
            .takes::<write::SealJobRequest>()
            .gives::<view::SealJobView>(201)
            .refuses(&[404, 409, 503]),
        Route::get("/v1/seal-jobs", read::list)
            .api(TAG, "List the seal jobs that you asked for, or those under a seal of yours, newest first")
            .roles(SEALERS)
            .query::<read::SealJobQuery>()
            .gives::<read::SealJobList>(200)
            .refuses(&[404]),
        Route::get("/v1/seal-jobs/{id}", read::one)
            .api(TAG, "Read a seal job")
            .roles(SEALERS)
            .gives::<view::SealJobView>(200)
            .refuses(&[404]),
        Route::get("/v1/seal-jobs/{id}/file", read::file)
            .api(TAG, "Download the sealed file of a seal job")
            .roles(SEALERS)
            .gives_bytes(FILES)
            .refuses(&[404, 409]),
    ]
}
