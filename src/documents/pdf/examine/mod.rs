//! Examining a PDF file as a stranger would: reads, never judges. What follows from the facts is decided by
//! [`crate::domain::report::judge`].
//!
//! Three layers: a raw scan of the bytes ([`scan`]), the object model of a strict reader ([`load`]), and the
//! cryptography in each seal ([`container`]). Everything is bounded: size, objects, depth, inflated bytes.

mod attached;
mod changes;
mod container;
pub(super) mod dictionary;
mod field_sealed;
pub(super) mod fields;
mod hashed;
mod keys;
pub(super) mod load;
mod range;
pub(super) mod scan;
mod seal_added;

use crate::documents::Known;
use crate::domain::report::facts::{Facts, Later, NotExaminable, Oddity};

/// Largest file that is examined: 50 MiB.
pub const MAX_BYTES: usize = 50 << 20;

/// Reads everything there is to know about a file and its seals. Pure; trusts the roots that are known, asks the lists that
/// are known beside its own, and knows no time: chains are read at the time that each seal proves or claims.
///
/// # Errors
/// If the file is too large, no PDF, encrypted, or so broken or complex that nothing can be read. Everything else,
/// also a forged seal, is a fact.
pub fn examine(bytes: &[u8], known: Known<'_>) -> Result<Facts, NotExaminable> {
    if bytes.len() > MAX_BYTES {
        return Err(NotExaminable::TooLarge { limit: MAX_BYTES });
    }
    let scan = scan::scan(bytes)?;
    let loaded = load::load(bytes, &scan)?;
    let document = &loaded.document;

    let file = hashed::HashedFile::new(bytes);
    let mut oddities = Vec::new();
    oddities.extend(loaded.lenient_because.map(|why| Oddity::ReadLeniently { why }));
    if scan.header > 0 {
        oddities.push(Oddity::BytesBeforeHeader { count: scan.header });
    }
    if scan.hybrid {
        oddities.push(Oddity::HybridXref);
    }
    oddities.extend(keys::duplicates(bytes, document, scan.header)?);

    let evidence = container::evidence(document, known);
    let mut seals: Vec<_> = fields::signature_fields(document)
        .iter()
        .map(|field| container::seal_facts(&file, &scan, document, field, &evidence))
        .collect();
    seals.sort_by_key(|seal| seal.coverage.map_or(usize::MAX, |covered| covered.end));
    let later = match seals.iter().find_map(|seal| seal.coverage.ok()) {
        Some(covered) => changes::later(bytes, &scan, covered),
        None => Later::default(),
    };
    Ok(Facts {
        file: file.whole(),
        size: bytes.len(),
        revisions: scan.revision_ends.len(),
        pages: document.page_iter().take(10_000).count(),
        oddities,
        seals,
        later,
        attached: attached::read(document),
    })
}

#[cfg(test)]
mod tests;
