//! The registry's businesses: the list, one of them, control handed over, the end.

use super::chrome::Chrome;
use super::seals::{self, SealRow};
use super::space::{LicenseRow, PersonToken, business_state, license_row};
use super::words::{self, Fact, Tag};
use super::{given, go_to, page};
use crate::app::business::{deregister, people, read};
use crate::domain::business::{Business, BusinessState};
use crate::domain::license::Ending;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::http::{State, detach};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State as From};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

/// Businesses of one page.
const ROWS: u32 = 60;

/// A business in the list.
pub(super) struct BusinessRow {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) changed: String,
    pub(super) state: Tag,
}

#[derive(Template)]
#[template(path = "pages/businesses.html")]
pub(super) struct Businesses {
    pub(super) c: Chrome,
    pub(super) rows: Vec<BusinessRow>,
    pub(super) next: Option<String>,
}

#[derive(Template)]
#[template(path = "pages/business.html")]
pub(super) struct OneBusiness {
    pub(super) c: Chrome,
    pub(super) business: BusinessRow,
    pub(super) about: Vec<Fact>,
    pub(super) license: LicenseRow,
    pub(super) license_id: String,
    pub(super) seals: Vec<SealRow>,
    /// Whether it can be acted on.
    pub(super) active: bool,
    pub(super) done: Option<String>,
}

/// Where to go on, and what was just done.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    after: String,
    #[serde(default)]
    done: String,
}

pub(super) fn row(c: &Chrome, business: &Business) -> BusinessRow {
    BusinessRow {
        code: business.code.clone(),
        name: business.name.clone(),
        changed: words::moment(business.changed_at),
        state: business_state(c, business.state),
    }
}

/// `GET /department/businesses`
pub(super) async fn list(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let found = read::list(&state, &caller.credential, &asked.after, Some(ROWS)).await?;
    let full = found.len() == ROWS as usize;
    let next = found.last().filter(|_| full);
    let next = next.map(|last| format!("/department/businesses?after={}", last.code));
    let rows = found.iter().map(|business| row(&c, business)).collect();
    page(StatusCode::OK, &Businesses { c, rows, next })
}

/// `GET /department/businesses/{code}`
pub(super) async fn get(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Path(code): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let whole = read::one(&state, &caller.credential, &code).await?;
    let (now, business) = (state.clock.now(), &whole.business);
    let nobody = || c.t("businesses.nobody");
    let about = vec![
        (c.t("businesses.code"), business.code.clone()),
        (c.t("businesses.registered_at"), words::moment(business.registered_at)),
        (c.t("businesses.changed_at"), words::moment(business.changed_at)),
        (c.t("businesses.manager"), business.manager.clone().unwrap_or_else(nobody)),
    ];
    let view = OneBusiness {
        about,
        license: license_row(&c, &state, &whole.license, now),
        license_id: whole.license.id.to_string(),
        seals: whole.seals.iter().map(|seal| seals::row(&c, seal, now)).collect(),
        active: business.state == BusinessState::Active,
        done: (asked.done == "deregistered").then(|| c.t("businesses.done_deregistered")),
        business: row(&c, business),
        c,
    };
    page(StatusCode::OK, &view)
}

/// `POST /department/businesses/{code}/manager`: shows the manager's token, this once.
pub(super) async fn hand_over(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Path(code): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let (label, back) = (given(&form, "label").to_owned(), format!("/department/businesses/{code}"));
    let work = async move { people::hand_over(&state, &caller.credential, &code, &label).await };
    let added = detach(work).await?;
    let token = added.token.unwrap_or_default();
    page(StatusCode::CREATED, &PersonToken { c, label: added.credential.label, token, back })
}

/// `POST /department/businesses/{code}/deregister`
pub(super) async fn deregister(
    From(state): From<State>,
    caller: Caller,
    Path(code): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let back = format!("/department/businesses/{code}?done=deregistered");
    let request = deregister::Request {
        business: code,
        revision: None,
        ending: Ending::Cancelled,
        reason: given(&form, "reason").to_owned(),
    };
    detach(async move { deregister::run(&state, &caller.credential, request).await }).await?;
    Ok(go_to(&back))
}
