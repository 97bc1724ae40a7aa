//! The holder's side: `POST /v1/requests:read`, `:approve`, `:decline`

use crate::app::ask::{self, Fitting, Look};
use crate::domain::license::LicenseId;
use crate::domain::refusal::Fault;
use crate::domain::time::format_date;
use crate::http::api::materials::HeldView;
use crate::http::body::Strict;
use crate::http::caller::Caller;
use crate::http::problem::{InBoth, Kind, Place, Problem};
use crate::http::{self, detach};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A handle as scanned or typed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Handle {
    /// 27 digits; spaces, hyphens and full-width digits do no harm.
    #[schema(min_length = 1, max_length = 60)]
    code: String,
}

/// A request in a holder's eyes.
#[derive(Serialize, ToSchema)]
pub struct RequestLook {
    /// Identifier.
    id: String,
    /// The registered name of who asks.
    body: String,
    /// Which counter of it, in its own words; may be empty.
    counter: String,
    /// Code of the matter.
    matter: String,
    /// What the matter is called.
    title: InBoth,
    /// How long what is shown is kept, in words.
    kept: InBoth,
    /// The same in days.
    kept_days: u16,
    /// No yes after this.
    #[schema(format = "date-time")]
    expires_at: String,
    /// What is asked for, one a kind.
    asked: Vec<AskedView>,
    /// Other materials that the matter needs, each with what the holder handed in before.
    materials: Vec<HeldView>,
}

/// What is asked for of a kind.
#[derive(Serialize, ToSchema)]
pub struct AskedView {
    /// Kind.
    kind: String,
    /// What the kind is called; the kind's name where it is not known.
    title: InBoth,
    /// Fields that come with a yes.
    required: Vec<String>,
    /// Fields that may be refused.
    optional: Vec<String>,
    /// Whether a yes without such a license is one.
    may_lack: bool,
    /// Why sensitive fields are asked for; null where there are none.
    reason: Option<InBoth>,
    /// The holder's licenses of this kind that are in force.
    licenses: Vec<FittingLicense>,
}

/// A license that fits.
#[derive(Serialize, ToSchema)]
pub struct FittingLicense {
    /// Identifier.
    license: String,
    /// Printed number.
    number: String,
    /// Issuing day.
    #[schema(format = "date")]
    valid_from: String,
}

/// A yes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Yes {
    /// The handle.
    #[schema(min_length = 1, max_length = 60)]
    code: String,
    /// The two digits on the other screen.
    #[schema(minimum = 10, maximum = 99)]
    number: u8,
    /// What is shown: at most one license a kind.
    #[schema(min_items = 1, max_items = 10)]
    licenses: Vec<ApprovedLicense>,
    /// Materials handed in before that may be used again, by identifier.
    #[schema(max_items = 20)]
    materials: Option<Vec<String>>,
}

/// A license, and what of it beyond what is required.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApprovedLicense {
    /// Identifier.
    #[schema(min_length = 1, max_length = 200)]
    license: String,
    /// Optional fields that are shown, too.
    #[schema(max_items = 100)]
    fields: Option<Vec<String>>,
}

/// What a yes made.
#[derive(Serialize, ToSchema)]
pub struct Approved {
    /// Identifier of the showing.
    pub(super) showing: String,
}

/// Reads a request.
pub async fn look(
    State(state): State<http::State>,
    caller: Caller,
    Strict(body): Strict<Handle>,
) -> Result<Json<RequestLook>, Problem> {
    let service = state.clone();
    let look = detach(async move { ask::look(&service, &caller.credential, &body.code).await }).await?;
    Ok(Json(view(&state, look)))
}

fn view(state: &http::State, Look { request, matter, fitting, materials }: Look) -> RequestLook {
    let asked = fitting.into_iter().map(|Fitting { asked, licenses }| AskedView {
        title: state.kinds.get(&asked.kind).map_or_else(
            || InBoth { zh: asked.kind.clone(), en: asked.kind.clone() },
            |kind| kind.title.clone().into(),
        ),
        reason: (matter.needs.iter().find(|need| need.kind == asked.kind))
            .and_then(|need| need.reason.clone().map(InBoth::from)),
        licenses: licenses
            .into_iter()
            .map(|license| FittingLicense {
                license: license.id.to_string(),
                number: license.number,
                valid_from: format_date(license.valid_from),
            })
            .collect(),
        kind: asked.kind,
        required: asked.required,
        optional: asked.optional,
        may_lack: asked.may_lack,
    });
    RequestLook {
        asked: asked.collect(),
        materials: materials.into_iter().map(HeldView::from).collect(),
        id: request.id,
        body: request.body,
        counter: request.counter,
        title: matter.title.clone().into(),
        kept: matter.keep.words.clone().into(),
        kept_days: matter.keep.days,
        matter: request.matter,
        expires_at: request.expires_at.to_string(),
    }
}

/// Says yes.
pub async fn approve(
    State(state): State<http::State>,
    caller: Caller,
    Strict(body): Strict<Yes>,
) -> Result<(StatusCode, Json<Approved>), Problem> {
    let mut faults = Vec::new();
    let mut licenses = Vec::new();
    for (at, chosen) in body.licenses.into_iter().enumerate() {
        match LicenseId::parse(&chosen.license) {
            Ok(license) => {
                licenses.push(ask::Choice { license, fields: chosen.fields.unwrap_or_default() });
            }
            Err(_) => faults.push(Fault::at(format!("/licenses/{at}/license"), "license.unknown")),
        }
    }
    if !faults.is_empty() {
        return Err(Problem::faults(Kind::Invalid, Place::Body, faults));
    }
    let materials = body.materials.unwrap_or_default();
    let yes = ask::Yes { code: body.code, number: body.number, licenses, materials };
    let showing = detach(async move { ask::approve(&state, &caller.credential, yes).await }).await?;
    Ok((StatusCode::CREATED, Json(Approved { showing })))
}

/// Says no.
pub async fn decline(
    State(state): State<http::State>,
    caller: Caller,
    Strict(body): Strict<Handle>,
) -> Result<StatusCode, Problem> {
    detach(async move { ask::decline(&state, &caller.credential, &body.code).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}
