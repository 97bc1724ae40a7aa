//! Reading a seal signature: `SES_Signature`.

use super::parts::{bits, extensions, text, time, token};
use super::seal::{SealFacts, read_seal};
use super::{ALGORITHM, MAX_SIGNATURE_BYTES, Version};
use crate::crypto::Suite;
use crate::domain::time::Timestamp;
use crate::formats::asn1::Cursor;
use crate::formats::{Unreadable, tsp, x509};
use const_oid::ObjectIdentifier;
use der::Tag;

const WHAT: &str = "seal signature";

/// The time of sealing, as signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimeInfo {
    /// A point in time that the signer claims.
    Claimed(Timestamp),
    /// A time-stamp token, DER, in structure 1.
    Token(Vec<u8>),
    /// Something else, in structure 1, whose BIT STRING may hold anything.
    Other(Vec<u8>),
}

/// What stands in a seal signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureFacts {
    /// Its structure.
    pub version: Version,
    /// The number in what is signed, which should be the seal's.
    pub stated_version: u8,
    /// The seal inside.
    pub seal: SealFacts,
    /// The time of sealing.
    pub time: TimeInfo,
    /// Digest of what was sealed: in OFD the SM3 of `Signature.xml`.
    pub data_hash: Vec<u8>,
    /// What was sealed, in words: in OFD the path of `Signature.xml`.
    pub property: String,
    /// Identifiers of its extensions.
    pub extensions: Vec<ObjectIdentifier>,
    /// The signer's X.509 certificate, DER.
    pub signer_x509: Vec<u8>,
    /// The signer's signature algorithm.
    pub algorithm: ObjectIdentifier,
    /// The signature.
    pub signature: Vec<u8>,
    /// The bytes that the signer signed.
    pub signed: Vec<u8>,
    /// Time-stamp token over the signature, DER.
    pub timestamp_token: Option<Vec<u8>>,
}

impl SignatureFacts {
    /// Whether the signer's algorithm is the one of the standard.
    pub fn algorithm_is_known(&self) -> bool {
        self.algorithm == ALGORITHM
    }

    /// Whether the signature is right under the key of the certificate inside. Whether the seal lists that
    /// certificate ([`SealFacts::admits`]), and whether it is to be trusted, are other questions.
    pub fn signature_is_right(&self) -> bool {
        let Ok(spki) = x509::spki(&self.signer_x509) else { return false };
        self.algorithm_is_known() && Suite::Sm2.verify(spki, &self.signed, &self.signature)
    }

    /// The time the signer claims, or that of the token in its place.
    pub fn claimed_time(&self) -> Option<Timestamp> {
        match &self.time {
            TimeInfo::Claimed(at) => Some(*at),
            TimeInfo::Token(token) => tsp::read_token(token).ok().map(|token| token.gen_time),
            TimeInfo::Other(_) => None,
        }
    }
}

/// Reads a seal signature of structure 1, 4 or 5, with the seal inside.
///
/// # Errors
/// If it is larger than [`MAX_SIGNATURE_BYTES`], not of one of these structures, or has bytes after its end.
pub fn read_signature(bytes: &[u8]) -> Result<SignatureFacts, Unreadable> {
    let mut file = Cursor::new(WHAT, bytes);
    if bytes.len() > MAX_SIGNATURE_BYTES {
        return Err(file.fault("too large"));
    }
    let content = file.expect(Tag::Sequence)?.value;
    file.finish()?;
    let mut whole = Cursor::new(WHAT, content);
    let is_first = Cursor::new(WHAT, content).all(5)?.len() == 2;
    let signed = whole.expect(Tag::Sequence)?;
    let mut tbs = Cursor::new("signed part of a seal signature", signed.value);
    let stated_version = tbs.decode::<u8>()?;
    let version = match (is_first, stated_version) {
        (true, 1..=3) => Version::V1,
        (false, 4) => Version::V4,
        (false, 5) => Version::V5,
        _ => return Err(tbs.fault(format!("version {stated_version}"))),
    };
    let seal = read_seal(tbs.expect(Tag::Sequence)?.raw)?;
    let first_time = |octets: Vec<u8>| match std::str::from_utf8(&octets).ok().and_then(time_text) {
        Some(at) => TimeInfo::Claimed(at),
        None if tsp::read_token(&octets).is_ok() => TimeInfo::Token(octets),
        None => TimeInfo::Other(octets),
    };
    let time = match version {
        Version::V1 => first_time(bits(&mut tbs)?),
        _ => TimeInfo::Claimed(time(&mut tbs, version)?),
    };
    let (data_hash, property) = (bits(&mut tbs)?, text(&mut tbs, Tag::Ia5String)?);
    let (extensions, signer) = match version {
        Version::V1 => (Vec::new(), (tbs.expect(Tag::OctetString)?.value.to_vec(), tbs.decode()?)),
        _ => (extensions(&mut tbs)?, (whole.expect(Tag::OctetString)?.value.to_vec(), whole.decode()?)),
    };
    tbs.finish()?;
    let signature = bits(&mut whole)?;
    let timestamp_token = if version == Version::V1 { None } else { token(&mut whole)? };
    whole.finish()?;
    Ok(SignatureFacts {
        version,
        stated_version,
        seal,
        time,
        data_hash,
        property,
        extensions,
        signer_x509: signer.0,
        algorithm: signer.1,
        signature,
        signed: signed.raw.to_vec(),
        timestamp_token,
    })
}

/// Text as in a GeneralizedTime, or a UTCTime of this century.
fn time_text(text: &str) -> Option<Timestamp> {
    let century = if text.len() == "YYMMDDhhmmssZ".len() { "20" } else { "" };
    tsp::parse_time(format!("{century}{text}").as_bytes())
}
