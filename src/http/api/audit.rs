//! `GET /v1/audit`

use super::common::{from_cursor, to_cursor};
use crate::app::read_audit;
use crate::domain::party::Role;
use crate::http;
use crate::http::body::StrictQuery;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::http::route::Route;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Routes about the audit trail.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/audit", list)
            .api("audit", "Read the audit trail, oldest first")
            .roles(&[Role::Auditor])
            .query::<AuditQuery>()
            .gives::<AuditList>(200),
    ]
}

/// Which lines.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    /// About this subject (an identifier).
    #[schema(min_length = 1, max_length = 200)]
    subject: Option<String>,
    /// By this actor (a credential).
    #[schema(min_length = 1, max_length = 100)]
    actor: Option<String>,
    /// Where the last slice ended: its `next`.
    #[schema(pattern = "^[A-Za-z0-9_-]{1,60}$")]
    after: Option<String>,
    /// How many; 50 unless told.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// A slice of the audit trail.
#[derive(Serialize, ToSchema)]
pub struct AuditList {
    /// Oldest first.
    items: Vec<AuditLineView>,
    /// Where to go on, also when nothing more has happened yet; null if nothing was found.
    next: Option<String>,
}

/// One line.
#[derive(Serialize, ToSchema)]
pub struct AuditLineView {
    /// When.
    #[schema(format = "date-time")]
    at: String,
    /// Who: a credential, `public` or `system`.
    actor: String,
    /// What.
    action: String,
    /// To what.
    subject: String,
    /// Why and with what.
    #[schema(value_type = Object)]
    detail: serde_json::Value,
    /// `ok`, or the code of the refusal.
    outcome: String,
}

async fn list(
    State(state): State<http::State>,
    caller: Caller,
    StrictQuery(query): StrictQuery<AuditQuery>,
) -> Result<Json<AuditList>, Problem> {
    let request = read_audit::Request {
        subject: query.subject,
        actor: query.actor,
        after: from_cursor(query.after.as_deref(), |text| text.parse().ok())?.unwrap_or_default(),
        limit: query.limit,
    };
    let lines = read_audit::run(&state, &caller.credential, request).await?;
    let next = lines.last().map(|line| to_cursor(&line.position.to_string()));
    let items = lines.into_iter().map(|line| AuditLineView {
        at: line.at.to_string(),
        actor: line.actor,
        action: line.action,
        subject: line.subject,
        detail: serde_json::from_str(&line.detail).unwrap_or_default(),
        outcome: line.outcome,
    });
    Ok(Json(AuditList { items: items.collect(), next }))
}
