//! The one change that a file on which several seal is made for: a signature field that was there, unsigned, is filled
//! with a seal, its picture and data to check it with (ISO 32000-2 §12.8.2.2, level 2). Everything that the revision wrote
//! must belong to that; what shows must be new and reach nothing that was there, so that nothing prepared beforehand comes
//! to light.

use super::changes::reachable;
use super::dictionary::{array, dict, name};
use super::fields::signature_fields;
use lopdf::{Dictionary, Document, Object, ObjectId};
use std::collections::HashSet;

/// The keys of the store that are lists of streams.
const LISTS: [&[u8]; 3] = [b"Certs", b"CRLs", b"OCSPs"];

/// Name of the field that the revision fills with a seal, if that is all it does. `written` are all objects that are new
/// or differ.
pub(super) fn field_sealed(before: &Document, after: &Document, written: &[ObjectId]) -> Option<String> {
    if before.trailer.get(b"Info").ok() != after.trailer.get(b"Info").ok() {
        return None;
    }
    let is_new = |id: &ObjectId| !before.objects.contains_key(id);
    let store = after.catalog().ok()?.get(b"DSS").and_then(Object::as_reference).ok();
    let mut changed = written.iter().filter(|id| !is_new(id) && Some(**id) != store);
    let (field, None) = (*changed.next()?, changed.next()) else { return None };
    let empty = before.get_dictionary(field).ok()?;
    let filled = after.get_dictionary(field).ok()?;
    let (signature, picture) = filling(after, empty, filled)?;

    let mut explained = HashSet::from([field]);
    explained.extend(signature_objects(after, signature).filter(|ids| ids.iter().all(is_new))?);
    explained.extend(picture_objects(after, picture).filter(|ids| ids.iter().all(is_new))?);
    explained.extend(store_additions(before, after).filter(|ids| ids.iter().all(is_new))?);
    explained.extend(store);
    if !written.iter().all(|id| explained.contains(id)) {
        return None;
    }
    let fields = signature_fields(after);
    fields.into_iter().find(|field| field.signature_id == Some(signature)).map(|field| field.name)
}

/// What fills the field: signature and picture. Nothing else of it may have changed.
fn filling(after: &Document, empty: &Dictionary, filled: &Dictionary) -> Option<(ObjectId, ObjectId)> {
    let is_field = name(after, filled, b"FT").as_deref() == Some("Sig")
        && name(after, filled, b"Subtype").as_deref() == Some("Widget");
    let fills = |key: &[u8]| matches!(key, b"V" | b"AP");
    let same = |(key, value): (&Vec<u8>, &Object)| fills(key) || filled.get(key).ok() == Some(value);
    let nothing_more = filled.iter().all(|(key, _)| fills(key) || empty.has(key));
    if !is_field || empty.has(b"V") || !empty.iter().all(same) || !nothing_more {
        return None;
    }
    let signature = filled.get(b"V").and_then(Object::as_reference).ok()?;
    let appearance = filled.get(b"AP").and_then(Object::as_dict).ok()?;
    let picture = appearance.get(b"N").and_then(Object::as_reference).ok()?;
    (appearance.len() == 1).then_some((signature, picture))
}

/// The signature's own object. It may refer to the catalog, which a lock is said to be over, and to nothing else.
pub(super) fn signature_objects(after: &Document, id: ObjectId) -> Option<HashSet<ObjectId>> {
    let signature = after.get_object(id).ok()?;
    if name(after, signature.as_dict().ok()?, b"Type").as_deref() != Some("Sig") {
        return None;
    }
    let root = after.trailer.get(b"Root").and_then(Object::as_reference).ok()?;
    is_closed(signature, root, 0).then(|| HashSet::from([id]))
}

/// Whether an object refers to nothing but the root.
fn is_closed(object: &Object, root: ObjectId, depth: usize) -> bool {
    match object {
        Object::Reference(id) => *id == root,
        Object::Array(items) => depth < 8 && items.iter().all(|item| is_closed(item, root, depth + 1)),
        Object::Dictionary(inner) => {
            depth < 8 && inner.iter().all(|(_, value)| is_closed(value, root, depth + 1))
        }
        Object::Stream(_) => false,
        _ => true,
    }
}

/// A form and everything it draws with.
pub(super) fn picture_objects(after: &Document, id: ObjectId) -> Option<HashSet<ObjectId>> {
    let form = &after.get_object(id).ok()?.as_stream().ok()?.dict;
    if name(after, form, b"Subtype").as_deref() != Some("Form") {
        return None;
    }
    let mut ids = reachable(after, after.get_object(id).ok())?;
    ids.insert(id);
    Some(ids)
}

/// What was added to the document security store: streams at the ends of its lists.
pub(super) fn store_additions(before: &Document, after: &Document) -> Option<HashSet<ObjectId>> {
    let (old, new) = (before.catalog().ok()?, after.catalog().ok()?);
    let empty = Dictionary::new();
    let (old, new) = match (dict(before, old, b"DSS"), dict(after, new, b"DSS")) {
        (None, None) => return Some(HashSet::new()),
        (Some(old), Some(new)) => (old, new),
        (None, Some(new)) => (&empty, new),
        (Some(_), None) => return None,
    };
    let is_list = |key: &[u8]| LISTS.contains(&key);
    let is_type =
        |key: &[u8], value: &Object| key == b"Type" && value.as_name().is_ok_and(|name| name == b"DSS");
    let kept = |(key, value): (&Vec<u8>, &Object)| is_list(key) || new.get(key).ok() == Some(value);
    if !old.iter().all(kept)
        || !new.iter().all(|(key, value)| is_list(key) || old.has(key) || is_type(key, value))
    {
        return None;
    }
    let mut added = HashSet::new();
    for key in LISTS {
        let listed = |document, store| array(document, store, key).map(Vec::as_slice).unwrap_or_default();
        let more = listed(after, new).strip_prefix(listed(before, old))?;
        for item in more {
            let id = item.as_reference().ok()?;
            let stream = after.get_object(id).ok()?.as_stream().ok()?;
            let is_plain = !stream.dict.iter().any(|(_, value)| value.as_reference().is_ok());
            if !is_plain || !added.insert(id) {
                return None;
            }
        }
    }
    Some(added)
}
