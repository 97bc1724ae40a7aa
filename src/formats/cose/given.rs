//! CBOR as it was given, texts and bytes left where they are. Every check of an offline code reads one, and a tree that owns its
//! leaves costs a fifteenth of the check of its signature. The codec is `minicbor`; what is none of these kinds is measured by
//! the stricter one of [`cbor`].

use super::cbor;
use minicbor::Decoder;
use minicbor::data::Type;

/// Deepest nesting of maps that is read. Ours is three deep.
const MOST_DEPTH: usize = 8;

/// An item that was read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Given<'a> {
    /// A number that is not negative.
    Number(u64),
    /// -1 less this.
    Negative(u64),
    /// Bytes of a definite length.
    Bytes(&'a [u8]),
    /// A text of a definite length.
    Text(&'a str),
    /// A map of a definite length.
    Map(Vec<(Given<'a>, Given<'a>)>),
    /// Yes or no.
    Bool(bool),
    /// Anything else, as it came: claims that we do not know may be that.
    Other(&'a [u8]),
}

/// Reads one item that fills the bytes; `None` for anything else.
pub(crate) fn read(bytes: &[u8]) -> Option<Given<'_>> {
    let mut from = Decoder::new(bytes);
    let item = item(&mut from, MOST_DEPTH)?;
    (from.position() == bytes.len()).then_some(item)
}

fn item<'a>(from: &mut Decoder<'a>, depth: usize) -> Option<Given<'a>> {
    Some(match from.datatype().ok()? {
        Type::U8 | Type::U16 | Type::U32 | Type::U64 => Given::Number(from.u64().ok()?),
        Type::I8 | Type::I16 | Type::I32 | Type::I64 | Type::Int => {
            let number = i128::from(from.int().ok()?);
            Given::Negative(u64::try_from(-1 - number).ok()?)
        }
        Type::Bytes => Given::Bytes(from.bytes().ok()?),
        Type::String => Given::Text(from.str().ok()?),
        Type::Bool => Given::Bool(from.bool().ok()?),
        Type::Map => {
            let (count, depth) = (from.map().ok()??, depth.checked_sub(1)?);
            // Room for what is there: a count is a claim.
            let mut entries = Vec::with_capacity(count.min(16) as usize);
            for _ in 0..count {
                entries.push((item(from, depth)?, item(from, depth)?));
            }
            Given::Map(entries)
        }
        _ => {
            let start = from.position();
            let (_, rest) = from.input().split_at_checked(start)?;
            let whole = &rest[..cbor::first(rest)?];
            from.set_position(start + whole.len());
            Given::Other(whole)
        }
    })
}

impl<'a> Given<'a> {
    /// The text that it is.
    pub(crate) fn text(self) -> Option<&'a str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The bytes that it is.
    pub(crate) fn bytes(self) -> Option<&'a [u8]> {
        if let Self::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    /// The number that it is, if that is not negative.
    pub(crate) fn number(self) -> Option<u64> {
        if let Self::Number(number) = self { Some(number) } else { None }
    }
}

impl From<i64> for Given<'_> {
    fn from(number: i64) -> Self {
        match u64::try_from(number) {
            Ok(number) => Self::Number(number),
            Err(_) => Self::Negative(!number as u64),
        }
    }
}

impl From<u64> for Given<'_> {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl<'a> From<&'a str> for Given<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

#[cfg(test)]
mod tests {
    use super::super::cbor::{self, Value};
    use super::*;
    use proptest::prelude::*;

    /// The same item as the other codec has it; `None` where that reads more than we do.
    fn of(value: &Value) -> Option<Given<'_>> {
        Some(match value {
            Value::Integer(number) => match i128::from(*number) {
                number @ 0.. => Given::Number(number.try_into().ok()?),
                number => Given::Negative((-1 - number).try_into().ok()?),
            },
            Value::Bytes(bytes) => Given::Bytes(bytes),
            Value::Text(text) => Given::Text(text),
            Value::Bool(bool) => Given::Bool(*bool),
            Value::Map(entries) => Given::Map(
                entries.iter().map(|(key, value)| Some((of(key)?, of(value)?))).collect::<Option<_>>()?,
            ),
            _ => return None,
        })
    }

    #[test]
    fn numbers_at_every_edge_are_those_of_the_other_codec() {
        for bits in 0..64 {
            for number in [1_u64 << bits, (1 << bits) - 1, !(1 << bits)] {
                for number in [i128::from(number), -1 - i128::from(number)] {
                    let value = Value::Integer(number.try_into().expect("within CBOR's bounds"));
                    let bytes = cbor::write(&value);
                    assert_eq!(read(&bytes), of(&value), "{number}");
                }
            }
        }
    }

    #[test]
    fn what_is_something_else_is_left_as_it_came() {
        for other in [
            "f6",
            "f7",
            "80",
            "820102",
            "c105",
            "f93c00",
            "fb3ff0000000000000",
            "5fff",
            "7fff",
            "bfff",
            "9fff",
        ] {
            let bytes = hex::decode(other).expect("hexadecimal");
            assert!(matches!(read(&bytes), Some(Given::Other(whole)) if whole == bytes), "{other}");
        }
    }

    #[test]
    fn what_is_cut_too_deep_or_not_text_is_refused() {
        let deep = |depth: usize| [vec![0xa1; depth], vec![0; depth], vec![0xa0]].concat();
        // The key first: maps nest in the key's place or the value's.
        let nested = |depth: usize| [[0xa1, 0].repeat(depth), vec![0xa0]].concat();
        assert!(read(&nested(MOST_DEPTH - 1)).is_some());
        assert_eq!(read(&nested(MOST_DEPTH)), None);
        assert_eq!(read(&deep(200)), None);
        for wrong in [
            "",
            "18",
            "a1",
            "a100",
            "62ff",
            "62ffff",
            "5b7fffffffffffffff",
            "bb7fffffffffffffff",
            "0000",
            "1c",
            "ff",
        ] {
            assert_eq!(read(&hex::decode(wrong).expect("hexadecimal")), None, "{wrong}");
        }
    }

    proptest! {
        // So few bytes that nothing lies too deep.
        #[test]
        fn both_codecs_read_the_same(bytes in proptest::collection::vec(any::<u8>(), 0..2 * MOST_DEPTH)) {
            let (ours, theirs) = (read(&bytes), cbor::read(&bytes));
            match (&ours, &theirs) {
                (Some(ours), Some(theirs)) => prop_assert!(has_other(ours) || of(theirs).as_ref() == Some(ours)),
                _ => prop_assert!(ours.is_none() && theirs.is_none(), "{:?} or {:?}", ours, theirs),
            }
        }
    }

    /// What we leave as it came the other codec may know.
    fn has_other(given: &Given<'_>) -> bool {
        match given {
            Given::Other(_) => true,
            Given::Map(entries) => entries.iter().any(|(key, value)| has_other(key) || has_other(value)),
            _ => false,
        }
    }
}
