//! A holder answers a request: opens it by its code, compares the number, says yes or no.

use super::asking::{kind_title, titles};
use super::chrome::Chrome;
use super::form::ShownFault;
use super::words::{self, either};
use super::{given, page};
use crate::app::ask::materials::{self, Held};
use crate::app::ask::{self, Fitting, Look};
use crate::app::decode_picture;
use crate::domain::license::LicenseId;
use crate::domain::material::{Fitness, Material};
use crate::domain::show_request::NUMBERS;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::http::{State, body, detach};
use crate::texts::say;
use askama::Template;
use axum::extract::{Request, State as From};
use axum::http::StatusCode;
use axum::response::Response;
use axum::{Form, Json};
use serde::Serialize;

#[derive(Template)]
#[template(path = "pages/answer.html")]
pub(super) struct Answer {
    pub(super) c: Chrome,
    pub(super) faults: Vec<ShownFault>,
    /// What the holder handed in: what it is, when and by whom, whether another took its place.
    pub(super) materials: Vec<(String, String, bool)>,
}

/// What is asked for of one kind, in words.
pub(super) struct AskedCard {
    pub(super) kind: String,
    pub(super) title: String,
    pub(super) required: String,
    /// Name, what it is called, whether it was chosen.
    pub(super) optional: Vec<(String, String, bool)>,
    pub(super) reason: String,
    /// Identifier, what tells it from the others, whether it is the one.
    pub(super) licenses: Vec<(String, String, bool)>,
    pub(super) may_lack: bool,
    /// Whether it is left out, which only what may be lacking can be.
    pub(super) left_out: bool,
}

/// A material that the matter needs, in words.
pub(super) struct MaterialCard {
    pub(super) title: String,
    /// Identifier of one that can be used again; empty where there is none.
    pub(super) id: String,
    pub(super) chosen: bool,
    pub(super) words: String,
    pub(super) changed: bool,
}

impl MaterialCard {
    fn of(c: &Chrome, held: &Held, form: &[(String, String)]) -> Self {
        let told = |code: &str, material: &Material| {
            c.f(code, [("at", words::moment(material.at)), ("who", material.label_of_bringer.clone())])
        };
        let (id, words) = match &held.found {
            None => (String::new(), c.t("answer.material_none")),
            Some((material, Fitness::Fits)) => (material.id.clone(), told("answer.material_fits", material)),
            Some((material, Fitness::Expired)) => (String::new(), told("answer.material_expired", material)),
            Some((material, Fitness::Replaced)) => {
                (String::new(), told("answer.material_replaced", material))
            }
        };
        let chosen = form.iter().any(|(key, value)| key == "material" && *value == id);
        Self { title: either(c, &held.need.title).to_owned(), id, chosen, words, changed: held.changed }
    }
}

#[derive(Template)]
#[template(path = "pages/answer_look.html")]
pub(super) struct LookPage {
    pub(super) c: Chrome,
    pub(super) code: String,
    pub(super) body: String,
    pub(super) counter: String,
    pub(super) title: String,
    pub(super) kept: String,
    pub(super) asked: Vec<AskedCard>,
    pub(super) materials: Vec<MaterialCard>,
    /// Kinds without which there is no yes, and of which the holder has none.
    pub(super) missing: String,
    pub(super) faults: Vec<ShownFault>,
}

#[derive(Template)]
#[template(path = "pages/answer_done.html")]
pub(super) struct Done {
    pub(super) c: Chrome,
    pub(super) yes: bool,
    pub(super) asker: String,
    pub(super) title: String,
}

/// What a picture holds.
#[derive(Serialize)]
pub(super) struct Read {
    text: Option<String>,
}

type Given = Vec<(String, String)>;

/// `GET /wallet/requests`
pub(super) async fn get(From(state): From<State>, c: Chrome, caller: Caller) -> Result<Response, Problem> {
    let all = materials::mine(&state, &caller.credential).await?;
    let row = |material: &Material| {
        let known = state.asking.matters.iter().flat_map(|matter| &matter.materials);
        let title =
            known.filter(|need| need.label == material.label).map(|need| either(&c, &need.title)).next();
        let words = c.f(
            "answer.material_row",
            [("at", words::moment(material.at)), ("who", material.label_of_bringer.clone())],
        );
        (title.unwrap_or(&material.label).to_owned(), words, material.replaced_at.is_some())
    };
    let materials = all.iter().map(row).collect();
    page(StatusCode::OK, &Answer { c, faults: Vec::new(), materials })
}

/// The first page again, with what was wrong.
fn over(c: Chrome, fault: ShownFault) -> Result<Response, Problem> {
    let view = Answer { c, faults: vec![fault], materials: Vec::new() };
    page(StatusCode::UNPROCESSABLE_ENTITY, &view)
}

/// `POST /wallet/requests/decode`: the code in a picture, for browsers that cannot read one themselves.
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

/// A refusal of a code or a number as a fault of the form; the problem itself where it is none.
fn told(c: &Chrome, problem: Problem, target: &str) -> Result<ShownFault, Problem> {
    if !problem.refusal.code.starts_with("ask.") {
        return Err(problem);
    }
    let text = say(problem.refusal.code, c.language, &problem.refusal.args);
    Ok(ShownFault { target: Some(target.to_owned()), text })
}

/// `POST /wallet/requests`
pub(super) async fn look(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Form(form): Form<Given>,
) -> Result<Response, Problem> {
    match seen(&state, caller, &form).await {
        Ok(look) => page(StatusCode::OK, &look_page(c, &state, look, &form, Vec::new())),
        Err(problem) => {
            let fault = told(&c, problem, "code")?;
            over(c, fault)
        }
    }
}

async fn seen(state: &State, caller: Caller, form: &[(String, String)]) -> Result<Look, Problem> {
    let (service, code) = (state.clone(), given(form, "code").to_owned());
    detach(async move { ask::look(&service, &caller.credential, &code).await }).await
}

fn look_page(
    c: Chrome,
    state: &State,
    look: Look,
    form: &[(String, String)],
    faults: Vec<ShownFault>,
) -> LookPage {
    let Look { request, matter, fitting, materials } = look;
    let lacks = |found: &&Fitting| found.licenses.is_empty() && !found.asked.may_lack;
    let missing: Vec<String> =
        fitting.iter().filter(lacks).map(|found| kind_title(&c, state, &found.asked.kind)).collect();
    let card = |found: &Fitting| {
        let kind = &found.asked.kind;
        let reason =
            matter.needs.iter().find(|need| need.kind == *kind).and_then(|need| need.reason.as_ref());
        let (license_name, field_name) = (format!("license-{kind}"), format!("field-{kind}"));
        let picked = given(form, &license_name);
        let licenses = found.licenses.iter().enumerate().map(|(at, license)| {
            let words = c.f(
                "answer.license",
                [("number", license.number.clone()), ("from", words::date(&c, license.valid_from))],
            );
            let id = license.id.to_string();
            // What is not indispensable stays out unless it is picked.
            let chosen = if picked.is_empty() { at == 0 && !found.asked.may_lack } else { picked == id };
            (id, words, chosen)
        });
        let optional = found.asked.optional.iter().map(|name| {
            let chosen = form.iter().any(|(key, value)| *key == field_name && value == name);
            (name.clone(), titles(&c, state, kind, std::slice::from_ref(name)), chosen)
        });
        AskedCard {
            kind: kind.clone(),
            title: kind_title(&c, state, kind),
            required: titles(&c, state, kind, &found.asked.required),
            optional: optional.collect(),
            reason: reason.map(|reason| either(&c, reason).to_owned()).unwrap_or_default(),
            licenses: licenses.collect(),
            may_lack: found.asked.may_lack,
            left_out: found.asked.may_lack && matches!(picked, "" | "no"),
        }
    };
    LookPage {
        asked: fitting.iter().map(card).collect(),
        materials: materials.iter().map(|held| MaterialCard::of(&c, held, form)).collect(),
        code: given(form, "code").to_owned(),
        body: request.body,
        counter: request.counter,
        title: either(&c, &matter.title).to_owned(),
        kept: either(&c, &matter.keep.words).to_owned(),
        missing: missing.join(&c.t("list.comma")),
        faults,
        c,
    }
}

/// `POST /wallet/requests/approve`
pub(super) async fn approve(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Form(form): Form<Given>,
) -> Result<Response, Problem> {
    // The page is drawn again where something is to be corrected, and says what it was about when all is done.
    let look = match seen(&state, caller.clone(), &form).await {
        Ok(look) => look,
        Err(problem) => {
            let fault = told(&c, problem, "code")?;
            return over(c, fault);
        }
    };
    let again = |c: Chrome, look: Look, fault: ShownFault| {
        let view = look_page(c, &state, look, &form, vec![fault]);
        page(StatusCode::UNPROCESSABLE_ENTITY, &view)
    };
    let number = number(given(&form, "number"));
    let Some(number) = number else {
        let fault = ShownFault { target: Some("number".into()), text: c.t("answer.number_form") };
        return again(c, look, fault);
    };
    let materials = form.iter().filter(|(key, _)| key == "material").map(|(_, value)| value.clone());
    let yes = ask::Yes {
        code: given(&form, "code").to_owned(),
        number,
        licenses: choices(&look, &form),
        materials: materials.collect(),
    };
    let (asker, title) = (look.request.asker(), either(&c, &look.matter.title).to_owned());
    let service = state.clone();
    let said = detach(async move { ask::approve(&service, &caller.credential, yes).await }).await;
    match said {
        Ok(_) => page(StatusCode::OK, &Done { c, yes: true, asker, title }),
        Err(problem) if problem.refusal.code == "ask.wrong_number" => {
            let fault = told(&c, problem, "number")?;
            again(c, look, fault)
        }
        Err(problem) => {
            let fault = told(&c, problem, "code")?;
            over(c, fault)
        }
    }
}

/// The two digits, as any input method writes them.
fn number(text: &str) -> Option<u8> {
    let narrow = |c: char| match c {
        '０'..='９' => char::from_digit(c as u32 - '０' as u32, 10).unwrap_or(c),
        other => other,
    };
    let digits: String = text.trim().chars().map(narrow).collect();
    digits.parse().ok().filter(|number| NUMBERS.contains(number))
}

/// What was chosen in the form; of a kind that may be left out only where a license is picked.
fn choices(look: &Look, form: &[(String, String)]) -> Vec<ask::Choice> {
    let choice = |found: &Fitting| {
        let kind = &found.asked.kind;
        let license = LicenseId::parse(given(form, &format!("license-{kind}"))).ok()?;
        let name = format!("field-{kind}");
        let fields = form.iter().filter(|(key, _)| *key == name).map(|(_, value)| value.clone());
        Some(ask::Choice { license, fields: fields.collect() })
    };
    look.fitting.iter().filter_map(choice).collect()
}

/// `POST /wallet/requests/decline`
pub(super) async fn decline(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    Form(form): Form<Given>,
) -> Result<Response, Problem> {
    let code = given(&form, "code").to_owned();
    let said = detach(async move { ask::decline(&state, &caller.credential, &code).await }).await;
    match said {
        Ok(()) => page(StatusCode::OK, &Done { c, yes: false, asker: String::new(), title: String::new() }),
        Err(problem) => {
            let fault = told(&c, problem, "code")?;
            over(c, fault)
        }
    }
}
