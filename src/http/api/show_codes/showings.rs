//! `GET /v1/showings`, `DELETE /v1/showings/{id}`

use crate::app::show_license::{self, Cursor};
use crate::domain::consent::Try;
use crate::domain::show_code::{Part, Showing};
use crate::domain::time::Timestamp;
use crate::http::api::common::{from_cursor, to_cursor};
use crate::http::body::StrictQuery;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::http::{self, detach};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which showings.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShowingQuery {
    /// Where the last slice ended: its `next`.
    #[schema(pattern = "^[A-Za-z0-9_-]{1,200}$")]
    after: Option<String>,
    /// How many; 50 unless told.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// A slice of the list.
#[derive(Serialize, ToSchema)]
pub struct ShowingList {
    /// Newest first.
    items: Vec<ShowingView>,
    /// Where to go on; null at the end.
    next: Option<String>,
}

/// A code that was drawn, and who redeemed it.
#[derive(Serialize, ToSchema)]
pub struct ShowingView {
    /// Identifier; says nothing about the code.
    id: String,
    /// The licenses, in the order chosen.
    licenses: Vec<ShowingPart>,
    /// How it came about: `rolling`, `prefetched`, `requested` or `face`.
    way: String,
    /// What for.
    purpose: String,
    /// Why sensitive fields are shown in full; null where they are masked.
    reason: Option<String>,
    /// Drawn.
    #[schema(format = "date-time")]
    created_at: String,
    /// End of its life.
    #[schema(format = "date-time")]
    expires_at: String,
    /// Withdrawn.
    #[schema(format = "date-time")]
    withdrawn_at: Option<String>,
    /// Who looked.
    redeemed: Option<RedemptionView>,
    /// Who came with the code after that; of each the first time, at most five.
    tried_again: Vec<TryView>,
}

/// Who came with a used code.
#[derive(Serialize, ToSchema)]
pub struct TryView {
    /// The counter or body.
    by: String,
    /// When.
    #[schema(format = "date-time")]
    at: String,
}

/// What was to be shown of one license.
#[derive(Serialize, ToSchema)]
pub struct ShowingPart {
    /// The license.
    license: String,
    /// The fields.
    fields: Vec<String>,
}

/// Who looked.
#[derive(Serialize, ToSchema)]
pub struct RedemptionView {
    /// The counter or body.
    by: String,
    /// When.
    #[schema(format = "date-time")]
    at: String,
    /// What for, as it was stated.
    matter: String,
}

impl From<(Showing, Vec<Try>)> for ShowingView {
    fn from((showing, tries): (Showing, Vec<Try>)) -> Self {
        let tried = |tried: Try| TryView { by: tried.label, at: tried.at.to_string() };
        let redeemed = showing.redeemed.map(|redemption| RedemptionView {
            by: redemption.label,
            at: redemption.at.to_string(),
            matter: redemption.matter,
        });
        let part = |part: Part| ShowingPart { license: part.license.to_string(), fields: part.fields };
        Self {
            id: showing.id,
            licenses: showing.parts.into_iter().map(part).collect(),
            way: showing.way.name().to_owned(),
            purpose: showing.purpose,
            reason: showing.reason,
            created_at: showing.created_at.to_string(),
            expires_at: showing.expires_at.to_string(),
            withdrawn_at: showing.withdrawn_at.map(|at| at.to_string()),
            redeemed,
            tried_again: tries.into_iter().map(tried).collect(),
        }
    }
}

/// Lists the holder's showings.
pub async fn list(
    State(state): State<http::State>,
    caller: Caller,
    StrictQuery(query): StrictQuery<ShowingQuery>,
) -> Result<Json<ShowingList>, Problem> {
    let after = from_cursor(query.after.as_deref(), |text| {
        let (micros, id) = text.split_once('~')?;
        Some(Cursor { created_at: Timestamp::from_micros(micros.parse().ok()?), id: id.to_owned() })
    })?;
    let found = show_license::list_with_tries(&state, &caller.credential, after, query.limit).await?;
    let next = found.last().map(|(last, _)| to_cursor(&format!("{}~{}", last.created_at.micros(), last.id)));
    Ok(Json(ShowingList { items: found.into_iter().map(ShowingView::from).collect(), next }))
}

/// Withdraws a code.
pub async fn withdraw(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    detach(async move { show_license::withdraw(&state, &caller.credential, &id).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}
