//! What seals and seal signatures have in common: texts, times, lists of signers, pictures, extensions.

use super::Version;
use crate::crypto::sm3;
use crate::domain::time::Timestamp;
use crate::formats::Unreadable;
use crate::formats::asn1::{Cursor, Item, context};
use crate::formats::tsp;
use const_oid::ObjectIdentifier;
use der::{Decode, Tag, TagNumber};

/// Most signers a seal may list.
const MAX_SIGNERS: usize = 256;
/// Most extensions read.
const MAX_EXTENSIONS: usize = 64;
/// Longest text read, in bytes.
const MAX_TEXT: usize = 1024;

/// Who may seal with a seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignerList {
    /// Their X.509 certificates, DER.
    X509s(Vec<Vec<u8>>),
    /// Digests of them, each with the word that names its kind. The standard names no digest algorithm here; SM3 of the
    /// whole certificate is what it can sensibly mean.
    Digests(Vec<(String, Vec<u8>)>),
}

impl SignerList {
    /// Number of entries.
    pub const fn len(&self) -> usize {
        match self {
            Self::X509s(list) => list.len(),
            Self::Digests(list) => list.len(),
        }
    }

    /// Whether nobody may.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether this X.509 certificate (DER) is listed.
    pub fn admits(&self, x509: &[u8]) -> bool {
        match self {
            Self::X509s(list) => list.iter().any(|listed| listed == x509),
            Self::Digests(list) => {
                let digest = sm3(x509);
                list.iter().any(|(_, listed)| listed.as_slice() == digest)
            }
        }
    }

    /// Reads one: before structure 5 and 4 there are only certificates, and nothing says so.
    pub(super) fn read(cursor: &mut Cursor<'_>, version: Version) -> Result<Self, Unreadable> {
        let kind = if version == Version::V1 { 1 } else { cursor.decode::<u8>()? };
        let items = cursor.enter(Tag::Sequence)?.all(MAX_SIGNERS)?;
        match kind {
            1 => {
                let octets = items.iter().map(|item| match item.tag {
                    Tag::OctetString => Ok(item.value.to_vec()),
                    _ => Err(cursor.fault("a listed X.509 certificate is no octet string")),
                });
                Ok(Self::X509s(octets.collect::<Result<_, _>>()?))
            }
            2 => {
                let digests = items.iter().map(|item| {
                    let mut digest =
                        Cursor::new("digest of an X.509 certificate", item.raw).enter(Tag::Sequence)?;
                    let kind = text(&mut digest, Tag::PrintableString)?;
                    let value = digest.expect(Tag::OctetString)?.value.to_vec();
                    digest.finish()?;
                    Ok((kind, value))
                });
                Ok(Self::Digests(digests.collect::<Result<_, _>>()?))
            }
            _ => Err(cursor.fault("a list of signers of an unknown type")),
        }
    }
}

/// A seal's picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Its format as written: `PNG`, `svg`, `ofd` …; case varies.
    pub format: String,
    /// The picture.
    pub data: Vec<u8>,
    /// Width in millimetres.
    pub width_mm: u32,
    /// Height in millimetres.
    pub height_mm: u32,
}

impl Picture {
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Self, Unreadable> {
        let mut picture = cursor.enter(Tag::Sequence)?;
        let format = text(&mut picture, Tag::Ia5String)?;
        let data = picture.expect(Tag::OctetString)?.value.to_vec();
        let (width_mm, height_mm) = (picture.decode()?, picture.decode()?);
        picture.finish()?;
        Ok(Self { format, data, width_mm, height_mm })
    }
}

/// A text of this type; only what is ASCII unless it is a UTF8String.
pub(super) fn text(cursor: &mut Cursor<'_>, tag: Tag) -> Result<String, Unreadable> {
    let item = cursor.expect(tag)?;
    let fine = item.value.len() <= MAX_TEXT && (tag == Tag::Utf8String || item.value.is_ascii());
    match std::str::from_utf8(item.value) {
        Ok(text) if fine => Ok(text.to_owned()),
        _ => Err(cursor.fault("a text is too long or of other characters than its type allows")),
    }
}

/// A point in time; before structure 4 a UTCTime.
pub(super) fn time(cursor: &mut Cursor<'_>, version: Version) -> Result<Timestamp, Unreadable> {
    let item = cursor.next()?.ok_or_else(|| cursor.fault("a time is missing"))?;
    let read = match item.tag {
        Tag::GeneralizedTime => tsp::parse_time(item.value),
        Tag::UtcTime if version == Version::V1 => utc_time(item),
        _ => None,
    };
    read.ok_or_else(|| cursor.fault("a time cannot be read"))
}

fn utc_time(item: Item<'_>) -> Option<Timestamp> {
    let seconds = der::asn1::UtcTime::from_der(item.raw).ok()?.to_unix_duration().as_secs();
    Some(Timestamp::from_seconds(i64::try_from(seconds).ok()?))
}

/// The content of a BIT STRING of whole octets.
pub(super) fn bits(cursor: &mut Cursor<'_>) -> Result<Vec<u8>, Unreadable> {
    let item = cursor.expect(Tag::BitString)?;
    whole_octets(item.value).ok_or_else(|| cursor.fault("a bit string is not of whole octets"))
}

fn whole_octets(value: &[u8]) -> Option<Vec<u8>> {
    value.strip_prefix(&[0]).map(<[u8]>::to_vec)
}

/// A time-stamp token in `[0]`. The standards do not say whether the tag is explicit, and writers differ.
pub(super) fn token(cursor: &mut Cursor<'_>) -> Result<Option<Vec<u8>>, Unreadable> {
    if let Some(explicit) = cursor.optional(context(0))? {
        let mut inner = Cursor::new("time-stamp token", explicit.value);
        let token = bits(&mut inner)?;
        inner.finish()?;
        return Ok(Some(token));
    }
    let implicit = Tag::ContextSpecific { constructed: false, number: TagNumber(0) };
    match cursor.optional(implicit)? {
        None => Ok(None),
        Some(item) => match whole_octets(item.value) {
            Some(token) => Ok(Some(token)),
            None => Err(cursor.fault("a bit string is not of whole octets")),
        },
    }
}

/// Identifiers of the extensions, which may be left out: a bare SEQUENCE, or `[0]` explicit or implicit.
pub(super) fn extensions(cursor: &mut Cursor<'_>) -> Result<Vec<ObjectIdentifier>, Unreadable> {
    let mut list = match cursor.optional(Tag::Sequence)? {
        Some(bare) => Cursor::new("extensions", bare.value),
        None => match cursor.optional(context(0))? {
            None => return Ok(Vec::new()),
            Some(tagged) => untagged(tagged)?,
        },
    };
    let mut found = Vec::new();
    while let Some(item) = list.next()? {
        if found.len() == MAX_EXTENSIONS {
            return Err(list.fault("too many values"));
        }
        let mut extension = Cursor::new("extension", item.raw).enter(Tag::Sequence)?;
        found.push(extension.decode()?);
        // FALSE is the default and so should not stand here; real seals have it.
        extension.optional(Tag::Boolean)?;
        extension.expect(Tag::OctetString)?;
        extension.finish()?;
    }
    Ok(found)
}

/// The list inside `[0]`: an explicit tag holds the list, an implicit one its elements, and these begin with an
/// identifier.
fn untagged(tagged: Item<'_>) -> Result<Cursor<'_>, Unreadable> {
    let elements = Cursor::new("extensions", tagged.value);
    let mut explicit = Cursor::new("extensions", tagged.value);
    let Some(first) = explicit.optional(Tag::Sequence)? else { return Ok(elements) };
    let is_element =
        Cursor::new("extension", first.value).next()?.is_some_and(|i| i.tag == Tag::ObjectIdentifier);
    if is_element {
        return Ok(elements);
    }
    explicit.finish()?;
    Ok(Cursor::new("extensions", first.value))
}
