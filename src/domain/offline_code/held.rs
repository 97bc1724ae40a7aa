//! What the service keeps about offline codes: who may sign them, which are on paper, which phones show them.

use crate::domain::license::LicenseId;
use crate::domain::time::Timestamp;
use crate::domain::timed_id::timed_id;
use std::time::Duration;

/// A key signs for so long.
pub const KEY_LIFE: Duration = Duration::from_secs(366 * 86_400);
/// Most codes on paper of one license that are good at one time.
pub const MOST_PAPER_CODES: u64 = 5;
/// Most devices of one holder at one time.
pub const MOST_DEVICES: usize = 5;
/// A code on a phone is good for so long at most.
pub const PHONE_LIFE: Duration = Duration::from_secs(7 * 86_400);

/// A department's key that signs offline codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfflineKey {
    /// Its name in codes.
    pub kid: [u8; 8],
    /// The department, by credit code.
    pub issuer: String,
    /// Where the key lives.
    pub handle: String,
    /// Its SubjectPublicKeyInfo, DER.
    pub spki: Vec<u8>,
    /// Signs from.
    pub from: Timestamp,
    /// Signs until, this moment included.
    pub until: Timestamp,
}

timed_id! {
    /// Identity of a code on paper.
    PaperCodeId
}

timed_id! {
    /// Identity of a device.
    DeviceId
}

/// A code on paper. The code itself is not kept: who has the sheet has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperCode {
    /// Identity.
    pub id: PaperCodeId,
    /// The license.
    pub license: LicenseId,
    /// Whose license (holder code).
    pub holder: String,
    /// Who made it (credential).
    pub made_by: String,
    /// At which kiosk, as an operator registered it; none where the holder made it.
    pub place: Option<String>,
    /// Names of the fields in it.
    pub fields: Vec<String>,
    /// What for.
    pub purpose: String,
    /// For whom alone.
    pub recipient: Option<String>,
    /// When it was made.
    pub made_at: Timestamp,
    /// Good until, this moment included.
    pub expires_at: Timestamp,
    /// Ended by its holder at.
    pub ended_at: Option<Timestamp>,
}

impl PaperCode {
    /// Where it stands by itself: `live`, `ended` or `expired`. What became of the license is not asked here.
    pub fn standing(&self, now: Timestamp) -> &'static str {
        match self.ended_at {
            Some(_) => "ended",
            None if now.whole_second() > self.expires_at => "expired",
            None => "live",
        }
    }
}

/// A phone whose key the holder enrolled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Identity.
    pub id: DeviceId,
    /// Whose (holder code).
    pub holder: String,
    /// What the holder calls it.
    pub label: String,
    /// Its key's SubjectPublicKeyInfo, DER.
    pub spki: Vec<u8>,
    /// Who enrolled it (credential).
    pub added_by: String,
    /// When.
    pub added_at: Timestamp,
    /// Withdrawn at.
    pub withdrawn_at: Option<Timestamp>,
}
