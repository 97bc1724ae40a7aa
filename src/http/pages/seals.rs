//! Seals: the list, a request, a second person's approval, the picture, the history.

use super::chrome::Chrome;
use super::form::{FormField, Input, ShownFault};
use super::license::Possible;
use super::words::{self, Event, Fact, Tag};
use super::{given, page};
use crate::app::{draw_seal, list_seals};
use crate::domain::seal::{Seal, SealAct, SealCode, SealPurpose, SealState};
use crate::domain::time::Timestamp;
use crate::http::State;
use crate::http::caller::Caller;
use crate::http::problem::{Kind, Problem};
use askama::Template;
use axum::extract::{Path, Query, State as From};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// A seal in a list.
pub(super) struct SealRow {
    pub(super) code: String,
    pub(super) owner: String,
    pub(super) words: String,
    pub(super) state: Tag,
}

#[derive(Template)]
#[template(path = "pages/seals.html")]
pub(super) struct Seals {
    pub(super) c: Chrome,
    pub(super) seals: Vec<SealRow>,
    pub(super) next: Option<String>,
}

#[derive(Template)]
#[template(path = "pages/seal_request.html")]
pub(super) struct SealRequest {
    pub(super) c: Chrome,
    pub(super) fields: Vec<FormField>,
    pub(super) faults: Vec<ShownFault>,
}

#[derive(Template)]
#[template(path = "pages/seal.html")]
pub(super) struct OneSeal {
    pub(super) c: Chrome,
    pub(super) seal: SealRow,
    pub(super) revision: u32,
    pub(super) about: Vec<Fact>,
    pub(super) acts: Vec<Possible>,
    pub(super) why_not: Option<String>,
    pub(super) history: Vec<Event>,
    pub(super) done: Option<String>,
}

fn purpose(c: &Chrome, purpose: SealPurpose) -> String {
    c.t(match purpose {
        SealPurpose::LegalName => "seals.purpose_legal_name",
        SealPurpose::License => "seals.purpose_license",
        SealPurpose::Business => "seals.purpose_business",
    })
}

/// What can be done with a seal in this state; approving is for a second person.
pub(super) fn acts(c: &Chrome, state: SealState, own_request: bool) -> Vec<Possible> {
    let act = |act: SealAct, title: &str, text: &str, grave| Possible {
        name: act.name(),
        title: c.t(title),
        text: c.t(text),
        grave,
    };
    let revoke = act(SealAct::Revoke, "seal_act.revoke", "seal_act.revoke_text", true);
    match state {
        SealState::Requested if own_request => Vec::new(),
        SealState::Requested => vec![
            act(SealAct::Approve, "seal_act.approve", "seal_act.approve_text", false),
            act(SealAct::Reject, "seal_act.reject", "seal_act.reject_text", true),
        ],
        SealState::Active => {
            vec![act(SealAct::Suspend, "seal_act.suspend", "seal_act.suspend_text", false), revoke]
        }
        SealState::Suspended => {
            vec![act(SealAct::Resume, "seal_act.resume", "seal_act.resume_text", false), revoke]
        }
        SealState::Rejected | SealState::Revoked => Vec::new(),
    }
}

/// The fields of a request.
pub(super) fn request_fields(
    c: &Chrome,
    owners: Vec<(String, String)>,
    form: &[(String, String)],
) -> Vec<FormField> {
    let field = |name: &str, title: &str, help: String, required, input, usual: &str| FormField {
        name: name.to_owned(),
        id: format!("field-{name}"),
        title: c.t(title),
        help,
        required,
        pattern: None,
        input,
        value: Some(given(form, name)).filter(|value| !value.is_empty()).unwrap_or(usual).to_owned(),
        fault: None,
    };
    let purposes = SealPurpose::ALL.map(|p| (p.name().to_owned(), purpose(c, p))).to_vec();
    let one = owners.first().filter(|_| owners.len() == 1).map(|(code, _)| code.clone()).unwrap_or_default();
    vec![
        field("owner_code", "seals.owner", c.t("form.help_choice"), true, Input::Choice(owners), &one),
        field("purpose", "seals.purpose", c.t("form.help_choice"), true, Input::Radios(purposes), "license"),
        field("purpose_words", "seals.words", c.t("seals.words_help"), false, Input::Line(20), ""),
        field("days", "seals.days", c.t("seals.days_help"), true, Input::Number, "1095"),
    ]
}

fn row(c: &Chrome, seal: &Seal, now: Timestamp) -> SealRow {
    let words =
        if seal.purpose_words.is_empty() { purpose(c, seal.purpose) } else { seal.purpose_words.clone() };
    SealRow {
        code: seal.code.to_string(),
        owner: seal.owner_name.clone(),
        words,
        state: words::seal_standing(c, seal, now),
    }
}

/// Where to go on, and what was just done.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    after: String,
    #[serde(default)]
    done: String,
}

/// `GET /seals`
pub(super) async fn list(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    const ROWS: u32 = 60;
    let seals = list_seals::run(&state, &caller.credential, &asked.after, Some(ROWS)).await?;
    let full = seals.len() == ROWS as usize;
    let next = seals.last().filter(|_| full).map(|last| format!("/seals?after={}", last.code));
    let now = state.clock.now();
    let seals = seals.iter().map(|seal| row(&c, seal, now)).collect();
    page(StatusCode::OK, &Seals { c, seals, next })
}

pub(super) fn code(text: &str) -> Result<SealCode, Problem> {
    SealCode::parse(text).ok_or_else(|| Problem::new(Kind::NotFound, "seal.unknown"))
}

fn about(c: &Chrome, seal: &Seal) -> Vec<Fact> {
    let mut about = vec![
        (c.t("seals.code"), seal.code.to_string()),
        (c.t("seals.owner"), seal.owner_name.clone()),
        (c.t("seals.owner_code"), seal.owner_code.clone()),
        (c.t("seals.purpose"), purpose(c, seal.purpose)),
        (c.t("seals.requested_by"), seal.requested_by.clone()),
    ];
    if let Some(by) = &seal.approved_by {
        let (from, until) = (words::moment(seal.valid_from), words::moment(seal.valid_until));
        about.push((c.t("seals.approved_by"), by.clone()));
        about.push((c.t("seals.valid"), c.f("license_page.period", [("from", from), ("until", until)])));
    }
    about
}

/// `GET /seals/{code}`
pub(super) async fn get(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Path(text): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let (seal, events) = list_seals::one(&state, &caller.credential, &code(&text)?).await?;
    let own = seal.requested_by == caller.credential.id;
    let waits_for_another = own && seal.state == SealState::Requested;
    let done = match asked.done.as_str() {
        "requested" => Some(c.t("seals.requested")),
        "done" => Some(c.t("seals.done")),
        _ => None,
    };
    let history = events
        .into_iter()
        .map(|event| Event {
            what: words::seal_state(&c, event.state).word,
            at: words::moment(event.at),
            by: event.by,
            reason: event.reason,
        })
        .collect();
    let now = state.clock.now();
    let mut acts = acts(&c, seal.state, own);
    if seal.is_expired(now) {
        // Out of use already, and it can be put back into use no more.
        acts.retain(|act| act.name == SealAct::Revoke.name());
    }
    let view = OneSeal {
        seal: row(&c, &seal, now),
        revision: seal.revision,
        about: about(&c, &seal),
        acts,
        why_not: waits_for_another.then(|| c.t("seals.second_person")),
        history,
        done,
        c,
    };
    page(StatusCode::OK, &view)
}

/// `GET /seals/{code}/picture.svg`
pub(super) async fn picture(
    From(state): From<State>,
    caller: Caller,
    Path(text): Path<String>,
) -> Result<Response, Problem> {
    let svg = draw_seal::run(&state, &caller.credential, &code(&text)?).await?;
    Ok(([(CONTENT_TYPE, "image/svg+xml")], svg).into_response())
}
