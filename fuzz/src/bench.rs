//! What a verifier knows: trusted roots, what lies below them, revocation lists, and a fixed time.

use std::sync::LazyLock;
use yinzheng::crypto::sha256;
use yinzheng::documents::{Known, examine};
use yinzheng::domain::report::judge::{Policy, judge_examined, judge_unexaminable, sealed_at};
use yinzheng::domain::report::{Report, Verdict};
use yinzheng::domain::time::Timestamp;
use yinzheng::formats::x509::Trust;
use yinzheng::texts::{Language, catalogue, say};

/// When files are judged: some days after the seeds' keys began, 2027-01-18.
pub const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000 + 3 * 24 * 60 * 60);

/// A verifier.
pub struct Bench {
    pub trust: Trust,
    pub x509s: Vec<Vec<u8>>,
    pub crls: Vec<Vec<u8>>,
}

impl Bench {
    /// One that trusts these roots.
    pub fn new(roots: &[&[u8]], x509s: &[&[u8]], crls: &[&[u8]]) -> Self {
        let owned = |ders: &[&[u8]]| -> Vec<Vec<u8>> { ders.iter().map(|der| der.to_vec()).collect() };
        let trust = Trust::from_ders(owned(roots)).expect("roots of the seeds");
        Self { trust, x509s: owned(x509s), crls: owned(crls) }
    }

    pub fn known(&self) -> Known<'_> {
        Known { x509s: &self.x509s, crls: &self.crls, ..Known::of(&self.trust) }
    }

    /// Examines and judges a file as the service does, and says everything that is to be said about it.
    pub fn judge(&self, bytes: &[u8]) -> Report {
        let report = match examine(bytes, self.known()) {
            Ok(examined) => {
                sealed_at(&examined);
                judge_examined(&examined, &Policy::default(), NOW)
            }
            Err(why) => judge_unexaminable(&why, sha256(bytes), NOW),
        };
        assert_eq!(report.verdict, Report::verdict_of(&report.findings));
        for finding in &report.findings {
            assert!(catalogue().has(finding.code), "{} has no text", finding.code);
            for language in Language::ALL {
                assert!(!say(finding.code, language, &finding.args).is_empty());
            }
        }
        report
    }

    /// Whether a file passes.
    pub fn passes(&self, bytes: &[u8]) -> bool {
        self.judge(bytes).verdict == Verdict::Passed
    }
}

/// For seals and seal signatures in files of their own.
pub static ESEAL: LazyLock<Bench> = LazyLock::new(|| {
    Bench::new(
        &[include_bytes!("../known/eseal/root.cer")],
        &[include_bytes!("../known/eseal/ca.cer")],
        &[include_bytes!("../known/eseal/root.crl"), include_bytes!("../known/eseal/ca.crl")],
    )
});

/// For OFD: what its chains need is in the files.
pub static OFD: LazyLock<Bench> =
    LazyLock::new(|| Bench::new(&[include_bytes!("../known/ofd/root.cer")], &[], &[]));

/// For PDF of both suites: the same.
pub static PDF: LazyLock<Bench> = LazyLock::new(|| {
    Bench::new(&[include_bytes!("../known/p256/root.cer"), include_bytes!("../known/sm2/root.cer")], &[], &[])
});
