//! When it was sealed, how that is known, and which PAdES level follows.

use super::{recognition, trusted_time};
use crate::domain::report::facts::{ChainFault, SealFacts, SignatureFacts, TokenFacts};
use crate::domain::report::{Finding, Step, Weight};
use crate::domain::time::Timestamp;
use std::time::Duration;

/// Clocks of sealing service, timestamping authority and verifier may differ by this much.
const SKEW: Duration = Duration::from_secs(5 * 60);

/// What says when something was signed.
pub(super) struct SignedTime<'a> {
    /// Name of the seal in the file.
    pub field: &'a str,
    /// The time it claims.
    pub claimed: Option<Timestamp>,
    /// Tokens over the signature.
    pub tokens: &'a [TokenFacts],
    /// What is found where there is no token; none if that is nothing worth saying.
    pub without_token: Option<Weight>,
    /// Code of what is found where a token proves the time.
    pub proven_code: &'static str,
}

/// Findings about time.
pub(super) fn judge(
    seal: &SealFacts,
    signature: &SignatureFacts,
    is_license: bool,
    now: Timestamp,
    findings: &mut Vec<Finding>,
) {
    let time = SignedTime {
        field: &seal.field,
        claimed: seal.claimed_time,
        tokens: &signature.tokens,
        without_token: Some(if is_license { Weight::Unclear } else { Weight::Note }),
        proven_code: "time.proven",
    };
    judge_signed(&time, now, findings);
    let level = match (trusted_time(seal), signature.long_term) {
        (Some(_), true) => "B-LT",
        (Some(_), false) => "B-T",
        (None, _) => "B-B",
    };
    findings.push(
        Finding::new(Step::Time, Weight::Note, "time.level").with("field", &seal.field).with("level", level),
    );
}

/// Findings about the time of a signature, whatever it is in.
pub(super) fn judge_signed(time: &SignedTime<'_>, now: Timestamp, findings: &mut Vec<Finding>) {
    let found = |weight, code| Finding::new(Step::Time, weight, code).with("field", time.field);
    for token in time.tokens {
        judge_token(token, time.proven_code, now, time.field, findings);
    }
    let proven = time.tokens.iter().find_map(TokenFacts::trusted_time);
    match (proven, time.claimed) {
        (Some(proven), Some(claimed)) if claimed > proven.plus(SKEW) => findings.push(
            found(Weight::Unclear, "time.claimed_after_proven")
                .with("claimed", claimed)
                .with("proven", proven)
                .with("etsi", "TIMESTAMP_ORDER_FAILURE"),
        ),
        (None, Some(claimed)) if claimed > now.plus(SKEW) => findings.push(
            found(Weight::Unclear, "time.in_future")
                .with("time", claimed)
                .with("etsi", "TIMESTAMP_ORDER_FAILURE"),
        ),
        _ => {}
    }
    if let (true, Some(weight)) = (time.tokens.is_empty(), time.without_token) {
        findings.push(found(weight, "time.only_claimed").with("etsi", "NO_POE"));
    }
}

fn judge_token(
    token: &TokenFacts,
    proven_code: &'static str,
    now: Timestamp,
    field: &str,
    findings: &mut Vec<Finding>,
) {
    let found = |weight, code| Finding::new(Step::Time, weight, code).with("field", field);
    let TokenFacts::Read { time, over_this_signature, intact, authority, chain } = token else {
        if let TokenFacts::Unreadable { why } = token {
            findings.push(
                found(Weight::Unclear, "time.token_unreadable").with("why", why).with("etsi", "NO_POE"),
            );
        }
        return;
    };
    if !over_this_signature {
        findings.push(found(Weight::Bad, "time.other_signature").with("etsi", "HASH_FAILURE"));
    }
    if !intact {
        findings.push(found(Weight::Bad, "time.token_broken").with("etsi", "SIG_CRYPTO_FAILURE"));
    }
    if let Err(fault) = chain {
        findings.push(authority_finding(fault, field, &found));
    }
    if *time > now.plus(SKEW) {
        findings.push(
            found(Weight::Unclear, "time.in_future")
                .with("time", time)
                .with("etsi", "TIMESTAMP_ORDER_FAILURE"),
        );
    }
    if !over_this_signature || !intact {
        return;
    }
    if let (Ok(good), Some(authority)) = (chain, authority) {
        findings.push(found(Weight::Good, proven_code).with("time", time).with("authority", &authority.name));
        if let Some(by) = good.recognised.as_deref() {
            let field = |finding: Finding| finding.with("field", field);
            recognition::judge(by, Step::Time, Weight::Note, now, &field, findings);
        }
        if now > authority.not_after {
            findings.push(
                found(Weight::Unclear, "time.authority_ended_since")
                    .with("at", authority.not_after)
                    .with("etsi", "OUT_OF_BOUNDS_NO_POE"),
            );
        }
        if let Some((name, at)) = &good.revoked_later {
            // Whoever holds the authority's key could have dated the token back.
            findings.push(
                found(Weight::Unclear, "time.authority_revoked_later")
                    .with("name", name)
                    .with("at", at)
                    .with("etsi", "REVOKED_NO_POE"),
            );
        }
    }
}

fn authority_finding(
    fault: &ChainFault,
    field: &str,
    found: &dyn Fn(Weight, &'static str) -> Finding,
) -> Finding {
    let unclear = |code, etsi| found(Weight::Unclear, code).with("etsi", etsi);
    match fault {
        ChainFault::NoSigner => unclear("time.authority_missing", "NO_SIGNING_CERTIFICATE_FOUND"),
        ChainFault::UnknownRoot => unclear("time.authority_unknown", "NO_CERTIFICATE_CHAIN_FOUND"),
        ChainFault::Expired { not_after } => {
            unclear("time.authority_expired", "OUT_OF_BOUNDS_NO_POE").with("at", not_after)
        }
        ChainFault::NotYetValid { not_before } => {
            unclear("time.authority_not_yet_valid", "OUT_OF_BOUNDS_NO_POE").with("at", not_before)
        }
        ChainFault::Revoked { name, at, .. } => {
            unclear("time.authority_revoked", "REVOKED_NO_POE").with("name", name).with("at", at)
        }
        ChainFault::RevocationUnknown { name } => {
            unclear("time.authority_revocation_unknown", "TRY_LATER").with("name", name)
        }
        ChainFault::Unfit { why } => found(Weight::Bad, "time.authority_unfit")
            .with("why", why)
            .with("etsi", "CHAIN_CONSTRAINTS_FAILURE"),
        ChainFault::BadSignature => unclear("time.authority_bad_signature", "NO_CERTIFICATE_CHAIN_FOUND"),
        ChainFault::Unreadable { why } => {
            unclear("time.authority_unreadable", "CERTIFICATE_CHAIN_GENERAL_FAILURE").with("why", why)
        }
        ChainFault::NotRecognised { by, why } => {
            let found = recognition::fault(by, why, Step::Time, Weight::Unclear);
            found.with("field", field)
        }
    }
}
