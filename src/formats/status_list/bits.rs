//! The bits of a list (draft-ietf-oauth-status-list §4.1): entries of 1, 2, 4 or 8 bits, the first in the lowest bits of the
//! first byte.

use super::MOST_ENTRIES;
use crate::formats::inflate::{self, NotInflated};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use std::io::Write;

/// Bits of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bits {
    /// Valid or not.
    One,
    /// And suspended.
    Two,
    /// Sixteen values.
    Four,
    /// A byte.
    Eight,
}

impl Bits {
    /// Every size.
    pub const ALL: [Self; 4] = [Self::One, Self::Two, Self::Four, Self::Eight];

    /// How many.
    pub const fn number(self) -> u8 {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Four => 4,
            Self::Eight => 8,
        }
    }

    /// The size of so many bits.
    pub fn of(number: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|bits| u64::from(bits.number()) == number)
    }

    /// Entries in a byte.
    const fn per_byte(self) -> u64 {
        8 / self.number() as u64
    }

    const fn mask(self) -> u8 {
        match self {
            Self::Eight => 0xff,
            few => (1 << few.number()) - 1,
        }
    }

    /// Bytes that so many entries take.
    fn bytes(self, entries: u64) -> usize {
        usize::try_from(entries.div_ceil(self.per_byte())).unwrap_or(usize::MAX)
    }
}

/// Why a packed list is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadList {
    /// Not 1, 2, 4 or 8 bits an entry.
    #[error("entries of another size")]
    Bits,
    /// Empty.
    #[error("empty")]
    Empty,
    /// Cannot be unpacked.
    #[error(transparent)]
    Packing(#[from] NotInflated),
}

/// A list of entries, all 0 (valid) at first.
#[derive(Clone, PartialEq, Eq)]
pub struct StatusList {
    bits: Bits,
    bytes: Vec<u8>,
}

impl std::fmt::Debug for StatusList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StatusList({} entries of {:?})", self.len(), self.bits)
    }
}

impl StatusList {
    /// A list of at least so many entries; whole bytes, and at most [`MOST_ENTRIES`].
    pub fn new(bits: Bits, entries: u64) -> Self {
        Self { bits, bytes: vec![0; bits.bytes(entries.clamp(1, MOST_ENTRIES))] }
    }

    /// Bits of an entry.
    pub fn bits(&self) -> Bits {
        self.bits
    }

    /// Entries.
    pub fn len(&self) -> u64 {
        self.bytes.len() as u64 * self.bits.per_byte()
    }

    /// Whether there is no entry; never so for a list that was read.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The value of an entry; `None` past the end.
    pub fn get(&self, index: u64) -> Option<u8> {
        let byte = self.bytes.get(usize::try_from(index / self.bits.per_byte()).ok()?)?;
        Some(byte >> self.shift(index) & self.bits.mask())
    }

    /// Sets an entry; whether there is such an entry and the value fits.
    #[must_use]
    pub fn set(&mut self, index: u64, value: u8) -> bool {
        let (mask, shift) = (self.bits.mask(), self.shift(index));
        let at = usize::try_from(index / self.bits.per_byte()).ok();
        let Some(byte) = at.and_then(|at| self.bytes.get_mut(at)).filter(|_| value <= mask) else {
            return false;
        };
        *byte = *byte & !(mask << shift) | value << shift;
        true
    }

    fn shift(&self, index: u64) -> u8 {
        // Below eight.
        (index % self.bits.per_byte()) as u8 * self.bits.number()
    }

    /// The packed list, as both forms carry it.
    pub fn pack(&self) -> Vec<u8> {
        let mut out = ZlibEncoder::new(Vec::new(), Compression::best());
        out.write_all(&self.bytes).and_then(|()| out.finish()).expect("writing to memory does not fail")
    }

    /// Unpacks a list of at most so many entries.
    ///
    /// # Errors
    /// See [`BadList`].
    pub fn unpack(bits: u64, packed: &[u8], most_entries: u64) -> Result<Self, BadList> {
        let bits = Bits::of(bits).ok_or(BadList::Bits)?;
        let bytes = inflate::zlib(packed, bits.bytes(most_entries.min(MOST_ENTRIES)))?;
        if bytes.is_empty() { Err(BadList::Empty) } else { Ok(Self { bits, bytes }) }
    }
}
