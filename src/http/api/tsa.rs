//! `POST /tsa`: the service as a timestamping authority (RFC 3161 §3.4; GB/T 20520 for digests of SM3).

use crate::app::AppError;
use crate::http;
use crate::http::body::{expect_type, read};
use crate::http::problem::{Kind, Problem};
use crate::http::route::{Content, Route};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

const QUERY: &str = "application/timestamp-query";
const REPLY: &str = "application/timestamp-reply";
/// A request holds a digest, a nonce and a policy.
const MAX_QUERY: usize = 8 * 1024;

/// The one route.
pub fn routes() -> Vec<Route> {
    vec![
        Route::post("/tsa", stamp)
            .api("tsa", "Timestamp a digest (RFC 3161), of SM3 with SM2 where the service has it; a refusal is a reply too")
            .public()
            .takes_content(Content::Bytes(&[QUERY]))
            .gives_bytes(&[REPLY])
            .refuses(&[404]),
    ]
}

async fn stamp(State(state): State<http::State>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    expect_type(&parts.headers, QUERY)?;
    let query = read(&parts.headers, body, MAX_QUERY).await?;
    let answering = tokio::task::spawn_blocking(move || state.timestamps.answer(&query));
    let reply = answering.await.map_err(|why| Problem::from(AppError::internal(why)))?;
    let reply = reply.ok_or_else(|| Problem::new(Kind::NotFound, "timestamps.not_here"))?;
    Ok(([(CONTENT_TYPE, REPLY)], reply).into_response())
}
