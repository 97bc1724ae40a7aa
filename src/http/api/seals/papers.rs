//! `PUT` and `GET /v1/seals/{code}/papers/{sha256}`

use super::view::code;
use crate::app::seal_papers::{self, MOST_BYTES};
use crate::domain::refusal::{Refusal, RefusalClass};
use crate::domain::seal::PaperMedia;
use crate::http::body::{expect_type, read};
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::http::{self, detach};
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

/// Media types that a paper may be sent as; what it is, its content says.
pub const PAPERS: &[&str] =
    &["application/pdf", "application/ofd", "image/png", "image/jpeg", "application/octet-stream"];
/// Media types that a paper is given as.
pub const KEPT: &[&str] = &["application/pdf", "application/ofd", "image/png", "image/jpeg"];

/// Reads a paper's digest out of a path. What is none names no paper.
pub fn digest(text: &str) -> Result<[u8; 32], Problem> {
    let mut digest = [0; 32];
    // One spelling only, so that every paper has one address.
    let read =
        hex::decode_to_slice(text, &mut digest).is_ok() && !text.bytes().any(|b| b.is_ascii_uppercase());
    if read { Ok(digest) } else { Err(Refusal::new(RefusalClass::NotFound, "seal.paper_unknown").into()) }
}

/// Brings a paper's bytes.
pub async fn bring(
    State(state): State<http::State>,
    caller: Caller,
    Path((seal, paper)): Path<(String, String)>,
    request: Request,
) -> Result<StatusCode, Problem> {
    let (seal, paper) = (code(&seal)?, digest(&paper)?);
    let (head, body) = request.into_parts();
    expect_type(&head.headers, PAPERS)?;
    let bytes = read(&head.headers, body, MOST_BYTES).await?.to_vec();
    let bring = async move { seal_papers::bring(&state, &caller.credential, &seal, &paper, bytes).await };
    detach(bring).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A paper's bytes.
pub async fn get(
    State(state): State<http::State>,
    caller: Caller,
    Path((seal, paper)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (seal, paper) = (code(&seal)?, digest(&paper)?);
    Ok(download(&paper, seal_papers::read(&state, &caller.credential, &seal, &paper).await?))
}

/// A paper as a file to keep: a stranger made it, so no browser is to open it among our pages. It is named by its digest.
pub fn download(digest: &[u8; 32], (media, bytes): (PaperMedia, Vec<u8>)) -> Response {
    let name = format!("attachment; filename=\"{}.{}\"", &hex::encode(digest)[..16], media.ending());
    ([(CONTENT_TYPE, media.name().to_owned()), (CONTENT_DISPOSITION, name)], bytes).into_response()
}
