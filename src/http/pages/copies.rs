//! Annotated copies on pages: what for, for whom, how long; then the files. For the holder, the company's manager and the
//! issuer, each from where they see the license.

use super::chrome::Chrome;
use super::codes::faults;
use super::department::kind_title;
use super::form::ShownFault;
use super::license::identifier;
use super::show::presets;
use super::{given, go_to, page, words};
use crate::app::papers::copy;
use crate::app::read_license;
use crate::domain::license::License;
use crate::domain::paper::{COPY_DAYS, Paper};
use crate::domain::party::Role;
use crate::domain::time::Timestamp;
use crate::http::api::papers::{FormQuery, download};
use crate::http::body::StrictQuery;
use crate::http::caller::Caller;
use crate::http::problem::{Kind, Problem};
use crate::http::{State, detach};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State as From};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

/// Days that a copy is ordered for most often; any other number can be entered.
const USUAL_DAYS: &str = "30";

#[derive(Template)]
#[template(path = "pages/copy_order.html")]
struct Order {
    c: Chrome,
    license: String,
    kind: String,
    number: String,
    back: (String, String),
    /// A fresh key: what was refused made nothing, and what is sent next is another order.
    key: String,
    presets: Vec<String>,
    purpose: String,
    recipient: String,
    days: String,
    most_days: u32,
    faults: Vec<ShownFault>,
}

#[derive(Template)]
#[template(path = "pages/copy_made.html")]
struct Made {
    c: Chrome,
    license: String,
    kind: String,
    number: String,
    back: (String, String),
    id: String,
    made: String,
    until: String,
    /// Name and word of each form.
    forms: Vec<(&'static str, String)>,
}

/// Which copy was just made.
#[derive(Deserialize)]
pub(super) struct Asked {
    made: Option<String>,
}

/// Where the caller sees the license: address and name of the page.
fn back(c: &Chrome, caller: &Caller, license: &License) -> (String, String) {
    match caller.credential.role {
        Role::Department => (format!("/department/licenses/{}", license.id), license.holder.name.clone()),
        Role::CompanyManager => ("/space".to_owned(), c.t("space.title")),
        _ => ("/wallet".to_owned(), c.t("wallet.title")),
    }
}

fn order(
    state: &State,
    c: Chrome,
    caller: &Caller,
    license: &License,
    entered: Option<&[(String, String)]>,
) -> Order {
    let text = |name: &str, usual: &str| {
        entered.map_or_else(|| usual.to_owned(), |form| given(form, name).to_owned())
    };
    Order {
        license: license.id.to_string(),
        kind: kind_title(&c, state, &license.kind),
        number: license.number.clone(),
        back: back(&c, caller, license),
        key: hex::encode(state.random.bytes::<16>()),
        presets: presets(&c, &state.purposes).into_iter().map(|preset| preset.title).collect(),
        purpose: text("purpose", ""),
        recipient: text("recipient", ""),
        days: text("days", USUAL_DAYS),
        most_days: *COPY_DAYS.end(),
        faults: Vec::new(),
        c,
    }
}

fn made(state: &State, c: Chrome, caller: &Caller, license: &License, paper: Paper) -> Made {
    let moment = |at: Timestamp| words::moment(at);
    let forms = paper.files.iter().map(|file| (file.form.name(), file.form.name().to_ascii_uppercase()));
    Made {
        license: license.id.to_string(),
        kind: kind_title(&c, state, &license.kind),
        number: license.number.clone(),
        back: back(&c, caller, license),
        made: moment(paper.made_at),
        until: paper.expires_at.map(moment).unwrap_or_default(),
        forms: forms.collect(),
        id: paper.id,
        c,
    }
}

/// `GET /copies/{license}`: the order; or the files, once it was made.
pub(super) async fn get(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Path(license): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let license = read_license::run(&state, &caller.credential, &identifier(&license)?).await?;
    match asked.made {
        Some(id) => {
            let paper = copy::about(&state, &caller.credential, &id).await?;
            if paper.about != license.id.as_str() {
                return Err(Problem::new(Kind::NotFound, "paper.unknown"));
            }
            page(StatusCode::OK, &made(&state, c, &caller, &license, paper))
        }
        None => page(StatusCode::OK, &order(&state, c, &caller, &license, None)),
    }
}

/// `POST /copies/{license}`
pub(super) async fn post(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Path(license): Path<String>,
    Form(entered): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let id = identifier(&license)?;
    let key = given(&entered, "key").to_owned();
    if key.is_empty() || key.len() > 64 || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Problem::new(Kind::Invalid, "idempotency.key_form"));
    }
    let request = copy::Request {
        purpose: given(&entered, "purpose").to_owned(),
        recipient: given(&entered, "recipient").to_owned(),
        // What is no number is no number of days.
        days: given(&entered, "days").trim().parse().unwrap_or(0),
    };
    let (service, by, wanted) = (state.clone(), caller.credential.clone(), id.clone());
    match detach(async move { copy::run(&service, &by, &wanted, &key, &request).await }).await {
        Ok(paper) => Ok(go_to(&format!("/copies/{id}?made={}", paper.id))),
        Err(problem) if matches!(problem.kind, Kind::Invalid | Kind::Conflict) => {
            let license = read_license::run(&state, &caller.credential, &id).await?;
            let faults = faults(&c, &problem).into_iter().map(|fault| named(&c, fault)).collect();
            let view = Order { faults, ..order(&state, c, &caller, &license, Some(&entered)) };
            page(StatusCode::UNPROCESSABLE_ENTITY, &view)
        }
        Err(problem) => Err(problem),
    }
}

/// A fault with the name of the part that it lies in.
fn named(c: &Chrome, fault: ShownFault) -> ShownFault {
    let title = match fault.target.as_deref() {
        Some("purpose") => "copy.purpose",
        Some("recipient") => "copy.recipient",
        Some("days") => "copy.days",
        _ => return fault,
    };
    let text = format!("{}{}{}", c.t(title), c.t("list.colon"), fault.text);
    ShownFault { text, ..fault }
}

/// `GET /copies/{license}/{copy}/file`
pub(super) async fn file(
    From(state): From<State>,
    caller: Caller,
    Path((license, id)): Path<(String, String)>,
    StrictQuery(query): StrictQuery<FormQuery>,
) -> Result<Response, Problem> {
    let file = copy::file(&state, &caller.credential, &id, query.form()?).await?;
    if file.paper.about != license {
        return Err(Problem::new(Kind::NotFound, "paper.unknown"));
    }
    Ok(download(file))
}
