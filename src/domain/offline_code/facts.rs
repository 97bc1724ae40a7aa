//! What reading an offline code established, as far as it went.

use super::OfflineCode;
use crate::domain::time::Timestamp;
use std::sync::Arc;

/// How far reading went. What nobody known to us signed is not told any further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Examined {
    /// Not of our form: a payment code, an address, something else.
    NotOurs,
    /// Longer than any of ours.
    TooLong,
    /// Of our form in a version that we do not know.
    OtherVersion,
    /// The check digits are wrong: misread or mistyped.
    CheckDigits,
    /// The digits are right, what they stand for is not.
    Malformed {
        /// What is wrong.
        why: &'static str,
    },
    /// Signed by nobody we know.
    UnknownKey {
        /// Name of the key, in hexadecimal.
        key: String,
    },
    /// Names another algorithm than the key's.
    WrongAlgorithm,
    /// The signature is wrong.
    Forged,
    /// Signed by a key that we know.
    Signed(Box<SignedFacts>),
}

/// A key that signs offline codes, as the verifier knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFacts {
    /// Credit code of the department whose key it is.
    pub issuer: String,
    /// What it is called.
    pub issuer_name: String,
    /// Names of the kinds that it vouches for.
    pub kinds: Vec<String>,
    /// Signs from.
    pub from: Timestamp,
    /// Signs until, this moment included.
    pub until: Timestamp,
}

/// What a verifier carries instead of asking: whose keys sign and for which kinds, put together once and good for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carried {
    /// When it was put together.
    pub made: Timestamp,
    /// Not relied on after this.
    pub until: Timestamp,
}

/// A code with a right signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedFacts {
    /// What it says.
    pub code: OfflineCode,
    /// Whose key signed it.
    pub key: Arc<KeyFacts>,
    /// Where that is carried and not asked for; nothing where it is what is known now.
    pub carried: Option<Carried>,
    /// What the device said, where it is a code of a phone.
    pub proof: ProofFacts,
}

/// A device's signature over a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProofFacts {
    /// None is asked for: the code is on paper.
    NotNeeded,
    /// There is none: the code was copied from a phone, or shown too early.
    Missing,
    /// It cannot be read.
    Malformed,
    /// It is not the device's, or over another code.
    Forged,
    /// Right.
    Made {
        /// When.
        at: Timestamp,
        /// What for, as the holder was asked.
        purpose: String,
        /// SHA-256 over what the device signed: the same code shown twice has the same, also where somebody wrote its
        /// signature anew.
        shown: [u8; 32],
    },
}
