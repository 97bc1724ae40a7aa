//! Family members who show on behalf: whom one named, for whom one may show.

use super::chrome::Chrome;
use super::department::kind_title;
use super::form::{FormField, Input, ShownFault, faults_of, place};
use super::license::identifier;
use super::wallet::{Card, card};
use super::words::{self, Tag};
use super::{given, go_to, page};
use crate::app::{deputies, list_licenses};
use crate::domain::consent::Deputy;
use crate::domain::license::License;
use crate::domain::refusal::Fault;
use crate::domain::time::{Timestamp, format_date, parse_date};
use crate::http::caller::Caller;
use crate::http::problem::{Kind, Place, Problem};
use crate::http::{State, detach};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State as From};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use std::time::Duration;

/// A deputy in words.
pub(super) struct DeputyRow {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) licenses: String,
    pub(super) until: String,
    pub(super) state: Tag,
    pub(super) in_force: bool,
}

#[derive(Template)]
#[template(path = "pages/family.html")]
pub(super) struct Family {
    pub(super) c: Chrome,
    pub(super) named: Vec<DeputyRow>,
    pub(super) for_whom: Vec<DeputyRow>,
    /// Licenses that may be named: identity, kind and number, whether ticked.
    pub(super) choices: Vec<(String, String, bool)>,
    pub(super) fields: Vec<FormField>,
    pub(super) faults: Vec<ShownFault>,
    pub(super) done: Option<String>,
}

#[derive(Template)]
#[template(path = "pages/family_cards.html")]
pub(super) struct FamilyCards {
    pub(super) c: Chrome,
    pub(super) id: String,
    pub(super) owner: String,
    pub(super) until: String,
    pub(super) licenses: Vec<Card>,
    pub(super) suffix: String,
}

/// What was just done.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    done: String,
}

pub(super) fn standing(c: &Chrome, deputy: &Deputy, now: Timestamp) -> Tag {
    if deputy.withdrawn_at.is_some() {
        return Tag { word: c.t("deputy.withdrawn"), icon: "octagon", tone: "bad" };
    }
    if deputy.is_in_force(now) {
        return Tag { word: c.t("deputy.in_force"), icon: "tick", tone: "good" };
    }
    Tag { word: c.t("deputy.over"), icon: "clock", tone: "still" }
}

fn row(c: &Chrome, state: &State, deputy: &Deputy, name: &str, now: Timestamp) -> DeputyRow {
    let kinds = deputy.licenses.iter().map(|license| super::space::kind_of(c, state, license));
    let kinds: Vec<String> = kinds.collect();
    DeputyRow {
        id: deputy.id.clone(),
        name: name.to_owned(),
        licenses: if kinds.is_empty() { c.t("deputy.all") } else { kinds.join(&c.t("list.comma")) },
        until: words::last_moment(deputy.until),
        state: standing(c, deputy, now),
        in_force: deputy.is_in_force(now),
    }
}

/// The fields for naming one.
pub(super) fn fields(c: &Chrome, form: &[(String, String)], until: &str) -> Vec<FormField> {
    let field =
        |name, title, help, input, usual| FormField::asked(c, form, (name, title, help), input, usual);
    vec![
        field("deputy", "deputy.code", "deputy.code_help", Input::Line(40), ""),
        field("name", "deputy.name_field", "deputy.name_help", Input::Line(40), ""),
        field("until", "deputy.until_field", "deputy.until_help", Input::Date, until),
    ]
}

fn choice(c: &Chrome, state: &State, license: &License, form: &[(String, String)]) -> (String, String, bool) {
    let id = license.id.to_string();
    let ticked = form.iter().any(|(name, value)| name == "license" && *value == id);
    let tail = c.f("desk.tail", [("tail", words::tail(&license.number))]);
    (id, format!("{} {tail}", kind_title(c, state, &license.kind)), ticked)
}

async fn view(
    state: &State,
    c: Chrome,
    caller: &Caller,
    (form, faults): (&[(String, String)], &[Fault]),
    done: Option<String>,
) -> Result<Family, Problem> {
    let (named, for_whom) = deputies::list(state, &caller.credential).await?;
    let own = list_licenses::run(state, &caller.credential, list_licenses::Request::default()).await?;
    let now = state.clock.now();
    let until = now.plus(Duration::from_secs(90 * 24 * 3600)).date_in_china();
    let mut fields = fields(&c, form, &format_date(until));
    let faults = place(&c, &mut fields, faults);
    Ok(Family {
        named: named.iter().map(|deputy| row(&c, state, deputy, &deputy.deputy_name, now)).collect(),
        for_whom: for_whom.iter().map(|deputy| row(&c, state, deputy, &deputy.owner_name, now)).collect(),
        choices: own.licenses.iter().map(|license| choice(&c, state, license, form)).collect(),
        fields,
        faults,
        done,
        c,
    })
}

/// `GET /wallet/family`
pub(super) async fn get(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let done = match asked.done.as_str() {
        "named" => Some(c.t("deputy.done_named")),
        "withdrawn" => Some(c.t("deputy.done_withdrawn")),
        _ => None,
    };
    page(StatusCode::OK, &view(&state, c, &caller, (&[], &[]), done).await?)
}

fn request(form: &[(String, String)]) -> Result<deputies::Request, Problem> {
    let until = parse_date(given(form, "until").trim())
        .ok_or_else(|| Problem::faults(Kind::Invalid, Place::Body, vec![Fault::at("/until", "body.date")]))?;
    let licenses = form.iter().filter(|(name, _)| name == "license");
    Ok(deputies::Request {
        deputy: given(form, "deputy").to_owned(),
        name: given(form, "name").to_owned(),
        licenses: licenses.map(|(_, id)| identifier(id)).collect::<Result<_, _>>()?,
        until,
    })
}

/// `POST /wallet/family`
pub(super) async fn name(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let (service, by) = (state.clone(), caller.credential.clone());
    let named = match request(&form) {
        Err(problem) => Err(problem),
        Ok(request) => detach(async move { deputies::name(&service, &by, request).await }).await,
    };
    match named {
        Ok(_) => Ok(go_to("/wallet/family?done=named")),
        Err(problem) => {
            let faults = faults_of(problem)?;
            let view = view(&state, c, &caller, (&form, &faults), None).await?;
            page(StatusCode::UNPROCESSABLE_ENTITY, &view)
        }
    }
}

/// `POST /wallet/family/{id}/withdraw`
pub(super) async fn withdraw(
    From(state): From<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    detach(async move { deputies::withdraw(&state, &caller.credential, &id).await }).await?;
    Ok(go_to("/wallet/family?done=withdrawn"))
}

/// `GET /wallet/family/{id}`: the cards of somebody for whom one may show.
pub(super) async fn cards(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let (deputy, licenses) = deputies::cards(&state, &caller.credential, &id).await?;
    let now = state.clock.now();
    let view = FamilyCards {
        owner: deputy.owner_name,
        until: words::last_moment(deputy.until),
        licenses: licenses.iter().map(|license| card(&c, &state, license, now)).collect(),
        suffix: format!("&for={}", deputy.id),
        id: deputy.id,
        c,
    };
    page(StatusCode::OK, &view)
}
