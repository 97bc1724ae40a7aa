//! Tokens and their twins.

use super::*;
use crate::crypto::{DigestAlgorithm, Signer, Suite};
use crate::formats::x509::testing::TestPki;

fn stamp(pki: &TestPki, nonce: Option<&[u8]>, with_x509: bool) -> Vec<u8> {
    let suite = pki.tsa_key.suite();
    let parts = TokenParts {
        policy: POLICY,
        algorithm: suite.digest_algorithm(),
        imprint: &suite.digest(b"signature value"),
        serial: [0xff; 16],
        gen_time: pki.now,
        nonce,
        with_x509,
    };
    token(&parts, &pki.tsa, &[], &pki.tsa_key).expect("a token")
}

#[test]
fn a_token_says_what_was_asked() {
    for suite in Suite::ALL {
        says_what_was_asked(&TestPki::of(suite), suite);
    }
}

fn says_what_was_asked(pki: &TestPki, suite: Suite) {
    let nonce = [2, 2, 0x12, 0x34];
    let facts = read_token(&stamp(pki, Some(&nonce), true)).expect("reads");
    assert!(facts.is_intact());
    assert_eq!(facts.algorithm, Some(suite.digest_algorithm()));
    assert_eq!(facts.cms.frame, crate::formats::cms::Frame::Pkcs7, "for tools of RFC 3161");
    assert_eq!(facts.cms.signature_algorithm, suite.signature_oid());
    assert!(facts.stamps(b"signature value") && !facts.stamps(b"signature valve"));
    assert_eq!((facts.gen_time, facts.policy), (pki.now, POLICY));
    assert_eq!(facts.nonce.as_deref(), Some(nonce.as_slice()));
    assert_eq!(facts.serial_hex.len(), 32);
    assert_eq!(facts.signer().expect("inside").subject_cn, "Test TSA");
    let bare = read_token(&stamp(pki, None, false)).expect("reads");
    assert!(bare.cms.x509_certificates.is_empty() && !bare.is_intact());
}

#[test]
fn every_byte_of_the_content_and_the_signature_counts() {
    let pki = TestPki::new();
    let token = stamp(&pki, None, true);
    let content = read_token(&token).expect("reads").cms.content.expect("inside");
    let start = token.windows(content.len()).position(|w| w == content).expect("stands in it");
    let signature_start = token.len() - 60;
    for place in (start..start + content.len()).chain(signature_start..token.len()) {
        let mut twin = token.clone();
        twin[place] ^= 1;
        assert!(!read_token(&twin).is_ok_and(|facts| facts.is_intact()), "byte {place}");
    }
    assert!(!read_token(&[token.as_slice(), &[0]].concat()).is_ok_and(|facts| facts.is_intact()));
    for end in 0..token.len() {
        assert!(read_token(&token[..end]).is_err());
    }
}

#[test]
fn requests_go_there_and_back() {
    let of_sm3 = request(DigestAlgorithm::Sm3, &[9; 32], 1);
    assert_eq!(parse_request(&of_sm3).map(|read| read.algorithm), Ok(Some(DigestAlgorithm::Sm3)));
    let bytes = request(DigestAlgorithm::Sha256, &[9; 32], 0xfedc_ba98_7654_3210);
    let read = parse_request(&bytes).expect("reads");
    assert_eq!(read.algorithm, Some(DigestAlgorithm::Sha256));
    assert_eq!(read.imprint, [9; 32]);
    assert!(read.with_x509 && !read.has_extensions && read.policy.is_none());
    assert_eq!(read.nonce.expect("a nonce")[..3], [2, 9, 0], "positive");
    for end in 0..bytes.len() {
        assert!(parse_request(&bytes[..end]).is_err());
    }
    assert!(parse_request(&[bytes.as_slice(), &[0]].concat()).is_err());
    let mut other_version = bytes.clone();
    other_version[4] = 2;
    assert!(parse_request(&other_version).is_err());
}

#[test]
fn responses_grant_or_refuse() {
    let pki = TestPki::new();
    let token = stamp(&pki, None, true);
    assert_eq!(parse_response(&response(&token)), Ok(Response::Granted(token)));
    for (failure, bit) in [
        (PkiFailure::BadAlgorithm, 0),
        (PkiFailure::BadRequest, 2),
        (PkiFailure::TimeNotAvailable, 14),
        (PkiFailure::SystemFailure, 25),
    ] {
        let expected = Response::Refused { status: 2, failure: Some(bit) };
        assert_eq!(parse_response(&refusal(failure)), Ok(expected));
    }
    assert!(parse_response(b"<html>").is_err());
}
