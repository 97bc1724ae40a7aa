//! A seal as the API shows it.

use crate::domain::refusal::{Refusal, RefusalClass};
use crate::domain::seal::{Approval, HeldPaper, Interval, Seal, SealCode, SealEvent, pending};
use crate::domain::time::Timestamp;
use crate::http::problem::Problem;
use serde::Serialize;
use utoipa::ToSchema;

/// A seal.
#[derive(Serialize, ToSchema)]
pub struct SealView {
    /// Code.
    #[schema(pattern = "^[0-9]{14}$")]
    pub code: String,
    /// Owner, by credit code; `person-` and digits that stand for a person.
    pub owner_code: String,
    /// `organ`, `institution`, `enterprise`, `social-organisation`, `other` or `person`.
    pub owner_kind: String,
    /// Owner's name.
    pub owner_name: String,
    /// `legal-name`, `license`, `business`, `finance`, `contract`, `invoice`, `legal-representative`, `inner-body`, `branch`,
    /// `personal-name` or `signature`.
    pub purpose: String,
    /// The words below the star.
    pub purpose_words: String,
    /// The suites it signs in: `p256`, `sm2`.
    pub suites: Vec<String>,
    /// `drawn` or `uploaded`.
    pub picture: String,
    /// `requested`, `rejected`, `active`, `suspended`, `expired`, `replaced`, `cancelled` or `void`. Only an active seal seals.
    pub state: String,
    /// Approvals that wait for another person's, of acts that take two people. Left out of lists.
    pub waiting: Vec<ApprovalView>,
    /// The papers of the application.
    pub papers: Vec<SealPaperView>,
    /// The seal that it takes or took the place of.
    pub replaces: Option<String>,
    /// The seal that took its place.
    pub replaced_by: Option<String>,
    /// Who asked for it (credential).
    pub requested_by: String,
    /// Who gave the approval that made it (credential).
    pub approved_by: Option<String>,
    /// Not used before this.
    #[schema(format = "date-time")]
    pub valid_from: String,
    /// Not used after this.
    #[schema(format = "date-time")]
    pub valid_until: String,
    /// Grows with each change.
    pub revision: u32,
}

/// A paper of an application.
#[derive(Serialize, ToSchema)]
pub struct SealPaperView {
    /// What it is called.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// How many bytes it has.
    pub size: u64,
    /// Its media type, where its bytes were brought and can be read; null where they stay with the applicant. Always null in
    /// lists and in answers to acts.
    pub media: Option<String>,
}

/// One person's yes to an act.
#[derive(Serialize, ToSchema)]
pub struct ApprovalView {
    /// `approve`, `resume` or `void`.
    pub act: String,
    /// Revision of the seal that it was given for.
    pub revision: u32,
    /// By whom (credential).
    pub by: String,
    /// When.
    #[schema(format = "date-time")]
    pub at: String,
    /// It counts before this.
    #[schema(format = "date-time")]
    pub expires: String,
    /// Whether it ran out.
    pub expired: bool,
    /// Why.
    pub reason: String,
}

/// A seal's life.
#[derive(Serialize, ToSchema)]
pub struct SealHistory {
    /// What was recorded, oldest first.
    pub events: Vec<SealEventView>,
    /// What it counts as having been when, oldest first: without gap, the last without end. Everything since the making of
    /// a seal that was voided later is void.
    pub intervals: Vec<IntervalView>,
    /// Every approval of acts that take two people, oldest first.
    pub approvals: Vec<ApprovalView>,
}

/// A time in one state.
#[derive(Serialize, ToSchema)]
pub struct IntervalView {
    /// The state.
    pub state: String,
    /// Its beginning.
    #[schema(format = "date-time")]
    pub from: String,
    /// Its end, which belongs to it no more; null while it lasts.
    #[schema(format = "date-time")]
    pub until: Option<String>,
}

/// One change.
#[derive(Serialize, ToSchema)]
pub struct SealEventView {
    /// State entered.
    pub state: String,
    /// When.
    #[schema(format = "date-time")]
    pub at: String,
    /// By whom (credential).
    pub by: String,
    /// Why.
    pub reason: String,
}

impl SealView {
    /// The seal as it stands at `now`, with its approvals.
    pub fn of(seal: Seal, approvals: &[Approval], now: Timestamp) -> Self {
        let waiting =
            pending(&seal, approvals).into_iter().map(|given| ApprovalView::of(given, now)).collect();
        let papers = seal.papers.iter().map(|paper| SealPaperView {
            name: paper.name.clone(),
            sha256: hex::encode(paper.sha256),
            size: paper.size,
            media: None,
        });
        let state = if seal.is_expired(now) { "expired" } else { seal.state.name() };
        Self {
            code: seal.code.to_string(),
            waiting,
            papers: papers.collect(),
            replaces: seal.replaces.map(|code| code.to_string()),
            replaced_by: seal.replaced_by.map(|code| code.to_string()),
            owner_kind: seal.owner_kind.name().to_owned(),
            owner_code: seal.owner_code,
            owner_name: seal.owner_name,
            purpose: seal.purpose.name().to_owned(),
            purpose_words: seal.purpose_words,
            suites: seal.suites.iter().map(|suite| suite.name().to_owned()).collect(),
            picture: seal.look.name().to_owned(),
            state: state.to_owned(),
            requested_by: seal.requested_by,
            approved_by: seal.approved_by,
            valid_from: seal.valid_from.to_string(),
            valid_until: seal.valid_until.to_string(),
            revision: seal.revision,
        }
    }
}

impl SealView {
    /// With what is known of the papers whose bytes are kept.
    pub fn with_papers(mut self, held: &[HeldPaper]) -> Self {
        for paper in &mut self.papers {
            let found = held.iter().find(|held| hex::encode(held.sha256) == paper.sha256);
            paper.media = found.map(|held| held.media.name().to_owned());
        }
        self
    }
}

impl ApprovalView {
    /// The approval as it stands at `now`.
    pub fn of(approval: &Approval, now: Timestamp) -> Self {
        Self {
            act: approval.act.name().to_owned(),
            revision: approval.revision,
            by: approval.by.clone(),
            at: approval.at.to_string(),
            expires: approval.expires.to_string(),
            expired: now >= approval.expires,
            reason: approval.reason.clone(),
        }
    }
}

impl From<Interval> for IntervalView {
    fn from(interval: Interval) -> Self {
        Self {
            state: interval.state.name().to_owned(),
            from: interval.from.to_string(),
            until: interval.until.map(|until| until.to_string()),
        }
    }
}

impl From<SealEvent> for SealEventView {
    fn from(event: SealEvent) -> Self {
        Self {
            state: event.state.name().to_owned(),
            at: event.at.to_string(),
            by: event.by,
            reason: event.reason,
        }
    }
}

/// Reads a seal's code out of a path. What is none names no seal.
pub fn code(text: &str) -> Result<SealCode, Problem> {
    SealCode::parse(text).ok_or_else(|| Refusal::new(RefusalClass::NotFound, "seal.unknown").into())
}
