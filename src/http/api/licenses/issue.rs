//! `POST /v1/licenses`, `POST /v1/licenses:batch`, `POST /v1/licenses/{id}/amend`

use super::view::LicenseView;
use crate::app::issue_license::{self, Issued, Order};
use crate::app::{AppError, amend_license, issue_batch};
use crate::domain::license::draft::RawValue;
use crate::domain::seal::SealCode;
use crate::http::api::common::{IdempotencyKey, license_id};
use crate::http::api::grants::grant_id;
use crate::http::body::{self, Envelope, Strict};
use crate::http::caller::Caller;
use crate::http::problem::{Problem, Problem9457};
use crate::http::{self, detach, language};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A license to issue.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IssueRequest {
    /// Kind.
    #[schema(pattern = "^[a-z0-9-]{1,60}$", example = "business-license")]
    kind: String,
    /// Code of the seal to put on it.
    #[schema(pattern = "^[0-9]{14}$")]
    seal: String,
    /// The kind's fields; `GET /v1/license-kinds/{kind}` says which.
    #[schema(value_type = Object)]
    data: BTreeMap<String, Value>,
    /// The printed number, where the department gives it itself.
    #[schema(min_length = 1, max_length = 60)]
    number: Option<String>,
    /// The grant under which another body's seal is used (用印授权); the license is then that body's.
    #[schema(pattern = "^[0-9a-f]{32}$")]
    grant: Option<String>,
}

/// A new edition.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AmendRequest {
    /// Code of the seal to put on it.
    #[schema(pattern = "^[0-9]{14}$")]
    seal: String,
    /// All fields as they shall stand from now on.
    #[schema(value_type = Object)]
    data: BTreeMap<String, Value>,
    /// Why, for the record.
    #[schema(min_length = 2, max_length = 200)]
    reason: String,
    /// The revision the caller saw: if it has changed since, nothing is done.
    #[schema(minimum = 0, maximum = 2147483647)]
    revision: Option<u32>,
}

/// Several licenses.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchRequest {
    /// Each with its own key.
    #[schema(min_items = 1, max_items = 100)]
    items: Vec<BatchItem>,
}

/// One of several.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchItem {
    /// Its idempotency key.
    #[schema(pattern = "^[A-Za-z0-9_.:-]{1,64}$")]
    key: String,
    /// The license: an `IssueRequest`, as for `POST /v1/licenses`. It is checked by itself: a fault in it is this item's
    /// outcome and leaves the others alone.
    #[schema(value_type = Value)]
    license: Value,
}

/// What became of each.
#[derive(Serialize, ToSchema)]
pub struct BatchView {
    /// In the order asked.
    items: Vec<Outcome>,
}

/// What became of one: either a license or a problem.
#[derive(Serialize, ToSchema)]
pub struct Outcome {
    /// Its idempotency key.
    key: String,
    /// The license.
    license: Option<LicenseView>,
    /// Why there is none.
    problem: Option<Problem9457>,
}

impl IssueRequest {
    fn order(self) -> Result<Order, Problem> {
        let (kind, number) = (self.kind, self.number);
        let grant = self.grant.as_deref().map(grant_id).transpose()?;
        Ok(Order {
            kind,
            seal: seal(&self.seal)?,
            data: raw(self.data),
            number,
            replaces: None,
            envelope: None,
            grant,
            business: None,
        })
    }
}

fn seal(text: &str) -> Result<SealCode, Problem> {
    // The published pattern lets nothing else through.
    SealCode::parse(text).ok_or_else(|| Problem::new(http::problem::Kind::Invalid, "seal.not_a_code"))
}

/// Values as they came, for the kind's rules to judge.
pub fn raw(data: BTreeMap<String, Value>) -> BTreeMap<String, RawValue> {
    let value = |value| match value {
        Value::String(text) => RawValue::Text(text),
        Value::Number(number) => RawValue::Number(number.to_string()),
        Value::Bool(value) => RawValue::Bool(value),
        Value::Null | Value::Array(_) | Value::Object(_) => RawValue::Other,
    };
    data.into_iter().map(|(name, given)| (name, value(given))).collect()
}

type Answer = Result<(StatusCode, Json<LicenseView>), Problem>;

/// The same status for the first time and for a repetition: the answer must not depend on a lost one.
fn made(state: &http::State, issued: Issued) -> Answer {
    Ok((StatusCode::CREATED, Json(LicenseView::of(state, issued.license))))
}

/// Issues a license.
pub async fn one(
    State(state): State<http::State>,
    caller: Caller,
    IdempotencyKey(key): IdempotencyKey,
    Strict(body): Strict<IssueRequest>,
) -> Answer {
    let order = body.order()?;
    let service = state.clone();
    let issue = async move { issue_license::run(&service, &caller.credential, &key, order).await };
    made(&state, detach(issue).await?)
}

/// Issues a new edition.
pub async fn amend(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
    IdempotencyKey(key): IdempotencyKey,
    Strict(body): Strict<AmendRequest>,
) -> Answer {
    let (license, seal) = (license_id(&id)?, seal(&body.seal)?);
    let (revision, reason) = (body.revision, body.reason);
    let request = amend_license::Request { license, revision, data: raw(body.data), seal, reason };
    let service = state.clone();
    let amend = async move { amend_license::run(&service, &caller.credential, &key, request).await };
    made(&state, detach(amend).await?)
}

/// Issues several licenses.
pub async fn batch(
    State(state): State<http::State>,
    caller: Caller,
    headers: HeaderMap,
    mut envelope: Envelope<BatchRequest>,
) -> Result<Json<BatchView>, Problem> {
    let count = envelope.body.items.len();
    let faults: Vec<_> = (0..count).map(|at| envelope.faults_in(&format!("/items/{at}/license"))).collect();
    let body = envelope.sound()?;
    let keys: Vec<String> = body.items.iter().map(|item| item.key.clone()).collect();
    let item = |(item, faults): (BatchItem, _)| {
        let order = body::part::<IssueRequest>(item.license, faults).and_then(IssueRequest::order);
        issue_batch::Item { key: item.key, order: order.map_err(|problem| problem.refusal) }
    };
    let items = body.items.into_iter().zip(faults).map(item).collect();
    let service = state.clone();
    let issue = async move { issue_batch::run(&service, &caller.credential, items).await };
    let outcomes = detach(issue).await.map_err(|mut problem| {
        // The use case knows a list; here it stands under `items`.
        problem.refusal.faults.iter_mut().for_each(|fault| fault.pointer.insert_str(0, "/items"));
        problem
    })?;
    let language = language::of(&headers);
    let outcome = |(key, outcome): (String, Result<Issued, AppError>)| match outcome {
        Ok(issued) => Outcome { key, license: Some(LicenseView::of(&state, issued.license)), problem: None },
        Err(error) => Outcome { key, license: None, problem: Some(Problem::from(error).worded(language)) },
    };
    Ok(Json(BatchView { items: keys.into_iter().zip(outcomes).map(outcome).collect() }))
}
