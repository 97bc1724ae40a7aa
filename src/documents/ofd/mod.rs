//! Licenses as OFD files (GB/T 33190-2016).

pub mod examine;

pub use examine::examine;

/// Name of the CustomData in `OFD.xml` that lists the codes of the seals that belong on the file, in the order in
/// which they are put on it, with a space between them. It is covered by every seal, so a seal that was cut off is
/// missed. `KZ` (扩展) marks names that are not the standard's.
pub const EXPECTED_SEALS: &str = "KZ_YZSX";
