//! Standing rules: what is in force, what waits for a second person, and a form to propose one.

use super::chrome::Chrome;
use super::department::department_name;
use super::form::{FormField, Input, ShownFault, faults_of, place};
use super::words::{self, Tag};
use super::{given, go_to, page, seals};
use crate::app::business::rule;
use crate::app::register_department;
use crate::domain::business::{COMPANY_SEALS, RuleId, RuleState, StandingRule};
use crate::domain::party::{Credential, Department};
use crate::domain::refusal::{Fault, Refusal, RefusalClass};
use crate::domain::seal::SealPurpose;
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

/// Rules of one registry on the page.
const ROWS: u32 = 60;

/// A rule on the page.
pub(super) struct RuleRow {
    pub(super) id: String,
    pub(super) registry: String,
    pub(super) purposes: String,
    pub(super) period: String,
    pub(super) days: String,
    pub(super) reason: String,
    pub(super) state: Tag,
    pub(super) by: String,
    /// Whether the caller can be its second person.
    pub(super) approvable: bool,
    /// Whether it can still be withdrawn.
    pub(super) open: bool,
}

/// A purpose that can be ticked.
pub(super) struct PurposeChoice {
    pub(super) name: &'static str,
    pub(super) title: String,
    pub(super) ticked: bool,
}

#[derive(Template)]
#[template(path = "pages/rules.html")]
pub(super) struct Rules {
    pub(super) c: Chrome,
    pub(super) rules: Vec<RuleRow>,
    pub(super) purposes: Vec<PurposeChoice>,
    pub(super) fields: Vec<FormField>,
    pub(super) faults: Vec<ShownFault>,
    pub(super) done: Option<String>,
}

/// What was just done.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    done: String,
}

pub(super) fn standing(c: &Chrome, state: RuleState) -> Tag {
    let (code, icon, tone) = match state {
        RuleState::Proposed => ("rules.proposed", "clock", "unclear"),
        RuleState::Waiting => ("rules.waiting", "clock", "still"),
        RuleState::InForce => ("rules.in_force", "tick", "good"),
        RuleState::Ended => ("rules.ended", "clock", "still"),
        RuleState::Withdrawn => ("rules.withdrawn", "octagon", "bad"),
    };
    Tag { word: c.t(code), icon, tone }
}

fn row(
    c: &Chrome,
    caller: &Credential,
    departments: &[Department],
    rule: &StandingRule,
    now: Timestamp,
) -> RuleRow {
    let state = rule.state(now);
    let registry = departments.iter().find(|department| department.code == rule.registry);
    let titles: Vec<String> = rule.purposes.iter().map(|purpose| seals::purpose(c, *purpose)).collect();
    let from = words::date(c, rule.from.date_in_china());
    let last = words::date(c, rule.until.minus(Duration::from_secs(1)).date_in_china());
    let by = match &rule.approved {
        None => c.f("rules.by_one", [("first", rule.proposed_by.clone())]),
        Some((second, _)) => {
            c.f("rules.by_two", [("first", rule.proposed_by.clone()), ("second", second.clone())])
        }
    };
    RuleRow {
        id: rule.id.to_string(),
        registry: registry.map_or_else(|| rule.registry.clone(), |d| department_name(c, d)),
        purposes: titles.join(&c.t("grants.between")),
        period: c.f("license_page.period", [("from", from), ("until", last)]),
        days: c.f("rules.days_of", [("days", rule.days.to_string())]),
        reason: rule.reason.clone(),
        state: standing(c, state),
        by,
        approvable: state == RuleState::Proposed && rule.proposed_by != caller.id,
        open: !matches!(state, RuleState::Ended | RuleState::Withdrawn),
    }
}

/// The purposes, ticked as the form has them; all of them before it was sent.
pub(super) fn purposes(c: &Chrome, form: Option<&[(String, String)]>) -> Vec<PurposeChoice> {
    let ticked = |purpose: SealPurpose| {
        form.is_none_or(|form| form.iter().any(|(name, value)| name == "purposes" && value == purpose.name()))
    };
    let choice = |purpose: SealPurpose| PurposeChoice {
        name: purpose.name(),
        title: seals::purpose(c, purpose),
        ticked: ticked(purpose),
    };
    COMPANY_SEALS.into_iter().map(choice).collect()
}

/// The other fields of a rule to propose.
pub(super) fn fields(
    c: &Chrome,
    registries: Vec<(String, String)>,
    until: &str,
    form: &[(String, String)],
) -> Vec<FormField> {
    let field =
        |name, title, help, input, usual| FormField::asked(c, form, (name, title, help), input, usual);
    let one = registries.first().filter(|_| registries.len() == 1).map(|(code, _)| code.clone());
    vec![
        field(
            "registry",
            "rules.registry",
            "rules.registry_help",
            Input::Choice(registries),
            &one.unwrap_or_default(),
        ),
        field("days", "rules.days", "rules.days_help", Input::Number, "1095"),
        field("until", "rules.until", "rules.until_help", Input::Date, until),
        field("reason", "act.reason", "rules.reason_help", Input::Line(200), ""),
    ]
}

/// A form that was sent, and what is wrong with it; none before it was sent.
type Sent<'a> = (Option<&'a [(String, String)]>, &'a [Fault]);

async fn build(
    state: &State,
    c: Chrome,
    caller: &Credential,
    (form, found): Sent<'_>,
    done: Option<String>,
) -> Result<Rules, Problem> {
    let departments = register_department::list(state).await?;
    let own =
        |department: &&Department| caller.department.as_deref().is_none_or(|own| own == department.code);
    let registers = |department: &&Department| {
        let mut kinds = state.kinds.iter().filter(|kind| kind.representative.is_some());
        kinds.any(|kind| kind.issuer == department.responsibility)
    };
    let registries: Vec<&Department> = departments.iter().filter(own).filter(registers).collect();
    let now = state.clock.now();
    let mut rules = Vec::new();
    for registry in &registries {
        let found = rule::list(state, caller, &registry.code, None, Some(ROWS)).await?;
        rules.extend(found.iter().map(|rule| row(&c, caller, &departments, rule, now)));
    }
    let named = registries.iter().map(|d| (d.code.clone(), department_name(&c, d))).collect();
    let until = format_date(now.plus(Duration::from_secs(365 * 86_400)).date_in_china());
    let mut fields = fields(&c, named, &until, form.unwrap_or_default());
    let mut faults = place(&c, &mut fields, found);
    for (shown, fault) in faults.iter_mut().zip(found) {
        if fault.pointer == "/purposes" {
            shown.target = Some("field-purposes".to_owned());
        }
    }
    Ok(Rules { purposes: purposes(&c, form), rules, fields, faults, done, c })
}

/// `GET /seals/rules`
pub(super) async fn list(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let done = match asked.done.as_str() {
        "proposed" => Some(c.t("rules.done_proposed")),
        "approve" => Some(c.t("rules.done_approved")),
        "withdraw" => Some(c.t("rules.done_withdrawn")),
        _ => None,
    };
    page(StatusCode::OK, &build(&state, c, &caller.credential, (None, &[]), done).await?)
}

/// `POST /seals/rules`
pub(super) async fn propose(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let date = |text: &str| {
        let fault = || Problem::faults(Kind::Invalid, Place::Body, vec![Fault::at("/until", "body.date")]);
        parse_date(text).ok_or_else(fault)
    };
    let outcome = match date(given(&form, "until")) {
        Err(problem) => Err(problem),
        Ok(until) => {
            let chosen = form.iter().filter(|(name, _)| name == "purposes");
            let request = rule::Request {
                registry: given(&form, "registry").to_owned(),
                purposes: chosen.filter_map(|(_, value)| SealPurpose::parse(value)).collect(),
                days: given(&form, "days").trim().parse().unwrap_or(0),
                from: None,
                until,
                reason: given(&form, "reason").to_owned(),
            };
            let (service, caller) = (state.clone(), caller.credential.clone());
            detach(async move { rule::propose(&service, &caller, request).await }).await
        }
    };
    match outcome {
        Ok(_) => Ok(go_to("/seals/rules?done=proposed")),
        Err(problem) => {
            let found = faults_of(problem)?;
            let view = build(&state, c, &caller.credential, (Some(&form), &found), None).await?;
            page(StatusCode::UNPROCESSABLE_ENTITY, &view)
        }
    }
}

/// `POST /seals/rules/{id}/{act}`
pub(super) async fn act(
    From(state): From<State>,
    caller: Caller,
    Path((text, act)): Path<(String, String)>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let unknown = || Problem::from(Refusal::new(RefusalClass::NotFound, "rule.unknown"));
    let id = RuleId::parse(&text).ok_or_else(unknown)?;
    let (reason, name) = (given(&form, "reason").to_owned(), act.clone());
    let work = async move {
        match name.as_str() {
            "approve" => rule::approve(&state, &caller.credential, &id).await.map(Some),
            "withdraw" => rule::withdraw(&state, &caller.credential, &id, &reason).await.map(Some),
            _ => Ok(None),
        }
    };
    match detach(work).await? {
        Some(_) => Ok(go_to(&format!("/seals/rules?done={act}"))),
        None => Err(Problem::new(Kind::NotFound, "request.no_such_address")),
    }
}
