//! `/share/v1/allowances…`, `/share/v1/usage`, `/share/v1/remarks`: who may ask, how often they did, what they found wrong.

use super::TAG;
use crate::app::sharing::allow;
use crate::domain::party::Role;
use crate::domain::sharing::{Allowance, Count, Remark};
use crate::domain::time::{Timestamp, format_date};
use crate::http::api::common::day;
use crate::http::body::{Strict, StrictQuery};
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::http::route::Route;
use crate::http::{self, detach};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

const OPERATOR: &[Role] = &[Role::Operator];
const READERS: &[Role] = &[Role::Auditor, Role::Operator];

/// Routes of those who look after the service.
pub fn routes() -> Vec<Route> {
    vec![
        Route::put("/share/v1/allowances/{credential}", register)
            .api(TAG, "Register what a system may ask; it waits for another operator")
            .roles(OPERATOR)
            .takes::<AllowanceRequest>()
            .gives::<AllowanceView>(201)
            .refuses(&[404]),
        Route::get("/share/v1/allowances", list)
            .api(TAG, "What systems may ask")
            .roles(READERS)
            .query::<AllowanceQuery>()
            .gives::<AllowanceList>(200),
        Route::post("/share/v1/allowances/{credential}/confirm", confirm)
            .api(TAG, "Confirm what another operator registered; from now on it is in force")
            .roles(OPERATOR)
            .gives::<AllowanceView>(200)
            .refuses(&[404, 409]),
        Route::post("/share/v1/allowances/{credential}/withdraw", withdraw)
            .api(TAG, "End what a system may ask")
            .roles(OPERATOR)
            .takes::<WithdrawAllowance>()
            .gives::<AllowanceView>(200)
            .refuses(&[404, 409]),
        Route::get("/share/v1/usage", usage)
            .api(TAG, "How often each system asked what, by day")
            .roles(READERS)
            .query::<UsageQuery>()
            .gives::<UsageList>(200)
            .refuses(&[422]),
        Route::get("/share/v1/remarks", remarks)
            .api(TAG, "What systems say is wrong on your licenses, newest first")
            .roles(&[Role::Department])
            .query::<RemarkQuery>()
            .gives::<RemarkList>(200)
            .refuses(&[404]),
    ]
}

/// What a system may ask.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AllowanceRequest {
    /// What the system is called; every question names it.
    #[schema(min_length = 1, max_length = 60)]
    system: String,
    /// License kinds.
    #[schema(min_items = 1, max_items = 100)]
    kinds: Vec<String>,
    /// Codes of the items (事项编码) that it may ask for.
    #[schema(min_items = 1, max_items = 100)]
    causes: Vec<String>,
    /// Kinds among them that law lets it see without the holder's consent.
    #[schema(max_items = 100)]
    lawful: Option<Vec<String>>,
    /// Which law that is.
    #[schema(max_length = 200)]
    basis: Option<String>,
    /// Questions a minute.
    #[schema(minimum = 1, maximum = 6000)]
    per_minute: u32,
    /// For how many days.
    #[schema(minimum = 1, maximum = 366)]
    days: u32,
}

/// Why it ends.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawAllowance {
    /// For the record.
    #[schema(min_length = 2, max_length = 200)]
    reason: String,
}

/// What a system may ask, and whether it is in force.
#[derive(Serialize, ToSchema)]
pub struct AllowanceView {
    /// The system's credential.
    credential: String,
    /// What the system is called.
    system: String,
    /// License kinds.
    kinds: Vec<String>,
    /// Codes of items.
    causes: Vec<String>,
    /// Kinds without consent.
    lawful: Vec<String>,
    /// Which law that is.
    basis: String,
    /// Questions a minute.
    per_minute: u32,
    /// Registered by (credential).
    registered_by: String,
    /// When.
    #[schema(format = "date-time")]
    registered_at: String,
    /// Its end.
    #[schema(format = "date-time")]
    until: String,
    /// Confirmed by (credential); null while it waits.
    confirmed_by: Option<String>,
    /// Ended before its time.
    #[schema(format = "date-time")]
    withdrawn_at: Option<String>,
}

impl From<Allowance> for AllowanceView {
    fn from(found: Allowance) -> Self {
        Self {
            credential: found.credential,
            system: found.system,
            kinds: found.kinds,
            causes: found.causes,
            lawful: found.lawful,
            basis: found.basis,
            per_minute: found.per_minute,
            registered_by: found.registered_by,
            registered_at: found.registered_at.to_string(),
            until: found.until.to_string(),
            confirmed_by: found.confirmed.map(|(by, _)| by),
            withdrawn_at: found.withdrawn.map(|end| end.at.to_string()),
        }
    }
}

/// Which allowances.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AllowanceQuery {
    /// Behind this credential.
    #[schema(max_length = 100)]
    after: Option<String>,
    /// How many; 50 unless told.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// Allowances.
#[derive(Serialize, ToSchema)]
pub struct AllowanceList {
    /// By credential.
    items: Vec<AllowanceView>,
}

/// Which days, in China.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UsageQuery {
    /// First day.
    #[schema(format = "date")]
    from: String,
    /// Last day.
    #[schema(format = "date")]
    to: String,
}

/// Counts.
#[derive(Serialize, ToSchema)]
pub struct UsageList {
    /// By day, credential and operation.
    items: Vec<CountView>,
}

/// How often a system asked something on a day.
#[derive(Serialize, ToSchema)]
pub struct CountView {
    /// The day.
    #[schema(format = "date")]
    day: String,
    /// The system's credential.
    credential: String,
    /// What it asked.
    operation: String,
    /// How often it was answered.
    answered: u64,
    /// How often it was not.
    refused: u64,
}

impl From<Count> for CountView {
    fn from(count: Count) -> Self {
        let days = u64::try_from(count.day).unwrap_or_default();
        let first = Timestamp::start_of(Timestamp::from_seconds(0).date_in_china());
        Self {
            day: format_date(first.plus(Duration::from_secs(days * 86_400)).date_in_china()),
            credential: count.credential,
            operation: count.operation.name().to_owned(),
            answered: count.answered,
            refused: count.refused,
        }
    }
}

/// How many remarks.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RemarkQuery {
    /// How many; 50 unless told.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// Remarks.
#[derive(Serialize, ToSchema)]
pub struct RemarkList {
    /// Newest first.
    items: Vec<RemarkView>,
}

/// What a system says is wrong.
#[derive(Serialize, ToSchema)]
pub struct RemarkView {
    /// Identity.
    id: String,
    /// The license.
    license: String,
    /// The field; empty for the whole.
    field: String,
    /// What is wrong.
    remark: String,
    /// Who says so (credential).
    by: String,
    /// When.
    #[schema(format = "date-time")]
    at: String,
}

impl From<Remark> for RemarkView {
    fn from(remark: Remark) -> Self {
        Self {
            id: remark.id,
            license: remark.license.to_string(),
            field: remark.field,
            remark: remark.remark,
            by: remark.by,
            at: remark.at.to_string(),
        }
    }
}

async fn register(
    State(state): State<http::State>,
    caller: Caller,
    Path(credential): Path<String>,
    Strict(body): Strict<AllowanceRequest>,
) -> Result<(StatusCode, Json<AllowanceView>), Problem> {
    let request = allow::Request {
        credential,
        system: body.system,
        kinds: body.kinds,
        causes: body.causes,
        lawful: body.lawful.unwrap_or_default(),
        basis: body.basis.unwrap_or_default(),
        per_minute: body.per_minute,
        days: body.days,
    };
    let made = detach(async move { allow::register(&state, &caller.credential, request).await }).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}

async fn confirm(
    State(state): State<http::State>,
    caller: Caller,
    Path(credential): Path<String>,
) -> Result<Json<AllowanceView>, Problem> {
    let done = detach(async move { allow::confirm(&state, &caller.credential, &credential).await }).await?;
    Ok(Json(done.into()))
}

async fn withdraw(
    State(state): State<http::State>,
    caller: Caller,
    Path(credential): Path<String>,
    Strict(body): Strict<WithdrawAllowance>,
) -> Result<Json<AllowanceView>, Problem> {
    let ended =
        detach(async move { allow::withdraw(&state, &caller.credential, &credential, &body.reason).await });
    Ok(Json(ended.await?.into()))
}

async fn list(
    State(state): State<http::State>,
    caller: Caller,
    StrictQuery(query): StrictQuery<AllowanceQuery>,
) -> Result<Json<AllowanceList>, Problem> {
    let found = allow::list(&state, &caller.credential, query.after.as_deref(), query.limit).await?;
    Ok(Json(AllowanceList { items: found.into_iter().map(AllowanceView::from).collect() }))
}

async fn usage(
    State(state): State<http::State>,
    caller: Caller,
    StrictQuery(query): StrictQuery<UsageQuery>,
) -> Result<Json<UsageList>, Problem> {
    let days = (day("/from", &query.from)?, day("/to", &query.to)?);
    let found = allow::usage(&state, &caller.credential, days).await?;
    Ok(Json(UsageList { items: found.into_iter().map(CountView::from).collect() }))
}

async fn remarks(
    State(state): State<http::State>,
    caller: Caller,
    StrictQuery(query): StrictQuery<RemarkQuery>,
) -> Result<Json<RemarkList>, Problem> {
    let found = allow::remarks(&state, &caller.credential, query.limit).await?;
    Ok(Json(RemarkList { items: found.into_iter().map(RemarkView::from).collect() }))
}
