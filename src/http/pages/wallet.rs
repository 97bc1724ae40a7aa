//! A holder's licenses as cards, and who looked at them.

use super::chrome::Chrome;
use super::department::kind_title;
use super::license::{Download, FileQuery, downloads, formats, identifier, showable};
use super::page;
use super::uses::{self, UseLine};
use super::words::{self, Tag};
use crate::app::list_licenses::{self, Cursor};
use crate::app::{deputies, draw_face, read_license, show_license, space};
use crate::domain::consent::{Deputy, Try};
use crate::domain::license::License;
use crate::domain::show_code::{Closed, Showing, Way};
use crate::domain::space::Use;
use crate::domain::time::Timestamp;
use crate::http::State;
use crate::http::api::licenses::read::download;
use crate::http::caller::Caller;
use crate::http::problem::{Kind, Problem};
use askama::Template;
use axum::extract::{Path, Query, State as From};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// Uses, or codes, on a page.
const ROWS: u32 = 50;

/// A license as a card.
pub(super) struct Card {
    pub(super) id: String,
    /// Name of its kind, for the card's colours.
    pub(super) dress: String,
    pub(super) kind: String,
    pub(super) holder: String,
    pub(super) number: String,
    pub(super) valid: String,
    pub(super) standing: Tag,
    pub(super) showable: bool,
    pub(super) downloads: Vec<Download>,
}

/// A license as a card.
pub(super) fn card(c: &Chrome, state: &State, license: &License, now: Timestamp) -> Card {
    Card {
        id: license.id.to_string(),
        dress: license.kind.clone(),
        kind: kind_title(c, state, &license.kind),
        holder: license.holder.name.clone(),
        number: license.number.clone(),
        valid: license.valid_until.map_or_else(
            || c.t("license_page.unlimited"),
            |last| c.f("license_page.until", [("until", words::date(c, last))]),
        ),
        standing: words::standing(c, license.standing(now)),
        showable: showable(license.standing(now)),
        downloads: downloads(formats(&license.files)),
    }
}

#[derive(Template)]
#[template(path = "pages/wallet.html")]
pub(super) struct Wallet {
    pub(super) c: Chrome,
    pub(super) licenses: Vec<Card>,
    pub(super) next: Option<String>,
    /// For whom one may show: identity and name.
    pub(super) behalf: Vec<(String, String)>,
    pub(super) done: Option<String>,
}

#[derive(Template)]
#[template(path = "pages/looks.html")]
pub(super) struct Looks {
    pub(super) c: Chrome,
    pub(super) uses: Vec<UseLine>,
    pub(super) back: &'static str,
    pub(super) next: Option<String>,
    pub(super) done: bool,
}

/// One code in the list of codes.
pub(super) struct Look {
    pub(super) at: String,
    pub(super) kind: String,
    pub(super) looked: bool,
    pub(super) who: String,
    pub(super) why: String,
    pub(super) fields: String,
    /// Who came after it was used.
    pub(super) again: Vec<String>,
}

#[derive(Template)]
#[template(path = "pages/showings.html")]
pub(super) struct Showings {
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
    let licenses = slice.licenses.iter().map(|license| card(&c, &state, license, now)).collect();
    let next = slice.next.map(|cursor| format!("/wallet?after={}", cursor.to_text()));
    let (_, given) = deputies::list(&state, &caller.credential).await?;
    let in_force = given.into_iter().filter(|deputy| deputy.is_in_force(now));
    let behalf = in_force.map(|Deputy { id, owner_name, .. }| (id, owner_name)).collect();
    let done = (asked.done == "choose").then(|| c.t("wallet.choose"));
    page(StatusCode::OK, &Wallet { c, licenses, next, behalf, done })
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

/// `GET /wallet/{id}/face.svg`: what the license looks like, for its card. The browser keeps it for an hour, by itself.
pub(super) async fn face(
    From(state): From<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let license = read_license::run(&state, &caller.credential, &identifier(&id)?).await?;
    let svg = draw_face::run(&state, &license).await?;
    let svg = svg.ok_or_else(|| Problem::new(Kind::NotFound, "kind.unknown"))?;
    Ok(([(CONTENT_TYPE, "image/svg+xml"), (CACHE_CONTROL, "private, max-age=3600")], svg).into_response())
}

fn look(c: &Chrome, state: &State, (showing, tries): &(Showing, Vec<Try>), now: Timestamp) -> Look {
    let part = |part: &crate::domain::show_code::Part| {
        (super::space::kind_of(c, state, &part.license), uses::titles(c, state, &part.license, &part.fields))
    };
    let parts: Vec<(String, String)> = showing.parts.iter().map(part).collect();
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
        Ok(()) if showing.way == Way::Prefetched => (false, c.t("looks.kept"), showing.purpose.clone()),
        Ok(()) => (false, c.t("looks.open"), showing.purpose.clone()),
    };
    let again =
        |tried: &Try| c.f("looks.again", [("who", tried.label.clone()), ("at", words::clock(tried.at))]);
    Look {
        at: words::moment(showing.created_at),
        kind: kinds.join(&c.t("list.comma")),
        looked,
        who,
        why,
        fields,
        again: tries.iter().map(again).collect(),
    }
}

/// Who looked and when, in one line.
pub(super) fn told(c: &Chrome, who: &str, at: Timestamp) -> String {
    c.f("looks.told", [("who", who.to_owned()), ("at", words::clock(at))])
}

/// `GET /wallet/looks`: every use, each with "this was not me".
pub(super) async fn looks(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Query(asked): Query<After>,
) -> Result<Response, Problem> {
    let before = space::place(&asked.after);
    let found = space::uses(&state, &caller.credential, before.as_ref(), Some(ROWS)).await?;
    let uses = uses::lines(&c, &state, &caller, &found).await?;
    let next = found.last().filter(|_| found.len() == ROWS as usize).map(further);
    page(StatusCode::OK, &Looks { c, uses, back: "/wallet/looks", next, done: asked.done == "disputed" })
}

fn further(last: &Use) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    format!("/wallet/looks?{}", query.append_pair("after", &space::behind(last)).finish())
}

/// `GET /wallet/showings`: every code, and what became of it.
pub(super) async fn showings(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Query(asked): Query<After>,
) -> Result<Response, Problem> {
    let after = asked.after.split_once('~').and_then(|(micros, id)| {
        let created_at = Timestamp::from_micros(micros.parse().ok()?);
        Some(show_license::Cursor { created_at, id: id.to_owned() })
    });
    let found = show_license::list_with_tries(&state, &caller.credential, after, Some(ROWS)).await?;
    let now = state.clock.now();
    let looks = found.iter().map(|showing| look(&c, &state, showing, now)).collect();
    let last = found.last().filter(|_| found.len() == ROWS as usize).map(|(showing, _)| showing);
    let next = last.map(|last| format!("/wallet/showings?after={}~{}", last.created_at.micros(), last.id));
    let done = match asked.done.as_str() {
        "withdrawn" => Some(c.t("code.withdrawn")),
        "late" => Some(c.t("code.too_late")),
        _ => None,
    };
    page(StatusCode::OK, &Showings { c, looks, next, done })
}
