//! The kiosk's screen: face the camera, choose a license, say what for, take the sheet. Big targets, few words; every step is a
//! page of its own, and the script only waits and tidies up.

use super::asking::kind_title;
use super::chrome::Chrome;
use super::show::presets;
use super::{given, go_to, page};
use crate::app::kiosk::{self, Seen, Wish};
use crate::domain::kiosk::Step;
use crate::domain::offline_code::MOST_PURPOSE;
use crate::http::api::kiosk::sheet;
use crate::http::caller::Caller;
use crate::http::problem::{Kind, Problem};
use crate::http::{State, detach};
use askama::Template;
use axum::extract::{Path, Query, State as From};
use axum::http::StatusCode;
use axum::response::Response;
use axum::{Form, Json};
use serde::{Deserialize, Serialize};

/// A license to choose, in words.
struct Choice {
    number: u32,
    kind: String,
    masked_number: String,
}

#[derive(Template)]
#[template(path = "pages/kiosk.html")]
struct Screen {
    c: Chrome,
    /// Which screen: `start`, `waiting`, `choose`, `purpose`, `printed`, `expired`.
    step: &'static str,
    id: String,
    licenses: Vec<Choice>,
    chosen: Option<Choice>,
    purposes: Vec<String>,
    /// Why nothing was printed.
    fault: Option<String>,
}

/// One of the steps that stand at the top of every screen.
struct StepLine {
    number: usize,
    title: String,
    /// The one that the screen is about.
    here: bool,
    done: bool,
}

impl Screen {
    fn steps(&self) -> Vec<StepLine> {
        let at = match self.step {
            "waiting" => 1,
            "choose" => 2,
            "purpose" => 3,
            "printed" => 4,
            _ => 0,
        };
        let titles = [
            "kiosk_page.step_face",
            "kiosk_page.step_license",
            "kiosk_page.step_purpose",
            "kiosk_page.step_sheet",
        ];
        let line = |(number, title)| StepLine {
            number,
            title: self.c.t(title),
            here: number == at,
            done: number < at,
        };
        (1..).zip(titles).map(line).collect()
    }
}

/// What was chosen so far.
#[derive(Deserialize)]
pub(super) struct Chosen {
    #[serde(default)]
    license: u32,
}

/// How far a session is, for the page that waits.
#[derive(Serialize)]
pub(super) struct StateNow {
    state: &'static str,
}

fn screen(c: Chrome, state: &State, seen: Seen, chosen: u32, fault: Option<String>) -> Screen {
    let licenses = seen.licenses.into_iter().map(|choice| Choice {
        number: choice.number,
        kind: kind_title(&c, state, &choice.kind),
        masked_number: choice.masked_number,
    });
    let (picked, licenses): (Vec<Choice>, Vec<Choice>) =
        licenses.partition(|choice| seen.step == Step::Recognised && choice.number == chosen);
    let chosen = picked.into_iter().next();
    Screen {
        step: match (seen.step, &chosen) {
            (Step::Recognised, Some(_)) => "purpose",
            (Step::Recognised, None) => "choose",
            (other, _) => other.name(),
        },
        id: seen.session.id,
        licenses,
        chosen,
        // A sheet has room for few words.
        purposes: presets(&c, &state.purposes)
            .into_iter()
            .map(|preset| preset.title)
            .filter(|title| title.chars().count() <= MOST_PURPOSE)
            .collect(),
        fault,
        c,
    }
}

/// `GET /kiosk`
pub(super) async fn start(c: Chrome) -> Result<Response, Problem> {
    let view = Screen {
        c,
        step: "start",
        id: String::new(),
        licenses: Vec::new(),
        chosen: None,
        purposes: Vec::new(),
        fault: None,
    };
    page(StatusCode::OK, &view)
}

/// `POST /kiosk`
pub(super) async fn open(From(state): From<State>, caller: Caller) -> Result<Response, Problem> {
    let seen = detach(async move { kiosk::open(&state, &caller.credential).await }).await?;
    Ok(go_to(&format!("/kiosk/{}", seen.session.id)))
}

/// `GET /kiosk/{id}`
pub(super) async fn get(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Path(id): Path<String>,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Problem> {
    let seen = kiosk::watch(&state, &caller.credential, &id).await?;
    page(StatusCode::OK, &screen(c, &state, seen, chosen.license, None))
}

/// `GET /kiosk/{id}/state`
pub(super) async fn state(
    From(state): From<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<StateNow>, Problem> {
    Ok(Json(StateNow { state: kiosk::watch(&state, &caller.credential, &id).await?.step.name() }))
}

/// `POST /kiosk/{id}/print`: the sheet, or the screen that says why not.
pub(super) async fn print(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Path(id): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let license = given(&form, "license").parse().unwrap_or(0);
    let wish = Wish { license, purpose: given(&form, "purpose").to_owned(), recipient: None };
    let (service, who, asked) = (state.clone(), caller.credential.clone(), id.clone());
    match detach(async move { kiosk::print(&service, &who, &asked, wish).await }).await {
        Ok(made) => Ok(sheet(made.code.id.as_str(), made.sheet)),
        Err(problem) if matches!(problem.kind, Kind::Invalid | Kind::Conflict | Kind::Gone) => {
            let worded = problem.worded(c.language);
            let first = worded.errors.into_iter().next().map(|fault| fault.detail);
            let fault = Some(first.unwrap_or(worded.detail));
            let seen = kiosk::watch(&state, &caller.credential, &id).await?;
            page(problem.kind.status(), &screen(c, &state, seen, 0, fault))
        }
        Err(problem) => Err(problem),
    }
}

/// `POST /kiosk/{id}/end`
pub(super) async fn end(
    From(state): From<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    detach(async move { kiosk::end(&state, &caller.credential, &id).await }).await?;
    Ok(go_to("/kiosk"))
}
