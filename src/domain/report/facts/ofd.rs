//! What stands in an OFD file (GB/T 33190-2016) and in the signatures on it.

use super::{Attached, ChainFault, GoodChain, SealSignatureFacts, SignerFacts, TokenFacts};
use crate::domain::time::Timestamp;

/// Something that lets two readers see two documents in one package, or one document in part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackageOddity {
    /// A name stands twice.
    DuplicateNames,
    /// Two names differ in nothing but upper and lower case.
    CaseTwins {
        /// One of them.
        path: String,
    },
    /// A name leads out of the package, is absolute, or is written with backslashes or other tricks.
    OddName {
        /// The name.
        path: String,
    },
    /// An entry is no plain file.
    NotPlain {
        /// Its name.
        path: String,
    },
    /// An entry cannot be unpacked.
    Unpackable {
        /// Its name.
        path: String,
        /// Why.
        why: String,
    },
    /// The table at the end and the entries themselves do not agree, or entries overlap.
    Inconsistent {
        /// How.
        why: String,
    },
    /// Bytes that belong to no entry.
    LooseBytes {
        /// How many.
        count: usize,
    },
    /// The package holds more than one document; the first is examined.
    SeveralDocuments {
        /// How many.
        count: usize,
    },
    /// A part is named but not there.
    MissingPart {
        /// Its path.
        path: String,
    },
    /// A part cannot be read.
    UnreadablePart {
        /// Its path.
        path: String,
        /// Why.
        why: String,
    },
    /// The package has an entry list of its own (GM/T 0099-2020: `OFDEntries.xml`), beside or instead of the document's
    /// own parts. It may list, sign and encrypt parts in ways that are not examined here.
    EntryList {
        /// Its path.
        path: String,
    },
}

/// How the references of a signature were made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckMethod {
    /// A digest we take.
    Known(String),
    /// None is named, which means MD5.
    Missing,
    /// MD5 or SHA-1: others can be made to fit.
    Weak(String),
    /// One we do not know.
    Unknown(String),
}

/// The file of the seal beside a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealFile {
    /// None is named, which is allowed.
    NotNamed,
    /// Named, but not there.
    Missing,
    /// The very seal inside the signature.
    Same,
    /// Another than the seal inside the signature.
    Differs,
    /// Not compared: the signature cannot be read.
    NotCompared,
}

/// Where a signature's stamp stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StampPlace {
    /// Wholly inside its page.
    Inside,
    /// Partly or wholly outside.
    Outside,
    /// On a page that does not exist.
    NoSuchPage,
    /// Its numbers cannot be read.
    Malformed,
}

/// A stamp of a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealMark {
    /// The page as named.
    pub page: String,
    /// Where it stands.
    pub place: StampPlace,
}

/// A signature's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignedValue {
    /// The description of the signature cannot be read, or names none.
    NoDescription {
        /// Why.
        why: String,
    },
    /// Its file is not there.
    Missing,
    /// A plain digital signature by its outermost shape, of a form that is not read.
    OtherFormat {
        /// Why.
        why: String,
    },
    /// Cannot be read.
    Unreadable {
        /// Why.
        why: String,
    },
    /// A seal signature.
    Read(Box<SealSignatureFacts>),
    /// A plain digital signature: somebody signed, and no seal was put on.
    Plain(Box<PlainSignatureFacts>),
}

/// What the list of signatures says a signature is (GB/T 33190-2016: attribute `Type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListedAs {
    /// A seal, which is what it means where nothing is said.
    Seal,
    /// A plain digital signature.
    Sign,
}

/// A plain digital signature: `SignedData` of GB/T 35275-2017, or of PKCS#7 with the same algorithms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlainSignatureFacts {
    /// Number of signers; the facts are those of the first.
    pub signers: usize,
    /// Whether what was signed is the digest of the description.
    pub data_matches: bool,
    /// Whether the signature is right; `None` if the algorithm is not SM2 with SM3, or the signer is missing.
    pub signature_is_right: Option<bool>,
    /// The signer's signature algorithm as an object identifier.
    pub algorithm: String,
    /// Whether the signed attributes name the signer's own X.509 certificate; `None` if they name none.
    pub names_its_signer: Option<bool>,
    /// The time that the description claims, which is signed with it; `None` if there is none or it cannot be read.
    pub claimed_time: Option<Timestamp>,
    /// The signer; `None` if its X.509 certificate is not inside.
    pub signer: Option<SignerFacts>,
    /// Its chain, at the trusted time if there is one, else at the claimed time.
    pub chain: Result<GoodChain, ChainFault>,
    /// Trusted-time tokens over the signature.
    pub tokens: Vec<TokenFacts>,
}

impl PlainSignatureFacts {
    /// The time a trusted authority proves.
    pub fn trusted_time(&self) -> Option<Timestamp> {
        self.tokens.iter().find_map(TokenFacts::trusted_time)
    }
}

/// One signature on an OFD file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfdSignatureFacts {
    /// Its identifier in the list.
    pub id: String,
    /// What the list says it is.
    pub listed_as: ListedAs,
    /// Path of its description, `Signature.xml`.
    pub path: String,
    /// How its references were made.
    pub method: CheckMethod,
    /// Number of its references.
    pub references: usize,
    /// Paths of parts that were changed.
    pub changed: Vec<String>,
    /// Paths of parts that are not there.
    pub missing: Vec<String>,
    /// Paths that it refers to twice.
    pub twice: Vec<String>,
    /// Parts that every signature must cover and this does not: the entry file, the document, pages, resources.
    pub left_out: Vec<String>,
    /// Whether it covers the list of signatures, so that none can be added or taken away.
    pub locks: bool,
    /// Whether the list of signatures is one of the parts that were changed.
    pub list_changed: bool,
    /// The seal's own file.
    pub seal_file: SealFile,
    /// Its stamps.
    pub marks: Vec<SealMark>,
    /// Its value.
    pub value: SignedValue,
}

/// A part that no signature covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UncoveredPart {
    /// Its path.
    pub path: String,
    /// Whether the document leads to it, so that a reader shows or offers it.
    pub is_used: bool,
}

/// Everything an examination of an OFD file read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfdFacts {
    /// SHA-256 of the file.
    pub file: [u8; 32],
    /// Size in bytes.
    pub size: usize,
    /// Number of parts.
    pub parts: usize,
    /// Number of pages.
    pub pages: usize,
    /// What lets two readers see two documents.
    pub oddities: Vec<PackageOddity>,
    /// Signatures in the order of the list.
    pub signatures: Vec<OfdSignatureFacts>,
    /// Parts that no signature covers.
    pub uncovered: Vec<UncoveredPart>,
    /// Codes of the seals that must be there, in order, if the document says.
    pub expected_seals: Option<Vec<String>>,
    /// License data.
    pub attached: Attached,
}

impl OfdFacts {
    /// The seal signatures that could be read, with the signature each belongs to.
    pub fn read(&self) -> impl Iterator<Item = (&OfdSignatureFacts, &SealSignatureFacts)> {
        self.signatures.iter().filter_map(|signature| match &signature.value {
            SignedValue::Read(value) => Some((signature, value.as_ref())),
            _ => None,
        })
    }
}
