//! `GET /v1/seal-status/{code}` and `POST /v1/seal-status`

use super::seals::view::{IntervalView, code};
use super::verifications::{FILES, upload};
use crate::app::seal_status::{self, Status};
use crate::domain::refusal::Fault;
use crate::domain::time::parse_time;
use crate::http;
use crate::http::body::StrictQuery;
use crate::http::caller::ClientAddress;
use crate::http::problem::{Kind, Place, Problem};
use crate::http::route::{Content, Route};
use axum::Json;
use axum::extract::{Path, Request, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The two routes.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/seal-status/{code}", of_code)
            .api("verification", "What a seal's state was at a moment, as a signed statement")
            .public()
            .query::<StatusQuery>()
            .gives::<SealStatusView>(200)
            .refuses(&[404, 422, 429, 503]),
        Route::post("/v1/seal-status", of_file)
            .api("verification", "The same for every seal found in a file, each at the time that it sealed")
            .public()
            .takes_content(Content::Upload(FILES))
            .gives::<FileSealsView>(200)
            .refuses(&[422, 429, 503]),
    ]
}

/// Which moment.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatusQuery {
    /// The moment (RFC 3339), not in the future; now, if left out.
    #[schema(format = "date-time", max_length = 40)]
    at: Option<String>,
}

/// What a seal's state was.
#[derive(Serialize, ToSchema)]
pub struct SealStatusView {
    /// The seal's code.
    #[schema(pattern = "^[0-9]{14}$")]
    seal: String,
    /// The moment asked about.
    #[schema(format = "date-time")]
    at: String,
    /// `active`, `suspended`, `expired`, `replaced`, `cancelled` or `void`; `not-made` before it was made.
    state: String,
    /// Its life since it was made; the statement holds the digest of it.
    intervals: Vec<IntervalView>,
    /// When this was said.
    #[schema(format = "date-time")]
    this_update: String,
    /// When to ask again.
    #[schema(format = "date-time")]
    next_update: String,
    /// The same, signed: a JSON Web Signature (ES256) with the signer's X.509 chain in its header.
    statement: String,
}

/// The seals of a file.
#[derive(Serialize, ToSchema)]
pub struct FileSealsView {
    /// SHA-256 of the file.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    file_sha256: String,
    /// In order.
    seals: Vec<FoundSealView>,
}

/// A seal in a file.
#[derive(Serialize, ToSchema)]
pub struct FoundSealView {
    /// Its code, as the file has it.
    seal_code: Option<String>,
    /// When it sealed, as far as the file says.
    #[schema(format = "date-time")]
    sealed_at: Option<String>,
    /// Its state at that time, or now where the file says none; null for a seal that this service does not know.
    status: Option<SealStatusView>,
}

impl From<Status> for SealStatusView {
    fn from(status: Status) -> Self {
        Self {
            seal: status.seal.to_string(),
            at: status.at.to_string(),
            state: status.state.to_owned(),
            intervals: status.intervals.into_iter().map(IntervalView::from).collect(),
            this_update: status.this_update.to_string(),
            next_update: status.next_update.to_string(),
            statement: status.statement,
        }
    }
}

async fn of_code(
    State(state): State<http::State>,
    ClientAddress(from): ClientAddress,
    Path(text): Path<String>,
    StrictQuery(query): StrictQuery<StatusQuery>,
) -> Result<Json<SealStatusView>, Problem> {
    let moment = |text: String| {
        let fault = || vec![Fault::at("/at", "seal.no_moment")];
        parse_time(&text).ok_or_else(|| Problem::faults(Kind::Invalid, Place::Query, fault()))
    };
    let at = query.at.map(moment).transpose()?;
    let status = seal_status::run(&state, &from, &code(&text)?, at).await?;
    Ok(Json(status.into()))
}

async fn of_file(
    State(state): State<http::State>,
    ClientAddress(from): ClientAddress,
    request: Request,
) -> Result<Json<FileSealsView>, Problem> {
    let bytes = upload(request).await?;
    let (file, found) = seal_status::in_file(&state, &from, bytes.to_vec()).await?;
    let seals = found.into_iter().map(|seal| FoundSealView {
        seal_code: seal.code,
        sealed_at: seal.sealed_at.map(|at| at.to_string()),
        status: seal.status.map(SealStatusView::from),
    });
    Ok(Json(FileSealsView { file_sha256: hex::encode(file), seals: seals.collect() }))
}
