//! Electronic seals and seal signatures: GB/T 38540-2020 (structure 4), GM/T 0031-2025 (structure 5, which adds a
//! time-stamp token to the seal) and GM/T 0031-2014 (structure 1, read only).
//!
//! Real seals break DER in small ways (an explicit FALSE where the default is meant), so a signature is always checked
//! over the bytes as they came: nothing read here is written again before it is checked. Facts, no judgement; whether a
//! certificate is to be trusted, and whether a time fits, is asked elsewhere.

mod parts;
mod seal;
mod signature;
mod write;

pub use parts::{Picture, SignerList};
pub use seal::{SealFacts, read_seal};
pub use signature::{SignatureFacts, TimeInfo, read_signature};
pub use write::{
    Extension, NotWritable, SealContent, TbsContent, assemble_seal, assemble_signature, seal_info, to_sign,
};

use crate::crypto::Suite;
use const_oid::ObjectIdentifier;

/// Largest seal that is read: real ones have 10 to 100 KiB, nearly all of it picture.
pub const MAX_SEAL_BYTES: usize = 2 << 20;
/// Largest seal signature that is read.
pub const MAX_SIGNATURE_BYTES: usize = MAX_SEAL_BYTES + (1 << 20);

/// The one signature algorithm of these standards.
const ALGORITHM: ObjectIdentifier = Suite::Sm2.signature_oid();

/// Structure of a seal or a seal signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Version {
    /// GM/T 0031-2014.
    V1,
    /// GB/T 38540-2020.
    V4,
    /// GM/T 0031-2025.
    V5,
}

impl Version {
    /// The number in the header.
    pub const fn number(self) -> u8 {
        match self {
            Self::V1 => 1,
            Self::V4 => 4,
            Self::V5 => 5,
        }
    }

    /// The standard that defines the structure.
    pub const fn standard(self) -> &'static str {
        match self {
            Self::V1 => "GM/T 0031-2014",
            Self::V4 => "GB/T 38540-2020",
            Self::V5 => "GM/T 0031-2025",
        }
    }
}

/// What some bytes are, by their outermost shape alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A seal, as in an `.esl` file.
    Seal,
    /// A seal signature, as in `SignedValue.dat`.
    Signature,
    /// A signature without a seal (GB/T 35275 or CMS).
    PlainSignature,
}

/// Tells a seal, which begins with its header, from a seal signature, which begins with the number of its version, and
/// both from a plain signature, which begins with the identifier of its type. `None` if it is none of these.
pub fn shape(bytes: &[u8]) -> Option<Shape> {
    use super::asn1::Cursor;
    use der::Tag;
    let mut whole = Cursor::new("seal", bytes).enter(Tag::Sequence).ok()?;
    let first = whole.next().ok()??;
    if first.tag == Tag::ObjectIdentifier {
        return Some(Shape::PlainSignature);
    }
    let mut inner = Cursor::new("seal", first.raw).enter(Tag::Sequence).ok()?;
    match inner.next().ok()??.tag {
        Tag::Integer => Some(Shape::Signature),
        Tag::Sequence => Some(Shape::Seal),
        _ => None,
    }
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
