//! CMS containers of both suites, and what RFC 3161 puts in them.

use super::bench::NOW;
use super::x509::SUITES;
use std::sync::LazyLock;
use yinzheng::formats::cms::{self, SignedDataFacts};
use yinzheng::formats::tsp::{self, Response};
use yinzheng::formats::x509::{PathQuery, Usage};

/// Containers that somebody signed, with the tokens in them.
static SIGNED: LazyLock<Vec<SignedDataFacts>> = LazyLock::new(|| {
    let containers: [&[u8]; 4] = [
        include_bytes!("../corpus/cms/sealed-p256.der"),
        include_bytes!("../corpus/cms/sealed-sm2.der"),
        include_bytes!("../corpus/tsp_token/token-p256.der"),
        include_bytes!("../corpus/tsp_token/token-sm2.der"),
    ];
    containers.iter().map(|container| cms::read(container).expect("a seed")).collect()
});

/// A signature container, padded or not.
pub fn cms(bytes: &[u8]) {
    let Ok(read) = cms::read(bytes) else { return };
    check_container(&read);
    let container = &bytes[..bytes.len() - read.trailing];
    let again = cms::read(container).expect("the padding is not a part of it");
    assert_eq!((again.trailing, &again.signed_attributes), (0, &read.signed_attributes));
    assert!(read.trailing_is_zero == bytes[container.len()..].iter().all(|byte| *byte == 0));
    assert!(!read.verify_bare_signature(b"nobody signed this"));
    for token in &read.timestamp_tokens {
        check_token(token);
    }
}

/// A time-stamp token, and what asks for one and brings it.
pub fn tsp_token(bytes: &[u8]) {
    check_token(bytes);
    let _ = tsp::parse_request(bytes);
    if let Ok(Response::Granted(token)) = tsp::parse_response(bytes) {
        check_token(&token);
    }
}

fn check_container(read: &SignedDataFacts) {
    if read.verify_signature() {
        let is_signed = |made: &SignedDataFacts| made.signed_attributes == read.signed_attributes;
        assert!(SIGNED.iter().any(is_signed), "forged attributes are right");
    }
    assert!(read.signer_x509.as_ref().is_none_or(|x509| read.x509_certificates.contains(x509)));
    read.names_its_signer();
    read.is_data();
}

fn check_token(bytes: &[u8]) {
    let Ok(token) = tsp::read_token(bytes) else { return };
    check_container(&token.cms);
    token.signer();
    let Some(signer) = token.cms.signer_x509.as_deref() else { return };
    let is_trusted = SUITES.iter().any(|suite| {
        let query = PathQuery {
            leaf: signer,
            intermediates: &token.cms.x509_certificates,
            crls: &suite.bench.crls,
            usage: Usage::TimeStamping,
            at: NOW,
        };
        suite.bench.trust.validate(&query).is_ok()
    });
    if token.is_intact() {
        let is_made = |made: &SignedDataFacts| made.content == token.cms.content;
        assert!(SIGNED.iter().any(is_made), "a forged token is intact");
        // Its signer is the one that is named, byte for byte.
        assert!(is_trusted, "an intact token of somebody else");
    }
}
