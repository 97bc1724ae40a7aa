//! Grants: who may use a seal, for what, until when, and who has.

use super::chrome::Chrome;
use super::department::{department_name, kind_title};
use super::form::{FormField, Input, ShownFault, faults_of, place};
use super::seals::code;
use super::slice::{self, Asked};
use super::words::{self, Fact, Tag};
use super::{given, go_to, page};
use crate::app::list_grants::{self, UsePlace};
use crate::app::{grant_seal, list_seals, register_department, withdraw_grant};
use crate::domain::grant::{Grant, GrantId, GrantState, GrantUse, Grantee, UseOutcome, UseSubject};
use crate::domain::party::Department;
use crate::domain::refusal::Fault;
use crate::domain::seal::SealCode;
use crate::domain::time::{Timestamp, format_date, parse_date};
use crate::http::api::grants::grant_id;
use crate::http::caller::Caller;
use crate::http::problem::{Kind, Place, Problem};
use crate::http::{State, detach};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State as From};
use axum::http::StatusCode;
use axum::response::Response;
use std::collections::BTreeMap;
use std::time::Duration;

/// Rows of one page.
const ROWS: u32 = 60;

/// A grant in a list.
pub(super) struct GrantRow {
    pub(super) id: String,
    pub(super) grantee: String,
    pub(super) kinds: String,
    pub(super) period: String,
    pub(super) used: String,
    pub(super) state: Tag,
}

/// A use in a list.
pub(super) struct UseRow {
    /// The license, the envelope that was consented to, or the job.
    pub(super) subject: String,
    pub(super) kind: String,
    pub(super) by: String,
    pub(super) at: String,
    pub(super) outcome: Tag,
}

/// A kind that can be ticked.
pub(super) struct KindChoice {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) ticked: bool,
}

#[derive(Template)]
#[template(path = "pages/grants.html")]
pub(super) struct Grants {
    pub(super) c: Chrome,
    /// The seal, and what it is called; none where they are those given to the caller.
    pub(super) seal: Option<(String, String)>,
    pub(super) rows: Vec<GrantRow>,
    pub(super) next: Option<String>,
}

#[derive(Template)]
#[template(path = "pages/grant.html")]
pub(super) struct OneGrant {
    pub(super) c: Chrome,
    pub(super) seal: String,
    pub(super) grant: GrantRow,
    pub(super) about: Vec<Fact>,
    pub(super) uses: Vec<UseRow>,
    pub(super) next: Option<String>,
    /// Whether it can be taken back by whoever looks.
    pub(super) open: bool,
    /// Whether it is shown to whom it was given.
    pub(super) given: bool,
    pub(super) done: Option<String>,
}

#[derive(Template)]
#[template(path = "pages/grant_new.html")]
pub(super) struct NewGrant {
    pub(super) c: Chrome,
    pub(super) seal: String,
    pub(super) kinds: Vec<KindChoice>,
    /// Whether documents are ticked.
    pub(super) documents: bool,
    pub(super) fields: Vec<FormField>,
    pub(super) faults: Vec<ShownFault>,
}

/// Where a grant stands.
pub(super) fn standing(c: &Chrome, state: GrantState) -> Tag {
    let (code, icon, tone) = match state {
        GrantState::Waiting => ("grant_state.waiting", "clock", "still"),
        GrantState::InForce => ("grant_state.in_force", "tick", "good"),
        GrantState::Exhausted => ("grant_state.exhausted", "octagon", "still"),
        GrantState::Ended => ("grant_state.ended", "clock", "still"),
        GrantState::Withdrawn => ("grant_state.withdrawn", "octagon", "bad"),
    };
    Tag { word: c.t(code), icon, tone }
}

pub(super) fn outcome(c: &Chrome, outcome: UseOutcome) -> Tag {
    let (code, icon, tone) = match outcome {
        UseOutcome::Open => ("grants.use_open", "clock", "unclear"),
        UseOutcome::Done => ("grants.use_done", "tick", "good"),
        UseOutcome::Cancelled => ("grants.use_cancelled", "octagon", "still"),
    };
    Tag { word: c.t(code), icon, tone }
}

pub(super) fn row(
    c: &Chrome,
    state: &State,
    departments: &[Department],
    grant: &Grant,
    now: Timestamp,
) -> GrantRow {
    let grantee = match &grant.grantee {
        Grantee::Body(code) => departments
            .iter()
            .find(|department| department.code == *code)
            .map_or_else(|| code.clone(), |department| department_name(c, department)),
        Grantee::Credential(id) => c.f("grants.credential_named", [("id", id.clone())]),
    };
    let documents = grant.documents.then(|| c.t("grants.documents"));
    let titles = grant.kinds.iter().map(|kind| kind_title(c, state, kind)).chain(documents);
    let titles: Vec<String> = titles.collect();
    let from = words::date(c, grant.from.date_in_china());
    let last = words::date(c, grant.until.minus(Duration::from_secs(1)).date_in_china());
    GrantRow {
        id: grant.id.to_string(),
        grantee,
        kinds: titles.join(&c.t("grants.between")),
        period: c.f("license_page.period", [("from", from), ("until", last)]),
        used: used(c, grant),
        state: standing(c, grant.state(now)),
    }
}

/// A grant as whom it was given to sees it: to whom is plain; whose seal it is takes its place.
fn given_row(
    c: &Chrome,
    state: &State,
    departments: &[Department],
    grant: &Grant,
    now: Timestamp,
) -> GrantRow {
    let owner = departments.iter().find(|department| department.code == grant.owner);
    let owner = owner.map_or_else(|| grant.owner.clone(), |owner| department_name(c, owner));
    GrantRow { grantee: owner, ..row(c, state, departments, grant, now) }
}

/// How often it was used, of how often at most.
fn used(c: &Chrome, grant: &Grant) -> String {
    grant.most.map_or_else(
        || grant.used.to_string(),
        |most| c.f("grants.used_of", [("used", grant.used.to_string()), ("most", most.to_string())]),
    )
}

/// A granted seal among seals to choose from: its value in the form, and its words. `names` are those of departments, by
/// credit code.
pub(super) fn choice(c: &Chrome, names: &BTreeMap<String, String>, grant: &Grant) -> (String, String) {
    let owner = names.get(&grant.owner).cloned().unwrap_or_else(|| grant.owner.clone());
    let words = [("owner", owner), ("seal", grant.seal.to_string()), ("used", used(c, grant))];
    (format!("{}/{}", grant.seal, grant.id), c.f("grants.choice", words))
}

/// What a choice among seals names: the seal, and the grant where it is another's.
pub(super) fn chosen(value: &str) -> Option<(SealCode, Option<GrantId>)> {
    match value.split_once('/') {
        None => Some((SealCode::parse(value)?, None)),
        Some((seal, grant)) => Some((SealCode::parse(seal)?, Some(GrantId::parse(grant)?))),
    }
}

fn next(grants: &[Grant], here: &str) -> Option<String> {
    slice::next(grants, ROWS, here, |last| last.id.to_string())
}

/// `GET /seals/{code}/grants`
pub(super) async fn of_seal(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Path(text): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let (seal, before) = (code(&text)?, GrantId::parse(&asked.after));
    let life = list_seals::one(&state, &caller.credential, &seal).await?;
    let grants = list_grants::of_seal(&state, &caller.credential, &seal, before.as_ref(), Some(ROWS)).await?;
    let departments = register_department::list(&state).await?;
    let now = state.clock.now();
    let name = format!("{}{}", life.seal.owner_name, life.seal.purpose_words);
    page(
        StatusCode::OK,
        &Grants {
            next: next(&grants, &format!("/seals/{seal}/grants")),
            rows: grants.iter().map(|grant| row(&c, &state, &departments, grant, now)).collect(),
            seal: Some((seal.to_string(), name)),
            c,
        },
    )
}

/// `GET /department/grants`
pub(super) async fn to_department(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let before = GrantId::parse(&asked.after);
    let grants = list_grants::to_caller(&state, &caller.credential, before.as_ref(), Some(ROWS)).await?;
    let departments = register_department::list(&state).await?;
    let now = state.clock.now();
    let rows = grants.iter().map(|grant| given_row(&c, &state, &departments, grant, now)).collect();
    page(StatusCode::OK, &Grants { next: next(&grants, "/department/grants"), rows, seal: None, c })
}

/// `GET /seals/{code}/grants/{id}`
pub(super) async fn one(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Path((_, id)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    one_page(state, c, caller, &id, asked, false).await
}

/// `GET /department/grants/{id}`
pub(super) async fn one_given(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    one_page(state, c, caller, &id, asked, true).await
}

/// A grant with its uses, for the seal's administrators or for whom it was `given` to.
async fn one_page(
    state: State,
    c: Chrome,
    caller: Caller,
    id: &str,
    asked: Asked,
    given: bool,
) -> Result<Response, Problem> {
    let id = grant_id(id)?;
    let grant = list_grants::one(&state, &caller.credential, &id).await?;
    let after = UsePlace::parse(&asked.after);
    let uses = list_grants::uses(&state, &caller.credential, &id, after.as_ref(), Some(ROWS)).await?;
    let departments = register_department::list(&state).await?;
    let now = state.clock.now();
    let mut about = vec![
        (c.t("seals.code"), grant.seal.to_string()),
        (c.t("grants.id"), grant.id.to_string()),
        (c.t("grants.granted_by"), grant.granted_by.clone()),
        (c.t("grants.granted_at"), words::moment(grant.granted_at)),
        (c.t("act.reason"), grant.reason.clone()),
    ];
    if let Some(end) = &grant.withdrawn {
        about.push((c.t("grants.withdrawn_by"), end.by.clone()));
        about.push((c.t("grants.withdrawn_at"), words::moment(end.at)));
        about.push((c.t("act.reason"), end.reason.clone()));
    }
    let here = match given {
        true => format!("/department/grants/{id}"),
        false => format!("/seals/{}/grants/{id}", grant.seal),
    };
    let next = slice::next(&uses, ROWS, &here, |last| UsePlace::behind(last).to_text());
    let line = |used: &GrantUse| UseRow {
        kind: match &used.subject {
            UseSubject::License(_) | UseSubject::Consent { .. } => kind_title(&c, &state, &used.kind),
            UseSubject::Document(_) => c.t("grants.document"),
        },
        subject: match &used.subject {
            UseSubject::License(license) => license.to_string(),
            UseSubject::Document(job) => job.to_string(),
            UseSubject::Consent { envelope, version } => c.f(
                "grants.use_consent",
                [("envelope", envelope.to_string()), ("version", version.to_string())],
            ),
        },
        by: used.by.clone(),
        at: words::moment(used.at),
        outcome: outcome(&c, used.outcome),
    };
    let view = OneGrant {
        seal: grant.seal.to_string(),
        uses: uses.iter().map(line).collect(),
        next,
        open: !given && grant.withdrawn.is_none(),
        given,
        done: match asked.done.as_str() {
            "granted" => Some(c.t("grants.done_granted")),
            "withdrawn" => Some(c.t("grants.done_withdrawn")),
            "issued" => Some(c.t("grants.done_issued")),
            _ => None,
        },
        grant: match given {
            true => given_row(&c, &state, &departments, &grant, now),
            false => row(&c, &state, &departments, &grant, now),
        },
        about,
        c,
    };
    page(StatusCode::OK, &view)
}

/// The fields of a new grant, beside its kinds.
pub(super) fn fields(
    c: &Chrome,
    bodies: Vec<(String, String)>,
    today: &str,
    form: &[(String, String)],
) -> Vec<FormField> {
    let field =
        |name, title, help, input, usual| FormField::asked(c, form, (name, title, help), input, usual);
    vec![
        field("body", "grants.body", "grants.body_help", Input::Choice(bodies), "").optional(),
        field("credential", "grants.credential", "grants.credential_help", Input::Line(64), "").optional(),
        field("from", "grants.from", "form.help_date", Input::Date, today),
        field("until", "grants.until", "grants.until_help", Input::Date, ""),
        field("most", "grants.most", "grants.most_help", Input::Number, "").optional(),
        field("reason", "act.reason", "act.reason_help", Input::Line(200), ""),
    ]
}

async fn new_page(
    state: &State,
    c: Chrome,
    caller: &Caller,
    seal: &str,
    form: &[(String, String)],
    faults: &[Fault],
) -> Result<Response, Problem> {
    let life = list_seals::one(state, &caller.credential, &code(seal)?).await?;
    let departments = register_department::list(state).await?;
    let owner = departments.iter().find(|department| department.code == life.seal.owner_code);
    let responsible = owner.map(|owner| owner.responsibility.clone()).unwrap_or_default();
    let kinds = state.kinds.iter().filter(|kind| kind.issuer == responsible || kind.sealing.is_some());
    let ticked = |name: &str| form.iter().any(|(field, value)| field == "kinds" && value == name);
    let kinds: Vec<KindChoice> = kinds
        .map(|kind| KindChoice {
            ticked: ticked(&kind.name),
            title: kind_title(&c, state, &kind.name),
            name: kind.name.clone(),
        })
        .collect();
    let bodies = departments.iter().filter(|department| department.code != life.seal.owner_code);
    let bodies = bodies.map(|body| (body.code.clone(), department_name(&c, body))).collect();
    let today = format_date(state.clock.now().date_in_china());
    let documents = !given(form, "documents").is_empty();
    let mut fields = fields(&c, bodies, &today, form);
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let faults = place(&c, &mut fields, faults);
    page(status, &NewGrant { c, seal: seal.to_owned(), kinds, documents, fields, faults })
}

/// `GET /seals/{code}/grants/new`
pub(super) async fn new(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Path(seal): Path<String>,
) -> Result<Response, Problem> {
    new_page(&state, c, &caller, &seal, &[], &[]).await
}

/// What was filled in.
fn read_form(seal: &str, form: &[(String, String)]) -> Result<grant_seal::Request, Problem> {
    let text = |name: &str| given(form, name).trim().to_owned();
    let mut faults = Vec::new();
    let grantee = match (text("body"), text("credential")) {
        (body, credential) if credential.is_empty() && !body.is_empty() => Some(Grantee::Body(body)),
        (body, credential) if body.is_empty() && !credential.is_empty() => {
            Some(Grantee::Credential(credential))
        }
        _ => {
            faults.push(Fault::at("/body", "grant.one_grantee"));
            None
        }
    };
    let mut day = |name: &str| {
        let found = parse_date(&text(name));
        if found.is_none() {
            faults.push(Fault::at(format!("/{name}"), "body.date"));
        }
        found
    };
    let (from, until) = (day("from"), day("until"));
    let most = Some(text("most")).filter(|most| !most.is_empty());
    let (Some(grantee), Some(until), Some(from)) = (grantee, until, from) else {
        return Err(Problem::faults(Kind::Invalid, Place::Body, faults));
    };
    let kinds = form.iter().filter(|(name, _)| name == "kinds").map(|(_, kind)| kind.clone()).collect();
    Ok(grant_seal::Request {
        seal: code(seal)?,
        grantee,
        kinds,
        documents: !given(form, "documents").is_empty(),
        from: Some(from),
        until,
        // What is no number is refused as one out of range.
        most: most.map(|most| most.parse().unwrap_or(0)),
        reason: text("reason"),
    })
}

/// `POST /seals/{code}/grants`
pub(super) async fn grant(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Path(seal): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let (service, by) = (state.clone(), caller.credential.clone());
    let granted = match read_form(&seal, &form) {
        Err(problem) => Err(problem),
        Ok(request) => detach(async move { grant_seal::run(&service, &by, request).await }).await,
    };
    match granted {
        Ok(grant) => Ok(go_to(&format!("/seals/{}/grants/{}?done=granted", grant.seal, grant.id))),
        Err(problem) => new_page(&state, c, &caller, &seal, &form, &faults_of(problem)?).await,
    }
}

/// `POST /seals/{code}/grants/{id}/withdraw`
pub(super) async fn withdraw(
    From(state): From<State>,
    caller: Caller,
    Path((_, id)): Path<(String, String)>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let (id, reason) = (grant_id(&id)?, given(&form, "reason").to_owned());
    let work = async move { withdraw_grant::run(&state, &caller.credential, &id, &reason).await };
    let grant = detach(work).await?;
    Ok(go_to(&format!("/seals/{}/grants/{}?done=withdrawn", grant.seal, grant.id)))
}
