//! Twins: each valid signature has one that differs in one byte and is refused.

use super::*;

fn signed(suite: Suite, message: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let key = PrivateKey::generate_pkcs8(suite).and_then(|der| PrivateKey::from_pkcs8(&der)).expect("a key");
    assert_eq!((key.suite(), Suite::of_key(key.spki())), (suite, Some(suite)));
    (key.spki().to_vec(), key.sign(message).expect("a signature"))
}

#[test]
fn a_signature_verifies_and_its_twins_do_not() {
    for suite in Suite::ALL {
        let (spki, signature) = signed(suite, b"license");
        assert!(suite.verify(&spki, b"license", &signature));
        assert!(!suite.verify(&spki, b"licence", &signature));
        for place in [10, signature.len() - 1] {
            let mut twin = signature.clone();
            twin[place] ^= 1;
            assert!(!suite.verify(&spki, b"license", &twin));
        }
        let padded = [signature.as_slice(), &[0]].concat();
        assert!(!suite.verify(&spki, b"license", &padded), "one signature has one form");
        assert!(!suite.verify(&signed(suite, b"license").0, b"license", &signature), "another key");
        assert!(!suite.verify(&spki[..40], b"license", &signature), "no key at all");
        for other in Suite::ALL.into_iter().filter(|other| *other != suite) {
            assert!(!other.verify(&spki, b"license", &signature), "a key of another suite");
            assert!(!suite.verify(&signed(other, b"license").0, b"license", &signature));
        }
    }
}

/// RFC 4231, test cases 1 and 2.
#[test]
fn an_authentication_code_is_that_of_the_standard() {
    let first = hmac_sha256(&[0x0B; 20], &[b"Hi ", b"There"]);
    assert_eq!(hex::encode(first), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    let second = hmac_sha256(b"Jefe", &[b"what do ya want for nothing?"]);
    assert_eq!(hex::encode(second), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    assert_ne!(hmac_sha256(b"Jeff", &[b"what do ya want for nothing?"]), second);
}

#[test]
fn an_algorithm_must_be_the_one_named() {
    let (spki, signature) = signed(Suite::P256, b"license");
    let named = |oid| spki::AlgorithmIdentifierRef { oid, parameters: None };
    let verify = |oid| verify_as(&named(oid), DigestAlgorithm::Sha256, &spki, b"license", &signature);
    assert!(verify(Suite::P256.signature_oid()));
    assert!(!verify(const_oid::db::rfc5912::ECDSA_WITH_SHA_384));
    assert!(!verify(const_oid::db::rfc5912::RSA_ENCRYPTION));

    let (spki, signature) = signed(Suite::Sm2, b"license");
    let verify = |oid, digest| verify_as(&named(oid), digest, &spki, b"license", &signature);
    assert!(verify(Suite::Sm2.signature_oid(), DigestAlgorithm::Sm3));
    assert!(verify(sm2::SIGN, DigestAlgorithm::Sm3));
    assert!(!verify(sm2::SIGN, DigestAlgorithm::Sha256));
    assert!(!verify(Suite::P256.signature_oid(), DigestAlgorithm::Sm3));
}

#[test]
fn digests_are_those_of_the_standard() {
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(hex::encode(sha256_of(&[b"a", b"bc"])), abc);
    assert_eq!(hex::encode(DigestAlgorithm::Sha256.digest(&[b"ab", b"c"])), abc);
    assert_ne!(hex::encode(Suite::P256.digest(b"abd")), abc);
    // GB/T 32905-2016 annex A.1.
    let abc = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0";
    assert_eq!(hex::encode(sm3_of(&[b"a", b"bc"])), abc);
    assert_eq!(hex::encode(DigestAlgorithm::Sm3.digest(&[b"ab", b"c"])), abc);
    assert_ne!(hex::encode(Suite::Sm2.digest(b"abd")), abc);
    assert_eq!(DigestAlgorithm::from_oid(&DigestAlgorithm::Sm3.oid()), Some(DigestAlgorithm::Sm3));
    assert_eq!(DigestAlgorithm::from_oid(&DigestAlgorithm::Sha512.oid()), Some(DigestAlgorithm::Sha512));
    assert_eq!(DigestAlgorithm::from_oid(&Suite::P256.signature_oid()), None);
}

#[test]
fn suites_have_names() {
    assert_eq!(Suite::parse("p256"), Some(Suite::P256));
    assert_eq!(Suite::parse("sm2"), Some(Suite::Sm2));
    assert_eq!(Suite::parse("p257"), None);
}
