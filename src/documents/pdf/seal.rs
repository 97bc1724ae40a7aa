//! Sealing a composed PDF: the signature goes into the place kept for it, nothing else changes.
//!
//! Pure steps between which the caller uses a key and a timestamping authority:
//! [`begin`] → sign [`PendingSeal::to_sign`] → [`PendingSeal::signed`] → stamp [`SignedSeal::digest_to_stamp`] →
//! [`SignedSeal::finish`], or [`SignedSeal::go_on`] where a further seal is to follow, and so on. The result is a PAdES baseline signature (ETSI EN 319 142-1): B-T with a token, and B-LT
//! since the composed file carries its revocation data. A seal of the suite SM2 has the same shape, with the algorithms
//! and the names of GM/T practice ([`cms::assemble`]).

use super::compose::{Further, UnsealedPdf};
use crate::crypto::{DigestAlgorithm, Suite};
use crate::formats::{Unreadable, cms};

/// A file whose digest is taken, waiting for the signature.
#[derive(Clone, Debug)]
pub struct PendingSeal {
    unsealed: UnsealedPdf,
    suite: Suite,
    signer_x509: Vec<u8>,
    other_x509s: Vec<Vec<u8>>,
    signed_attributes: Vec<u8>,
}

/// A signed file, waiting for its timestamp.
#[derive(Clone, Debug)]
pub struct SignedSeal {
    pending: PendingSeal,
    signature: Vec<u8>,
}

/// Why the signature cannot be put in its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DoesNotFit {
    /// It is longer than the room kept for it.
    #[error("the signature takes {needed} bytes, but {kept} were kept for it")]
    TooLong {
        /// Bytes needed.
        needed: usize,
        /// Bytes kept.
        kept: usize,
    },
    /// No further seal was planned when the file was composed.
    #[error("no further seal is planned for the file")]
    NoFurtherSeal,
    /// The signer's X.509 certificate is not readable.
    #[error(transparent)]
    X509(#[from] Unreadable),
}

/// Takes the digest of the covered bytes and makes the attributes to be signed by a key of this suite.
pub fn begin(
    unsealed: UnsealedPdf,
    suite: Suite,
    signer_x509: &[u8],
    other_x509s: &[Vec<u8>],
) -> PendingSeal {
    let digest = suite
        .digest_of(&[&unsealed.bytes[..unsealed.contents.start], &unsealed.bytes[unsealed.contents.end..]]);
    let signed_attributes = cms::signed_attributes(suite, &digest, signer_x509, cms::DATA);
    PendingSeal {
        unsealed,
        suite,
        signer_x509: signer_x509.to_vec(),
        other_x509s: other_x509s.to_vec(),
        signed_attributes,
    }
}

impl PendingSeal {
    /// What the key signs.
    pub fn to_sign(&self) -> &[u8] {
        &self.signed_attributes
    }

    /// Takes the signature over [`Self::to_sign`].
    pub fn signed(self, signature: Vec<u8>) -> SignedSeal {
        SignedSeal { pending: self, signature }
    }
}

impl SignedSeal {
    /// Digest of the signature value, for the timestamping authority.
    pub fn digest_to_stamp(&self) -> [u8; 32] {
        self.pending.suite.digest(&self.signature)
    }

    /// What that digest is made with.
    pub const fn digest_algorithm(&self) -> DigestAlgorithm {
        self.pending.suite.digest_algorithm()
    }

    /// Puts signature and token in their place.
    ///
    /// # Errors
    /// If they do not fit there.
    pub fn finish(self, token: Option<&[u8]>) -> Result<Vec<u8>, DoesNotFit> {
        self.place(token).map(|(bytes, _)| bytes)
    }

    /// The same, and opens the file for the next of the seals that were planned when it was composed: an incremental
    /// update, in front of which every byte stays.
    ///
    /// # Errors
    /// If they do not fit there, or this was the last seal.
    pub fn go_on(self, token: Option<&[u8]>) -> Result<UnsealedPdf, DoesNotFit> {
        let (bytes, further) = self.place(token)?;
        further.and_then(|further| further.open(bytes)).ok_or(DoesNotFit::NoFurtherSeal)
    }

    fn place(self, token: Option<&[u8]>) -> Result<(Vec<u8>, Option<Box<Further>>), DoesNotFit> {
        let PendingSeal { unsealed, suite, signer_x509, other_x509s, signed_attributes } = self.pending;
        let others: Vec<&[u8]> = other_x509s.iter().map(Vec::as_slice).collect();
        let container = cms::assemble(&cms::Assembly {
            suite,
            signer_x509: &signer_x509,
            other_x509s: &others,
            signed_attributes: &signed_attributes,
            signature: &self.signature,
            timestamp_token: token,
            econtent: None,
        })?;
        let UnsealedPdf { mut bytes, contents, further } = unsealed;
        let place = &mut bytes[contents.start + 1..contents.end - 1];
        let kept = place.len() / 2;
        let needed = container.len();
        let place = place.get_mut(..2 * needed).ok_or(DoesNotFit::TooLong { needed, kept })?;
        place.copy_from_slice(hex::encode(&container).as_bytes());
        Ok((bytes, further))
    }
}
