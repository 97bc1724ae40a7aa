//! Plain digital signatures in OFD files (GB/T 35275-2017): who signed, and whether it holds. No seal is in one, so however
//! good it is, the file is signed and not sealed, and the report says so. The rules say nothing of when such a signature
//! was made that one could rely on: without a token the time is a claim.

use super::chain::{self, SignerChain};
use super::signer::signer_or_missing;
use super::time::{SignedTime, judge_signed};
use crate::domain::report::facts::PlainSignatureFacts;
use crate::domain::report::{Finding, Step, Weight, standard};
use crate::domain::time::Timestamp;

/// Findings about one signature.
pub(super) fn judge(
    field: &str,
    value: &PlainSignatureFacts,
    is_license: bool,
    now: Timestamp,
    findings: &mut Vec<Finding>,
) {
    let found =
        |step, weight, code| Finding::new(step, weight, code).with("field", field).by(standard::PLAIN);
    findings.push(found(Step::Format, Weight::Note, "sign.not_a_seal"));
    if value.signers != 1 {
        findings.push(
            found(Step::Format, Weight::Unclear, "sign.signers")
                .with("count", value.signers)
                .with("etsi", "FORMAT_FAILURE"),
        );
    }
    findings.push(if value.data_matches {
        found(Step::Integrity, Weight::Good, "sign.data_intact")
    } else {
        found(Step::Integrity, Weight::Bad, "sign.data_changed").with("etsi", "HASH_FAILURE")
    });
    judge_signer(value, &found, findings);
    let proven = value.trusted_time().is_some();
    let of =
        SignerChain { field, chain: &value.chain, signer: value.signer.as_ref(), proven, decides: proven };
    chain::judge(&of, now, findings);
    let time = SignedTime {
        field,
        claimed: value.claimed_time,
        tokens: &value.tokens,
        without_token: Some(if is_license { Weight::Unclear } else { Weight::Note }),
        proven_code: "time.proven",
    };
    judge_signed(&time, now, findings);
}

fn judge_signer(
    value: &PlainSignatureFacts,
    found: &dyn Fn(Step, Weight, &'static str) -> Finding,
    findings: &mut Vec<Finding>,
) {
    let Some(signer) = signer_or_missing(value.signer.as_ref(), found, findings) else { return };
    findings.push(match value.signature_is_right {
        Some(true) => found(Step::Seal, Weight::Good, "sign.signature_right")
            .with("name", &signer.name)
            .with("organisation", &signer.organisation),
        Some(false) => {
            found(Step::Seal, Weight::Bad, "sign.signature_wrong").with("etsi", "SIG_CRYPTO_FAILURE")
        }
        None => found(Step::Seal, Weight::Unclear, "sign.algorithm_unknown")
            .with("algorithm", &value.algorithm)
            .with("etsi", "CRYPTO_CONSTRAINTS_FAILURE"),
    });
    if value.names_its_signer == Some(false) {
        findings.push(
            found(Step::Signer, Weight::Bad, "signer.not_the_named").with("etsi", "SIG_CONSTRAINTS_FAILURE"),
        );
    }
}
