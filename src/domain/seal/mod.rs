//! Electronic seals (电子印章): who owns them, what they look like, and their life.

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

/// What a seal is for; decides its words and size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SealPurpose {
    /// 法定名称章: the body's own name; nothing below the star.
    LegalName,
    /// 电子证照专用章: for electronic licenses.
    License,
    /// 业务专用章, e.g. 不动产登记专用章: the words stand on the seal.
    Business,
}

impl SealPurpose {
    /// Every purpose.
    pub const ALL: [Self; 3] = [Self::LegalName, Self::License, Self::Business];

    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LegalName => "legal-name",
            Self::License => "license",
            Self::Business => "business",
        }
    }

    /// The purpose of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.name() == name)
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

/// Where a seal is in its life. Kept as it is now; its history is in the seal's events. Whether it has expired is asked of
/// [`Seal::is_expired`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SealState {
    /// Applied for, waiting for a second person.
    Requested,
    /// Turned down by the second person.
    Rejected,
    /// In use.
    Active,
    /// Out of use for a time (停用).
    Suspended,
    /// Out of use for good.
    Revoked,
}

impl SealState {
    /// Every state.
    pub const ALL: [Self; 5] =
        [Self::Requested, Self::Rejected, Self::Active, Self::Suspended, Self::Revoked];

    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Rejected => "rejected",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }
}

/// What is done to a seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SealAct {
    /// A second person approves; the seal is made.
    Approve,
    /// A second person turns it down.
    Reject,
    /// Taken out of use for a time.
    Suspend,
    /// Put back into use.
    Resume,
    /// Taken out of use for good.
    Revoke,
}

impl SealAct {
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Revoke => "revoke",
        }
    }
}

/// A seal.
#[derive(Clone, Debug, PartialEq)]
pub struct Seal {
    /// Its code.
    pub code: SealCode,
    /// Owner: a department's credit code, or another body's.
    pub owner_code: String,
    /// Owner's name in full, as on the seal.
    pub owner_name: String,
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
    /// Who asked for it (credential id).
    pub requested_by: String,
    /// Who approved it (credential id); never the one who asked.
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
            SealState::Revoked => "seal.revoked",
        };
        Err(Refusal::new(RefusalClass::Conflict, code).with("seal", &self.code))
    }

    /// Whether its time is over at `now`. Expiry is no state: it follows from the dates, and only a seal that was in use
    /// expires.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        matches!(self.state, SealState::Active | SealState::Suspended) && now > self.valid_until
    }

    /// The state after `act` by `actor`, if the act is allowed. Approval and rejection need a second person.
    pub fn after(&self, act: SealAct, actor: &str) -> Result<SealState, Refusal> {
        use SealAct as A;
        use SealState as S;
        if matches!(act, A::Approve | A::Reject) && self.requested_by == actor {
            return Err(Refusal::new(RefusalClass::Forbidden, "seal.second_person_needed"));
        }
        match (self.state, act) {
            (S::Requested, A::Approve) | (S::Suspended, A::Resume) => Ok(S::Active),
            (S::Requested, A::Reject) => Ok(S::Rejected),
            (S::Active, A::Suspend) => Ok(S::Suspended),
            (S::Active | S::Suspended, A::Revoke) => Ok(S::Revoked),
            (state, act) => Err(Refusal::new(RefusalClass::Conflict, "seal.act_not_allowed")
                .with("state", state.name())
                .with("act", act.name())),
        }
    }
}

/// One change in a seal's life: from this moment it was in this state. Verification asks what held when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealEvent {
    /// The seal.
    pub seal: SealCode,
    /// State entered.
    pub state: SealState,
    /// When.
    pub at: Timestamp,
    /// By whom (credential id).
    pub by: String,
    /// Why; empty where no reason is asked for.
    pub reason: String,
}

/// The state a seal was in at `at`, from its events in any order; `None` before the first.
pub fn state_at(events: &[SealEvent], at: Timestamp) -> Option<SealState> {
    events.iter().filter(|e| e.at <= at).max_by_key(|e| e.at).map(|e| e.state)
}

#[cfg(test)]
mod tests;
