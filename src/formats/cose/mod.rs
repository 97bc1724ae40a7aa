//! COSE_Sign1 (RFC 9052 §4.2) and CWT (RFC 8392): what is signed in few bytes. `coset` has the types; what it leaves open is
//! closed here: one label in one bucket only, the empty map as protected header, bounds of size and depth, tags, critical
//! headers, and an algorithm that the caller's key decides, never the message.

mod cbor;
mod cwt;
mod given;
mod sign1;
mod write;

pub(crate) use cbor::{Item, Value, first as first_cbor, map, write as write_cbor};
pub(crate) use cwt::{Claims, label};
pub(crate) use given::Given;
pub use sign1::{NotSign1, NotVerified, Sign1};
pub use write::{Protected, sign};

use crate::crypto::Suite;
use coset::iana;

/// Signatures of SM2 with SM3: a label for private use (RFC 9053 §8), since none is registered; 501 as in
/// 1.2.156.10197.1.501.
pub const SM2_WITH_SM3: i64 = -66_501;
/// Header parameter `typ` (RFC 9596).
pub const TYP: i64 = 16;

/// The one algorithm of a suite's keys.
const fn algorithm(suite: Suite) -> coset::Algorithm {
    match suite {
        Suite::P256 => coset::Algorithm::Assigned(iana::Algorithm::ES256),
        Suite::Sm2 => coset::Algorithm::PrivateUse(SM2_WITH_SM3),
    }
}

#[cfg(test)]
mod tests;
