//! A holder's licenses, and who looked at them.

use super::chrome::Chrome;
use super::department::kind_title;
use super::license::{Download, FileQuery, downloads, formats, identifier, showable};
use super::page;
use super::words::{self, Tag, either};
use crate::app::list_licenses::{self, Cursor};
use crate::app::{read_license, show_license};
use crate::domain::license::{LicenseId, LicenseKind};
use crate::domain::show_code::{Closed, Part, Showing};
use crate::domain::time::Timestamp;
use crate::http::State;
use crate::http::api::licenses::read::download;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use askama::Template;
use axum::extract::{Path, Query, State as From};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

/// A license as a card.
pub(super) struct Card {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) holder: String,
    pub(super) number: String,
    pub(super) valid: String,
    pub(super) standing: Tag,
    pub(super) showable: bool,
    pub(super) downloads: Vec<Download>,
}

#[derive(Template)]
#[template(path = "pages/wallet.html")]
pub(super) struct Wallet {
    pub(super) c: Chrome,
    pub(super) licenses: Vec<Card>,
    pub(super) next: Option<String>,
}

/// One showing in the list of who looked.
pub(super) struct Look {
    pub(super) at: String,
    pub(super) kind: String,
    pub(super) looked: bool,
    pub(super) who: String,
    pub(super) why: String,
    pub(super) fields: String,
}

#[derive(Template)]
#[template(path = "pages/looks.html")]
pub(super) struct Looks {
    pub(super) c: Chrome,
    pub(super) looks: Vec<Look>,
    pub(super) next: Option<String>,
    pub(super) done: Option<String>,
}

/// Where to go on.
#[derive(Deserialize)]
pub(super) struct After {
    #[serde(default)]
    after: String,
    #[serde(default)]
    done: String,
}

/// `GET /wallet`
pub(super) async fn get(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Query(asked): Query<After>,
) -> Result<Response, Problem> {
    let request = list_licenses::Request { after: Cursor::parse(&asked.after), ..Default::default() };
    let slice = list_licenses::run(&state, &caller.credential, request).await?;
    let now = state.clock.now();
    let card = |license: &crate::domain::license::License| Card {
        id: license.id.to_string(),
        kind: kind_title(&c, &state, &license.kind),
        holder: license.holder.name.clone(),
        number: license.number.clone(),
        valid: license.valid_until.map_or_else(
            || c.t("license_page.unlimited"),
            |last| c.f("license_page.until", [("until", words::date(&c, last))]),
        ),
        standing: words::standing(&c, license.standing(now)),
        showable: showable(license.standing(now)),
        downloads: downloads(formats(&license.files)),
    };
    let licenses = slice.licenses.iter().map(card).collect();
    let next = slice.next.map(|cursor| format!("/wallet?after={}", cursor.to_text()));
    page(StatusCode::OK, &Wallet { c, licenses, next })
}

/// `GET /wallet/{id}/file`
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

/// The kind of a license, by the type code in its identifier.
fn kind_of<'s>(state: &'s State, license: &LicenseId) -> Option<&'s LicenseKind> {
    state.kinds.iter().map(AsRef::as_ref).find(|kind: &&LicenseKind| kind.type_code == license.type_code())
}

/// What was to be seen of one license: its kind, and its fields in words.
fn part(c: &Chrome, state: &State, part: &Part) -> (String, String) {
    let kind = kind_of(state, &part.license);
    let title = |name: &String| {
        kind.and_then(|kind| kind.field(name))
            .map_or_else(|| name.clone(), |field| either(c, &field.title).to_owned())
    };
    let fields: Vec<String> = part.fields.iter().map(title).collect();
    (kind.map(|kind| either(c, &kind.title).to_owned()).unwrap_or_default(), fields.join(&c.t("list.comma")))
}

fn look(c: &Chrome, state: &State, showing: &Showing, now: Timestamp) -> Look {
    let parts: Vec<(String, String)> = showing.parts.iter().map(|each| part(c, state, each)).collect();
    let kinds: Vec<&str> = parts.iter().map(|(kind, _)| kind.as_str()).collect();
    let fields = match &parts[..] {
        [(_, fields)] => fields.clone(),
        several => {
            let each = several.iter().map(|(kind, fields)| {
                c.f("looks.part", [("kind", kind.clone()), ("fields", fields.clone())])
            });
            each.collect::<Vec<_>>().join(&c.t("list.semicolon"))
        }
    };
    let (looked, who, why) = match showing.check_open(now) {
        Err(Closed::Used(by)) => (true, told(c, &by.label, by.at), {
            c.f("looks.line", [("purpose", showing.purpose.clone()), ("matter", by.matter)])
        }),
        Err(Closed::Withdrawn) => (false, c.t("looks.withdrawn"), showing.purpose.clone()),
        Err(Closed::Expired) => (false, c.t("looks.over"), showing.purpose.clone()),
        Ok(()) => (false, c.t("looks.open"), showing.purpose.clone()),
    };
    Look {
        at: words::moment(showing.created_at),
        kind: kinds.join(&c.t("list.comma")),
        looked,
        who,
        why,
        fields,
    }
}

/// Who looked and when, in one line.
pub(super) fn told(c: &Chrome, who: &str, at: Timestamp) -> String {
    c.f("looks.told", [("who", who.to_owned()), ("at", words::clock(at))])
}

/// `GET /wallet/looks`
pub(super) async fn looks(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Query(asked): Query<After>,
) -> Result<Response, Problem> {
    const ROWS: u32 = 50;
    let after = asked.after.split_once('~').and_then(|(micros, id)| {
        let created_at = Timestamp::from_micros(micros.parse().ok()?);
        Some(show_license::Cursor { created_at, id: id.to_owned() })
    });
    let showings = show_license::list(&state, &caller.credential, after, Some(ROWS)).await?;
    let now = state.clock.now();
    let looks = showings.iter().map(|showing| look(&c, &state, showing, now)).collect();
    let full = showings.len() == ROWS as usize;
    let next = showings.last().filter(|_| full);
    let next = next.map(|last| format!("/wallet/looks?after={}~{}", last.created_at.micros(), last.id));
    let done = match asked.done.as_str() {
        "withdrawn" => Some(c.t("code.withdrawn")),
        "late" => Some(c.t("code.too_late")),
        _ => None,
    };
    page(StatusCode::OK, &Looks { c, looks, next, done })
}
