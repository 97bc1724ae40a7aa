//! Each good message has twins with one thing changed, and the exact reason is asserted.

use super::cbor::{self, Value};
use super::*;
use crate::crypto::{PrivateKey, PublicKey, Signer, Suite};
use crate::formats::x509::testing::new_key;

const MOST: usize = 4096;

fn public(key: &PrivateKey) -> PublicKey {
    PublicKey::from_spki(key.spki()).expect("a key of a suite")
}

fn bytes(value: &[u8]) -> Value {
    Value::Bytes(value.to_vec())
}

fn entries(entries: &[(i64, Value)]) -> Value {
    Value::Map(entries.iter().map(|(label, value)| (Value::from(*label), value.clone())).collect())
}

/// A message of these parts, signed over `external` as RFC 9052 §4.4 says, whatever the parts are.
fn message(protected: &[u8], unprotected: Value, external: &[u8], key: &PrivateKey) -> Vec<u8> {
    let signed = if protected == [0xa0] { &[] } else { protected };
    let structure = Value::Array(vec![
        Value::Text("Signature1".into()),
        bytes(signed),
        bytes(external),
        bytes(b"payload"),
    ]);
    let signature = key.sign(&cbor::write(&structure)).expect("signed");
    let signature = crate::crypto::fixed_signature(&signature).expect("a signature");
    let parts = vec![bytes(protected), unprotected, bytes(b"payload"), bytes(&signature)];
    cbor::write(&Value::Tag(18, Box::new(Value::Array(parts))))
}

#[test]
fn what_we_write_we_read_in_both_suites() {
    for suite in Suite::ALL {
        let key = new_key(suite);
        let protected = Protected { key_id: b"k", kind: Some("a/b"), private: Some((-70_000, 1)) };
        let written = sign(&protected, b"payload".to_vec(), b"outside", &key).expect("signed");
        let read = Sign1::read(&written, MOST).expect("a message");
        assert_eq!(read.verify(&public(&key), b"outside"), Ok(()));
        assert_eq!(read.verify(&public(&key), b"other"), Err(NotVerified::Signature));
        assert_eq!(read.verify(&public(&new_key(suite)), b"outside"), Err(NotVerified::Signature));
        let other = Suite::ALL.into_iter().find(|other| *other != suite).expect("two suites");
        assert_eq!(read.verify(&public(&new_key(other)), b"outside"), Err(NotVerified::Algorithm));
        assert_eq!((read.payload(), read.key_id(), read.kind()), (&b"payload"[..], &b"k"[..], Some("a/b")));
        assert_eq!(read.parameter(-70_000), Some(&Value::from(1)));
        assert!(read.unprotected_is_empty() && read.algorithm_is_protected());
        assert_eq!(read.canonical(), written);
        assert_eq!(Sign1::read(&written, written.len() - 1), Err(NotSign1::TooLarge));
    }
}

#[test]
fn the_vectors_of_the_working_group() {
    let text = include_str!("../../../tests/data/cose/sign1.txt");
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    let point = lines.next().and_then(|line| line.strip_prefix("key ")).expect("the key");
    let key = PublicKey::from_point(Suite::P256, &hex::decode(point).expect("hex")).expect("a key");
    let mut count = 0;
    for line in lines {
        let [name, want, external, message] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let external = hex::decode(external.trim_matches('-')).expect("hex");
        let said = match Sign1::read(&hex::decode(message).expect("hex"), MOST) {
            Err(NotSign1::Tag) => "tag",
            Err(NotSign1::Header) => "header",
            Err(other) => panic!("{name}: {other}"),
            Ok(read) => match read.verify(&key, &external) {
                Ok(()) => "pass",
                Err(NotVerified::Algorithm) => "algorithm",
                Err(NotVerified::Signature) => "signature",
            },
        };
        assert_eq!(said, want, "{name}");
        count += 1;
    }
    assert_eq!(count, 12);
}

#[test]
fn an_empty_map_is_signed_as_an_empty_string() {
    let key = new_key(Suite::P256);
    let unprotected = entries(&[(1, Value::from(-7))]);
    for protected in [&[][..], &[0xa0]] {
        let written = message(protected, unprotected.clone(), b"", &key);
        let read = Sign1::read(&written, MOST).expect("a message");
        assert_eq!(read.verify(&public(&key), b""), Ok(()));
        assert!(!read.algorithm_is_protected() && !read.unprotected_is_empty());
    }
}

#[test]
fn no_label_stands_twice() {
    let key = new_key(Suite::P256);
    let es256 = [0xa1, 1, 0x26];
    let read = |protected: &[u8], unprotected| Sign1::read(&message(protected, unprotected, b"", &key), MOST);
    assert!(read(&es256, entries(&[(4, bytes(b"1"))])).is_ok());
    assert_eq!(read(&es256, entries(&[(1, Value::from(-7))])), Err(NotSign1::LabelInBoth));
    assert_eq!(read(&es256, entries(&[(1, Value::from(-8))])), Err(NotSign1::LabelInBoth));
    let both = [0xa2, 1, 0x26, 4, 0x41, 1];
    assert_eq!(read(&both, entries(&[(4, bytes(b"2"))])), Err(NotSign1::LabelInBoth));
    // The same label, once in a longer form than it needs.
    assert_eq!(read(&[0xa1, 0x18, 1, 0x26], entries(&[(1, Value::from(-7))])), Err(NotSign1::LabelInBoth));
    assert_eq!(read(&[0xa2, 1, 0x26, 1, 0x26], entries(&[])), Err(NotSign1::LabelTwice));
    let twice = entries(&[(4, bytes(b"1")), (4, bytes(b"1"))]);
    assert_eq!(read(&es256, twice), Err(NotSign1::LabelTwice));
    let many: Vec<(i64, Value)> = (20..37).map(|label| (label, Value::Null)).collect();
    assert_eq!(read(&es256, entries(&many)), Err(NotSign1::Header));
    assert!(read(&es256, entries(&many[..16])).is_ok());
}

#[test]
fn the_key_decides_the_algorithm() {
    let key = new_key(Suite::P256);
    let verify = |protected: &[u8], unprotected| {
        let message = message(protected, unprotected, b"", &key);
        Sign1::read(&message, MOST).expect("a message").verify(&public(&key), b"")
    };
    assert_eq!(verify(&[0xa1, 1, 0x26], entries(&[])), Ok(()));
    assert_eq!(verify(&[0xa1, 1, 0x27], entries(&[])), Err(NotVerified::Algorithm), "EdDSA");
    assert_eq!(verify(&[0xa1, 1, 5], entries(&[])), Err(NotVerified::Algorithm), "HMAC");
    assert_eq!(verify(&[0xa1, 4, 0x41, 1], entries(&[])), Err(NotVerified::Algorithm), "none");
    assert_eq!(verify(&[], entries(&[(1, Value::from(-8))])), Err(NotVerified::Algorithm));
    let sm2 = cbor::write(&entries(&[(1, Value::from(SM2_WITH_SM3))]));
    assert_eq!(verify(&sm2, entries(&[])), Err(NotVerified::Algorithm));
}

#[test]
fn what_must_be_understood_is_refused() {
    let key = new_key(Suite::P256);
    let critical = cbor::write(&entries(&[
        (1, Value::from(-7)),
        (2, Value::Array(vec![Value::from(-70_000)])),
        (-70_000, Value::from(1)),
    ]));
    let critical = message(&critical, entries(&[]), b"", &key);
    assert_eq!(Sign1::read(&critical, MOST), Err(NotSign1::Critical));
}

#[test]
fn tags_and_forms() {
    let key = new_key(Suite::P256);
    let written = sign(&Protected::default(), b"payload".to_vec(), b"", &key).expect("signed");
    let Some(Value::Tag(18, bare)) = cbor::read(&written) else { panic!("no tag") };
    let bare = *bare;
    let tagged = |tags: &[u64]| {
        let value = tags.iter().rev().fold(bare.clone(), |inner, tag| Value::Tag(*tag, Box::new(inner)));
        Sign1::read(&cbor::write(&value), MOST).map(|read| read.verify(&public(&key), b""))
    };
    for good in [&[][..], &[18], &[61, 18]] {
        assert_eq!(tagged(good), Ok(Ok(())), "{good:?}");
    }
    for wrong in [&[61][..], &[18, 18], &[61, 61, 18], &[18, 61], &[98], &[61, 98], &[55799, 18]] {
        assert_eq!(tagged(wrong), Err(NotSign1::Tag), "{wrong:?}");
    }
    let Value::Array(parts) = bare else { panic!("no array") };
    let with = |at: usize, part: Value| {
        let mut parts = parts.clone();
        parts[at] = part;
        Sign1::read(&cbor::write(&Value::Array(parts)), MOST).expect_err("refused")
    };
    assert_eq!(with(2, Value::Null), NotSign1::Detached);
    assert_eq!(with(0, Value::Map(Vec::new())), NotSign1::Form);
    assert_eq!(with(0, bytes(&[0xa0, 0])), NotSign1::Header);
    assert_eq!(with(1, bytes(&[])), NotSign1::Header);
    assert_eq!(with(3, Value::Null), NotSign1::Form);
    assert_eq!(Sign1::read(&[0x84, 0x40, 0xa0, 0x40], MOST), Err(NotSign1::NotCbor));
    assert_eq!(Sign1::read(&[&written[..], &[0]].concat(), MOST), Err(NotSign1::NotCbor));
    assert_eq!(Sign1::read(&written[..written.len() - 1], MOST), Err(NotSign1::NotCbor));
    assert_eq!(Sign1::read(b"", MOST), Err(NotSign1::NotCbor));
    assert_eq!(Sign1::read(&[0x81; 3000], MOST), Err(NotSign1::NotCbor), "nested");
    assert_eq!(Sign1::read(&[0x9b, 0x7f, 255, 255, 255, 255, 255, 255, 255], MOST), Err(NotSign1::NotCbor));
    assert_eq!(Sign1::read(&[0x5b, 0x7f, 255, 255, 255, 255, 255, 255, 255], MOST), Err(NotSign1::NotCbor));
}

#[test]
fn other_ways_to_write_the_same_are_seen() {
    let key = new_key(Suite::P256);
    let written = sign(&Protected::default(), b"payload".to_vec(), b"", &key).expect("signed");
    // A longer form of the payload's length, and an array without a length.
    let at = written.windows(8).position(|part| part == b"\x47payload").expect("the payload");
    let longer = [&written[..at], &[0x58, 7], &written[at + 1..]].concat();
    let mut endless = written.clone();
    endless[1] = 0x9f;
    endless.push(0xff);
    for twin in [longer, endless] {
        let read = Sign1::read(&twin, MOST).expect("a message");
        assert_eq!(read.verify(&public(&key), b""), Ok(()));
        assert_ne!(read.canonical(), twin);
        assert_eq!(read.canonical(), written);
    }
}

#[test]
fn claims_hold_each_label_once() {
    let written = |entries: &[(i64, Value)]| cbor::write(&super::tests::entries(entries));
    let bytes = written(&[(1, Value::Text("a".into())), (6, Value::from(5))]);
    let mut one = Claims::read(&bytes).expect("claims");
    assert_eq!((one.text(1_i64), one.number(label::IAT), one.text(1_i64)), (Some("a"), Some(5), None));
    assert!(one.rest().is_empty());
    assert!(Claims::read(&written(&[(1, Value::Null), (1, Value::Null)])).is_none());
    assert!(Claims::read(&written(&(0..64).map(|at| (at, Value::Null)).collect::<Vec<_>>())).is_some());
    assert!(Claims::read(&written(&(0..65).map(|at| (at, Value::Null)).collect::<Vec<_>>())).is_none());
    let time = |value: Value| {
        Claims::read(&written(&[(6, value)])).expect("claims").time(6_i64).map(|time| time.seconds())
    };
    assert_eq!(time(Value::from(1_795_420_800)), Some(1_795_420_800));
    assert_eq!(time(Value::Tag(1, Box::new(Value::from(5)))), None, "RFC 8392 §2: without its tag");
    assert_eq!(time(Value::Float(5.5)), None);
    assert_eq!(time(Value::from(-1)), None);
    assert_eq!(time(Value::from(1_u64 << 60)), None);
}
