//! One document that was sealed, or was not.

use super::state;
use crate::domain::seal_job::{JobState, Place, SealJob, Which};
use crate::http::pages::chrome::Chrome;
use crate::http::pages::words::{self, Fact, Tag};
use askama::Template;

#[derive(Template)]
#[template(path = "pages/document.html")]
pub(in crate::http::pages) struct OneDocument {
    pub(in crate::http::pages) c: Chrome,
    pub(in crate::http::pages) id: String,
    pub(in crate::http::pages) name: String,
    pub(in crate::http::pages) seal: String,
    pub(in crate::http::pages) state: Tag,
    /// Whether it was sealed a moment ago.
    pub(in crate::http::pages) fresh: bool,
    /// Whether there is a file.
    pub(in crate::http::pages) done: bool,
    /// Why there is none and never will be.
    pub(in crate::http::pages) refusal: Option<String>,
    pub(in crate::http::pages) about: Vec<Fact>,
    pub(in crate::http::pages) evidence: Vec<Fact>,
}

/// The page about a job.
pub(in crate::http::pages) fn one_document(c: Chrome, job: &SealJob, fresh: bool) -> OneDocument {
    let mut about = vec![
        (c.t("act.reason"), job.reason.clone()),
        (c.t("documents.place"), place(&c, job)),
        (c.t("documents.by"), job.requested_by.clone()),
        (c.t("documents.at"), words::moment(job.started_at)),
    ];
    if let Some(grant) = &job.grant {
        about.push((c.t("documents.grant"), grant.to_string()));
    }
    let form =
        format!("{} · {}", job.form.format.name().to_uppercase(), job.form.suite.name().to_uppercase());
    let mut evidence = vec![
        (c.t("seals.code"), job.seal.to_string()),
        (c.t("documents.form"), form),
        (c.t("documents.job"), job.id.to_string()),
        (c.t("documents.brought"), hex::encode(job.brought.sha256)),
    ];
    let mut refusal = None;
    match &job.state {
        JobState::Open => {}
        JobState::Done { file, .. } => {
            evidence.push((c.t("documents.sealed_hash"), hex::encode(file.sha256)));
        }
        JobState::Failed { code, .. } => refusal = Some(c.t(code)),
    }
    OneDocument {
        id: job.id.to_string(),
        name: job.name.clone(),
        seal: job.seal.to_string(),
        state: state(&c, &job.state),
        fresh,
        done: matches!(job.state, JobState::Done { .. }),
        refusal,
        about,
        evidence,
        c,
    }
}

/// Where the seal stands, in words.
fn place(c: &Chrome, job: &SealJob) -> String {
    let stands = match &job.place {
        Place::At(point) => {
            let millimetres = |hundredths: u32| format!("{}.{:02}", hundredths / 100, hundredths % 100);
            c.f(
                "documents.at_point",
                [("page", point.page.to_string()), ("x", millimetres(point.x)), ("y", millimetres(point.y))],
            )
        }
        Place::Words { words, which } => {
            let which = match which {
                Which::Only => c.t("documents.which_only"),
                Which::Nth(nth) => c.f("documents.which_nth", [("nth", nth.to_string())]),
                Which::Last => c.t("documents.which_last"),
                Which::All => c.t("documents.which_all"),
            };
            c.f("documents.at_words", [("words", words.clone()), ("which", which)])
        }
    };
    if job.straddling { format!("{stands}\n{}", c.t("documents.astride")) } else { stands }
}
