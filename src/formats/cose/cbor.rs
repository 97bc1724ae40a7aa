//! CBOR (RFC 8949) within bounds, and in one way (§4.2.1) where it is ours. The codec is `ciborium`, as in `coset`.

pub(crate) use coset::cbor::value::Value;
use serde::{Serialize, Serializer};

/// Deepest nesting that is read. Ours is four deep.
const MOST_DEPTH: usize = 16;

/// Reads one item that fills the bytes; `None` for anything else. The caller bounds the size.
pub(crate) fn read(bytes: &[u8]) -> Option<Value> {
    let mut rest = bytes;
    let value = coset::cbor::de::from_reader_with_recursion_limit(&mut rest, MOST_DEPTH).ok()?;
    rest.is_empty().then_some(value)
}

/// Length of the item that the bytes begin with; `None` if they begin with none.
pub(crate) fn first(bytes: &[u8]) -> Option<usize> {
    let mut rest = bytes;
    coset::cbor::de::from_reader_with_recursion_limit::<Value, _>(&mut rest, MOST_DEPTH).ok()?;
    Some(bytes.len() - rest.len())
}

/// Writes an item: shortest numbers, definite lengths.
pub(crate) fn write<T: Serialize + ?Sized>(item: &T) -> Vec<u8> {
    // Most items are smaller, and of a large one the greatest part comes at once.
    let mut out = Vec::with_capacity(512);
    coset::cbor::ser::into_writer(item, &mut out).expect("writing to memory does not fail");
    out
}

/// A map in the one order of its keys: that of their bytes (§4.2.1).
pub(crate) fn map(entries: Vec<(Value, Value)>) -> Value {
    let mut sorted: Vec<(Vec<u8>, (Value, Value))> =
        entries.into_iter().map(|entry| (write(&entry.0), entry)).collect();
    sorted.sort_by(|one, other| one.0.cmp(&other.0));
    Value::Map(sorted.into_iter().map(|(_, entry)| entry).collect())
}

/// An item to be written, its texts and bytes somebody else's: every check of an offline code writes one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Item<'a> {
    /// A number that is not negative.
    Number(u64),
    /// -1 less this.
    Negative(u64),
    /// Bytes.
    Bytes(&'a [u8]),
    /// A text.
    Text(&'a str),
    /// A map; [`Item::map`] makes one in order.
    Map(Vec<(Item<'a>, Item<'a>)>),
    /// Yes or no.
    Bool(bool),
}

impl<'a> Item<'a> {
    /// A map in the one order of its keys, those of [`map`].
    pub(crate) fn map(mut entries: Vec<(Self, Self)>) -> Self {
        entries.sort_by(|(one, _), (other, _)| one.order().cmp(&other.order()));
        Self::Map(entries)
    }

    /// What the first bytes say, as far as keys need it: kind, number or length, and what follows. Each is written in so few bytes
    /// that a smaller number comes first.
    fn order(&self) -> (u8, u64, &[u8]) {
        match self {
            Self::Number(number) => (0, *number, &[]),
            Self::Negative(number) => (1, *number, &[]),
            Self::Bytes(bytes) => (2, bytes.len() as u64, bytes),
            Self::Text(text) => (3, text.len() as u64, text.as_bytes()),
            Self::Map(entries) => (5, entries.len() as u64, &[]),
            Self::Bool(bool) => (7, u64::from(*bool), &[]),
        }
    }
}

impl From<i64> for Item<'_> {
    fn from(number: i64) -> Self {
        match u64::try_from(number) {
            Ok(number) => Self::Number(number),
            Err(_) => Self::Negative(!number as u64),
        }
    }
}

impl From<u64> for Item<'_> {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl<'a> From<&'a str> for Item<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl Serialize for Item<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => to.serialize_u64(*number),
            Self::Negative(number) => to.serialize_i128(-1 - i128::from(*number)),
            Self::Bytes(bytes) => to.serialize_bytes(bytes),
            Self::Text(text) => to.serialize_str(text),
            Self::Map(entries) => to.collect_map(entries.iter().map(|(key, value)| (key, value))),
            Self::Bool(bool) => to.serialize_bool(*bool),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_borrowed_item_is_written_as_an_owned_one() {
        let keys =
            [0, 1, 23, 24, 255, 256, 65_535, 65_536, -1, -24, -25, -256, -257, -66_503, i64::MIN, i64::MAX];
        let texts = ["", "a", "b", "ab", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "景川"];
        let bytes: [&[u8]; 3] = [&[], &[0xff], &[0, 1]];
        let mut owned: Vec<(Value, Value)> = Vec::new();
        let mut borrowed: Vec<(Item<'_>, Item<'_>)> = Vec::new();
        for key in keys {
            owned.push((key.into(), true.into()));
            borrowed.push((key.into(), Item::Bool(true)));
        }
        for text in texts {
            owned.push((Value::Text(text.into()), Value::Map(Vec::new())));
            borrowed.push((text.into(), Item::map(Vec::new())));
        }
        for bytes in bytes {
            owned.push((Value::Bytes(bytes.into()), Value::from(bytes.len() as u64)));
            borrowed.push((Item::Bytes(bytes), Item::from(bytes.len() as u64)));
        }
        // Whatever order they come in.
        for _ in 0..owned.len() {
            owned.rotate_left(1);
            borrowed.rotate_left(1);
            assert_eq!(write(&Item::map(borrowed.clone())), write(&map(owned.clone())));
        }
    }
}
