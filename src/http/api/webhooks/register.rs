//! `GET /v1/webhooks`, `POST /v1/webhooks`, `GET /v1/webhooks/{id}`

use super::view::{NewWebhook, WebhookView, webhook_id};
use crate::app::webhook::{read, register};
use crate::http::api::common::{from_cursor, to_cursor};
use crate::http::body::{Strict, StrictQuery};
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::http::{self, detach};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An address to be told what happens.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookRequest {
    /// Its address: https, at a public address unless the service is set to reach others.
    #[schema(min_length = 1, max_length = 500, example = "https://hooks.example.gov.cn/licenses")]
    url: String,
    /// What it wants to be told of: a topic, a family of them, or all.
    #[schema(min_items = 1, max_items = 20, example = json!(["license.*", "seal.cancelled"]))]
    topics: Vec<String>,
    /// What it is.
    #[schema(max_length = 100)]
    description: Option<String>,
}

/// Which webhooks.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookQuery {
    /// Where the last slice ended: its `next`.
    #[schema(pattern = "^[A-Za-z0-9_-]{1,200}$")]
    after: Option<String>,
    /// How many; 50 unless told.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// A slice of the list.
#[derive(Serialize, ToSchema)]
pub struct WebhookList {
    /// By identifier.
    items: Vec<WebhookView>,
    /// Where to go on; null at the end.
    next: Option<String>,
}

/// Lists webhooks.
pub async fn list(
    State(state): State<http::State>,
    caller: Caller,
    StrictQuery(query): StrictQuery<WebhookQuery>,
) -> Result<Json<WebhookList>, Problem> {
    let after = from_cursor(query.after.as_deref(), |text| Some(text.to_owned()))?.unwrap_or_default();
    let found = read::list(&state, &caller.credential, &after, query.limit).await?;
    let next = found.last().map(|last| to_cursor(last.id.as_str()));
    Ok(Json(WebhookList { items: found.into_iter().map(WebhookView::from).collect(), next }))
}

/// Registers one.
pub async fn register(
    State(state): State<http::State>,
    caller: Caller,
    Strict(body): Strict<WebhookRequest>,
) -> Result<(StatusCode, Json<NewWebhook>), Problem> {
    let request = register::Request {
        url: body.url,
        topics: body.topics,
        description: body.description.unwrap_or_default(),
    };
    let work = async move { register::run(&state, &caller.credential, request).await };
    Ok((StatusCode::CREATED, Json(detach(work).await?.into())))
}

/// Reads one.
pub async fn one(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<WebhookView>, Problem> {
    Ok(Json(read::one(&state, &caller.credential, &webhook_id(&id)?).await?.into()))
}
