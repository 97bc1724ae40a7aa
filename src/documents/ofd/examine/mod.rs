//! Examining an OFD file as a stranger would: reads, never judges. What follows from the facts is decided by
//! [`crate::domain::report::judge`].
//!
//! Four layers: the archive ([`package`], [`frame`]), the XML in it ([`xml`]), what the document is made of
//! ([`structure`]), and its signatures ([`signature`]; those without a seal, [`plain`]). Everything is bounded: size,
//! entries, unpacked bytes, nodes, depth.

mod frame;
pub(super) mod package;
mod plain;
mod signature;
pub(super) mod structure;
pub(super) mod xml;

use super::EXPECTED_SEALS;
use crate::crypto::sha256;
use crate::documents::evidence::Evidence;
use crate::documents::{Known, attachment};
use crate::domain::report::facts::{
    Attached, ListedAs, NotExaminable, OfdFacts, PackageOddity, UncoveredPart,
};
use package::{Package, resolve};
use signature::{Digests, Listed};
use std::collections::BTreeSet;
use structure::Structure;

/// Largest file that is examined: 50 MiB.
pub const MAX_BYTES: usize = 50 << 20;
/// Most signatures examined.
const MAX_SIGNATURES: usize = 64;
/// Most X.509 certificates, and most revocation lists, taken from the attachments.
const MAX_STORED: usize = 32;
/// Most parts without a signature that are kept.
const MAX_UNCOVERED: usize = 256;
/// Name of the identifier in the metadata that readers display (证照标识).
const IDENTIFIER: &str = "ZZBS";

/// Reads everything there is to know about a file and the signatures on it. Pure, and knows no time: chains are read at
/// the time that each signature proves or claims. X.509 certificates and revocation lists attached to the document
/// (`.cer`, `.crl`) help to build chains, beside those that are known.
///
/// # Errors
/// If the file is too large, no OFD package, encrypted, or so broken or complex that nothing can be read.
pub fn examine(bytes: &[u8], known: Known<'_>) -> Result<OfdFacts, NotExaminable> {
    if bytes.len() > MAX_BYTES {
        return Err(NotExaminable::TooLarge { limit: MAX_BYTES });
    }
    let mut package = Package::open(bytes)?;
    let mut structure = structure::follow(&package)?;
    let mut oddities = std::mem::take(&mut package.oddities);
    oddities.append(&mut structure.oddities);

    let evidence = evidence(&package, &structure, known);
    let digests = Digests::new(&package);
    let mut signatures = Vec::new();
    let mut accounted: BTreeSet<String> = structure.signatures.iter().cloned().collect();
    if let Some(list) = &structure.signatures {
        for listed in list_of(&package, list, &mut oddities)? {
            let read = signature::read(&digests, &structure, list, &listed, &evidence);
            accounted.extend(read.accounted);
            signatures.push(read.facts);
        }
    }
    let uncovered = package.paths().filter(|path| !accounted.contains(*path)).map(|path| UncoveredPart {
        path: path.to_owned(),
        is_used: structure.shown.contains(path) || structure.offered.contains(path),
    });
    let uncovered = uncovered.take(MAX_UNCOVERED).collect();
    let data = |name: &str| structure.data.iter().find(|(known, _)| known == name).map(|(_, value)| value);
    let expected = data(EXPECTED_SEALS)
        .map(|codes| codes.split_ascii_whitespace().map(str::to_owned).collect::<Vec<_>>());
    Ok(OfdFacts {
        file: sha256(bytes),
        size: bytes.len(),
        parts: package.len(),
        pages: structure.pages.len(),
        oddities,
        signatures,
        uncovered,
        expected_seals: expected.filter(|codes| !codes.is_empty()),
        attached: attached(&package, &structure, data(IDENTIFIER).cloned()),
    })
}

/// The list of signatures. One that cannot be read lists none.
fn list_of(
    package: &Package,
    list: &str,
    oddities: &mut Vec<PackageOddity>,
) -> Result<Vec<Listed>, NotExaminable> {
    let Some(bytes) = package.part(list) else {
        oddities.push(PackageOddity::MissingPart { path: list.to_owned() });
        return Ok(Vec::new());
    };
    let document = match xml::parse(bytes) {
        Ok(document) => document,
        Err(why) => {
            oddities.push(PackageOddity::UnreadablePart { path: list.to_owned(), why });
            return Ok(Vec::new());
        }
    };
    let mut paths = BTreeSet::new();
    let listed: Vec<Listed> = xml::children(document.root_element(), "Signature")
        .take(MAX_SIGNATURES + 1)
        .map(|signature| {
            let id = signature.attribute("ID").unwrap_or_default().chars().take(64).collect();
            let listed_as = match signature.attribute("Type").map(str::trim) {
                Some("Sign") => ListedAs::Sign,
                _ => ListedAs::Seal,
            };
            let place = signature.attribute("BaseLoc");
            let path = place.and_then(|place| resolve(list, place)).unwrap_or_default();
            let again = !paths.insert(path.clone());
            Listed { id, path, listed_as, again }
        })
        .collect();
    if listed.len() > MAX_SIGNATURES {
        return Err(NotExaminable::TooComplex { why: format!("more than {MAX_SIGNATURES} signatures") });
    }
    Ok(listed)
}

fn evidence<'a>(package: &Package, structure: &Structure, known: Known<'a>) -> Evidence<'a> {
    let of_kind = |ending: &str| -> Vec<Vec<u8>> {
        let named = structure.attachments.iter().filter(|attachment| {
            attachment.path.rsplit_once('.').is_some_and(|(_, last)| last.eq_ignore_ascii_case(ending))
        });
        named
            .filter_map(|attachment| package.part(&attachment.path))
            .take(MAX_STORED)
            .map(<[u8]>::to_vec)
            .collect()
    };
    Evidence::new(known, of_kind("cer"), of_kind("crl"))
}

/// The license data among the attachments, by name or by file name.
fn attached(package: &Package, structure: &Structure, displayed_identifier: Option<String>) -> Attached {
    let is_ours = |path: &str| path.rsplit('/').next().is_some_and(attachment::is_ours);
    let named: BTreeSet<&str> = structure
        .attachments
        .iter()
        .filter(|attachment| attachment::is_ours(&attachment.name) || is_ours(&attachment.path))
        .map(|attachment| attachment.path.as_str())
        .collect();
    let mut named = named.into_iter();
    match (named.next().and_then(|path| package.part(path)), named.next()) {
        (_, Some(_)) => Attached::Several,
        (None, None) => Attached::Nothing,
        (Some(json), None) => attachment::facts(json, displayed_identifier),
    }
}

#[cfg(test)]
mod tests;
