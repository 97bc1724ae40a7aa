//! Composing a license as a PDF/A-3b file with room for its seal, all in one revision; where several seal together, with
//! a field for each of them, which a later revision fills ([`further`]).
//!
//! What is the same on every license of a kind (pages, ornaments, labels and their glyphs, colour profile) is
//! prepared and compressed once in a [`PdfTemplate`]; a seal's picture once for each seal. A document adds
//! its text, a small font cut, its code, the attached data, and the validation data of its seal.

pub(in crate::documents::pdf) mod appearance;
mod deflate;
pub(in crate::documents::pdf) mod file;
mod fonts;
mod further;
mod metadata;
mod paint;
mod plain;
pub mod sheet;
pub(in crate::documents::pdf) mod signature;
mod store;
mod template;

pub use crate::documents::validation::ValidationData;
pub use appearance::UnreadablePicture;
pub(in crate::documents::pdf) use further::Further;
pub use plain::{About, plain};
pub use template::{PdfTemplate, UnusableKind};

use crate::documents::face::{FaceContent, FaceFault};
use crate::domain::seal::SealPicture;
use crate::domain::time::Timestamp;
use std::ops::Range;

/// Everything one file is made of.
#[derive(Clone, Copy, Debug)]
pub struct PdfContent<'a> {
    /// What is printed.
    pub face: FaceContent<'a>,
    /// The seals in the order in which they are laid on; at least one.
    pub seals: &'a [PlannedSeal<'a>],
    /// The license data (see [`crate::documents::attachment`]).
    pub attachment_json: &'a [u8],
    /// Title of the document.
    pub title: &'a str,
    /// Random, unique to this file.
    pub document_id: [u8; 16],
    /// When it is made.
    pub created: Timestamp,
}

/// A seal to be.
#[derive(Clone, Copy, Debug)]
pub struct PlannedSeal<'a> {
    /// The party whose place on the face it takes; none for the only place of a face.
    pub party: Option<&'a str>,
    /// Its picture.
    pub picture: &'a SealPicture,
    /// Its signature.
    pub signature: SignatureField<'a>,
    /// What a verifier needs long after to check it: goes into the document security store with it.
    pub validation: &'a ValidationData,
}

/// The signature to be.
#[derive(Clone, Copy, Debug)]
pub struct SignatureField<'a> {
    /// Who seals: the seal's owner.
    pub name: &'a str,
    /// Why, in words; empty to leave it out.
    pub reason: &'a str,
    /// The time the sealer claims.
    pub claimed_time: Timestamp,
    /// Bytes kept free for the signature (its DER, not its hexadecimal form).
    pub contents_reserve: usize,
}

/// A finished file but for its signature value.
#[derive(Clone, Debug, PartialEq)]
pub struct UnsealedPdf {
    /// The file; the byte range is filled in, the signature value is zeros.
    pub bytes: Vec<u8>,
    /// The signature value in hexadecimal, from `<` to after `>`.
    pub contents: Range<usize>,
    /// The seals that are to follow, if any.
    pub(in crate::documents::pdf) further: Option<Box<Further>>,
}

/// Why a file cannot be composed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ComposeFault {
    /// What is printed is at fault.
    #[error("the face is at fault: {0:?}")]
    Face(Vec<FaceFault>),
    /// A seal's picture is.
    #[error(transparent)]
    Picture(#[from] UnreadablePicture),
    /// There is no seal, one whose party has no place on the face, or two for one place.
    #[error("the seals do not fit the places on the face")]
    SealPlaces,
}
