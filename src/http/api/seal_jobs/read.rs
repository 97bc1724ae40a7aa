//! `GET /v1/seal-jobs`, `…/{id}`, `…/{id}/file`

use super::view::{SealJobView, job_id};
use crate::app::seal_document;
use crate::domain::refusal::{Refusal, RefusalClass};
use crate::domain::seal::SealCode;
use crate::domain::seal_job::{JobId, SealJob};
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

/// Which jobs.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SealJobQuery {
    /// Those under this seal, whoever asked; those the caller or its body asked for, unless told.
    #[schema(pattern = "^[0-9]{14}$")]
    seal: Option<String>,
    /// Where the last slice ended: its `next`.
    #[schema(pattern = "^[A-Za-z0-9_-]{1,60}$")]
    after: Option<String>,
    /// How many; 50 unless told.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// A slice of the list.
#[derive(Serialize, ToSchema)]
pub struct SealJobList {
    /// Newest first.
    items: Vec<SealJobView>,
    /// Where to go on; null at the end.
    next: Option<String>,
}

/// Lists jobs.
pub async fn list(
    State(state): State<http::State>,
    caller: Caller,
    StrictQuery(query): StrictQuery<SealJobQuery>,
) -> Result<Json<SealJobList>, Problem> {
    let before = from_cursor(query.after.as_deref(), JobId::parse)?;
    let (caller, before) = (&caller.credential, before.as_ref());
    let jobs = match &query.seal {
        None => seal_document::of_caller(&state, caller, before, query.limit).await?,
        Some(text) => {
            let unknown = || Refusal::new(RefusalClass::NotFound, "seal.unknown");
            let seal = SealCode::parse(text).ok_or_else(unknown)?;
            seal_document::under_seal(&state, caller, &seal, before, query.limit).await?
        }
    };
    let next = jobs.last().map(|last| to_cursor(last.id.as_str()));
    Ok(Json(SealJobList { items: jobs.into_iter().map(SealJobView::from).collect(), next }))
}

/// One job.
pub async fn one(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<SealJobView>, Problem> {
    let job = seal_document::one(&state, &caller.credential, &job_id(&id)?).await?;
    Ok(Json(SealJobView::from(job)))
}

/// Its sealed file.
pub async fn file(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let (job, bytes) = seal_document::file(&state, &caller.credential, &job_id(&id)?).await?;
    Ok(download(&job, bytes))
}

/// A sealed file as a download. Its name is the job's identity: no personal datum.
pub fn download(job: &SealJob, bytes: Vec<u8>) -> Response {
    let format = job.form.format;
    let name = format!("attachment; filename=\"{}.{}\"", job.id, format.name());
    let headers = [(CONTENT_TYPE, format.media_type().to_owned()), (CONTENT_DISPOSITION, name)];
    (headers, bytes).into_response()
}
