//! `POST /v1/licenses/{id}/paper-codes`, `GET /v1/paper-codes`, `DELETE /v1/paper-codes/{id}`

use crate::app::offline::paper;
use crate::domain::offline_code::{PaperCode, PaperCodeId};
use crate::domain::refusal::{Refusal, RefusalClass};
use crate::domain::time::Timestamp;
use crate::http::api::common::{from_cursor, license_id, to_cursor};
use crate::http::body::{Strict, StrictQuery};
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::http::{self, detach};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What to print.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaperCodeRequest {
    /// Names of the fields to show; they are masked as the kind says.
    #[schema(min_items = 1, max_items = 12)]
    fields: Vec<String>,
    /// What for; it stands under the signature.
    #[schema(min_length = 1, max_length = 30)]
    purpose: String,
    /// For whom alone.
    #[schema(min_length = 1, max_length = 30)]
    recipient: Option<String>,
    /// Days to live: 7, 30 or 90.
    #[schema(minimum = 7, maximum = 90)]
    days: u64,
}

/// A code just made.
#[derive(Serialize, ToSchema)]
pub struct MadePaperCode {
    /// What is kept of it.
    paper_code: PaperCodeView,
    /// The code: digits, told this once.
    #[schema(pattern = "^81[0-9]{100,1210}$")]
    digits: String,
    /// As a QR picture.
    qr_svg: String,
    /// The same as PNG, in base64.
    qr_png: String,
    /// The sheet to print: PDF, A4, in base64.
    sheet_pdf: String,
}

/// A code on paper.
#[derive(Serialize, ToSchema)]
pub struct PaperCodeView {
    /// Identifier.
    #[schema(pattern = "^[0-9a-f]{32}$")]
    id: String,
    /// The license.
    license: String,
    /// The fields in it.
    fields: Vec<String>,
    /// What for.
    purpose: String,
    /// For whom alone; null for whoever it is shown to.
    recipient: Option<String>,
    /// At which kiosk it was printed; null where the holder made it.
    place: Option<String>,
    /// `live`, `expired` or `ended`.
    #[schema(pattern = "^(live|expired|ended)$")]
    standing: String,
    /// Made.
    #[schema(format = "date-time")]
    made_at: String,
    /// Good until.
    #[schema(format = "date-time")]
    expires_at: String,
    /// Ended by the holder.
    #[schema(format = "date-time")]
    ended_at: Option<String>,
}

impl PaperCodeView {
    fn of(code: PaperCode, now: Timestamp) -> Self {
        Self {
            standing: code.standing(now).to_owned(),
            id: code.id.to_string(),
            license: code.license.to_string(),
            fields: code.fields,
            purpose: code.purpose,
            recipient: code.recipient,
            place: code.place,
            made_at: code.made_at.to_string(),
            expires_at: code.expires_at.to_string(),
            ended_at: code.ended_at.map(|at| at.to_string()),
        }
    }
}

/// A slice of the list.
#[derive(Serialize, ToSchema)]
pub struct PaperCodeList {
    /// Newest first.
    items: Vec<PaperCodeView>,
    /// Where to go on; null at the end.
    next: Option<String>,
}

/// Which codes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaperCodeQuery {
    /// Where the last slice ended: its `next`.
    #[schema(pattern = "^[A-Za-z0-9_-]{1,200}$")]
    after: Option<String>,
    /// How many; 50 unless told.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// Makes one.
pub async fn make(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
    Strict(body): Strict<PaperCodeRequest>,
) -> Result<(StatusCode, Json<MadePaperCode>), Problem> {
    let license = license_id(&id)?;
    let PaperCodeRequest { fields, purpose, recipient, days } = body;
    let request = paper::Request { license, fields, purpose, recipient, days };
    let now = state.clock.now();
    let made = detach(async move { paper::run(&state, &caller.credential, request).await }).await?;
    let view = MadePaperCode {
        paper_code: PaperCodeView::of(made.code, now),
        digits: made.digits,
        qr_svg: made.qr.svg(),
        qr_png: STANDARD.encode(made.qr.png(PIXELS)),
        sheet_pdf: STANDARD.encode(made.sheet),
    };
    Ok((StatusCode::CREATED, Json(view)))
}

/// Pixels a module of the picture: that of a large code is about a thousand pixels wide.
const PIXELS: usize = 12;

/// The holder's codes.
pub async fn list(
    State(state): State<http::State>,
    caller: Caller,
    StrictQuery(query): StrictQuery<PaperCodeQuery>,
) -> Result<Json<PaperCodeList>, Problem> {
    let before = from_cursor(query.after.as_deref(), PaperCodeId::parse)?;
    let now = state.clock.now();
    let found = paper::list(&state, &caller.credential, before.as_ref(), query.limit).await?;
    let next = found.last().map(|last| to_cursor(last.id.as_str()));
    Ok(Json(PaperCodeList {
        items: found.into_iter().map(|code| PaperCodeView::of(code, now)).collect(),
        next,
    }))
}

/// Ends one.
pub async fn end(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let unknown = || Problem::from(Refusal::new(RefusalClass::NotFound, "paper_code.unknown"));
    let id = PaperCodeId::parse(&id).ok_or_else(unknown)?;
    detach(async move { paper::end(&state, &caller.credential, &id).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}
