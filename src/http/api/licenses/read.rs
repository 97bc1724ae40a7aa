//! `GET /v1/licenses/{id}`, `…/file`, `…/history`

use super::view::{LicenseEventView, LicenseHistory, LicenseView};
use crate::app::read_license::{self, Downloaded};
use crate::domain::license::{FileFormat, LicenseId};
use crate::domain::refusal::{Fault, Refusal};
use crate::http;
use crate::http::api::common::license_id;
use crate::http::body::StrictQuery;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::ToSchema;

/// The license in full.
pub async fn license(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<LicenseView>, Problem> {
    let license = read_license::run(&state, &caller.credential, &license_id(&id)?).await?;
    Ok(Json(LicenseView::of(&state, license)))
}

/// Which of a license's files.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FileQuery {
    /// In this format; without it the first that the kind names.
    #[schema(pattern = "^(pdf|ofd)$")]
    format: Option<String>,
}

impl FileQuery {
    /// The format wished for.
    pub fn format(&self) -> Result<Option<FileFormat>, Problem> {
        let format = self.format.as_deref().map(|name| {
            FileFormat::parse(name).ok_or_else(|| {
                let fault = Fault::at("/format", "field.not_a_choice").with("choices", "pdf, ofd");
                Problem::from(Refusal::invalid(vec![fault]))
            })
        });
        format.transpose()
    }
}

/// A sealed file.
pub async fn file(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
    StrictQuery(query): StrictQuery<FileQuery>,
) -> Result<Response, Problem> {
    let id = license_id(&id)?;
    let file = read_license::file(&state, &caller.credential, &id, query.format()?).await?;
    Ok(download(&id, file))
}

/// A license file as a download. Its name is the identifier: no personal datum.
pub fn download(id: &LicenseId, file: Downloaded) -> Response {
    let name = format!("attachment; filename=\"{id}.{}\"", file.format.name());
    let headers = [(CONTENT_TYPE, file.format.media_type().to_owned()), (CONTENT_DISPOSITION, name)];
    (headers, file.bytes).into_response()
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
