//! Webhooks (网络回调): `/v1/webhooks…`

mod act;
mod deliveries;
mod register;
mod view;

use crate::domain::party::Role;
use crate::http::route::Route;

const TAG: &str = "webhooks";
const OWNERS: &[Role] = &[Role::Department, Role::Operator];

/// Routes about webhooks.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/webhooks", register::list)
            .api(TAG, "List webhooks: a department's own, or all for an operator")
            .roles(OWNERS)
            .query::<register::WebhookQuery>()
            .gives::<register::WebhookList>(200),
        Route::post("/v1/webhooks", register::register)
            .api(TAG, "Register an address that is told what happens; its secret is shown this once")
            .roles(OWNERS)
            .takes::<register::WebhookRequest>()
            .gives::<view::NewWebhook>(201)
            .refuses(&[409, 503]),
        Route::get("/v1/webhooks/{id}", register::one)
            .api(TAG, "Read a webhook")
            .roles(OWNERS)
            .gives::<view::WebhookView>(200)
            .refuses(&[404]),
        Route::delete("/v1/webhooks/{id}", act::remove)
            .api(TAG, "Remove a webhook with all that waits for it")
            .roles(OWNERS)
            .refuses(&[404, 409, 503]),
        Route::post("/v1/webhooks/{id}/enable", act::enable)
            .api(TAG, "Put a webhook back to use: what waited is delivered")
            .roles(OWNERS)
            .gives::<view::WebhookView>(200)
            .refuses(&[404, 409, 503]),
        Route::post("/v1/webhooks/{id}/disable", act::disable)
            .api(TAG, "Put a webhook out of use: what happens meanwhile waits")
            .roles(OWNERS)
            .gives::<view::WebhookView>(200)
            .refuses(&[404, 409, 503]),
        Route::post("/v1/webhooks/{id}/rotate-secret", act::rotate)
            .api(TAG, "Give a webhook a new secret, shown this once; the one before signs along for a day")
            .roles(OWNERS)
            .gives::<view::NewWebhook>(200)
            .refuses(&[404, 409, 503]),
        Route::get("/v1/webhooks/{id}/deliveries", deliveries::list)
            .api(TAG, "A webhook's deliveries, newest first: state, attempts, what the receiver said")
            .roles(OWNERS)
            .query::<deliveries::DeliveryQuery>()
            .gives::<deliveries::DeliveryList>(200)
            .refuses(&[404]),
        Route::post("/v1/webhooks/{id}/replay", act::replay)
            .api(TAG, "Tell one delivery that is over again, or everything since a time")
            .roles(OWNERS)
            .takes::<act::ReplayRequest>()
            .gives::<view::WebhookView>(200)
            .refuses(&[404, 409, 503]),
        Route::post("/v1/webhooks/{id}/test", act::test)
            .api(TAG, "Send a `webhook.test`")
            .roles(OWNERS)
            .gives::<act::TestSent>(202)
            .refuses(&[404, 409, 503]),
    ]
}
