//! Uses in words, each with "this was not me"; and the page of those who look into it.

use super::chrome::Chrome;
use super::home::local;
use super::space::kind_of;
use super::words::{self, either};
use super::{given, go_to, page};
use crate::app::dispute_use::{self, Disputed};
use crate::app::space;
use crate::domain::consent::Dispute;
use crate::domain::license::LicenseId;
use crate::domain::party::Role;
use crate::domain::space::{Use, Used};
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::http::{State, detach};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State as From};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Disputes on a page.
const ROWS: u32 = 50;

/// A use in words.
pub(super) struct UseLine {
    pub(super) id: String,
    pub(super) what: String,
    pub(super) at: String,
    pub(super) who: String,
    pub(super) why: String,
    /// The fields that were seen, in words; empty where none were.
    pub(super) fields: String,
    /// Who showed it on behalf of the holder.
    pub(super) behalf: Option<String>,
    /// That the person was compared with an identity document.
    pub(super) compared: Option<String>,
    /// That it was without a network, and told afterwards.
    pub(super) offline: Option<String>,
    pub(super) dispute: Option<DisputeLine>,
}

/// What the owner says of a use, and what came of it.
pub(super) struct DisputeLine {
    pub(super) said: String,
    pub(super) words: String,
    pub(super) answer: Option<String>,
    pub(super) answered: String,
}

/// One dispute, for those who look into it.
pub(super) struct DisputedRow {
    pub(super) owner: String,
    pub(super) by: String,
    pub(super) used: UseLine,
}

#[derive(Template)]
#[template(path = "pages/disputes.html")]
pub(super) struct Disputes {
    pub(super) c: Chrome,
    pub(super) rows: Vec<DisputedRow>,
    pub(super) next: Option<String>,
    pub(super) done: bool,
}

/// Where to go on, and what was just done.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    after: String,
    #[serde(default)]
    done: String,
}

fn dispute_line(c: &Chrome, dispute: &Dispute) -> DisputeLine {
    let answered = dispute.answer.as_ref().map(|answer| words::moment(answer.at)).unwrap_or_default();
    DisputeLine {
        said: c.f("consent.disputed", [("at", words::moment(dispute.at))]),
        words: dispute.words.clone(),
        answer: dispute.answer.as_ref().map(|answer| answer.words.clone()),
        answered: c.f("consent.answered", [("at", answered)]),
    }
}

/// Field names in the page's language.
pub(super) fn titles(c: &Chrome, state: &State, license: &LicenseId, names: &[String]) -> String {
    let kind = state.kinds.iter().find(|kind| kind.type_code == license.type_code());
    let title = |name: &String| {
        kind.and_then(|kind| kind.field(name))
            .map_or_else(|| name.clone(), |field| either(c, &field.title).to_owned())
    };
    names.iter().map(title).collect::<Vec<_>>().join(&c.t("list.comma"))
}

/// A use in words, with what its owner says of it.
pub(super) fn line(c: &Chrome, state: &State, used: &Use, dispute: Option<&Dispute>) -> UseLine {
    let (mut seen, mut behalf, mut compared, mut offline) = (String::new(), None, false, false);
    let (what, why) = match &used.what {
        Used::Shown {
            license, purpose, matter, fields, deputy, compared: said, offline: told_later, ..
        } => {
            (behalf, compared, offline) = (deputy.clone(), *said == Some(true), *told_later);
            seen = titles(c, state, license, fields);
            (
                c.f("space.shown", [("kind", kind_of(c, state, license))]),
                c.f("looks.line", [("purpose", purpose.clone()), ("matter", matter.clone())]),
            )
        }
        Used::Printed { license, purpose, fields, .. } => {
            seen = titles(c, state, license, fields);
            (
                c.f("kiosk_page.used", [("kind", kind_of(c, state, license))]),
                c.f("kiosk_page.used_for", [("purpose", purpose.clone())]),
            )
        }
        Used::SealedLicense { seal, license, .. } => (
            c.f("space.sealed_license", [("kind", kind_of(c, state, license))]),
            c.f("space.with_seal", [("seal", seal.to_string())]),
        ),
        Used::SealedDocument { seal, .. } => {
            (c.t("space.sealed_document"), c.f("space.with_seal", [("seal", seal.to_string())]))
        }
    };
    UseLine {
        id: used.id.clone(),
        what,
        at: words::moment(used.at),
        who: used.label.clone(),
        why,
        fields: seen,
        compared: compared.then(|| c.t("looks.compared")),
        offline: offline.then(|| c.t("looks.offline")),
        behalf: behalf.map(|name| c.f("deputy.shown_by", [("name", name)])),
        dispute: dispute.map(|dispute| dispute_line(c, dispute)),
    }
}

/// Uses of the caller's own in words.
pub(super) async fn lines(
    c: &Chrome,
    state: &State,
    caller: &Caller,
    uses: &[Use],
) -> Result<Vec<UseLine>, Problem> {
    // An employee sees no uses, so it has none to dispute.
    let disputes = match caller.credential.role {
        Role::Sealer => BTreeMap::new(),
        _ => dispute_use::of_uses(state, &caller.credential, uses).await?,
    };
    Ok(uses.iter().map(|used| line(c, state, used, disputes.get(&used.id))).collect())
}

/// `POST /space/uses/{id}/dispute`
pub(super) async fn dispute(
    From(state): From<State>,
    caller: Caller,
    Path(id): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let words = given(&form, "words").to_owned();
    detach(async move { dispute_use::run(&state, &caller.credential, &id, &words).await }).await?;
    let back = local(given(&form, "back"));
    let joined = if back.contains('?') { '&' } else { '?' };
    Ok(go_to(&format!("{back}{joined}done=disputed")))
}

/// `GET /disputes`
pub(super) async fn disputes(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let before = space::place(&asked.after);
    let found = dispute_use::list(&state, &caller.credential, before.as_ref(), Some(ROWS)).await?;
    let last = found.last().filter(|_| found.len() == ROWS as usize);
    let next = last.map(|Disputed { dispute, .. }| {
        let place = format!("{} {}", dispute.at.micros(), dispute.used);
        let query =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("after", &place).finish();
        format!("/disputes?{query}")
    });
    let row = |Disputed { dispute, used, owner }: &Disputed| DisputedRow {
        owner: owner.clone(),
        by: used.by.clone(),
        used: line(&c, &state, used, Some(dispute)),
    };
    let rows = found.iter().map(row).collect();
    page(StatusCode::OK, &Disputes { rows, next, done: asked.done == "answered", c })
}

/// `POST /disputes/{id}/answer`
pub(super) async fn answer(
    From(state): From<State>,
    caller: Caller,
    Path(id): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let words = given(&form, "words").to_owned();
    detach(async move { dispute_use::answer(&state, &caller.credential, &id, &words).await }).await?;
    Ok(go_to("/disputes?done=answered"))
}
