//! Short ways through dictionaries that follow references and take nothing for granted.

use lopdf::{Dictionary, Document, Object, ObjectId};

/// Most bytes a small stream (X.509 certificate, revocation list, license data) may inflate to.
const MAX_SMALL: usize = 8 << 20;

/// The value of a key, references followed.
pub(in crate::documents::pdf) fn get<'a>(
    document: &'a Document,
    dictionary: &'a Dictionary,
    key: &[u8],
) -> Option<&'a Object> {
    dictionary.get_deref(key, document).ok()
}

/// The dictionary at a key.
pub(in crate::documents::pdf) fn dict<'a>(
    document: &'a Document,
    holder: &'a Dictionary,
    key: &[u8],
) -> Option<&'a Dictionary> {
    get(document, holder, key)?.as_dict().ok()
}

/// The array at a key.
pub(in crate::documents::pdf) fn array<'a>(
    document: &'a Document,
    holder: &'a Dictionary,
    key: &[u8],
) -> Option<&'a Vec<Object>> {
    get(document, holder, key)?.as_array().ok()
}

/// The name at a key, as text.
pub(in crate::documents::pdf) fn name(
    document: &Document,
    holder: &Dictionary,
    key: &[u8],
) -> Option<String> {
    let name = get(document, holder, key)?.as_name().ok()?;
    Some(String::from_utf8_lossy(name).into_owned())
}

/// An object and the reference it was reached by.
pub(in crate::documents::pdf) fn follow<'a>(
    document: &'a Document,
    object: &'a Object,
) -> Option<(Option<ObjectId>, &'a Object)> {
    document.dereference(object).ok()
}

/// The content of a stream, inflated within bounds.
pub(in crate::documents::pdf) fn content(document: &Document, object: &Object) -> Option<Vec<u8>> {
    let stream = follow(document, object)?.1.as_stream().ok()?;
    if stream.dict.has(b"Filter") {
        stream.decompressed_content_with_limit(MAX_SMALL).ok()
    } else {
        Some(stream.content.clone())
    }
}
