//! Showing a license: what to show and why, the code that rolls, taking it back.

use super::chrome::Chrome;
use super::department::kind_title;
use super::form::ShownFault;
use super::license::identifier;
use super::wallet::told;
use super::words::{self, either};
use super::{given, go_to, page};
use crate::app::{read_license, show_code_pictures, show_license};
use crate::domain::license::kind::PrivacyClass;
use crate::domain::license::{License, LicenseId};
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::http::{State, detach};
use askama::Template;
use axum::extract::{Path, State as From};
use axum::http::StatusCode;
use axum::response::Response;
use axum::{Form, Json};
use serde::Serialize;

/// A field that can be shown.
pub(super) struct Showable {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) checked: bool,
    pub(super) sensitive: bool,
    /// Always shown: whoever looks must be able to tell whose license it is.
    pub(super) fixed: bool,
}

#[derive(Template)]
#[template(path = "pages/show.html")]
pub(super) struct Show {
    pub(super) c: Chrome,
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) presets: Vec<String>,
    pub(super) purpose: String,
    pub(super) shown: Vec<Showable>,
    pub(super) faults: Vec<ShownFault>,
}

#[derive(Template)]
#[template(path = "pages/code.html")]
pub(super) struct Code {
    pub(super) c: Chrome,
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) showing: String,
    pub(super) qr: String,
    pub(super) digits: String,
    pub(super) seconds: u64,
    pub(super) purpose: String,
    pub(super) shown: Vec<Showable>,
}

/// A code just drawn, for the page that rolls it.
#[derive(Serialize)]
pub(super) struct Drawn {
    showing: String,
    qr: String,
    digits: String,
    seconds: u64,
}

/// What became of a code.
#[derive(Serialize)]
pub(super) struct Became {
    state: &'static str,
    words: String,
}

type Fields = Form<Vec<(String, String)>>;

/// Purposes to choose from, in words.
pub(super) fn presets(c: &Chrome) -> Vec<String> {
    ["show.purpose_counter", "show.purpose_bank", "show.purpose_inspection", "show.purpose_contract"]
        .map(|code| c.t(code))
        .to_vec()
}

/// The license's fields that have a value; checked are those chosen, or the public ones where nothing was.
fn showable(c: &Chrome, state: &State, license: &License, chosen: Option<&[String]>) -> Vec<Showable> {
    let Some(kind) = state.kinds.get(&license.kind) else {
        return Vec::new();
    };
    kind.fields
        .iter()
        .filter(|field| license.data.get(&field.name).is_some_and(|value| !value.is_empty()))
        .map(|field| Showable {
            name: field.name.clone(),
            title: either(c, &field.title).to_owned(),
            checked: kind.holder.name == field.name
                || chosen.map_or(field.privacy == PrivacyClass::Public, |names| names.contains(&field.name)),
            sensitive: field.privacy == PrivacyClass::Sensitive,
            fixed: kind.holder.name == field.name,
        })
        .collect()
}

/// `GET /wallet/{id}/show`
pub(super) async fn get(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let license = read_license::run(&state, &caller.credential, &identifier(&id)?).await?;
    let presets = presets(&c);
    let view = Show {
        id: license.id.to_string(),
        kind: kind_title(&c, &state, &license.kind),
        purpose: presets.first().cloned().unwrap_or_default(),
        presets,
        shown: showable(&c, &state, &license, None),
        faults: Vec::new(),
        c,
    };
    page(StatusCode::OK, &view)
}

fn chosen(form: &[(String, String)]) -> Vec<String> {
    form.iter().filter(|(name, _)| name == "field").map(|(_, value)| value.clone()).collect()
}

async fn drawn(
    state: &State,
    caller: Caller,
    license: LicenseId,
    form: &[(String, String)],
) -> Result<Drawn, Problem> {
    let request = show_license::Request {
        chosen: vec![show_license::Chosen { license, fields: chosen(form) }],
        purpose: given(form, "purpose").to_owned(),
        reason: None,
        seconds: None,
    };
    let service = state.clone();
    let drawn = detach(async move { show_license::run(&service, &caller.credential, request).await }).await?;
    Ok(Drawn {
        showing: drawn.id,
        qr: show_code_pictures::run(&drawn.code)?.qr_svg,
        digits: drawn.code.grouped(),
        seconds: drawn.expires_at.since(state.clock.now()).as_secs(),
    })
}

/// `POST /wallet/{id}/show`
pub(super) async fn post(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Path(id): Path<String>,
    Form(form): Fields,
) -> Result<Response, Problem> {
    let license = read_license::run(&state, &caller.credential, &identifier(&id)?).await?;
    let kind = kind_title(&c, &state, &license.kind);
    let names = chosen(&form);
    let purpose = given(&form, "purpose").to_owned();
    let shown = showable(&c, &state, &license, Some(&names));
    let mut faults = Vec::new();
    let mut need = |target: &str, code: &str| {
        faults.push(ShownFault { target: Some(target.to_owned()), text: c.t(code) });
    };
    if purpose.trim().is_empty() {
        need("purpose", "show.need_purpose");
    }
    if names.is_empty() {
        need("fields", "show.need_field");
    }
    if !faults.is_empty() {
        let presets = presets(&c);
        let id = license.id.to_string();
        return page(
            StatusCode::UNPROCESSABLE_ENTITY,
            &Show { c, id, kind, presets, purpose, shown, faults },
        );
    }
    let code = drawn(&state, caller, license.id.clone(), &form).await?;
    let view = Code {
        id: license.id.to_string(),
        kind,
        showing: code.showing,
        qr: code.qr,
        digits: code.digits,
        seconds: code.seconds,
        purpose,
        shown: shown.into_iter().filter(|field| field.checked).collect(),
        c,
    };
    page(StatusCode::OK, &view)
}

/// `POST /wallet/{id}/codes`: the next code of the page that rolls it.
pub(super) async fn draw(
    From(state): From<State>,
    caller: Caller,
    Path(id): Path<String>,
    Form(form): Fields,
) -> Result<Json<Drawn>, Problem> {
    Ok(Json(drawn(&state, caller, identifier(&id)?, &form).await?))
}

/// `GET /wallet/showings/{showing}`: what became of a code just shown.
pub(super) async fn state(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Path(showing): Path<String>,
) -> Result<Json<Became>, Problem> {
    // A page asks about the code it shows, so it is among the newest.
    let newest = show_license::list(&state, &caller.credential, None, Some(20)).await?;
    let redemption = newest.into_iter().find(|known| known.id == showing).and_then(|known| known.redeemed);
    Ok(Json(match redemption {
        Some(by) => Became { state: "looked", words: told(&c, &by.label, by.at) },
        None => Became { state: "open", words: words::clock(state.clock.now()) },
    }))
}

/// `POST /wallet/{id}/withdraw`
pub(super) async fn withdraw(
    From(state): From<State>,
    caller: Caller,
    Form(form): Fields,
) -> Result<Response, Problem> {
    let showing = given(&form, "showing").to_owned();
    let used = detach(async move {
        // The page rolls its code: the one before the one on the screen may still be open.
        show_license::withdraw_rolled(&state, &caller.credential, &showing).await
    })
    .await?;
    let word = if used { "late" } else { "withdrawn" };
    Ok(go_to(&format!("/wallet/looks?done={word}")))
}
