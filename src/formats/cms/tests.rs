//! A seal signature and its twins.

use super::*;
use crate::crypto::{DigestAlgorithm, Signer, Suite, sha256};
use crate::formats::x509::testing::TestPki;

fn seal(pki: &TestPki, digest: &[u8; 32], signer_x509: &[u8], token: Option<&[u8]>) -> Vec<u8> {
    let suite = pki.seal_key.suite();
    let attributes = signed_attributes(suite, digest, &pki.seal, DATA);
    let signature = pki.seal_key.sign(&attributes).expect("signs");
    assemble(&Assembly {
        suite,
        signer_x509,
        other_x509s: &[&pki.ca, &pki.root, &pki.ca],
        signed_attributes: &attributes,
        signature: &signature,
        timestamp_token: token,
        econtent: None,
    })
    .expect("assembled")
}

#[test]
fn what_is_written_is_read() {
    for suite in Suite::ALL {
        written_is_read(&TestPki::of(suite), suite);
    }
}

fn written_is_read(pki: &TestPki, suite: Suite) {
    let digest = suite.digest(b"the byte range");
    let token = crate::formats::asn1::tlv(der::Tag::Sequence, &[&[5, 0]]);
    let facts = read(&seal(pki, &digest, &pki.seal, Some(&token))).expect("reads");
    assert!(facts.verify_signature() && facts.names_its_signer());
    assert!(facts.is_data() && facts.frame_is_right);
    let expected = match suite {
        Suite::P256 => (Frame::Pkcs7, DigestAlgorithm::Sha256),
        Suite::Sm2 => (Frame::Gm, DigestAlgorithm::Sm3),
    };
    assert_eq!((facts.frame, facts.ess_v2[0].algorithm), (expected.0, Some(expected.1)));
    assert_eq!(
        (facts.signature_algorithm, facts.digest_algorithm),
        (suite.signature_oid(), Some(expected.1))
    );
    assert_eq!(facts.message_digest.as_deref(), Some(digest.as_slice()));
    assert_eq!((facts.content_type, facts.attribute_content_type), (DATA, Some(DATA)));
    assert_eq!(facts.signer_x509.as_ref(), Some(&pki.seal));
    assert_eq!(facts.x509_certificates.len(), 3, "the double is left out");
    assert_eq!((facts.signer_infos, facts.trailing, facts.content.is_some()), (1, 0, false));
    assert_eq!(facts.timestamp_tokens, [token]);
    assert_eq!(facts.attribute_types.len(), 3);
    assert!(facts.attributes_in_order && !facts.has_signing_time && !facts.has_crls);
    assert_eq!((facts.ess_v1, facts.ess_v2.len()), (0, 1));
}

#[test]
fn both_names_are_read_and_no_third() {
    let pki = TestPki::of(Suite::Sm2);
    let digest = Suite::Sm2.digest(b"x");
    let cms = seal(&pki, &digest, &pki.seal, None);
    let renamed = |from: &ObjectIdentifier, to: &ObjectIdentifier| {
        // The lengths around it count the difference: build it again rather than patch it.
        rename(&cms, from, to)
    };
    let pkcs7 = read(&renamed(&GM_SIGNED_DATA, &SIGNED_DATA)).expect("reads");
    assert!(pkcs7.frame == Frame::Pkcs7 && pkcs7.verify_signature());
    let inside = read(&renamed(&DATA, &GM_DATA)).expect("reads");
    assert!(inside.content_type == GM_DATA && inside.is_data() && inside.frame_is_right);
    assert_ne!(inside.attribute_content_type, Some(GM_DATA), "the attribute is signed and says what it said");
    let third = renamed(&GM_SIGNED_DATA, &ObjectIdentifier::new_unwrap("1.2.156.10197.6.1.4.2.3"));
    assert!(read(&third).is_err());
    let neither = read(&renamed(&DATA, &TST_INFO)).expect("reads");
    assert!(!neither.is_data());
}

/// The `ContentInfo` with its first identifier of this kind, outer or inner, replaced.
fn rename(cms: &[u8], from: &ObjectIdentifier, to: &ObjectIdentifier) -> Vec<u8> {
    use crate::formats::asn1::{Cursor, context, encoded, tlv};
    use der::Tag;
    let swap = |raw: &[u8]| if *raw == encoded(from) { encoded(to) } else { raw.to_vec() };
    let mut outer = Cursor::new("outer", cms).enter(Tag::Sequence).expect("a sequence");
    let kind = outer.next().expect("reads").expect("an identifier");
    let mut explicit = outer.enter(context(0)).expect("content");
    let data = explicit.enter(Tag::Sequence).expect("a sequence").all(9).expect("parts");
    let mut parts: Vec<Vec<u8>> = data.iter().map(|item| item.raw.to_vec()).collect();
    let mut inner = Cursor::new("inner", data[2].raw).enter(Tag::Sequence).expect("a sequence");
    parts[2] = tlv(Tag::Sequence, &[&swap(inner.next().expect("reads").expect("an identifier").raw)]);
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    tlv(Tag::Sequence, &[&swap(kind.raw), &tlv(context(0), &[&tlv(Tag::Sequence, &parts)])])
}

#[test]
fn every_byte_counts() {
    let pki = TestPki::new();
    let digest = sha256(b"the byte range");
    let cms = seal(&pki, &digest, &pki.seal, None);
    let good = read(&cms).expect("reads");
    assert!(good.verify_signature());
    // What a verifier asks of a seal's signature, chain aside.
    let whole = |bytes: &[u8]| {
        read(bytes).is_ok_and(|facts| {
            facts.verify_signature()
                && facts.names_its_signer()
                && facts.message_digest.as_deref() == Some(&digest)
                && facts.content_type == DATA
                && facts.attribute_content_type == Some(DATA)
                && facts.signer_x509 == good.signer_x509
                && facts.x509_certificates == good.x509_certificates
                && facts.trailing == 0
        })
    };
    assert!(whole(&cms));
    let survivors: Vec<usize> = (0..cms.len())
        .filter(|place| {
            let mut twin = cms.clone();
            twin[*place] ^= 1;
            whole(&twin)
        })
        .collect();
    // The two version numbers and the list of digest algorithms at the front are not signed and not asked for.
    let digests = 31 + 13;
    assert!(survivors.iter().all(|place| *place < digests || cms[*place] == 1), "{survivors:?}");
    assert!(survivors.len() < 20, "{survivors:?}");
}

#[test]
fn another_certificate_of_the_same_key_does_not_fit() {
    let pki = TestPki::new();
    let digest = sha256(b"x");
    let profile = crate::formats::x509::testing::seal_profile();
    let particulars = crate::formats::x509::testing::particulars(pki.now, std::time::Duration::from_secs(99));
    let other = crate::formats::x509::issue(&profile, &particulars, pki.seal_key.spki(), &pki.by_ca())
        .expect("issued");
    let facts = read(&seal(&pki, &digest, &other, None)).expect("reads");
    assert!(facts.verify_signature(), "the key is the same");
    assert!(!facts.names_its_signer());
}

#[test]
fn padding_is_counted_and_damage_refused() {
    let pki = TestPki::new();
    let cms = seal(&pki, &[7; 32], &pki.seal, None);
    let padded = [cms.as_slice(), &[0; 40]].concat();
    let facts = read(&padded).expect("reads");
    assert_eq!((facts.trailing, facts.trailing_is_zero), (40, true));
    let facts = read(&[cms.as_slice(), &[0, 1]].concat()).expect("reads");
    assert_eq!((facts.trailing, facts.trailing_is_zero), (2, false));
    for end in 0..cms.len() {
        assert!(read(&cms[..end]).is_err(), "cut at {end}");
    }
    let mut huge = cms.clone();
    huge.resize(MAX_BYTES + 1, 0);
    assert!(read(&huge).is_err());
    let indefinite = [0x30, 0x80, 0, 0];
    assert!(read(&indefinite).is_err(), "BER is not DER");
}

#[test]
fn an_attribute_may_not_stand_twice() {
    use crate::formats::asn1::{Cursor, tlv};
    use der::Tag;
    let pki = TestPki::new();
    let attributes = signed_attributes(Suite::P256, &[7; 32], &pki.seal, DATA);
    let set = Cursor::new("set", &attributes).expect(Tag::Set).expect("a set");
    let items = Cursor::new("set", set.value).all(9).expect("three");
    let doubled = tlv(Tag::Set, &[items[0].raw, items[1].raw, items[1].raw, items[2].raw]);
    let write = |attributes: &[u8]| {
        let signature = pki.seal_key.sign(attributes).expect("signs");
        let assembly = Assembly {
            suite: Suite::P256,
            signer_x509: &pki.seal,
            other_x509s: &[],
            signed_attributes: attributes,
            signature: &signature,
            timestamp_token: None,
            econtent: None,
        };
        read(&assemble(&assembly).expect("assembled"))
    };
    assert!(write(&attributes).is_ok_and(|facts| facts.verify_signature()));
    assert!(write(&doubled).is_err());
    let shuffled = tlv(Tag::Set, &[items[2].raw, items[1].raw, items[0].raw]);
    assert!(write(&shuffled).is_ok_and(|facts| !facts.attributes_in_order));
}

#[test]
fn a_signature_without_attributes_is_one_over_the_content() {
    for suite in Suite::ALL {
        let pki = TestPki::of(suite);
        let signature = pki.seal_key.sign(b"content").expect("signs");
        let facts = read(&testing::bare(&pki, &signature)).expect("reads");
        assert!(facts.verify_bare_signature(b"content") && !facts.verify_bare_signature(b"contents"));
        assert!(!facts.verify_signature() && facts.signed_attributes.is_empty());
        // The twin with attributes: what they say is what is signed, never the content alone.
        let facts = read(&seal(&pki, &suite.digest(b"content"), &pki.seal, None)).expect("reads");
        assert!(facts.verify_signature() && !facts.verify_bare_signature(b"content"));
        assert!(!facts.verify_bare_signature(&facts.signed_attributes));
    }
}
