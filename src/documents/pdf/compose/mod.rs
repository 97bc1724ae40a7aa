//! Composing a license as a PDF/A-3b file with room for its seal, all in one revision.
//!
//! What is the same on every license of a kind (pages, ornaments, labels and their glyphs, colour profile) is
//! prepared and compressed once in a [`PdfTemplate`]; a seal's picture once for each seal. A document adds
//! its text, a small font cut, its code, the attached data, and the validation data of its seal.

mod appearance;
mod deflate;
mod file;
mod fonts;
mod metadata;
mod paint;
mod signature;
mod template;

pub use crate::documents::validation::ValidationData;
pub use appearance::UnreadablePicture;
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
    /// The seal's picture, shown in its place on the face.
    pub seal: &'a SealPicture,
    /// The license data (see [`crate::documents::attachment`]).
    pub attachment_json: &'a [u8],
    /// What a verifier needs long after: goes into the document security store.
    pub validation: &'a ValidationData,
    /// The signature to be.
    pub signature: SignatureField<'a>,
    /// Title of the document.
    pub title: &'a str,
    /// Random, unique to this file.
    pub document_id: [u8; 16],
    /// When it is made.
    pub created: Timestamp,
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsealedPdf {
    /// The file; the byte range is filled in, the signature value is zeros.
    pub bytes: Vec<u8>,
    /// The signature value in hexadecimal, from `<` to after `>`.
    pub contents: Range<usize>,
}

/// Why a file cannot be composed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ComposeFault {
    /// What is printed is at fault.
    #[error("the face is at fault: {0:?}")]
    Face(Vec<FaceFault>),
    /// The seal's picture is.
    #[error(transparent)]
    Picture(#[from] UnreadablePicture),
}
