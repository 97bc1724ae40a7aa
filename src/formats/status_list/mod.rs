//! Status lists in the form of the IETF Token Status List (draft-ietf-oauth-status-list-21), as JWT and as CWT over the same
//! bits. What one entry means is `domain::status_list`'s; `docs/offline-codes.md` says what is written and what is refused.

mod bits;
mod token;
mod wire_cwt;
mod wire_jwt;

pub use bits::{BadList, Bits, StatusList};
pub use token::{Expected, ListToken, NotRead};
pub use wire_cwt::{read_cwt, sign_cwt};
pub use wire_jwt::{read_jwt, sign_jwt};

/// Most entries of a list: those of a large province.
pub const MOST_ENTRIES: u64 = 1 << 26;
/// Largest signed list that is read, in bytes.
pub const MOST_BYTES: usize = 32 << 20;

#[cfg(test)]
mod tests;
