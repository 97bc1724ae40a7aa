//! `POST /v1/seal-grants`, `…/{id}/withdraw`

use super::view::{GrantView, grant_id};
use crate::app::{grant_seal, withdraw_grant};
use crate::domain::grant::Grantee;
use crate::domain::refusal::Fault;
use crate::domain::seal::SealCode;
use crate::http::api::common::day;
use crate::http::body::Strict;
use crate::http::caller::Caller;
use crate::http::problem::{Kind, Place, Problem};
use crate::http::{self, detach};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

/// A grant to make. Either `body` or `credential` says who may use the seal.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantRequest {
    /// Code of the seal.
    #[schema(pattern = "^[0-9]{14}$")]
    seal: String,
    /// The body that may use it, by credit code.
    #[schema(pattern = "^[0-9A-Z]{18}$")]
    body: Option<String>,
    /// The credential that may use it: a clerk's, or a system's.
    #[schema(min_length = 1, max_length = 64)]
    credential: Option<String>,
    /// For which license kinds; none only where it is for documents.
    #[schema(max_items = 50)]
    #[serde(default)]
    kinds: Vec<String>,
    /// Whether documents that the grantee brings may be sealed (`POST /v1/seal-jobs`); not unless told.
    #[serde(default)]
    documents: bool,
    /// First day; at once unless told.
    #[schema(format = "date")]
    from: Option<String>,
    /// Last day.
    #[schema(format = "date")]
    until: String,
    /// How often at most; any number unless told.
    #[schema(minimum = 1, maximum = 1000000)]
    most: Option<u32>,
    /// Why, for the record.
    #[schema(min_length = 2, max_length = 200)]
    reason: String,
}

/// Why it is taken back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawGrantRequest {
    /// For the record.
    #[schema(min_length = 2, max_length = 200)]
    reason: String,
}

/// Grants.
pub async fn grant(
    State(state): State<http::State>,
    caller: Caller,
    Strict(body): Strict<GrantRequest>,
) -> Result<(StatusCode, Json<GrantView>), Problem> {
    let fault = |pointer, code| Problem::faults(Kind::Invalid, Place::Body, vec![Fault::at(pointer, code)]);
    let grantee = match (body.body, body.credential) {
        (Some(code), None) => Grantee::Body(code),
        (None, Some(id)) => Grantee::Credential(id),
        _ => return Err(fault("/body", "grant.one_grantee")),
    };
    let request = grant_seal::Request {
        seal: SealCode::parse(&body.seal).ok_or_else(|| fault("/seal", "seal.not_a_code"))?,
        grantee,
        kinds: body.kinds,
        documents: body.documents,
        from: body.from.as_deref().map(|text| day("/from", text)).transpose()?,
        until: day("/until", &body.until)?,
        most: body.most,
        reason: body.reason,
    };
    let service = state.clone();
    let work = async move { grant_seal::run(&service, &caller.credential, request).await };
    Ok((StatusCode::CREATED, Json(GrantView::of(detach(work).await?, state.clock.now()))))
}

/// Takes back.
pub async fn withdraw(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
    Strict(body): Strict<WithdrawGrantRequest>,
) -> Result<Json<GrantView>, Problem> {
    let id = grant_id(&id)?;
    let service = state.clone();
    let work = async move { withdraw_grant::run(&service, &caller.credential, &id, &body.reason).await };
    Ok(Json(GrantView::of(detach(work).await?, state.clock.now())))
}
