//! `POST /v1/businesses`, `…/{code}/change`, `…/{code}/deregister`

use super::view::BusinessView;
use crate::app::business::{deregister, read, register};
use crate::domain::business::COMPANY_SEALS;
use crate::domain::license::Ending;
use crate::domain::refusal::Fault;
use crate::domain::seal::{SealCode, SealPurpose};
use crate::http::api::common::{IdempotencyKey, license_id};
use crate::http::api::licenses::{EndingName, raw};
use crate::http::body::Strict;
use crate::http::caller::Caller;
use crate::http::problem::{Kind, Place, Problem};
use crate::http::{self, detach};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A business to register.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// Kind of its license.
    #[schema(pattern = "^[a-z0-9-]{1,60}$", example = "business-license")]
    kind: String,
    /// Code of the department's seal on the license.
    #[schema(pattern = "^[0-9]{14}$")]
    seal: String,
    /// The license's fields; `GET /v1/license-kinds/{kind}` says which. What the seals say is taken from them.
    #[schema(value_type = Object)]
    data: BTreeMap<String, Value>,
    /// The seals to make with it; all five unless told. The legal name seal is never left out.
    #[schema(min_items = 1, max_items = 5)]
    seals: Option<Vec<CompanySeal>>,
    /// The license that the business has already, where it was licensed before it had seals here: the new one is its next
    /// edition.
    #[schema(min_length = 1, max_length = 120)]
    replaces: Option<String>,
    /// Why that one is replaced, for the record.
    #[schema(min_length = 2, max_length = 200)]
    reason: Option<String>,
}

/// What a company's seal is for.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CompanySeal {
    /// 法定名称章
    LegalName,
    /// 财务专用章
    Finance,
    /// 合同专用章
    Contract,
    /// 发票专用章
    Invoice,
    /// 法定代表人名章
    LegalRepresentative,
}

impl From<CompanySeal> for SealPurpose {
    fn from(seal: CompanySeal) -> Self {
        match seal {
            CompanySeal::LegalName => Self::LegalName,
            CompanySeal::Finance => Self::Finance,
            CompanySeal::Contract => Self::Contract,
            CompanySeal::Invoice => Self::Invoice,
            CompanySeal::LegalRepresentative => Self::LegalRepresentative,
        }
    }
}

/// A change of a business.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BusinessChange {
    /// Code of the department's seal on the new edition of the license.
    #[schema(pattern = "^[0-9]{14}$")]
    seal: String,
    /// All fields as they shall stand from now on.
    #[schema(value_type = Object)]
    data: BTreeMap<String, Value>,
    /// Seals to make beside those that the change makes anew.
    #[schema(max_items = 5)]
    #[serde(default)]
    seals: Vec<CompanySeal>,
    /// Why, for the record.
    #[schema(min_length = 2, max_length = 200)]
    reason: String,
    /// The revision of the business that the caller saw: if it has changed since, nothing is done.
    #[schema(minimum = 1, maximum = 2147483647)]
    revision: Option<u32>,
}

/// The end of a business.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Deregistration {
    /// The legal act by which its license ends; `cancelled` (注销) unless told.
    ending: Option<EndingName>,
    /// Why, for the record.
    #[schema(min_length = 2, max_length = 200)]
    reason: String,
    /// The revision of the business that the caller saw: if it has changed since, nothing is done.
    #[schema(minimum = 1, maximum = 2147483647)]
    revision: Option<u32>,
}

fn fault(pointer: &str, code: &'static str) -> Problem {
    Problem::faults(Kind::Invalid, Place::Body, vec![Fault::at(pointer, code)])
}

fn seal(text: &str) -> Result<SealCode, Problem> {
    SealCode::parse(text).ok_or_else(|| fault("/seal", "seal.not_a_code"))
}

fn purposes(seals: Vec<CompanySeal>) -> Vec<SealPurpose> {
    seals.into_iter().map(SealPurpose::from).collect()
}

type Answer = Result<(StatusCode, Json<BusinessView>), Problem>;

/// Registers.
pub async fn register(
    State(state): State<http::State>,
    caller: Caller,
    IdempotencyKey(key): IdempotencyKey,
    Strict(body): Strict<Registration>,
) -> Answer {
    let replaces = match (body.replaces, body.reason) {
        (None, None) => None,
        (Some(license), Some(reason)) => Some((license_id(&license)?, reason)),
        (Some(_), None) => return Err(fault("/reason", "field.required")),
        (None, Some(_)) => return Err(fault("/replaces", "field.required")),
    };
    let request = register::Registration {
        kind: body.kind,
        seal: seal(&body.seal)?,
        data: raw(body.data),
        seals: body.seals.map_or_else(|| COMPANY_SEALS.to_vec(), purposes),
        replaces,
    };
    let service = state.clone();
    let whole = detach(async move {
        let issued = register::run(&service, &caller.credential, &key, request).await?;
        read::one(&service, &caller.credential, &issued.license.holder.code).await
    });
    Ok((StatusCode::CREATED, Json(BusinessView::of(&state, whole.await?))))
}

/// Changes.
pub async fn change(
    State(state): State<http::State>,
    caller: Caller,
    Path(code): Path<String>,
    IdempotencyKey(key): IdempotencyKey,
    Strict(body): Strict<BusinessChange>,
) -> Answer {
    let request = register::Change {
        business: code.clone(),
        revision: body.revision,
        seal: seal(&body.seal)?,
        data: raw(body.data),
        seals: purposes(body.seals),
        reason: body.reason,
    };
    let service = state.clone();
    let whole = detach(async move {
        register::change(&service, &caller.credential, &key, request).await?;
        read::one(&service, &caller.credential, &code).await
    });
    Ok((StatusCode::CREATED, Json(BusinessView::of(&state, whole.await?))))
}

/// Ends.
pub async fn deregister(
    State(state): State<http::State>,
    caller: Caller,
    Path(code): Path<String>,
    Strict(body): Strict<Deregistration>,
) -> Result<Json<BusinessView>, Problem> {
    let request = deregister::Request {
        business: code.clone(),
        revision: body.revision,
        ending: body.ending.map_or(Ending::Cancelled, Ending::from),
        reason: body.reason,
    };
    let service = state.clone();
    let whole = detach(async move {
        deregister::run(&service, &caller.credential, request).await?;
        read::one(&service, &caller.credential, &code).await
    });
    Ok(Json(BusinessView::of(&state, whole.await?)))
}
