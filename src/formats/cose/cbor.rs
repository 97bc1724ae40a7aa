//! CBOR (RFC 8949) within bounds, and in one way (§4.2.1) where it is ours. The codec is `ciborium`, as in `coset`.

pub(crate) use coset::cbor::value::Value;

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
pub(crate) fn write(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    coset::cbor::ser::into_writer(value, &mut out).expect("writing to memory does not fail");
    out
}

/// A map in the one order of its keys: that of their bytes (§4.2.1).
pub(crate) fn map(entries: Vec<(Value, Value)>) -> Value {
    let mut sorted: Vec<(Vec<u8>, (Value, Value))> =
        entries.into_iter().map(|entry| (write(&entry.0), entry)).collect();
    sorted.sort_by(|one, other| one.0.cmp(&other.0));
    Value::Map(sorted.into_iter().map(|(_, entry)| entry).collect())
}
