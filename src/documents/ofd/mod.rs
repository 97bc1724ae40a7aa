//! Licenses as OFD files (GB/T 33190-2016).

pub mod brought;
pub mod compose;
pub mod examine;
mod package;
pub mod seal;
mod xml;

pub use examine::examine;

/// Name of the CustomData in `OFD.xml` that lists the codes of the seals that belong on the file, in the order in
/// which they are put on it, with a space between them. It is covered by every seal, so a seal that was cut off is
/// missed. `KZ` (扩展) marks names that are not the standard's.
pub const EXPECTED_SEALS: &str = "KZ_YZSX";

/// The list of signatures; named by `OFD.xml` from the start.
const SIGNATURES: &str = "Doc_0/Signs/Signatures.xml";
/// The folder in which each signature has a folder of its own.
const SIGNS: &str = "Doc_0/Signs";
/// The document's root.
const DOCUMENT: &str = "Doc_0/Document.xml";

#[cfg(test)]
mod testing;
#[cfg(test)]
mod together_tests;
