//! Changing seals: a request, a second person's approval, suspending, resuming, revoking.

use super::chrome::Chrome;
use super::department::department_name;
use super::form::{faults_of, place};
use super::seals::{SealRequest, code, request_fields};
use super::{given, go_to, page};
use crate::app::{act_on_seal, register_department, request_seal};
use crate::domain::party::Credential;
use crate::domain::seal::{SealAct, SealPurpose, SealSuite};
use crate::http::caller::Caller;
use crate::http::problem::{Kind, Problem};
use crate::http::{State, detach};
use axum::Form;
use axum::extract::{Path, State as From};
use axum::http::StatusCode;
use axum::response::Response;

/// What stands on a seal for electronic licenses unless told otherwise.
const USUAL_WORDS: &str = "电子证照专用章";

/// Whose seals the caller may request: its department's, or any department's.
async fn owners(state: &State, c: &Chrome, caller: &Credential) -> Result<Vec<(String, String)>, Problem> {
    let departments = register_department::list(state).await?;
    let own = |code: &str| caller.department.as_deref().is_none_or(|own| own == code);
    Ok(departments
        .into_iter()
        .filter(|department| own(&department.code))
        .map(|department| (department.code.clone(), department_name(c, &department)))
        .collect())
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
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let purpose = SealPurpose::parse(given(&form, "purpose")).unwrap_or(SealPurpose::License);
    let purpose_words = match (purpose, given(&form, "purpose_words").trim()) {
        (SealPurpose::License, "") => USUAL_WORDS.to_owned(),
        (_, words) => words.to_owned(),
    };
    let request = request_seal::Request {
        owner_code: given(&form, "owner_code").to_owned(),
        owner_name: None,
        area_code: None,
        purpose,
        purpose_words,
        suite: SealSuite::P256,
        picture: None,
        days: given(&form, "days").trim().parse().unwrap_or(0),
    };
    let (service, by) = (state.clone(), caller.credential.clone());
    match detach(async move { request_seal::run(&service, &by, request).await }).await {
        Ok(seal) => Ok(go_to(&format!("/seals/{}?done=requested", seal.code))),
        Err(problem) => {
            let found = faults_of(problem)?;
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
    const ACTS: [SealAct; 5] =
        [SealAct::Approve, SealAct::Reject, SealAct::Suspend, SealAct::Resume, SealAct::Revoke];
    let act = ACTS.into_iter().find(|known| known.name() == act);
    let request = act_on_seal::Request {
        seal: code(&text)?,
        act: act.ok_or_else(|| Problem::new(Kind::NotFound, "request.no_such_address"))?,
        reason: given(&form, "reason").to_owned(),
    };
    let seal = detach(async move { act_on_seal::run(&state, &caller.credential, request).await }).await?;
    Ok(go_to(&format!("/seals/{}?done=done", seal.code)))
}
