//! `POST /v1/envelopes`, `PUT /v1/envelopes/{id}`

use super::view::{EnvelopeView, envelope_id};
use crate::app::envelope::{correct, open};
use crate::http::api::common::{IdempotencyKey, license_id};
use crate::http::api::licenses::raw;
use crate::http::body::Strict;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::http::{self, detach};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A license to seal together.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenRequest {
    /// Kind: one that several seal together.
    #[schema(pattern = "^[a-z0-9-]{1,60}$", example = "construction-permit")]
    kind: String,
    /// The kind's fields; `GET /v1/license-kinds/{kind}` says which.
    #[schema(value_type = Object)]
    data: BTreeMap<String, Value>,
    /// The printed number, where the department gives it itself.
    #[schema(min_length = 1, max_length = 60)]
    number: Option<String>,
    /// Bodies for parties of the kind's stages, by the party's name; the others follow from level and responsibility.
    #[schema(max_items = 16)]
    #[serde(default)]
    parties: Vec<PartyChoice>,
    /// The edition of a license that this one shall take the place of: all fields as they shall stand from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    replaces: Option<ReplacesRequest>,
}

/// An edition to replace.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplacesRequest {
    /// Identifier of the license.
    #[schema(min_length = 1, max_length = 120)]
    license: String,
    /// The revision the caller saw: if it has changed since, nothing is done.
    #[schema(minimum = 0, maximum = 2147483647)]
    revision: Option<u32>,
    /// Why, for the record.
    #[schema(min_length = 2, max_length = 200)]
    reason: String,
}

/// Which body a party is.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PartyChoice {
    /// The party, by name.
    #[schema(pattern = "^[a-z0-9-]{1,40}$")]
    party: String,
    /// The body, by credit code.
    #[schema(pattern = "^[0-9A-Z]{18}$")]
    department: String,
}

/// A content as it shall be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectRequest {
    /// All fields.
    #[schema(value_type = Object)]
    data: BTreeMap<String, Value>,
    /// The printed number, where the department gives it itself.
    #[schema(min_length = 1, max_length = 60)]
    number: Option<String>,
    /// The revision the caller saw: if it has changed since, nothing is done.
    #[schema(minimum = 0, maximum = 2147483647)]
    revision: Option<u32>,
}

/// Starts an envelope.
pub async fn open(
    State(state): State<http::State>,
    caller: Caller,
    IdempotencyKey(key): IdempotencyKey,
    Strict(body): Strict<OpenRequest>,
) -> Result<(StatusCode, Json<EnvelopeView>), Problem> {
    // The members stand in the order of the type and the fields by name: the same request gives the same text.
    let hash = open::hash(&serde_json::to_vec(&body).unwrap_or_default());
    let parties = body.parties.into_iter().map(|choice| (choice.party, choice.department)).collect();
    let replaces = match body.replaces {
        None => None,
        Some(ReplacesRequest { license, revision, reason }) => {
            Some(open::Amended { license: license_id(&license)?, revision, reason })
        }
    };
    let (kind, data, number) = (body.kind, raw(body.data), body.number);
    let request = open::Request { kind, data, number, parties, replaces, hash };
    let service = state.clone();
    let work = async move { open::run(&service, &caller.credential, &key, request).await };
    Ok((StatusCode::CREATED, Json(EnvelopeView::of(&detach(work).await?))))
}

/// Corrects a draft.
pub async fn correct(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
    Strict(body): Strict<CorrectRequest>,
) -> Result<Json<EnvelopeView>, Problem> {
    let envelope = envelope_id(&id)?;
    let request =
        correct::Request { envelope, revision: body.revision, data: raw(body.data), number: body.number };
    let service = state.clone();
    let work = async move { correct::run(&service, &caller.credential, request).await };
    Ok(Json(EnvelopeView::of(&detach(work).await?)))
}
