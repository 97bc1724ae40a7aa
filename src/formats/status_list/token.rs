//! What both forms of a signed list say, and why one is refused.

use super::{BadList, StatusList};
use crate::domain::status_list::{Entry, Untold};
use crate::domain::time::Timestamp;
use crate::formats::inflate::NotInflated;
use std::time::Duration;

/// A list with its times. Times are whole seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListToken {
    /// Address of the list (`sub`), which licenses and codes name it by.
    pub uri: String,
    /// When it was made (`iat`).
    pub issued: Timestamp,
    /// Not relied on after this (`exp`).
    pub expires: Timestamp,
    /// Good without a thought for so long (`ttl`); nothing if it does not say.
    pub ttl: Duration,
    /// The entries.
    pub list: StatusList,
}

impl ListToken {
    /// The entry of that number.
    ///
    /// # Errors
    /// [`Untold::PastEnd`].
    pub fn entry(&self, index: u64) -> Result<Entry, Untold> {
        let value = self.list.get(index).ok_or(Untold::PastEnd)?;
        Ok(Entry { value, issued: self.issued, ttl: self.ttl, expires: self.expires })
    }

    /// What no reader would take may not be signed either.
    pub(super) fn check(&self) -> Result<(), NotRead> {
        if self.expires <= self.issued {
            return Err(NotRead::Times);
        }
        if self.uri.is_empty() || self.list.is_empty() { Err(NotRead::Claims) } else { Ok(()) }
    }
}

/// What the reader knows of a list before it is read.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Its address.
    pub uri: &'a str,
    /// How many entries it has at most, as the publisher declares.
    pub most_entries: u64,
}

/// Why a signed list is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRead {
    /// More bytes than are read.
    #[error("too large")]
    TooLarge,
    /// Neither a compact JWS nor a COSE_Sign1.
    #[error("not a signed list")]
    Form,
    /// Signed by another algorithm than the key's.
    #[error("another algorithm than the key's")]
    Algorithm,
    /// The signature is wrong.
    #[error("the signature is wrong")]
    Signature,
    /// Signed as something else (`typ`).
    #[error("of another type")]
    Kind,
    /// A claim is missing, stands twice, or is of another type.
    #[error("a claim is missing or malformed")]
    Claims,
    /// The list of another address (`sub`).
    #[error("the list of another address")]
    Subject,
    /// It never expires, or before it was made.
    #[error("without an end, or one before its beginning")]
    Times,
    /// The entries.
    #[error(transparent)]
    List(#[from] BadList),
}

impl NotRead {
    /// Stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "status_list.too_large",
            Self::Form => "status_list.form",
            Self::Algorithm => "status_list.algorithm",
            Self::Signature => "status_list.signature",
            Self::Kind => "status_list.type",
            Self::Claims => "status_list.claims",
            Self::Subject => "status_list.subject",
            Self::Times => "status_list.times",
            Self::List(BadList::Bits) => "status_list.bits",
            Self::List(BadList::Empty) => "status_list.empty",
            Self::List(BadList::Packing(why)) => match why {
                NotInflated::NotZlib => "status_list.not_zlib",
                NotInflated::Dictionary => "status_list.dictionary",
                NotInflated::Truncated => "status_list.truncated",
                NotInflated::Trailing => "status_list.trailing",
                NotInflated::TooLarge => "status_list.more_than_declared",
                NotInflated::Damaged => "status_list.damaged",
            },
        }
    }
}

/// `ttl` in seconds; beyond a year it is no number of this world.
pub(super) fn ttl(seconds: Option<u64>) -> Result<Duration, NotRead> {
    match seconds {
        None => Ok(Duration::ZERO),
        Some(seconds @ 1..=31_622_400) => Ok(Duration::from_secs(seconds)),
        Some(_) => Err(NotRead::Claims),
    }
}
