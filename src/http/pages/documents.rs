//! Documents that somebody brings to be sealed: what was sealed, and one more.

mod new;
mod shown;

pub(super) use new::{get as new, post};

use super::chrome::Chrome;
use super::page;
use super::words::{self, Tag};
use crate::app::seal_document;
use crate::domain::seal_job::{JobId, JobState, SealJob};
use crate::http::State;
use crate::http::api::seal_jobs::{download, job_id};
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use askama::Template;
use axum::extract::{Path, Query, State as From};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

#[cfg(test)]
pub(super) use new::{NewDocument, SealChoice, fields};
#[cfg(test)]
pub(super) use shown::one_document;

/// Rows of one page.
const ROWS: u32 = 60;

/// A job in a list.
pub(super) struct DocumentRow {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) reason: String,
    pub(super) at: String,
    pub(super) by: String,
    pub(super) state: Tag,
}

#[derive(Template)]
#[template(path = "pages/documents.html")]
pub(super) struct Documents {
    pub(super) c: Chrome,
    pub(super) rows: Vec<DocumentRow>,
    pub(super) next: Option<String>,
}

/// Where a job stands.
pub(super) fn state(c: &Chrome, state: &JobState) -> Tag {
    let (code, icon, tone) = match state {
        JobState::Open => ("documents.open", "clock", "unclear"),
        JobState::Done { .. } => ("documents.done", "tick", "good"),
        JobState::Failed { .. } => ("documents.failed", "octagon", "bad"),
    };
    Tag { word: c.t(code), icon, tone }
}

pub(super) fn row(c: &Chrome, job: &SealJob) -> DocumentRow {
    DocumentRow {
        id: job.id.to_string(),
        name: job.name.clone(),
        reason: job.reason.clone(),
        at: words::moment(job.started_at),
        by: job.requested_by.clone(),
        state: state(c, &job.state),
    }
}

/// Where to go on, and what was just done.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    after: String,
    #[serde(default)]
    done: String,
}

/// `GET /seal-documents`
pub(super) async fn list(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let before = JobId::parse(&asked.after);
    let jobs = seal_document::of_caller(&state, &caller.credential, before.as_ref(), Some(ROWS)).await?;
    let full = jobs.len() == ROWS as usize;
    let next = jobs.last().filter(|_| full).map(|last| format!("/seal-documents?after={}", last.id));
    let rows = jobs.iter().map(|job| row(&c, job)).collect();
    page(StatusCode::OK, &Documents { rows, next, c })
}

/// `GET /seal-documents/{id}`
pub(super) async fn one(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let job = seal_document::one(&state, &caller.credential, &job_id(&id)?).await?;
    page(StatusCode::OK, &shown::one_document(c, &job, asked.done == "sealed"))
}

/// `GET /seal-documents/{id}/file`
pub(super) async fn file(
    From(state): From<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let (job, bytes) = seal_document::file(&state, &caller.credential, &job_id(&id)?).await?;
    Ok(download(&job, bytes))
}

/// `GET /seal-documents/seals/{code}/picture.svg`
pub(super) async fn picture(
    From(state): From<State>,
    caller: Caller,
    Path(code): Path<String>,
) -> Result<Response, Problem> {
    let svg = seal_document::picture(&state, &caller.credential, &super::seals::code(&code)?).await?;
    Ok(([(CONTENT_TYPE, "image/svg+xml")], svg).into_response())
}
