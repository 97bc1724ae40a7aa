//! Twins: each valid signature has one that differs in one byte and is refused.

use super::*;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};

fn signed(message: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let rng = ring::rand::SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &rng).expect("a key");
    let pair =
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref(), &rng).expect("our key");
    let prefix = hex::decode("3059301306072a8648ce3d020106082a8648ce3d030107034200").expect("hex");
    let spki = [prefix.as_slice(), pair.public_key().as_ref()].concat();
    (spki, pair.sign(&rng, message).expect("a signature").as_ref().to_vec())
}

#[test]
fn a_signature_verifies_and_its_twins_do_not() {
    let (spki, signature) = signed(b"license");
    assert!(Suite::P256.verify(&spki, b"license", &signature));
    assert!(!Suite::P256.verify(&spki, b"licence", &signature));
    for place in [10, signature.len() - 1] {
        let mut twin = signature.clone();
        twin[place] ^= 1;
        assert!(!Suite::P256.verify(&spki, b"license", &twin));
    }
    assert!(!Suite::P256.verify(&signed(b"license").0, b"license", &signature), "another key");
    assert!(!Suite::P256.verify(&spki[..40], b"license", &signature), "no key at all");
}

#[test]
fn an_algorithm_must_be_the_one_named() {
    let (spki, signature) = signed(b"license");
    let named = |oid| spki::AlgorithmIdentifierRef { oid, parameters: None };
    let verify = |oid| verify_as(&named(oid), DigestAlgorithm::Sha256, &spki, b"license", &signature);
    assert!(verify(Suite::P256.signature_oid()));
    assert!(!verify(const_oid::db::rfc5912::ECDSA_WITH_SHA_384));
    assert!(!verify(const_oid::db::rfc5912::RSA_ENCRYPTION));
}

#[test]
fn digests_are_those_of_the_standard() {
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(hex::encode(sha256_of(&[b"a", b"bc"])), abc);
    assert_eq!(hex::encode(DigestAlgorithm::Sha256.digest(&[b"ab", b"c"])), abc);
    assert_ne!(hex::encode(Suite::P256.digest(b"abd")), abc);
    assert_eq!(DigestAlgorithm::from_oid(&DigestAlgorithm::Sha512.oid()), Some(DigestAlgorithm::Sha512));
    assert_eq!(DigestAlgorithm::from_oid(&Suite::P256.signature_oid()), None);
}

#[test]
fn suites_have_names() {
    assert_eq!(Suite::parse("p256"), Some(Suite::P256));
    assert_eq!(Suite::parse("p257"), None);
}
