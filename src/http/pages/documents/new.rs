//! A document to be sealed: which seal, which file, where.

use crate::app::seal_document::{self, Choice, Request as Wanted};
use crate::domain::grant::GrantId;
use crate::domain::refusal::Fault;
use crate::domain::seal::SealCode;
use crate::domain::seal_job::{Place, Point, Which};
use crate::http::api::seal_jobs::hundredths;
use crate::http::body::multipart::FileForm;
use crate::http::caller::Caller;
use crate::http::pages::chrome::Chrome;
use crate::http::pages::form::{FormField, Input, ShownFault, faults_of, place};
use crate::http::pages::{given, go_to, page};
use crate::http::problem::{Kind, Place as Part, Problem};
use crate::http::{State, detach};
use askama::Template;
use axum::extract::State as From;
use axum::http::StatusCode;
use axum::response::Response;

/// A seal that can be ticked.
pub(in crate::http::pages) struct SealChoice {
    /// Its code, and the grant where there is one: `code` or `code/grant`.
    pub(in crate::http::pages) value: String,
    pub(in crate::http::pages) code: String,
    pub(in crate::http::pages) owner: String,
    pub(in crate::http::pages) words: String,
    /// Under which grant, in words.
    pub(in crate::http::pages) note: String,
    pub(in crate::http::pages) ticked: bool,
}

#[derive(Template)]
#[template(path = "pages/document_new.html")]
pub(in crate::http::pages) struct NewDocument {
    pub(in crate::http::pages) c: Chrome,
    pub(in crate::http::pages) seals: Vec<SealChoice>,
    /// Makes sending the form twice the same as once.
    pub(in crate::http::pages) key: String,
    /// Whether the seal is to stand at a point rather than on words.
    pub(in crate::http::pages) at_point: bool,
    pub(in crate::http::pages) straddling: bool,
    /// Where the seal stands: words, and the point.
    pub(in crate::http::pages) on_words: Vec<FormField>,
    pub(in crate::http::pages) on_point: Vec<FormField>,
    /// The rest.
    pub(in crate::http::pages) fields: Vec<FormField>,
    pub(in crate::http::pages) file_fault: Option<String>,
    pub(in crate::http::pages) faults: Vec<ShownFault>,
}

/// The fields beside seal and file, in the order of the page: three about words, three about a point, and the reason.
pub(in crate::http::pages) fn fields(c: &Chrome, form: &[(String, String)]) -> Vec<FormField> {
    let field = |name: &str, help: &str, required, input, usual: &str| FormField {
        name: name.to_owned(),
        id: format!("field-{name}"),
        title: c.t(match name {
            "reason" => "documents.reason",
            "words" => "documents.words",
            "which" => "documents.which",
            "nth" => "documents.nth",
            "page" => "documents.page",
            "x" => "documents.x",
            _ => "documents.y",
        }),
        help: c.t(help),
        required,
        pattern: None,
        input,
        value: Some(given(form, name)).filter(|value| !value.is_empty()).unwrap_or(usual).to_owned(),
        fault: None,
    };
    let which =
        ["only", "last", "all"].map(|name| (name.to_owned(), c.t(&format!("documents.which_{name}"))));
    vec![
        field("words", "documents.words_help", true, Input::Line(100), ""),
        field("which", "documents.which_help", true, Input::Radios(which.into()), "only"),
        field("nth", "documents.nth_help", false, Input::Number, ""),
        field("page", "documents.page_help", true, Input::Number, "1"),
        field("x", "documents.x_help", true, Input::Number, ""),
        field("y", "documents.y_help", true, Input::Number, ""),
        field("reason", "documents.reason_help", true, Input::Line(200), ""),
    ]
}

fn choice(c: &Chrome, choice: &Choice, ticked: &str, only: bool) -> SealChoice {
    let (seal, grant) = (&choice.seal, choice.grant.as_ref());
    let value = grant.map_or_else(|| seal.code.to_string(), |grant| format!("{}/{}", seal.code, grant.id));
    let left = |most: u32, used: u32| most.saturating_sub(used).to_string();
    let note = match grant.map(|grant| (grant.most, grant.used)) {
        None => String::new(),
        Some((None, _)) => c.t("documents.under_grant"),
        Some((Some(most), used)) => c.f("documents.under_grant_left", [("left", left(most, used))]),
    };
    SealChoice {
        ticked: only || value == ticked,
        value,
        code: seal.code.to_string(),
        owner: seal.owner_name.clone(),
        words: seal.purpose_words.clone(),
        note,
    }
}

async fn new_page(
    state: &State,
    c: Chrome,
    caller: &Caller,
    form: &[(String, String)],
    faults: Vec<Fault>,
) -> Result<Response, Problem> {
    let choices = seal_document::choices(state, &caller.credential).await?;
    let (ticked, only) = (given(form, "seal"), choices.len() == 1);
    let seals = choices.iter().map(|known| choice(&c, known, ticked, only)).collect();
    let at_point = given(form, "how") == "point";
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    // The form has one field for each part of a place.
    let moved = faults.into_iter().map(|fault| Fault { pointer: of_form(&fault.pointer, at_point), ..fault });
    let moved: Vec<Fault> = moved.collect();
    let file_fault = moved.iter().find(|fault| fault.pointer == "/file").map(|f| c.f(f.code, &f.args));
    let mut fields = fields(&c, form);
    let shown = place(&c, &mut fields, &moved);
    let reason = fields.split_off(6);
    let on_point = fields.split_off(3);
    let key = given(form, "key");
    let key = if key.is_empty() { hex::encode(state.random.bytes::<16>()) } else { key.to_owned() };
    let view = NewDocument {
        seals,
        key,
        at_point,
        straddling: !given(form, "straddling").is_empty(),
        on_words: fields,
        on_point,
        fields: reason,
        file_fault,
        faults: shown,
        c,
    };
    page(status, &view)
}

fn of_form(pointer: &str, at_point: bool) -> String {
    match pointer {
        "/place" if at_point => "/x".to_owned(),
        "/place" => "/words".to_owned(),
        other => other.replace("/place/", "/"),
    }
}

/// `GET /seal-documents/new`
pub(in crate::http::pages) async fn get(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
) -> Result<Response, Problem> {
    new_page(&state, c, &caller, &[], Vec::new()).await
}

/// What was filled in.
fn read_form(form: &FileForm) -> Result<Wanted, Problem> {
    let fields = &form.fields;
    let text = |name: &str| given(fields, name).trim().to_owned();
    let mut faults = Vec::new();
    let ticked = text("seal");
    let (code, grant) = match ticked.split_once('/') {
        Some((code, grant)) => (code, GrantId::parse(grant)),
        None => (ticked.as_str(), None),
    };
    let seal = SealCode::parse(code);
    if seal.is_none() {
        faults.push(Fault::at("/seal", "documents.no_seal"));
    }
    let stands = if text("how") == "point" { point(&text, &mut faults) } else { words(&text, &mut faults) };
    let file = form.files.first().filter(|file| !file.bytes.is_empty());
    if file.is_none() {
        faults.push(Fault::at("/file", "documents.no_file"));
    }
    match (seal, stands, file) {
        (Some(seal), Some(place), Some(file)) if faults.is_empty() => Ok(Wanted {
            seal,
            grant,
            suite: None,
            place,
            straddling: !text("straddling").is_empty(),
            name: file.name.chars().take(200).collect(),
            reason: text("reason"),
            file: file.bytes.clone(),
        }),
        _ => Err(Problem::faults(Kind::Invalid, Part::Body, faults)),
    }
}

fn words(text: &impl Fn(&str) -> String, faults: &mut Vec<Fault>) -> Option<Place> {
    let (words, nth) = (text("words"), text("nth"));
    if words.is_empty() {
        faults.push(Fault::at("/words", "field.required"));
    }
    let which = match (nth.is_empty(), text("which").as_str()) {
        // What is no number is refused as one out of range.
        (false, _) => Which::Nth(nth.parse().unwrap_or(0)),
        (true, "last") => Which::Last,
        (true, "all") => Which::All,
        (true, _) => Which::Only,
    };
    Some(Place::Words { words, which })
}

fn point(text: &impl Fn(&str) -> String, faults: &mut Vec<Fault>) -> Option<Place> {
    let mut number = |name: &str, least: f64, most: f64| {
        let found = text(name).parse::<f64>().ok().filter(|number| (least..=most).contains(number));
        if found.is_none() {
            let fault = Fault::at(format!("/{name}"), "number.out_of_range");
            faults.push(fault.with("min", least).with("max", most));
        }
        found
    };
    let (page, x, y) = (number("page", 1.0, 2_000.0), number("x", 0.0, 5_080.0), number("y", 0.0, 5_080.0));
    Some(Place::At(Point { page: page? as u32, x: hundredths(x?), y: hundredths(y?) }))
}

/// `POST /seal-documents`
pub(in crate::http::pages) async fn post(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    form: FileForm,
) -> Result<Response, Problem> {
    let (service, by) = (state.clone(), caller.credential.clone());
    let key = given(&form.fields, "key").to_owned();
    let sealed = match read_form(&form) {
        Err(problem) => Err(problem),
        Ok(wanted) => detach(async move { seal_document::run(&service, &by, &key, wanted).await }).await,
    };
    match sealed {
        Ok(outcome) => Ok(go_to(&format!("/seal-documents/{}?done=sealed", outcome.job.id))),
        Err(problem) => {
            let faults = faults_of(problem)?;
            // Another file, or another place, is another request.
            let mut fields = form.fields;
            fields.retain(|(name, _)| name != "key");
            new_page(&state, c, &caller, &fields, faults).await
        }
    }
}
