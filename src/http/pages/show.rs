//! Showing licenses: what to show and why, the code that rolls, the codes kept for a bad network, taking it back.

use super::chrome::Chrome;
use super::department::kind_title;
use super::form::ShownFault;
use super::license::identifier;
use super::wallet::told;
use super::words::{self, either};
use super::{given, go_to, page};
use crate::app::prefetch_show_codes::{self, COUNT, HOURS};
use crate::app::show_license::{self, Chosen};
use crate::app::{deputies, read_license, show_code_pictures};
use crate::domain::license::License;
use crate::domain::license::kind::PrivacyClass;
use crate::domain::purpose::{Purpose, Purposes};
use crate::domain::show_code::{Closed, MOST_LICENSES};
use crate::http::caller::Caller;
use crate::http::problem::{Kind, Problem};
use crate::http::{State, detach};
use askama::Template;
use axum::extract::{Path, Query, State as From};
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
    /// Codes of the purposes that need it, for the script that ticks.
    pub(super) needed_for: String,
}

/// A license to be shown.
pub(super) struct Item {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) number: String,
    pub(super) shown: Vec<Showable>,
}

impl Item {
    /// The fields that will be seen, in words.
    fn words(&self, c: &Chrome) -> String {
        let ticked = self.shown.iter().filter(|field| field.checked).map(|field| field.title.as_str());
        ticked.collect::<Vec<_>>().join(&c.t("list.comma"))
    }
}

/// A purpose to choose.
pub(super) struct Preset {
    pub(super) code: String,
    pub(super) title: String,
    pub(super) why: String,
}

#[derive(Template)]
#[template(path = "pages/show.html")]
pub(super) struct Show {
    pub(super) c: Chrome,
    pub(super) heading: String,
    pub(super) items: Vec<Item>,
    pub(super) presets: Vec<Preset>,
    pub(super) purpose: String,
    pub(super) reason: String,
    /// The deputy that shows, and for whom.
    pub(super) behalf: Option<(String, String)>,
    pub(super) faults: Vec<ShownFault>,
}

#[derive(Template)]
#[template(path = "pages/code.html")]
pub(super) struct Code {
    pub(super) c: Chrome,
    pub(super) heading: String,
    pub(super) drawn: Drawn,
    pub(super) purpose: String,
    pub(super) reason: String,
    pub(super) behalf: Option<(String, String)>,
    /// What is shown: kind and fields in words.
    pub(super) what: Vec<(String, String)>,
    /// What the next code is drawn with.
    pub(super) hidden: Vec<(String, String)>,
    /// Where the choice can be changed.
    pub(super) change: String,
    /// How many codes can be kept, and for how many hours.
    pub(super) keep: (u32, u32),
}

/// A code just drawn, for the page that rolls it.
#[derive(Serialize)]
pub(super) struct Drawn {
    pub(super) showing: String,
    pub(super) qr: String,
    pub(super) bars: String,
    pub(super) digits: String,
    pub(super) seconds: u64,
}

/// What became of a code.
#[derive(Serialize)]
pub(super) struct Became {
    state: &'static str,
    words: String,
    again: String,
}

/// Codes for a phone to keep.
#[derive(Serialize)]
pub(super) struct Kept {
    codes: Vec<Drawn>,
    /// Milliseconds since 1970, by the server's clock; only to be told, never to be judged by.
    until: i64,
    until_words: String,
    purpose: String,
    what: Vec<(String, String)>,
}

type Fields = Form<Vec<(String, String)>>;

/// What was asked for: licenses, purpose, fields.
fn values<'f>(form: &'f [(String, String)], name: &str) -> Vec<&'f str> {
    form.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect()
}

/// Purposes to choose from, in words.
pub(super) fn presets(c: &Chrome, purposes: &Purposes) -> Vec<Preset> {
    purposes
        .iter()
        .map(|purpose| Preset {
            code: purpose.code.clone(),
            title: either(c, &purpose.title).to_owned(),
            why: either(c, &purpose.why).to_owned(),
        })
        .collect()
}

/// The licenses that are to be shown; of a deputy those of its principal, in full for whoever draws their fields.
async fn licenses(
    state: &State,
    caller: &Caller,
    form: &[(String, String)],
) -> Result<(Vec<License>, Option<(String, String)>), Problem> {
    let ids = values(form, "license");
    if ids.is_empty() || ids.len() > MOST_LICENSES {
        return Err(Problem::new(Kind::NotFound, "license.unknown"));
    }
    let behalf = given(form, "for");
    if behalf.is_empty() {
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            found.push(read_license::run(state, &caller.credential, &identifier(id)?).await?);
        }
        return Ok((found, None));
    }
    let (deputy, mut all) = deputies::cards(state, &caller.credential, behalf).await?;
    all.retain(|license| ids.contains(&license.id.as_str()));
    if all.len() != ids.len() {
        return Err(Problem::new(Kind::NotFound, "license.unknown"));
    }
    Ok((all, Some((deputy.id, deputy.owner_name))))
}

/// A license's fields that have a value; checked are those chosen, or those that the purpose needs where nothing was.
fn item(
    c: &Chrome,
    state: &State,
    license: &License,
    purpose: Option<&Purpose>,
    chosen: Option<&[&str]>,
) -> Item {
    let kind = state.kinds.get(&license.kind);
    let shown = kind.into_iter().flat_map(|kind| {
        let filled = kind.fields.iter();
        let filled =
            filled.filter(|field| license.data.get(&field.name).is_some_and(|value| !value.is_empty()));
        filled.map(move |field| {
            let needed = state.purposes.iter().filter(|purpose| purpose.presets(kind, &field.name));
            let needed: Vec<&str> = needed.map(|purpose| purpose.code.as_str()).collect();
            let preset = purpose.is_some_and(|purpose| needed.contains(&purpose.code.as_str()));
            Showable {
                name: field.name.clone(),
                title: either(c, &field.title).to_owned(),
                checked: kind.holder.name == field.name
                    || chosen.map_or(preset, |names| names.contains(&field.name.as_str())),
                sensitive: field.privacy == PrivacyClass::Sensitive,
                fixed: kind.holder.name == field.name,
                needed_for: needed.join(" "),
            }
        })
    });
    Item {
        id: license.id.to_string(),
        kind: kind_title(c, state, &license.kind),
        number: words::tail(&license.number),
        shown: shown.collect(),
    }
}

fn heading(c: &Chrome, items: &[Item]) -> String {
    match items {
        [only] => c.f("show.h1", [("kind", only.kind.clone())]),
        several => c.f("show.h1_several", [("count", several.len().to_string())]),
    }
}

/// `GET /wallet/{id}/show`: an address of old.
pub(super) async fn one(Path(id): Path<String>) -> Result<Response, Problem> {
    Ok(go_to(&format!("/wallet/show?license={}", identifier(&id)?)))
}

/// `GET /wallet/show?license=…&license=…`
pub(super) async fn get(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Query(asked): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    if values(&asked, "license").is_empty() {
        return Ok(go_to("/wallet?done=choose"));
    }
    let (licenses, behalf) = licenses(&state, &caller, &asked).await?;
    let purpose = state.purposes.get(given(&asked, "purpose")).or_else(|| state.purposes.iter().next());
    let items: Vec<Item> = licenses.iter().map(|license| item(&c, &state, license, purpose, None)).collect();
    let view = Show {
        heading: heading(&c, &items),
        items,
        purpose: purpose.map(|purpose| either(&c, &purpose.title).to_owned()).unwrap_or_default(),
        presets: presets(&c, &state.purposes),
        reason: String::new(),
        behalf,
        faults: Vec::new(),
        c,
    };
    page(StatusCode::OK, &view)
}

/// What a form says: of each license the fields that are ticked.
fn chosen(form: &[(String, String)]) -> Result<Vec<Chosen>, Problem> {
    let of = |id: &&str| {
        let fields = values(form, &format!("field:{id}")).into_iter().map(str::to_owned).collect();
        Ok(Chosen { license: identifier(id)?, fields })
    };
    values(form, "license").iter().map(of).collect()
}

fn reason(form: &[(String, String)]) -> Option<String> {
    Some(given(form, "reason").trim().to_owned()).filter(|reason| !reason.is_empty())
}

fn pictured(drawn: show_license::Drawn, seconds: u64) -> Result<Drawn, Problem> {
    let pictures = show_code_pictures::run(&drawn.code)?;
    Ok(Drawn {
        showing: drawn.id,
        qr: pictures.qr_svg,
        bars: pictures.bars_svg,
        digits: drawn.code.grouped(),
        seconds,
    })
}

async fn drawn(state: &State, caller: Caller, form: &[(String, String)]) -> Result<Drawn, Problem> {
    let request = show_license::Request {
        chosen: chosen(form)?,
        purpose: given(form, "purpose").to_owned(),
        reason: reason(form),
        seconds: None,
    };
    let behalf = Some(given(form, "for").to_owned()).filter(|deputy| !deputy.is_empty());
    let service = state.clone();
    let work =
        async move { show_license::run_for(&service, &caller.credential, request, behalf.as_deref()).await };
    let drawn = detach(work).await?;
    let seconds = drawn.expires_at.since(state.clock.now()).as_secs();
    pictured(drawn, seconds)
}

/// What a form carries on to the next code.
fn carried(form: &[(String, String)]) -> Vec<(String, String)> {
    let kept =
        |name: &str| matches!(name, "license" | "purpose" | "reason" | "for") || name.starts_with("field:");
    form.iter().filter(|(name, value)| kept(name) && !value.is_empty()).cloned().collect()
}

/// `POST /wallet/show`
pub(super) async fn post(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Form(form): Fields,
) -> Result<Response, Problem> {
    let (licenses, behalf) = licenses(&state, &caller, &form).await?;
    let purpose = given(&form, "purpose").to_owned();
    let items: Vec<Item> = licenses
        .iter()
        .map(|license| {
            let ticked = values(&form, &format!("field:{}", license.id));
            item(&c, &state, license, None, Some(&ticked))
        })
        .collect();
    let mut faults = Vec::new();
    let mut need = |target: &str, code: &str| {
        faults.push(ShownFault { target: Some(target.to_owned()), text: c.t(code) });
    };
    if purpose.trim().is_empty() {
        need("purpose", "show.need_purpose");
    }
    if items.iter().any(|item| values(&form, &format!("field:{}", item.id)).is_empty()) {
        need("fields", "show.need_field");
    }
    let reason = reason(&form).unwrap_or_default();
    if reason.chars().count() > 60 {
        need("reason", "show.reason_too_long");
    }
    if !faults.is_empty() {
        let (heading, presets) = (heading(&c, &items), presets(&c, &state.purposes));
        return page(
            StatusCode::UNPROCESSABLE_ENTITY,
            &Show { heading, items, presets, purpose, reason, behalf, faults, c },
        );
    }
    let drawn = drawn(&state, caller, &form).await?;
    let hidden = carried(&form);
    let mut change = url::form_urlencoded::Serializer::new(String::new());
    change.extend_pairs(hidden.iter().filter(|(name, _)| matches!(name.as_str(), "license" | "for")));
    let view = Code {
        heading: match &items[..] {
            [only] => only.kind.clone(),
            several => c.f("code.several", [("count", several.len().to_string())]),
        },
        drawn,
        purpose,
        reason,
        behalf,
        what: items.iter().map(|item| (item.kind.clone(), item.words(&c))).collect(),
        change: format!("/wallet/show?{}", change.finish()),
        hidden,
        keep: (*COUNT.end(), *HOURS.end()),
        c,
    };
    page(StatusCode::OK, &view)
}

/// `POST /wallet/codes`: the next code of the page that rolls it.
pub(super) async fn draw(
    From(state): From<State>,
    caller: Caller,
    Form(form): Fields,
) -> Result<Json<Drawn>, Problem> {
    Ok(Json(drawn(&state, caller, &form).await?))
}

/// `POST /wallet/kept`: codes for a phone that will have a bad network.
pub(super) async fn keep(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Form(form): Fields,
) -> Result<Json<Kept>, Problem> {
    let (licenses, _) = licenses(&state, &caller, &form).await?;
    let what = licenses.iter().map(|license| {
        let ticked = values(&form, &format!("field:{}", license.id));
        let item = item(&c, &state, license, None, Some(&ticked));
        let words = item.words(&c);
        (item.kind, words)
    });
    let what = what.collect();
    let request = prefetch_show_codes::Request {
        chosen: chosen(&form)?,
        purpose: given(&form, "purpose").to_owned(),
        count: *COUNT.end(),
        hours: *HOURS.end(),
    };
    let purpose = request.purpose.clone();
    let service = state.clone();
    let work = async move { prefetch_show_codes::run(&service, &caller.credential, request).await };
    let codes = detach(work).await?;
    let until = codes.first().map_or(state.clock.now(), |first| first.expires_at);
    let codes = codes.into_iter().map(|drawn| pictured(drawn, 0)).collect::<Result<_, _>>()?;
    Ok(Json(Kept { codes, until: until.micros() / 1000, until_words: words::moment(until), purpose, what }))
}

/// `POST /wallet/kept/drop`: the phone is back.
pub(super) async fn drop_kept(From(state): From<State>, caller: Caller) -> Result<StatusCode, Problem> {
    detach(async move { prefetch_show_codes::drop_all(&state, &caller.credential).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /wallet/showings/{showing}`: what became of a code just shown.
pub(super) async fn state(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Path(showing): Path<String>,
) -> Result<Json<Became>, Problem> {
    let (showing, tries) = show_license::one(&state, &caller.credential, &showing).await?;
    let now = state.clock.now();
    let again = tries
        .last()
        .map(|tried| c.f("looks.again", [("who", tried.label.clone()), ("at", words::clock(tried.at))]));
    let again = again.unwrap_or_default();
    Ok(Json(match showing.check_open(now) {
        Err(Closed::Used(by)) => Became { state: "looked", words: told(&c, &by.label, by.at), again },
        _ => Became { state: "open", words: words::clock(now), again },
    }))
}

/// `POST /wallet/withdraw`
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
    Ok(go_to(&format!("/wallet/showings?done={word}")))
}
