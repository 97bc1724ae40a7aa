//! `GET /v1/seals`, `…/{code}`, `…/history`, `…/picture.svg`, `…/seal.esl`

use super::view::{ApprovalView, IntervalView, SealEventView, SealHistory, SealView, code};
use crate::app::{draw_seal, list_seals};
use crate::domain::seal::intervals;
use crate::http;
use crate::http::api::common::{from_cursor, to_cursor};
use crate::http::body::StrictQuery;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which seals.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SealQuery {
    /// Where the last slice ended: its `next`.
    #[schema(pattern = "^[A-Za-z0-9_-]{1,60}$")]
    after: Option<String>,
    /// How many; 50 unless told.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// A slice of the list.
#[derive(Serialize, ToSchema)]
pub struct SealList {
    /// By code.
    items: Vec<SealView>,
    /// Where to go on; null at the end.
    next: Option<String>,
}

/// Lists seals.
pub async fn list(
    State(state): State<http::State>,
    caller: Caller,
    StrictQuery(query): StrictQuery<SealQuery>,
) -> Result<Json<SealList>, Problem> {
    let after = from_cursor(query.after.as_deref(), |text| Some(text.to_owned()))?.unwrap_or_default();
    let seals = list_seals::run(&state, &caller.credential, &after, query.limit).await?;
    let next = seals.last().map(|last| to_cursor(last.code.as_str()));
    let now = state.clock.now();
    Ok(Json(SealList { items: seals.into_iter().map(|seal| SealView::of(seal, &[], now)).collect(), next }))
}

/// One seal.
pub async fn one(
    State(state): State<http::State>,
    caller: Caller,
    Path(text): Path<String>,
) -> Result<Json<SealView>, Problem> {
    let life = list_seals::one(&state, &caller.credential, &code(&text)?).await?;
    Ok(Json(SealView::of(life.seal, &life.approvals, state.clock.now()).with_papers(&life.held)))
}

/// Its life.
pub async fn history(
    State(state): State<http::State>,
    caller: Caller,
    Path(text): Path<String>,
) -> Result<Json<SealHistory>, Problem> {
    let life = list_seals::one(&state, &caller.credential, &code(&text)?).await?;
    let now = state.clock.now();
    Ok(Json(SealHistory {
        intervals: intervals(&life.events).into_iter().map(IntervalView::from).collect(),
        events: life.events.into_iter().map(SealEventView::from).collect(),
        approvals: life.approvals.iter().map(|approval| ApprovalView::of(approval, now)).collect(),
    }))
}

/// What it shows.
pub async fn picture(
    State(state): State<http::State>,
    caller: Caller,
    Path(text): Path<String>,
) -> Result<Response, Problem> {
    let svg = draw_seal::run(&state, &caller.credential, &code(&text)?).await?;
    Ok(([(CONTENT_TYPE, "image/svg+xml")], svg).into_response())
}

/// The seal as an object. Its file is named by its code.
pub async fn object(
    State(state): State<http::State>,
    caller: Caller,
    Path(text): Path<String>,
) -> Result<Response, Problem> {
    let code = code(&text)?;
    let object = list_seals::object(&state, &caller.credential, &code).await?;
    let name = format!("attachment; filename=\"{code}.esl\"");
    let headers = [(CONTENT_TYPE, "application/octet-stream".to_owned()), (CONTENT_DISPOSITION, name)];
    Ok((headers, object).into_response())
}
