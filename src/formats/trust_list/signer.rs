//! Who may sign a trust list.

use crate::domain::time::Timestamp;
use crate::formats::x509::{self, X509Facts};

/// id-tsl-kp-tslSigning (ETSI TS 119 612 §5.7.1): signing trust lists and nothing else.
pub const SIGNING_PURPOSE: &str = "0.4.0.2231.3.0";

/// Why an X.509 certificate signs no trust list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignerFault {
    /// It cannot be read.
    #[error("the signer's X.509 certificate cannot be read")]
    Unreadable,
    /// It is for something else: an authority, without a usage for signatures, or with extended usages that leave trust
    /// lists out.
    #[error("the signer's X.509 certificate is not for signing trust lists")]
    Unfit,
    /// It was not valid at that time.
    #[error("the signer's X.509 certificate is valid from {from} to {until} only")]
    NotValid {
        /// From.
        from: Timestamp,
        /// Until.
        until: Timestamp,
    },
}

/// Reads a signer's X.509 certificate (DER) and checks that it may sign a trust list at `at`. Who it is must be known
/// otherwise: it is pinned, no chain is asked for.
pub fn check_signer(der: &[u8], at: Timestamp) -> Result<X509Facts, SignerFault> {
    let facts = x509::read(der).map_err(|_| SignerFault::Unreadable)?;
    let signs = facts.key_usage.is_none_or(|bits| bits.digital_signature || bits.non_repudiation);
    let for_lists =
        facts.extended_usage.as_ref().is_none_or(|usage| usage.oids.iter().any(|oid| oid == SIGNING_PURPOSE));
    if facts.is_ca || !signs || !for_lists {
        return Err(SignerFault::Unfit);
    }
    if at < facts.not_before || at.whole_second() > facts.not_after {
        return Err(SignerFault::NotValid { from: facts.not_before, until: facts.not_after });
    }
    Ok(facts)
}
