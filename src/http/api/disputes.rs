//! `POST /v1/space/uses/{id}/dispute`, `/v1/disputes…`: "this was not me", and what came of it.

use super::common::{from_cursor, to_cursor};
use super::space::SpaceUseView;
use crate::app::dispute_use::{self, Disputed};
use crate::app::space;
use crate::domain::consent::Dispute;
use crate::domain::party::Role;
use crate::http::body::{Strict, StrictQuery};
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::http::route::Route;
use crate::http::{self, detach};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const TAG: &str = "spaces";

/// Routes about disputes.
pub fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/space/uses/{id}/dispute", dispute)
            .api(TAG, "Say that a use of the caller's own was not its doing; once a use")
            .roles(&[Role::Holder, Role::CompanyManager])
            .takes::<DisputeRequest>()
            .gives::<DisputeView>(201)
            .refuses(&[404, 409]),
        Route::get("/v1/disputes", list)
            .api(TAG, "Uses that their owners dispute, newest first")
            .roles(&[Role::Operator, Role::Auditor])
            .query::<DisputeQuery>()
            .gives::<DisputeList>(200)
            .refuses(&[404]),
        Route::post("/v1/disputes/{use}/answer", answer)
            .api(TAG, "Say what came of a dispute, in words that the owner reads; once")
            .roles(&[Role::Operator])
            .takes::<DisputeAnswerRequest>()
            .gives::<DisputeView>(200)
            .refuses(&[404, 409]),
    ]
}

/// What the owner says.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DisputeRequest {
    /// In its own words, if it likes.
    #[schema(max_length = 200)]
    words: Option<String>,
}

/// What came of it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DisputeAnswerRequest {
    /// In words that the owner reads.
    #[schema(min_length = 2, max_length = 200)]
    words: String,
}

/// Which disputes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DisputeQuery {
    /// Where the last slice ended: its `next`.
    #[schema(pattern = "^[A-Za-z0-9_-]{1,120}$")]
    after: Option<String>,
    /// How many; 50 unless told.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// A dispute.
#[derive(Serialize, ToSchema)]
pub struct DisputeView {
    /// The use.
    #[serde(rename = "use")]
    used: String,
    /// When the owner said so.
    #[schema(format = "date-time")]
    at: String,
    /// In its words; may be empty.
    words: String,
    /// What came of it; null while nobody has said.
    answer: Option<DisputeAnswerView>,
}

/// What came of a dispute.
#[derive(Serialize, ToSchema)]
pub struct DisputeAnswerView {
    /// When.
    #[schema(format = "date-time")]
    at: String,
    /// In words.
    words: String,
}

/// A slice of the disputes.
#[derive(Serialize, ToSchema)]
pub struct DisputeList {
    /// Newest first.
    items: Vec<DisputedUse>,
    /// Where to go on; null at the end.
    next: Option<String>,
}

/// A dispute with the use that it is about.
#[derive(Serialize, ToSchema)]
pub struct DisputedUse {
    /// Whose it is, masked.
    owner: String,
    /// The use.
    #[serde(rename = "use")]
    used: SpaceUseView,
}

impl From<Dispute> for DisputeView {
    fn from(dispute: Dispute) -> Self {
        let answer = dispute.answer;
        Self {
            used: dispute.used,
            at: dispute.at.to_string(),
            words: dispute.words,
            answer: answer.map(|answer| DisputeAnswerView { at: answer.at.to_string(), words: answer.words }),
        }
    }
}

async fn dispute(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
    Strict(body): Strict<DisputeRequest>,
) -> Result<(StatusCode, Json<DisputeView>), Problem> {
    let words = body.words.unwrap_or_default();
    let made = detach(async move { dispute_use::run(&state, &caller.credential, &id, &words).await }).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}

async fn list(
    State(state): State<http::State>,
    caller: Caller,
    StrictQuery(query): StrictQuery<DisputeQuery>,
) -> Result<Json<DisputeList>, Problem> {
    let before = from_cursor(query.after.as_deref(), space::place)?;
    let found = dispute_use::list(&state, &caller.credential, before.as_ref(), query.limit).await?;
    let next =
        found.last().map(|last| to_cursor(&format!("{} {}", last.dispute.at.micros(), last.dispute.used)));
    let view = |Disputed { dispute, used, owner }| DisputedUse {
        owner,
        used: SpaceUseView::of(used, Some(dispute)),
    };
    Ok(Json(DisputeList { items: found.into_iter().map(view).collect(), next }))
}

async fn answer(
    State(state): State<http::State>,
    caller: Caller,
    Path(used): Path<String>,
    Strict(body): Strict<DisputeAnswerRequest>,
) -> Result<Json<DisputeView>, Problem> {
    let work = async move { dispute_use::answer(&state, &caller.credential, &used, &body.words).await };
    Ok(Json(detach(work).await?.into()))
}
