//! `POST /v1/verifications`

use crate::app::verify_file;
use crate::domain::report::{Finding, LicenseSummary, PaperSummary, Report, SealSummary};
use crate::http;
use crate::http::body::multipart::{self, MAX_MULTIPART, is_multipart};
use crate::http::body::{self, expect_type, read};
use crate::http::problem::{InBoth, Kind, Problem};
use crate::http::route::{Content, Route};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Request, State};
use serde::Serialize;
use utoipa::ToSchema;

/// Media types that a file may be sent as; what it is, its content says.
pub const FILES: &[&str] =
    &["application/pdf", "application/ofd", "application/jose", "application/octet-stream"];
/// Greatest file.
pub const MAX_FILE: usize = 50 * 1024 * 1024;

/// The one route.
pub fn routes() -> Vec<Route> {
    vec![
        Route::post("/v1/verifications", verify)
            .api("verification", "Verify a license file (PDF, OFD), a receipt or annotated copy (PDF, OFD, JSON), a seal (.esl) or a seal signature: a verdict with its findings")
            .public()
            .takes_content(Content::Upload(FILES))
            .gives::<ReportView>(200)
            .refuses(&[503]),
    ]
}

/// A report about a file.
#[derive(Serialize, ToSchema)]
pub struct ReportView {
    /// `passed`, `indeterminate` or `failed` (ETSI EN 319 102-1).
    #[schema(pattern = "^(passed|indeterminate|failed)$")]
    verdict: String,
    /// SHA-256 of the file.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    file_sha256: String,
    /// When it was judged.
    #[schema(format = "date-time")]
    judged_at: String,
    /// Rules applied.
    rules: String,
    /// What the file says of the license in it.
    license: Option<LicenseSummaryView>,
    /// What the file says of itself, if it is a receipt or an annotated copy; never a license.
    paper: Option<PaperSummaryView>,
    /// Its seals in order.
    seals: Vec<SealSummaryView>,
    /// In the order they were established.
    findings: Vec<FindingView>,
}

/// What a file says of its license.
#[derive(Serialize, ToSchema)]
pub struct LicenseSummaryView {
    /// Identifier.
    identifier: String,
    /// Name of its type.
    kind_title: String,
    /// Issuing department.
    issuer_name: String,
    /// Printed number.
    number: String,
}

/// What a receipt or an annotated copy says of itself.
#[derive(Serialize, ToSchema)]
pub struct PaperSummaryView {
    /// `receipt` or `annotated-copy`.
    kind: String,
    /// Identity.
    id: String,
    /// Who made it.
    issuer_name: String,
    /// The licenses that it is about, by identifier.
    licenses: Vec<String>,
    /// What for.
    purpose: String,
    /// Who checked the licenses, or may use the copy.
    recipient: String,
    /// When it was made.
    #[schema(format = "date-time")]
    made_at: Option<String>,
    /// When it ends.
    #[schema(format = "date-time")]
    expires_at: Option<String>,
}

/// What a file says of one of its seals.
#[derive(Serialize, ToSchema)]
pub struct SealSummaryView {
    /// Code.
    seal_code: Option<String>,
    /// Owner.
    owner: Option<String>,
    /// When it was laid on.
    #[schema(format = "date-time")]
    sealed_at: Option<String>,
    /// Whether that time comes from a trusted timestamp.
    time_is_trusted: bool,
}

/// One finding.
#[derive(Serialize, ToSchema)]
pub struct FindingView {
    /// What was looked at.
    step: String,
    /// `good`, `note`, `unclear` or `bad`.
    #[schema(pattern = "^(good|note|unclear|bad)$")]
    weight: String,
    /// Stable code.
    code: String,
    /// The standard that asks for it.
    standard: String,
    /// What was found.
    details: InBoth,
}

impl From<LicenseSummary> for LicenseSummaryView {
    fn from(summary: LicenseSummary) -> Self {
        Self {
            identifier: summary.identifier,
            kind_title: summary.kind_title,
            issuer_name: summary.issuer_name,
            number: summary.number,
        }
    }
}

impl From<PaperSummary> for PaperSummaryView {
    fn from(paper: PaperSummary) -> Self {
        Self {
            kind: paper.kind.name().to_owned(),
            id: paper.id,
            issuer_name: paper.issuer_name,
            licenses: paper.licenses,
            purpose: paper.purpose,
            recipient: paper.recipient,
            made_at: paper.made_at.map(|at| at.to_string()),
            expires_at: paper.expires_at.map(|at| at.to_string()),
        }
    }
}

impl From<SealSummary> for SealSummaryView {
    fn from(summary: SealSummary) -> Self {
        Self {
            seal_code: summary.seal_code,
            owner: summary.owner,
            sealed_at: summary.sealed_at.map(|at| at.to_string()),
            time_is_trusted: summary.time_is_trusted,
        }
    }
}

impl From<Finding> for FindingView {
    fn from(finding: Finding) -> Self {
        Self {
            step: finding.step.name().to_owned(),
            weight: finding.weight.name().to_owned(),
            code: finding.code.to_owned(),
            standard: finding.standard.to_owned(),
            details: InBoth::of(finding.code, &finding.args),
        }
    }
}

impl From<Report> for ReportView {
    fn from(report: Report) -> Self {
        Self {
            verdict: report.verdict.name().to_owned(),
            file_sha256: hex::encode(report.file),
            judged_at: report.judged_at.to_string(),
            rules: report.rules.to_owned(),
            license: report.license.map(LicenseSummaryView::from),
            paper: report.paper.map(PaperSummaryView::from),
            seals: report.seals.into_iter().map(SealSummaryView::from).collect(),
            findings: report.findings.into_iter().map(FindingView::from).collect(),
        }
    }
}

async fn verify(State(state): State<http::State>, request: Request) -> Result<Json<ReportView>, Problem> {
    let bytes = upload(request).await?;
    let report = verify_file::run(&state, bytes.to_vec()).await?;
    Ok(Json(report.into()))
}

/// The file of a request: its body, or the part `file` of its form.
pub async fn upload(request: Request) -> Result<Bytes, Problem> {
    if !is_multipart(request.headers()) {
        expect_type(request.headers(), FILES)?;
        let (parts, body) = request.into_parts();
        return read(&parts.headers, body, MAX_FILE).await;
    }
    let (parts, body) = request.into_parts();
    let whole = read(&parts.headers, body, MAX_MULTIPART).await?;
    let mut form = multipart::parts(&parts.headers, whole).await?;
    while let Some(field) = form.next_field().await.map_err(|_| multipart::unreadable())? {
        if field.name() == Some("file") {
            let bytes = field.bytes().await.map_err(|_| multipart::unreadable())?;
            let too_large =
                || Problem::new(Kind::TooLarge, "request.too_large").with("max", body::size(MAX_FILE));
            return if bytes.len() > MAX_FILE { Err(too_large()) } else { Ok(bytes) };
        }
    }
    Err(multipart::unreadable())
}
