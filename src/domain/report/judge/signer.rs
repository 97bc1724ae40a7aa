//! Whether a signature says who signed, in whatever format.

use crate::domain::report::facts::SignerFacts;
use crate::domain::report::{Finding, Step, Weight};

/// The signer; a finding if there is none, with `found` for what its format adds to each of its findings.
pub(super) fn signer_or_missing<'f>(
    signer: Option<&'f SignerFacts>,
    found: &dyn Fn(Step, Weight, &'static str) -> Finding,
    findings: &mut Vec<Finding>,
) -> Option<&'f SignerFacts> {
    if signer.is_none() {
        let missing = found(Step::Signer, Weight::Unclear, "signer.missing");
        findings.push(missing.with("etsi", "NO_SIGNING_CERTIFICATE_FOUND"));
    }
    signer
}
