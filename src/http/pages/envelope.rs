//! One envelope of a department: who has said yes, what is missing, until when, and what can be done.

use super::chrome::Chrome;
use super::department::kind_title;
use super::envelopes::{self, names};
use super::license::{self, Download, FileQuery};
use super::words::{self, Fact, Tag};
use super::{given, go_to, grants, page};
use crate::app::envelope::act::{self, Deed};
use crate::app::envelope::{consent, file, read};
use crate::app::{MOST_ROWS, list_seals};
use crate::domain::envelope::{Decision, Envelope, EnvelopeId, EnvelopeParty, EnvelopeState, Happened, What};
use crate::domain::party::Credential;
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::time::{Timestamp, parse_date};
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
use std::collections::BTreeMap;

/// Something that can be done.
pub(super) struct Possible {
    pub(super) name: &'static str,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) grave: bool,
    pub(super) reasoned: bool,
}

/// A stage.
pub(super) struct StageShown {
    pub(super) title: String,
    pub(super) state: Tag,
    pub(super) count: String,
    pub(super) deadline: String,
    pub(super) parties: Vec<PartyShown>,
}

/// A party.
pub(super) struct PartyShown {
    pub(super) title: String,
    pub(super) name: String,
    pub(super) decision: Tag,
    pub(super) note: String,
}

/// A field that has changed since the department said yes.
pub(super) struct ChangeShown {
    pub(super) field: String,
    pub(super) before: String,
    pub(super) now: String,
}

#[derive(Template)]
#[template(path = "pages/envelope.html")]
pub(super) struct OneEnvelope {
    pub(super) c: Chrome,
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) holder: String,
    pub(super) state: Tag,
    pub(super) version: u32,
    pub(super) version_words: String,
    pub(super) revision: u32,
    /// Whether the department takes part itself, and so may see the audit sheet.
    pub(super) takes_part: bool,
    pub(super) license: Option<String>,
    pub(super) downloads: Vec<Download>,
    /// What its license replaces and why: what it is called, and what it is.
    pub(super) replaces: Vec<Fact>,
    /// Why a draft came back that was sent before.
    pub(super) came_back: Option<String>,
    pub(super) changes: Vec<ChangeShown>,
    pub(super) changes_title: String,
    pub(super) stages: Vec<StageShown>,
    pub(super) facts: Vec<Fact>,
    pub(super) acts: Vec<Possible>,
    pub(super) seals: Vec<(String, String)>,
    pub(super) bodies: Vec<(String, String)>,
    pub(super) done: Option<String>,
}

/// What was just done.
#[derive(Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    done: String,
}

/// Reads an envelope's identity out of an address.
pub(super) fn id(text: &str) -> Result<EnvelopeId, Problem> {
    EnvelopeId::parse(text).ok_or_else(|| Problem::new(Kind::NotFound, "envelope.unknown"))
}

/// What `body` can do with an envelope now; with `granted`, it acts with the seal of somebody who is asked.
pub(super) fn acts(
    c: &Chrome,
    envelope: &Envelope,
    body: &str,
    granted: bool,
    now: Timestamp,
) -> Vec<Possible> {
    let act = |name, title: &str, text: &str, grave, reasoned| Possible {
        name,
        title: c.t(title),
        text: c.t(text),
        grave,
        reasoned,
    };
    let mut acts = Vec::new();
    let initiator = envelope.initiator == body;
    if initiator && envelope.state == EnvelopeState::Draft {
        acts.push(act("send", "envelope_act.send", "envelope_act.send_text", false, false));
        acts.push(act("correct", "envelope_act.correct", "envelope_act.correct_text", false, false));
    }
    if granted {
        let (title, text) = ("envelope_act.consent", "envelope_act.consent_granted_text");
        acts.push(act("consent", title, text, false, false));
    }
    if let Some(party) = envelope.asked_of(body, now).next() {
        acts.push(act("consent", "envelope_act.consent", "envelope_act.consent_text", false, false));
        acts.push(act("return", "envelope_act.return", "envelope_act.return_text", false, true));
        if party.body.as_deref() == Some(body) && !initiator {
            acts.push(act("delegate", "envelope_act.delegate", "envelope_act.delegate_text", false, true));
        }
        acts.push(act("decline", "envelope_act.decline", "envelope_act.decline_text", true, true));
    }
    if initiator && matches!(envelope.state, EnvelopeState::Draft | EnvelopeState::Open) {
        acts.push(act("withdraw", "envelope_act.withdraw", "envelope_act.withdraw_text", true, true));
    }
    acts
}

fn decision(c: &Chrome, decision: &Decision) -> Tag {
    let (code, icon, tone) = match decision {
        Decision::Waiting => ("envelope_decision.waiting", "clock", "still"),
        Decision::Asked => ("envelope_decision.asked", "clock", "unclear"),
        Decision::Consented(_) => ("envelope_decision.consented", "tick", "good"),
        Decision::Declined => ("envelope_decision.declined", "octagon", "bad"),
        Decision::LetGo => ("envelope_decision.let_go", "again", "still"),
    };
    Tag { word: c.t(code), icon, tone }
}

fn party(
    c: &Chrome,
    envelope: &Envelope,
    shown: &EnvelopeParty,
    names: &BTreeMap<String, String>,
) -> PartyShown {
    let name = |code: &str| names.get(code).cloned().unwrap_or_else(|| code.to_owned());
    let title = envelope.plan.party(&shown.name).map(|planned| words::either(c, &planned.title).to_owned());
    let delegate = envelope.delegations.iter().find(|delegation| delegation.party == shown.name);
    let note = match (&shown.decision, delegate) {
        (Decision::Consented(consent), _) => {
            let by =
                if Some(&consent.body) == shown.body.as_ref() { String::new() } else { name(&consent.body) };
            [by, words::moment(consent.at), consent.seal.to_string()].join(" ").trim().to_owned()
        }
        (Decision::Waiting | Decision::Asked, Some(delegation)) => c.f(
            "envelope_page.delegated",
            [("to", name(&delegation.to)), ("until", words::last_moment(delegation.until))],
        ),
        _ => String::new(),
    };
    PartyShown {
        title: title.unwrap_or_else(|| shown.name.clone()),
        name: shown.body.as_deref().map(name).unwrap_or_default(),
        decision: decision(c, &shown.decision),
        note,
    }
}

/// The stages with their parties.
pub(super) fn stages(c: &Chrome, envelope: &Envelope, names: &BTreeMap<String, String>) -> Vec<StageShown> {
    let stages = envelope.plan.stages.iter().enumerate();
    let shown = stages.map(|(index, stage)| {
        let (have, needed) = envelope.count(index);
        let open = envelope.open_stage.filter(|open| open.index == index);
        let deadline = open.and_then(|open| {
            let until = words::last_moment(open.deadline?);
            let code = if open.provisional {
                "envelope_page.deadline_provisional"
            } else {
                "envelope_page.deadline"
            };
            Some(c.f(code, [("until", until)]))
        });
        let (code, icon, tone) = match envelope.stage_state(index) {
            "open" => ("envelope_decision.asked", "clock", "unclear"),
            "done" => ("envelope_page.stage_done", "tick", "good"),
            _ => ("envelope_decision.waiting", "clock", "still"),
        };
        let parties = envelope.parties.iter().filter(|party| party.stage == index);
        StageShown {
            title: words::either(c, &stage.title).to_owned(),
            state: Tag { word: c.t(code), icon, tone },
            count: c.f("envelope_page.count", [("have", have.to_string()), ("needed", needed.to_string())]),
            deadline: deadline.unwrap_or_default(),
            parties: parties.map(|shown| party(c, envelope, shown, names)).collect(),
        }
    });
    shown.collect()
}

/// `GET /department/envelopes/{id}`
pub(super) async fn get(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Path(text): Path<String>,
    Query(asked): Query<Done>,
) -> Result<Response, Problem> {
    let id = id(&text)?;
    let detail = read::run(&state, &caller.credential, &id).await?;
    let (envelope, names) = (&detail.envelope, names(&state, &c).await?);
    let kind = state.kinds.get(&envelope.kind);
    let body = caller.credential.department.as_deref().unwrap_or_default();
    let data = &detail.content.data;
    let mut changes = Vec::new();
    if let Some(from) = detail.consented_before {
        let found = read::difference(&state, &caller.credential, &id, Some(from)).await?;
        changes.extend(found.changes.into_iter().map(|change| {
            let field = kind.and_then(|kind| kind.field(&change.field));
            let value = |raw: Option<String>| {
                raw.map(|raw| field.map_or_else(|| raw.clone(), |field| words::value(&c, field, &raw)))
            };
            ChangeShown {
                field: field
                    .map_or_else(|| c.t("page.envelope.number"), |f| words::either(&c, &f.title).to_owned()),
                before: value(change.before).unwrap_or_default(),
                now: value(change.now).unwrap_or_default(),
            }
        }));
    }
    let before = detail.consented_before.unwrap_or_default().to_string();
    let ours = envelope.initiator == body;
    let view = OneEnvelope {
        id: id.to_string(),
        kind: kind_title(&c, &state, &envelope.kind),
        holder: kind.and_then(|kind| data.get(&kind.holder.name)).cloned().unwrap_or_default(),
        state: envelopes::state(&c, envelope.state),
        version: envelope.version,
        version_words: c.f("envelope_page.version", [("version", envelope.version.to_string())]),
        revision: envelope.revision,
        takes_part: envelope.involves(body),
        license: envelope.license.as_ref().filter(|_| ours).map(|id| format!("/department/licenses/{id}")),
        downloads: license::downloads(detail.formats.iter().copied()),
        replaces: replaces(&c, envelope),
        came_back: detail.came_back.as_ref().map(|event| came_back(&c, envelope, event)),
        changes,
        changes_title: c.f("envelope_page.changed", [("version", before)]),
        stages: stages(&c, envelope, &names),
        facts: kind.map(|kind| words::facts(&c, kind, |name| data.get(name).cloned())).unwrap_or_default(),
        acts: acts(&c, envelope, body, !detail.grants.is_empty(), state.clock.now()),
        seals: match detail.grants.is_empty() {
            true => seals(&state, &caller.credential).await?,
            false => detail.grants.iter().map(|grant| grants::choice(&c, &names, grant)).collect(),
        },
        bodies: names.into_iter().filter(|(code, _)| !envelope.involves(code)).collect(),
        done: (!asked.done.is_empty()).then(|| c.t("envelope_page.done")),
        c,
    };
    page(StatusCode::OK, &view)
}

/// Who handed it back and why, or why it could not be sealed.
pub(super) fn came_back(c: &Chrome, envelope: &Envelope, event: &Happened) -> String {
    if event.what == What::Unsealable {
        return c.f("envelope_page.came_back_unsealable", [("reason", c.t(&event.reason))]);
    }
    let party = event.party.as_deref().and_then(|party| envelope.plan.party(party));
    let who = party.map(|party| words::either(c, &party.title).to_owned()).unwrap_or_default();
    c.f("envelope_page.came_back", [("who", who), ("reason", event.reason.clone())])
}

/// The edition that its license replaces, and why.
fn replaces(c: &Chrome, envelope: &Envelope) -> Vec<Fact> {
    let Some(replaces) = &envelope.replaces else { return Vec::new() };
    vec![
        (c.t("envelope_page.replaces"), replaces.license.to_string()),
        (c.t("act.reason"), replaces.reason.clone()),
    ]
}

/// `GET /department/envelopes/{id}/file`
pub(super) async fn file(
    From(state): From<State>,
    caller: Caller,
    Path(text): Path<String>,
    Query(query): Query<FileQuery>,
) -> Result<Response, Problem> {
    let (license, file) = file::run(&state, &caller.credential, &id(&text)?, query.format()?).await?;
    Ok(download(&license, file))
}

/// The seals that the caller may use now.
async fn seals(state: &State, caller: &Credential) -> Result<Vec<(String, String)>, Problem> {
    let now = state.clock.now();
    let seals = list_seals::run(state, caller, "", Some(MOST_ROWS)).await?.into_iter();
    let usable = seals
        .filter(|seal| seal.check_usable(now).is_ok() && caller.seals.allows(seal.code.as_str()))
        .map(|seal| {
            let words = format!("{} {} {}", seal.owner_name, seal.purpose_words, seal.code);
            (seal.code.to_string(), words)
        });
    Ok(usable.collect())
}

/// `POST /department/envelopes/{id}/{act}`
pub(super) async fn act(
    From(state): From<State>,
    caller: Caller,
    Path((text, name)): Path<(String, String)>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let envelope = id(&text)?;
    let number = |name: &str| given(&form, name).parse::<u32>().ok();
    let (version, reason) = (number("version").unwrap_or_default(), given(&form, "reason").to_owned());
    if name == "consent" {
        let chosen = grants::chosen(given(&form, "seal"));
        let unknown = || Refusal::invalid(vec![Fault::at("/seal", "seal.unknown")]);
        let (seal, grant) = chosen.ok_or_else(unknown)?;
        let request = consent::Request { envelope: envelope.clone(), version, seal, grant };
        detach(async move { consent::run(&state, &caller.credential, request).await }).await?;
        return Ok(go_to(&format!("/department/envelopes/{envelope}?done=consent")));
    }
    let deed = match name.as_str() {
        "send" => Deed::Send,
        "decline" => Deed::Decline { version, reason },
        "return" => Deed::Return { version, reason },
        "withdraw" => Deed::Withdraw { reason },
        "delegate" => {
            let until = parse_date(given(&form, "until"));
            let until = until.ok_or_else(|| Refusal::invalid(vec![Fault::at("/until", "field.required")]))?;
            Deed::Delegate { to: given(&form, "to").to_owned(), from: None, until, reason }
        }
        _ => return Err(Problem::new(Kind::NotFound, "request.no_such_address")),
    };
    let revision = matches!(deed, Deed::Send | Deed::Withdraw { .. }).then(|| number("revision")).flatten();
    let request = act::Request { envelope: envelope.clone(), deed, revision };
    let body = caller.credential.department.clone().unwrap_or_default();
    let after = detach(async move { act::run(&state, &caller.credential, request).await }).await?;
    // Who hands it back may be no party of the new version until its stage opens: then there is nothing to show it.
    let place = if after.involves(&body) { format!("/{envelope}") } else { String::new() };
    Ok(go_to(&format!("/department/envelopes{place}?done={name}")))
}
