//! Making an offline code.

use super::{DEFLATE, MOST_DIGITS, PACKED, PAPER, PHONE, claims, digits, keys::key_id};
use crate::crypto::{SignError, Signer, Suite};
use crate::domain::check_pair;
use crate::domain::offline_code::{MOST_PURPOSE, OfflineCode};
use crate::domain::refusal::Fault;
use crate::formats::cose::{self, Protected};
use flate2::Compression;
use flate2::write::DeflateEncoder;
use std::io::Write;

/// Bytes of a phone's proof beside its purpose: the frame of the message, its headers, labels, time and signature.
const PROOF: usize = 89;

/// Why there is no code.
#[derive(Debug, thiserror::Error)]
pub enum NotWritten {
    /// Something in it may not be so; every fault.
    #[error("{} fault(s)", .0.len())]
    Faults(Vec<Fault>),
    /// It is longer than a QR code of version 17 holds.
    #[error("{0} digits, more than {MOST_DIGITS}")]
    TooLong(usize),
    /// The key did not sign.
    #[error(transparent)]
    NotSigned(#[from] SignError),
}

/// Signs a code with the issuer's key: a COSE_Sign1 under tag 18.
///
/// # Errors
/// See [`NotWritten`].
pub fn sign(code: &OfflineCode, signer: &dyn Signer) -> Result<Vec<u8>, NotWritten> {
    let faults = code.faults();
    if !faults.is_empty() {
        return Err(NotWritten::Faults(faults));
    }
    let plain = claims::write(code);
    let packed = deflate(&plain);
    let key_id = key_id(signer.spki());
    // The parameter that says so takes seven bytes.
    let (private, payload) =
        if packed.len() + 7 < plain.len() { (Some((PACKED, DEFLATE)), packed) } else { (None, plain) };
    let protected = Protected { key_id: &key_id, kind: None, private };
    Ok(cose::sign(&protected, payload, &[], signer)?)
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut out = DeflateEncoder::new(Vec::new(), Compression::best());
    out.write_all(bytes).and_then(|()| out.finish()).expect("writing to memory does not fail")
}

/// The digits of a signed code, as they are printed: prefix, code, check digits.
///
/// # Errors
/// [`NotWritten::TooLong`].
pub fn to_digits(code: &[u8]) -> Result<String, NotWritten> {
    whole(PAPER, code)
}

/// The digits that a phone shows: a signed code and the device's signature over it ([`super::prove`]).
///
/// # Errors
/// [`NotWritten::TooLong`].
pub fn on_phone(code: &[u8], proof: &[u8]) -> Result<String, NotWritten> {
    whole(PHONE, &claims::join(code, proof))
}

fn whole(prefix: &str, bytes: &[u8]) -> Result<String, NotWritten> {
    let body = format!("{prefix}{}", digits::encode(bytes));
    let check = check_pair::of(&body).expect("digits only");
    let whole = body + &check;
    if whole.len() > MOST_DIGITS { Err(NotWritten::TooLong(whole.len())) } else { Ok(whole) }
}

/// What takes the place of a signature in [`draft`]: both numbers are 1, in DER.
const BLANK: [u8; 8] = [0x30, 6, 2, 1, 1, 2, 1, 1];

struct Unsigned<'a> {
    suite: Suite,
    spki: &'a [u8],
}

impl Signer for Unsigned<'_> {
    fn suite(&self) -> Suite {
        self.suite
    }

    fn spki(&self) -> &[u8] {
        self.spki
    }

    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, SignError> {
        Ok(BLANK.to_vec())
    }
}

/// A code of the right length with nothing in place of its signature: whether it fits is seen before any key is touched.
///
/// # Errors
/// See [`NotWritten`].
pub fn draft(code: &OfflineCode, suite: Suite, spki: &[u8]) -> Result<Vec<u8>, NotWritten> {
    sign(code, &Unsigned { suite, spki })
}

/// Bytes that the purpose in a phone's proof may have beside this code (or [`draft`]), if any.
pub fn purpose_room(code: &[u8]) -> Option<usize> {
    (1..=MOST_PURPOSE * 3).rev().find(|bytes| on_phone(code, &vec![0; PROOF + bytes]).is_ok())
}
