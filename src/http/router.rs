//! The table of routes, and the router made from it.

use super::problem::{Kind, Problem};
use super::route::Route;
use super::{State, api, caller, observe, pages};
use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;

/// A request that takes longer is given up.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// Every route there is.
pub fn table() -> Vec<Route> {
    let mut routes = api::routes();
    routes.extend(pages::routes());
    routes
}

/// The service.
pub fn router(state: State) -> Router {
    let mut router = Router::new();
    for route in table() {
        let (access, door, state) = (route.access, route.door, state.clone());
        let check = from_fn(move |request: Request, next: Next| {
            caller::check(state.clone(), access, door, request, next)
        });
        router = router.route(route.path, route.handler.route_layer(check));
    }
    router
        .fallback(|| async { Problem::new(Kind::NotFound, "request.no_such_address") })
        .method_not_allowed_fallback(|| async { Problem::new(Kind::Method, "request.method") })
        .layer(CatchPanicLayer::custom(observe::panicked))
        .layer(from_fn(|request: Request, next: Next| observe::limit_time(TIME_LIMIT, request, next)))
        .layer(from_fn(observe::word))
        .layer(from_fn(observe::secure))
        .layer(from_fn_with_state(state.clone(), observe::log))
        .with_state(state)
}
