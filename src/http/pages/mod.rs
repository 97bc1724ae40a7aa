//! Pages for people. Each screen is a file with its template beside it; `chrome` is what stands around each,
//! `form` and `words` put domain values into fields and words. No page needs a script to work, except the camera.

mod answering;
mod asking;
mod chrome;
mod codes;
mod copies;
mod department;
mod desk;
mod documents;
mod envelope;
mod envelopes;
mod family;
mod form;
mod grants;
mod home;
mod icons;
mod issue;
mod kiosk;
mod license;
mod offline;
mod papers;
mod printed;
mod registry;
mod rules;
mod seal_change;
mod seals;
mod show;
mod sign_in;
mod slice;
mod space;
mod space_grants;
mod trust;
mod trust_lists;
mod uses;
mod verdict;
mod verify;
mod verify_code;
mod wallet;
mod webhooks;
mod words;

#[cfg(test)]
mod tests;

use super::api::seal_jobs::SEALERS;
use super::assets;
use super::problem::{Kind, Problem};
use super::route::Route;
use crate::domain::party::Role;
use crate::texts::Language;
use askama::Template;
use axum::http::header::LOCATION;
use axum::http::{StatusCode, Uri};
use axum::response::{Html, IntoResponse, Response};
use chrome::Chrome;

const DEPARTMENT: &[Role] = &[Role::Department];
const SEALS: &[Role] = &[Role::SealAdministrator];
const HOLDER: &[Role] = &[Role::Holder];
/// Those who have a space of their own.
const SPACES: &[Role] = &[Role::Holder, Role::CompanyManager, Role::Sealer];
const MANAGER: &[Role] = &[Role::CompanyManager];
/// Those who have annotated copies made.
const COPIES: &[Role] = &[Role::Department, Role::Holder, Role::CompanyManager];
const DESK: &[Role] = &[Role::Clerk, Role::Institution];
const OPERATOR: &[Role] = &[Role::Operator];

/// Every page.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/", home::get).public(),
        Route::get("/preferences", home::preferences).public(),
        Route::get("/sign-in", sign_in::get).public(),
        Route::post("/sign-in", sign_in::post).public(),
        Route::post("/sign-out", sign_in::out).public(),
        Route::get("/department", department::get).roles(DEPARTMENT),
        Route::get("/department/issue", issue::kinds).roles(DEPARTMENT),
        Route::get("/department/issue/{kind}", issue::get).roles(DEPARTMENT),
        Route::post("/department/issue/{kind}", issue::post).roles(DEPARTMENT),
        Route::post("/department/preview/{kind}", issue::preview).roles(DEPARTMENT),
        Route::get("/department/envelopes", envelopes::list).roles(DEPARTMENT),
        Route::get("/department/envelopes/{id}", envelope::get).roles(DEPARTMENT),
        Route::get("/department/envelopes/{id}/audit", envelopes::audit).roles(DEPARTMENT),
        Route::get("/department/envelopes/{id}/file", envelope::file).roles(DEPARTMENT),
        Route::get("/department/envelopes/{id}/correct", issue::correct_form).roles(DEPARTMENT),
        Route::post("/department/envelopes/{id}/correct", issue::correct).roles(DEPARTMENT),
        Route::post("/department/envelopes/{id}/{act}", envelope::act).roles(DEPARTMENT),
        Route::get("/department/businesses", registry::list).roles(DEPARTMENT),
        Route::get("/department/businesses/{code}", registry::get).roles(DEPARTMENT),
        Route::post("/department/businesses/{code}/manager", registry::hand_over).roles(DEPARTMENT),
        Route::post("/department/businesses/{code}/deregister", registry::deregister).roles(DEPARTMENT),
        Route::get("/department/grants", grants::to_department).roles(DEPARTMENT),
        Route::get("/department/grants/{id}", grants::one_given).roles(DEPARTMENT),
        Route::get("/department/webhooks", webhooks::list).roles(DEPARTMENT),
        Route::get("/department/webhooks/register", webhooks::register_form).roles(DEPARTMENT),
        Route::post("/department/webhooks/register", webhooks::register).roles(DEPARTMENT),
        Route::get("/department/webhooks/{id}", webhooks::get).roles(DEPARTMENT),
        Route::post("/department/webhooks/{id}/{act}", webhooks::act).roles(DEPARTMENT),
        Route::get("/department/licenses/{id}", license::get).roles(DEPARTMENT),
        Route::get("/department/licenses/{id}/file", license::file).roles(DEPARTMENT),
        Route::post("/department/licenses/{id}/end", license::end).roles(DEPARTMENT),
        Route::post("/department/licenses/{id}/suspend", license::suspend).roles(DEPARTMENT),
        Route::post("/department/licenses/{id}/resume", license::resume).roles(DEPARTMENT),
        Route::get("/department/licenses/{id}/amend", issue::amend_form).roles(DEPARTMENT),
        Route::post("/department/licenses/{id}/amend", issue::amend).roles(DEPARTMENT),
        Route::get("/copies/{id}", copies::get).roles(COPIES),
        Route::post("/copies/{id}", copies::post).roles(COPIES),
        Route::get("/copies/{id}/{copy}/file", copies::file).roles(COPIES),
        Route::get("/seal-documents", documents::list).roles(SEALERS),
        Route::post("/seal-documents", documents::post).roles(SEALERS),
        Route::get("/seal-documents/new", documents::new).roles(SEALERS),
        Route::get("/seal-documents/seals/{code}/picture.svg", documents::picture).roles(SEALERS),
        Route::get("/seal-documents/{id}", documents::one).roles(SEALERS),
        Route::get("/seal-documents/{id}/file", documents::file).roles(SEALERS),
        Route::get("/seals", seals::list).roles(SEALS),
        Route::get("/seals/request", seal_change::request_form).roles(SEALS),
        Route::post("/seals/request", seal_change::request).roles(SEALS),
        Route::get("/seals/rules", rules::list).roles(SEALS),
        Route::post("/seals/rules", rules::propose).roles(SEALS),
        Route::post("/seals/rules/{id}/{act}", rules::act).roles(SEALS),
        Route::get("/seals/{code}", seals::get).roles(SEALS),
        Route::get("/seals/{code}/grants", grants::of_seal).roles(SEALS),
        Route::post("/seals/{code}/grants", grants::grant).roles(SEALS),
        Route::get("/seals/{code}/grants/new", grants::new).roles(SEALS),
        Route::get("/seals/{code}/grants/{id}", grants::one).roles(SEALS),
        Route::post("/seals/{code}/grants/{id}/withdraw", grants::withdraw).roles(SEALS),
        Route::get("/seals/{code}/papers/{sha256}", seals::paper).roles(SEALS),
        Route::get("/seals/{code}/picture.svg", seals::picture).roles(SEALS),
        Route::post("/seals/{code}/{act}", seal_change::act).roles(SEALS),
        Route::get("/wallet", wallet::get).roles(HOLDER),
        Route::get("/wallet/looks", wallet::looks).roles(HOLDER),
        Route::get("/wallet/codes", codes::list).roles(HOLDER),
        Route::post("/wallet/codes/{id}/end", codes::end).roles(HOLDER),
        Route::post("/wallet/phones/{id}/withdraw", codes::withdraw).roles(HOLDER),
        Route::get("/wallet/{id}/print", codes::print_form).roles(HOLDER),
        Route::post("/wallet/{id}/print", codes::print).roles(HOLDER),
        Route::get("/wallet/showings/{showing}", show::state).roles(HOLDER),
        Route::get("/wallet/showings", wallet::showings).roles(HOLDER),
        Route::get("/wallet/{id}/file", wallet::file).roles(HOLDER),
        Route::get("/wallet/requests", answering::get).roles(HOLDER),
        Route::post("/wallet/requests", answering::look).roles(HOLDER),
        Route::post("/wallet/requests/approve", answering::approve).roles(HOLDER),
        Route::post("/wallet/requests/decline", answering::decline).roles(HOLDER),
        Route::post("/wallet/requests/decode", answering::decode).roles(HOLDER),
        Route::get("/wallet/{id}/face.svg", wallet::face).roles(HOLDER),
        Route::get("/wallet/{id}/show", show::one).roles(HOLDER),
        Route::get("/wallet/show", show::get).roles(HOLDER),
        Route::post("/wallet/show", show::post).roles(HOLDER),
        Route::post("/wallet/codes", show::draw).roles(HOLDER),
        Route::post("/wallet/withdraw", show::withdraw).roles(HOLDER),
        Route::post("/wallet/kept", show::keep).roles(HOLDER),
        Route::post("/wallet/kept/drop", show::drop_kept).roles(HOLDER),
        Route::get("/wallet/offline", offline::get).public(),
        Route::get("/wallet/worker.js", offline::worker).public(),
        Route::get("/wallet/family", family::get).roles(HOLDER),
        Route::post("/wallet/family", family::name).roles(HOLDER),
        Route::get("/wallet/family/{id}", family::cards).roles(HOLDER),
        Route::post("/wallet/family/{id}/withdraw", family::withdraw).roles(HOLDER),
        Route::get("/space", space::get).roles(SPACES),
        Route::get("/space/uses", space::uses).roles(SPACES),
        Route::post("/space/uses/{id}/dispute", uses::dispute).roles(&[Role::Holder, Role::CompanyManager]),
        Route::get("/disputes", uses::disputes).roles(&[Role::Operator, Role::Auditor]),
        Route::post("/disputes/{id}/answer", uses::answer).roles(OPERATOR),
        Route::get("/space/grants/new", space_grants::new).roles(MANAGER),
        Route::post("/space/grants/new", space_grants::post).roles(MANAGER),
        Route::post("/space/grants/{id}/withdraw", space_grants::withdraw).roles(MANAGER),
        Route::post("/space/people", space::let_in).roles(MANAGER),
        Route::post("/space/people/{id}/let-go", space::let_go).roles(MANAGER),
        Route::get("/space/seals/{code}/picture.svg", space::picture).roles(SPACES),
        Route::get("/desk", desk::get).roles(DESK),
        Route::post("/desk", desk::post).roles(DESK),
        Route::post("/desk/decode", desk::decode).roles(DESK),
        Route::post("/desk/compared", desk::compared).roles(DESK),
        Route::post("/desk/kept", desk::kept).roles(DESK),
        Route::get("/desk/shell", desk::shell).public(),
        Route::get("/desk/worker.js", desk::worker).public(),
        Route::get("/desk/ask", asking::get).roles(DESK),
        Route::post("/desk/ask", asking::post).roles(DESK),
        Route::get("/desk/ask/{id}", asking::one).roles(DESK),
        Route::get("/desk/ask/{id}/state", asking::state).roles(DESK),
        Route::post("/desk/ask/{id}/withdraw", asking::withdraw).roles(DESK),
        Route::post("/desk/showings/{id}/receipt", papers::make_receipt).roles(DESK),
        Route::post("/desk/uses/{id}/receipt", papers::make_code_receipt).roles(DESK),
        Route::post("/desk/ask/{id}/materials", asking::bring).roles(DESK),
        Route::get("/desk/ask/{id}/materials/{material}", asking::material).roles(DESK),
        Route::get("/kiosk", kiosk::start).roles(DESK),
        Route::post("/kiosk", kiosk::open).roles(DESK),
        Route::get("/kiosk/{id}", kiosk::get).roles(DESK),
        Route::get("/kiosk/{id}/state", kiosk::state).roles(DESK),
        Route::post("/kiosk/{id}/print", kiosk::print).roles(DESK),
        Route::post("/kiosk/{id}/end", kiosk::end).roles(DESK),
        Route::get("/operator/webhooks", webhooks::list).roles(OPERATOR),
        Route::get("/operator/webhooks/register", webhooks::register_form).roles(OPERATOR),
        Route::post("/operator/webhooks/register", webhooks::register).roles(OPERATOR),
        Route::get("/operator/webhooks/{id}", webhooks::get).roles(OPERATOR),
        Route::post("/operator/webhooks/{id}/{act}", webhooks::act).roles(OPERATOR),
        Route::get("/operator/trust-lists", trust_lists::list).roles(OPERATOR),
        Route::get("/operator/trust-lists/signer", trust_lists::signer_form).roles(OPERATOR),
        Route::post("/operator/trust-lists/signer", trust_lists::name_signer).roles(OPERATOR),
        Route::post("/operator/trust-lists/{territory}/preview", trust_lists::look).roles(OPERATOR),
        Route::post("/operator/trust-lists/{territory}/take", trust_lists::take).roles(OPERATOR),
        Route::post("/operator/trust-lists/{territory}/signers/{sha256}/{act}", trust_lists::decide)
            .roles(OPERATOR),
        Route::get("/verify", verify::get).public(),
        Route::post("/verify", verify::post).public(),
        Route::post("/verify/code", verify_code::post).public(),
        Route::get("/trust", trust::get).public(),
        Route::get("/c", printed::form).public(),
        Route::get("/c/{identifier}", printed::get).public(),
        Route::get("/assets/{file}", assets::get).public(),
    ]
}

#[derive(Template)]
#[template(path = "pages/message.html")]
struct Message {
    c: Chrome,
    title: String,
    text: String,
    list: Vec<String>,
    href: String,
    link: String,
    code: String,
}

/// The page that says no; `None` where there is none and the problem goes out as JSON.
pub fn problem(problem: &Problem, language: Language) -> Option<Response> {
    let c = Chrome::bare(language);
    let worded = problem.worded(language);
    let (href, link) = match problem.kind {
        Kind::Unauthenticated => ("/sign-in", c.t("nav.sign_in")),
        _ => ("/verify", c.t("nav.verify")),
    };
    let message = Message {
        title: worded.title,
        text: worded.detail,
        list: worded.errors.into_iter().map(|fault| fault.detail).collect(),
        href: href.to_owned(),
        link,
        code: worded.code,
        c,
    };
    Some((problem.kind.status(), Html(message.render().ok()?)).into_response())
}

/// A rendered page.
fn page(status: StatusCode, template: &impl Template) -> Result<Response, Problem> {
    match template.render() {
        Ok(html) => Ok((status, Html(html)).into_response()),
        Err(error) => {
            tracing::error!(%error, "a page cannot be rendered");
            Err(Problem::new(Kind::Internal, "internal.error"))
        }
    }
}

/// Sends the browser on with a fresh `GET`.
/// Leads to the sign-in, which leads back to this page.
pub fn sign_in_for(page: &Uri) -> Response {
    let back = page.path_and_query().map_or("/", |part| part.as_str());
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("next", back).finish();
    go_to(&format!("/sign-in?{query}"))
}

fn go_to(address: &str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, address)]).into_response()
}

/// The value of a form field; empty where it is absent.
fn given<'f>(form: &'f [(String, String)], name: &str) -> &'f str {
    form.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}
