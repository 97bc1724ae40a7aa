//! The desk of a clerk or institution: a code comes in, a verdict is the page.

use super::chrome::Chrome;
use super::verdict::Verdict;
use super::words::{self, either};
use super::{given, page};
use crate::app::{decode_picture, redeem_show_code};
use crate::domain::license::kind::NumberRule;
use crate::http::body;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::http::{State, detach};
use askama::Template;
use axum::extract::{Request, State as From};
use axum::http::StatusCode;
use axum::response::Response;
use axum::{Form, Json};
use serde::Serialize;

#[derive(Template)]
#[template(path = "pages/desk.html")]
pub(super) struct Desk {
    pub(super) c: Chrome,
    pub(super) verdict: Option<Verdict>,
    pub(super) matter: String,
    pub(super) network_down: Verdict,
}

impl Desk {
    pub(super) fn new(c: Chrome, verdict: Option<Verdict>, matter: String) -> Self {
        Self { network_down: Verdict::network(&c), c, verdict, matter }
    }
}

/// `GET /desk`
pub(super) async fn get(c: Chrome) -> Result<Response, Problem> {
    let matter = c.t("desk.matter_default");
    page(StatusCode::OK, &Desk::new(c, None, matter))
}

/// `POST /desk`
pub(super) async fn post(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let matter = given(&form, "matter").to_owned();
    let request = redeem_show_code::Request { code: given(&form, "code").to_owned(), matter: matter.clone() };
    let service = state.clone();
    let redeemed =
        detach(async move { redeem_show_code::run(&service, &caller.credential, request).await }).await;
    let verdict = match redeemed {
        Ok(shown) => verdict_of(&c, &state, &shown),
        Err(problem) => {
            let mut verdict = Verdict::refused(&c, &problem.refusal).ok_or(problem)?;
            verdict.as_of = c.f("desk.as_of_plain", [("time", words::clock(state.clock.now()))]);
            verdict
        }
    };
    page(StatusCode::OK, &Desk::new(c, Some(verdict), matter))
}

/// The verdict on what was shown. Who it is about is among what the holder shows: see the form for showing.
fn verdict_of(c: &Chrome, state: &State, shown: &redeem_show_code::Shown) -> Verdict {
    let mut verdict = Verdict::valid(c);
    let told: Vec<Told> = shown.licenses.iter().map(|license| told(c, state, license)).collect();
    let issuers: Vec<&str> = shown.licenses.iter().map(|license| license.issuer_name.as_str()).collect();
    verdict.whose =
        told.iter().map(|told| told.whose.as_str()).collect::<Vec<_>>().join(&c.t("list.semicolon"));
    verdict.sentence = c.f("verdict.valid_sentence", [("issuer", issuers.join(&c.t("list.comma")))]);
    verdict.disclosed_why = c.f("desk.disclosed_why", [("purpose", shown.purpose.clone())]);
    if let Some(name) = &shown.deputy {
        verdict.disclosed_why += &c.f("deputy.desk", [("name", name.clone())]);
    }
    verdict.as_of = c.f("desk.as_of", [("time", words::clock(shown.redeemed_at))]);
    verdict.facts = told.into_iter().flat_map(|told| told.facts).collect();
    verdict
}

/// One license in words: whose it is, and what was shown of it.
struct Told {
    whose: String,
    facts: Vec<(String, String)>,
}

fn told(c: &Chrome, state: &State, license: &redeem_show_code::ShownLicense) -> Told {
    let value = |name: &str| {
        license.fields.iter().find(|field| field.name == name).and_then(|field| field.value.clone())
    };
    let kind = state.kinds.get(&license.kind);
    let mut whose: Vec<String> = kind.and_then(|kind| value(&kind.holder.name)).into_iter().collect();
    whose.push(either(c, &license.kind_title).to_owned());
    if let Some(NumberRule::Field(name)) = kind.map(|kind| &kind.number)
        && let Some(number) = value(name)
    {
        whose.push(c.f("desk.tail", [("tail", words::tail(&number))]));
    }
    let facts = kind.map(|kind| words::facts(c, kind, value)).unwrap_or_default();
    Told { whose: whose.join(" · "), facts }
}

/// What a picture holds.
#[derive(Serialize)]
pub(super) struct Read {
    text: Option<String>,
}

/// `POST /desk/decode`: the code in a picture (PNG or JPEG), for browsers that cannot read one themselves.
pub(super) async fn decode(_: Caller, request: Request) -> Result<Json<Read>, Problem> {
    let (parts, body) = request.into_parts();
    let picture = body::read(&parts.headers, body, decode_picture::MAX_BYTES).await?;
    Ok(Json(Read { text: decode_picture::run(picture.to_vec()).await? }))
}
