//! `POST` and `DELETE /v1/show-codes:prefetch`

use super::draw::{ChosenLicense, DrawnCode, view};
use crate::app::prefetch_show_codes;
use crate::app::show_license::Chosen;
use crate::http::api::common::license_id;
use crate::http::body::Strict;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::http::{self, detach};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What to show with codes that a phone keeps.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PrefetchRequest {
    /// The licenses, each once. Sensitive fields stay masked.
    #[schema(min_items = 1, max_items = 10)]
    licenses: Vec<ChosenLicense>,
    /// What for; the redeemer will read it.
    #[schema(min_length = 1, max_length = 60)]
    purpose: String,
    /// How many codes; 10 unless told.
    #[schema(minimum = 1, maximum = 10)]
    count: Option<u32>,
    /// Hours they live; 24 unless told.
    #[schema(minimum = 1, maximum = 24)]
    hours: Option<u32>,
}

/// Codes for a phone to keep: each opens once, and all are withdrawn when the same credential draws or fetches again.
#[derive(Serialize, ToSchema)]
pub struct PrefetchedCodes {
    /// The codes: told this once.
    codes: Vec<DrawnCode>,
}

/// Fetches codes in advance.
pub async fn fetch(
    State(state): State<http::State>,
    caller: Caller,
    Strict(body): Strict<PrefetchRequest>,
) -> Result<(StatusCode, Json<PrefetchedCodes>), Problem> {
    let mut chosen = Vec::with_capacity(body.licenses.len());
    for one in body.licenses {
        chosen.push(Chosen { license: license_id(&one.license)?, fields: one.fields });
    }
    let request = prefetch_show_codes::Request {
        chosen,
        purpose: body.purpose,
        count: body.count.unwrap_or(*prefetch_show_codes::COUNT.end()),
        hours: body.hours.unwrap_or(*prefetch_show_codes::HOURS.end()),
    };
    let work = async move { prefetch_show_codes::run(&state, &caller.credential, request).await };
    let codes = detach(work).await?.into_iter().map(view).collect::<Result<_, _>>()?;
    Ok((StatusCode::CREATED, Json(PrefetchedCodes { codes })))
}

/// Withdraws those that nobody has used.
pub async fn drop_all(State(state): State<http::State>, caller: Caller) -> Result<StatusCode, Problem> {
    detach(async move { prefetch_show_codes::drop_all(&state, &caller.credential).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}
