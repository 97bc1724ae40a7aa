//! `GET /s/{list}`

use super::file;
use crate::app::offline::{self, Form};
use crate::http;
use crate::http::problem::{Kind, Problem};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use axum::response::Response;

/// Seconds that a copy may be handed on; short beside the list's own time to live.
const KEPT: u32 = 60;

/// A list in the form that is accepted.
pub async fn get(
    State(state): State<http::State>,
    Path(text): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let unknown = || Problem::new(Kind::NotFound, "request.no_such_address");
    let plain = !text.starts_with(['0', '+']);
    let number = text.parse().ok().filter(|_| plain).ok_or_else(unknown)?;
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let form = if accept.contains(Form::Cwt.media_type()) { Form::Cwt } else { Form::Jwt };
    let list = offline::list(&state, number, form).await?.ok_or_else(unknown)?;
    // What it says and when it was made are one file.
    let kind = if form == Form::Cwt { 'c' } else { 'j' };
    let mark = format!("\"{}-{}{kind}\"", hex::encode(&list.content[..8]), list.made_at.seconds());
    Ok(file(&headers, mark, form.media_type(), KEPT, list.bytes))
}
