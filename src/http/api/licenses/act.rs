//! `POST /v1/licenses/{id}/end`, `…/suspend`, `…/resume`

use super::view::LicenseView;
use crate::app::change_license_state::{self as change, Act};
use crate::domain::license::Ending;
use crate::http::api::common::license_id;
use crate::http::body::Strict;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::http::{self, detach};
use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use utoipa::ToSchema;

/// Why, and what the caller saw.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LicenseActRequest {
    /// Why, for the record.
    #[schema(min_length = 2, max_length = 200)]
    reason: String,
    /// The revision the caller saw: if it has changed since, nothing is done.
    #[schema(minimum = 0, maximum = 2147483647)]
    revision: Option<u32>,
}

/// By which act, why, and what the caller saw.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndRequest {
    /// The legal act.
    ending: EndingName,
    /// Why, for the record.
    #[schema(min_length = 2, max_length = 200)]
    reason: String,
    /// The revision the caller saw: if it has changed since, nothing is done.
    #[schema(minimum = 0, maximum = 2147483647)]
    revision: Option<u32>,
}

/// The four acts: 注销, 撤销, 撤回, 吊销.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EndingName {
    /// 注销
    Cancelled,
    /// 撤销
    Annulled,
    /// 撤回
    Withdrawn,
    /// 吊销
    Revoked,
}

impl From<EndingName> for Ending {
    fn from(name: EndingName) -> Self {
        match name {
            EndingName::Cancelled => Self::Cancelled,
            EndingName::Annulled => Self::Annulled,
            EndingName::Withdrawn => Self::Withdrawn,
            EndingName::Revoked => Self::Revoked,
        }
    }
}

type Answer = Result<Json<LicenseView>, Problem>;

/// Ends a license.
pub async fn end(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
    Strict(body): Strict<EndRequest>,
) -> Answer {
    run(state, caller, &id, Act::End(body.ending.into()), body.reason, body.revision).await
}

/// Suspends a license.
pub async fn suspend(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
    Strict(body): Strict<LicenseActRequest>,
) -> Answer {
    run(state, caller, &id, Act::Suspend, body.reason, body.revision).await
}

/// Resumes a license.
pub async fn resume(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
    Strict(body): Strict<LicenseActRequest>,
) -> Answer {
    run(state, caller, &id, Act::Resume, body.reason, body.revision).await
}

async fn run(
    state: http::State,
    caller: Caller,
    id: &str,
    act: Act,
    reason: String,
    revision: Option<u32>,
) -> Answer {
    let request = change::Request { license: license_id(id)?, act, reason, revision };
    let service = state.clone();
    let license = detach(async move { change::run(&service, &caller.credential, request).await }).await?;
    Ok(Json(LicenseView::of(&state, license)))
}
