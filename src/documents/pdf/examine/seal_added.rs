//! A further seal in a new field, as parties put it on a contract one after the other: one field with its widget at the end
//! of one page's annotations and of the form's fields, its signature, its picture, data to check it with, and nothing
//! else. Files that are certified know no such thing: their fields are there from the start.

use super::dictionary::{array, dict, name};
use super::field_sealed::{picture_objects, signature_objects, store_additions};
use super::fields::signature_fields;
use lopdf::{Dictionary, Document, Object, ObjectId};
use std::collections::HashSet;

/// Name of the field that the revision adds with its seal, if that is all it does. `written` are all objects that are new
/// or differ.
pub(super) fn seal_added(before: &Document, after: &Document, written: &[ObjectId]) -> Option<String> {
    let (old_root, new_root) = (before.catalog().ok()?, after.catalog().ok()?);
    if new_root.has(b"Perms") || before.trailer.get(b"Info").ok() != after.trailer.get(b"Info").ok() {
        return None;
    }
    let is_new = |id: &ObjectId| !before.objects.contains_key(id);
    let is_widget = |id: &&ObjectId| {
        let object = after.get_dictionary(**id).ok();
        is_new(id) && object.is_some_and(|object| name(after, object, b"FT").as_deref() == Some("Sig"))
    };
    let mut widgets = written.iter().filter(is_widget);
    let (widget, None) = (*widgets.next()?, widgets.next()) else { return None };
    let page = check_page(before, after, widget, written)?;
    check_catalog(before, after, (old_root, new_root), widget)?;

    let field = after.get_dictionary(widget).ok()?;
    let signature = field.get(b"V").and_then(Object::as_reference).ok()?;
    let appearance = field.get(b"AP").and_then(Object::as_dict).ok()?;
    let picture = appearance.get(b"N").and_then(Object::as_reference).ok()?;
    let plain = |key: &[u8]| {
        matches!(
            key,
            b"Type" | b"Subtype" | b"FT" | b"T" | b"F" | b"Rect" | b"P" | b"V" | b"AP" | b"Lock" | b"DA"
        )
    };
    if appearance.len() != 1 || !field.iter().all(|(key, _)| plain(key)) {
        return None;
    }
    let mut explained = HashSet::from([widget]);
    explained.extend(signature_objects(after, signature).filter(|ids| ids.iter().all(is_new))?);
    explained.extend(picture_objects(after, picture).filter(|ids| ids.iter().all(is_new))?);
    explained.extend(store_additions(before, after).filter(|ids| ids.iter().all(is_new))?);
    // What names the new objects, each compared above.
    explained.extend(after.trailer.get(b"Root").and_then(Object::as_reference).ok());
    explained.extend([page]);
    let lists = [
        after.get_dictionary(page).ok()?.get(b"Annots").ok(),
        new_root.get(b"AcroForm").ok(),
        dict(after, new_root, b"AcroForm").and_then(|form| form.get(b"Fields").ok()),
        new_root.get(b"DSS").ok(),
    ];
    explained.extend(lists.into_iter().flatten().filter_map(|object| object.as_reference().ok()));
    if !written.iter().all(|id| explained.contains(id)) {
        return None;
    }
    let fields = signature_fields(after);
    fields.into_iter().find(|field| field.signature_id == Some(signature)).map(|field| field.name)
}

/// The one page that gets the widget, at the end of its annotations; nothing else of it differs.
fn check_page(
    before: &Document,
    after: &Document,
    widget: ObjectId,
    written: &[ObjectId],
) -> Option<ObjectId> {
    let page = after.get_dictionary(widget).ok()?.get(b"P").and_then(Object::as_reference).ok()?;
    let (old, new) = (before.get_dictionary(page).ok()?, after.get_dictionary(page).ok()?);
    let is_page = name(after, new, b"Type").as_deref() == Some("Page");
    let others_written = written
        .iter()
        .any(|id| *id != page && after.get_dictionary(*id).is_ok_and(|object| object.has_type(b"Page")));
    (is_page
        && !others_written
        && same_but(old, new, &[b"Annots"])
        && has_one_more(before, after, (old, new), b"Annots", widget))
    .then_some(page)
}

/// The catalog may get only the field in its form, and data in its store.
fn check_catalog(
    before: &Document,
    after: &Document,
    (old, new): (&Dictionary, &Dictionary),
    widget: ObjectId,
) -> Option<()> {
    let none = Dictionary::new();
    let old_form = dict(before, old, b"AcroForm").unwrap_or(&none);
    let new_form = dict(after, new, b"AcroForm")?;
    (same_but(old, new, &[b"AcroForm", b"DSS"])
        && same_but(old_form, new_form, &[b"Fields", b"SigFlags"])
        && has_one_more(before, after, (old_form, new_form), b"Fields", widget))
    .then_some(())
}

fn same_but(old: &Dictionary, new: &Dictionary, but: &[&[u8]]) -> bool {
    let excepted = |key: &Vec<u8>| but.contains(&key.as_slice());
    let same = |key: &Vec<u8>| excepted(key) || old.get(key).ok() == new.get(key).ok();
    old.iter().chain(new.iter()).all(|(key, _)| same(key))
}

/// Whether the list at a key has got this object at its end, and is as it was before that.
fn has_one_more(
    before: &Document,
    after: &Document,
    (old, new): (&Dictionary, &Dictionary),
    key: &[u8],
    more: ObjectId,
) -> bool {
    let listed = |document, holder| array(document, holder, key).map(Vec::as_slice).unwrap_or_default();
    listed(after, new)
        .split_last()
        .is_some_and(|(last, first)| *last == Object::Reference(more) && first == listed(before, old))
}
