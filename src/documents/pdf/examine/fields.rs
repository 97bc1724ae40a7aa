//! Signature fields of the interactive form.

use super::dictionary::{array, dict, follow, get, name};
use lopdf::{Dictionary, Document, Object, ObjectId};
use std::collections::HashSet;
use std::rc::Rc;

const MAX_FIELDS: usize = 1000;
const MAX_DEPTH: usize = 32;
/// Most characters of one part of a field's name.
const MAX_NAME: usize = 256;

/// A signature field that is signed.
pub(in crate::documents::pdf) struct Field<'a> {
    /// Its name in full.
    pub name: String,
    /// The field's own dictionary.
    pub dictionary: &'a Dictionary,
    /// Number of its signature dictionary, if that is an object of its own.
    pub signature_id: Option<ObjectId>,
    /// The signature dictionary.
    pub signature: &'a Dictionary,
    /// Whether the catalog names it as the one that certifies the document.
    pub certifies: bool,
}

/// All signed signature fields, in the form's order.
pub(in crate::documents::pdf) fn signature_fields(document: &Document) -> Vec<Field<'_>> {
    let mut found = Vec::new();
    let Ok(catalog) = document.catalog() else { return found };
    let Some(roots) = dict(document, catalog, b"AcroForm").and_then(|form| array(document, form, b"Fields"))
    else {
        return found;
    };
    let certifier = dict(document, catalog, b"Perms")
        .and_then(|perms| perms.get(b"DocMDP").ok())
        .and_then(|object| object.as_reference().ok());
    let mut seen = HashSet::new();
    let none: Rc<str> = Rc::from("");
    let mut work: Vec<(&Object, Rc<str>, bool, usize)> =
        roots.iter().rev().map(|object| (object, none.clone(), false, 0)).collect();
    let mut visited = 0;
    while let Some((object, prefix, inherited, depth)) = work.pop() {
        let Some((id, object)) = follow(document, object) else { continue };
        if id.is_some_and(|id| !seen.insert(id)) || depth > MAX_DEPTH {
            continue;
        }
        visited += 1;
        if visited > MAX_FIELDS {
            break;
        }
        let Ok(field) = object.as_dict() else { continue };
        let own = get(document, field, b"T")
            .and_then(|t| t.as_str().ok())
            .map(|text| String::from_utf8_lossy(&text[..text.len().min(MAX_NAME)]).into_owned());
        let full = match (&*prefix, own) {
            (_, None) => prefix,
            ("", Some(own)) => own.into(),
            (prefix, Some(own)) => format!("{prefix}.{own}").into(),
        };
        let is_signature = match name(document, field, b"FT") {
            Some(kind) => kind == "Sig",
            None => inherited,
        };
        if let (true, Ok(value)) = (is_signature, field.get(b"V"))
            && let Some((signature_id, value)) = follow(document, value)
            && let Ok(signature) = value.as_dict()
            && found.len() < MAX_DEPTH
        {
            let certifies = certifier.is_some() && certifier == signature_id;
            found.push(Field {
                name: full.to_string(),
                dictionary: field,
                signature_id,
                signature,
                certifies,
            });
        }
        for kid in array(document, field, b"Kids").into_iter().flatten().rev().take(MAX_FIELDS) {
            work.push((kid, full.clone(), is_signature, depth + 1));
        }
    }
    found
}
