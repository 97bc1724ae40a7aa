//! From the signer up to a trusted root, at the time the seal proves.

use super::recognition;
use crate::domain::report::facts::{ChainFault, GoodChain, SignerFacts};
use crate::domain::report::{Finding, Step, Weight};
use crate::domain::time::Timestamp;

/// A signer's chain and the time it was asked for.
pub(super) struct SignerChain<'a> {
    /// Name of the seal in the file.
    pub field: &'a str,
    /// The chain.
    pub chain: &'a Result<GoodChain, ChainFault>,
    /// The signer.
    pub signer: Option<&'a SignerFacts>,
    /// Whether that time is proven.
    pub proven: bool,
    /// Whether that time decides: because it is proven, or because the rules take the signer at its word.
    pub decides: bool,
}

/// Findings about the signer's chain.
pub(super) fn judge(of: &SignerChain<'_>, now: Timestamp, findings: &mut Vec<Finding>) {
    let proven = of.proven;
    let field = |finding: Finding| finding.with("field", of.field);
    match of.chain {
        Ok(good) => {
            findings.push(field(
                Finding::new(Step::Chain, Weight::Good, "chain.trusted")
                    .with("root", &good.root)
                    .with("known_at", good.revocation_known_at),
            ));
            if let Some((name, at)) = &good.revoked_later {
                // Without a proven time the seal may be younger than the revocation.
                let weight = if proven { Weight::Note } else { Weight::Unclear };
                findings.push(field(
                    Finding::new(Step::Chain, weight, "chain.revoked_later")
                        .with("name", name)
                        .with("at", at)
                        .with("etsi", "REVOKED_NO_POE"),
                ));
            }
            if let Some(by) = good.recognised.as_deref() {
                let later = if proven { Weight::Note } else { Weight::Unclear };
                recognition::judge(by, Step::Chain, later, now, &field, findings);
            }
            let ended = of.signer.filter(|signer| now > signer.not_after);
            if let (Some(signer), false) = (ended, proven) {
                findings.push(field(
                    Finding::new(Step::Chain, Weight::Unclear, "chain.ended_since")
                        .with("at", signer.not_after)
                        .with("etsi", "OUT_OF_BOUNDS_NO_POE"),
                ));
            }
        }
        // The signer's own finding stands already.
        Err(ChainFault::NoSigner) => {}
        Err(ChainFault::Unfit { why }) => findings.push(field(
            Finding::new(Step::Signer, Weight::Bad, "signer.unfit")
                .with("why", why)
                .with("etsi", "CHAIN_CONSTRAINTS_FAILURE"),
        )),
        Err(fault) => findings.push(field(fault_finding(fault, of))),
    }
}

fn fault_finding(fault: &ChainFault, of: &SignerChain<'_>) -> Finding {
    let found = |weight, code, etsi| Finding::new(Step::Chain, weight, code).with("etsi", etsi);
    // Proven at that time, or only claimed: the standard's sub-indications with and without proof of existence.
    let timed = if of.decides { Weight::Bad } else { Weight::Unclear };
    let either = |with, without| if of.decides { with } else { without };
    match fault {
        ChainFault::UnknownRoot | ChainFault::NoSigner | ChainFault::Unfit { .. } => {
            found(Weight::Unclear, "chain.unknown_root", "NO_CERTIFICATE_CHAIN_FOUND")
        }
        ChainFault::Expired { not_after } => {
            found(timed, "chain.expired", either("EXPIRED", "OUT_OF_BOUNDS_NO_POE")).with("at", not_after)
        }
        ChainFault::NotYetValid { not_before } => {
            found(timed, "chain.not_yet_valid", either("NOT_YET_VALID", "OUT_OF_BOUNDS_NO_POE"))
                .with("at", not_before)
        }
        ChainFault::Revoked { name, at, reason } => {
            found(timed, "chain.revoked", either("REVOKED", "REVOKED_NO_POE"))
                .with("name", name)
                .with("at", at)
                .with("reason", reason)
        }
        ChainFault::RevocationUnknown { name } => {
            found(Weight::Unclear, "chain.revocation_unknown", "TRY_LATER").with("name", name)
        }
        ChainFault::BadSignature => {
            // Forged, or by another issuer of the same name: either way it leads to no trusted root.
            found(Weight::Unclear, "chain.bad_signature", "NO_CERTIFICATE_CHAIN_FOUND")
        }
        ChainFault::Unreadable { why } => {
            found(Weight::Unclear, "chain.unreadable", "CERTIFICATE_CHAIN_GENERAL_FAILURE").with("why", why)
        }
        ChainFault::NotRecognised { by, why } => recognition::fault(by, why, Step::Chain, timed),
    }
}
