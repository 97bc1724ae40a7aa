//! `/v1/standing-rules`

use super::write::CompanySeal;
use crate::app::business::rule;
use crate::domain::business::{RuleId, StandingRule};
use crate::domain::refusal::{Refusal, RefusalClass};
use crate::domain::seal::SealPurpose;
use crate::domain::time::Timestamp;
use crate::http::api::common::{day, from_cursor, to_cursor};
use crate::http::api::grants::view::WithdrawalView;
use crate::http::body::{Strict, StrictQuery};
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::http::{self, detach};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A rule to propose.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleRequest {
    /// The department whose registrations it holds for, by credit code.
    #[schema(pattern = "^[0-9A-Z]{18}$")]
    registry: String,
    /// Which seals may be made.
    #[schema(min_items = 1, max_items = 5)]
    purposes: Vec<CompanySeal>,
    /// How many days such a seal may be used.
    #[schema(minimum = 1, maximum = 1095)]
    days: u32,
    /// First day; at once unless told.
    #[schema(format = "date")]
    from: Option<String>,
    /// Last day.
    #[schema(format = "date")]
    until: String,
    /// Why, for the record.
    #[schema(min_length = 2, max_length = 200)]
    reason: String,
}

/// Why it is withdrawn.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawRuleRequest {
    /// For the record.
    #[schema(min_length = 2, max_length = 200)]
    reason: String,
}

/// Which rules.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleQuery {
    /// The registry, by credit code.
    #[schema(pattern = "^[0-9A-Z]{18}$")]
    registry: String,
    /// Where the last slice ended: its `next`.
    #[schema(pattern = "^[A-Za-z0-9_-]{1,60}$")]
    after: Option<String>,
    /// How many; 50 unless told.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// A slice of the list.
#[derive(Serialize, ToSchema)]
pub struct RuleList {
    /// Newest first.
    items: Vec<RuleView>,
    /// Where to go on; null at the end.
    next: Option<String>,
}

/// A standing rule.
#[derive(Serialize, ToSchema)]
pub struct RuleView {
    /// Identity.
    #[schema(pattern = "^[0-9a-f]{32}$")]
    id: String,
    /// The registry, by credit code.
    registry: String,
    /// Which seals may be made.
    purposes: Vec<String>,
    /// How many days such a seal may be used.
    days: u32,
    /// `proposed`, `waiting`, `in-force`, `ended` or `withdrawn`.
    state: String,
    /// Not before this.
    #[schema(format = "date-time")]
    from: String,
    /// Not from this on.
    #[schema(format = "date-time")]
    until: String,
    /// Why.
    reason: String,
    /// Who proposed it (credential).
    proposed_by: String,
    /// When.
    #[schema(format = "date-time")]
    proposed_at: String,
    /// The second person (credential).
    approved_by: Option<String>,
    /// When.
    #[schema(format = "date-time")]
    approved_at: Option<String>,
    /// Set when it was withdrawn.
    withdrawn: Option<WithdrawalView>,
}

impl RuleView {
    fn of(rule: StandingRule, now: Timestamp) -> Self {
        let state = rule.state(now).name().to_owned();
        let (approved_by, approved_at) = rule.approved.unzip();
        Self {
            id: rule.id.to_string(),
            registry: rule.registry,
            purposes: rule.purposes.iter().map(|purpose| purpose.name().to_owned()).collect(),
            days: rule.days,
            state,
            from: rule.from.to_string(),
            until: rule.until.to_string(),
            reason: rule.reason,
            proposed_by: rule.proposed_by,
            proposed_at: rule.proposed_at.to_string(),
            approved_by,
            approved_at: approved_at.map(|at| at.to_string()),
            withdrawn: rule.withdrawn.map(WithdrawalView::from),
        }
    }
}

/// Reads a rule's identity. What is none names no rule.
fn rule_id(text: &str) -> Result<RuleId, Problem> {
    RuleId::parse(text).ok_or_else(|| Refusal::new(RefusalClass::NotFound, "rule.unknown").into())
}

/// Lists.
pub async fn list(
    State(state): State<http::State>,
    caller: Caller,
    StrictQuery(query): StrictQuery<RuleQuery>,
) -> Result<Json<RuleList>, Problem> {
    let before = from_cursor(query.after.as_deref(), RuleId::parse)?;
    let found = rule::list(&state, &caller.credential, &query.registry, before.as_ref(), query.limit).await?;
    let next = found.last().map(|last| to_cursor(last.id.as_str()));
    let now = state.clock.now();
    Ok(Json(RuleList { items: found.into_iter().map(|rule| RuleView::of(rule, now)).collect(), next }))
}

/// Proposes.
pub async fn propose(
    State(state): State<http::State>,
    caller: Caller,
    Strict(body): Strict<RuleRequest>,
) -> Result<(StatusCode, Json<RuleView>), Problem> {
    let request = rule::Request {
        registry: body.registry,
        purposes: body.purposes.into_iter().map(SealPurpose::from).collect(),
        days: body.days,
        from: body.from.as_deref().map(|text| day("/from", text)).transpose()?,
        until: day("/until", &body.until)?,
        reason: body.reason,
    };
    let service = state.clone();
    let work = async move { rule::propose(&service, &caller.credential, request).await };
    Ok((StatusCode::CREATED, Json(RuleView::of(detach(work).await?, state.clock.now()))))
}

/// Approves.
pub async fn approve(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<RuleView>, Problem> {
    let id = rule_id(&id)?;
    let service = state.clone();
    let work = async move { rule::approve(&service, &caller.credential, &id).await };
    Ok(Json(RuleView::of(detach(work).await?, state.clock.now())))
}

/// Withdraws.
pub async fn withdraw(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
    Strict(body): Strict<WithdrawRuleRequest>,
) -> Result<Json<RuleView>, Problem> {
    let id = rule_id(&id)?;
    let service = state.clone();
    let work = async move { rule::withdraw(&service, &caller.credential, &id, &body.reason).await };
    Ok(Json(RuleView::of(detach(work).await?, state.clock.now())))
}
