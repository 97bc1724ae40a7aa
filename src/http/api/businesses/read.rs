//! `GET /v1/businesses`, `…/{code}`

use super::view::BusinessView;
use crate::app::business::read;
use crate::domain::business::Business;
use crate::http;
use crate::http::api::common::{from_cursor, to_cursor};
use crate::http::body::StrictQuery;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which businesses.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BusinessQuery {
    /// Where the last slice ended: its `next`.
    #[schema(pattern = "^[A-Za-z0-9_-]{1,60}$")]
    after: Option<String>,
    /// How many; 50 unless told.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// A slice of the list.
#[derive(Serialize, ToSchema)]
pub struct BusinessList {
    /// By credit code.
    items: Vec<BusinessRow>,
    /// Where to go on; null at the end.
    next: Option<String>,
}

/// A business in a list.
#[derive(Serialize, ToSchema)]
pub struct BusinessRow {
    /// Unified social credit code.
    code: String,
    /// Its name in full.
    name: String,
    /// `active` or `deregistered`.
    state: String,
    /// The edition of its license that stands.
    license: String,
    /// Grows with each change.
    revision: u32,
    /// When it was changed last.
    #[schema(format = "date-time")]
    changed_at: String,
}

impl From<Business> for BusinessRow {
    fn from(business: Business) -> Self {
        Self {
            code: business.code,
            name: business.name,
            state: business.state.name().to_owned(),
            license: business.license.as_str().to_owned(),
            revision: business.revision,
            changed_at: business.changed_at.to_string(),
        }
    }
}

/// Lists them.
pub async fn list(
    State(state): State<http::State>,
    caller: Caller,
    StrictQuery(query): StrictQuery<BusinessQuery>,
) -> Result<Json<BusinessList>, Problem> {
    let after = from_cursor(query.after.as_deref(), |text| Some(text.to_owned()))?.unwrap_or_default();
    let found = read::list(&state, &caller.credential, &after, query.limit).await?;
    let next = found.last().map(|last| to_cursor(&last.code));
    Ok(Json(BusinessList { items: found.into_iter().map(BusinessRow::from).collect(), next }))
}

/// One of them.
pub async fn one(
    State(state): State<http::State>,
    caller: Caller,
    Path(code): Path<String>,
) -> Result<Json<BusinessView>, Problem> {
    let whole = read::one(&state, &caller.credential, &code).await?;
    Ok(Json(BusinessView::of(&state, whole)))
}
