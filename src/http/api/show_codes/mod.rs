//! Show codes (亮证码): `/v1/licenses/{id}/show-codes`, `/v1/show-codes…`, `/v1/showings`

pub mod draw;
mod prefetch;
mod redeem;
mod showings;

pub use redeem::ShownLicenses;

use crate::domain::party::Role;
use crate::http::route::Route;

const TAG: &str = "show codes";
const HOLDER: &[Role] = &[Role::Holder];

/// Routes about show codes. A live code is a secret: it stands in bodies, never in an address.
pub fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/licenses/{id}/show-codes", draw::draw)
            .api(TAG, "Draw a one-time code that shows chosen fields of a license")
            .roles(HOLDER)
            .takes::<draw::DrawRequest>()
            .gives::<draw::DrawnCode>(201)
            .refuses(&[404, 409]),
        Route::post("/v1/show-codes", draw::draw_several)
            .api(TAG, "Draw a one-time code that shows chosen fields of several licenses")
            .roles(HOLDER)
            .takes::<draw::DrawSeveralRequest>()
            .gives::<draw::DrawnCode>(201)
            .refuses(&[404, 409]),
        Route::post("/v1/show-codes:prefetch", prefetch::fetch)
            .api(TAG, "Fetch up to ten codes in advance, for a phone that will have a bad network")
            .roles(HOLDER)
            .takes::<prefetch::PrefetchRequest>()
            .gives::<prefetch::PrefetchedCodes>(201)
            .refuses(&[404, 409]),
        Route::delete("/v1/show-codes:prefetch", prefetch::drop_all)
            .api(TAG, "Withdraw the codes that were fetched in advance and not used")
            .roles(HOLDER),
        Route::post("/v1/show-codes:redeem", redeem::redeem)
            .api(TAG, "Redeem a code, once, for exactly the fields that the holder chose")
            .roles(&[Role::Clerk, Role::Institution])
            .takes::<redeem::RedeemRequest>()
            .gives::<redeem::ShownLicenses>(200)
            .refuses(&[404, 409, 410, 429]),
        Route::get("/v1/showings", showings::list)
            .api(TAG, "Who looked at the holder's licenses, when and why, newest first")
            .roles(HOLDER)
            .query::<showings::ShowingQuery>()
            .gives::<showings::ShowingList>(200)
            .refuses(&[404]),
        Route::delete("/v1/showings/{id}", showings::withdraw)
            .api(TAG, "Withdraw a code before anyone has redeemed it")
            .roles(HOLDER)
            .refuses(&[404, 409]),
    ]
}
