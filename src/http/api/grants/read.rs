//! `GET /v1/seal-grants`, `…/{id}`, `…/{id}/uses`

use super::view::{GrantUseView, GrantView, grant_id};
use crate::app::list_grants::{self, UsePlace};
use crate::domain::grant::GrantId;
use crate::domain::refusal::{Refusal, RefusalClass};
use crate::domain::seal::SealCode;
use crate::http;
use crate::http::api::common::{from_cursor, to_cursor};
use crate::http::body::StrictQuery;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which grants.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantQuery {
    /// Those of this seal; those given to the caller, unless told.
    #[schema(pattern = "^[0-9]{14}$")]
    seal: Option<String>,
    /// Where the last slice ended: its `next`.
    #[schema(pattern = "^[A-Za-z0-9_-]{1,60}$")]
    after: Option<String>,
    /// How many; 50 unless told.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// A slice of the list.
#[derive(Serialize, ToSchema)]
pub struct GrantList {
    /// Newest first.
    items: Vec<GrantView>,
    /// Where to go on; null at the end.
    next: Option<String>,
}

/// Which uses.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UseQuery {
    /// Where the last slice ended: its `next`.
    #[schema(pattern = "^[A-Za-z0-9_-]{1,200}$")]
    after: Option<String>,
    /// How many; 50 unless told.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// A slice of the uses.
#[derive(Serialize, ToSchema)]
pub struct UseList {
    /// Oldest first.
    items: Vec<GrantUseView>,
    /// Where to go on; null at the end.
    next: Option<String>,
}

/// Lists grants.
pub async fn list(
    State(state): State<http::State>,
    caller: Caller,
    StrictQuery(query): StrictQuery<GrantQuery>,
) -> Result<Json<GrantList>, Problem> {
    let before = from_cursor(query.after.as_deref(), GrantId::parse)?;
    let (service, caller) = (&state, &caller.credential);
    let grants = match &query.seal {
        None => list_grants::to_caller(service, caller, before.as_ref(), query.limit).await?,
        Some(text) => {
            let unknown = || Refusal::new(RefusalClass::NotFound, "seal.unknown");
            let seal = SealCode::parse(text).ok_or_else(unknown)?;
            list_grants::of_seal(service, caller, &seal, before.as_ref(), query.limit).await?
        }
    };
    let next = grants.last().map(|last| to_cursor(last.id.as_str()));
    let now = state.clock.now();
    Ok(Json(GrantList { items: grants.into_iter().map(|grant| GrantView::of(grant, now)).collect(), next }))
}

/// One grant.
pub async fn one(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<GrantView>, Problem> {
    let grant = list_grants::one(&state, &caller.credential, &grant_id(&id)?).await?;
    Ok(Json(GrantView::of(grant, state.clock.now())))
}

/// Its uses.
pub async fn uses(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
    StrictQuery(query): StrictQuery<UseQuery>,
) -> Result<Json<UseList>, Problem> {
    let after = from_cursor(query.after.as_deref(), UsePlace::parse)?;
    let uses =
        list_grants::uses(&state, &caller.credential, &grant_id(&id)?, after.as_ref(), query.limit).await?;
    let next = uses.last().map(|last| to_cursor(&UsePlace::behind(last).to_text()));
    Ok(Json(UseList { items: uses.into_iter().map(GrantUseView::from).collect(), next }))
}
