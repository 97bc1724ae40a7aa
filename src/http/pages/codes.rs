//! Codes for where there is no network: the holder prints one, ends those that are about, and looks after its phones.

use super::chrome::Chrome;
use super::department::kind_title;
use super::form::ShownFault;
use super::license::{identifier, showable};
use super::show::presets;
use super::words::{self, either};
use super::{given, go_to, page};
use crate::app::offline::{device, paper};
use crate::app::{list_licenses, read_license};
use crate::domain::license::License;
use crate::domain::license::kind::PrivacyClass;
use crate::domain::offline_code::{Device, DeviceId, MOST_PURPOSE, PaperCode, PaperCodeId, PaperLife};
use crate::domain::refusal::{Refusal, RefusalClass};
use crate::http::caller::Caller;
use crate::http::problem::{Kind, Problem};
use crate::http::{State, detach};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State as From};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// A field that can be printed.
struct Printable {
    name: String,
    title: String,
    checked: bool,
    masked: bool,
}

/// A life to choose.
struct Life {
    days: u64,
    words: String,
    checked: bool,
}

#[derive(Template)]
#[template(path = "pages/print.html")]
struct Print {
    c: Chrome,
    id: String,
    kind: String,
    presets: Vec<String>,
    purpose: String,
    recipient: String,
    shown: Vec<Printable>,
    lives: Vec<Life>,
    most: usize,
    faults: Vec<ShownFault>,
}

/// A code on paper in the list.
struct PaperRow {
    id: String,
    kind: String,
    purpose: String,
    recipient: Option<String>,
    place: Option<String>,
    made: String,
    until: String,
    tone: &'static str,
    standing: String,
    live: bool,
}

/// A phone in the list.
struct PhoneRow {
    id: String,
    label: String,
    added: String,
    live: bool,
}

/// A license whose code can be put into this phone.
struct PhoneLicense {
    id: String,
    kind: String,
    number: String,
    shown: Vec<Printable>,
}

#[derive(Template)]
#[template(path = "pages/codes.html")]
struct Codes {
    c: Chrome,
    licenses: Vec<PhoneLicense>,
    papers: Vec<PaperRow>,
    phones: Vec<PhoneRow>,
    done: Option<String>,
}

/// What was just done.
#[derive(Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    done: String,
}

type Fields = Form<Vec<(String, String)>>;

/// The fields that can stand in a code, ticked as entered so far; at first the holder's name.
fn printable(
    c: &Chrome,
    state: &State,
    license: &License,
    entered: Option<&[(String, String)]>,
) -> Vec<Printable> {
    let kind = state.kinds.get(&license.kind);
    let fields = kind.iter().flat_map(|kind| &kind.fields).filter(|field| {
        field.privacy != PrivacyClass::Sensitive
            && license.data.get(&field.name).is_some_and(|v| !v.is_empty())
    });
    let holder = kind.map(|kind| kind.holder.name.as_str());
    let shown = fields.map(|field| Printable {
        checked: entered.map_or(holder == Some(field.name.as_str()), |form| {
            form.iter().any(|(name, value)| name == "field" && *value == field.name)
        }),
        name: field.name.clone(),
        title: either(c, &field.title).to_owned(),
        masked: field.privacy == PrivacyClass::Personal,
    });
    shown.collect()
}

/// The form, with what was entered so far.
fn form(c: Chrome, state: &State, license: &License, entered: Option<&[(String, String)]>) -> Print {
    let shown = printable(&c, state, license, entered);
    let text = |name: &str| entered.map(|form| given(form, name).to_owned()).unwrap_or_default();
    let chosen = entered.and_then(|form| given(form, "days").parse().ok()).unwrap_or(7);
    let lives = PaperLife::ALL.map(|life| Life {
        days: life.days(),
        words: c.f("print.days", [("days", life.days().to_string())]),
        checked: life.days() == chosen,
    });
    Print {
        id: license.id.to_string(),
        kind: kind_title(&c, state, &license.kind),
        // A sheet has room for few words.
        presets: presets(&c, &state.purposes)
            .into_iter()
            .map(|preset| preset.title)
            .filter(|title| title.chars().count() <= MOST_PURPOSE)
            .collect(),
        purpose: text("purpose"),
        recipient: text("recipient"),
        shown,
        lives: lives.into(),
        most: MOST_PURPOSE,
        faults: Vec::new(),
        c,
    }
}

/// `GET /wallet/{id}/print`
pub(super) async fn print_form(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let license = read_license::run(&state, &caller.credential, &identifier(&id)?).await?;
    page(StatusCode::OK, &form(c, &state, &license, None))
}

/// `POST /wallet/{id}/print`: the sheet.
pub(super) async fn print(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Path(id): Path<String>,
    Form(entered): Fields,
) -> Result<Response, Problem> {
    let license = identifier(&id)?;
    let fields = entered.iter().filter(|(name, _)| name == "field").map(|(_, value)| value.clone());
    let request = paper::Request {
        license: license.clone(),
        fields: fields.collect(),
        purpose: given(&entered, "purpose").to_owned(),
        recipient: Some(given(&entered, "recipient").to_owned()),
        days: given(&entered, "days").parse().unwrap_or(0),
    };
    let (service, credential) = (state.clone(), caller.credential.clone());
    match detach(async move { paper::run(&service, &credential, request).await }).await {
        Ok(made) => {
            let name = format!("inline; filename=\"paper-code-{}.pdf\"", &made.code.id.as_str()[16..]);
            let headers = [
                (CONTENT_TYPE, "application/pdf"),
                (CACHE_CONTROL, "no-store"),
                (CONTENT_DISPOSITION, name.as_str()),
            ];
            Ok((headers, made.sheet).into_response())
        }
        Err(problem) if matches!(problem.kind, Kind::Invalid | Kind::Conflict) => {
            let license = read_license::run(&state, &caller.credential, &license).await?;
            let faults = faults(&c, &problem);
            let view = Print { faults, ..form(c, &state, &license, Some(&entered)) };
            page(StatusCode::UNPROCESSABLE_ENTITY, &view)
        }
        Err(problem) => Err(problem),
    }
}

/// What is wrong, each with the part of the form it lies in.
pub(super) fn faults(c: &Chrome, problem: &Problem) -> Vec<ShownFault> {
    let worded = problem.worded(c.language);
    if worded.errors.is_empty() {
        return vec![ShownFault { target: None, text: worded.detail }];
    }
    let target = |pointer: &str| pointer.split('/').nth(1).map(str::to_owned);
    let faults = worded.errors.into_iter();
    faults.map(|fault| ShownFault { target: target(&fault.pointer), text: fault.detail }).collect()
}

fn paper_row(c: &Chrome, state: &State, code: PaperCode) -> PaperRow {
    let kind = state.kinds.iter().find(|kind| kind.type_code == code.license.type_code());
    let (tone, standing) = match code.standing(state.clock.now()) {
        "live" => ("good", c.t("codes.live")),
        "expired" => ("note", c.t("codes.expired")),
        _ => ("bad", c.t("codes.ended")),
    };
    PaperRow {
        live: tone == "good",
        id: code.id.to_string(),
        kind: kind.map(|kind| either(c, &kind.title).to_owned()).unwrap_or_default(),
        purpose: code.purpose,
        recipient: code.recipient,
        place: code.place,
        made: words::moment(code.made_at),
        until: words::moment(code.expires_at),
        tone,
        standing,
    }
}

fn phone_row(device: Device) -> PhoneRow {
    PhoneRow {
        id: device.id.to_string(),
        label: device.label,
        added: words::moment(device.added_at),
        live: device.withdrawn_at.is_none(),
    }
}

/// `GET /wallet/codes`
pub(super) async fn list(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Query(asked): Query<Done>,
) -> Result<Response, Problem> {
    let papers = paper::list(&state, &caller.credential, None, None).await?;
    let phones = device::list(&state, &caller.credential).await?;
    let papers = papers.into_iter().map(|code| paper_row(&c, &state, code)).collect();
    let phones = phones.into_iter().map(phone_row).filter(|row| row.live).collect();
    let request = list_licenses::Request::default();
    let found = list_licenses::run(&state, &caller.credential, request).await?;
    let now = state.clock.now();
    let licenses = found.licenses.iter().filter(|license| showable(license.standing(now)));
    let licenses = licenses.map(|license| PhoneLicense {
        id: license.id.to_string(),
        kind: kind_title(&c, &state, &license.kind),
        number: license.number.clone(),
        shown: printable(&c, &state, license, None),
    });
    let licenses = licenses.collect();
    let done = match asked.done.as_str() {
        "ended" => Some(c.t("codes.done_ended")),
        "enrolled" => Some(c.t("codes.done_enrolled")),
        "withdrawn" => Some(c.t("codes.done_withdrawn")),
        _ => None,
    };
    page(StatusCode::OK, &Codes { c, licenses, papers, phones, done })
}

/// `POST /wallet/codes/{id}/end`
pub(super) async fn end(
    From(state): From<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let unknown = || Problem::from(Refusal::new(RefusalClass::NotFound, "paper_code.unknown"));
    let id = PaperCodeId::parse(&id).ok_or_else(unknown)?;
    detach(async move { paper::end(&state, &caller.credential, &id).await }).await?;
    Ok(go_to("/wallet/codes?done=ended"))
}

/// `POST /wallet/phones/{id}/withdraw`
pub(super) async fn withdraw(
    From(state): From<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let unknown = || Problem::from(Refusal::new(RefusalClass::NotFound, "device.unknown"));
    let id = DeviceId::parse(&id).ok_or_else(unknown)?;
    detach(async move { device::withdraw(&state, &caller.credential, &id).await }).await?;
    Ok(go_to("/wallet/codes?done=withdrawn"))
}
