//! The public page: a file comes in, a report goes out. Nobody signs in, nothing is kept.

use super::chrome::Chrome;
use super::page;
use super::words::{self, Fact};
use crate::app::verify_file;
use crate::domain::report::{Finding, OWN_RULES, Report, SealSummary, Step, Verdict, Weight};
use crate::domain::time::Timestamp;
use crate::http::State;
use crate::http::api::verifications::{ReportView, upload};
use crate::http::problem::Problem;
use askama::Template;
use axum::extract::{Request, State as From};
use axum::http::StatusCode;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

#[derive(Template)]
#[template(path = "pages/verify.html")]
pub(super) struct Verify {
    pub(super) c: Chrome,
    pub(super) fault: Option<(String, String)>,
}

/// One finding in words.
pub(super) struct Line {
    pub(super) step: String,
    pub(super) weight: &'static str,
    pub(super) word: String,
    pub(super) text: String,
    pub(super) standard: String,
}

#[derive(Template)]
#[template(path = "pages/report.html")]
pub(super) struct ReportPage {
    pub(super) c: Chrome,
    pub(super) v: super::verdict::Verdict,
    pub(super) findings: Vec<Line>,
    /// What is inside: a license, or a paper about licenses.
    pub(super) inside: String,
    pub(super) license: Vec<Fact>,
    /// Why what the file says of the license may not be believed.
    pub(super) caveat: Option<String>,
    pub(super) seals: Vec<Vec<Fact>>,
    pub(super) evidence: Vec<Fact>,
    pub(super) json: String,
}

/// `GET /verify`
pub(super) async fn get(c: Chrome) -> Result<Response, Problem> {
    page(StatusCode::OK, &Verify { c, fault: None })
}

fn step(c: &Chrome, step: Step) -> String {
    c.t(match step {
        Step::Format => "step.format",
        Step::Integrity => "step.integrity",
        Step::Seal => "step.seal",
        Step::Signer => "step.signer",
        Step::Chain => "step.chain",
        Step::Time => "step.time",
        Step::Modification => "step.modification",
        Step::License => "step.license",
        Step::Status => "step.status",
        Step::Log => "step.log",
    })
}

fn weight(c: &Chrome, weight: Weight) -> String {
    c.t(match weight {
        Weight::Good => "weight.good",
        Weight::Note => "weight.note",
        Weight::Unclear => "weight.unclear",
        Weight::Bad => "weight.bad",
    })
}

/// A moment in China, with its zone: evidence leaves the page.
fn moment(at: Timestamp) -> String {
    format!("{} +08:00", words::moment(at))
}

/// The values of a finding, its moments as the rest of the page tells them.
fn local(args: &[(&'static str, String)]) -> Vec<(&'static str, String)> {
    let told = |text: &String| {
        let told = words::moment_of(text);
        if told == *text { told } else { format!("{told} +08:00") }
    };
    args.iter().map(|(name, text)| (*name, told(text))).collect()
}

/// A finding in words.
pub(super) fn line(c: &Chrome, finding: &Finding) -> Line {
    Line {
        step: step(c, finding.step),
        weight: finding.weight.name(),
        word: weight(c, finding.weight),
        text: c.f(finding.code, local(&finding.args)),
        standard: match finding.standard {
            OWN_RULES => c.t("site.name"),
            other => other.to_owned(),
        },
    }
}

fn verdict(c: &Chrome, report: &Report) -> super::verdict::Verdict {
    let paper = super::papers::passed(report);
    let (name, tone, icon, [word, sentence, act]) = match report.verdict {
        Verdict::Passed if let Some((name, words)) = paper => (name, "good", "tick", words),
        // A seal by itself is no file that anybody could rely on.
        Verdict::Passed if report.has("eseal.read") => (
            "passed",
            "good",
            "tick",
            ["verify.passed", "verify.passed_seal_sentence", "verify.passed_seal_act"],
        ),
        Verdict::Passed => {
            ("passed", "good", "tick", ["verify.passed", "verify.passed_sentence", "verify.passed_act"])
        }
        Verdict::Indeterminate => (
            "indeterminate",
            "unclear",
            "triangle",
            ["verify.indeterminate", "verify.indeterminate_sentence", "verify.indeterminate_act"],
        ),
        Verdict::Failed => {
            ("failed", "bad", "octagon", ["verify.failed", "verify.failed_sentence", "verify.failed_act"])
        }
    };
    // Of a file that failed nothing is claimed in large letters: what it says of itself proves nothing.
    let whose = match (&report.license, &report.paper) {
        (Some(license), _) if report.verdict == Verdict::Passed => {
            format!("{} · {}", license.kind_title, license.number)
        }
        (_, Some(paper)) if report.verdict == Verdict::Passed => {
            let told = [&paper.purpose, &paper.recipient].into_iter().filter(|text| !text.is_empty());
            told.map(String::as_str).collect::<Vec<_>>().join(" · ")
        }
        _ => String::new(),
    };
    // The finding that decided is the sentence, so that the cause named is the cause.
    let decisive = match report.verdict {
        Verdict::Passed => None,
        Verdict::Indeterminate => report.findings.iter().find(|f| f.weight == Weight::Unclear),
        Verdict::Failed => report.findings.iter().find(|f| f.weight == Weight::Bad),
    };
    super::verdict::Verdict {
        name,
        tone,
        icon,
        word: c.t(word),
        whose,
        sentence: decisive.map_or_else(|| c.t(sentence), |finding| c.f(finding.code, local(&finding.args))),
        act: c.t(act),
        ..Default::default()
    }
}

fn seal_facts(c: &Chrome, seal: &SealSummary) -> Vec<Fact> {
    let known = |text: &Option<String>| text.clone().unwrap_or_else(|| c.t("report.unknown"));
    let at = seal.sealed_at.map_or_else(
        || c.t("report.unknown"),
        |at| {
            let code = if seal.time_is_trusted { "report.time_trusted" } else { "report.time_claimed" };
            c.f(code, [("time", moment(at))])
        },
    );
    vec![
        (c.t("report.owner"), known(&seal.owner)),
        (c.t("report.seal_code"), known(&seal.seal_code)),
        (c.t("report.sealed_at"), at),
    ]
}

/// A report as a page; `json` is the report as the API gives it.
pub(super) fn report_page(c: Chrome, report: &Report, json: &[u8]) -> ReportPage {
    let license = report.license.as_ref().map_or_else(Vec::new, |license| {
        vec![
            (c.t("license_page.kind"), license.kind_title.clone()),
            (c.t("license_page.number"), license.number.clone()),
            (c.t("license_page.issuer"), license.issuer_name.clone()),
            (c.t("license_page.identifier"), license.identifier.clone()),
        ]
    });
    let license = match &report.paper {
        Some(paper) => super::papers::facts(&c, paper),
        None => license,
    };
    let inside = if report.paper.is_some() { "report.paper" } else { "report.license" };
    ReportPage {
        v: verdict(&c, report),
        inside: c.t(inside),
        findings: report.findings.iter().map(|finding| line(&c, finding)).collect(),
        license: license.into_iter().filter(|(_, value)| !value.is_empty()).collect(),
        caveat: (report.verdict == Verdict::Failed).then(|| c.t("report.license_caveat")),
        seals: report.seals.iter().map(|seal| seal_facts(&c, seal)).collect(),
        evidence: vec![
            (c.t("report.judged_at"), moment(report.judged_at)),
            (c.t("report.rules"), report.rules.to_owned()),
            (c.t("report.file_hash"), hex::encode(report.file)),
        ],
        json: STANDARD.encode(json),
        c,
    }
}

/// What is wrong with a file that could not be looked into at all; `None` of any other.
fn not_examined(report: &Report) -> Option<&Finding> {
    match report.findings.as_slice() {
        [only]
            if only.step == Step::Format && report.verdict != Verdict::Passed && report.seals.is_empty() =>
        {
            Some(only)
        }
        _ => None,
    }
}

/// `POST /verify`
pub(super) async fn post(From(state): From<State>, c: Chrome, request: Request) -> Result<Response, Problem> {
    let bytes = match upload(request).await {
        Ok(bytes) if !bytes.is_empty() => bytes,
        Ok(_) => {
            let fault = Some((c.t("verify.no_file"), c.t("verify.no_file_text")));
            return page(StatusCode::UNPROCESSABLE_ENTITY, &Verify { c, fault });
        }
        Err(problem) => {
            let text = c.f(problem.refusal.code, &problem.refusal.args);
            let fault = Some((c.t("verify.unreadable"), text));
            return page(problem.kind.status(), &Verify { c, fault });
        }
    };
    let report = verify_file::run(&state, bytes.to_vec()).await?;
    if let Some(finding) = not_examined(&report) {
        let fault = Some((c.t("verify.unreadable"), c.f(finding.code, &finding.args)));
        return page(StatusCode::UNPROCESSABLE_ENTITY, &Verify { c, fault });
    }
    let view = ReportView::from(report.clone());
    let json = serde_json::to_vec_pretty(&view).unwrap_or_default();
    page(StatusCode::OK, &report_page(c, &report, &json))
}
