//! `/v1/deputies…`: who may show a holder's licenses on its behalf.

use super::common::{day, license_id};
use super::show_codes::draw::{DrawSeveralRequest, DrawnCode, view};
use crate::app::{deputies, show_license};
use crate::domain::consent::Deputy;
use crate::domain::license::Standing;
use crate::domain::party::Role;
use crate::http::body::Strict;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::http::route::Route;
use crate::http::{self, detach};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const TAG: &str = "show codes";
const HOLDER: &[Role] = &[Role::Holder];

/// Routes about deputies.
pub fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/deputies", name)
            .api(TAG, "Let another holder show the caller's licenses on its behalf, for a time")
            .roles(HOLDER)
            .takes::<NameDeputyRequest>()
            .gives::<DeputyView>(201)
            .refuses(&[404, 409]),
        Route::get("/v1/deputies", list)
            .api(TAG, "Those whom the caller named, and those for whom it may show")
            .roles(HOLDER)
            .gives::<DeputyLists>(200),
        Route::delete("/v1/deputies/{id}", withdraw)
            .api(TAG, "Take a deputy back, or give up being one")
            .roles(HOLDER)
            .refuses(&[404, 409]),
        Route::get("/v1/deputies/{id}/licenses", cards)
            .api(TAG, "What the caller may show as that deputy: kinds and numbers, no data")
            .roles(HOLDER)
            .gives::<DeputyCards>(200)
            .refuses(&[404]),
        Route::post("/v1/deputies/{id}/show-codes", draw)
            .api(TAG, "Draw a one-time code as that deputy; every use says so")
            .roles(HOLDER)
            .takes::<DrawSeveralRequest>()
            .gives::<DrawnCode>(201)
            .refuses(&[404, 409]),
    ]
}

/// Whom to name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NameDeputyRequest {
    /// That one's holder code.
    #[schema(min_length = 4, max_length = 40)]
    deputy: String,
    /// What the caller calls that one; the redeemer will read it.
    #[schema(min_length = 1, max_length = 40)]
    name: String,
    /// Which licenses; all, unless told.
    #[schema(max_items = 50)]
    licenses: Option<Vec<String>>,
    /// The last day, within a year.
    #[schema(format = "date")]
    until: String,
}

/// A deputy.
#[derive(Serialize, ToSchema)]
pub struct DeputyView {
    /// Identity.
    id: String,
    /// Whose licenses: what that one is called.
    owner_name: String,
    /// Who shows them: what the owner calls that one.
    name: String,
    /// Which licenses; all where none is named.
    licenses: Vec<String>,
    /// Not from then on.
    #[schema(format = "date-time")]
    until: String,
    /// Taken back.
    #[schema(format = "date-time")]
    withdrawn_at: Option<String>,
}

/// Deputies, newest first, with what is over.
#[derive(Serialize, ToSchema)]
pub struct DeputyLists {
    /// Those whom the caller named.
    named: Vec<DeputyView>,
    /// Those for whom the caller may show.
    for_others: Vec<DeputyView>,
}

/// What may be shown on behalf.
#[derive(Serialize, ToSchema)]
pub struct DeputyCards {
    /// Newest first.
    items: Vec<DeputyCard>,
}

/// A license that may be shown on behalf.
#[derive(Serialize, ToSchema)]
pub struct DeputyCard {
    /// Identifier.
    license: String,
    /// Kind.
    kind: String,
    /// Printed number.
    number: String,
    /// Whether it can be shown now.
    in_force: bool,
}

impl From<Deputy> for DeputyView {
    fn from(deputy: Deputy) -> Self {
        Self {
            id: deputy.id,
            owner_name: deputy.owner_name,
            name: deputy.deputy_name,
            licenses: deputy.licenses.iter().map(ToString::to_string).collect(),
            until: deputy.until.to_string(),
            withdrawn_at: deputy.withdrawn_at.map(|at| at.to_string()),
        }
    }
}

async fn name(
    State(state): State<http::State>,
    caller: Caller,
    Strict(body): Strict<NameDeputyRequest>,
) -> Result<(StatusCode, Json<DeputyView>), Problem> {
    let until = day("/until", &body.until)?;
    let licenses = body.licenses.unwrap_or_default();
    let licenses = licenses.iter().map(|id| license_id(id)).collect::<Result<_, _>>()?;
    let request = deputies::Request { deputy: body.deputy, name: body.name, licenses, until };
    let named = detach(async move { deputies::name(&state, &caller.credential, request).await }).await?;
    Ok((StatusCode::CREATED, Json(named.into())))
}

async fn list(State(state): State<http::State>, caller: Caller) -> Result<Json<DeputyLists>, Problem> {
    let (named, for_others) = deputies::list(&state, &caller.credential).await?;
    let views = |found: Vec<Deputy>| found.into_iter().map(DeputyView::from).collect();
    Ok(Json(DeputyLists { named: views(named), for_others: views(for_others) }))
}

async fn withdraw(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    detach(async move { deputies::withdraw(&state, &caller.credential, &id).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn cards(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<DeputyCards>, Problem> {
    let (_, licenses) = deputies::cards(&state, &caller.credential, &id).await?;
    let now = state.clock.now();
    let items = licenses.into_iter().map(|license| DeputyCard {
        in_force: license.standing(now) == Standing::InForce,
        license: license.id.to_string(),
        kind: license.kind,
        number: license.number,
    });
    Ok(Json(DeputyCards { items: items.collect() }))
}

async fn draw(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
    Strict(body): Strict<DrawSeveralRequest>,
) -> Result<(StatusCode, Json<DrawnCode>), Problem> {
    let request = body.request()?;
    let work = async move { show_license::run_for(&state, &caller.credential, request, Some(&id)).await };
    Ok((StatusCode::CREATED, Json(view(detach(work).await?)?)))
}
