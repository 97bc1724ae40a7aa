//! Papers (文书) that the service makes of its own accord about licenses: the receipt of a verification (核验回执), which goes
//! into a file in place of a photocopy, and the annotated copy (加注件), which shows a license for one purpose and for a while.
//! Neither is a license.

use super::refusal::{Refusal, RefusalClass};
use super::seal::SealCode;
use super::time::Timestamp;
use std::time::Duration;

/// How long after a showing whoever redeemed it can have its receipt.
pub const RECEIPT_DAYS: u32 = 30;
/// Least and most days that an annotated copy can be of use.
pub const COPY_DAYS: std::ops::RangeInclusive<u32> = 1..=365;

/// What a paper is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaperKind {
    /// 核验回执: what somebody was shown, and that it was in force then.
    Receipt,
    /// 加注件: a license's face, marked with a purpose and an end.
    Copy,
}

impl PaperKind {
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::Copy => "annotated-copy",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Receipt, Self::Copy].into_iter().find(|kind| kind.name() == name)
    }

    /// Media type of its content as a JSON Web Signature: `typ` in the header.
    pub const fn statement(self) -> &'static str {
        match self {
            Self::Receipt => "yinzheng-receipt+jwt",
            Self::Copy => "yinzheng-annotated-copy+jwt",
        }
    }

    /// The kind whose content has that media type.
    pub fn of_statement(media_type: &str) -> Option<Self> {
        [Self::Receipt, Self::Copy].into_iter().find(|kind| kind.statement() == media_type)
    }
}

/// A form that a paper is made in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PaperForm {
    /// A sealed PDF file.
    Pdf,
    /// A sealed OFD file.
    Ofd,
    /// Its content as a JSON Web Signature.
    Json,
}

impl PaperForm {
    /// Every form.
    pub const ALL: [Self; 3] = [Self::Pdf, Self::Ofd, Self::Json];

    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Ofd => "ofd",
            Self::Json => "json",
        }
    }

    /// The form of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.name() == name)
    }

    /// Media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Ofd => "application/ofd",
            Self::Json => "application/jose",
        }
    }
}

/// A file of a paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaperFile {
    /// Its form.
    pub form: PaperForm,
    /// SHA-256 of its bytes: its name in the file store.
    pub sha256: [u8; 32],
}

/// A paper that was made: it exists in all its forms or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// Identity, which the paper carries.
    pub id: String,
    /// What it is.
    pub kind: PaperKind,
    /// Under which key it was asked for: the same key never makes two.
    pub key: String,
    /// Digest of the request.
    pub request_hash: [u8; 32],
    /// What it is about: a showing, or a license.
    pub about: String,
    /// Who asked for it (credential).
    pub asked_by: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// From here on it is of no use; `None` if it stays what it is.
    pub expires_at: Option<Timestamp>,
    /// The seal on it.
    pub seal: SealCode,
    /// Its files, in the order of their forms.
    pub files: Vec<PaperFile>,
}

impl Paper {
    /// Its file of that form.
    pub fn file(&self, form: PaperForm) -> Option<&PaperFile> {
        self.files.iter().find(|file| file.form == form)
    }
}

/// Whether the receipt of a showing that was redeemed at `redeemed` can still be had.
pub fn check_receipt_time(redeemed: Timestamp, now: Timestamp) -> Result<(), Refusal> {
    let window = Duration::from_secs(u64::from(RECEIPT_DAYS) * 86_400);
    if now.since(redeemed) < window {
        return Ok(());
    }
    Err(Refusal::new(RefusalClass::Gone, "paper.receipt_too_late").with("days", RECEIPT_DAYS))
}

/// A seal that seals what the service says of its own accord: an operator proposes it, its owner agrees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceSeal {
    /// The seal.
    pub seal: SealCode,
    /// The operator who proposed it (credential).
    pub proposed_by: String,
    /// When.
    pub proposed_at: Timestamp,
    /// Who agreed for its owner (credential), and when; the one who did so last is in use.
    pub agreed: Option<(String, Timestamp)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for form in PaperForm::ALL {
            assert_eq!(PaperForm::parse(form.name()), Some(form));
        }
        for kind in [PaperKind::Receipt, PaperKind::Copy] {
            assert_eq!(PaperKind::parse(kind.name()), Some(kind));
            assert_eq!(PaperKind::of_statement(kind.statement()), Some(kind));
        }
        assert_eq!(PaperForm::parse("PDF"), None);
    }

    #[test]
    fn a_receipt_can_be_had_for_thirty_days_and_not_a_moment_longer() {
        let redeemed = Timestamp::from_seconds(1_000);
        let last = redeemed.plus(Duration::from_secs(30 * 86_400));
        assert_eq!(check_receipt_time(redeemed, last.minus(Duration::from_micros(1))), Ok(()));
        assert_eq!(check_receipt_time(redeemed, last).map_err(|r| r.code), Err("paper.receipt_too_late"));
    }
}
