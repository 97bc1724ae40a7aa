//! What a status list tells about one entry (draft-ietf-oauth-status-list §7): valid, not valid, or that nobody can tell.
//! Its age is always told; past its end it says neither yes nor no. `formats/status_list` has the lists as bytes.

use super::time::Timestamp;
use std::time::Duration;

/// Clocks of publisher and reader may differ by this much.
pub const SKEW: Duration = Duration::from_secs(5 * 60);

/// Where a license or a code has its entry.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StatusRef {
    /// Address of the list, which is its name too.
    pub uri: String,
    /// Number of the entry, from 0.
    pub index: u64,
}

/// One entry of a list whose signature is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its value.
    pub value: u8,
    /// When the list was made.
    pub issued: Timestamp,
    /// How long it is good without a thought; nothing where it does not say.
    pub ttl: Duration,
    /// Not relied on after this.
    pub expires: Timestamp,
}

/// Why nothing is known of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untold {
    /// No list of that name is at hand.
    NoList,
    /// There is one, but it was refused; the code says why.
    Refused(&'static str),
    /// The list ends before the entry.
    PastEnd,
}

/// What an entry says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// In force (0).
    Valid,
    /// Ended for good (1).
    Ended,
    /// Suspended, may come back (2).
    Suspended,
    /// Nobody can tell.
    CannotTell(Why),
}

/// Why nobody can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Nothing is known of the entry.
    Untold(Untold),
    /// The list is past its end.
    TooOld,
    /// The list is made later than now: one of the two clocks is wrong.
    FromFuture,
    /// A value that only whoever made the list understands.
    OtherValue(u8),
}

/// How old the list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Band {
    /// Not older than its `ttl`.
    Fresh,
    /// Older, and not past its end: good, with its age in words.
    Aged,
    /// Past its end.
    Beyond,
}

/// An answer and what it rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// The answer.
    pub answer: Answer,
    /// When the list was made; nothing where there is none.
    pub as_of: Option<Timestamp>,
    /// How old it is.
    pub age: Option<Duration>,
    /// Which band that is.
    pub band: Option<Band>,
}

/// What is to be answered at `now`.
pub fn tell(entry: Result<Entry, Untold>, now: Timestamp) -> Told {
    let entry = match entry {
        Ok(entry) => entry,
        Err(why) => {
            let answer = Answer::CannotTell(Why::Untold(why));
            return Told { answer, as_of: None, age: None, band: None };
        }
    };
    let age = now.since(entry.issued);
    let band = if now > entry.expires {
        Band::Beyond
    } else if age > entry.ttl {
        Band::Aged
    } else {
        Band::Fresh
    };
    let answer = if entry.issued > now.plus(SKEW) {
        Answer::CannotTell(Why::FromFuture)
    } else if band == Band::Beyond {
        Answer::CannotTell(Why::TooOld)
    } else {
        match entry.value {
            0 => Answer::Valid,
            1 => Answer::Ended,
            2 => Answer::Suspended,
            other => Answer::CannotTell(Why::OtherValue(other)),
        }
    };
    Told { answer, as_of: Some(entry.issued), age: Some(age), band: Some(band) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUED: Timestamp = Timestamp::from_seconds(1_795_420_800);

    fn after(minutes: u64, value: u8) -> Told {
        let entry = Entry {
            value,
            issued: ISSUED,
            ttl: Duration::from_secs(15 * 60),
            expires: ISSUED.plus(Duration::from_secs(24 * 60 * 60)),
        };
        tell(Ok(entry), ISSUED.plus(Duration::from_secs(minutes * 60)))
    }

    #[test]
    fn each_age_has_its_band() {
        for (minutes, band) in [
            (0, Band::Fresh),
            (15, Band::Fresh),
            (16, Band::Aged),
            (23 * 60, Band::Aged),
            (24 * 60, Band::Aged),
            (24 * 60 + 1, Band::Beyond),
            (25 * 60, Band::Beyond),
        ] {
            let told = after(minutes, 0);
            assert_eq!(told.band, Some(band), "{minutes}");
            assert_eq!(told.age, Some(Duration::from_secs(minutes * 60)));
            assert_eq!(told.answer == Answer::Valid, band != Band::Beyond);
        }
    }

    #[test]
    fn past_its_end_a_list_says_neither_yes_nor_no() {
        for value in [0, 1, 2, 3] {
            assert_eq!(after(25 * 60, value).answer, Answer::CannotTell(Why::TooOld));
        }
    }

    #[test]
    fn each_value_has_its_answer() {
        assert_eq!(after(1, 0).answer, Answer::Valid);
        assert_eq!(after(1, 1).answer, Answer::Ended);
        assert_eq!(after(1, 2).answer, Answer::Suspended);
        for other in [3, 11, 15, 255] {
            assert_eq!(after(1, other).answer, Answer::CannotTell(Why::OtherValue(other)));
        }
    }

    #[test]
    fn clocks_may_differ_a_little() {
        let entry = Entry {
            value: 0,
            issued: ISSUED,
            ttl: Duration::ZERO,
            expires: ISSUED.plus(Duration::from_secs(60)),
        };
        assert_eq!(tell(Ok(entry), ISSUED.minus(SKEW)).answer, Answer::Valid);
        let earlier = ISSUED.minus(SKEW + Duration::from_secs(1));
        assert_eq!(tell(Ok(entry), earlier).answer, Answer::CannotTell(Why::FromFuture));
    }

    #[test]
    fn where_there_is_no_list_there_is_no_answer() {
        let told = tell(Err(Untold::NoList), ISSUED);
        assert_eq!(told.answer, Answer::CannotTell(Why::Untold(Untold::NoList)));
        assert_eq!((told.as_of, told.age, told.band), (None, None, None));
    }
}
