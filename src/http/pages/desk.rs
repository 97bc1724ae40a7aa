//! The desk of a clerk or institution: a code comes in, a verdict is the page. Whatever works without the network is
//! prepared here, since when it is needed there is nobody to ask.

mod offline;
mod shown;
mod worker;

pub(super) use worker::{shell, worker};

use super::chrome::Chrome;
use super::verdict::{Reason, Verdict};
use super::words;
use super::{given, page};
use crate::app::offline::{compared, make_use};
use crate::app::{decode_picture, redeem_show_code};
use crate::domain::scanned::{self, Scanned};
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
use std::time::Duration;

/// What the page's script says for itself.
const WORDS: [(&str, &str); 20] = [
    ("bundle_none", "desk.bundle_none"),
    ("bundle_age", "desk.bundle_age"),
    ("bundle_ageing", "desk.bundle_ageing"),
    ("bundle_old", "desk.bundle_old"),
    ("minutes", "desk.minutes"),
    ("hours", "desk.hours"),
    ("days", "desk.days"),
    ("as_of_offline", "desk.as_of_offline"),
    ("as_of_aged", "desk.as_of_aged"),
    ("as_of_plain", "desk.as_of_plain"),
    ("issuer", "desk.issuer"),
    ("tail", "desk.tail"),
    ("why", "desk.disclosed_why"),
    ("recipient", "desk.recipient"),
    ("seen", "desk.seen_here"),
    ("clearing", "desk.clearing"),
    ("signed_by", "desk.signed_by"),
    ("key", "desk.signing_key"),
    ("finding", "desk.finding"),
    ("list", "desk.list"),
];
/// The values that the script fills in.
const VALUES: [&str; 12] = [
    "time",
    "at",
    "age",
    "left",
    "days",
    "hours",
    "minutes",
    "seconds",
    "issuer",
    "tail",
    "purpose",
    "recipient",
];

#[derive(Template)]
#[template(path = "pages/desk.html")]
pub(super) struct Desk {
    pub(super) c: Chrome,
    pub(super) verdict: Option<Verdict>,
    pub(super) matter: String,
    /// Every verdict, for the script: without a network it chooses one and fills it in.
    pub(super) blanks: Vec<Verdict>,
    pub(super) words: Vec<(&'static str, String)>,
    /// Whether this is the page that the browser keeps: it names nobody.
    pub(super) shell: bool,
}

impl Desk {
    pub(super) fn new(c: Chrome, verdict: Option<Verdict>, matter: String) -> Self {
        let values = VALUES.map(|name| (name, format!("{{{name}}}")));
        let words = WORDS.map(|(name, code)| (name, c.f(code, &values))).into();
        let blanks = Reason::ALL.map(|reason| Verdict::blank(&c, reason)).into();
        Self { blanks, words, c, verdict, matter, shell: false }
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
    let code = given(&form, "code").to_owned();
    let mut verdict = match scanned::tell(&code) {
        Scanned::Rolling => redeem(&state, &c, caller, code, matter.clone()).await?,
        Scanned::Paper | Scanned::Phone => check(&state, &c, caller, code, matter.clone()).await?,
        other => Verdict::of(&c, not_asked(other)),
    };
    if verdict.as_of.is_empty() {
        verdict.as_of = c.f("desk.as_of_plain", [("time", words::clock(state.clock.now()))]);
    }
    page(StatusCode::OK, &Desk::new(c, Some(verdict), matter))
}

/// What is said of codes that nobody has to be asked about.
const fn not_asked(scanned: Scanned) -> Reason {
    match scanned {
        Scanned::Incomplete => Reason::Misread,
        Scanned::Payment => Reason::Payment,
        Scanned::Address => Reason::Address,
        Scanned::Other => Reason::Other,
        Scanned::OtherVersion | Scanned::Rolling | Scanned::Paper | Scanned::Phone => Reason::NotHere,
    }
}

async fn redeem(
    state: &State,
    c: &Chrome,
    caller: Caller,
    code: String,
    matter: String,
) -> Result<Verdict, Problem> {
    let request = redeem_show_code::Request { code, matter };
    let service = state.clone();
    let redeemed =
        detach(async move { redeem_show_code::run(&service, &caller.credential, request).await }).await;
    match redeemed {
        Ok(shown) => Ok(shown::verdict(c, state, &shown)),
        Err(problem) => Verdict::refused(c, &problem.refusal).ok_or(problem),
    }
}

async fn check(
    state: &State,
    c: &Chrome,
    caller: Caller,
    code: String,
    matter: String,
) -> Result<Verdict, Problem> {
    let request = make_use::Request { code, matter, compared: false };
    let service = state.clone();
    let checked = detach(async move { make_use::now(&service, &caller.credential, request).await });
    Ok(offline::verdict(c, state, &checked.await?))
}

/// `POST /desk/compared`: the clerk's tick.
pub(super) async fn compared(
    From(state): From<State>,
    caller: Caller,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<StatusCode, Problem> {
    let used = given(&form, "use").to_owned();
    detach(async move { compared::run(&state, &caller.credential, &used).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What became of a check that was told afterwards.
#[derive(Serialize)]
pub(super) struct KeptUse {
    /// The use, where its receipt can be had.
    receipt: Option<String>,
}

/// `POST /desk/kept`: a check that this desk made without a network.
pub(super) async fn kept(
    From(state): From<State>,
    caller: Caller,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Json<KeptUse>, Problem> {
    let given = |name: &str| given(&form, name).to_owned();
    let ago = given("seconds_ago").parse().map_or(Duration::MAX, Duration::from_secs);
    let request = make_use::Request {
        code: given("code"),
        matter: given("matter"),
        compared: given("compared") == "true",
    };
    let kept = make_use::Kept { id: given("id"), ago };
    let work = async move { make_use::told_later(&state, &caller.credential, request, kept).await };
    let checked = detach(work).await?;
    let passed = checked.verdict == crate::domain::report::Verdict::Passed;
    Ok(Json(KeptUse { receipt: checked.used.filter(|_| passed) }))
}

/// What a picture holds.
#[derive(Serialize)]
pub(super) struct Read {
    text: Option<String>,
}

/// `POST /desk/decode`: the code in a picture (PNG or JPEG), for browsers that cannot read one themselves.
pub(super) async fn decode(
    From(state): From<State>,
    caller: Caller,
    request: Request,
) -> Result<Json<Read>, Problem> {
    let (parts, body) = request.into_parts();
    let picture = body::read(&parts.headers, body, decode_picture::MAX_BYTES).await?;
    let text = decode_picture::for_caller(&state, &caller.credential, picture.to_vec()).await?;
    Ok(Json(Read { text }))
}
