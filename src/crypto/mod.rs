//! Signature suites. Nothing else in the tree names an algorithm.

/// A set of algorithms that belong together, chosen per key by value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Suite {
    /// ECDSA on NIST P-256 with SHA-256.
    P256,
}
