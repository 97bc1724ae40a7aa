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

/// What is kept of the check of an offline code: no value of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeUse {
    /// What carried it.
    pub carrier: Carrier,
    /// Whether it named its license by a digest only.
    pub short: bool,
    /// Whether nothing was held against it, so that it was shown.
    pub passed: bool,
    /// As of when it was asked where the license stands; later than the use where that was told afterwards.
    pub status_at: Timestamp,
}

/// What carries an offline code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// A sheet of paper.
    Paper,
    /// A phone.
    Phone,
}

impl Carrier {
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Paper => "paper",
            Self::Phone => "phone",
        }
    }

    /// The carrier of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Paper, Self::Phone].into_iter().find(|carrier| carrier.name() == name)
    }
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
        /// What its receipt needs, where it was an offline code that was checked; not there before receipts of those were given.
        code: Option<CodeUse>,
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
