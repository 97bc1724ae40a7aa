//! `GET /healthz`, `GET /readyz`, `GET /openapi.json`

use crate::app::check_ready;
use crate::http;
use crate::http::openapi;
use crate::http::problem::Problem;
use crate::http::route::Route;
use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::sync::OnceLock;
use utoipa::ToSchema;

/// Routes about the service itself.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/healthz", alive)
            .api("service", "Whether the process runs")
            .public()
            .gives::<Health>(200),
        Route::get("/readyz", ready)
            .api("service", "Whether the service can do its work: its database answers")
            .public()
            .gives::<Readiness>(200),
        Route::get("/openapi.json", description)
            .api("service", "This description")
            .public()
            .gives::<AnyObject>(200),
    ]
}

/// The service is well.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// `ok`.
    #[schema(pattern = "^ok$")]
    status: String,
}

/// The service can do its work.
#[derive(Serialize, ToSchema)]
pub struct Readiness {
    /// `ok`.
    #[schema(pattern = "^ok$")]
    status: String,
    /// When the oldest status list was made; null before the first.
    #[schema(format = "date-time")]
    status_lists_as_of: Option<String>,
    /// What somebody must see to, though the service works: `status_lists.old`, `status_lists.ending`, `status_lists.over`,
    /// `verifier_bundle.old`, `verifier_bundle.ending`, `verifier_bundle.over`.
    warnings: Vec<String>,
}

/// A JSON object.
#[derive(ToSchema)]
#[schema(value_type = Object)]
pub struct AnyObject(#[allow(dead_code)] ());

async fn alive() -> Json<Health> {
    Json(Health { status: "ok".to_owned() })
}

async fn ready(State(state): State<http::State>) -> Result<Json<Readiness>, Problem> {
    let watch = check_ready::run(&state).await?;
    Ok(Json(Readiness {
        status: "ok".to_owned(),
        status_lists_as_of: watch.as_of.map(|at| at.to_string()),
        warnings: watch.warnings.into_iter().map(str::to_owned).collect(),
    }))
}

async fn description() -> Response {
    static TEXT: OnceLock<String> = OnceLock::new();
    ([(CONTENT_TYPE, "application/json")], TEXT.get_or_init(openapi::text).as_str()).into_response()
}
