//! `DELETE /v1/webhooks/{id}`, `POST …/enable`, `…/disable`, `…/rotate-secret`, `…/replay`, `…/test`

use super::view::{NewWebhook, WebhookView, webhook_id};
use crate::app::webhook::change;
use crate::app::webhook::replay::{self, What};
use crate::domain::refusal::Fault;
use crate::domain::time::Timestamp;
use crate::http::body::Strict;
use crate::http::caller::Caller;
use crate::http::problem::{Kind, Place, Problem};
use crate::http::{self, detach};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use utoipa::ToSchema;

/// What to tell again: exactly one of the two.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayRequest {
    /// The number of a delivery that is over.
    #[schema(minimum = 1, maximum = 2147483647)]
    number: Option<i64>,
    /// Every event since then, as far as the webhook wants it today.
    #[schema(min_length = 20, max_length = 40, example = "2026-11-26T00:00:00Z")]
    since: Option<String>,
}

/// A test on its way.
#[derive(Serialize, ToSchema)]
pub struct TestSent {
    /// The number of its delivery.
    number: i64,
}

type Answer = Result<Json<WebhookView>, Problem>;

/// Puts one back to use.
pub async fn enable(State(state): State<http::State>, caller: Caller, Path(id): Path<String>) -> Answer {
    let id = webhook_id(&id)?;
    let work = async move { change::enable(&state, &caller.credential, &id).await };
    Ok(Json(detach(work).await?.into()))
}

/// Puts one out of use.
pub async fn disable(State(state): State<http::State>, caller: Caller, Path(id): Path<String>) -> Answer {
    let id = webhook_id(&id)?;
    let work = async move { change::disable(&state, &caller.credential, &id).await };
    Ok(Json(detach(work).await?.into()))
}

/// Removes one.
pub async fn remove(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = webhook_id(&id)?;
    detach(async move { change::remove(&state, &caller.credential, &id).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives one a new secret.
pub async fn rotate(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<NewWebhook>, Problem> {
    let id = webhook_id(&id)?;
    let work = async move { change::rotate(&state, &caller.credential, &id).await };
    Ok(Json(detach(work).await?.into()))
}

/// Tells again.
pub async fn replay(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
    Strict(body): Strict<ReplayRequest>,
) -> Answer {
    let id = webhook_id(&id)?;
    let fault = |at: &str, code| Problem::faults(Kind::Invalid, Place::Body, vec![Fault::at(at, code)]);
    let what = match (body.number, body.since) {
        (Some(number), None) => What::One(number),
        (None, Some(text)) => {
            let at = OffsetDateTime::parse(&text, &Rfc3339).map_err(|_| fault("/since", "webhook.since"))?;
            What::Since(Timestamp::from_offset(at))
        }
        _ => return Err(fault("", "webhook.replay_one_of")),
    };
    let work = async move { replay::run(&state, &caller.credential, &id, what).await };
    Ok(Json(detach(work).await?.into()))
}

/// Sends a test.
pub async fn test(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<TestSent>), Problem> {
    let id = webhook_id(&id)?;
    let work = async move { replay::test(&state, &caller.credential, &id).await };
    Ok((StatusCode::ACCEPTED, Json(TestSent { number: detach(work).await? })))
}
