//! The public page for a code of digits that was typed, or read from a photo of a sheet: the same verdict and the same steps as
//! for a file.

use super::chrome::Chrome;
use super::page;
use super::verify::{ReportPage, Verify, line, moment, pdf_of, verdict_of};
use super::words::{Fact, either};
use super::{given, go_to};
use crate::app::decode_picture;
use crate::app::offline::check::{self, Checked};
use crate::domain::offline_code::{LicenseRef, Medium};
use crate::domain::report::Verdict;
use crate::http::State;
use crate::http::api::offline::OfflineCheckView;
use crate::http::caller::ClientAddress;
use crate::http::problem::Problem;
use axum::Form;
use axum::extract::State as From;
use axum::http::StatusCode;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// What the paper of a report on a code is called, what it says of itself, and how to have it again.
const OF_CODE: [&str; 3] = ["report.code_paper_title", "report.code_paper_note", "report.code_paper_how"];

/// `POST /verify/code`
pub(super) async fn post(
    From(state): From<State>,
    c: Chrome,
    ClientAddress(from): ClientAddress,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    answer(&state, c, &from, given(&form, "code")).await
}

/// The verdict on a code of digits.
async fn answer(state: &State, c: Chrome, from: &str, text: &str) -> Result<Response, Problem> {
    let checked = match check::check(state, from, text).await.map_err(Problem::from) {
        Ok(checked) => checked,
        Err(problem) => {
            let text = c.f(problem.refusal.code, &problem.refusal.args);
            let fault = Some((c.t("verify.code_title"), text));
            return page(problem.kind.status(), &Verify { c, fault });
        }
    };
    let (digest, verdict, findings) = (checked.digest, checked.verdict, checked.findings.clone());
    let mut shown = code_page(c, checked);
    shown.pdf = pdf_of(state, &shown, (verdict, &findings), digest, OF_CODE).await;
    page(StatusCode::OK, &shown)
}

/// Reads the code in a picture. One of ours on a license's face leads to its page, digits are checked; a picture itself proves
/// nothing.
pub(super) async fn picture(
    state: &State,
    c: Chrome,
    from: &str,
    bytes: Vec<u8>,
) -> Result<Response, Problem> {
    let (status, text) = match decode_picture::for_anybody(state, from, bytes).await.map_err(Problem::from) {
        Ok(Some(found)) if is_digits(&found) => return answer(state, c, from, &found).await,
        Ok(Some(found)) => match printed_place(&found, &state.settings.public_url) {
            Some(place) => return Ok(go_to(&place)),
            None => (StatusCode::UNPROCESSABLE_ENTITY, c.t("verify.picture_other_code")),
        },
        Ok(None) => (StatusCode::UNPROCESSABLE_ENTITY, c.t("verify.picture_no_code")),
        Err(problem) => (problem.kind.status(), c.f(problem.refusal.code, &problem.refusal.args)),
    };
    let fault = Some((c.t("verify.picture_title"), text));
    page(status, &Verify { c, fault })
}

/// Whether a file is a picture that a code may be on: a photo of a sheet, for one.
pub(super) fn is_picture(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x89PNG\r\n") || bytes.starts_with(b"\xff\xd8\xff")
}

fn is_digits(text: &str) -> bool {
    text.len() > 60 && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_whitespace())
}

/// The page here that a printed code leads to. Nobody is sent anywhere else, whatever a picture says.
fn printed_place(text: &str, public_url: &str) -> Option<String> {
    let path = text.trim().strip_prefix(public_url)?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'?' | b'=' | b'/' | b'-');
    (path.starts_with("/c/") && path.len() < 200 && path.bytes().all(plain)).then(|| path.to_owned())
}

fn code_page(c: Chrome, checked: Checked) -> ReportPage {
    let mut facts: Vec<Fact> = Vec::new();
    if let Some(code) = &checked.code {
        let mut fact = |name: &str, value: String| facts.push((c.t(name), value));
        fact(
            "license_page.kind",
            checked
                .kind_title
                .as_ref()
                .map_or_else(|| code.kind.clone(), |title| either(&c, title).to_owned()),
        );
        fact("license_page.issuer", checked.issuer_name.clone().unwrap_or_else(|| code.issuer.clone()));
        if let LicenseRef::Identifier(id) = &code.license {
            fact("license_page.identifier", id.to_string());
        }
        match &code.medium {
            Medium::Paper { purpose, recipient, .. } => {
                fact("report.paper_purpose", purpose.clone());
                if let Some(recipient) = recipient {
                    fact("report.paper_recipient", recipient.clone());
                }
            }
            Medium::Phone { .. } => {
                if let Some(purpose) = &checked.shown_for {
                    fact("report.paper_purpose", purpose.clone());
                }
            }
        }
        fact("report.paper_until", moment(code.until()));
        for (name, value) in &code.fields {
            let title =
                checked.titles.get(name).map_or_else(|| name.clone(), |title| either(&c, title).to_owned());
            facts.push((title, value.clone()));
        }
    }
    let mut evidence = vec![
        (c.t("report.judged_at"), moment(checked.at)),
        (c.t("report.code_hash"), hex::encode(checked.digest)),
    ];
    if let Some(as_of) = checked.status.as_ref().and_then(|status| status.as_of) {
        evidence.push((c.t("report.status_as_of"), moment(as_of)));
    }
    let words = ["verify.code_passed", "verify.code_sentence", "verify.code_act"];
    let mut v = verdict_of(&c, checked.verdict, &checked.findings, Some(("code", words)));
    if checked.verdict == Verdict::Failed {
        v.act = c.t("verify.code_failed_act");
    }
    v.whose = facts
        .first()
        .filter(|_| checked.verdict == Verdict::Passed)
        .map(|fact| fact.1.clone())
        .unwrap_or_default();
    ReportPage {
        v,
        findings: checked.findings.iter().map(|finding| line(&c, finding)).collect(),
        inside: c.t("report.code"),
        license: facts,
        caveat: (checked.verdict == Verdict::Failed).then(|| c.t("report.code_caveat")),
        seals: Vec::new(),
        evidence,
        json: STANDARD
            .encode(serde_json::to_vec_pretty(&OfflineCheckView::from(checked)).unwrap_or_default()),
        pdf: None,
        c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_leads_nowhere_but_here() {
        let here = "https://license.example.org";
        let place = |text| printed_place(text, here);
        assert_eq!(
            place("https://license.example.org/c/1.2.156.1?k=12"),
            Some("/c/1.2.156.1?k=12".to_owned())
        );
        for other in [
            "https://evil.example.org/c/1.2.156.1?k=12",
            "https://license.example.org.evil.example/c/1",
            "https://license.example.org//evil.example/c/1",
            "https://license.example.org/c/1\r\nSet-Cookie: a=b",
            "https://license.example.org/sign-in",
            "javascript:alert(1)",
        ] {
            assert_eq!(place(other), None, "{other}");
        }
    }

    #[test]
    fn only_pictures_are_taken_for_pictures() {
        assert!(is_picture(b"\x89PNG\r\n\x1a\n") && is_picture(b"\xff\xd8\xff\xe0"));
        assert!(!is_picture(b"%PDF-1.7") && !is_picture(b"PK\x03\x04") && !is_picture(b""));
    }
}
