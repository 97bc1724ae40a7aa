//! The asker's side: `POST /v1/requests`, `/v1/requests/{id}…`

use super::answer::Approved;
use crate::app::ask::{self, face};
use crate::app::show_code_pictures;
use crate::http::api::show_codes::ShownLicenses;
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

/// What is asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Code of a matter.
    #[schema(min_length = 1, max_length = 60)]
    matter: String,
    /// Less than the matter needs, where less will do: only these kinds and fields.
    #[schema(min_items = 1, max_items = 10)]
    only: Option<Vec<OnlyFields>>,
    /// Which counter, in one's own words. The registered name of who asks is shown before it.
    #[schema(max_length = 20)]
    counter: Option<String>,
}

/// Only these fields of a kind.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OnlyFields {
    /// Kind.
    #[schema(min_length = 1, max_length = 60)]
    kind: String,
    /// Names of fields, the holder's name among them.
    #[schema(min_items = 1, max_items = 100)]
    fields: Vec<String>,
}

/// A request just made.
#[derive(Serialize, ToSchema)]
pub struct OpenedRequest {
    /// Identifier; says nothing about the handle.
    id: String,
    /// The handle: told this once.
    #[schema(pattern = "^51[0-9]{25}$")]
    code: String,
    /// The handle in groups of four, to read aloud or type.
    grouped: String,
    /// The handle as a QR picture.
    qr_svg: String,
    /// The same as PNG, in base64.
    qr_png: String,
    /// Two digits that the holder must read off this screen.
    #[schema(minimum = 10, maximum = 99)]
    number: u8,
    /// Who asks, as the holder reads it.
    asker: String,
    /// No yes after this.
    #[schema(format = "date-time")]
    expires_at: String,
}

/// What became of a request.
#[derive(Serialize, ToSchema)]
pub struct RequestState {
    /// Identifier.
    id: String,
    /// Code of the matter.
    matter: String,
    /// `open`, `expired`, `approved`, `declined`, `withdrawn` or `mismatched`.
    state: String,
    /// The showing that a yes made.
    showing: Option<String>,
    /// No yes after this.
    #[schema(format = "date-time")]
    expires_at: String,
}

/// A verifier's word.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Assertion {
    /// A compact JWS, ES256, type `identity-assertion+jwt`.
    #[schema(min_length = 1, max_length = 4096)]
    pub(in crate::http::api) assertion: String,
}

/// Asks.
pub async fn open(
    State(state): State<http::State>,
    caller: Caller,
    Strict(body): Strict<Question>,
) -> Result<(StatusCode, Json<OpenedRequest>), Problem> {
    let only = body
        .only
        .map(|only| only.into_iter().map(|OnlyFields { kind, fields }| ask::Only { kind, fields }).collect());
    let question = ask::Question { matter: body.matter, only, counter: body.counter.unwrap_or_default() };
    let opened = detach(async move { ask::open(&state, &caller.credential, question).await }).await?;
    let pictures = show_code_pictures::of_digits(opened.code.digits())?;
    let view = OpenedRequest {
        id: opened.request.id.clone(),
        code: opened.code.digits().to_owned(),
        grouped: opened.code.grouped(),
        qr_svg: pictures.qr_svg,
        qr_png: STANDARD.encode(pictures.qr_png),
        number: opened.request.number,
        asker: opened.request.asker(),
        expires_at: opened.request.expires_at.to_string(),
    };
    Ok((StatusCode::CREATED, Json(view)))
}

/// What became of it.
pub async fn watch(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<RequestState>, Problem> {
    let ask::Watched { request, state, .. } = ask::watch(&state, &caller.credential, &id).await?;
    Ok(Json(RequestState {
        state: state.to_owned(),
        showing: request.ended.and_then(|ended| ended.showing),
        expires_at: request.expires_at.to_string(),
        matter: request.matter,
        id: request.id,
    }))
}

/// Takes it back.
pub async fn withdraw(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    detach(async move { ask::withdraw(&state, &caller.credential, &id).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What was shown.
pub async fn disclosed(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<ShownLicenses>, Problem> {
    let shown = detach(async move { ask::disclosed(&state, &caller.credential, &id).await }).await?;
    Ok(Json(shown.into()))
}

/// Brings an assertion.
pub async fn assert(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
    Strict(body): Strict<Assertion>,
) -> Result<(StatusCode, Json<Approved>), Problem> {
    let work = async move { face::recognised(&state, &caller.credential, &id, &body.assertion).await };
    let showing = detach(work).await?;
    Ok((StatusCode::CREATED, Json(Approved { showing })))
}
