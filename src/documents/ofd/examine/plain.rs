//! Plain digital signatures: `SignedData` of GB/T 35275-2017 with SM2 and SM3, where the list of signatures says
//! `Type="Sign"`. No seal is in one.
//!
//! What is signed is the SM3 of `Signature.xml`. How it stands in the structure differs among writers, and all of these
//! commit to it: the digest as the content, or Base64 text of it, inside or left out; or signed attributes whose
//! message-digest is that digest, or the digest of such a content.

use crate::crypto::{DigestAlgorithm, Suite, sm3};
use crate::documents::evidence::Evidence;
use crate::domain::report::facts::{ChainFault, PlainSignatureFacts, TokenFacts};
use crate::domain::time::{CHINA, Timestamp};
use crate::formats::cms::{self, SignedDataFacts};
use crate::formats::x509::{self, Usage};
use crate::formats::{Unreadable, tsp};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use time::PrimitiveDateTime;
use time::macros::format_description;

/// Most tokens read in one signature.
const MAX_TOKENS: usize = 4;

/// Reads a signature over `description`, the bytes of its `Signature.xml`.
///
/// # Errors
/// If it is no `SignedData` in DER, or bytes follow it.
pub(super) fn facts(
    value: &[u8],
    description: &[u8],
    claimed_time: Option<Timestamp>,
    evidence: &Evidence<'_>,
) -> Result<PlainSignatureFacts, Unreadable> {
    let cms = cms::read(value)?;
    if cms.trailing > 0 {
        return Err(Unreadable::new("plain signature", "bytes after its end"));
    }
    let token = |token: &Vec<u8>| evidence.token(token, &cms.signature, &cms.x509_certificates).0;
    let tokens: Vec<TokenFacts> = cms.timestamp_tokens.iter().take(MAX_TOKENS).map(token).collect();
    let signer = cms.signer_x509.as_deref().and_then(|x509| evidence.signer(x509));
    let chain = match (cms.signer_x509.as_deref(), &signer) {
        (Some(leaf), Some(signer)) => {
            let trusted = tokens.iter().find_map(TokenFacts::trusted_time);
            // Without any time the chain is asked for when the signer began: that it leads to a root can be said.
            let at = trusted.or(claimed_time).unwrap_or(signer.not_before);
            evidence.chain(leaf, &[&cms.x509_certificates], Usage::SealSigning, at).map(|(good, _)| good)
        }
        _ => Err(ChainFault::NoSigner),
    };
    let (data_matches, signature_is_right) = check(&cms, &sm3(description));
    Ok(PlainSignatureFacts {
        signers: cms.signer_infos,
        data_matches,
        signature_is_right: is_sm2(&cms).then_some(signature_is_right),
        algorithm: cms.signature_algorithm.to_string(),
        names_its_signer: (!cms.ess_v2.is_empty() && signer.is_some()).then(|| cms.names_its_signer()),
        claimed_time,
        signer,
        chain,
        tokens,
    })
}

/// Whether the algorithms are those of the standard: SM3 and a key of SM2, which no other signature algorithm takes.
fn is_sm2(cms: &SignedDataFacts) -> bool {
    let spki = cms.signer_x509.as_deref().and_then(|x509| x509::spki(x509).ok());
    cms.digest_algorithm == Some(DigestAlgorithm::Sm3) && spki.and_then(Suite::of_key) == Some(Suite::Sm2)
}

/// Whether it is over this digest, and whether the signature is right.
fn check(cms: &SignedDataFacts, digest: &[u8; 32]) -> (bool, bool) {
    let text = STANDARD.encode(digest);
    let forms = [digest.as_slice(), text.as_bytes()];
    let inside = cms.content.as_deref().filter(|content| !content.is_empty());
    let content_fits = cms.is_data() && inside.is_none_or(|content| forms.contains(&content));
    if !cms.signed_attributes.is_empty() {
        let stated = cms.message_digest.as_deref();
        let of_content = inside.is_some_and(|content| stated == Some(sm3(content).as_slice()));
        let fits = stated == Some(digest.as_slice()) || of_content;
        let typed = cms.attribute_content_type == Some(cms.content_type);
        return (content_fits && fits && typed, cms.verify_signature());
    }
    match inside {
        Some(content) => (content_fits, cms.verify_bare_signature(content)),
        // Nothing inside says what was signed, so the signature alone tells whether it was this.
        None => {
            let right = forms.iter().any(|form| cms.verify_bare_signature(form));
            (content_fits && right, right)
        }
    }
}

/// The time in a `SignatureDateTime`, in the ways that writers have: as in ASN.1, or as people in China write it.
pub(super) fn claimed_time(text: &str) -> Option<Timestamp> {
    if text.ends_with('Z') {
        return tsp::parse_time(text.as_bytes());
    }
    let local = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    let compact = format_description!("[year][month][day][hour][minute][second]");
    let read = PrimitiveDateTime::parse(text, local).or_else(|_| PrimitiveDateTime::parse(text, compact));
    Some(Timestamp::from_offset(read.ok()?.assume_offset(CHINA)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_writers_have_them() {
        let at = |text: &str| claimed_time(text).map(|at| at.to_string());
        assert_eq!(at("20201004072855.302Z").as_deref(), Some("2020-10-04T07:28:55Z"));
        assert_eq!(at("20210331075023Z").as_deref(), Some("2021-03-31T07:50:23Z"));
        assert_eq!(at("2020-10-23 19:45:37").as_deref(), Some("2020-10-23T11:45:37Z"));
        assert_eq!(at("20201023194537").as_deref(), Some("2020-10-23T11:45:37Z"));
        for wrong in ["", "Z", "2020-13-23 19:45:37", "20201023", "yesterday"] {
            assert_eq!(at(wrong), None, "{wrong}");
        }
    }
}
