//! License files as pure bytes: bytes and values in, bytes and values out.

pub mod attachment;
pub mod brought;
pub mod eseal;
mod evidence;
mod examine;
pub mod face;
pub mod fonts;
pub mod ofd;
pub mod paper;
pub mod pdf;
pub mod recognition;
pub mod seal_picture;
pub mod statement;
pub mod validation;

pub use examine::examine;

use crate::formats::x509::Trust;
use recognition::Recognised;

/// What a verifier knows beyond the file. A seal holds no chain, so what lies between its signers and a trusted root must be
/// known, and so must the revocation lists. A PDF holds both; of what is known it is asked only whether a newer list says
/// otherwise.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Trusted roots.
    pub trust: &'a Trust,
    /// X.509 certificates that may lie between, DER.
    pub x509s: &'a [Vec<u8>],
    /// Revocation lists, DER.
    pub crls: &'a [Vec<u8>],
    /// Whom other regions' trust lists vouch for; asked where nothing leads to a root of ours.
    pub recognised: Option<&'a Recognised>,
}

impl<'a> Known<'a> {
    /// Trusted roots and nothing else.
    pub const fn of(trust: &'a Trust) -> Self {
        Self { trust, x509s: &[], crls: &[], recognised: None }
    }
}
