//! Integrity of the sealed bytes, the signature value, and the signer it names.

use super::rules::is_plain_pkcs7;
use super::signer::signer_or_missing;
use crate::domain::report::facts::{Container, SealFacts, SignatureFacts};
use crate::domain::report::{Finding, Step, Weight};

/// Findings about one seal, up to its signer.
pub(super) fn judge(seal: &SealFacts, is_license: bool, findings: &mut Vec<Finding>) {
    let found = |step, weight, code| Finding::new(step, weight, code).with("field", &seal.field);
    if let Err(fault) = seal.coverage {
        findings.push(
            found(Step::Integrity, Weight::Bad, "integrity.byte_range")
                .with("fault", fault.name())
                .with("etsi", "FORMAT_FAILURE"),
        );
    }
    match &seal.container {
        Container::OtherFormat { name } => findings.push(
            found(Step::Seal, Weight::Unclear, "seal.other_format")
                .with("name", name)
                .with("etsi", "POLICY_PROCESSING_ERROR"),
        ),
        Container::Unreadable { why } => findings.push(
            found(Step::Seal, Weight::Bad, "seal.unreadable").with("why", why).with("etsi", "FORMAT_FAILURE"),
        ),
        Container::NotDer => {
            findings.push(found(Step::Seal, Weight::Unclear, "seal.not_der").with("etsi", "FORMAT_FAILURE"));
        }
        Container::Read(signature) => {
            judge_digest(seal, signature, findings);
            judge_signature(seal, signature, is_license, findings);
            judge_signer(seal, signature, findings);
        }
    }
}

fn judge_digest(seal: &SealFacts, signature: &SignatureFacts, findings: &mut Vec<Finding>) {
    let found = |weight, code| Finding::new(Step::Integrity, weight, code).with("field", &seal.field);
    match (seal.coverage, signature.digest_matches) {
        (Ok(covered), Some(true)) => {
            findings.push(found(Weight::Good, "integrity.intact").with("bytes", covered.end));
        }
        (_, Some(false)) => {
            findings.push(found(Weight::Bad, "integrity.digest_mismatch").with("etsi", "HASH_FAILURE"));
        }
        (Ok(_), None) => findings.push(
            found(Weight::Unclear, "integrity.digest_unknown").with("etsi", "CRYPTO_CONSTRAINTS_FAILURE"),
        ),
        // The range's own finding stands already.
        (Err(_), Some(true) | None) => {}
    }
}

fn judge_signature(
    seal: &SealFacts,
    signature: &SignatureFacts,
    is_license: bool,
    findings: &mut Vec<Finding>,
) {
    let found = |weight, code, etsi| {
        Finding::new(Step::Seal, weight, code).with("field", &seal.field).with("etsi", etsi)
    };
    if signature.signers != 1 {
        findings.push(found(Weight::Bad, "seal.signers", "FORMAT_FAILURE").with("count", signature.signers));
    }
    if signature.content_inside {
        findings.push(found(Weight::Bad, "seal.content_inside", "FORMAT_FAILURE"));
    }
    if !signature.attributes_complete {
        // PAdES demands them; plain PKCS#7 may have none.
        let weight = if is_plain_pkcs7(seal) { Weight::Unclear } else { Weight::Bad };
        findings.push(found(weight, "seal.attributes", "FORMAT_FAILURE"));
    }
    match signature.signature_is_right {
        Some(true) => findings
            .push(Finding::new(Step::Seal, Weight::Good, "seal.signature_right").with("field", &seal.field)),
        Some(false) => findings.push(found(Weight::Bad, "seal.signature_wrong", "SIG_CRYPTO_FAILURE")),
        None => findings.push(
            found(Weight::Unclear, "seal.algorithm_unknown", "CRYPTO_CONSTRAINTS_FAILURE")
                .with("algorithm", &signature.algorithm),
        ),
    }
    // What nobody signs: strict on license files, which have one form; others are written in many.
    let unsigned = if is_license { Weight::Unclear } else { Weight::Note };
    if !signature.contents_canonical {
        findings.push(found(unsigned, "seal.padding", "FORMAT_FAILURE"));
    }
    if !signature.unsigned_parts_canonical {
        findings.push(found(unsigned, "seal.unsigned_parts", "FORMAT_FAILURE"));
    }
    if signature.strays > 0 {
        findings.push(found(unsigned, "seal.stray_x509", "FORMAT_FAILURE").with("count", signature.strays));
    }
}

fn judge_signer(seal: &SealFacts, signature: &SignatureFacts, findings: &mut Vec<Finding>) {
    let found = |weight, code| Finding::new(Step::Signer, weight, code).with("field", &seal.field);
    let with_field = |_, weight, code| found(weight, code);
    let Some(signer) = signer_or_missing(signature.signer.as_ref(), &with_field, findings) else { return };
    match signature.names_its_signer {
        Some(true) => findings.push(
            found(Weight::Good, "signer.named")
                .with("name", &signer.name)
                .with("organisation", &signer.organisation),
        ),
        Some(false) => {
            findings.push(found(Weight::Bad, "signer.not_the_named").with("etsi", "SIG_CONSTRAINTS_FAILURE"));
        }
        None => {
            findings.push(found(Weight::Unclear, "signer.not_named").with("etsi", "SIG_CONSTRAINTS_FAILURE"))
        }
    }
}
