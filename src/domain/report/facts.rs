//! What an examination read from a file: facts, no judgement. [`super::judge`] decides what follows from them.

mod eseal;
mod ofd;
mod paper;
mod statement;

pub use eseal::{SealFileFacts, SealObjectFacts, SealSignatureFacts, SealSignatureFileFacts};
pub use ofd::{
    CheckMethod, ListedAs, OfdFacts, OfdSignatureFacts, PackageOddity, PlainSignatureFacts, SealFile,
    SealMark, SignedValue, StampPlace, UncoveredPart,
};
pub use paper::PaperFacts;
pub use statement::{StatementFacts, StatementFault, StatementFileFacts};

use crate::domain::license::identifier::{LicenseId, NotAnIdentifier};
use crate::domain::license::record::Standing;
use crate::domain::seal::SealState;
use crate::domain::time::{Date, Timestamp};
use crate::domain::trust_list::{Names, NotRecognised};

/// Why a file could not be examined at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotExaminable {
    /// Larger than the limit.
    #[error("larger than {} MB", .limit >> 20)]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// Not the format it should be: no header.
    #[error("not a PDF file")]
    NotPdf,
    /// None of the formats that are examined.
    #[error("neither PDF, OFD, an electronic seal, a seal signature nor a signed statement")]
    NotKnown,
    /// Encrypted: what is in it cannot be seen, so nothing can be said.
    #[error("the file is encrypted")]
    Encrypted,
    /// Its structure cannot be read, not even leniently.
    #[error("the file's structure cannot be read: {why}")]
    Broken {
        /// What is wrong with it.
        why: String,
    },
    /// More objects, deeper nesting or larger streams than are read.
    #[error("the file is too complex: {why}")]
    TooComplex {
        /// Which bound it breaks.
        why: String,
    },
}

impl NotExaminable {
    /// Stable code of the finding and of the problem that says so.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "format.too_large",
            Self::NotPdf => "format.not_pdf",
            Self::NotKnown => "format.not_known",
            Self::Encrypted => "format.encrypted",
            Self::Broken { .. } => "format.broken",
            Self::TooComplex { .. } => "format.too_complex",
        }
    }

    /// What exactly is wrong, where the code leaves that open; it does not repeat what the code says.
    pub fn detail(&self) -> Option<String> {
        match self {
            Self::TooLarge { limit } => Some(format!("> {} MB", limit >> 20)),
            Self::Broken { why } | Self::TooComplex { why } => Some(why.clone()),
            Self::NotPdf | Self::NotKnown | Self::Encrypted => None,
        }
    }
}

/// Something that lets two readers see two documents in one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// A strict reader refuses the file.
    ReadLeniently {
        /// What the strict reader said.
        why: String,
    },
    /// Bytes stand before the header.
    BytesBeforeHeader {
        /// How many.
        count: usize,
    },
    /// A cross-reference table and a cross-reference stream say where objects are, both for one revision.
    HybridXref,
    /// A dictionary has a key twice.
    DuplicateKey {
        /// Number of the object it stands in.
        object: u32,
        /// The key.
        key: String,
    },
}

/// What is wrong with the range of bytes that a seal says it covers (ISO 32000-2 §12.8.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeFault {
    /// There is none.
    Missing,
    /// It is not four integers that are not negative.
    Malformed,
    /// It does not begin at the file's first byte.
    NotFromStart,
    /// Its parts overlap, are out of order or empty.
    Overlap,
    /// It reaches past the end of the file.
    PastEnd,
    /// The gap is not exactly the hexadecimal text of this seal's own signature.
    GapIsNotContents,
    /// It does not end where a revision of the file ends.
    EndsInsideRevision,
}

impl RangeFault {
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::NotFromStart => "not-from-start",
            Self::Overlap => "overlap",
            Self::PastEnd => "past-end",
            Self::GapIsNotContents => "gap-is-not-contents",
            Self::EndsInsideRevision => "ends-inside-revision",
        }
    }
}

/// What a seal covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// Length of the covered prefix of the file in bytes, the gap included.
    pub end: usize,
    /// Which revision it ends with, from 1.
    pub revision: usize,
}

/// Why a chain of X.509 certificates is not good at the time it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChainFault {
    /// The signer's own X.509 certificate is not in the signature.
    NoSigner,
    /// No trusted root.
    UnknownRoot,
    /// A link had ended.
    Expired {
        /// Its end.
        not_after: Timestamp,
    },
    /// A link had not begun.
    NotYetValid {
        /// Its beginning.
        not_before: Timestamp,
    },
    /// A link was revoked by then.
    Revoked {
        /// Its common name.
        name: String,
        /// When.
        at: Timestamp,
        /// Reason code (RFC 5280 §5.3.1).
        reason: u8,
    },
    /// Nothing at hand says whether a link was revoked.
    RevocationUnknown {
        /// Its common name.
        name: String,
    },
    /// Not for this use.
    Unfit {
        /// Why.
        why: String,
    },
    /// A signature in it is wrong.
    BadSignature,
    /// Something in it cannot be read.
    Unreadable {
        /// Why.
        why: String,
    },
    /// It is good, but leads to nobody that we trust ourselves, and whom a trust list names was not recognised for this.
    NotRecognised {
        /// Who would vouch.
        by: Box<RecognisedBy>,
        /// Why it does not.
        why: Unrecognised,
    },
}

/// Who of a trust list vouches for a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecognisedBy {
    /// Division code of the place whose list it is.
    pub territory: String,
    /// What the place is called.
    pub territory_name: Names,
    /// Number of the list's version.
    pub sequence: u64,
    /// The next version should come no later than.
    pub next_update: Timestamp,
    /// What the body is called in it.
    pub entry: Names,
    /// Since when its recognition has been withdrawn, where that was after the time asked for.
    pub withdrawn_later: Option<Timestamp>,
}

/// Why a body of a trust list does not vouch for a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unrecognised {
    /// It was not recognised at that time.
    Then(NotRecognised),
    /// It is not recognised for the place of this seal.
    Elsewhere {
        /// The seal's code.
        seal: String,
    },
}

/// A chain that was good at the time it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoodChain {
    /// Common name of the trusted root.
    pub root: String,
    /// A link revoked since, with the time.
    pub revoked_later: Option<(String, Timestamp)>,
    /// How fresh the revocation data is.
    pub revocation_known_at: Timestamp,
    /// Who vouches for it, where that is another region's trust list.
    pub recognised: Option<Box<RecognisedBy>>,
}

/// An X.509 certificate's words that matter here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignerFacts {
    /// Common name: the seal code on our seals.
    pub name: String,
    /// Organisation: credit code and name of the owner on our seals.
    pub organisation: String,
    /// Valid from.
    pub not_before: Timestamp,
    /// Valid until.
    pub not_after: Timestamp,
}

/// A trusted-time token over a seal's signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenFacts {
    /// There is one, but it cannot be read.
    Unreadable {
        /// Why.
        why: String,
    },
    /// Read.
    Read {
        /// The time it states.
        time: Timestamp,
        /// Whether it is over this seal's signature value.
        over_this_signature: bool,
        /// Whether its own signature, digest and attributes hold together.
        intact: bool,
        /// The authority.
        authority: Option<SignerFacts>,
        /// The authority's chain at that time.
        chain: Result<GoodChain, ChainFault>,
    },
}

impl TokenFacts {
    /// The time it proves: if it is over this signature, intact and from a trusted authority.
    pub const fn trusted_time(&self) -> Option<Timestamp> {
        match self {
            Self::Read { time, over_this_signature: true, intact: true, chain: Ok(_), .. } => Some(*time),
            _ => None,
        }
    }
}

/// A seal's cryptographic container, as far as it could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Container {
    /// Of a format we do not read.
    OtherFormat {
        /// Its name in the file.
        name: String,
    },
    /// Cannot be read.
    Unreadable {
        /// Why.
        why: String,
    },
    /// Not in the one encoding that the standard demands (DER), so it may be read in two ways.
    NotDer,
    /// Read.
    Read(Box<SignatureFacts>),
}

/// What stands in a seal's signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureFacts {
    /// Number of signers; a seal has one.
    pub signers: usize,
    /// Whether the document stands inside, or content is of another type: a seal's is detached data.
    pub content_inside: bool,
    /// Whether the digest of the covered bytes is the sealed one; `None` if the digest algorithm is not known, or the
    /// range is at fault.
    pub digest_matches: Option<bool>,
    /// Whether the signature value is right; `None` if the algorithm is not known or the signer is missing.
    pub signature_is_right: Option<bool>,
    /// Name of the signature algorithm as an object identifier.
    pub algorithm: String,
    /// Whether it is made with the algorithms of GM/T, or stands under their names.
    pub is_gm: bool,
    /// Whether the attributes that must be signed are there and of the right form.
    pub attributes_complete: bool,
    /// Whether the signed attributes name the signer's own X.509 certificate; `None` if they name none.
    pub names_its_signer: Option<bool>,
    /// Whether the padding behind it is empty and the text form the usual one; both are outside what is signed.
    pub contents_canonical: bool,
    /// X.509 certificates inside that belong to no good chain: nothing vouches for their bytes.
    pub strays: usize,
    /// Whether parts that nobody signs differ from the one way to write them.
    pub unsigned_parts_canonical: bool,
    /// The signer.
    pub signer: Option<SignerFacts>,
    /// Its chain, at the trusted time if there is one, else at the claimed time.
    pub chain: Result<GoodChain, ChainFault>,
    /// Trusted-time tokens.
    pub tokens: Vec<TokenFacts>,
    /// Whether everything the chains needed stood in the file.
    pub long_term: bool,
}

/// One seal in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealFacts {
    /// Name of its field.
    pub field: String,
    /// Whether it is a seal on the document as a whole by a timestamping authority, not by an owner.
    pub is_document_timestamp: bool,
    /// What the file says its form is.
    pub sub_filter: String,
    /// What it covers.
    pub coverage: Result<Coverage, RangeFault>,
    /// The time it claims.
    pub claimed_time: Option<Timestamp>,
    /// What it allows after it, if it certifies the document: 1 nothing, 2 forms and seals, 3 comments too.
    pub permits: Option<u8>,
    /// Whether it says that nothing may follow it: it locks every field of the form, or certifies with level 1.
    pub locks: bool,
    /// Its container.
    pub container: Container,
}

/// What a later revision of the file did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// Added data to check seals with (DSS, document timestamp), and nothing else.
    ValidationData,
    /// Filled one signature field that was there, unsigned, with a seal, its picture and data to check it with, and did
    /// nothing else.
    FieldSealed,
    /// Added a further seal in a new field: one that nobody sees or, where nothing is certified, one with a picture.
    Seal,
    /// Touched a page, its content or what lies on it.
    Visible,
    /// Touched the catalog, the form, attachments or other parts of the structure.
    Structure,
    /// Wrote something else, or cannot be read.
    Unknown,
}

impl Change {
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ValidationData => "validation-data",
            Self::FieldSealed => "field-sealed",
            Self::Seal => "seal",
            Self::Visible => "visible",
            Self::Structure => "structure",
            Self::Unknown => "unknown",
        }
    }
}

/// Bytes behind what the last seal covers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Later {
    /// One entry a later revision.
    pub revisions: Vec<LaterRevision>,
    /// Bytes after the end of the last revision that are no white space.
    pub loose_bytes: usize,
    /// White space after the end of the last revision.
    pub loose_space: usize,
}

/// A revision that came after a seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaterRevision {
    /// Its number, from 1 for the file's first.
    pub number: usize,
    /// What it did: the gravest.
    pub change: Change,
    /// How many objects it wrote.
    pub objects: usize,
    /// The field it filled or added with a seal, if that is all it did.
    pub field: Option<String>,
}

/// License data attached to the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attached {
    /// None: not one of our license files.
    Nothing,
    /// More than one file of that name: which one counts?
    Several,
    /// It cannot be read.
    Unreadable {
        /// Why.
        why: String,
    },
    /// Read.
    License(Box<AttachedFacts>),
    /// A paper about licenses: a receipt, or an annotated copy.
    Paper(Box<PaperFacts>),
}

/// What the attached license data say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachedFacts {
    /// Identifier as written.
    pub identifier: String,
    /// The same, read.
    pub id: Result<LicenseId, NotAnIdentifier>,
    /// Name of the license's type.
    pub kind_title: String,
    /// Type code.
    pub type_code: String,
    /// Issuer's credit code.
    pub issuer_code: String,
    /// Issuer's name.
    pub issuer_name: String,
    /// Printed number.
    pub number: String,
    /// Edition as written, three digits.
    pub edition: String,
    /// First day of validity.
    pub valid_from: Option<Date>,
    /// Last day of validity, if there is one.
    pub valid_until: Option<Date>,
    /// Whether those days could be read where they are given; the first must be.
    pub days_readable: bool,
    /// Code of the issuer's seal.
    pub seal: String,
    /// Codes of all seals that belong on it, in order, where there are several; empty otherwise.
    pub seals: Vec<String>,
    /// Identifier in the document's own metadata (what viewers display), if it names one.
    pub displayed_identifier: Option<String>,
}

/// Everything an examination read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// SHA-256 of the file.
    pub file: [u8; 32],
    /// Size in bytes.
    pub size: usize,
    /// Number of revisions.
    pub revisions: usize,
    /// Number of pages.
    pub pages: usize,
    /// What lets two readers see two documents.
    pub oddities: Vec<Oddity>,
    /// Seals, by the end of what they cover.
    pub seals: Vec<SealFacts>,
    /// What came after the first seal that speaks for the license.
    pub later: Later,
    /// License data.
    pub attached: Attached,
}

/// What was examined, by what the file turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Examined {
    /// A PDF file.
    Pdf(Box<Facts>),
    /// An OFD file.
    Ofd(Box<OfdFacts>),
    /// A seal alone.
    Seal(Box<SealFileFacts>),
    /// A seal signature alone.
    SealSignature(Box<SealSignatureFileFacts>),
    /// A paper's content as a signed statement.
    Statement(Box<StatementFileFacts>),
}

impl Examined {
    /// SHA-256 of the file.
    pub const fn file(&self) -> [u8; 32] {
        match self {
            Self::Pdf(facts) => facts.file,
            Self::Ofd(facts) => facts.file,
            Self::Seal(facts) => facts.file,
            Self::SealSignature(facts) => facts.file,
            Self::Statement(facts) => facts.file,
        }
    }

    /// The license data in it.
    pub fn license(&self) -> Option<&AttachedFacts> {
        match self.attached()? {
            Attached::License(license) => Some(license),
            _ => None,
        }
    }

    /// What it says of itself, if it is a paper about licenses.
    pub fn paper(&self) -> Option<&PaperFacts> {
        match self.attached()? {
            Attached::Paper(paper) => Some(paper),
            _ => None,
        }
    }

    const fn attached(&self) -> Option<&Attached> {
        match self {
            Self::Pdf(facts) => Some(&facts.attached),
            Self::Ofd(facts) => Some(&facts.attached),
            Self::Statement(facts) => match &facts.statement {
                Ok(statement) => Some(&statement.content),
                Err(_) => None,
            },
            Self::Seal(_) | Self::SealSignature(_) => None,
        }
    }
}

/// A seal as it was when it sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealAtSealing {
    /// Its code.
    pub code: String,
    /// Its state; `None` if it did not exist.
    pub state: Option<SealState>,
}

/// What the service knows of license and seal beyond the file. Filled from its database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusFacts {
    /// Whether the identifier is known.
    pub known: bool,
    /// Where the license stands now.
    pub standing: Option<Standing>,
    /// Whether the file is, byte for byte, the one that was issued; `None` if it was not compared.
    pub file_is_the_issued_one: Option<bool>,
    /// The states that the seals were in when they sealed; empty if that was not asked.
    pub seals_at_sealing: Vec<SealAtSealing>,
    /// The edition that took the license's place.
    pub superseded_by: Option<LicenseId>,
}

/// What the service knows of a business whose seal stands on a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompanyFacts {
    /// Its credit code.
    pub code: String,
    /// Its name as it is registered now.
    pub name: String,
    /// Since when it is struck off, if it is.
    pub deregistered_at: Option<Timestamp>,
    /// When it sealed the file, as far as the file says.
    pub sealed_at: Timestamp,
    /// The edition of its business license that stands now, and where that stands.
    pub license: Option<(LicenseId, Standing)>,
}
