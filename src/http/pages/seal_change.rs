//! Changing seals: a request, two other people's approvals, suspending, resuming, cancelling, voiding.

use super::chrome::Chrome;
use super::department::department_name;
use super::form::{faults_of, place};
use super::seals::{OTHER_BODY, PERSON, SealRequest, code, request_fields};
use super::{given, go_to, page};
use crate::app::seal_papers::PaperFile;
use crate::app::{act_on_seal, register_department, request_seal};
use crate::domain::party::Credential;
use crate::domain::picture::UploadedPicture;
use crate::domain::refusal::Fault;
use crate::domain::seal::{Paper, SealAct, SealCode, SealPurpose};
use crate::http::body::multipart::FileForm;
use crate::http::caller::Caller;
use crate::http::problem::{Kind, Place, Problem};
use crate::http::{State, detach};
use axum::Form;
use axum::extract::{Path, State as From};
use axum::http::StatusCode;
use axum::response::Response;

/// Whose seals the caller may request: its department's; anybody's, if it acts for none.
async fn owners(state: &State, c: &Chrome, caller: &Credential) -> Result<Vec<(String, String)>, Problem> {
    let departments = register_department::list(state).await?;
    let own = |code: &str| caller.department.as_deref().is_none_or(|own| own == code);
    let departments = departments.into_iter().filter(|department| own(&department.code));
    let mut owners: Vec<_> =
        departments.map(|department| (department.code.clone(), department_name(c, &department))).collect();
    if caller.department.is_none() {
        owners.push((OTHER_BODY.to_owned(), c.t("seals.other_body")));
        owners.push((PERSON.to_owned(), c.t("seals.person")));
    }
    Ok(owners)
}

/// What was filled in and chosen.
fn read_form(sent: FileForm) -> Result<request_seal::Request, Problem> {
    let form = sent.fields.as_slice();
    let text = |name: &str| given(form, name).trim().to_owned();
    let some = |name: &str| Some(text(name)).filter(|text| !text.is_empty());
    let mut faults = Vec::new();
    let papers = papers(&text("papers"), &mut faults);
    let replaces = some("replaces").and_then(|code| {
        let found = SealCode::parse(&code);
        if found.is_none() {
            faults.push(Fault::at("/replaces", "seal.not_a_code"));
        }
        found
    });
    if !faults.is_empty() {
        return Err(Problem::faults(Kind::Invalid, Place::Body, faults));
    }
    let (pictures, others): (Vec<_>, Vec<_>) =
        sent.files.into_iter().partition(|file| file.field == "picture");
    let side = |name| tenths(given(form, name));
    let picture = pictures.into_iter().next().map(|file| UploadedPicture {
        png: file.bytes,
        width_tenths: side("picture_width"),
        height_tenths: side("picture_height"),
    });
    let brought = others.into_iter().filter(|file| file.field == "paper_files");
    let paper_files = brought.map(|file| PaperFile { name: file.name, bytes: file.bytes }).collect();
    let owner = text("owner_code");
    let (owner_code, identity_number) = match owner.as_str() {
        OTHER_BODY => (text("other_code"), None),
        PERSON => (String::new(), Some(text("identity_number"))),
        _ => (owner, None),
    };
    Ok(request_seal::Request {
        owner_code,
        identity_number,
        owner_name: some("owner_name"),
        area_code: some("area_code"),
        purpose: SealPurpose::parse(given(form, "purpose")).unwrap_or(SealPurpose::License),
        purpose_words: text("purpose_words"),
        suites: Vec::new(),
        picture,
        papers,
        paper_files,
        replaces,
        days: text("days").parse().unwrap_or(0),
    })
}

/// Millimetres as a person writes them, in tenths; 0, which no picture has, for what cannot be read.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded before")]
fn tenths(text: &str) -> u32 {
    let millimetres: f64 = text.trim().parse().unwrap_or(0.0);
    if (0.0..=1_000.0).contains(&millimetres) { (millimetres * 10.0).round() as u32 } else { 0 }
}

/// One paper a line: name, digest, bytes.
fn papers(text: &str, faults: &mut Vec<Fault>) -> Vec<Paper> {
    let paper = |line: &str| {
        let mut parts = line.rsplitn(3, char::is_whitespace);
        let size = parts.next()?.parse().ok()?;
        let mut sha256 = [0; 32];
        hex::decode_to_slice(parts.next()?, &mut sha256).ok()?;
        Some(Paper { name: parts.next()?.trim().to_owned(), sha256, size })
    };
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let papers: Option<Vec<_>> = lines.map(paper).collect();
    papers.unwrap_or_else(|| {
        faults.push(Fault::at("/papers", "seal.paper_line"));
        Vec::new()
    })
}

/// `GET /seals/request`
pub(super) async fn request_form(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
) -> Result<Response, Problem> {
    let owners = owners(&state, &c, &caller.credential).await?;
    let fields = request_fields(&c, owners, &[]);
    page(StatusCode::OK, &SealRequest { c, fields, faults: Vec::new() })
}

/// `POST /seals/request`
pub(super) async fn request(
    From(state): From<State>,
    c: Chrome,
    caller: Caller,
    sent: FileForm,
) -> Result<Response, Problem> {
    let (service, by) = (state.clone(), caller.credential.clone());
    let form = sent.fields.clone();
    let asked = match read_form(sent) {
        Err(problem) => Err(problem),
        Ok(request) => detach(async move { request_seal::run(&service, &by, request).await }).await,
    };
    match asked {
        Ok(seal) => Ok(go_to(&format!("/seals/{}?done=requested", seal.code))),
        Err(problem) => {
            let mut found = faults_of(problem)?;
            for fault in &mut found {
                // The sides of a picture stand in fields of their own.
                if let Some(side) = fault.pointer.strip_prefix("/picture/") {
                    fault.pointer = format!("/picture_{side}");
                }
            }
            if given(&form, "owner_code") == OTHER_BODY {
                // The code of another body stands in a field of its own.
                for fault in found.iter_mut().filter(|fault| fault.pointer == "/owner_code") {
                    "/other_code".clone_into(&mut fault.pointer);
                }
            }
            let owners = owners(&state, &c, &caller.credential).await?;
            let mut fields = request_fields(&c, owners, &form);
            let faults = place(&c, &mut fields, &found);
            page(StatusCode::UNPROCESSABLE_ENTITY, &SealRequest { c, fields, faults })
        }
    }
}

/// `POST /seals/{code}/{act}`
pub(super) async fn act(
    From(state): From<State>,
    caller: Caller,
    Path((text, act)): Path<(String, String)>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let act = SealAct::parse(&act);
    let request = act_on_seal::Request {
        seal: code(&text)?,
        act: act.ok_or_else(|| Problem::new(Kind::NotFound, "request.no_such_address"))?,
        reason: given(&form, "reason").to_owned(),
        revision: given(&form, "revision").parse().ok(),
        anew: !given(&form, "anew").is_empty(),
    };
    let acted = detach(async move { act_on_seal::run(&state, &caller.credential, request).await }).await?;
    let done = if acted.waiting.is_empty() { "done" } else { "waits" };
    Ok(go_to(&format!("/seals/{}?done={done}", acted.seal.code)))
}
