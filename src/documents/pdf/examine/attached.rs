//! The license data attached to the file, and the identifier that its metadata display.

use super::dictionary::{array, content, dict, follow, get};
use crate::documents::attachment;
use crate::domain::report::facts::Attached;
use lopdf::{Dictionary, Document, Object};
use std::collections::HashSet;

const MAX_ATTACHMENTS: usize = 256;
/// Most nodes looked at in the tree of names.
const MAX_NODES: usize = 1000;

/// Reads the attached license data.
pub(super) fn read(document: &Document) -> Attached {
    let Ok(catalog) = document.catalog() else { return Attached::Nothing };
    let mut specifications: Vec<&Object> = array(document, catalog, b"AF").into_iter().flatten().collect();
    if let Some(tree) = dict(document, catalog, b"Names").and_then(|n| dict(document, n, b"EmbeddedFiles")) {
        collect(document, tree, &mut specifications);
    }
    let mut named: Vec<&Object> = Vec::new();
    for object in specifications.into_iter().take(MAX_ATTACHMENTS) {
        if is_license(document, object) && !named.contains(&object) {
            named.push(object);
        }
        // A second one settles it.
        if named.len() > 1 {
            break;
        }
    }
    match named[..] {
        [] => Attached::Nothing,
        [one] => read_one(document, one),
        _ => Attached::Several,
    }
}

/// Walks the tree of names. Each node is looked at once, however many others, or it itself, claim it as a kid.
fn collect<'a>(document: &'a Document, tree: &'a Dictionary, found: &mut Vec<&'a Object>) {
    let mut seen = HashSet::new();
    let mut work = vec![tree];
    let mut nodes = 0;
    while let Some(node) = work.pop() {
        nodes += 1;
        if nodes > MAX_NODES || found.len() > MAX_ATTACHMENTS {
            return;
        }
        // Name and value in turn.
        found.extend(
            array(document, node, b"Names").into_iter().flatten().skip(1).step_by(2).take(MAX_ATTACHMENTS),
        );
        for kid in array(document, node, b"Kids").into_iter().flatten().take(MAX_ATTACHMENTS) {
            if let Some((id, kid)) = follow(document, kid)
                && id.is_none_or(|id| seen.insert(id))
                && let Ok(kid) = kid.as_dict()
                && work.len() < MAX_NODES
            {
                work.push(kid);
            }
        }
    }
}

fn is_license(document: &Document, specification: &Object) -> bool {
    let Some(specification) = follow(document, specification).and_then(|(_, o)| o.as_dict().ok()) else {
        return false;
    };
    [&b"UF"[..], b"F"].into_iter().any(|key| {
        get(document, specification, key)
            .and_then(|name| name.as_str().ok())
            .is_some_and(|name| attachment::is_ours(&plain_text(name)))
    })
}

/// A text string (ISO 32000-2 §7.9.2): UTF-16 with a mark, or bytes.
fn plain_text(text: &[u8]) -> String {
    match text.strip_prefix(b"\xfe\xff") {
        Some(wide) => {
            let units: Vec<u16> =
                wide.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        None => String::from_utf8_lossy(text).into_owned(),
    }
}

fn read_one(document: &Document, specification: &Object) -> Attached {
    let unreadable = |why: &str| Attached::Unreadable { why: why.to_owned() };
    let file = follow(document, specification)
        .and_then(|(_, object)| object.as_dict().ok())
        .and_then(|specification| dict(document, specification, b"EF"))
        .and_then(|files| files.get(b"F").or_else(|_| files.get(b"UF")).ok())
        .and_then(|stream| content(document, stream));
    let Some(json) = file else { return unreadable("no content") };
    attachment::facts(&json, displayed_identifier(document))
}

/// `dc:identifier` of the document's XMP metadata.
fn displayed_identifier(document: &Document) -> Option<String> {
    let catalog = document.catalog().ok()?;
    let packet = content(document, catalog.get(b"Metadata").ok()?)?;
    let packet = String::from_utf8(packet).ok()?;
    let (_, rest) = packet.split_once("<dc:identifier>")?;
    let (identifier, _) = rest.split_once("</dc:identifier>")?;
    Some(identifier.trim().to_owned())
}
