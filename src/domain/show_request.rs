//! Requests (亮证请求): a counter or an institution asks, a holder says yes or no. The other way round than a show code.

use super::handle::{self, NotAHandle};
use super::time::Timestamp;
use std::fmt;
use std::time::Duration;

/// Kind 5 (request), version 1. Clear of 10–15, 25–30 and 62, which payment terminals claim, and of our own codes.
const PREFIX: &str = "51";
/// How long a request is open.
pub const LIFE: Duration = Duration::from_secs(120);
/// How long after the yes the requester may read what was shown.
pub const READABLE: Duration = Duration::from_secs(600);
/// Wrong numbers that end a request.
pub const TRIES: u8 = 3;
/// Two-digit numbers, none with a nought in front: it would be dropped in speech and typing.
pub const NUMBERS: std::ops::RangeInclusive<u8> = 10..=99;

/// The handle of a request, of 27 digits (see [`handle`]); a secret, as a show code is.
#[derive(Clone, PartialEq, Eq)]
pub struct RequestCode(String);

impl RequestCode {
    /// From 23 random digits; `None` if they are not.
    pub fn from_random(digits: &str) -> Option<Self> {
        handle::from_random(PREFIX, digits).map(Self)
    }

    /// Reads a handle as scanned or typed.
    pub fn parse(text: &str) -> Result<Self, NotAHandle> {
        handle::parse(PREFIX, text).map(Self)
    }

    /// The digits.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// In groups of four, to read aloud or type.
    pub fn grouped(&self) -> String {
        handle::grouped(&self.0)
    }
}

impl fmt::Debug for RequestCode {
    /// An open handle is a secret: it never reaches a log line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestCode(…)")
    }
}

/// What is asked for of one license.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The kind.
    pub kind: String,
    /// Fields that come with a yes, in the order of the kind.
    pub required: Vec<String>,
    /// Fields that the holder may refuse, in the order of the kind.
    pub optional: Vec<String>,
    /// Whether a yes without such a license is one.
    pub may_lack: bool,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShowRequest {
    /// Public identifier; says nothing about the handle.
    pub id: String,
    /// SHA-256 of the handle's digits.
    pub code_hash: [u8; 32],
    /// Who asks (credential id).
    pub by: String,
    /// The body that credential was registered for, as the operator wrote it.
    pub body: String,
    /// Which counter of it, in the requester's own words; may be empty.
    pub counter: String,
    /// The matter, by code.
    pub matter: String,
    /// What is asked for, one a kind.
    pub asked: Vec<Asked>,
    /// The number on the requester's screen.
    pub number: u8,
    /// Asked at.
    pub created_at: Timestamp,
    /// No yes after this.
    pub expires_at: Timestamp,
    /// Wrong numbers so far.
    pub wrong: u8,
    /// How it ended, if it has.
    pub ended: Option<Ended>,
}

/// The end of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// How.
    pub how: Ending,
    /// When.
    pub at: Timestamp,
    /// The showing that a yes made.
    pub showing: Option<String>,
    /// Materials that the holder let be used again, by identifier.
    pub materials: Vec<String>,
}

/// How a request ends before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// A holder said yes, or was recognised.
    Approved,
    /// A holder said no.
    Declined,
    /// Who asked took it back.
    Withdrawn,
    /// Too many wrong numbers.
    Mismatched,
}

impl Ending {
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
            Self::Mismatched => "mismatched",
        }
    }

    /// The ending of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Approved, Self::Declined, Self::Withdrawn, Self::Mismatched]
            .into_iter()
            .find(|ending| ending.name() == name)
    }
}

/// Why a request takes no yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// It ended.
    Ended(Ending),
    /// Its time is over.
    Expired,
}

impl ShowRequest {
    /// Whether it can still be answered at `now`. How it ended outweighs that its time is over since.
    pub fn check_open(&self, now: Timestamp) -> Result<(), Over> {
        match &self.ended {
            Some(ended) => Err(Over::Ended(ended.how)),
            None if now > self.expires_at => Err(Over::Expired),
            None => Ok(()),
        }
    }

    /// Where it stands: `open`, `expired` or the name of its ending.
    pub fn state(&self, now: Timestamp) -> &'static str {
        match self.check_open(now) {
            Ok(()) => "open",
            Err(Over::Expired) => "expired",
            Err(Over::Ended(how)) => how.name(),
        }
    }

    /// The showing that the requester may read at `now`.
    pub fn readable(&self, now: Timestamp) -> Option<&str> {
        let ended = self.ended.as_ref().filter(|ended| now <= ended.at.plus(READABLE))?;
        ended.showing.as_deref()
    }

    /// Who asks, in one line: the registered body, then the counter in its own words.
    pub fn asker(&self) -> String {
        if self.counter.is_empty() { self.body.clone() } else { format!("{} {}", self.body, self.counter) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::show_code::ShowCode;

    const RANDOM: &str = "12345678901234567890123";

    #[test]
    fn a_handle_reads_back_and_is_no_show_code() {
        let code = RequestCode::from_random(RANDOM).expect("23 digits");
        assert_eq!(code.digits().len(), 27);
        assert_eq!(RequestCode::parse(&code.grouped()), Ok(code.clone()));
        assert_eq!(ShowCode::parse(code.digits()), Err(NotAHandle::Form));
        let shown = ShowCode::from_random(RANDOM).expect("23 digits");
        assert_eq!(RequestCode::parse(shown.digits()), Err(NotAHandle::Form));
        assert!(!format!("{code:?}").contains(RANDOM));
    }

    #[test]
    fn a_wrong_digit_is_seen() {
        let code = RequestCode::from_random(RANDOM).expect("23 digits");
        let mut twin = code.digits().to_owned().into_bytes();
        twin[9] = if twin[9] == b'9' { b'0' } else { twin[9] + 1 };
        let twin = String::from_utf8(twin).expect("digits");
        assert_eq!(RequestCode::parse(&twin), Err(NotAHandle::Check));
        assert_eq!(RequestCode::parse(&"5".repeat(500)), Err(NotAHandle::Form));
    }

    fn request(ended: Option<Ended>) -> ShowRequest {
        ShowRequest {
            id: "1".into(),
            code_hash: [0; 32],
            by: "clerk-1".into(),
            body: "景川市市场监督管理局".into(),
            counter: String::new(),
            matter: "open-bank-account".into(),
            asked: Vec::new(),
            number: 42,
            created_at: Timestamp::from_seconds(0),
            expires_at: Timestamp::from_seconds(120),
            wrong: 0,
            ended,
        }
    }

    #[test]
    fn a_request_is_open_to_its_last_second_and_its_end_outlives_its_time() {
        let at = Timestamp::from_seconds;
        let open = request(None);
        assert_eq!((open.state(at(120)), open.state(at(121))), ("open", "expired"));
        let end = |how, showing: Option<&str>| {
            let showing = showing.map(str::to_owned);
            request(Some(Ended { how, at: at(60), showing, materials: Vec::new() }))
        };
        let yes = end(Ending::Approved, Some("s"));
        assert_eq!(yes.check_open(at(500)), Err(Over::Ended(Ending::Approved)));
        assert_eq!((yes.readable(at(660)), yes.readable(at(661))), (Some("s"), None));
        let no = end(Ending::Declined, None);
        assert_eq!((no.state(at(60)), no.readable(at(60))), ("declined", None));
    }

    #[test]
    fn the_registered_body_comes_before_what_the_requester_says() {
        let named = ShowRequest { counter: "3号窗口".into(), ..request(None) };
        assert_eq!(named.asker(), "景川市市场监督管理局 3号窗口");
        assert_eq!(request(None).asker(), "景川市市场监督管理局");
    }
}
