//! What stands in seals and seal signatures of GB/T 38540.

use super::{ChainFault, GoodChain, SignerFacts, TokenFacts};
use crate::domain::time::Timestamp;

/// A seal as an object of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealObjectFacts {
    /// Its structure: 1, 4 or 5.
    pub structure: u8,
    /// The standard of that structure.
    pub standard: &'static str,
    /// Who made the software that wrote it.
    pub vendor: String,
    /// Its identifier: the seal code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its type, a number by business need.
    pub kind: i64,
    /// Made at.
    pub created: Timestamp,
    /// Valid from.
    pub valid_from: Timestamp,
    /// Valid until.
    pub valid_until: Timestamp,
    /// Format of its picture, as written.
    pub picture_format: String,
    /// Width and height of its picture in millimetres.
    pub picture_mm: (u32, u32),
    /// Identifiers of its extensions.
    pub extensions: Vec<String>,
    /// How many may seal with it.
    pub signers: usize,
    /// The maker's signature algorithm as an object identifier.
    pub algorithm: String,
    /// Whether the maker's signature is right; `None` if the algorithm is not that of the standard.
    pub maker_signature_is_right: Option<bool>,
    /// The maker; `None` if its X.509 certificate cannot be read.
    pub maker: Option<SignerFacts>,
    /// Whether the maker stands in the seal's own list of signers.
    pub made_by_its_signer: bool,
    /// The maker's chain: for structure 5 when the seal was made, before that when it sealed; for a seal alone when it
    /// was made or, if the maker's X.509 certificate began later, then.
    pub maker_chain: Result<GoodChain, ChainFault>,
    /// Trusted-time token over the maker's signature (structure 5).
    pub token: Option<TokenFacts>,
}

/// A seal signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealSignatureFacts {
    /// Its structure: 1, 4 or 5.
    pub structure: u8,
    /// The standard of that structure.
    pub standard: &'static str,
    /// The seal inside.
    pub seal: SealObjectFacts,
    /// The time the signer claims; `None` if it cannot be read, which only structure 1 allows.
    pub claimed_time: Option<Timestamp>,
    /// What was sealed, in words.
    pub property: String,
    /// Whether those words name what was sealed; `None` if that is not at hand.
    pub property_fits: Option<bool>,
    /// Whether the sealed digest is that of what was sealed; `None` if that is not at hand.
    pub data_matches: Option<bool>,
    /// Whether the signature is right; `None` if the algorithm is not that of the standard.
    pub signature_is_right: Option<bool>,
    /// The signer's signature algorithm as an object identifier.
    pub algorithm: String,
    /// Whether the signer stands in the seal's list.
    pub signer_is_listed: bool,
    /// The signer; `None` if its X.509 certificate cannot be read.
    pub signer: Option<SignerFacts>,
    /// Its chain, at the trusted time if there is one, else at the claimed time.
    pub chain: Result<GoodChain, ChainFault>,
    /// Trusted-time token over the signature.
    pub token: Option<TokenFacts>,
}

impl SealSignatureFacts {
    /// The time a trusted authority proves.
    pub fn trusted_time(&self) -> Option<Timestamp> {
        self.token.as_ref().and_then(TokenFacts::trusted_time)
    }
}

/// A seal in a file of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealFileFacts {
    /// SHA-256 of the file.
    pub file: [u8; 32],
    /// The seal, or why it cannot be read.
    pub seal: Result<SealObjectFacts, String>,
}

/// A seal signature in a file of its own: without what it sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealSignatureFileFacts {
    /// SHA-256 of the file.
    pub file: [u8; 32],
    /// The signature, or why it cannot be read.
    pub signature: Result<SealSignatureFacts, String>,
}
