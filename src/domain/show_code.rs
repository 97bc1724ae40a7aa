//! Show codes (亮证码): one-time handles of digits by which a holder shows a license at a counter.

use super::handle::{self, NotAHandle};
use super::license::LicenseId;
use super::time::Timestamp;
use std::fmt;

/// Kind 7 (show code), version 1. Clear of 10–15, 25–30 and 62, which payment terminals claim.
const PREFIX: &str = "71";
/// A handle of 27 digits (see [`handle`]).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ShowCode(String);

/// Licenses in one showing.
pub const MOST_LICENSES: usize = 10;

impl ShowCode {
    /// From 23 random digits; `None` if they are not.
    pub fn from_random(digits: &str) -> Option<Self> {
        handle::from_random(PREFIX, digits).map(Self)
    }

    /// Reads a code as scanned or typed.
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

impl fmt::Debug for ShowCode {
    /// A live code is a secret: it never reaches a log line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShowCode(…)")
    }
}

/// What a show code opens (亮证), as it is kept: by the code's hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Showing {
    /// Public identifier, for the holder's list; says nothing about the code.
    pub id: String,
    /// SHA-256 of the code's digits; none where no code was drawn.
    pub code_hash: Option<[u8; 32]>,
    /// What is shown: 1 to [`MOST_LICENSES`].
    pub parts: Vec<Part>,
    /// How it came about.
    pub way: Way,
    /// The holder's code, to find a holder's showings.
    pub holder: String,
    /// Who drew the code (credential id).
    pub shown_by: String,
    /// What for, in the holder's words or a preset.
    pub purpose: String,
    /// Why sensitive fields are shown in full; without it they are masked.
    pub reason: Option<String>,
    /// Drawn at.
    pub created_at: Timestamp,
    /// Not redeemed after this.
    pub expires_at: Timestamp,
    /// Withdrawn by the holder at.
    pub withdrawn_at: Option<Timestamp>,
    /// Redeemed: once, by one.
    pub redeemed: Option<Redemption>,
}

/// One license of a showing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The license.
    pub license: LicenseId,
    /// Field names that the redeemer will see, in the order of the kind.
    pub fields: Vec<String>,
}

/// How a showing came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By the code that rolls on the holder's screen.
    Rolling,
    /// By a code that the holder's phone kept for a bad network.
    Prefetched,
    /// The one who looked had asked, and the holder approved.
    Requested,
    /// The one who looked had asked, and a trusted verifier vouched for the holder's face.
    Face,
}

impl Way {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Rolling, Self::Prefetched, Self::Requested, Self::Face];

    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rolling => "rolling",
            Self::Prefetched => "prefetched",
            Self::Requested => "requested",
            Self::Face => "face",
        }
    }

    /// From its name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.name() == name)
    }
}

/// Who looked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redemption {
    /// Credential id.
    pub by: String,
    /// What the holder is told: the counter's or body's name.
    pub label: String,
    /// When.
    pub at: Timestamp,
    /// Why, as the redeemer stated it.
    pub matter: String,
}

/// Why a known show code opens nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closed {
    /// Its time is over.
    Expired,
    /// Withdrawn by the holder.
    Withdrawn,
    /// Somebody was first.
    Used(Redemption),
}

impl Showing {
    /// What is shown.
    pub fn licenses(&self) -> impl Iterator<Item = &LicenseId> {
        self.parts.iter().map(|part| &part.license)
    }

    /// Whether it can be redeemed at `now`. Being used outweighs having expired since.
    pub fn check_open(&self, now: Timestamp) -> Result<(), Closed> {
        if let Some(first) = &self.redeemed {
            return Err(Closed::Used(first.clone()));
        }
        if self.withdrawn_at.is_some() {
            return Err(Closed::Withdrawn);
        }
        if now > self.expires_at { Err(Closed::Expired) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RANDOM: &str = "12345678901234567890123";

    #[test]
    fn a_code_reads_back_in_every_way_it_is_written() {
        let code = ShowCode::from_random(RANDOM).expect("23 digits");
        assert_eq!(code.digits().len(), 27);
        assert_eq!(ShowCode::parse(&code.grouped()), Ok(code.clone()));
        let wide: String = code
            .digits()
            .chars()
            .map(|c| char::from_u32(c as u32 - 48 + '０' as u32).expect("a digit"))
            .collect();
        assert_eq!(ShowCode::parse(&wide), Ok(code.clone()));
        assert_eq!(ShowCode::parse(&format!("0{}", code.digits())), Ok(code.clone()));
        assert_eq!(ShowCode::parse(&format!("00{}", code.digits())), Err(NotAHandle::Form));
    }

    #[test]
    fn any_wrong_digit_and_any_swap_of_neighbours_is_caught() {
        let code = ShowCode::from_random(RANDOM).expect("23 digits");
        let digits = code.digits().as_bytes();
        for at in PREFIX.len()..digits.len() {
            let mut wrong = digits.to_vec();
            wrong[at] = if wrong[at] == b'9' { b'0' } else { wrong[at] + 1 };
            let wrong = String::from_utf8(wrong).expect("digits");
            assert_eq!(ShowCode::parse(&wrong), Err(NotAHandle::Check));
            if at + 1 < digits.len() && digits[at] != digits[at + 1] {
                let mut swapped = digits.to_vec();
                swapped.swap(at, at + 1);
                let swapped = String::from_utf8(swapped).expect("digits");
                assert_eq!(ShowCode::parse(&swapped), Err(NotAHandle::Check));
            }
        }
    }

    #[test]
    fn other_texts_are_not_codes() {
        for text in ["", "71", "https://example.cn/v/1", &"7".repeat(27), &"7".repeat(500)] {
            assert!(ShowCode::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_code_does_not_print_itself() {
        let code = ShowCode::from_random(RANDOM).expect("23 digits");
        assert!(!format!("{code:?}").contains(RANDOM));
    }
}
