//! Composing a license as an OFD package that is ready for its seals.
//!
//! What is the same on every license of a kind (template pages with ornaments and labels, their fonts, the units they
//! are drawn with) is prepared, compressed and hashed once in an [`OfdTemplate`]. A document adds its text, a small
//! font cut, its code, its metadata, the tags that say which object shows which value, and the attached data.

mod code;
mod fonts;
mod paint;
mod parts;
mod path;
mod tags;
mod template;

pub use template::OfdTemplate;

use crate::documents::face::FaceContent;
use crate::documents::validation::ValidationData;
use crate::domain::time::Timestamp;

/// Everything one file is made of.
#[derive(Clone, Copy, Debug)]
pub struct OfdContent<'a> {
    /// What is printed.
    pub face: FaceContent<'a>,
    /// Metadata of the license ([`crate::domain::license::metadata::elements`]).
    pub metadata: &'a [(&'static str, String)],
    /// The license data (see [`crate::documents::attachment`]).
    pub attachment_json: &'a [u8],
    /// What a verifier needs to check the seals offline.
    pub validation: &'a ValidationData,
    /// Codes of the seals that belong on the file, in the order in which they are put on it.
    pub expected_seals: &'a [&'a str],
    /// Title of the document.
    pub title: &'a str,
    /// Random, unique to this file.
    pub document_id: [u8; 16],
    /// When it is made.
    pub created: Timestamp,
}

#[cfg(test)]
mod tests;
