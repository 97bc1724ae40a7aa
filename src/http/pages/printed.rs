//! The page behind the printed code: state and masked fields, for whoever holds the paper.

use super::chrome::Chrome;
use super::page;
use super::verdict::Verdict;
use super::words::{self, either};
use crate::app::check_printed_code::{self, Known, MaskedField, Request};
use crate::domain::license::kind::{Field, FieldType};
use crate::domain::license::record::Standing;
use crate::domain::refusal::RefusalClass;
use crate::http::State;
use crate::http::caller::{Caller, ClientAddress};
use crate::http::problem::Problem;
use crate::texts::Language;
use askama::Template;
use axum::extract::{Path, Query, State as From};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "pages/printed.html")]
pub(super) struct Printed {
    pub(super) c: Chrome,
    pub(super) verdict: Option<Verdict>,
    pub(super) identifier: String,
}

/// What the printed code or the form says.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    identifier: String,
    #[serde(default)]
    k: String,
}

/// `GET /c`: the form, and what was entered in it.
pub(super) async fn form(
    From(state): From<State>,
    c: Chrome,
    ClientAddress(from): ClientAddress,
    caller: Option<Caller>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    if asked.identifier.trim().is_empty() {
        return page(StatusCode::OK, &Printed { c, verdict: None, identifier: String::new() });
    }
    let check_code = asked.k.trim().to_owned();
    let request = Request { identifier: asked.identifier.trim().to_owned(), check_code, from };
    answer(&state, c, caller, request).await
}

/// `GET /c/{identifier}?k=…`: where the code on the face leads.
pub(super) async fn get(
    From(state): From<State>,
    c: Chrome,
    ClientAddress(from): ClientAddress,
    caller: Option<Caller>,
    Path(identifier): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let request = Request { identifier, check_code: asked.k.trim().to_owned(), from };
    answer(&state, c, caller, request).await
}

async fn answer(
    state: &State,
    c: Chrome,
    caller: Option<Caller>,
    request: Request,
) -> Result<Response, Problem> {
    let identifier = request.identifier.clone();
    let checked = check_printed_code::run(state, caller.as_ref().map(|by| &by.credential), request).await;
    let now = words::moment(state.clock.now());
    let (status, mut verdict) = match checked {
        Ok(found) => (StatusCode::OK, known(&c, state, &found)),
        Err(error) => {
            let Some(refusal) = error.refusal() else { return Err(error.into()) };
            if !matches!(refusal.class, RefusalClass::NotFound | RefusalClass::Invalid) {
                return Err(error.into());
            }
            (StatusCode::NOT_FOUND, unknown(&c))
        }
    };
    verdict.as_of = c.f("printed.as_of", [("time", now)]);
    page(status, &Printed { c, verdict: Some(verdict), identifier })
}

pub(super) fn unknown(c: &Chrome) -> Verdict {
    Verdict {
        name: "unknown",
        tone: "bad",
        icon: "octagon",
        word: c.t("printed.unknown"),
        sentence: c.t("printed.unknown_sentence"),
        act: c.t("printed.unknown_act"),
        ..Verdict::default()
    }
}

/// A field's value in the page's language.
fn value(c: &Chrome, field: Option<&Field>, masked: &MaskedField) -> String {
    match (field, &masked.plain) {
        (Some(field), Some(plain)) => words::value(c, field, plain),
        (Some(Field { field_type: FieldType::Date { .. }, .. }), None) if c.language == Language::English => {
            format!("{}-**-**", masked.value.get(..4).unwrap_or("****"))
        }
        _ => masked.value.clone(),
    }
}

fn known(c: &Chrome, state: &State, found: &Known) -> Verdict {
    let tag = words::standing(c, found.standing);
    let in_force = found.standing == Standing::InForce;
    let (word, act) = if in_force {
        (c.t("printed.in_force"), c.t("printed.in_force_act"))
    } else {
        (c.f("printed.not_in_force", [("standing", tag.word)]), c.t("printed.not_in_force_act"))
    };
    let until = found.valid_until.map_or_else(|| c.t("license_page.unlimited"), |last| words::date(c, last));
    let mut facts = vec![
        (c.t("license_page.issued_on"), words::date(c, found.issued_on)),
        (c.t("license_page.validity"), c.f("license_page.until", [("until", until)])),
    ];
    let kind = state.kinds.get(&found.kind);
    facts.extend(found.fields.iter().map(|field| {
        let of_kind = kind.and_then(|kind| kind.field(&field.name));
        (either(c, &field.title).to_owned(), value(c, of_kind, field))
    }));
    Verdict {
        name: found.standing.name(),
        tone: tag.tone,
        icon: tag.icon,
        word,
        whose: format!("{} · {}", found.holder_name, either(c, &found.kind_title)),
        sentence: c.f("printed.sentence", [("issuer", found.issuer_name.clone())]),
        act,
        facts,
        ..Verdict::default()
    }
}
