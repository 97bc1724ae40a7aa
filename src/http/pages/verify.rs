//! The public page: a file comes in, a report goes out. Nobody signs in, nothing is kept.

use super::chrome::Chrome;
use super::words::{self, Fact};
use super::{page, verify_code};
use crate::app::report_pdf::{self, ReportWords};
use crate::app::verify_file;
use crate::domain::report::{Finding, OWN_RULES, Report, SealSummary, Step, Verdict, Weight};
use crate::domain::time::Timestamp;
use crate::http::State;
use crate::http::api::verifications::{ReportView, upload};
use crate::http::caller::ClientAddress;
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
    /// The report as a PDF file, in base64; `None` if it could not be made.
    pub(super) pdf: Option<String>,
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
pub(super) fn moment(at: Timestamp) -> String {
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
    // A seal by itself is no file that anybody could rely on.
    let seal = || {
        let words = ["verify.passed", "verify.passed_seal_sentence", "verify.passed_seal_act"];
        report.has("eseal.read").then_some(("passed", words))
    };
    let passed = super::papers::passed(report).or_else(seal);
    let mut verdict = verdict_of(c, report.verdict, &report.findings, passed);
    // Of a file that failed nothing is claimed in large letters: what it says of itself proves nothing.
    verdict.whose = match (&report.license, &report.paper) {
        (Some(license), _) if report.verdict == Verdict::Passed => {
            format!("{} · {}", license.kind_title, license.number)
        }
        (_, Some(paper)) if report.verdict == Verdict::Passed => {
            let told = [&paper.purpose, &paper.recipient].into_iter().filter(|text| !text.is_empty());
            told.map(String::as_str).collect::<Vec<_>>().join(" · ")
        }
        _ => String::new(),
    };
    verdict
}

/// A verdict with its findings in words; `passed` is what it is called where it passed and is no license file.
pub(super) fn verdict_of(
    c: &Chrome,
    verdict: Verdict,
    findings: &[Finding],
    passed: Option<(&'static str, [&'static str; 3])>,
) -> super::verdict::Verdict {
    let (name, tone, icon, [word, sentence, act]) = match verdict {
        Verdict::Passed => {
            let usual = ("passed", ["verify.passed", "verify.passed_sentence", "verify.passed_act"]);
            let (name, words) = passed.unwrap_or(usual);
            (name, "good", "tick", words)
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
    // The finding that decided is the sentence, so that the cause named is the cause.
    let decisive = match verdict {
        Verdict::Passed => None,
        Verdict::Indeterminate => findings.iter().find(|f| f.weight == Weight::Unclear),
        Verdict::Failed => findings.iter().find(|f| f.weight == Weight::Bad),
    };
    super::verdict::Verdict {
        name,
        tone,
        icon,
        word: c.t(word),
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
        pdf: None,
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

/// The report in words, for paper.
/// What the paper of a report on a file is called, what it says of itself, and how to have it again.
const OF_FILE: [&str; 3] = ["report.paper_title", "report.paper_note", "report.paper_how"];

/// A report as a PDF file, in the words of its page; `digest` tells what it is on, `names` are texts as [`OF_FILE`] has them. None
/// if it could not be written: the page is what was asked for, and without the file to keep it still says everything.
pub(super) async fn pdf_of(
    state: &State,
    shown: &ReportPage,
    (verdict, findings): (Verdict, &[Finding]),
    digest: [u8; 32],
    names: [&str; 3],
) -> Option<String> {
    let words = words_of(shown, (verdict, findings), digest, names, &state.settings.public_url);
    match report_pdf::run(state, words).await {
        Ok(pdf) => Some(STANDARD.encode(pdf)),
        Err(error) => {
            tracing::error!(%error, "a report could not be written as PDF");
            None
        }
    }
}

fn words_of(
    shown: &ReportPage,
    (verdict, findings): (Verdict, &[Finding]),
    digest: [u8; 32],
    [title, note, how]: [&str; 3],
    place: &str,
) -> ReportWords {
    let c = &shown.c;
    let mut parts = Vec::new();
    let mut part = |title: String, rows: &[Fact]| {
        if !rows.is_empty() {
            parts.push((title, rows.to_vec()));
        }
    };
    part(shown.inside.clone(), &shown.license);
    for seal in &shown.seals {
        part(c.t("report.seal"), seal);
    }
    part(c.t("report.evidence"), &shown.evidence);
    let findings = findings.iter().zip(&shown.findings);
    ReportWords {
        title: c.t(title),
        subtitle: c.t("report.paper_subtitle"),
        verdict,
        word: shown.v.word.clone(),
        sentence: shown.v.sentence.clone(),
        note: c.t(note),
        parts,
        findings_title: c.t("report.steps"),
        findings: findings
            .map(|(finding, line)| {
                (
                    finding.weight,
                    format!("{} {}", line.step, line.word),
                    format!("{}  {}", line.text, line.standard),
                )
            })
            .collect(),
        file: hex::encode(digest),
        how: c.f(how, [("place", place.to_owned())]),
    }
}

/// `POST /verify`
pub(super) async fn post(
    From(state): From<State>,
    c: Chrome,
    ClientAddress(from): ClientAddress,
    request: Request,
) -> Result<Response, Problem> {
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
    if verify_code::is_picture(&bytes) {
        return verify_code::picture(&state, c, &from, bytes.to_vec()).await;
    }
    let report = verify_file::run(&state, bytes.to_vec()).await?;
    if let Some(finding) = not_examined(&report) {
        let fault = Some((c.t("verify.unreadable"), c.f(finding.code, &finding.args)));
        return page(StatusCode::UNPROCESSABLE_ENTITY, &Verify { c, fault });
    }
    let view = ReportView::from(report.clone());
    let json = serde_json::to_vec_pretty(&view).unwrap_or_default();
    let mut shown = report_page(c, &report, &json);
    let found = (report.verdict, &report.findings[..]);
    shown.pdf = pdf_of(&state, &shown, found, report.file, OF_FILE).await;
    page(StatusCode::OK, &shown)
}
