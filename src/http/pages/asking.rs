//! A clerk or an institution asks: the catalogue, a request that waits on the screen, what was shown.

use super::chrome::Chrome;
use super::form::ShownFault;
use super::words::{self, Fact, either};
use super::{given, go_to, page};
use crate::app::ask::materials::{self, Held};
use crate::app::redeem_show_code::{Shown, ShownLicense};
use crate::app::{ask, show_code_pictures};
use crate::domain::license::Standing;
use crate::domain::material::Fitness;
use crate::domain::matter::{Matter, Need};
use crate::domain::show_code::Way;
use crate::http::api::materials::download;
use crate::http::body::multipart::FileForm;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::http::{State, detach};
use askama::Template;
use axum::extract::{Path, State as From};
use axum::http::StatusCode;
use axum::response::Response;
use axum::{Form, Json};
use serde::Serialize;

/// A matter of the catalogue in words.
pub(super) struct MatterCard {
    pub(super) code: String,
    pub(super) title: String,
    pub(super) kinds: String,
    pub(super) needs: Vec<NeedCard>,
    pub(super) materials: Vec<String>,
    pub(super) kept: String,
}

/// What a matter needs of one license, in words.
pub(super) struct NeedCard {
    pub(super) kind: String,
    pub(super) required: String,
    pub(super) optional: String,
    pub(super) may_lack: bool,
    pub(super) reason: String,
}

#[derive(Template)]
#[template(path = "pages/ask.html")]
pub(super) struct Ask {
    pub(super) c: Chrome,
    pub(super) matters: Vec<MatterCard>,
    pub(super) counter: String,
    pub(super) faults: Vec<ShownFault>,
}

#[derive(Template)]
#[template(path = "pages/ask_open.html")]
pub(super) struct Open {
    pub(super) c: Chrome,
    pub(super) id: String,
    pub(super) title: String,
    pub(super) asker: String,
    pub(super) qr: String,
    pub(super) digits: String,
    pub(super) number: u8,
    pub(super) seconds: u64,
    pub(super) needs: Vec<NeedCard>,
}

/// A license that was shown, in words.
pub(super) struct ShownCard {
    pub(super) kind: String,
    pub(super) whose: String,
    pub(super) issuer: String,
    pub(super) standing: words::Tag,
    pub(super) facts: Vec<Fact>,
}

#[derive(Template)]
#[template(path = "pages/ask_shown.html")]
pub(super) struct ShownPage {
    pub(super) c: Chrome,
    pub(super) whose: String,
    pub(super) purpose: String,
    pub(super) way: String,
    pub(super) at: String,
    pub(super) cards: Vec<ShownCard>,
    pub(super) all_in_force: bool,
    pub(super) id: String,
    pub(super) materials: Vec<HandedCard>,
}

/// A material that the matter needs, in words.
pub(super) struct HandedCard {
    pub(super) label: String,
    pub(super) title: String,
    pub(super) words: String,
    /// Identifier of the file, where there is one.
    pub(super) file: String,
    pub(super) changed: bool,
}

#[derive(Template)]
#[template(path = "pages/ask_over.html")]
pub(super) struct OverPage {
    pub(super) c: Chrome,
    pub(super) state: &'static str,
    pub(super) tone: &'static str,
    pub(super) icon: &'static str,
    pub(super) word: String,
    pub(super) sentence: String,
    pub(super) matter: String,
}

/// What became of a request, for the page that waits.
#[derive(Serialize)]
pub(super) struct Became {
    state: &'static str,
}

type Fields = Form<Vec<(String, String)>>;

/// Names of a kind's fields in words, in one line.
pub(super) fn titles(c: &Chrome, state: &State, kind: &str, names: &[String]) -> String {
    let kind = state.kinds.get(kind);
    let title = |name: &String| {
        let field = kind.and_then(|kind| kind.field(name));
        field.map_or_else(|| name.clone(), |field| either(c, &field.title).to_owned())
    };
    names.iter().map(title).collect::<Vec<_>>().join(&c.t("list.comma"))
}

/// What a kind is called.
pub(super) fn kind_title(c: &Chrome, state: &State, kind: &str) -> String {
    state.kinds.get(kind).map_or_else(|| kind.to_owned(), |kind| either(c, &kind.title).to_owned())
}

fn need_card(c: &Chrome, state: &State, need: &Need) -> NeedCard {
    NeedCard {
        kind: kind_title(c, state, &need.kind),
        required: titles(c, state, &need.kind, &need.required),
        optional: titles(c, state, &need.kind, &need.optional),
        may_lack: need.may_lack,
        reason: need.reason.as_ref().map(|reason| either(c, reason).to_owned()).unwrap_or_default(),
    }
}

fn matter_card(c: &Chrome, state: &State, matter: &Matter) -> MatterCard {
    let kinds: Vec<String> = matter.needs.iter().map(|need| kind_title(c, state, &need.kind)).collect();
    MatterCard {
        code: matter.code.clone(),
        title: either(c, &matter.title).to_owned(),
        kinds: kinds.join(&c.t("list.comma")),
        needs: matter.needs.iter().map(|need| need_card(c, state, need)).collect(),
        materials: matter.materials.iter().map(|material| either(c, &material.title).to_owned()).collect(),
        kept: either(c, &matter.keep.words).to_owned(),
    }
}

fn catalogue(c: Chrome, state: &State, caller: &Caller, counter: String, faults: Vec<ShownFault>) -> Ask {
    let matters = ask::matters(state, &caller.credential);
    let matters = matters.iter().map(|matter| matter_card(&c, state, matter)).collect();
    Ask { c, matters, counter, faults }
}

/// `GET /desk/ask`
pub(super) async fn get(From(state): From<State>, c: Chrome, caller: Caller) -> Result<Response, Problem> {
    page(StatusCode::OK, &catalogue(c, &state, &caller, String::new(), Vec::new()))
}

/// `POST /desk/ask`
pub(super) async fn post(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Form(form): Fields,
) -> Result<Response, Problem> {
    let counter = given(&form, "counter").trim().to_owned();
    if counter.chars().count() > 20 {
        let fault = ShownFault { target: Some("counter".into()), text: c.t("ask_page.counter_long") };
        let view = catalogue(c, &state, &caller, counter, vec![fault]);
        return page(StatusCode::UNPROCESSABLE_ENTITY, &view);
    }
    let question = ask::Question { matter: given(&form, "matter").to_owned(), only: None, counter };
    let service = state.clone();
    let opened = detach(async move { ask::open(&service, &caller.credential, question).await }).await?;
    let matter = state.asking.matters.get(&opened.request.matter);
    let view = Open {
        id: opened.request.id.clone(),
        title: matter.map(|matter| either(&c, &matter.title).to_owned()).unwrap_or_default(),
        asker: opened.request.asker(),
        qr: show_code_pictures::of_digits(opened.code.digits())?.qr_svg,
        digits: opened.code.grouped(),
        number: opened.request.number,
        seconds: opened.request.expires_at.since(state.clock.now()).as_secs(),
        needs: matter.iter().flat_map(|m| &m.needs).map(|need| need_card(&c, &state, need)).collect(),
        c,
    };
    page(StatusCode::OK, &view)
}

/// `GET /desk/ask/{id}/state`
pub(super) async fn state(
    From(state): From<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Became>, Problem> {
    Ok(Json(Became { state: ask::watch(&state, &caller.credential, &id).await?.state }))
}

/// `POST /desk/ask/{id}/withdraw`
pub(super) async fn withdraw(
    From(state): From<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    detach(async move { ask::withdraw(&state, &caller.credential, &id).await }).await?;
    Ok(go_to("/desk/ask"))
}

/// `GET /desk/ask/{id}`: what was shown, or what became of the request.
pub(super) async fn one(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let watched = ask::watch(&state, &caller.credential, &id).await?;
    if watched.request.readable(watched.now).is_some() {
        let service = state.clone();
        let (asked, who) = (id.clone(), caller.credential.clone());
        let work = async move {
            let shown = ask::disclosed(&service, &who, &asked).await?;
            Ok((shown, materials::handed(&service, &who, &asked).await?))
        };
        let (shown, handed) = detach(work).await?;
        return page(StatusCode::OK, &shown_page(c, &state, id, &shown, &handed));
    }
    let (tone, icon, word, sentence) = match watched.state {
        "declined" => ("still", "pause", "ask_page.declined", "ask_page.declined_text"),
        "withdrawn" => ("still", "pause", "ask_page.withdrawn", "ask_page.withdrawn_text"),
        "mismatched" => ("bad", "octagon", "ask_page.mismatched", "ask_page.mismatched_text"),
        "expired" => ("still", "clock", "ask_page.expired", "ask_page.expired_text"),
        "approved" => ("still", "clock", "ask_page.read", "ask_page.read_text"),
        _ => ("unclear", "clock", "ask_page.waits", "ask_page.waits_text"),
    };
    let matter = state.asking.matters.get(&watched.request.matter);
    let view = OverPage {
        state: watched.state,
        tone,
        icon,
        word: c.t(word),
        sentence: c.t(sentence),
        matter: matter.map(|matter| either(&c, &matter.title).to_owned()).unwrap_or_default(),
        c,
    };
    page(StatusCode::OK, &view)
}

fn shown_page(c: Chrome, state: &State, id: String, shown: &Shown, handed: &[Held]) -> ShownPage {
    let cards: Vec<ShownCard> = shown.licenses.iter().map(|license| card(&c, state, license)).collect();
    let whose = cards.iter().map(|card| card.whose.clone()).find(|whose| !whose.is_empty());
    ShownPage {
        whose: whose.unwrap_or_default(),
        purpose: shown.purpose.clone(),
        way: c.t(match shown.way {
            Way::Face => "ask_page.way_face",
            Way::Requested => "ask_page.way_requested",
            Way::Rolling | Way::Prefetched => "ask_page.way_code",
        }),
        at: words::clock(shown.redeemed_at),
        all_in_force: shown.licenses.iter().all(|license| license.standing == Standing::InForce),
        cards,
        materials: handed.iter().map(|held| handed_card(&c, held)).collect(),
        id,
        c,
    }
}

fn handed_card(c: &Chrome, held: &Held) -> HandedCard {
    let (words, file) = match &held.found {
        None => (c.t("ask_page.material_lacks"), String::new()),
        Some((material, fitness)) => {
            let code = match fitness {
                Fitness::Fits => "ask_page.material_fits",
                Fitness::Expired => "ask_page.material_expired",
                Fitness::Replaced => "ask_page.material_replaced",
            };
            let values = [("at", words::moment(material.at)), ("who", material.label_of_bringer.clone())];
            (c.f(code, values), material.id.clone())
        }
    };
    let title = either(c, &held.need.title).to_owned();
    HandedCard { label: held.need.label.clone(), title, words, file, changed: held.changed }
}

/// `POST /desk/ask/{id}/materials`: a paper that the holder has brought to the counter.
pub(super) async fn bring(
    From(state): From<State>,
    caller: Caller,
    Path(id): Path<String>,
    form: FileForm,
) -> Result<Response, Problem> {
    let back = format!("/desk/ask/{id}");
    let Some(file) = form.files.into_iter().next() else { return Ok(go_to(&back)) };
    let request = ask::watch(&state, &caller.credential, &id).await?.request;
    let brought = materials::Brought {
        matter: request.matter,
        label: given(&form.fields, "label").to_owned(),
        request: Some(id),
        bytes: file.bytes,
    };
    detach(async move { materials::bring(&state, &caller.credential, brought).await }).await?;
    Ok(go_to(&back))
}

/// `GET /desk/ask/{id}/materials/{material}`
pub(super) async fn material(
    From(state): From<State>,
    caller: Caller,
    Path((id, material)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let found = materials::read(&state, &caller.credential, Some(&id), &material).await?;
    Ok(download(found))
}

fn card(c: &Chrome, state: &State, license: &ShownLicense) -> ShownCard {
    let value = |name: &str| {
        license.fields.iter().find(|field| field.name == name).and_then(|field| field.value.clone())
    };
    let kind = state.kinds.get(&license.kind);
    ShownCard {
        kind: either(c, &license.kind_title).to_owned(),
        whose: kind.and_then(|kind| value(&kind.holder.name)).unwrap_or_default(),
        issuer: license.issuer_name.clone(),
        standing: words::standing(c, license.standing),
        facts: kind.map(|kind| words::facts(c, kind, value)).unwrap_or_default(),
    }
}
