//! Electronic seals (电子印章): who owns them, what they look like, and their life.

mod approval;
mod interval;
mod owner;
mod paper;
mod purpose;
mod state;

pub use approval::{APPROVAL_LASTS, Approval, Decision, Wish, pending};
pub use interval::{Interval, SealEvent, intervals, state_at};
pub use owner::{OwnerKind, Paper, PersonIdentity};
pub use paper::{HeldPaper, PaperMedia};
pub use purpose::{SealPurpose, Shape};
pub use state::{SealAct, SealState};

use super::picture::{Drawing, UploadedPicture};
use super::refusal::{Refusal, RefusalClass};
use super::suite::Suite;
use super::time::Timestamp;

/// 14 digits: 6 of the place (GB/T 2260), 8 more. The seal's identity everywhere, and the common name of
/// its signing certificate, as government seals carry it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SealCode(String);

impl SealCode {
    /// Reads 14 digits.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 14 && text.bytes().all(|b| b.is_ascii_digit())).then(|| Self(text.to_owned()))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for SealCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a seal's picture comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SealLook {
    /// Drawn by the service.
    Drawn,
    /// Brought by the owner.
    Uploaded,
}

impl SealLook {
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Drawn => "drawn",
            Self::Uploaded => "uploaded",
        }
    }

    /// The look of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Drawn, Self::Uploaded].into_iter().find(|look| look.name() == name)
    }
}

/// What a seal shows. Kept beside the seal, not in it: it never changes, is large, and few who ask for a seal want it.
#[derive(Clone, Debug, PartialEq)]
pub enum SealPicture {
    /// Drawn by the service: every official seal.
    Drawn(Drawing),
    /// Brought by the owner: allowed for owners that are not departments.
    Uploaded(UploadedPicture),
}

impl SealPicture {
    /// Where it comes from.
    pub const fn look(&self) -> SealLook {
        match self {
            Self::Drawn(_) => SealLook::Drawn,
            Self::Uploaded(_) => SealLook::Uploaded,
        }
    }
}

/// A seal.
#[derive(Clone, Debug, PartialEq)]
pub struct Seal {
    /// Its code.
    pub code: SealCode,
    /// Owner: a department's credit code, another body's, or what stands for a person (see [`PersonIdentity`]).
    pub owner_code: String,
    /// Owner's name in full, as on the seal.
    pub owner_name: String,
    /// What kind of owner that is.
    pub owner_kind: OwnerKind,
    /// Who the owner is, where it is a person.
    pub person: Option<PersonIdentity>,
    /// What it is for.
    pub purpose: SealPurpose,
    /// The words below the star, e.g. `电子证照专用章`; empty for a legal-name seal.
    pub purpose_words: String,
    /// Where its picture comes from.
    pub look: SealLook,
    /// The suites it was asked for in; once approved it has a [`SealCredential`] of each.
    pub suites: Vec<Suite>,
    /// State.
    pub state: SealState,
    /// The papers that it was asked for with.
    pub papers: Vec<Paper>,
    /// The seal that it takes the place of once it is made (重新制作).
    pub replaces: Option<SealCode>,
    /// The seal that took its place.
    pub replaced_by: Option<SealCode>,
    /// Who asked for it (credential id).
    pub requested_by: String,
    /// Who approved it last, so that it was made (credential id); never the one who asked. All who approved are in its
    /// approvals.
    pub approved_by: Option<String>,
    /// Not used before this.
    pub valid_from: Timestamp,
    /// Not used after this.
    pub valid_until: Timestamp,
    /// Grows by one with each change.
    pub revision: u32,
}

/// What a seal signs with in one suite. Made when the seal is approved, and never changed.
#[derive(Clone, PartialEq, Eq)]
pub struct SealCredential {
    /// The suite.
    pub suite: Suite,
    /// Handle of its key.
    pub key: String,
    /// DER of its signing certificate.
    pub x509: Vec<u8>,
    /// The seal as an object of GB/T 38540-2020 (DER), where the suite has one.
    pub object: Option<Vec<u8>>,
}

impl std::fmt::Debug for SealCredential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealCredential")
            .field("suite", &self.suite)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

impl Seal {
    /// Whether it may seal at `now`; if not, why not.
    pub fn check_usable(&self, now: Timestamp) -> Result<(), Refusal> {
        let code = match self.state {
            SealState::Active if now < self.valid_from => "seal.not_yet_valid",
            SealState::Active if now > self.valid_until => "seal.expired",
            SealState::Active => return Ok(()),
            SealState::Requested => "seal.not_approved",
            SealState::Rejected => "seal.rejected",
            SealState::Suspended => "seal.suspended",
            SealState::Replaced => "seal.replaced",
            SealState::Cancelled => "seal.cancelled",
            SealState::Void => "seal.void",
        };
        Err(Refusal::new(RefusalClass::Conflict, code).with("seal", &self.code))
    }

    /// Whether its time is over at `now`. Expiry is no state: it follows from the dates, and only a seal that was in use
    /// expires.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        matches!(self.state, SealState::Active | SealState::Suspended) && now > self.valid_until
    }
}

#[cfg(test)]
mod tests;
