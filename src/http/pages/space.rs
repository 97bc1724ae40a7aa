//! A person's and an enterprise's own place: licenses, seals, people, grants, and who used what.

use super::chrome::Chrome;
use super::department::kind_title;
use super::form::{FormField, Input, ShownFault, faults_of, place};
use super::grants::{self, GrantRow};
use super::license::showable;
use super::seals::{self, SealRow};
use super::uses::{self, UseLine};
use super::words::{self, Tag, either};
use super::{given, go_to, page};
use crate::app::{business::people, register_department, space};
use crate::domain::business::{Business, BusinessState};
use crate::domain::license::{License, LicenseId};
use crate::domain::party::{Credential, Role};
use crate::domain::space::Use;
use crate::domain::time::Timestamp;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::http::{State, detach};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State as From};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// Uses on the first page, and on each further one.
const ROWS: u32 = 30;

/// A license in the space.
pub(super) struct LicenseRow {
    pub(super) kind: String,
    pub(super) number: String,
    pub(super) valid: String,
    pub(super) standing: Tag,
    /// Where an annotated copy is ordered; `None` while it cannot be.
    pub(super) copies: Option<String>,
}

/// One of a company's people.
pub(super) struct PersonRow {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) role: String,
    pub(super) until: String,
    pub(super) employee: bool,
}

/// What a space shows.
pub(super) struct Sections {
    pub(super) licenses: Vec<LicenseRow>,
    pub(super) seals: Vec<SealRow>,
    pub(super) people: Vec<PersonRow>,
    pub(super) grants: Vec<GrantRow>,
    pub(super) uses: Vec<UseLine>,
    pub(super) more: Option<String>,
}

#[derive(Template)]
#[template(path = "pages/space.html")]
pub(super) struct Space {
    pub(super) c: Chrome,
    pub(super) title: String,
    pub(super) lead: String,
    /// An enterprise's code and state.
    pub(super) business: Option<(String, Tag)>,
    /// Whether the caller controls the seals.
    pub(super) manages: bool,
    /// Whether the caller is an employee.
    pub(super) employee: bool,
    pub(super) sections: Sections,
    /// The fields for letting an employee in.
    pub(super) fields: Vec<FormField>,
    pub(super) faults: Vec<ShownFault>,
    pub(super) done: Option<String>,
}

#[derive(Template)]
#[template(path = "pages/space_uses.html")]
pub(super) struct Uses {
    pub(super) c: Chrome,
    pub(super) uses: Vec<UseLine>,
    pub(super) more: Option<String>,
    /// Where a dispute leads back to.
    pub(super) back: &'static str,
    pub(super) done: bool,
}

#[derive(Template)]
#[template(path = "pages/person_token.html")]
pub(super) struct PersonToken {
    pub(super) c: Chrome,
    pub(super) label: String,
    pub(super) token: String,
    pub(super) back: String,
}

/// What was just done, or where to go on.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    done: String,
    #[serde(default)]
    after: String,
}

pub(super) fn business_state(c: &Chrome, state: BusinessState) -> Tag {
    match state {
        BusinessState::Active => Tag { word: c.t("businesses.active"), icon: "tick", tone: "good" },
        BusinessState::Deregistered => {
            Tag { word: c.t("businesses.deregistered"), icon: "octagon", tone: "bad" }
        }
    }
}

pub(super) fn license_row(c: &Chrome, state: &State, license: &License, now: Timestamp) -> LicenseRow {
    LicenseRow {
        kind: kind_title(c, state, &license.kind),
        number: license.number.clone(),
        valid: words::validity(c, license),
        standing: words::standing(c, license.standing(now)),
        copies: showable(license.standing(now)).then(|| format!("/copies/{}", license.id)),
    }
}

/// The kind of a license in words, by the type code in its identifier.
pub(super) fn kind_of(c: &Chrome, state: &State, license: &LicenseId) -> String {
    let kind = state.kinds.iter().find(|kind| kind.type_code == license.type_code());
    kind.map_or_else(|| license.to_string(), |kind| either(c, &kind.title).to_owned())
}

fn person_row(c: &Chrome, person: &Credential) -> PersonRow {
    PersonRow {
        id: person.id.clone(),
        label: person.label.clone(),
        role: c.role(&person.role),
        until: words::date(c, person.expires_at.date_in_china()),
        employee: person.role == Role::Sealer,
    }
}

fn more(uses: &[Use]) -> Option<String> {
    let full = uses.len() == ROWS as usize;
    let query = |last: &Use| {
        url::form_urlencoded::Serializer::new(String::new())
            .append_pair("after", &space::behind(last))
            .finish()
    };
    uses.last().filter(|_| full).map(|last| format!("/space/uses?{}", query(last)))
}

/// The fields for letting somebody in.
pub(super) fn person_fields(c: &Chrome, form: &[(String, String)]) -> Vec<FormField> {
    let field =
        |name, title, help, input, usual| FormField::asked(c, form, (name, title, help), input, usual);
    vec![
        field("label", "space.label", "space.label_help", Input::Line(60), ""),
        field("days", "space.days", "space.days_help", Input::Number, "365"),
    ]
}

async fn build(
    state: &State,
    c: Chrome,
    by: &Caller,
    (fields, faults): (Vec<FormField>, Vec<ShownFault>),
    done: Option<String>,
) -> Result<Space, Problem> {
    let caller = &by.credential;
    let found = space::run(state, caller, Some(ROWS)).await?;
    let lines = uses::lines(&c, state, by, &found.uses).await?;
    let departments = register_department::list(state).await?;
    let (now, manages) = (state.clock.now(), caller.role == Role::CompanyManager);
    let people = match &caller.business {
        Some(code) if manages => people::list(state, caller, code, "", Some(200)).await?,
        _ => Vec::new(),
    };
    let usable = people.iter().filter(|person| person.is_usable(now));
    let sections = Sections {
        licenses: found.licenses.licenses.iter().map(|l| license_row(&c, state, l, now)).collect(),
        seals: found.seals.iter().map(|seal| seals::row(&c, seal, now)).collect(),
        people: usable.map(|person| person_row(&c, person)).collect(),
        grants: found.grants.iter().map(|g| grants::row(&c, state, &departments, g, now)).collect(),
        uses: lines,
        more: more(&found.uses),
    };
    let named = |business: &Business| business.name.clone();
    let text = |person: &str, company: &str, employee: &str| {
        c.t(match caller.role {
            Role::CompanyManager => company,
            Role::Sealer => employee,
            _ => person,
        })
    };
    Ok(Space {
        title: found.business.as_ref().map_or_else(|| c.t("space.title"), named),
        lead: text("space.lead", "space.lead_company", "space.lead_employee"),
        business: found.business.map(|business| (business.code, business_state(&c, business.state))),
        manages,
        employee: caller.role == Role::Sealer,
        sections,
        fields,
        faults,
        done,
        c,
    })
}

/// `GET /space`
pub(super) async fn get(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let done = match asked.done.as_str() {
        "disputed" => Some(c.t("consent.done_disputed")),
        "let-go" => Some(c.t("space.let_gone")),
        "granted" => Some(c.t("grants.done_granted")),
        "withdrawn" => Some(c.t("grants.done_withdrawn")),
        _ => None,
    };
    let form = (person_fields(&c, &[]), Vec::new());
    page(StatusCode::OK, &build(&state, c, &caller, form, done).await?)
}

/// `GET /space/uses`
pub(super) async fn uses(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let before = space::place(&asked.after);
    let found = space::uses(&state, &caller.credential, before.as_ref(), Some(ROWS)).await?;
    let uses = uses::lines(&c, &state, &caller, &found).await?;
    page(
        StatusCode::OK,
        &Uses { c, uses, more: more(&found), back: "/space/uses", done: asked.done == "disputed" },
    )
}

/// `POST /space/people`: lets an employee in, and shows the token, this once.
pub(super) async fn let_in(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let label = given(&form, "label").to_owned();
    let days = given(&form, "days").trim().parse().unwrap_or(0);
    let (service, credential) = (state.clone(), caller.credential.clone());
    let work = async move {
        let code = credential.business.clone().unwrap_or_default();
        people::let_in(&service, &credential, &code, &label, days).await
    };
    match detach(work).await {
        Ok(added) => {
            let token = added.token.unwrap_or_default();
            let (label, back) = (added.credential.label, "/space".to_owned());
            page(StatusCode::CREATED, &PersonToken { c, label, token, back })
        }
        Err(problem) => {
            let mut fields = person_fields(&c, &form);
            let faults = place(&c, &mut fields, &faults_of(problem)?);
            let view = build(&state, c, &caller, (fields, faults), None).await?;
            page(StatusCode::UNPROCESSABLE_ENTITY, &view)
        }
    }
}

/// `POST /space/people/{id}/let-go`
pub(super) async fn let_go(
    From(state): From<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let work = async move {
        let code = caller.credential.business.clone().unwrap_or_default();
        people::let_go(&state, &caller.credential, &code, &id).await
    };
    detach(work).await?;
    Ok(go_to("/space?done=let-go"))
}

/// `GET /space/seals/{code}/picture.svg`
pub(super) async fn picture(
    From(state): From<State>,
    caller: Caller,
    Path(text): Path<String>,
) -> Result<Response, Problem> {
    let svg = space::picture(&state, &caller.credential, &seals::code(&text)?).await?;
    Ok(([(CONTENT_TYPE, "image/svg+xml")], svg).into_response())
}
