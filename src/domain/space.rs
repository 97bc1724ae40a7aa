//! Spaces (一人一档、一企一档): the one place where a person or an enterprise sees what is its, and who used what of it.

use super::grant::GrantId;
use super::license::LicenseId;
use super::seal::SealCode;
use super::time::Timestamp;

/// One use of a license or a seal, as its owner sees it. Names and words, never the values of a license.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Identity.
    pub id: String,
    /// Whose license or seal, by holder code or credit code.
    pub owner: String,
    /// When.
    pub at: Timestamp,
    /// Who (credential).
    pub by: String,
    /// What that one is called.
    pub label: String,
    /// What was used, and for what.
    pub what: Used,
}

/// What was used, and for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Used {
    /// Somebody looked at a license that its holder showed.
    Shown {
        /// The license.
        license: LicenseId,
        /// What the holder showed it for.
        purpose: String,
        /// The matter of the one who looked.
        matter: String,
        /// The fields that were seen, by name.
        fields: Vec<String>,
        /// Who showed it on behalf of the holder, as the holder calls that one.
        deputy: Option<String>,
        /// Whether the one who looked compared the person with an identity document; only said of a code on paper.
        compared: Option<bool>,
        /// Whether it was looked at without a network and told here afterwards; when it was is then that one's word.
        offline: bool,
    },
    /// A code for paper was printed at a kiosk, after a verifier had recognised the holder.
    Printed {
        /// The license.
        license: LicenseId,
        /// What the holder had it printed for.
        purpose: String,
        /// The fields in it, by name.
        fields: Vec<String>,
        /// The verifier.
        verifier: String,
    },
    /// A license was sealed under a grant.
    SealedLicense {
        /// The seal.
        seal: SealCode,
        /// The license.
        license: LicenseId,
        /// The grant.
        grant: GrantId,
    },
    /// A document that somebody brought was sealed.
    SealedDocument {
        /// The seal.
        seal: SealCode,
        /// The job that did it.
        job: String,
        /// The grant, where it was not the owner itself.
        grant: Option<GrantId>,
    },
}

impl Used {
    /// Stable name of what happened.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Shown { .. } => "shown",
            Self::Printed { .. } => "printed",
            Self::SealedLicense { .. } => "sealed-license",
            Self::SealedDocument { .. } => "sealed-document",
        }
    }
}
