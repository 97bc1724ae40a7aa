//! Receipts and annotated copies: `/v1/showings/{id}/receipt`, `/v1/offline-code-uses/{id}/receipt`, `/v1/licenses/{id}/annotated-copies`,
//! `/v1/annotated-copies/{id}/file`, `/v1/service-seal`

use crate::app::papers::receipt::{self, About};
use crate::app::papers::{PaperDownload, copy, service_seal};
use crate::domain::paper::{Paper, PaperForm, ServiceSeal};
use crate::domain::party::Role;
use crate::domain::refusal::{Fault, Refusal, RefusalClass};
use crate::domain::seal::SealCode;
use crate::http::api::common::{IdempotencyKey, license_id};
use crate::http::body::{Strict, StrictQuery};
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::http::route::Route;
use crate::http::{self, detach};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const TAG: &str = "receipts and copies";
const FILES: &[&str] = &["application/pdf", "application/ofd", "application/jose"];

/// Routes about papers.
pub fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/showings/{id}/receipt", make_receipt)
            .api(TAG, "The sealed receipt of a showing that you redeemed: made once, the same ever after, for 30 days")
            .roles(&[Role::Clerk, Role::Institution])
            .query::<FormQuery>()
            .gives_bytes(FILES)
            .refuses(&[404, 409, 410, 422, 503]),
        Route::get("/v1/showings/{id}/receipt", about_receipt)
            .api(TAG, "What is known of a receipt, without what stands in it")
            .roles(&[Role::Clerk, Role::Institution, Role::Auditor])
            .gives::<PaperView>(200)
            .refuses(&[404]),
        Route::post("/v1/offline-code-uses/{id}/receipt", make_code_receipt)
            .api(TAG, "The sealed receipt of an offline code that you checked, by the `use` of the check; as that of a showing")
            .roles(&[Role::Clerk, Role::Institution])
            .query::<FormQuery>()
            .gives_bytes(FILES)
            .refuses(&[404, 409, 410, 422, 503]),
        Route::get("/v1/offline-code-uses/{id}/receipt", about_code_receipt)
            .api(TAG, "What is known of such a receipt, without what stands in it")
            .roles(&[Role::Clerk, Role::Institution, Role::Auditor])
            .gives::<PaperView>(200)
            .refuses(&[404, 409]),
        Route::post("/v1/licenses/{id}/annotated-copies", make_copy)
            .api(TAG, "Make an annotated copy of a license: for one purpose, for some days, sealed by the service")
            .roles(&[Role::Department, Role::Holder, Role::CompanyManager])
            .idempotent()
            .takes::<CopyRequest>()
            .gives::<PaperView>(201)
            .refuses(&[404, 409, 503]),
        Route::get("/v1/annotated-copies/{id}/file", copy_file)
            .api(TAG, "Download an annotated copy, as long as it has not ended")
            .roles(&[Role::Department, Role::Holder, Role::Institution, Role::CompanyManager])
            .query::<FormQuery>()
            .gives_bytes(FILES)
            .refuses(&[404, 409, 410, 422]),
        Route::get("/v1/service-seal", service_seal)
            .api(TAG, "The seal that seals receipts and copies")
            .roles(&[Role::Department, Role::Auditor, Role::Operator])
            .gives::<ServiceSealView>(200)
            .refuses(&[404]),
        Route::put("/v1/service-seal", propose)
            .api(TAG, "Propose a department's seal for receipts and copies; its owner has to agree")
            .roles(&[Role::Operator])
            .takes::<ServiceSealRequest>()
            .refuses(&[404, 409]),
        Route::post("/v1/service-seal:agree", agree)
            .api(TAG, "Agree that your seal seals receipts and copies; from then on it does")
            .roles(&[Role::Department])
            .takes::<ServiceSealRequest>()
            .refuses(&[404, 409]),
    ]
}

/// In which form.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FormQuery {
    /// `pdf`, `ofd` or `json` (a JSON Web Signature); PDF unless told.
    #[schema(pattern = "^(pdf|ofd|json)$")]
    format: Option<String>,
}

impl FormQuery {
    /// The form wished for.
    pub fn form(&self) -> Result<PaperForm, Problem> {
        form(self.format.as_deref().unwrap_or("pdf"))
    }
}

/// Reads the name of a form.
pub fn form(name: &str) -> Result<PaperForm, Problem> {
    PaperForm::parse(name).ok_or_else(|| {
        let fault = Fault::at("/format", "field.not_a_choice").with("choices", "pdf, ofd, json");
        Problem::from(Refusal::invalid(vec![fault]))
    })
}

/// What an annotated copy is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CopyRequest {
    /// What it may be used for; stands on it.
    #[schema(min_length = 1, max_length = 60)]
    purpose: String,
    /// Who may use it; stands on it.
    #[schema(max_length = 60)]
    recipient: Option<String>,
    /// For how many days.
    #[schema(minimum = 1, maximum = 365)]
    days: u32,
}

/// A paper, without what stands in it.
#[derive(Serialize, ToSchema)]
pub struct PaperView {
    /// Identity; stands on the paper.
    id: String,
    /// `receipt` or `annotated-copy`.
    kind: String,
    /// The showing, the use of a code or the license that it is about.
    about: String,
    /// When it was made.
    #[schema(format = "date-time")]
    made_at: String,
    /// From here on it is of no use; null for a receipt.
    #[schema(format = "date-time")]
    expires_at: Option<String>,
    /// Code of the seal on it.
    seal: String,
    /// Its files.
    files: Vec<PaperFileView>,
}

/// A file of a paper.
#[derive(Serialize, ToSchema)]
pub struct PaperFileView {
    /// `pdf`, `ofd` or `json`.
    format: String,
    /// SHA-256 of the file.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    sha256: String,
}

/// A seal, by its code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceSealRequest {
    /// 14 digits.
    #[schema(pattern = "^[0-9]{14}$")]
    seal: String,
}

/// The seal in use.
#[derive(Serialize, ToSchema)]
pub struct ServiceSealView {
    /// Its code.
    seal: String,
    /// Proposed by (credential).
    proposed_by: String,
    /// Agreed to by (credential).
    agreed_by: Option<String>,
    /// When.
    #[schema(format = "date-time")]
    agreed_at: Option<String>,
}

impl From<Paper> for PaperView {
    fn from(paper: Paper) -> Self {
        let files = paper.files.iter().map(|file| PaperFileView {
            format: file.form.name().to_owned(),
            sha256: hex::encode(file.sha256),
        });
        Self {
            files: files.collect(),
            id: paper.id,
            kind: paper.kind.name().to_owned(),
            about: paper.about,
            made_at: paper.made_at.to_string(),
            expires_at: paper.expires_at.map(|at| at.to_string()),
            seal: paper.seal.to_string(),
        }
    }
}

impl From<ServiceSeal> for ServiceSealView {
    fn from(found: ServiceSeal) -> Self {
        let (agreed_by, agreed_at) = found.agreed.unzip();
        Self {
            seal: found.seal.to_string(),
            proposed_by: found.proposed_by,
            agreed_by,
            agreed_at: agreed_at.map(|at| at.to_string()),
        }
    }
}

/// A paper as a download. Its name is the paper's identity: no personal datum.
pub fn download(file: PaperDownload) -> Response {
    let ending = match file.form {
        PaperForm::Json => "jws",
        other => other.name(),
    };
    let name = format!("attachment; filename=\"{}.{ending}\"", file.paper.id);
    let headers = [(CONTENT_TYPE, file.form.media_type().to_owned()), (CONTENT_DISPOSITION, name)];
    (headers, file.bytes).into_response()
}

/// What a receipt is about, from the identity in the address.
pub type Whose = for<'a> fn(&'a str) -> About<'a>;
/// Of a showing that was redeemed.
pub const OF_A_SHOWING: Whose = |id| About::Showing(id);
/// Of a paper or phone code that was checked.
pub const OF_A_CODE: Whose = |id| About::CodeUse(id);

/// A receipt as a download; made, if it is not there.
pub async fn receipt_file(
    state: http::State,
    caller: Caller,
    (whose, id): (Whose, String),
    form: PaperForm,
) -> Result<Response, Problem> {
    let work = async move { receipt::file(&state, &caller.credential, whose(&id), form).await };
    Ok(download(detach(work).await?))
}

async fn make_receipt(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
    StrictQuery(query): StrictQuery<FormQuery>,
) -> Result<Response, Problem> {
    receipt_file(state, caller, (OF_A_SHOWING, id), query.form()?).await
}

async fn make_code_receipt(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
    StrictQuery(query): StrictQuery<FormQuery>,
) -> Result<Response, Problem> {
    receipt_file(state, caller, (OF_A_CODE, id), query.form()?).await
}

async fn about_code_receipt(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<PaperView>, Problem> {
    Ok(Json(receipt::about(&state, &caller.credential, About::CodeUse(&id)).await?.into()))
}

async fn about_receipt(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<PaperView>, Problem> {
    Ok(Json(receipt::about(&state, &caller.credential, About::Showing(&id)).await?.into()))
}

async fn make_copy(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
    IdempotencyKey(key): IdempotencyKey,
    Strict(body): Strict<CopyRequest>,
) -> Result<(StatusCode, Json<PaperView>), Problem> {
    let id = license_id(&id)?;
    let request = copy::Request {
        purpose: body.purpose,
        recipient: body.recipient.unwrap_or_default(),
        days: body.days,
    };
    let made =
        detach(async move { copy::run(&state, &caller.credential, &id, &key, &request).await }).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}

async fn copy_file(
    State(state): State<http::State>,
    caller: Caller,
    Path(id): Path<String>,
    StrictQuery(query): StrictQuery<FormQuery>,
) -> Result<Response, Problem> {
    Ok(download(copy::file(&state, &caller.credential, &id, query.form()?).await?))
}

fn seal_code(text: &str) -> Result<SealCode, Problem> {
    SealCode::parse(text).ok_or_else(|| Refusal::new(RefusalClass::NotFound, "seal.unknown").into())
}

async fn service_seal(
    State(state): State<http::State>,
    caller: Caller,
) -> Result<Json<ServiceSealView>, Problem> {
    Ok(Json(service_seal::current(&state, &caller.credential).await?.into()))
}

async fn propose(
    State(state): State<http::State>,
    caller: Caller,
    Strict(body): Strict<ServiceSealRequest>,
) -> Result<StatusCode, Problem> {
    let code = seal_code(&body.seal)?;
    detach(async move { service_seal::propose(&state, &caller.credential, &code).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn agree(
    State(state): State<http::State>,
    caller: Caller,
    Strict(body): Strict<ServiceSealRequest>,
) -> Result<StatusCode, Problem> {
    let code = seal_code(&body.seal)?;
    detach(async move { service_seal::agree(&state, &caller.credential, &code).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}
