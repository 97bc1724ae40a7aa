//! A seal job as the API shows it.

use crate::domain::refusal::{Refusal, RefusalClass};
use crate::domain::seal_job::{JobId, JobState, Place, SealJob, Which};
use crate::http::problem::Problem;
use serde::Serialize;
use utoipa::ToSchema;

/// A seal job.
#[derive(Serialize, ToSchema)]
pub struct SealJobView {
    /// Identity.
    #[schema(pattern = "^[0-9a-f]{32}$")]
    id: String,
    /// `open`, `done` or `failed`.
    #[schema(pattern = "^(open|done|failed)$")]
    state: String,
    /// Code of the seal.
    #[schema(pattern = "^[0-9]{14}$")]
    seal: String,
    /// The seal's owner: whose seal stands on the file.
    owner: String,
    /// The grant under which it was used.
    grant: Option<String>,
    /// `pdf` or `ofd`.
    format: String,
    /// `p256` or `sm2`.
    suite: String,
    /// Where the seal stands.
    place: SealPlaceView,
    /// Whether it also stands astride the edges of all pages.
    straddling: bool,
    /// What the file is called.
    name: String,
    /// Why it was sealed.
    reason: String,
    /// The file as it was brought.
    brought: KeptFileView,
    /// The sealed file, once it is there.
    sealed: Option<KeptFileView>,
    /// Who asked (credential).
    requested_by: String,
    /// When the intent was recorded.
    #[schema(format = "date-time")]
    started_at: String,
    /// When it ended.
    #[schema(format = "date-time")]
    ended_at: Option<String>,
    /// Why it failed: the refusal's code.
    refusal: Option<String>,
}

/// A place.
#[derive(Serialize, ToSchema)]
pub struct SealPlaceView {
    /// Words of the file.
    words: Option<String>,
    /// Which of the places where they stand: `only`, `nth`, `last` or `all`.
    which: Option<String>,
    /// This one, from 1.
    nth: Option<u32>,
    /// The page, from 1.
    page: Option<u32>,
    /// Millimetres from its left edge.
    x: Option<f64>,
    /// Millimetres from its top edge.
    y: Option<f64>,
}

/// A file.
#[derive(Serialize, ToSchema)]
pub struct KeptFileView {
    /// SHA-256 of its bytes.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    sha256: String,
    /// How many bytes.
    size: u64,
}

impl From<&Place> for SealPlaceView {
    fn from(place: &Place) -> Self {
        let none = Self { words: None, which: None, nth: None, page: None, x: None, y: None };
        match place {
            Place::Words { words, which } => {
                let (which, nth) = match which {
                    Which::Only => ("only", None),
                    Which::Nth(nth) => ("nth", Some(*nth)),
                    Which::Last => ("last", None),
                    Which::All => ("all", None),
                };
                Self { words: Some(words.clone()), which: Some(which.to_owned()), nth, ..none }
            }
            Place::At(point) => {
                let millimetres = |hundredths: u32| Some(f64::from(hundredths) / 100.0);
                let (x, y) = (millimetres(point.x), millimetres(point.y));
                Self { page: Some(point.page), x, y, ..none }
            }
        }
    }
}

impl From<SealJob> for SealJobView {
    fn from(job: SealJob) -> Self {
        let (sealed, ended_at, refusal) = match &job.state {
            JobState::Open => (None, None, None),
            JobState::Done { file, at } => (Some(*file), Some(*at), None),
            JobState::Failed { code, at } => (None, Some(*at), Some(code.clone())),
        };
        let kept = |file: crate::domain::seal_job::KeptFile| KeptFileView {
            sha256: hex::encode(file.sha256),
            size: file.size,
        };
        Self {
            id: job.id.to_string(),
            state: job.state.name().to_owned(),
            seal: job.seal.to_string(),
            owner: job.owner,
            grant: job.grant.map(|grant| grant.to_string()),
            format: job.form.format.name().to_owned(),
            suite: job.form.suite.name().to_owned(),
            place: SealPlaceView::from(&job.place),
            straddling: job.straddling,
            name: job.name,
            reason: job.reason,
            brought: kept(job.brought),
            sealed: sealed.map(kept),
            requested_by: job.requested_by,
            started_at: job.started_at.to_string(),
            ended_at: ended_at.map(|at| at.to_string()),
            refusal,
        }
    }
}

/// Reads a job's identity. What is none names no job.
pub fn job_id(text: &str) -> Result<JobId, Problem> {
    JobId::parse(text).ok_or_else(|| Refusal::new(RefusalClass::NotFound, "seal_job.unknown").into())
}
