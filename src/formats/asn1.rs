//! A few words over `der` for shapes its derive macros cannot express: values that are kept as raw bytes.

use super::Unreadable;
use der::{Decode, Encode, Header, Length, Reader, SliceReader, Tag, TagNumber, asn1::AnyRef};

/// `[number]`, constructed.
pub(super) const fn context(number: u32) -> Tag {
    Tag::ContextSpecific { constructed: true, number: TagNumber(number) }
}

/// One value: its tag, its content, and the bytes of both together.
#[derive(Clone, Copy)]
pub(super) struct Item<'a> {
    pub tag: Tag,
    pub value: &'a [u8],
    pub raw: &'a [u8],
}

/// Reads one value after another out of bytes; strict DER at every step.
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    what: &'static str,
}

impl<'a> Cursor<'a> {
    /// Reads `bytes`; errors say that `what` was expected.
    pub fn new(what: &'static str, bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, what }
    }

    pub fn fault(&self, why: impl ToString) -> Unreadable {
        Unreadable::new(self.what, why)
    }

    /// Bytes not yet read.
    pub fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at..]
    }

    /// The next value, if there is one.
    pub fn next(&mut self) -> Result<Option<Item<'a>>, Unreadable> {
        let rest = self.rest();
        if rest.is_empty() {
            return Ok(None);
        }
        let mut reader = SliceReader::new(rest).map_err(|why| self.fault(why))?;
        let any = AnyRef::decode(&mut reader).map_err(|why| self.fault(why))?;
        let used = usize::try_from(reader.position()).map_err(|why| self.fault(why))?;
        self.at += used;
        Ok(Some(Item { tag: der::Tagged::tag(&any), value: any.value(), raw: &rest[..used] }))
    }

    /// The next value, which must have this tag.
    pub fn expect(&mut self, tag: Tag) -> Result<Item<'a>, Unreadable> {
        match self.next()? {
            Some(item) if item.tag == tag => Ok(item),
            Some(item) => Err(self.fault(format!("{tag} expected, {} found", item.tag))),
            None => Err(self.fault(format!("{tag} expected, nothing found"))),
        }
    }

    /// The next value if it has this tag; otherwise nothing is read.
    pub fn optional(&mut self, tag: Tag) -> Result<Option<Item<'a>>, Unreadable> {
        let before = self.at;
        match self.next()? {
            Some(item) if item.tag == tag => Ok(Some(item)),
            _ => {
                self.at = before;
                Ok(None)
            }
        }
    }

    /// A cursor over the content of the next value, which must have this tag.
    pub fn enter(&mut self, tag: Tag) -> Result<Cursor<'a>, Unreadable> {
        Ok(Cursor::new(self.what, self.expect(tag)?.value))
    }

    /// The next value as a type that `der` knows.
    pub fn decode<T: Decode<'a, Error = der::Error>>(&mut self) -> Result<T, Unreadable> {
        let item = self.next()?.ok_or_else(|| self.fault("ends too early"))?;
        T::from_der(item.raw).map_err(|why| self.fault(why))
    }

    /// Nothing may be left.
    pub fn finish(self) -> Result<(), Unreadable> {
        if self.rest().is_empty() { Ok(()) } else { Err(self.fault("more content than expected")) }
    }

    /// All remaining values, at most `limit`.
    pub fn all(mut self, limit: usize) -> Result<Vec<Item<'a>>, Unreadable> {
        let mut items = Vec::new();
        while let Some(item) = self.next()? {
            if items.len() == limit {
                return Err(self.fault("too many values"));
            }
            items.push(item);
        }
        Ok(items)
    }
}

/// The DER of a value with this tag and the parts as its content.
pub(super) fn tlv(tag: Tag, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let der_length = Length::try_from(length).expect("our own values are far smaller than 256 MiB");
    let mut out = Vec::with_capacity(length + 6);
    Header::new(tag, der_length).encode_to_vec(&mut out).expect("a header goes into a growing buffer");
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

/// The DER of a `SET OF`: the elements sorted by their encoding (X.690 §11.6), without doubles.
pub(super) fn set_of(tag: Tag, mut elements: Vec<&[u8]>) -> Vec<u8> {
    elements.sort_unstable();
    elements.dedup();
    tlv(tag, &elements)
}

/// The DER of a value that `der` knows how to write.
pub(super) fn encoded(value: &impl Encode) -> Vec<u8> {
    value.to_der().expect("a small value of ours has a DER form")
}
