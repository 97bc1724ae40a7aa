//! One license and what has become of it.

use super::{FileFormat, LicenseFile, LicenseId};
use crate::domain::time::{Date, Timestamp};
use std::collections::BTreeMap;

/// The field values of a license, by the field's name in its kind. All are text in canonical form:
/// dates `YYYY-MM-DD`, money in yuan with two decimals, enumerations by code.
pub type LicenseData = BTreeMap<String, String>;

/// Whom a license is about (持证主体).
#[derive(Clone, PartialEq, Eq)]
pub struct Holder {
    /// Name. Where several hold it together, their names are joined by 、.
    pub name: String,
    /// Code type (GB/T 36903 annex A): `001` unified social credit code, `111` resident identity number, ….
    pub code_type: String,
    /// The code itself.
    pub code: String,
}

impl std::fmt::Debug for Holder {
    /// Leaves the values out: they are personal data and must not reach a log line.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Holder").field("code_type", &self.code_type).finish_non_exhaustive()
    }
}

/// The four legal acts that end a license; they are distinct in administrative law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ending {
    /// 注销: closed at the end of its life or at the holder's request.
    Cancelled,
    /// 撤销: annulled because it should not have been granted.
    Annulled,
    /// 撤回: withdrawn in the public interest after a lawful grant.
    Withdrawn,
    /// 吊销: revoked as a punishment.
    Revoked,
}

impl Ending {
    /// Every act.
    pub const ALL: [Self; 4] = [Self::Cancelled, Self::Annulled, Self::Withdrawn, Self::Revoked];

    /// Stable name, as in the API and in stores.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Annulled => "annulled",
            Self::Withdrawn => "withdrawn",
            Self::Revoked => "revoked",
        }
    }

    /// The act of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|e| e.name() == name)
    }
}

/// Where a license stands. Expiry is not a state: it follows from the dates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LicenseState {
    /// In force (subject to its dates).
    Active,
    /// Temporarily without force (暂扣).
    Suspended {
        /// Why, as the department put it.
        reason: String,
    },
    /// Ended for good.
    Ended {
        /// By which act.
        ending: Ending,
        /// Why, as the department put it.
        reason: String,
    },
    /// Replaced by a newer edition.
    Superseded {
        /// The edition that took its place.
        by: LicenseId,
    },
}

impl LicenseState {
    /// Stable name without detail: `active`, `suspended`, `cancelled`, `annulled`, `withdrawn`, `revoked`, `superseded`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended { .. } => "suspended",
            Self::Ended { ending, .. } => ending.name(),
            Self::Superseded { .. } => "superseded",
        }
    }
}

/// A released license: sealed, proved and committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct License {
    /// Standard identifier (GB/T 36904-2018).
    pub id: LicenseId,
    /// Its kind's name, e.g. `business-license`.
    pub kind: String,
    /// Version of the kind file that made it.
    pub kind_version: u32,
    /// Printed number (证照编号).
    pub number: String,
    /// Issuing department, by credit code.
    pub issuer: String,
    /// Whom it is about.
    pub holder: Holder,
    /// Its fields.
    pub data: LicenseData,
    /// Date of issue.
    pub issued_on: Date,
    /// First day of validity.
    pub valid_from: Date,
    /// Last day of validity; `None` if it has no end.
    pub valid_until: Option<Date>,
    /// Edition, from 1; the identifier carries it with three digits.
    pub edition: u16,
    /// The edition before this one.
    pub previous: Option<LicenseId>,
    /// State now.
    pub state: LicenseState,
    /// Grows by one with each change of state; a change must name the one it saw.
    pub revision: u32,
    /// Code of the seal on it.
    pub seal: String,
    /// Check code printed beside the verification code: a stranger must know it to ask for the state.
    pub check_code: String,
    /// The files it was released as, one a form, in the order of its kind; at least one.
    pub files: Vec<LicenseFile>,
    /// Salt of its commitment in the public log; 16 random bytes.
    pub salt: [u8; 16],
    /// When it was released.
    pub released_at: Timestamp,
}

/// Whether a license may be relied on at a moment, and if not, why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// In force.
    InForce,
    /// Its first day has not come.
    NotYetValid,
    /// Its last day has passed.
    Expired,
    /// Temporarily without force.
    Suspended,
    /// Ended by a legal act.
    Ended(Ending),
    /// Replaced by a newer edition.
    Superseded,
}

impl Standing {
    /// Stable name: `in-force`, `not-yet-valid`, `expired`, `suspended`, the ending's name, `superseded`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InForce => "in-force",
            Self::NotYetValid => "not-yet-valid",
            Self::Expired => "expired",
            Self::Suspended => "suspended",
            Self::Ended(ending) => ending.name(),
            Self::Superseded => "superseded",
        }
    }
}

impl License {
    /// The file of that format, if it was released in it.
    pub fn file(&self, format: FileFormat) -> Option<&LicenseFile> {
        self.files.iter().find(|file| file.form.format == format)
    }

    /// Where it stands at `now`. A legal act outweighs the calendar.
    pub fn standing(&self, now: Timestamp) -> Standing {
        let today = now.date_in_china();
        match &self.state {
            LicenseState::Ended { ending, .. } => Standing::Ended(*ending),
            LicenseState::Superseded { .. } => Standing::Superseded,
            LicenseState::Suspended { .. } => Standing::Suspended,
            LicenseState::Active if today < self.valid_from => Standing::NotYetValid,
            LicenseState::Active if self.valid_until.is_some_and(|last| today > last) => Standing::Expired,
            LicenseState::Active => Standing::InForce,
        }
    }
}
