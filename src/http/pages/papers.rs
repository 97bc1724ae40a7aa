//! Receipts and annotated copies on pages: the receipt as a download from the desk, and what the public page says of either.

use super::chrome::Chrome;
use super::given;
use super::words::{self, Fact};
use crate::domain::paper::PaperKind;
use crate::domain::report::{PaperSummary, Report, Verdict};
use crate::http::State;
use crate::http::api::papers::{OF_A_CODE, OF_A_SHOWING, form, receipt_file};
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use axum::Form;
use axum::extract::{Path, State as From};
use axum::response::Response;

/// `POST /desk/showings/{id}/receipt`
pub(super) async fn make_receipt(
    From(state): From<State>,
    caller: Caller,
    Path(id): Path<String>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    receipt_file(state, caller, (OF_A_SHOWING, id), form(given(&fields, "format"))?).await
}

/// `POST /desk/uses/{id}/receipt`: of a paper or phone code.
pub(super) async fn make_code_receipt(
    From(state): From<State>,
    caller: Caller,
    Path(id): Path<String>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    receipt_file(state, caller, (OF_A_CODE, id), form(given(&fields, "format"))?).await
}

/// The words of the verdict on a paper that passed; `None` of any other file, and of one that did not pass.
pub(super) fn passed(report: &Report) -> Option<(&'static str, [&'static str; 3])> {
    let paper = report.paper.as_ref().filter(|_| report.verdict == Verdict::Passed)?;
    Some(match paper.kind {
        PaperKind::Receipt => {
            ("receipt", ["verify.receipt_passed", "verify.receipt_sentence", "verify.receipt_act"])
        }
        PaperKind::Copy => ("copy", ["verify.copy_passed", "verify.copy_sentence", "verify.copy_act"]),
    })
}

/// What a paper says of itself.
pub(super) fn facts(c: &Chrome, paper: &PaperSummary) -> Vec<Fact> {
    let kind = match paper.kind {
        PaperKind::Receipt => "report.paper_receipt",
        PaperKind::Copy => "report.paper_copy",
    };
    let moment = |at| words::moment(at);
    let facts = [
        ("report.paper_kind", c.t(kind)),
        ("report.paper_id", paper.id.clone()),
        ("report.paper_issuer", paper.issuer_name.clone()),
        ("report.paper_purpose", paper.purpose.clone()),
        ("report.paper_recipient", paper.recipient.clone()),
        ("report.paper_licenses", paper.licenses.join(" ")),
        ("report.paper_made", paper.made_at.map(moment).unwrap_or_default()),
        ("report.paper_until", paper.expires_at.map(moment).unwrap_or_default()),
    ];
    facts.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (c.t(name), value)).collect()
}
