//! What a paper about licenses says, whatever file it is in.

use crate::domain::paper::PaperKind;
use crate::domain::time::Timestamp;

/// What a paper about licenses says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperFacts {
    /// What it is.
    pub kind: PaperKind,
    /// Its identity.
    pub id: String,
    /// Who made it: credit code.
    pub issuer_code: String,
    /// Who made it: name.
    pub issuer_name: String,
    /// The seal that belongs on it.
    pub seal: String,
    /// When it was made; `None` if that cannot be read.
    pub made_at: Option<Timestamp>,
    /// When it ends; `None` if that cannot be read, and always of a receipt.
    pub expires_at: Option<Timestamp>,
    /// The licenses that it is about, by identifier as written.
    pub licenses: Vec<String>,
    /// What it was made for.
    pub purpose: String,
    /// Who was shown the licenses, or may use the copy; empty where nobody is named.
    pub recipient: String,
    /// How many fields of the license it shows masked; none of a receipt, whose fields are what was disclosed.
    pub masked: usize,
    /// The document's own metadata name another than they should.
    pub displays_another: Option<String>,
}
