//! What came after the sealed bytes: each later revision compared, object by object, with the one before.
//! Every object written must be explained by a harmless role; the gravest of what is not names the revision.

use super::dictionary::{array, dict, follow, name};
use super::load::inflation;
use super::scan::{Scan, line_end};
use super::{field_sealed, seal_added};
use crate::domain::report::facts::{Change, Coverage, Later, LaterRevision};
use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId};
use std::collections::HashSet;

/// Most objects followed from one place.
const MAX_FOLLOWED: usize = 10_000;
/// Most bytes read anew for all revisions together: each is read from the file's start. What lies beyond is not compared
/// and counts as unknown.
const MAX_REREAD: usize = 4 * super::MAX_BYTES;

/// Everything behind the covered bytes.
pub(super) fn later(bytes: &[u8], scan: &Scan, covered: Coverage) -> Later {
    let mut later = Later::default();
    let mut end = covered.end;
    // Most files end with the sealed revision: nothing to compare, nothing to load.
    let mut ends = scan.revision_ends.iter().enumerate().skip(covered.revision).peekable();
    // All revisions together may inflate what one file may.
    let inflated = inflation(scan.object_streams * (1 + ends.len()));
    let mut budget = MAX_REREAD;
    let mut load = |end: usize| {
        budget = budget.checked_sub(end)?;
        load(bytes, end, inflated)
    };
    let mut before = ends.peek().and_then(|_| load(covered.end));
    for (index, revision_end) in ends {
        let after = load(*revision_end);
        let number = index + 1;
        later.revisions.push(match (&before, &after) {
            (Some(before), Some(after)) => compare(before, after, number),
            _ => LaterRevision { number, change: Change::Unknown, objects: 0, field: None },
        });
        end = *revision_end;
        before = after;
    }
    if !later.revisions.is_empty() {
        end += line_end(&bytes[end..]);
    }
    let loose = &bytes[end..];
    if loose.trim_ascii().is_empty() {
        later.loose_space = loose.len();
    } else {
        later.loose_bytes = loose.len();
    }
    later
}

fn load(bytes: &[u8], end: usize, inflated: usize) -> Option<Document> {
    let options =
        LoadOptions { strict: true, max_decompressed_size: Some(inflated), ..LoadOptions::default() };
    Document::load_mem_with_options(bytes.get(..end)?, options).ok()
}

pub(super) fn compare(before: &Document, after: &Document, number: usize) -> LaterRevision {
    let mut written: Vec<ObjectId> = after
        .objects
        .iter()
        .filter(|(id, object)| before.objects.get(*id) != Some(*object))
        .map(|(id, _)| *id)
        // Tables of objects are not content.
        .filter(|id| !is_table(after, *id))
        .collect();
    let objects = written.len();
    let gone = before.objects.keys().any(|id| !after.objects.contains_key(id) && !is_table(before, *id));
    let roots = [before, after].map(|d| d.trailer.get(b"Root").and_then(Object::as_reference).ok());
    if gone || roots[0] != roots[1] {
        return LaterRevision { number, change: Change::Unknown, objects, field: None };
    }
    if let Some(field) = field_sealed::field_sealed(before, after, &written) {
        return LaterRevision { number, change: Change::FieldSealed, objects, field: Some(field) };
    }
    if let Some(field) = seal_added::seal_added(before, after, &written) {
        return LaterRevision { number, change: Change::Seal, objects, field: Some(field) };
    }
    let store = after.catalog().ok().and_then(|catalog| catalog.get(b"DSS").ok());
    let stored = reachable(after, store).unwrap_or_default();
    let mut worst = Change::ValidationData;
    if let Some(root) = roots[0]
        && let Some(place) = written.iter().position(|id| *id == root)
    {
        written.remove(place);
        worst = worst.max(catalog_change(before, after));
    }
    let old = |id: &ObjectId| before.objects.contains_key(id);
    for id in written {
        // An object that was there may not be taken over by the store.
        if stored.contains(&id) && !old(&id) {
            continue;
        }
        worst = worst.max(object_change(before, after, id));
    }
    LaterRevision { number, change: worst, objects, field: None }
}

fn is_table(document: &Document, id: ObjectId) -> bool {
    let stream = document.objects.get(&id).and_then(|object| object.as_stream().ok());
    stream.is_some_and(|stream| stream.dict.has_type(b"XRef") || stream.dict.has_type(b"ObjStm"))
}

/// What changed in the catalog, key by key.
fn catalog_change(before: &Document, after: &Document) -> Change {
    let (Ok(old), Ok(new)) = (before.catalog(), after.catalog()) else { return Change::Unknown };
    let keys: HashSet<&Vec<u8>> = old.iter().chain(new.iter()).map(|(key, _)| key).collect();
    let changed = keys.into_iter().filter(|key| old.get(key).ok() != new.get(key).ok());
    changed
        .map(|key| match key.as_slice() {
            b"DSS" | b"Extensions" => Change::ValidationData,
            b"AcroForm" => form_change(dict(before, old, b"AcroForm"), dict(after, new, b"AcroForm")),
            b"Pages" | b"OCProperties" => Change::Visible,
            _ => Change::Structure,
        })
        .max()
        .unwrap_or(Change::ValidationData)
}

fn form_change(old: Option<&Dictionary>, new: Option<&Dictionary>) -> Change {
    let Some(new) = new else { return Change::Structure };
    let same = |key: &[u8]| old.and_then(|old| old.get(key).ok()) == new.get(key).ok();
    let kept = old.into_iter().flat_map(Dictionary::iter).all(|(key, _)| new.has(key));
    let harmless = new.iter().all(|(key, _)| matches!(key.as_slice(), b"Fields" | b"SigFlags") || same(key));
    if kept && harmless { Change::Seal } else { Change::Structure }
}

/// What an object that was written means, by its role.
fn object_change(before: &Document, after: &Document, id: ObjectId) -> Change {
    let Some(object) = after.objects.get(&id) else { return Change::Unknown };
    let Ok(dictionary) = object.as_dict() else {
        // Streams are pictures, fonts or page content; bare values may be the length or colour of one.
        return if object.as_stream().is_ok() { Change::Visible } else { Change::Unknown };
    };
    let kind = name(after, dictionary, b"Type").unwrap_or_default();
    let old = before.objects.get(&id).and_then(|object| object.as_dict().ok());
    match kind.as_str() {
        "Sig" if old.is_none() => Change::Seal,
        "DocTimeStamp" if old.is_none() => Change::ValidationData,
        "Page" => page_change(after, old, dictionary),
        "Annot" if old.is_none() && is_unseen_seal(after, dictionary) => Change::Seal,
        "Pages" | "Annot" | "XObject" | "Font" | "ExtGState" | "OCG" => Change::Visible,
        _ if dictionary.has(b"Subtype") => Change::Visible,
        _ if dictionary.has(b"Fields") => form_change(old, Some(dictionary)),
        "Catalog" | "Filespec" | "Metadata" => Change::Structure,
        _ => Change::Unknown,
    }
}

/// A page may get only seals that nobody sees.
fn page_change(after: &Document, old: Option<&Dictionary>, new: &Dictionary) -> Change {
    let Some(old) = old else { return Change::Visible };
    let same = |key: &[u8]| old.get(key).ok() == new.get(key).ok();
    let others = old.iter().chain(new.iter()).all(|(key, _)| key.as_slice() == b"Annots" || same(key));
    let before: Vec<&Object> = old.get(b"Annots").and_then(Object::as_array).into_iter().flatten().collect();
    let Some(now) = array(after, new, b"Annots") else { return Change::Visible };
    let kept = before.iter().all(|annotation| now.contains(annotation));
    let unseen = now.iter().filter(|annotation| !before.contains(annotation)).all(|annotation| {
        follow(after, annotation)
            .and_then(|(_, object)| object.as_dict().ok())
            .is_some_and(|widget| is_unseen_seal(after, widget))
    });
    if others && kept && unseen { Change::Seal } else { Change::Visible }
}

fn is_unseen_seal(document: &Document, widget: &Dictionary) -> bool {
    let rect = array(document, widget, b"Rect");
    let numbers: Vec<f32> = rect.into_iter().flatten().filter_map(|n| n.as_float().ok()).collect();
    let empty = matches!(numbers[..], [left, bottom, right, top] if left == right || bottom == top);
    name(document, widget, b"FT").as_deref() == Some("Sig") && empty
}

/// Objects that an object leads to; none if they are too many to follow.
pub(super) fn reachable<'a>(
    document: &'a Document,
    from: impl IntoIterator<Item = &'a Object>,
) -> Option<HashSet<ObjectId>> {
    let mut found = HashSet::new();
    let mut work: Vec<&Object> = from.into_iter().collect();
    while let Some(object) = work.pop() {
        if found.len() > MAX_FOLLOWED || work.len() > MAX_FOLLOWED {
            return None;
        }
        match object {
            Object::Reference(id) => {
                if found.insert(*id)
                    && let Some(target) = document.objects.get(id)
                {
                    work.push(target);
                }
            }
            Object::Array(items) => work.extend(items),
            Object::Dictionary(dictionary) => work.extend(dictionary.iter().map(|(_, value)| value)),
            Object::Stream(stream) => work.extend(stream.dict.iter().map(|(_, value)| value)),
            _ => {}
        }
    }
    Some(found)
}
