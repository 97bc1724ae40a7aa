//! Licenses as OFD files (GB/T 33190-2016).

pub mod compose;
mod package;
pub mod seal;
mod xml;

/// Name of the CustomData in `OFD.xml` that lists the codes of the seals that belong on the file, in the order in
/// which they are put on it, with a space between them. It is covered by every seal, so a seal that was cut off is
/// missed. `KZ` (扩展) marks names that are not the standard's.
pub const EXPECTED_SEALS: &str = "KZ_YZSX";

/// Name of the attachment with the X.509 certificates that lie between the seals' and a root, in PEM. No standard names
/// a place for them in OFD, so an offline verifier would have to know them; all seals cover these parts.
const VALIDATION_X509S: &str = "validation-x509s.pem";
/// Name of the attachment with their revocation lists, in PEM.
const VALIDATION_CRLS: &str = "validation-crls.pem";

/// The list of signatures; named by `OFD.xml` from the start.
const SIGNATURES: &str = "Doc_0/Signs/Signatures.xml";
/// The document's root.
const DOCUMENT: &str = "Doc_0/Document.xml";

#[cfg(test)]
mod testing;
