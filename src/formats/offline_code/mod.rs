//! Offline codes as digits: a CWT in a COSE_Sign1, in decimal digits, since a keyboard scanner delivers nothing else
//! unharmed. `docs/offline-codes.md` has the format label by label.
//!
//! What is packed lies under the signature, so nobody but a known issuer can have anything unpacked here; and each code
//! has one way to be written, so that no byte of it can be changed without anybody seeing it.

mod claims;
mod digits;
mod keys;
mod proof;
mod read;
mod write;

pub use keys::{IssuerKey, IssuerKeys, key_id};
pub use proof::prove;
pub use read::{Checked, examine, verify};
pub use write::{NotWritten, draft, on_phone, purpose_room, sign, to_digits};

/// What a code begins with: 8 and 9 are for codes on paper and on phones, 1 is the version. Clear of 10–15, 25–30 and 62, which
/// payment terminals claim, and of 71, the codes that are shown online.
const PAPER: &str = "81";
/// See [`PAPER`].
const PHONE: &str = "91";
/// Most digits: what a QR code of version 17 with error correction M holds (ISO/IEC 18004, table 7).
pub const MOST_DIGITS: usize = 1_212;
/// Most bytes that so many digits can stand for.
const MOST_BYTES: usize = 500;
/// Most bytes that claims may unpack to.
const MOST_CLAIMS: usize = 2_048;
/// Header parameter for private use: how the payload is packed.
const PACKED: i64 = -66_502;
/// The one way: bare deflate (RFC 1951).
const DEFLATE: u64 = 1;

#[cfg(test)]
mod tests;
