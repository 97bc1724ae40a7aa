//! Whether a version of a list is taken in place of the one that is kept.

use super::{Territory, TrustList};
use crate::domain::time::Timestamp;
use std::time::Duration;

/// Clocks of publisher and reader may differ by this much.
const SKEW: Duration = Duration::from_secs(5 * 60);

/// The version that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its number.
    pub sequence: u64,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
}

/// What becomes of an acceptable version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// It takes the place of the one that is kept.
    New,
    /// It is the one that is kept, byte for byte.
    Known,
}

/// Why a version is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAccepted {
    /// It is of another place.
    OtherTerritory {
        /// Which.
        is: Territory,
    },
    /// It is of the place that this service itself publishes for: nobody else says whom we trust at home.
    OwnTerritory,
    /// It ran out.
    RanOut {
        /// When the next one should have come.
        next_update: Timestamp,
    },
    /// It was made later than now.
    InFuture {
        /// When it says.
        issued: Timestamp,
    },
    /// It is not newer than the kept one.
    NotNewer {
        /// Its number.
        sequence: u64,
        /// The kept one's.
        kept: u64,
    },
}

/// Judges a version whose signature is known to be the pinned signer's. `own` is the place that this service publishes
/// for. An old version cannot take the place of a newer one, however well it is signed: it would bring back what was
/// withdrawn.
///
/// # Errors
/// The first rule that is broken, in the order of [`NotAccepted`].
pub fn accept(
    list: &TrustList,
    sha256: &[u8; 32],
    territory: &Territory,
    own: Option<&Territory>,
    kept: Option<Kept>,
    now: Timestamp,
) -> Result<Accepted, NotAccepted> {
    if list.territory != *territory {
        return Err(NotAccepted::OtherTerritory { is: list.territory.clone() });
    }
    if own == Some(territory) {
        return Err(NotAccepted::OwnTerritory);
    }
    if kept.is_some_and(|kept| kept.sha256 == *sha256) {
        return Ok(Accepted::Known);
    }
    if now > list.next_update {
        return Err(NotAccepted::RanOut { next_update: list.next_update });
    }
    if list.issued > now.plus(SKEW) {
        return Err(NotAccepted::InFuture { issued: list.issued });
    }
    match kept {
        Some(kept) if list.sequence <= kept.sequence => {
            Err(NotAccepted::NotNewer { sequence: list.sequence, kept: kept.sequence })
        }
        _ => Ok(Accepted::New),
    }
}
