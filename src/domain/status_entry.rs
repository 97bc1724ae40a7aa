//! Places in status lists: drawn where it tells nothing, taken once and never given to another.

use super::license::LicenseId;
use super::time::Timestamp;

/// Entries of a list that this service publishes.
pub const ENTRIES: u64 = 1 << 20;
/// So many places in a row that are taken mean that a list is full enough: at a fill of two thirds about one draw in
/// twenty-five goes so, and a list that is left half empty costs nothing.
pub const MOST_DRAWS: usize = 8;

/// A place in a list and what it stands for. Of a license that is suspended or over, every entry says so; an entry of its
/// own lets a lost sheet or phone end alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusEntry {
    /// Number of the list, from 1.
    pub list: u32,
    /// Number of the entry, from 0.
    pub place: u64,
    /// The license.
    pub license: LicenseId,
    /// The paper code or the device that has it (identity).
    pub owner: String,
    /// Ended by itself at.
    pub ended_at: Option<Timestamp>,
}

/// A place drawn at random.
pub const fn place(random: [u8; 8]) -> u64 {
    // The number of entries is a power of two, so each is as likely as any other.
    u64::from_be_bytes(random) % ENTRIES
}

/// What an entry says that is not in force: 1 ended, 2 suspended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marked {
    /// Number of the list.
    pub list: u32,
    /// Number of the entry.
    pub place: u64,
    /// Its value.
    pub value: u8,
}
