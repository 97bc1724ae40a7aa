//! Sealing together, for departments: what they are asked for, what they started, and the audit sheet of one.

use super::chrome::Chrome;
use super::department::{department_name, kind_title};
use super::words::{self, Event, Tag};
use super::{envelope, page};
use crate::app::envelope::audit_sheet;
use crate::app::envelope::list::{self, Cursor, EnvelopeSummary, Which};
use crate::app::register_department;
use crate::domain::envelope::{Envelope, EnvelopeState, Happened, What};
use crate::http::State;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use askama::Template;
use axum::extract::{Path, Query, State as From};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A choice above the list.
pub(super) struct Tab {
    pub(super) href: String,
    pub(super) word: String,
    pub(super) current: bool,
}

/// An envelope in a list.
pub(super) struct EnvelopeRow {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) initiator: String,
    pub(super) created: String,
    pub(super) deadline: String,
    pub(super) state: Tag,
}

#[derive(Template)]
#[template(path = "pages/envelopes.html")]
pub(super) struct Envelopes {
    pub(super) c: Chrome,
    pub(super) done: Option<String>,
    pub(super) tabs: Vec<Tab>,
    pub(super) rows: Vec<EnvelopeRow>,
    pub(super) next: Option<String>,
}

/// A yes on the audit sheet.
pub(super) struct Proof {
    pub(super) party: String,
    pub(super) version: u32,
    pub(super) department: String,
    pub(super) seal: String,
    pub(super) at: String,
    pub(super) by: String,
    pub(super) grant: Option<String>,
    pub(super) good: bool,
    pub(super) statement: String,
}

/// A version on the audit sheet.
pub(super) struct Version {
    pub(super) version: u32,
    pub(super) at: String,
    pub(super) sha256: String,
    pub(super) sm3: String,
}

#[derive(Template)]
#[template(path = "pages/envelope_audit.html")]
pub(super) struct AuditSheet {
    pub(super) c: Chrome,
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) state: Tag,
    pub(super) versions: Vec<Version>,
    pub(super) proofs: Vec<Proof>,
    pub(super) history: Vec<Event>,
}

/// What to list.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    which: String,
    #[serde(default)]
    after: String,
    #[serde(default)]
    done: String,
}

/// Where an envelope is in its life.
pub(super) fn state(c: &Chrome, state: EnvelopeState) -> Tag {
    let (code, icon, tone) = match state {
        EnvelopeState::Draft => ("envelope_state.draft", "note", "still"),
        EnvelopeState::Open => ("envelope_state.open", "clock", "unclear"),
        EnvelopeState::Satisfied => ("envelope_state.satisfied", "seal", "unclear"),
        EnvelopeState::Finished => ("envelope_state.finished", "tick", "good"),
        EnvelopeState::Declined => ("envelope_state.declined", "octagon", "bad"),
        EnvelopeState::Withdrawn => ("envelope_state.withdrawn", "again", "still"),
        EnvelopeState::Expired => ("envelope_state.expired", "clock", "bad"),
    };
    Tag { word: c.t(code), icon, tone }
}

/// The departments' names in the page's language, by credit code.
pub(super) async fn names(state: &State, c: &Chrome) -> Result<BTreeMap<String, String>, Problem> {
    let departments = register_department::list(state).await?;
    Ok(departments.into_iter().map(|d| (d.code.clone(), department_name(c, &d))).collect())
}

/// `GET /department/envelopes`
pub(super) async fn list(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let which = Which::parse(&asked.which).unwrap_or(Which::Asked);
    let slice = list::run(&state, &caller.credential, which, Cursor::parse(&asked.after), None).await?;
    let names = names(&state, &c).await?;
    let rows = slice.envelopes.iter().map(|summary| row(&c, &state, &names, summary)).collect();
    let address = |which: Which| format!("/department/envelopes?which={}", which.name());
    let next = slice.next.map(|cursor| format!("{}&after={}", address(which), cursor.to_text()));
    let tab = |of: Which, code: &str| Tab { href: address(of), word: c.t(code), current: of == which };
    let tabs = vec![
        tab(Which::Asked, "envelopes.asked"),
        tab(Which::Initiated, "envelopes.initiated"),
        tab(Which::TakingPart, "envelopes.taking_part"),
        tab(Which::Granted, "envelopes.granted"),
    ];
    let done = (!asked.done.is_empty()).then(|| c.t("envelope_page.done"));
    page(StatusCode::OK, &Envelopes { done, tabs, rows, next, c })
}

fn row(
    c: &Chrome,
    state: &State,
    names: &BTreeMap<String, String>,
    summary: &EnvelopeSummary,
) -> EnvelopeRow {
    EnvelopeRow {
        id: summary.id.to_string(),
        kind: kind_title(c, state, &summary.kind),
        initiator: names.get(&summary.initiator).cloned().unwrap_or_else(|| summary.initiator.clone()),
        created: words::moment(summary.created_at),
        deadline: summary.deadline.map(words::last_moment).unwrap_or_default(),
        state: self::state(c, summary.state),
    }
}

/// What happened, in words.
fn happened(
    c: &Chrome,
    event: &Happened,
    envelope: &Envelope,
    parties: &BTreeMap<&str, String>,
    names: &BTreeMap<String, String>,
) -> Event {
    let about = event.party.as_deref().and_then(|party| parties.get(party).cloned());
    let stage = event.stage.as_deref().and_then(|name| envelope.plan.stages.iter().find(|s| s.name == name));
    let about = about
        .or_else(|| Some(words::either(c, &stage?.title).to_owned()))
        .map(|about| format!(" · {about}"))
        .unwrap_or_default();
    // The reason of what could not be sealed is a code.
    let reason = if event.what == What::Unsealable { c.t(&event.reason) } else { event.reason.clone() };
    Event {
        what: format!("{}{about}", c.t(event.what.topic())),
        at: words::moment(event.at),
        by: match event.department.as_ref().and_then(|code| names.get(code)) {
            Some(department) => format!("{department} · {}", event.by),
            None => event.by.clone(),
        },
        reason,
    }
}

/// `GET /department/envelopes/{id}/audit`
pub(super) async fn audit(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let sheet = audit_sheet::run(&state, &caller.credential, &envelope::id(&id)?).await?;
    let names = names(&state, &c).await?;
    let parties: BTreeMap<&str, String> = sheet
        .envelope
        .plan
        .parties()
        .map(|(_, party)| (party.name.as_str(), words::either(&c, &party.title).to_owned()))
        .collect();
    let versions = sheet.contents.iter().map(|content| Version {
        version: content.version,
        at: words::moment(content.at),
        sha256: hex::encode(content.sha256),
        sm3: hex::encode(content.sm3),
    });
    let proofs = sheet.consents.iter().map(|checked| {
        let (signed, body) = (&checked.signed, &checked.signed.consent.body);
        Proof {
            party: parties.get(signed.party.as_str()).cloned().unwrap_or_else(|| signed.party.clone()),
            version: signed.version,
            department: names.get(body).cloned().unwrap_or_else(|| body.clone()),
            seal: signed.consent.seal.to_string(),
            at: words::moment(signed.consent.at),
            by: signed.consent.by.clone(),
            grant: signed.consent.grant.as_ref().map(ToString::to_string),
            good: checked.verifies && checked.names_content,
            statement: String::from_utf8_lossy(&signed.statement).into_owned(),
        }
    });
    let view = AuditSheet {
        id: sheet.envelope.id.to_string(),
        kind: kind_title(&c, &state, &sheet.envelope.kind),
        state: self::state(&c, sheet.envelope.state),
        versions: versions.collect(),
        proofs: proofs.collect(),
        history: sheet
            .events
            .iter()
            .map(|event| happened(&c, event, &sheet.envelope, &parties, &names))
            .collect(),
        c,
    };
    page(StatusCode::OK, &view)
}
