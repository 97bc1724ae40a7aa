//! Trust lists as bytes: a JSON document of fixed members inside a CMS `SignedData` (RFC 5652) of one signer, so that
//! `openssl cms -verify` checks it and any JSON reader reads it. `docs/trust-lists.md` has the format, member by member.
//!
//! Why not the XML of ETSI TS 119 612: its signature is XML-DSig with exclusive canonical form, a large attack surface for
//! a file that decides whom we trust; its model is kept.

mod read;
mod signer;
mod wire;
mod write;

pub use read::{OpenFault, Opened, from_json, open};
pub use signer::{SIGNING_PURPOSE, SignerFault, check_signer};
pub use write::{NotSigned, sign, to_json};

/// Largest signed list that is read.
pub const MAX_BYTES: usize = 4 << 20;
/// Most entries of a list.
pub const MAX_ENTRIES: usize = 5_000;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
