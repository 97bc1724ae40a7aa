//! One license of a department: its face, its data, its history, and what can be done with it.

use super::chrome::Chrome;
use super::department::{Row, row};
use super::words::{self, Event, Fact};
use super::{given, go_to, page};
use crate::app::change_license_state::{self, Act};
use crate::app::{draw_face, read_license};
use crate::domain::license::record::Standing;
use crate::domain::license::{Ending, FileFormat, License, LicenseFile, LicenseId, LicenseState};
use crate::domain::refusal::{Fault, Refusal, RefusalClass};
use crate::http::api::licenses::read::download;
use crate::http::caller::Caller;
use crate::http::problem::{Kind, Problem};
use crate::http::{State, detach};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State as From};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

/// Something that can be done.
pub(super) struct Possible {
    pub(super) name: &'static str,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) grave: bool,
}

#[derive(Template)]
#[template(path = "pages/license.html")]
pub(super) struct OneLicense {
    pub(super) c: Chrome,
    pub(super) license: Row,
    pub(super) revision: u32,
    pub(super) face: String,
    pub(super) facts: Vec<Fact>,
    pub(super) about: Vec<Fact>,
    pub(super) acts: Vec<Possible>,
    pub(super) endings: Vec<(&'static str, String, String)>,
    pub(super) history: Vec<Event>,
    pub(super) code_url: String,
    pub(super) downloads: Vec<Download>,
    /// Whether an annotated copy can be ordered.
    pub(super) copies: bool,
    pub(super) done: Option<String>,
    pub(super) done_text: String,
}

/// What was just done, named in the address so that a reload does not do it again.
#[derive(Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    done: String,
}

/// Reads a license identifier out of an address.
pub(super) fn identifier(text: &str) -> Result<LicenseId, Problem> {
    LicenseId::parse(text).map_err(|_| Problem::new(Kind::NotFound, "license.unknown"))
}

/// The four legal acts: name, word, when each applies.
pub(super) fn endings(c: &Chrome) -> Vec<(&'static str, String, String)> {
    Ending::ALL
        .into_iter()
        .map(|ending| {
            let (word, text) = match ending {
                Ending::Cancelled => ("ending.cancelled", "ending.cancelled_text"),
                Ending::Annulled => ("ending.annulled", "ending.annulled_text"),
                Ending::Withdrawn => ("ending.withdrawn", "ending.withdrawn_text"),
                Ending::Revoked => ("ending.revoked", "ending.revoked_text"),
            };
            (ending.name(), c.t(word), c.t(text))
        })
        .collect()
}

/// What can be done with a license in this state.
pub(super) fn acts(c: &Chrome, state: &LicenseState) -> Vec<Possible> {
    let act =
        |name, title: &str, text: &str, grave| Possible { name, title: c.t(title), text: c.t(text), grave };
    let end = act("end", "act.end", "act.end_text", true);
    match state {
        LicenseState::Active => vec![
            act("amend", "act.amend", "act.amend_text", false),
            act("suspend", "act.suspend", "act.suspend_text", false),
            end,
        ],
        LicenseState::Suspended { .. } => vec![act("resume", "act.resume", "act.resume_text", false), end],
        LicenseState::Ended { .. } | LicenseState::Superseded { .. } => Vec::new(),
    }
}

fn about(c: &Chrome, license: &License) -> Vec<Fact> {
    let mut about = vec![
        (c.t("license_page.number"), license.number.clone()),
        (c.t("license_page.validity"), words::validity(c, license)),
        (c.t("license_page.issued_on"), words::date(c, license.issued_on)),
        (c.t("license_page.identifier"), license.id.to_string()),
        (c.t("license_page.edition"), license.edition.to_string()),
        (c.t("license_page.seal"), license.seal.clone()),
        (c.t("license_page.check_code"), license.check_code.clone()),
    ];
    match &license.state {
        LicenseState::Suspended { reason } => {
            about.push((c.t("license_page.suspend_reason"), reason.clone()))
        }
        LicenseState::Ended { reason, .. } => about.push((c.t("license_page.end_reason"), reason.clone())),
        LicenseState::Superseded { by } => about.push((c.t("standing.superseded"), by.to_string())),
        LicenseState::Active => {}
    }
    about
}

/// `GET /department/licenses/{id}`
pub(super) async fn get(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Path(id): Path<String>,
    Query(asked): Query<Done>,
) -> Result<Response, Problem> {
    let id = identifier(&id)?;
    let license = read_license::run(&state, &caller.credential, &id).await?;
    let events = read_license::history(&state, &caller.credential, &id).await?;
    let labels = read_license::labels(&state, &events).await?;
    let history = events
        .into_iter()
        .map(|event| Event {
            what: words::event(&c, &event.what),
            at: words::moment(event.at),
            by: labels.get(&event.by).cloned().unwrap_or(event.by),
            reason: event.reason,
        })
        .collect();
    let facts = state
        .kinds
        .get(&license.kind)
        .map(|kind| words::facts(&c, kind, |name| license.data.get(name).cloned()))
        .unwrap_or_default();
    let done = match asked.done.as_str() {
        "issued" => Some(("issue.done", "issue.done_text")),
        "suspend" => Some(("act.done_suspend", "act.done_text")),
        "resume" => Some(("act.done_resume", "act.done_text")),
        "end" => Some(("act.done_end", "act.done_text")),
        _ => None,
    };
    let view = OneLicense {
        license: row(&c, &state, &license),
        revision: license.revision,
        face: draw_face::run(&state, &license).await?.unwrap_or_default(),
        facts,
        about: about(&c, &license),
        acts: acts(&c, &license.state),
        endings: endings(&c),
        history,
        code_url: format!("/c/{}?k={}", license.id, license.check_code),
        downloads: downloads(formats(&license.files)),
        copies: showable(license.standing(state.clock.now())),
        done: done.map(|(code, _)| c.t(code)),
        done_text: done.map(|(_, code)| c.t(code)).unwrap_or_default(),
        c,
    };
    page(StatusCode::OK, &view)
}

/// A file to download: its format's name in addresses, and in capitals.
pub(super) type Download = (&'static str, String);

/// What can be downloaded of a license that has files in these formats.
pub(super) fn downloads(formats: impl Iterator<Item = FileFormat>) -> Vec<Download> {
    formats.map(|format| (format.name(), format.name().to_ascii_uppercase())).collect()
}

/// The formats of a license's files.
pub(super) fn formats(files: &[LicenseFile]) -> impl Iterator<Item = FileFormat> {
    files.iter().map(|file| file.form.format)
}

/// Which of a license's files.
#[derive(Deserialize)]
pub(super) struct FileQuery {
    format: Option<String>,
}

impl FileQuery {
    /// The format wished for. A word that is none asks for a file that no license has.
    pub(super) fn format(&self) -> Result<Option<FileFormat>, Problem> {
        let unknown = || Problem::from(Refusal::new(RefusalClass::NotFound, "license.no_such_file"));
        self.format.as_deref().map(|name| FileFormat::parse(name).ok_or_else(unknown)).transpose()
    }
}

/// `GET /department/licenses/{id}/file`
pub(super) async fn file(
    From(state): From<State>,
    caller: Caller,
    Path(id): Path<String>,
    Query(query): Query<FileQuery>,
) -> Result<Response, Problem> {
    let id = identifier(&id)?;
    let file = read_license::file(&state, &caller.credential, &id, query.format()?).await?;
    Ok(download(&id, file))
}

type Fields = Form<Vec<(String, String)>>;

/// `POST /department/licenses/{id}/end`
pub(super) async fn end(
    state: From<State>,
    caller: Caller,
    id: Path<String>,
    form: Fields,
) -> Result<Response, Problem> {
    let ending = Ending::parse(given(&form, "ending"))
        .ok_or_else(|| Refusal::invalid(vec![Fault::at("/ending", "field.required")]))?;
    change(state, caller, id, form, Act::End(ending), "end").await
}

/// `POST /department/licenses/{id}/suspend`
pub(super) async fn suspend(
    state: From<State>,
    caller: Caller,
    id: Path<String>,
    form: Fields,
) -> Result<Response, Problem> {
    change(state, caller, id, form, Act::Suspend, "suspend").await
}

/// `POST /department/licenses/{id}/resume`
pub(super) async fn resume(
    state: From<State>,
    caller: Caller,
    id: Path<String>,
    form: Fields,
) -> Result<Response, Problem> {
    change(state, caller, id, form, Act::Resume, "resume").await
}

async fn change(
    From(state): From<State>,
    caller: Caller,
    Path(id): Path<String>,
    Form(form): Fields,
    act: Act,
    name: &str,
) -> Result<Response, Problem> {
    let license = identifier(&id)?;
    let request = change_license_state::Request {
        license: license.clone(),
        act,
        reason: given(&form, "reason").to_owned(),
        revision: given(&form, "revision").parse().ok(),
    };
    detach(async move { change_license_state::run(&state, &caller.credential, request).await }).await?;
    Ok(go_to(&format!("/department/licenses/{license}?done={name}")))
}

/// Whether a license in this standing can be shown.
pub(super) fn showable(standing: Standing) -> bool {
    standing == Standing::InForce
}
