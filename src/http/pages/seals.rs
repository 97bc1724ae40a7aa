//! Seals: the list, a request, what waits for another person, the picture, the life as a timeline.

use super::chrome::Chrome;
use super::form::{FormField, Input, ShownFault};
use super::license::Possible;
use super::slice::{self, Asked};
use super::words::{self, Event, Fact, Tag};
use super::{given, page};
use crate::app::list_seals::Life;
use crate::app::{draw_seal, list_seals, seal_papers};
use crate::domain::party::Person;
use crate::domain::seal::{
    Approval, OwnerKind, Paper, Seal, SealAct, SealCode, SealPurpose, SealState, pending,
};
use crate::domain::time::Timestamp;
use crate::http::State;
use crate::http::api::seals::papers::{digest, download};
use crate::http::caller::Caller;
use crate::http::problem::{Kind, Problem};
use askama::Template;
use axum::extract::{Path, Query, State as From};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

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

/// A paper of an application.
pub(super) struct PaperRow {
    pub(super) text: String,
    /// Where its bytes are, if they are kept.
    pub(super) href: Option<String>,
}

#[derive(Template)]
#[template(path = "pages/seal.html")]
pub(super) struct OneSeal {
    pub(super) c: Chrome,
    pub(super) seal: SealRow,
    pub(super) revision: u32,
    pub(super) about: Vec<Fact>,
    pub(super) papers: Vec<PaperRow>,
    pub(super) acts: Vec<Possible>,
    /// Acts whose approvals ran out: who approves now gives the first of new ones.
    pub(super) anew: Vec<SealAct>,
    pub(super) why_not: Option<String>,
    /// What waits for another person.
    pub(super) waiting: Vec<String>,
    pub(super) history: Vec<Event>,
    /// Whether others can be let use it, or could be once.
    pub(super) grantable: bool,
    pub(super) done: Option<String>,
}

impl OneSeal {
    /// Whether who does this act begins anew.
    fn begins_anew(&self, act: impl AsRef<str>) -> bool {
        self.anew.iter().any(|begun| begun.name() == act.as_ref())
    }
}

pub(super) fn purpose(c: &Chrome, purpose: SealPurpose) -> String {
    c.t(match purpose {
        SealPurpose::LegalName => "seals.purpose_legal_name",
        SealPurpose::License => "seals.purpose_license",
        SealPurpose::Business => "seals.purpose_business",
        SealPurpose::Finance => "seals.purpose_finance",
        SealPurpose::Contract => "seals.purpose_contract",
        SealPurpose::Invoice => "seals.purpose_invoice",
        SealPurpose::LegalRepresentative => "seals.purpose_legal_representative",
        SealPurpose::InnerBody => "seals.purpose_inner_body",
        SealPurpose::Branch => "seals.purpose_branch",
        SealPurpose::PersonalName => "seals.purpose_personal_name",
        SealPurpose::Signature => "seals.purpose_signature",
    })
}

fn owner_kind(c: &Chrome, kind: OwnerKind) -> String {
    c.t(match kind {
        OwnerKind::Organ => "seals.kind_organ",
        OwnerKind::Institution => "seals.kind_institution",
        OwnerKind::Enterprise => "seals.kind_enterprise",
        OwnerKind::SocialOrganisation => "seals.kind_social_organisation",
        OwnerKind::Other => "seals.kind_other",
        OwnerKind::Person => "seals.kind_person",
    })
}

/// An act's title and what it does.
const fn act_texts(act: SealAct) -> (&'static str, &'static str) {
    match act {
        SealAct::Approve => ("seal_act.approve", "seal_act.approve_text"),
        SealAct::Reject => ("seal_act.reject", "seal_act.reject_text"),
        SealAct::Suspend => ("seal_act.suspend", "seal_act.suspend_text"),
        SealAct::Resume => ("seal_act.resume", "seal_act.resume_text"),
        SealAct::Cancel => ("seal_act.cancel", "seal_act.cancel_text"),
        SealAct::Void => ("seal_act.void", "seal_act.void_text"),
    }
}

/// What can be done with a seal in this state; approving is for others than who asked.
pub(super) fn acts(c: &Chrome, state: SealState, own_request: bool) -> Vec<Possible> {
    use SealAct::{Approve, Cancel, Reject, Resume, Suspend, Void};
    let possible: &[SealAct] = match state {
        SealState::Requested if own_request => &[],
        SealState::Requested => &[Approve, Reject],
        SealState::Active => &[Suspend, Cancel, Void],
        SealState::Suspended => &[Resume, Cancel, Void],
        SealState::Replaced | SealState::Cancelled => &[Void],
        SealState::Rejected | SealState::Void => &[],
    };
    let act = |act: &SealAct| {
        let (title, text) = act_texts(*act);
        Possible {
            name: act.name(),
            title: c.t(title),
            text: c.t(text),
            grave: matches!(act, Reject | Cancel | Void),
        }
    };
    possible.iter().map(act).collect()
}

/// Stands among the owners for a body that is no registered department.
pub(super) const OTHER_BODY: &str = "other";
/// What a browser offers as papers.
const PAPER_FILES: &str = "application/pdf,application/ofd,image/png,image/jpeg,.pdf,.ofd,.png,.jpg,.jpeg";
/// Stands among the owners for a person.
pub(super) const PERSON: &str = "person";

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
    let others = owners.iter().any(|(code, _)| code == OTHER_BODY);
    // A signature is a person's, and persons are among the others.
    let purposes = SealPurpose::ALL.into_iter().filter(|p| others || *p != SealPurpose::Signature);
    let purposes = purposes.map(|p| (p.name().to_owned(), purpose(c, p))).collect();
    let one = owners.first().filter(|_| owners.len() == 1).map(|(code, _)| code.clone()).unwrap_or_default();
    let mut fields =
        vec![field("owner_code", "seals.owner", c.t("form.help_choice"), true, Input::Choice(owners), &one)];
    if others {
        let line = |name, title, help, input| field(name, title, c.t(help), false, input, "");
        fields.extend([
            line("other_code", "seals.other_code", "seals.other_help", Input::Code),
            line("identity_number", "seals.identity_number", "seals.identity_help", Input::Code),
            line("owner_name", "seals.owner_name", "seals.not_registered_help", Input::Line(40)),
            line("area_code", "seals.area", "seals.not_registered_help", Input::Number),
        ]);
    }
    fields.extend([
        field("purpose", "seals.purpose", c.t("form.help_choice"), true, Input::Radios(purposes), "license"),
        field("purpose_words", "seals.words", c.t("seals.words_help"), false, Input::Line(20), ""),
        field("days", "seals.days", c.t("seals.days_help"), true, Input::Number, "1095"),
    ]);
    if others {
        let side = |name, title| field(name, title, c.t("seals.side_help"), false, Input::Number, "");
        let png = Input::File { accept: "image/png,.png", several: false };
        fields.extend([
            field("picture", "seals.picture", c.t("seals.picture_help"), false, png, ""),
            side("picture_width", "seals.picture_width"),
            side("picture_height", "seals.picture_height"),
        ]);
    }
    let files = Input::File { accept: PAPER_FILES, several: true };
    fields.extend([
        field("paper_files", "seals.paper_files", c.t("seals.paper_files_help"), false, files, ""),
        field("papers", "seals.papers_listed", c.t("seals.papers_help"), false, Input::Lines(4_000), ""),
        field("replaces", "seals.replaces", c.t("seals.replaces_help"), false, Input::Number, ""),
    ]);
    fields
}

pub(super) fn row(c: &Chrome, seal: &Seal, now: Timestamp) -> SealRow {
    let words = match seal.purpose {
        // The words alone are somebody's name.
        SealPurpose::LegalRepresentative => c.f(
            "seals.of_person",
            [("purpose", purpose(c, seal.purpose)), ("name", seal.purpose_words.clone())],
        ),
        _ if seal.purpose_words.is_empty() => purpose(c, seal.purpose),
        _ => seal.purpose_words.clone(),
    };
    SealRow {
        code: seal.code.to_string(),
        owner: seal.owner_name.clone(),
        words,
        state: words::seal_standing(c, seal, now),
    }
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
    let next = slice::next(&seals, ROWS, "/seals", |last| last.code.to_string());
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
        (c.t("seals.owner_kind"), owner_kind(c, seal.owner_kind)),
        (c.t("seals.purpose"), purpose(c, seal.purpose)),
        (c.t("seals.requested_by"), seal.requested_by.clone()),
    ];
    if let Some(by) = &seal.approved_by {
        let (from, until) = (words::moment(seal.valid_from), words::moment(seal.valid_until));
        about.push((c.t("seals.approved_by"), by.clone()));
        about.push((c.t("seals.valid"), c.f("license_page.period", [("from", from), ("until", until)])));
    }
    for (title, other) in [("seals.replaces", &seal.replaces), ("seals.replaced_by", &seal.replaced_by)] {
        about.extend(other.iter().map(|code| (c.t(title), code.to_string())));
    }
    about
}

/// The papers of its application.
fn papers(c: &Chrome, life: &Life) -> Vec<PaperRow> {
    let row = |paper: &Paper| {
        let sha256 = hex::encode(paper.sha256);
        let held = life.held.iter().any(|held| held.sha256 == paper.sha256);
        let (name, size) = (("name", paper.name.clone()), ("size", paper.size.to_string()));
        PaperRow {
            href: held.then(|| format!("/seals/{}/papers/{sha256}", life.seal.code)),
            text: c.f("seals.paper", [name, size, ("sha256", sha256)]),
        }
    };
    life.seal.papers.iter().map(row).collect()
}

/// What waits for another person, in words.
fn waiting(c: &Chrome, given: &[&Approval], now: Timestamp) -> Vec<String> {
    let line = |approval: &&Approval| {
        let code = if now < approval.expires { "seals.waits" } else { "seals.waited_in_vain" };
        let values = [
            ("act", c.t(act_texts(approval.act).0)),
            ("by", approval.by.clone()),
            ("at", words::moment(approval.at)),
            ("expires", words::moment(approval.expires)),
        ];
        c.f(code, values)
    };
    given.iter().map(line).collect()
}

/// Approvals and changes in one timeline, oldest first.
fn timeline(c: &Chrome, life: &Life) -> Vec<Event> {
    let event = |what: String, at: Timestamp, by: &str, reason: &str| Event {
        what,
        at: words::moment(at),
        by: by.to_owned(),
        reason: reason.to_owned(),
    };
    let agreed = life.approvals.iter().map(|given| {
        let what = c.f("seals.agreed", [("act", c.t(act_texts(given.act).0))]);
        (given.at, event(what, given.at, &given.by, &given.reason))
    });
    let changed = life.events.iter().map(|change| {
        let what = words::seal_state(c, change.state).word;
        (change.at, event(what, change.at, &change.by, &change.reason))
    });
    // The last approval and the change it made are of one moment; the sort is stable.
    let mut lines: Vec<_> = agreed.chain(changed).collect();
    lines.sort_by_key(|(at, _)| *at);
    lines.into_iter().map(|(_, event)| event).collect()
}

/// `GET /seals/{code}`
pub(super) async fn get(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Path(text): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let life = list_seals::one(&state, &caller.credential, &code(&text)?).await?;
    let (seal, now) = (&life.seal, state.clock.now());
    let person = Person::of(&caller.credential);
    let own = life.applicant == person;
    let waits_for_another = own && seal.state == SealState::Requested;
    let done = match asked.done.as_str() {
        "requested" => Some(c.t("seals.requested")),
        "waits" => Some(c.t("seals.first_of_two")),
        "done" => Some(c.t("seals.done")),
        _ => None,
    };
    let given = pending(seal, &life.approvals);
    let counts = |act: &str, by: Option<&Person>| {
        let mut counting = given.iter().filter(|given| given.act.name() == act && now < given.expires);
        counting.any(|given| by.is_none_or(|by| given.person == *by))
    };
    let mut acts = acts(&c, seal.state, own);
    acts.retain(|act| !counts(act.name, Some(&person)));
    if seal.is_expired(now) {
        // Out of use already, and it can be put back into use no more.
        acts.retain(|act| [SealAct::Cancel, SealAct::Void].iter().any(|still| still.name() == act.name));
    }
    let begun = |act: &SealAct| given.iter().any(|given| given.act == *act) && !counts(act.name(), None);
    let view = OneSeal {
        seal: row(&c, seal, now),
        revision: seal.revision,
        about: about(&c, seal),
        papers: papers(&c, &life),
        acts,
        anew: SealAct::ALL.into_iter().filter(begun).collect(),
        why_not: waits_for_another.then(|| c.t("seals.second_person")),
        waiting: waiting(&c, &given, now),
        history: timeline(&c, &life),
        grantable: seal.approved_by.is_some() && seal.person.is_none(),
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

/// `GET /seals/{code}/papers/{sha256}`
pub(super) async fn paper(
    From(state): From<State>,
    caller: Caller,
    Path((text, paper)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (seal, paper) = (code(&text)?, digest(&paper)?);
    Ok(download(&paper, seal_papers::read(&state, &caller.credential, &seal, &paper).await?))
}
