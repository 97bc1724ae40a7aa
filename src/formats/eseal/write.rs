//! Writing seals and seal signatures of structure 4 and 5, as pure steps: what is to be signed goes out, the signature
//! comes back, the whole is put together. Where keys live is not the formats' business.

use super::{ALGORITHM, SealFacts, SignatureFacts, Version, read_seal, read_signature};
use crate::domain::time::Timestamp;
use crate::formats::Unreadable;
use crate::formats::asn1::{context, encoded, tlv};
use const_oid::ObjectIdentifier;
use der::Tag;
use der::asn1::GeneralizedTime;
use std::time::Duration;

/// An extension to write.
#[derive(Clone, Copy, Debug)]
pub struct Extension<'a> {
    /// Its identifier.
    pub oid: ObjectIdentifier,
    /// Whether a reader that does not know it must refuse.
    pub critical: bool,
    /// Its value.
    pub value: &'a [u8],
}

/// What goes into a seal.
#[derive(Clone, Copy, Debug)]
pub struct SealContent<'a> {
    /// [`Version::V4`] or [`Version::V5`].
    pub version: Version,
    /// Who made the software; ASCII.
    pub vendor: &'a str,
    /// The seal's identifier; ASCII, 14 digits by custom.
    pub id: &'a str,
    /// Its type.
    pub kind: u32,
    /// Its name, which is the filed one where the seal is filed.
    pub name: &'a str,
    /// X.509 certificates (DER) of those who may seal with it.
    pub signers: &'a [&'a [u8]],
    /// Made at; as all times here, without its fraction of a second.
    pub created: Timestamp,
    /// Valid from.
    pub valid_from: Timestamp,
    /// Valid until.
    pub valid_until: Timestamp,
    /// Format of the picture: `PNG`, `SVG` …; ASCII.
    pub picture_format: &'a str,
    /// The picture.
    pub picture: &'a [u8],
    /// Its width in millimetres.
    pub width_mm: u32,
    /// Its height in millimetres.
    pub height_mm: u32,
    /// Extensions.
    pub extensions: &'a [Extension<'a>],
}

/// What a signer signs.
#[derive(Clone, Copy, Debug)]
pub struct TbsContent<'a> {
    /// Structure, which is the seal's.
    pub version: Version,
    /// The whole seal, as it was made.
    pub seal: &'a [u8],
    /// Time of sealing.
    pub time: Timestamp,
    /// Digest of what is sealed: in OFD the SM3 of `Signature.xml`.
    pub data_hash: &'a [u8; 32],
    /// What is sealed: in OFD the absolute path of `Signature.xml`; ASCII.
    pub property: &'a str,
    /// Extensions.
    pub extensions: &'a [Extension<'a>],
}

/// A value that the structure cannot hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} cannot stand in a seal")]
pub struct NotWritable {
    /// Which value.
    pub field: &'static str,
}

/// `SES_SealInfo`: what the seal maker signs.
pub fn seal_info(content: &SealContent<'_>) -> Result<Vec<u8>, NotWritable> {
    let version = writable(content.version)?;
    let header = sequence(&[&ia5("header", "ES")?, &version, &ia5("vendor", content.vendor)?]);
    if content.name.is_empty() || content.name.chars().any(char::is_control) {
        return Err(NotWritable { field: "name" });
    }
    if content.signers.is_empty() {
        return Err(NotWritable { field: "signers" });
    }
    let listed: Vec<Vec<u8>> = content.signers.iter().map(|x509| tlv(Tag::OctetString, &[x509])).collect();
    let property = sequence(&[
        &encoded(&content.kind),
        &tlv(Tag::Utf8String, &[content.name.as_bytes()]),
        // A list of certificates.
        &encoded(&1u8),
        &sequence(&listed.iter().map(Vec::as_slice).collect::<Vec<_>>()),
        &generalized("created", content.created)?,
        &generalized("valid_from", content.valid_from)?,
        &generalized("valid_until", content.valid_until)?,
    ]);
    let picture = sequence(&[
        &ia5("picture_format", content.picture_format)?,
        &tlv(Tag::OctetString, &[content.picture]),
        &encoded(&content.width_mm),
        &encoded(&content.height_mm),
    ]);
    let extensions = extension_list(content.extensions);
    Ok(sequence(&[
        &header,
        &ia5("id", content.id)?,
        &property,
        &picture,
        extensions.as_deref().unwrap_or_default(),
    ]))
}

/// Puts a seal together. `token` is a time-stamp token over `signature`, which only structure 5 can hold.
///
/// # Errors
/// If the result is no seal: it is read back before it is given out.
pub fn assemble_seal(
    info: &[u8],
    maker_x509: &[u8],
    signature: &[u8],
    token: Option<&[u8]>,
) -> Result<SealFacts, Unreadable> {
    read_seal(&frame(info, maker_x509, signature, token))
}

/// `TBS_Sign`: what the signer signs.
pub fn to_sign(content: &TbsContent<'_>) -> Result<Vec<u8>, NotWritable> {
    let version = writable(content.version)?;
    let extensions = extension_list(content.extensions).map(|list| tlv(context(0), &[&list]));
    Ok(sequence(&[
        &version,
        content.seal,
        &generalized("time", content.time)?,
        &bit_string(content.data_hash),
        &ia5("property", content.property)?,
        extensions.as_deref().unwrap_or_default(),
    ]))
}

/// Puts a seal signature together and gives its DER. `token` is a time-stamp token over `signature`.
///
/// # Errors
/// If the result is no seal signature: it is read back before it is given out.
pub fn assemble_signature(
    tbs: &[u8],
    signer_x509: &[u8],
    signature: &[u8],
    token: Option<&[u8]>,
) -> Result<(Vec<u8>, SignatureFacts), Unreadable> {
    let whole = frame(tbs, signer_x509, signature, token);
    let facts = read_signature(&whole)?;
    Ok((whole, facts))
}

/// Both objects have the same frame.
fn frame(signed: &[u8], x509: &[u8], signature: &[u8], token: Option<&[u8]>) -> Vec<u8> {
    let token = token.map(|token| tlv(context(0), &[&bit_string(token)]));
    sequence(&[
        signed,
        &tlv(Tag::OctetString, &[x509]),
        &encoded(&ALGORITHM),
        &bit_string(signature),
        token.as_deref().unwrap_or_default(),
    ])
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(Tag::Sequence, parts)
}

fn bit_string(octets: &[u8]) -> Vec<u8> {
    tlv(Tag::BitString, &[&[0], octets])
}

fn writable(version: Version) -> Result<Vec<u8>, NotWritable> {
    match version {
        Version::V1 => Err(NotWritable { field: "version" }),
        Version::V4 | Version::V5 => Ok(encoded(&version.number())),
    }
}

fn ia5(field: &'static str, text: &str) -> Result<Vec<u8>, NotWritable> {
    let fine = !text.is_empty() && text.bytes().all(|b| b.is_ascii() && !b.is_ascii_control());
    if fine { Ok(tlv(Tag::Ia5String, &[text.as_bytes()])) } else { Err(NotWritable { field }) }
}

fn generalized(field: &'static str, at: Timestamp) -> Result<Vec<u8>, NotWritable> {
    let seconds = u64::try_from(at.seconds()).map_err(|_| NotWritable { field })?;
    let time = GeneralizedTime::from_unix_duration(Duration::from_secs(seconds));
    time.map(|time| encoded(&time)).map_err(|_| NotWritable { field })
}

fn extension_list(extensions: &[Extension<'_>]) -> Option<Vec<u8>> {
    let written: Vec<Vec<u8>> = extensions
        .iter()
        .map(|extension| {
            // FALSE is the default and is left out (X.690 §11.5).
            let critical = if extension.critical { encoded(&true) } else { Vec::new() };
            sequence(&[&encoded(&extension.oid), &critical, &tlv(Tag::OctetString, &[extension.value])])
        })
        .collect();
    (!written.is_empty()).then(|| sequence(&written.iter().map(Vec::as_slice).collect::<Vec<_>>()))
}
