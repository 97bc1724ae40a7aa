//! Reading digits that a stranger shows. The signature is checked before anything is unpacked or read.

use super::{
    DEFLATE, IssuerKeys, MOST_BYTES, MOST_CLAIMS, MOST_DIGITS, PACKED, PAPER, PHONE, claims, digits, proof,
};
use crate::domain::check_pair;
use crate::domain::offline_code::{Examined, Medium, OfflineCode, ProofFacts, SignedFacts, judge};
use crate::domain::report::{Finding, Report, Verdict};
use crate::domain::status_list::{Entry, StatusRef, Told, Untold, tell};
use crate::domain::time::Timestamp;
use crate::formats::cose::{NotVerified, Sign1, Value};
use crate::formats::inflate;
use std::borrow::Cow;
use std::sync::Arc;

/// A code that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The verdict.
    pub verdict: Verdict,
    /// The findings in the order they were established.
    pub findings: Vec<Finding>,
    /// What the code says; nothing if it was not signed by a key that we know, or something is wrong with it.
    pub code: Option<OfflineCode>,
    /// What its status list says.
    pub status: Option<Told>,
    /// Tells a code shown twice by a phone, for the list of those seen.
    pub shown: Option<[u8; 32]>,
}

/// Reads and judges digits as they were scanned. `entry` is asked for the entry of the status list that the code names.
pub fn verify(
    text: &str,
    keys: &IssuerKeys,
    entry: impl FnOnce(&StatusRef) -> Result<Entry, Untold>,
    now: Timestamp,
) -> Checked {
    let examined = examine(text, keys);
    let untold = tell(Err(Untold::NoList), now);
    let Examined::Signed(signed) = &examined else {
        let findings = judge(&examined, &untold, now);
        let verdict = Report::verdict_of(&findings);
        return Checked { verdict, findings, code: None, status: None, shown: None };
    };
    let status = tell(entry(&signed.code.status), now);
    let findings = judge(&examined, &status, now);
    let verdict = Report::verdict_of(&findings);
    let shown = match signed.proof {
        ProofFacts::Made { shown, .. } => Some(shown),
        _ => None,
    };
    let Examined::Signed(signed) = examined else { unreachable!("it was signed two lines before") };
    Checked { verdict, findings, code: Some(signed.code), status: Some(status), shown }
}

/// Reads digits as they were scanned or typed: white space and hyphens between them and full-width digits are fine.
pub fn examine(text: &str, keys: &IssuerKeys) -> Examined {
    // Twice for spaces between groups, thrice for full-width digits.
    if text.len() > 6 * MOST_DIGITS {
        return Examined::TooLong;
    }
    let Some(scanned) = plain(text) else { return Examined::NotOurs };
    let bytes = match (scanned.get(..1), scanned.get(1..2)) {
        // As short as this it is something else that happens to begin so.
        (Some("8" | "9"), Some(version)) if scanned.len() > 100 => {
            if scanned.len() > MOST_DIGITS {
                return Examined::TooLong;
            }
            if version != "1" {
                return Examined::OtherVersion;
            }
            if !check_pair::is_right(&scanned) {
                return Examined::CheckDigits;
            }
            digits::decode(&scanned[2..scanned.len() - 2])
        }
        _ => return Examined::NotOurs,
    };
    let Some(bytes) = bytes else { return Examined::Malformed { why: "digits" } };
    match &scanned[..2] {
        PAPER => examine_bytes(&bytes, None, keys),
        PHONE => match claims::split(&bytes) {
            Some((code, proof)) => examine_bytes(code, Some(proof), keys),
            None => Examined::Malformed { why: "parts" },
        },
        _ => Examined::OtherVersion,
    }
}

/// The digits alone; `None` if something else stands among them.
fn plain(text: &str) -> Option<Cow<'_, str>> {
    // Without stopping at the first that is none, many at a time are looked at.
    let all_digits = |text: &str| text.bytes().fold(true, |all, b| all & b.is_ascii_digit());
    let text = text.trim();
    if all_digits(text) {
        return Some(Cow::Borrowed(text));
    }
    let digits = text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| match c {
        '０'..='９' => char::from_digit(c as u32 - '０' as u32, 10).unwrap_or(c),
        other => other,
    });
    let digits: String = digits.collect();
    all_digits(&digits).then_some(Cow::Owned(digits))
}

/// A code's bytes, and those of the device's proof.
fn examine_bytes(code: &[u8], proof: Option<&[u8]>, keys: &IssuerKeys) -> Examined {
    let malformed = |why| Examined::Malformed { why };
    let Ok(message) = Sign1::read(code, MOST_BYTES) else { return malformed("message") };
    // What stands outside the signature can be written in one way only.
    if message.canonical() != code || !message.algorithm_is_protected() {
        return malformed("encoding");
    }
    let Some(known) = keys.find(message.key_id()) else {
        return Examined::UnknownKey { key: hex::encode(message.key_id()) };
    };
    match message.verify(&known.key, &[]) {
        Ok(()) => {}
        Err(NotVerified::Algorithm) => return Examined::WrongAlgorithm,
        Err(NotVerified::Signature) => return Examined::Forged,
    }
    let unpacked = match message.parameter(PACKED) {
        None => Ok(Cow::Borrowed(message.payload())),
        Some(how) if *how == Value::from(DEFLATE) => {
            inflate::raw(message.payload(), MOST_CLAIMS).map(Cow::Owned).map_err(|_| "packing")
        }
        Some(_) => Err("packing"),
    };
    let code_read = match unpacked.and_then(|claims| claims::read(&claims, &known.facts.issuer)) {
        Ok(code) => code,
        Err(why) => return malformed(why),
    };
    let facts = match (&code_read.medium, proof) {
        (Medium::Paper { .. }, None) => ProofFacts::NotNeeded,
        (Medium::Paper { .. }, Some(_)) => return malformed("parts"),
        (Medium::Phone { .. }, None) => ProofFacts::Missing,
        (Medium::Phone { device, .. }, Some(given)) => match claims::public_key(device) {
            Some(device) => proof::read(code, given, &device),
            None => return malformed("claims"),
        },
    };
    let (key, carried) = (Arc::clone(&known.facts), keys.is_carried());
    Examined::Signed(Box::new(SignedFacts { code: code_read, key, carried, proof: facts }))
}
