//! Issuing a license by form, and a new edition of one, with a live picture of the face.

use super::chrome::Chrome;
use super::department::{department, kind_title, own_kinds};
use super::envelope;
use super::form::{FormField, Input, ShownFault, faults_of, place};
use super::license::identifier;
use super::words::either;
use super::{envelopes, given, go_to, grants, page};
use crate::app::envelope::{correct, open, read};
use crate::app::issue_license::Order;
use crate::app::{
    MOST_ROWS, amend_license, issue_license, list_grants, list_seals, preview_face, read_license,
};
use crate::domain::grant::{Grant, GrantId};
use crate::domain::license::draft::RawValue;
use crate::domain::license::kind::FieldType;
use crate::domain::license::{LicenseData, LicenseId, LicenseKind};
use crate::domain::party::Credential;
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::seal::SealCode;
use crate::http::caller::Caller;
use crate::http::problem::{Kind, Problem};
use crate::http::{State, detach};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State as From};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::collections::BTreeMap;

type Fields = Vec<(String, String)>;

/// A kind to choose.
pub(super) struct KindDoor {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) fields: usize,
}

#[derive(Template)]
#[template(path = "pages/kinds.html")]
pub(super) struct Kinds {
    pub(super) c: Chrome,
    pub(super) kinds: Vec<KindDoor>,
}

#[derive(Template)]
#[template(path = "pages/issue.html")]
pub(super) struct Issue {
    pub(super) c: Chrome,
    pub(super) heading: String,
    pub(super) back: String,
    pub(super) back_text: String,
    pub(super) action: String,
    pub(super) preview: String,
    pub(super) key: String,
    pub(super) amending: bool,
    /// Whether several seal it together: the seals are chosen by those who consent.
    pub(super) together: bool,
    pub(super) reason: String,
    pub(super) fields: Vec<FormField>,
    pub(super) faults: Vec<ShownFault>,
    pub(super) seals: Vec<(String, String)>,
    pub(super) chosen_seal: String,
    pub(super) face: String,
    pub(super) submit: String,
}

/// How the form starts.
#[derive(Deserialize)]
pub(super) struct Start {
    #[serde(default)]
    example: String,
}

/// `GET /department/issue`
pub(super) async fn kinds(From(state): From<State>, c: Chrome, caller: Caller) -> Result<Response, Problem> {
    let department = department(&state, &caller.credential).await?;
    let mut own = own_kinds(&c, &state, &caller.credential, &department.responsibility);
    // Those of others whose seals were granted to it, behind its own.
    for grant in list_grants::to_issue_under(&state, &caller.credential).await? {
        for name in grant.kinds {
            if own.iter().all(|(known, _)| *known != name) {
                let title = kind_title(&c, &state, &name);
                own.push((name, title));
            }
        }
    }
    let kinds = own
        .into_iter()
        .filter_map(|(name, title)| {
            let fields = state.kinds.get(&name)?.fields.len();
            Some(KindDoor { name, title, fields })
        })
        .collect();
    page(StatusCode::OK, &Kinds { c, kinds })
}

fn kind_named<'s>(state: &'s State, name: &str) -> Result<&'s LicenseKind, Problem> {
    state.kinds.get(name).map(AsRef::as_ref).ok_or_else(|| Problem::new(Kind::NotFound, "kind.unknown"))
}

/// What was entered, as the draft check takes it. Empty fields are absent: a browser sends every field. Line breaks in
/// what is one paragraph are how it was pasted, not what it says.
pub(super) fn raw(kind: &LicenseKind, form: &Fields) -> BTreeMap<String, RawValue> {
    kind.fields
        .iter()
        .map(|field| (field, given(form, &field.name)))
        .filter(|(_, value)| !value.trim().is_empty())
        .map(|(field, value)| {
            let lines = value.replace("\r\n", "\n");
            let text = if matches!(field.field_type, FieldType::Text { multiline: false, .. }) {
                lines.replace('\n', "")
            } else {
                lines
            };
            (field.name.clone(), RawValue::Text(text))
        })
        .collect()
}

/// The face of what was entered so far, as SVG.
async fn face(
    state: &State,
    caller: &Credential,
    kind: &LicenseKind,
    form: &Fields,
    granted: &[Grant],
) -> Result<String, Problem> {
    // Under a grant the license is the seal's owner's.
    let chosen = grants::chosen(given(form, "_seal")).and_then(|(_, grant)| grant);
    let issuer = granted.iter().find(|grant| Some(&grant.id) == chosen.as_ref());
    let issuer = issuer.map(|grant| grant.owner.clone());
    let (kind, data) = (kind.name.clone(), raw(kind, form));
    let request = preview_face::Request { kind, data, number: None, issuer };
    Ok(preview_face::run(state, caller, request).await?.svg)
}

/// A form of this kind, and what it is for.
struct Draft<'d> {
    kind: &'d LicenseKind,
    form: Fields,
    faults: &'d [Fault],
    /// The license that is amended.
    amends: Option<String>,
    /// The envelope that is corrected.
    corrects: Option<String>,
}

async fn form_page(
    state: &State,
    c: Chrome,
    caller: &Credential,
    draft: Draft<'_>,
) -> Result<Response, Problem> {
    let Draft { kind, form, faults, amends, corrects } = draft;
    let mut fields: Vec<FormField> = kind
        .fields
        .iter()
        .map(|field| FormField::of_kind(&c, field, given(&form, &field.name).to_owned()))
        .collect();
    let shown = place(&c, &mut fields, faults);
    let now = state.clock.now();
    let mut seals: Vec<(String, String)> = list_seals::run(state, caller, "", Some(MOST_ROWS))
        .await?
        .into_iter()
        .filter(|seal| seal.check_usable(now).is_ok() && caller.seals.allows(seal.code.as_str()))
        .map(|seal| {
            (seal.code.to_string(), format!("{} {} {}", seal.owner_name, seal.purpose_words, seal.code))
        })
        .collect();
    let granted = granted(state, caller, kind, &amends).await?;
    // A department that does not issue this kind itself has no use for its own seals here.
    if department(state, caller).await?.responsibility != kind.issuer {
        seals.clear();
    }
    if !granted.is_empty() {
        let names = envelopes::names(state, &c).await?;
        seals.extend(granted.iter().map(|grant| grants::choice(&c, &names, grant)));
    }
    let mut form = form;
    if let ("", Some((first, _))) = (given(&form, "_seal"), seals.first()) {
        form.push(("_seal".to_owned(), first.clone()));
    }
    let title = [("kind", either(&c, &kind.title).to_owned())];
    let (heading, action, back, back_text, submit) = match (&amends, &corrects) {
        (_, Some(id)) => (
            c.f("envelope_page.correct_h1", title),
            format!("/department/envelopes/{id}/correct"),
            format!("/department/envelopes/{id}"),
            c.t("envelope_page.stages"),
            c.t("envelope_act.correct"),
        ),
        (None, None) if kind.sealing.is_some() => (
            c.f("envelope_page.open_h1", title),
            format!("/department/issue/{}", kind.name),
            "/department/issue".to_owned(),
            c.t("issue.choose"),
            c.t("envelope_page.open_submit"),
        ),
        (Some(id), None) => (
            c.f("issue.amend_h1", title),
            format!("/department/licenses/{id}/amend"),
            format!("/department/licenses/{id}"),
            c.t("license_page.about"),
            c.t(if kind.sealing.is_some() { "envelope_page.open_submit" } else { "issue.amend_submit" }),
        ),
        (None, None) => (
            c.f("issue.h1", title),
            format!("/department/issue/{}", kind.name),
            "/department/issue".to_owned(),
            c.t("issue.choose"),
            c.t("issue.submit"),
        ),
    };
    let view = Issue {
        heading,
        back,
        back_text,
        action,
        preview: format!("/department/preview/{}", kind.name),
        // A fresh key: what was refused recorded nothing, and what is sent next is another request.
        key: hex::encode(state.random.bytes::<16>()),
        amending: amends.is_some(),
        together: kind.sealing.is_some(),
        reason: given(&form, "_reason").to_owned(),
        fields,
        faults: shown,
        chosen_seal: given(&form, "_seal").to_owned(),
        seals,
        face: face(state, caller, kind, &form, &granted).await?,
        submit,
        c,
    };
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page(status, &view)
}

/// The grants under which the caller may issue a license of this kind; a new edition is the issuer's own matter.
async fn granted(
    state: &State,
    caller: &Credential,
    kind: &LicenseKind,
    amends: &Option<String>,
) -> Result<Vec<Grant>, Problem> {
    if amends.is_some() || kind.sealing.is_some() {
        return Ok(Vec::new());
    }
    let mut granted = list_grants::to_issue_under(state, caller).await?;
    granted.retain(|grant| grant.kinds.contains(&kind.name));
    Ok(granted)
}

/// The form again as it was sent, with what was at fault in it.
async fn form_again(
    state: &State,
    c: Chrome,
    caller: &Credential,
    problem: Problem,
    draft: Draft<'_>,
) -> Result<Response, Problem> {
    let faults = faults_of(problem)?;
    form_page(state, c, caller, Draft { faults: &faults, ..draft }).await
}

/// `GET /department/issue/{kind}`
pub(super) async fn get(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Path(kind): Path<String>,
    Query(start): Query<Start>,
) -> Result<Response, Problem> {
    let kind = kind_named(&state, &kind)?;
    let example = c.development && !start.example.is_empty();
    let form = match example {
        true => kind.fields.iter().map(|field| (field.name.clone(), field.example.clone())).collect(),
        false => Vec::new(),
    };
    form_page(&state, c, &caller.credential, Draft { kind, form, faults: &[], amends: None, corrects: None })
        .await
}

/// The seal that the form names, and the grant where it is another's.
fn chosen_seal(form: &Fields) -> Result<(SealCode, Option<GrantId>), Refusal> {
    grants::chosen(given(form, "_seal"))
        .ok_or_else(|| Refusal::invalid(vec![Fault::at("/_seal", "seal.unknown")]))
}

/// `POST /department/issue/{kind}`
pub(super) async fn post(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Path(kind): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, Problem> {
    let kind = kind_named(&state, &kind)?;
    let key = given(&form, "idempotency_key").to_owned();
    if kind.sealing.is_some() {
        return start(&state, c, caller, kind, key, form, None).await;
    }
    let chosen = chosen_seal(&form);
    let under = chosen.as_ref().ok().and_then(|(_, grant)| grant.clone());
    let order = chosen.map(|(seal, grant)| Order {
        kind: kind.name.clone(),
        seal,
        data: raw(kind, &form),
        number: None,
        replaces: None,
        envelope: None,
        grant,
        business: None,
    });
    let (service, by) = (state.clone(), caller.credential.clone());
    match detach(async move { issue_license::run(&service, &by, &key, order?).await }).await {
        // What was issued under a grant is the owner's; the grant's page has the line about it.
        Ok(issued) => Ok(go_to(&match under {
            Some(grant) => format!("/department/grants/{grant}?done=issued"),
            None => format!("/department/licenses/{}?done=issued", issued.license.id),
        })),
        Err(problem) => {
            let draft = Draft { kind, form, faults: &[], amends: None, corrects: None };
            form_again(&state, c, &caller.credential, problem, draft).await
        }
    }
}

/// Starts an envelope with what was entered, in place of a license if it amends one.
async fn start(
    state: &State,
    c: Chrome,
    caller: Caller,
    kind: &LicenseKind,
    key: String,
    form: Fields,
    amends: Option<LicenseId>,
) -> Result<Response, Problem> {
    let reason = given(&form, "_reason").to_owned();
    let hash = open::hash(entered(kind, &form, amends.as_ref()).as_bytes());
    let replaces = amends.clone().map(|license| open::Amended { license, revision: None, reason });
    let request = open::Request {
        kind: kind.name.clone(),
        data: raw(kind, &form),
        number: None,
        parties: BTreeMap::new(),
        replaces,
        hash,
    };
    let (service, by) = (state.clone(), caller.credential.clone());
    match detach(async move { open::run(&service, &by, &key, request).await }).await {
        Ok(envelope) => Ok(go_to(&format!("/department/envelopes/{}?done=open", envelope.id))),
        Err(problem) => {
            let amends = amends.map(|license| license.to_string());
            let draft = Draft { kind, form, faults: &[], amends, corrects: None };
            form_again(state, c, &caller.credential, problem, draft).await
        }
    }
}

/// The kind and all its fields as they were entered, as one text, with what is amended and why.
fn entered(kind: &LicenseKind, form: &Fields, amends: Option<&LicenseId>) -> String {
    let mut entered = url::form_urlencoded::Serializer::new(String::new());
    entered.append_pair("_kind", &kind.name);
    if let Some(license) = amends {
        entered.append_pair("_amends", license.as_str()).append_pair("_reason", given(form, "_reason"));
    }
    for field in &kind.fields {
        entered.append_pair(&field.name, given(form, &field.name));
    }
    entered.finish()
}

/// `GET /department/envelopes/{id}/correct`
pub(super) async fn correct_form(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let detail = read::run(&state, &caller.credential, &envelope::id(&id)?).await?;
    let kind = kind_named(&state, &detail.envelope.kind)?;
    let form = as_form(&detail.content.data);
    let draft = Draft { kind, form, faults: &[], amends: None, corrects: Some(id) };
    form_page(&state, c, &caller.credential, draft).await
}

/// `POST /department/envelopes/{id}/correct`
pub(super) async fn correct(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Path(id): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, Problem> {
    let envelope = envelope::id(&id)?;
    let detail = read::run(&state, &caller.credential, &envelope).await?;
    let kind = kind_named(&state, &detail.envelope.kind)?;
    let number = detail.content.number;
    let request = correct::Request { envelope, revision: None, data: raw(kind, &form), number };
    let (service, by) = (state.clone(), caller.credential.clone());
    match detach(async move { correct::run(&service, &by, request).await }).await {
        Ok(envelope) => Ok(go_to(&format!("/department/envelopes/{}?done=correct", envelope.id))),
        Err(problem) => {
            let draft = Draft { kind, form, faults: &[], amends: None, corrects: Some(id) };
            form_again(&state, c, &caller.credential, problem, draft).await
        }
    }
}

/// `POST /department/preview/{kind}`: the face of what was entered so far.
pub(super) async fn preview(
    From(state): From<State>,
    caller: Caller,
    Path(kind): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, Problem> {
    let kind = kind_named(&state, &kind)?;
    let granted = granted(&state, &caller.credential, kind, &None).await?;
    let svg = face(&state, &caller.credential, kind, &form, &granted).await?;
    Ok(([(CONTENT_TYPE, "image/svg+xml")], svg).into_response())
}

fn as_form(data: &LicenseData) -> Fields {
    data.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// `GET /department/licenses/{id}/amend`
pub(super) async fn amend_form(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let license = read_license::run(&state, &caller.credential, &identifier(&id)?).await?;
    let kind = kind_named(&state, &license.kind)?;
    let form = as_form(&license.data);
    let amends = Some(license.id.to_string());
    form_page(&state, c, &caller.credential, Draft { kind, form, faults: &[], amends, corrects: None }).await
}

/// `POST /department/licenses/{id}/amend`
pub(super) async fn amend(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Path(id): Path<String>,
    Form(form): Form<Fields>,
) -> Result<Response, Problem> {
    let license = read_license::run(&state, &caller.credential, &identifier(&id)?).await?;
    let kind = kind_named(&state, &license.kind)?;
    let key = given(&form, "idempotency_key").to_owned();
    if kind.sealing.is_some() {
        return start(&state, c, caller, kind, key, form, Some(license.id)).await;
    }
    let request = chosen_seal(&form).map(|(seal, _)| amend_license::Request {
        license: license.id.clone(),
        revision: None,
        data: raw(kind, &form),
        seal,
        reason: given(&form, "_reason").to_owned(),
    });
    let (service, by) = (state.clone(), caller.credential.clone());
    match detach(async move { amend_license::run(&service, &by, &key, request?).await }).await {
        Ok(issued) => Ok(go_to(&format!("/department/licenses/{}?done=issued", issued.license.id))),
        Err(problem) => {
            let amends = Some(license.id.to_string());
            let draft = Draft { kind, form, faults: &[], amends, corrects: None };
            form_again(&state, c, &caller.credential, problem, draft).await
        }
    }
}
