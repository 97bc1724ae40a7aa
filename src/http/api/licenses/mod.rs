//! `/v1/licenses`

mod act;
mod issue;
mod list;
pub mod read;
pub mod view;

pub use act::EndingName;
pub use issue::raw;

use crate::domain::party::Role;
use crate::http::route::Route;

const TAG: &str = "licenses";
const DEPARTMENT: &[Role] = &[Role::Department];
/// Clerks issue only what a grant lets them.
const ISSUERS: &[Role] = &[Role::Department, Role::Clerk];
/// A company's manager sees its licenses as a holder sees its own.
const DEPARTMENT_OR_HOLDER: &[Role] = &[Role::Department, Role::Holder, Role::CompanyManager];

/// Routes about licenses.
pub fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/licenses", issue::one)
            .api(TAG, "Issue a license: checked, numbered, sealed, timestamped, proved")
            .roles(ISSUERS)
            .idempotent()
            .takes::<issue::IssueRequest>()
            .gives::<view::LicenseView>(201)
            .refuses(&[404, 409, 503]),
        Route::post("/v1/licenses:batch", issue::batch)
            .api(TAG, "Issue up to a hundred licenses, each with its own key and its own outcome")
            .roles(DEPARTMENT)
            .takes::<issue::BatchRequest>()
            .gives::<issue::BatchView>(200)
            .refuses(&[503]),
        Route::get("/v1/licenses", list::list)
            .api(TAG, "List the department's own, or the holder's own licenses, newest first")
            .roles(DEPARTMENT_OR_HOLDER)
            .query::<list::ListQuery>()
            .gives::<list::LicenseList>(200)
            .refuses(&[422]),
        Route::get("/v1/licenses/{id}", read::license)
            .api(TAG, "Read a license")
            .roles(DEPARTMENT_OR_HOLDER)
            .gives::<view::LicenseView>(200)
            .refuses(&[404]),
        Route::get("/v1/licenses/{id}/file", read::file)
            .api(TAG, "Download a sealed file")
            .roles(DEPARTMENT_OR_HOLDER)
            .query::<read::FileQuery>()
            .gives_bytes(&["application/pdf", "application/ofd"])
            .refuses(&[404, 422]),
        Route::get("/v1/licenses/{id}/history", read::history)
            .api(TAG, "What has happened to a license, oldest first")
            .roles(DEPARTMENT_OR_HOLDER)
            .gives::<view::LicenseHistory>(200)
            .refuses(&[404]),
        Route::post("/v1/licenses/{id}/end", act::end)
            .api(TAG, "End a license by one of the four legal acts")
            .roles(DEPARTMENT)
            .takes::<act::EndRequest>()
            .gives::<view::LicenseView>(200)
            .refuses(&[404, 409, 503]),
        Route::post("/v1/licenses/{id}/suspend", act::suspend)
            .api(TAG, "Take a license out of force for a time")
            .roles(DEPARTMENT)
            .takes::<act::LicenseActRequest>()
            .gives::<view::LicenseView>(200)
            .refuses(&[404, 409, 503]),
        Route::post("/v1/licenses/{id}/resume", act::resume)
            .api(TAG, "Put a suspended license back into force")
            .roles(DEPARTMENT)
            .takes::<act::LicenseActRequest>()
            .gives::<view::LicenseView>(200)
            .refuses(&[404, 409, 503]),
        Route::post("/v1/licenses/{id}/amend", issue::amend)
            .api(TAG, "Issue a new edition in place of this one")
            .roles(DEPARTMENT)
            .idempotent()
            .takes::<issue::AmendRequest>()
            .gives::<view::LicenseView>(201)
            .refuses(&[404, 409, 503]),
    ]
}
