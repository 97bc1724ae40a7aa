//! `GET /v1/webhooks/{id}/deliveries`

use super::view::webhook_id;
use crate::app::webhook::read;
use crate::domain::webhook::Delivery;
use crate::http;
use crate::http::api::common::{from_cursor, to_cursor};
use crate::http::body::StrictQuery;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which deliveries.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliveryQuery {
    /// Where the last slice ended: its `next`.
    #[schema(pattern = "^[A-Za-z0-9_-]{1,200}$")]
    after: Option<String>,
    /// How many; 50 unless told.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// A slice of the list.
#[derive(Serialize, ToSchema)]
pub struct DeliveryList {
    /// Newest first. What was over is kept for 30 days.
    items: Vec<DeliveryView>,
    /// Where to go on; null at the end.
    next: Option<String>,
}

/// One event told to one webhook.
#[derive(Serialize, ToSchema)]
pub struct DeliveryView {
    /// Its number with this webhook; about one subject, a lower one goes first.
    number: i64,
    /// The `webhook-id` of its messages.
    message: String,
    /// Topic.
    topic: String,
    /// What it is about.
    subject: String,
    /// `queued` behind an earlier one about the same subject; `waiting` for its time; `delivered`; `failed` for good.
    state: String,
    /// Attempts so far.
    attempts: u32,
    /// When it was handed over.
    #[schema(format = "date-time")]
    created_at: String,
    /// When it is tried next.
    #[schema(format = "date-time")]
    next_attempt_at: Option<String>,
    /// When the last attempt ended.
    #[schema(format = "date-time")]
    last_attempt_at: Option<String>,
    /// The HTTP status that it was answered with.
    #[schema(minimum = 100, maximum = 999)]
    last_status: Option<u16>,
    /// Why there was no answer: `address-refused`, `unreachable`, `timeout`, `tls`, `unreadable`.
    last_error: Option<String>,
    /// When it was over.
    #[schema(format = "date-time")]
    ended_at: Option<String>,
}

impl From<Delivery> for DeliveryView {
    fn from(delivery: Delivery) -> Self {
        Self {
            number: delivery.what.number,
            message: delivery.what.message,
            topic: delivery.what.topic,
            subject: delivery.what.subject,
            state: delivery.state.name().to_owned(),
            attempts: delivery.attempts,
            created_at: delivery.what.created_at.to_string(),
            next_attempt_at: delivery.due_at.map(|at| at.to_string()),
            last_attempt_at: delivery.last_at.map(|at| at.to_string()),
            last_status: delivery.last_status,
            last_error: delivery.last_error,
            ended_at: delivery.ended_at.map(|at| at.to_string()),
        }
    }
}

/// Lists deliveries.
pub async fn list(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
    StrictQuery(query): StrictQuery<DeliveryQuery>,
) -> Result<Json<DeliveryList>, Problem> {
    let before = from_cursor(query.after.as_deref(), |text| text.parse().ok())?;
    let found = read::deliveries(&state, &caller.credential, &webhook_id(&id)?, before, query.limit).await?;
    let next = found.last().map(|last| to_cursor(&last.what.number.to_string()));
    Ok(Json(DeliveryList { items: found.into_iter().map(DeliveryView::from).collect(), next }))
}
