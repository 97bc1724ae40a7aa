//! `GET /v1/licenses`

use super::view::LicenseView;
use crate::app::list_licenses::{self, Cursor};
use crate::http;
use crate::http::api::common::{from_cursor, to_cursor};
use crate::http::body::StrictQuery;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which licenses.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// Of this kind.
    #[schema(pattern = "^[a-z0-9-]{1,60}$")]
    kind: Option<String>,
    /// With this printed number.
    #[schema(min_length = 1, max_length = 100)]
    number: Option<String>,
    /// In this state.
    #[schema(pattern = "^(active|suspended|cancelled|annulled|withdrawn|revoked|superseded)$")]
    state: Option<String>,
    /// Where the last slice ended: its `next`.
    #[schema(pattern = "^[A-Za-z0-9_-]{1,300}$")]
    after: Option<String>,
    /// How many; 50 unless told.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// A slice of the list.
#[derive(Serialize, ToSchema)]
pub struct LicenseList {
    /// Newest first.
    pub items: Vec<LicenseView>,
    /// Where to go on; null at the end.
    pub next: Option<String>,
}

/// Lists licenses. A holder's code is personal, so it is no parameter: a holder is known by its credential.
pub async fn list(
    State(state): State<http::State>,
    caller: Caller,
    StrictQuery(query): StrictQuery<ListQuery>,
) -> Result<Json<LicenseList>, Problem> {
    let request = list_licenses::Request {
        kind: query.kind,
        holder: None,
        number: query.number,
        state: query.state,
        after: from_cursor(query.after.as_deref(), Cursor::parse)?,
        limit: query.limit,
    };
    let slice = list_licenses::run(&state, &caller.credential, request).await?;
    let next = slice.next.map(|cursor| to_cursor(&cursor.to_text()));
    let items = slice.licenses.into_iter().map(|license| LicenseView::of(&state, license)).collect();
    Ok(Json(LicenseList { items, next }))
}
