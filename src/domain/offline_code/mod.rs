//! Offline codes (离线亮证码): what an issuer says of a license in so few bytes that a QR code holds it under a signature, so
//! that it can be checked where there is no network. On paper for a purpose and some weeks; on a phone whose device key
//! signs once more, with the time. `formats/offline_code` has it as digits, `judge` decides what to think of one.

mod facts;
mod held;
mod judge;

pub use facts::{Carried, Examined, KeyFacts, ProofFacts, SignedFacts};
pub use held::{
    Device, DeviceId, KEY_LIFE, MOST_DEVICES, MOST_PAPER_CODES, OfflineKey, PHONE_LIFE, PaperCode,
    PaperCodeId,
};
pub use judge::{PROOF_LIFE, judge};

use super::license::LicenseId;
use super::refusal::Fault;
use super::status_list::StatusRef;
use super::time::Timestamp;
use std::time::Duration;

/// Most fields of a code.
pub const MOST_FIELDS: usize = 12;
/// Most characters of a field's value.
pub const MOST_VALUE: usize = 60;
/// Most characters of a purpose or a recipient.
pub const MOST_PURPOSE: usize = 30;
/// Longest life of a code on a phone.
pub const MOST_PHONE_LIFE: Duration = Duration::from_secs(31 * DAY);
const DAY: u64 = 24 * 60 * 60;

/// Which license a code is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LicenseRef {
    /// By its identifier.
    Identifier(LicenseId),
    /// By the first 12 bytes of the SHA-256 of its identifier: shorter, and tells nothing to whom does not know it.
    Short([u8; 12]),
}

/// How long a code on paper lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PaperLife {
    /// Seven days.
    Week,
    /// Thirty days.
    Month,
    /// Ninety days.
    Quarter,
}

impl PaperLife {
    /// Every life.
    pub const ALL: [Self; 3] = [Self::Week, Self::Month, Self::Quarter];

    /// In days.
    pub const fn days(self) -> u64 {
        match self {
            Self::Week => 7,
            Self::Month => 30,
            Self::Quarter => 90,
        }
    }

    /// As a time.
    pub const fn time(self) -> Duration {
        Duration::from_secs(self.days() * DAY)
    }
}

/// A device's public key on P-256.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DeviceKey {
    /// First coordinate.
    pub x: [u8; 32],
    /// Whether the second is odd, which with the curve says the rest.
    pub odd: bool,
}

impl std::fmt::Debug for DeviceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DeviceKey(…)")
    }
}

/// What carries a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Medium {
    /// Paper. Whoever holds it shows it, so it is for one purpose and some time, and to be compared with a photo ID.
    Paper {
        /// What for.
        purpose: String,
        /// For whom alone, where that is known.
        recipient: Option<String>,
        /// How long, from the code's beginning.
        life: PaperLife,
    },
    /// A phone. Worth nothing without a fresh signature of its key.
    Phone {
        /// The key.
        device: DeviceKey,
        /// The code's end.
        until: Timestamp,
    },
}

/// What an offline code says. Times are whole seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfflineCode {
    /// Credit code of the department that vouches for it.
    pub issuer: String,
    /// Name of the license's kind.
    pub kind: String,
    /// The license.
    pub license: LicenseRef,
    /// Names and values that are shown, masked where the issuer masks them; in the order of [`field_order`].
    pub fields: Vec<(String, String)>,
    /// When it was signed.
    pub issued: Timestamp,
    /// Good from.
    pub from: Timestamp,
    /// SHA-256 of the license file.
    pub file_sha256: [u8; 32],
    /// Where its status stands: on paper an entry of its own, so that a lost sheet ends no license.
    pub status: StatusRef,
    /// What carries it.
    pub medium: Medium,
}

/// The one order of a code's fields: shorter names first, then by their bytes (RFC 8949 §4.2.1).
pub fn field_order(fields: &mut [(String, String)]) {
    fields.sort_by(|one, other| (one.0.len(), &one.0).cmp(&(other.0.len(), &other.0)));
}

impl OfflineCode {
    /// Good until, this moment included.
    pub fn until(&self) -> Timestamp {
        match &self.medium {
            Medium::Paper { life, .. } => self.from.plus(life.time()),
            Medium::Phone { until, .. } => *until,
        }
    }

    /// Everything that keeps it from being signed; what does, is refused by readers too.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        // Faults are rare and their texts dear: whoever checks a code pays for them too.
        let mut check = |fine: bool, fault: &dyn Fn() -> Fault| {
            if !fine {
                faults.push(fault());
            }
        };
        let issuer = self.issuer.len() == 18
            && self.issuer.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
        check(issuer, &|| Fault::at("/issuer", "offline.issuer"));
        check(is_name(&self.kind), &|| Fault::at("/kind", "offline.kind"));
        check(self.fields.len() <= MOST_FIELDS, &|| {
            Fault::at("/fields", "offline.too_many_fields").with("max", MOST_FIELDS)
        });
        for (name, value) in &self.fields {
            let value = is_name(name) && is_text(value, MOST_VALUE);
            let at = || format!("/fields/{}", name.replace('~', "~0").replace('/', "~1"));
            check(value, &|| Fault::at(at(), "offline.field").with("max", MOST_VALUE));
        }
        let ordered = self.fields.windows(2).all(|pair| {
            let [one, other] = pair else { return true };
            (one.0.len(), &one.0) < (other.0.len(), &other.0)
        });
        check(ordered, &|| Fault::at("/fields", "offline.field_order"));
        let whole = [self.issued, self.from, self.until()];
        let times = whole.iter().all(|time| time.seconds() >= 0 && time.whole_second() == *time);
        let period = self.until() > self.from && self.until() > self.issued;
        check(times && period, &|| Fault::at("/from", "offline.period"));
        let uri = &self.status.uri;
        let scheme = uri.starts_with("https://") || uri.starts_with("http://");
        let address = scheme && uri.len() <= 120 && uri.bytes().all(|b| b.is_ascii_graphic());
        check(address, &|| Fault::at("/status/uri", "offline.status_uri").with("max", 120));
        match &self.medium {
            Medium::Paper { purpose, recipient, .. } => {
                let fault = |at: &str| Fault::at(at, "offline.purpose").with("max", MOST_PURPOSE);
                check(is_text(purpose, MOST_PURPOSE), &|| fault("/purpose"));
                let recipient = recipient.as_deref().is_none_or(|recipient| is_text(recipient, MOST_PURPOSE));
                check(recipient, &|| fault("/recipient"));
            }
            Medium::Phone { until, .. } => check(until.since(self.from) <= MOST_PHONE_LIFE, &|| {
                Fault::at("/until", "offline.phone_life").with("days", MOST_PHONE_LIFE.as_secs() / DAY)
            }),
        }
        faults
    }
}

/// A name as kinds and fields have it.
fn is_name(name: &str) -> bool {
    (1..=40).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
}

/// A text that people read on one line, with nothing in it that hides or turns around what stands beside it.
pub fn is_text(text: &str, longest: usize) -> bool {
    let hides = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
    !text.is_empty()
        && text.trim().len() == text.len()
        && text.chars().count() <= longest
        && !text.chars().any(|c| c.is_control() || hides(c))
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
