//! The claims of a CWT (RFC 8392 §3), taken out one by one.

use super::given::{self, Given};
use crate::domain::time::Timestamp;

/// Most claims of a map.
const MOST_CLAIMS: usize = 64;

/// Labels of claims.
pub(crate) mod label {
    /// Issuer.
    pub(crate) const ISS: i64 = 1;
    /// Subject.
    pub(crate) const SUB: i64 = 2;
    /// Audience.
    pub(crate) const AUD: i64 = 3;
    /// Expires.
    pub(crate) const EXP: i64 = 4;
    /// Not before.
    pub(crate) const NBF: i64 = 5;
    /// Issued at.
    pub(crate) const IAT: i64 = 6;
    /// Key of the holder (RFC 8747).
    pub(crate) const CNF: i64 = 8;
    /// Status list (draft-ietf-oauth-status-list §5.2).
    pub(crate) const STATUS_LIST: i64 = 65_533;
    /// Time to live of a status list.
    pub(crate) const TTL: i64 = 65_534;
    /// Reference to a status list (draft-ietf-oauth-status-list §6.3).
    pub(crate) const STATUS: i64 = 65_535;
}

/// A map that holds each key once.
pub(crate) struct Claims<'a>(Vec<(Given<'a>, Given<'a>)>);

impl<'a> Claims<'a> {
    /// Reads claims; `None` if they are no map, or a key stands twice in it.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        Self::of(given::read(bytes)?)
    }

    /// The claims that an item is.
    pub(crate) fn of(item: Given<'a>) -> Option<Self> {
        let Given::Map(entries) = item else { return None };
        // What is compared with all others must be few.
        if entries.len() > MOST_CLAIMS {
            return None;
        }
        let twice =
            entries.iter().enumerate().any(|(at, (key, _))| entries[..at].iter().any(|(k, _)| k == key));
        (!twice).then_some(Self(entries))
    }

    /// Takes a claim out.
    pub(crate) fn take(&mut self, key: impl Into<Given<'a>>) -> Option<Given<'a>> {
        let key = key.into();
        let at = self.0.iter().position(|(known, _)| *known == key)?;
        Some(self.0.swap_remove(at).1)
    }

    /// Takes a text out.
    pub(crate) fn text(&mut self, key: impl Into<Given<'a>>) -> Option<&'a str> {
        self.take(key)?.text()
    }

    /// Takes bytes out.
    pub(crate) fn bytes(&mut self, key: impl Into<Given<'a>>) -> Option<&'a [u8]> {
        self.take(key)?.bytes()
    }

    /// Takes a number that is not negative out.
    pub(crate) fn number(&mut self, key: impl Into<Given<'a>>) -> Option<u64> {
        self.take(key)?.number()
    }

    /// Takes a time out: whole seconds since 1970 (RFC 8392 §2, NumericDate without its tag).
    pub(crate) fn time(&mut self, key: impl Into<Given<'a>>) -> Option<Timestamp> {
        let seconds = i64::try_from(self.number(key)?).ok()?;
        let time = Timestamp::from_seconds(seconds);
        // Past the year 9999 it would be another.
        (time.seconds() == seconds).then_some(time)
    }

    /// What was not taken.
    pub(crate) fn rest(self) -> Vec<(Given<'a>, Given<'a>)> {
        self.0
    }
}
