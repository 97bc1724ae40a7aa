//! A seal as the API shows it.

use crate::domain::refusal::{Refusal, RefusalClass};
use crate::domain::seal::{Seal, SealCode, SealEvent};
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
    /// Owner, by credit code.
    pub owner_code: String,
    /// Owner's name.
    pub owner_name: String,
    /// `legal-name`, `license` or `business`.
    pub purpose: String,
    /// The words below the star.
    pub purpose_words: String,
    /// The suites it signs in: `p256`, `sm2`.
    pub suites: Vec<String>,
    /// `drawn` or `uploaded`.
    pub picture: String,
    /// `requested`, `rejected`, `active`, `suspended`, `expired` or `revoked`. Only an active seal seals.
    pub state: String,
    /// Who asked for it (credential).
    pub requested_by: String,
    /// Who approved it (credential).
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

/// A seal's life.
#[derive(Serialize, ToSchema)]
pub struct SealHistory {
    /// Oldest first.
    pub events: Vec<SealEventView>,
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
    /// The seal as it stands at `now`.
    pub fn of(seal: Seal, now: Timestamp) -> Self {
        let state = if seal.is_expired(now) { "expired" } else { seal.state.name() };
        Self {
            code: seal.code.to_string(),
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
