//! Trust lists (信任列表): whom a region vouches for. Each region publishes one, signed; who has pinned its signer takes the
//! bodies in it for trustworthy from and until the times that it states, each for its own service only.
//!
//! The model is that of ETSI TS 119 612 (services, status, history, next update), reduced to what seals and licenses
//! need. `formats/trust_list` has it as bytes.

mod accept;
mod change;
mod territory;

pub use accept::{Accepted, Kept, NotAccepted, accept};
pub use change::{Change, ChangeKind, changes};
pub use territory::Territory;

use super::time::Timestamp;
use std::time::Duration;

/// How long after its `next_update` a list is still relied on, with a note. Where a publisher fails for some days,
/// nobody's licenses turn red for it; after that nobody knows what was withdrawn, and what hangs on it is undecided.
pub const GRACE: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// A name in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// What a listed body does. It is recognised for this and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ServiceKind {
    /// A root: what it and the authorities below it issued to those who seal.
    RootCa,
    /// An authority that issues to those who seal.
    IssuingCa,
    /// A body that makes seals (制章者).
    SealMaker,
    /// A timestamping authority, or what issues to one.
    TimeStamping,
}

impl ServiceKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::RootCa, Self::IssuingCa, Self::SealMaker, Self::TimeStamping];

    /// Stable name, as in the file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RootCa => "root-ca",
            Self::IssuingCa => "issuing-ca",
            Self::SealMaker => "seal-maker",
            Self::TimeStamping => "timestamping",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether only an authority (a CA) can do it.
    pub const fn is_ca(self) -> bool {
        matches!(self, Self::RootCa | Self::IssuingCa)
    }
}

/// One service of one body, for one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it does.
    pub service: ServiceKind,
    /// What it is called.
    pub name: Names,
    /// Its X.509 certificate, DER.
    pub x509: Vec<u8>,
    /// Recognised from.
    pub valid_from: Timestamp,
    /// Recognised until, this moment included; without end if absent.
    pub valid_until: Option<Timestamp>,
    /// Since when it is withdrawn; it is granted if absent. May lie in the past: since a key was in the wrong hands.
    pub withdrawn_since: Option<Timestamp>,
    /// Places whose seals it may vouch for; all within the list's territory. Those of the territory if empty.
    pub areas: Vec<Territory>,
    /// Where its revocation lists can be had. For people: nothing is fetched while a file is verified.
    pub crl_addresses: Vec<String>,
    /// Its revocation lists as they were when the trust list was made, DER.
    pub crls: Vec<Vec<u8>>,
    /// For people.
    pub note: Option<String>,
}

/// Why a body was not recognised at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotRecognised {
    /// It was only later.
    NotYet {
        /// From.
        from: Timestamp,
    },
    /// Its period was over.
    Ended {
        /// Its end.
        until: Timestamp,
    },
    /// It had been withdrawn.
    Withdrawn {
        /// Since.
        since: Timestamp,
    },
}

impl Entry {
    /// Whether it was recognised at that time. Later withdrawal changes nothing for what was sealed before.
    pub fn recognised_at(&self, at: Timestamp) -> Result<(), NotRecognised> {
        if let Some(since) = self.withdrawn_since.filter(|since| *since <= at) {
            return Err(NotRecognised::Withdrawn { since });
        }
        if at < self.valid_from {
            return Err(NotRecognised::NotYet { from: self.valid_from });
        }
        match self.valid_until.filter(|until| at.whole_second() > *until) {
            Some(until) => Err(NotRecognised::Ended { until }),
            None => Ok(()),
        }
    }

    /// The first moment it is not recognised any more, if there is one.
    pub fn end(&self) -> Option<Timestamp> {
        let until = self.valid_until.map(|until| until.plus(Duration::from_secs(1)));
        [self.withdrawn_since, until].into_iter().flatten().min()
    }

    /// Whether it may vouch for a seal of this code, in a list of `territory`.
    pub fn covers(&self, territory: &Territory, seal_code: &str) -> bool {
        if self.areas.is_empty() {
            return territory.covers(seal_code);
        }
        self.areas.iter().any(|area| area.covers(seal_code))
    }
}

/// A trust list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustList {
    /// Whose.
    pub territory: Territory,
    /// What the place is called.
    pub territory_name: Names,
    /// Who publishes it.
    pub operator: Names,
    /// Number of the version, strictly growing.
    pub sequence: u64,
    /// Made at.
    pub issued: Timestamp,
    /// The next version comes no later than.
    pub next_update: Timestamp,
    /// Who is recognised, and who was.
    pub entries: Vec<Entry>,
}

impl TrustList {
    /// Whether it ran out so long ago that nothing may hang on it any more.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        now > self.next_update.plus(GRACE)
    }
}

#[cfg(test)]
mod tests;
