//! A manager lets an employee seal documents with one of the company's seals, and takes that back.

use super::chrome::Chrome;
use super::form::{FormField, Input, ShownFault, faults_of, place};
use super::{given, go_to, page, seals};
use crate::app::business::people;
use crate::app::{grant_seal, space, withdraw_grant};
use crate::domain::grant::Grantee;
use crate::domain::party::{Credential, Role};
use crate::domain::refusal::Fault;
use crate::domain::seal::{SealCode, SealState};
use crate::domain::time::{format_date, parse_date};
use crate::http::api::grants::grant_id;
use crate::http::caller::Caller;
use crate::http::problem::{Kind, Place, Problem};
use crate::http::{State, detach};
use askama::Template;
use axum::Form;
use axum::extract::{Path, State as From};
use axum::http::StatusCode;
use axum::response::Response;
use std::time::Duration;

/// Days that a grant lasts unless told.
const USUAL_DAYS: u32 = 90;

#[derive(Template)]
#[template(path = "pages/space_grant_new.html")]
pub(super) struct NewSpaceGrant {
    pub(super) c: Chrome,
    pub(super) fields: Vec<FormField>,
    pub(super) faults: Vec<ShownFault>,
    /// Whether there is nobody to grant it to.
    pub(super) nobody: bool,
}

/// What can be chosen: values and words.
type Choices = Vec<(String, String)>;

/// The fields of a grant of documents.
pub(super) fn fields(
    c: &Chrome,
    (seals, people): (Choices, Choices),
    until: &str,
    form: &[(String, String)],
) -> Vec<FormField> {
    let field =
        |name, title, help, input, usual| FormField::asked(c, form, (name, title, help), input, usual);
    vec![
        field("seal", "space.seal", "form.help_choice", Input::Choice(seals), ""),
        field("credential", "space.employee", "form.help_choice", Input::Choice(people), ""),
        field("until", "grants.until", "grants.until_help", Input::Date, until),
        field("most", "grants.most", "grants.most_help", Input::Number, "").optional(),
        field("reason", "act.reason", "act.reason_help", Input::Line(200), ""),
    ]
}

async fn new_page(
    state: &State,
    c: Chrome,
    caller: &Credential,
    form: &[(String, String)],
    faults: &[Fault],
) -> Result<Response, Problem> {
    let now = state.clock.now();
    let found = space::run(state, caller, Some(1)).await?;
    let usable = found.seals.iter().filter(|seal| seal.state == SealState::Active);
    let named = usable.map(|seal| {
        let row = seals::row(&c, seal, now);
        (row.code.clone(), format!("{} · {}", row.words, row.code))
    });
    let named = named.collect();
    let code = caller.business.as_deref().unwrap_or_default();
    let people = people::list(state, caller, code, "", Some(200)).await?;
    let employees = people.iter().filter(|person| person.role == Role::Sealer && person.is_usable(now));
    let employees: Choices = employees.map(|person| (person.id.clone(), person.label.clone())).collect();
    let nobody = employees.is_empty();
    let until = now.plus(Duration::from_secs(u64::from(USUAL_DAYS) * 86_400)).date_in_china();
    let mut fields = fields(&c, (named, employees), &format_date(until), form);
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let faults = place(&c, &mut fields, faults);
    page(status, &NewSpaceGrant { c, fields, faults, nobody })
}

/// `GET /space/grants/new`
pub(super) async fn new(From(state): From<State>, c: Chrome, caller: Caller) -> Result<Response, Problem> {
    new_page(&state, c, &caller.credential, &[], &[]).await
}

/// What was filled in.
fn read_form(form: &[(String, String)]) -> Result<grant_seal::Request, Problem> {
    let text = |name: &str| given(form, name).trim().to_owned();
    let mut faults = Vec::new();
    let seal = SealCode::parse(&text("seal"));
    if seal.is_none() {
        faults.push(Fault::at("/seal", "field.required"));
    }
    if text("credential").is_empty() {
        faults.push(Fault::at("/credential", "field.required"));
    }
    let until = parse_date(&text("until"));
    if until.is_none() {
        faults.push(Fault::at("/until", "body.date"));
    }
    match (seal, until) {
        (Some(seal), Some(until)) if faults.is_empty() => Ok(grant_seal::Request {
            seal,
            grantee: Grantee::Credential(text("credential")),
            kinds: Vec::new(),
            documents: true,
            from: None,
            until,
            // What is no number is refused as one out of range.
            most: Some(text("most")).filter(|most| !most.is_empty()).map(|most| most.parse().unwrap_or(0)),
            reason: text("reason"),
        }),
        _ => Err(Problem::faults(Kind::Invalid, Place::Body, faults)),
    }
}

/// `POST /space/grants/new`
pub(super) async fn post(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let (service, by) = (state.clone(), caller.credential.clone());
    let granted = match read_form(&form) {
        Err(problem) => Err(problem),
        Ok(request) => detach(async move { grant_seal::run(&service, &by, request).await }).await,
    };
    match granted {
        Ok(_) => Ok(go_to("/space?done=granted")),
        Err(problem) => {
            let faults = faults_of(problem)?;
            new_page(&state, c, &caller.credential, &form, &faults).await
        }
    }
}

/// `POST /space/grants/{id}/withdraw`
pub(super) async fn withdraw(
    From(state): From<State>,
    caller: Caller,
    Path(id): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let (id, reason) = (grant_id(&id)?, given(&form, "reason").to_owned());
    detach(async move { withdraw_grant::run(&state, &caller.credential, &id, &reason).await }).await?;
    Ok(go_to("/space?done=withdrawn"))
}
