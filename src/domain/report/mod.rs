//! Verdicts about files: what was found, in the order it was established, and what follows from it.
//!
//! Three verdicts as in ETSI EN 319 102-1. [`facts`] holds what an examination read, [`judge`] decides.

pub mod facts;
pub mod judge;
mod standard;

pub use standard::OWN as OWN_RULES;

use super::paper::PaperKind;
use super::time::Timestamp;

/// What an examination looks at, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The file can be read and has the form that its standard asks for.
    Format,
    /// The sealed bytes are those that were sealed.
    Integrity,
    /// The seal: its signature value and attributes.
    Seal,
    /// The signer's X.509 certificate is the one the seal names and fit for sealing.
    Signer,
    /// It leads to a trusted root, and nothing on the way was revoked.
    Chain,
    /// When it was sealed, and that everything was valid then.
    Time,
    /// What came after the seal.
    Modification,
    /// The license inside agrees with the file and with itself.
    License,
    /// What has become of license and seal since.
    Status,
    /// Its entry in the public log.
    Log,
}

impl Step {
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Format => "format",
            Self::Integrity => "integrity",
            Self::Seal => "seal",
            Self::Signer => "signer",
            Self::Chain => "chain",
            Self::Time => "time",
            Self::Modification => "modification",
            Self::License => "license",
            Self::Status => "status",
            Self::Log => "log",
        }
    }
}

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// Checked and good.
    Good,
    /// Worth knowing, changes nothing.
    Note,
    /// Cannot be decided with what is at hand.
    Unclear,
    /// Checked and bad.
    Bad,
}

impl Weight {
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Note => "note",
            Self::Unclear => "unclear",
            Self::Bad => "bad",
        }
    }
}

/// Most characters of a value in a finding.
const MAX_VALUE: usize = 1_000;

/// One coded finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where in the order it belongs.
    pub step: Step,
    /// Its weight.
    pub weight: Weight,
    /// Stable code, e.g. `integrity.digest_mismatch`; texts stand in the catalogue.
    pub code: &'static str,
    /// The standard that asks for what was looked at.
    pub standard: &'static str,
    /// Values the text names.
    pub args: Vec<(&'static str, String)>,
}

impl Finding {
    /// A finding.
    pub fn new(step: Step, weight: Weight, code: &'static str) -> Self {
        Self { step, weight, code, standard: standard::of(code), args: Vec::new() }
    }

    /// Says which standard asks for it, where that is not the one its code is usually of.
    pub const fn by(mut self, standard: &'static str) -> Self {
        self.standard = standard;
        self
    }

    /// Adds a value that the text names. Much of it was written by whoever made the file; of what is too long to be read
    /// the beginning is kept.
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        let mut value = value.to_string();
        if let Some((end, _)) = value.char_indices().nth(MAX_VALUE) {
            value.truncate(end);
            value.push('…');
        }
        self.args.push((name, value));
        self
    }
}

/// The outcome (ETSI EN 319 102-1 §5.1.3: TOTAL-PASSED, INDETERMINATE, TOTAL-FAILED).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Everything that was checked holds.
    Passed,
    /// Nothing is proven wrong, but not everything could be decided.
    Indeterminate,
    /// Something is proven wrong.
    Failed,
}

impl Verdict {
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Indeterminate => "indeterminate",
            Self::Failed => "failed",
        }
    }
}

/// What the file says of one of its seals, as far as it could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SealSummary {
    /// Common name of the signer: the seal code on our seals.
    pub seal_code: Option<String>,
    /// Organisation of the signer, as its X.509 certificate has it.
    pub owner: Option<String>,
    /// The time it claims, or the trusted time where there is one.
    pub sealed_at: Option<Timestamp>,
    /// Whether that time comes from a trusted timestamp.
    pub time_is_trusted: bool,
}

/// What the file says of the license in it, as far as it could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LicenseSummary {
    /// Identifier as written.
    pub identifier: String,
    /// Name of its type, as written.
    pub kind_title: String,
    /// Issuing department, as written.
    pub issuer_name: String,
    /// Printed number, as written.
    pub number: String,
}

/// What the file says of itself, if it is a paper about licenses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperSummary {
    /// What it is.
    pub kind: PaperKind,
    /// Its identity, as written.
    pub id: String,
    /// Who made it, as written.
    pub issuer_name: String,
    /// The licenses that it is about, as written.
    pub licenses: Vec<String>,
    /// What for, as written.
    pub purpose: String,
    /// For whom, as written.
    pub recipient: String,
    /// When it was made.
    pub made_at: Option<Timestamp>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

/// A report about one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The verdict.
    pub verdict: Verdict,
    /// SHA-256 of the file.
    pub file: [u8; 32],
    /// When it was judged.
    pub judged_at: Timestamp,
    /// Rules applied, e.g. `ETSI EN 319 142-1`.
    pub rules: &'static str,
    /// The license in it.
    pub license: Option<LicenseSummary>,
    /// What it is, if it is a paper about licenses.
    pub paper: Option<PaperSummary>,
    /// Its seals in order.
    pub seals: Vec<SealSummary>,
    /// Findings in the order they were established.
    pub findings: Vec<Finding>,
}

impl Report {
    /// The verdict that follows from findings: the worst weight decides.
    pub fn verdict_of(findings: &[Finding]) -> Verdict {
        match findings.iter().map(|f| f.weight).max() {
            Some(Weight::Bad) => Verdict::Failed,
            Some(Weight::Good | Weight::Note) => Verdict::Passed,
            // No finding at all proves nothing.
            Some(Weight::Unclear) | None => Verdict::Indeterminate,
        }
    }

    /// Whether it has a finding of this code.
    pub fn has(&self, code: &str) -> bool {
        self.findings.iter().any(|f| f.code == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_cut() {
        let told = |value: &str| Finding::new(Step::Seal, Weight::Good, "ses.read").with("name", value).args;
        let fits = "印".repeat(MAX_VALUE);
        assert_eq!(told(&fits), [("name", fits.clone())]);
        assert_eq!(told(&"印".repeat(1 << 20)), [("name", fits + "…")]);
    }
}
