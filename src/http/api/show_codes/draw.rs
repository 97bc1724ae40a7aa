//! `POST /v1/licenses/{id}/show-codes`, `POST /v1/show-codes`

use crate::app::{show_code_pictures, show_license};
use crate::http::api::common::license_id;
use crate::http::body::Strict;
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

/// What to show.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrawRequest {
    /// Names of the fields to show.
    #[schema(min_items = 1, max_items = 100)]
    fields: Vec<String>,
    /// What for; the redeemer will read it.
    #[schema(min_length = 1, max_length = 60)]
    purpose: String,
    /// Why sensitive fields are to be seen in full; without it they are masked.
    #[schema(min_length = 1, max_length = 60)]
    reason: Option<String>,
    /// Seconds to live; 60 unless told.
    #[schema(minimum = 10, maximum = 600)]
    seconds: Option<u32>,
}

/// What to show of several licenses.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrawSeveralRequest {
    /// The licenses, each once.
    #[schema(min_items = 1, max_items = 10)]
    licenses: Vec<ChosenLicense>,
    /// What for; the redeemer will read it.
    #[schema(min_length = 1, max_length = 60)]
    purpose: String,
    /// Why sensitive fields are to be seen in full; without it they are masked.
    #[schema(min_length = 1, max_length = 60)]
    reason: Option<String>,
    /// Seconds to live; 60 unless told.
    #[schema(minimum = 10, maximum = 600)]
    seconds: Option<u32>,
}

/// What to show of one of them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChosenLicense {
    /// The license.
    pub(super) license: String,
    /// Names of the fields to show.
    #[schema(min_items = 1, max_items = 100)]
    pub(super) fields: Vec<String>,
}

/// A code just drawn.
#[derive(Serialize, ToSchema)]
pub struct DrawnCode {
    /// Identifier of the showing; says nothing about the code.
    id: String,
    /// The code: shown this once.
    #[schema(pattern = "^[0-9]{27}$")]
    code: String,
    /// The code in groups of four, to read aloud or type.
    grouped: String,
    /// The code as a QR picture.
    qr_svg: String,
    /// The same as PNG, in base64.
    qr_png: String,
    /// The code as bars (Code 128) for scanners that read lines only.
    bars_svg: String,
    /// End of its life.
    #[schema(format = "date-time")]
    expires_at: String,
}

/// Draws a code.
pub async fn draw(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
    Strict(body): Strict<DrawRequest>,
) -> Result<(StatusCode, Json<DrawnCode>), Problem> {
    let chosen = vec![show_license::Chosen { license: license_id(&id)?, fields: body.fields }];
    let (purpose, reason, seconds) = (body.purpose, body.reason, body.seconds);
    let request = show_license::Request { chosen, purpose, reason, seconds };
    drawn(state, caller, request).await.map_err(|problem| problem.within("/licenses/0"))
}

/// Draws a code for several licenses.
pub async fn draw_several(
    State(state): State<http::State>,
    caller: Caller,
    Strict(body): Strict<DrawSeveralRequest>,
) -> Result<(StatusCode, Json<DrawnCode>), Problem> {
    drawn(state, caller, body.request()?).await
}

impl DrawSeveralRequest {
    /// What it asks for.
    pub fn request(self) -> Result<show_license::Request, Problem> {
        let mut chosen = Vec::with_capacity(self.licenses.len());
        for one in self.licenses {
            chosen.push(show_license::Chosen { license: license_id(&one.license)?, fields: one.fields });
        }
        let (purpose, reason, seconds) = (self.purpose, self.reason, self.seconds);
        Ok(show_license::Request { chosen, purpose, reason, seconds })
    }
}

async fn drawn(
    state: http::State,
    caller: Caller,
    request: show_license::Request,
) -> Result<(StatusCode, Json<DrawnCode>), Problem> {
    let drawn = detach(async move { show_license::run(&state, &caller.credential, request).await }).await?;
    Ok((StatusCode::CREATED, Json(view(drawn)?)))
}

/// A code with its pictures.
pub fn view(drawn: show_license::Drawn) -> Result<DrawnCode, Problem> {
    let pictures = show_code_pictures::run(&drawn.code)?;
    Ok(DrawnCode {
        id: drawn.id,
        code: drawn.code.digits().to_owned(),
        grouped: drawn.code.grouped(),
        qr_svg: pictures.qr_svg,
        qr_png: STANDARD.encode(pictures.qr_png),
        bars_svg: pictures.bars_svg,
        expires_at: drawn.expires_at.to_string(),
    })
}
