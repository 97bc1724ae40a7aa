//! An X.509 certificate that somebody vouches for by itself, without the chain above it: a seal maker or a timestamping
//! authority in a trust list.

use super::path::{PathFault, Usage, ValidPath, check_period};
use super::read;
use super::readings::Reading;
use crate::domain::time::Timestamp;
use crate::formats::Unreadable;
use std::sync::Arc;

/// Judges usage and period. Whether it was withdrawn is for whoever vouches for it to say, as of `known_at`.
///
/// # Errors
/// If it cannot be read, is not for this use, or was not valid then.
pub fn validate_alone(
    der: &[u8],
    usage: Usage,
    at: Timestamp,
    known_at: Timestamp,
) -> Result<ValidPath, PathFault> {
    let leaf = Arc::new(Reading::of(der)?);
    if !usage.fits(&leaf.facts) {
        return Err(PathFault::Unfit("key usages of the leaf".into()));
    }
    check_period(&leaf.facts, at)?;
    Ok(ValidPath {
        chain: vec![der.to_vec()],
        root_cn: leaf.facts.subject_cn.clone(),
        leaf,
        revoked_later: None,
        revocation_known_at: known_at,
    })
}

/// Names of issuer and subject, DER: what chains are looked for by.
///
/// # Errors
/// If it cannot be read.
pub fn issuer_and_subject(der: &[u8]) -> Result<(Vec<u8>, Vec<u8>), Unreadable> {
    let x509 = read::parse(der)?;
    Ok((x509.issuer().as_raw().to_vec(), x509.subject().as_raw().to_vec()))
}
