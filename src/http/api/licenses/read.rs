//! `GET /v1/licenses/{id}`, `…/file`, `…/history`

use super::view::{LicenseEventView, LicenseHistory, LicenseView};
use crate::app::read_license;
use crate::http;
use crate::http::api::common::license_id;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

/// The license in full.
pub async fn license(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<LicenseView>, Problem> {
    let license = read_license::run(&state, &caller.credential, &license_id(&id)?).await?;
    Ok(Json(LicenseView::of(&state, license)))
}

/// The sealed PDF file.
pub async fn file(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id = license_id(&id)?;
    let bytes = read_license::file(&state, &caller.credential, &id).await?;
    let name = format!("attachment; filename=\"{id}.pdf\"");
    let headers = [(CONTENT_TYPE, "application/pdf".to_owned()), (CONTENT_DISPOSITION, name)];
    Ok((headers, bytes).into_response())
}

/// Its history.
pub async fn history(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<LicenseHistory>, Problem> {
    let events = read_license::history(&state, &caller.credential, &license_id(&id)?).await?;
    let events = events.into_iter().map(|event| LicenseEventView {
        what: event.what,
        at: event.at.to_string(),
        by: event.by,
        reason: event.reason,
    });
    Ok(Json(LicenseHistory { events: events.collect() }))
}
