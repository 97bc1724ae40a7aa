//! What stands in a signed statement: a paper's content as a JSON Web Signature, in a file of its own.

use super::{Attached, ChainFault, GoodChain, SignerFacts};
use crate::domain::time::Timestamp;

/// A signed statement in a file of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementFileFacts {
    /// SHA-256 of the file.
    pub file: [u8; 32],
    /// The statement, or why it was not read.
    pub statement: Result<StatementFacts, StatementFault>,
}

/// Why a statement was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatementFault {
    /// Not what a compact signature looks like.
    Form {
        /// What is wrong with it.
        why: &'static str,
    },
    /// Its header has a member that none has.
    Member {
        /// Its name.
        name: String,
    },
    /// Its header names an algorithm that is not allowed.
    Algorithm {
        /// Its name.
        name: String,
    },
    /// It is about something else than papers.
    Kind {
        /// What it says it is.
        name: String,
    },
}

/// A statement that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementFacts {
    /// Whether the signature value is right; `None` if the signer's key cannot be read, or is not for the algorithm.
    pub signature_is_right: Option<bool>,
    /// The signer; `None` if its X.509 certificate cannot be read.
    pub signer: Option<SignerFacts>,
    /// Its chain at the time that the content claims.
    pub chain: Result<GoodChain, ChainFault>,
    /// When it was made, in the signer's word.
    pub claimed_time: Option<Timestamp>,
    /// What it says.
    pub content: Attached,
}
