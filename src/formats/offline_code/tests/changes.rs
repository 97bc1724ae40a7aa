//! Every byte and every digit of fifty codes, changed one at a time; and the tricks that a fuzzer would not find.

use super::*;
use crate::crypto::PublicKey;
use crate::formats::cose::{self, Protected, Value, map, write_cbor};
use std::thread;

fn read_cbor(bytes: &[u8]) -> Option<Value> {
    coset::cbor::de::from_reader(bytes).ok()
}

/// Fifty codes that differ in everything that may differ: length, packing, medium, suite.
fn fifty(phone_key: &PrivateKey) -> Vec<OfflineCode> {
    let codes = (0..50_u32).map(|n| {
        let mut code = if n % 4 == 3 { phone(device(phone_key)) } else { paper() };
        code.status.index = 10_u64.pow(n % 8);
        code.file_sha256 = crate::crypto::sha256(&n.to_be_bytes());
        code.fields.truncate(n as usize % 4);
        if n % 5 == 0 && n % 4 != 3 {
            // Long enough to be packed.
            code.fields = (10..16).map(|f| (format!("field_{f}"), "景川市东风路一百号".repeat(2))).collect();
        }
        if n % 3 == 0 {
            code.license = LicenseRef::Short([n as u8; 12]);
        }
        if let Medium::Paper { recipient, .. } = &mut code.medium {
            *recipient = recipient.take().filter(|_| n % 2 == 0);
        }
        code
    });
    codes.collect()
}

#[test]
fn every_changed_digit_and_every_changed_byte_of_fifty_codes_is_refused() {
    let phone_key = new_key(Suite::P256);
    let key = new_key(Suite::P256);
    let keys = keys(&key);
    let codes = fifty(&phone_key);
    let passes = |text: &str| verify(text, &keys, in_force, NOW).verdict == Verdict::Passed;
    let (mut packed, mut tried) = (0, 0);
    thread::scope(|scope| {
        let halves = codes.chunks(codes.len().div_ceil(2)).map(|part| {
            let (passes, key, phone_key) = (&passes, &key, &phone_key);
            scope.spawn(move || {
                let (mut packed, mut tried) = (0, 0);
                for code in part {
                    let signed = sign(code, key).expect("signed");
                    packed += usize::from(signed[3..30].windows(5).any(|w| w == [0x3a, 0, 1, 3, 0xc5]));
                    let proof = matches!(code.medium, Medium::Phone { .. })
                        .then(|| prove(&signed, NOW, "租房", phone_key).expect("signed"));
                    let show = |code: &[u8], proof: Option<&[u8]>| match proof {
                        Some(proof) => on_phone(code, proof),
                        None => to_digits(code),
                    };
                    let text = show(&signed, proof.as_deref()).expect("fits");
                    assert!(passes(&text));
                    let mut twin = text.clone().into_bytes();
                    for at in 0..twin.len() {
                        let was = twin[at];
                        twin[at] = b'0' + (was - b'0' + 1 + (at % 9) as u8) % 10;
                        assert!(!passes(std::str::from_utf8(&twin).expect("digits")), "digit {at}");
                        twin[at] = was;
                        tried += 1;
                    }
                    let mut twin = signed.clone();
                    for at in 0..twin.len() {
                        twin[at] ^= 1 << (at % 8);
                        let text = show(&twin, proof.as_deref()).expect("as long");
                        assert!(!passes(&text), "byte {at} of the code");
                        twin[at] ^= 1 << (at % 8);
                        tried += 1;
                    }
                    for at in 0..proof.as_ref().map_or(0, Vec::len) {
                        let mut twin = proof.clone().expect("it has some bytes");
                        twin[at] ^= 1 << (at % 8);
                        let text = show(&signed, Some(&twin)).expect("as long");
                        assert!(!passes(&text), "byte {at} of the proof");
                        tried += 1;
                    }
                }
                (packed, tried)
            })
        });
        for half in halves.collect::<Vec<_>>() {
            let (more_packed, more_tried) = half.join().expect("no twin passed");
            packed += more_packed;
            tried += more_tried;
        }
    });
    assert!(packed >= 5, "only {packed} of them packed");
    assert!(tried > 60_000, "{tried} twins");
}

#[test]
fn every_bit_of_one_code_is_under_the_signature() {
    for suite in Suite::ALL {
        let key = new_key(suite);
        let keys = keys(&key);
        let signed = sign(&paper(), &key).expect("signed");
        for at in 0..signed.len() {
            // SM2 is slow in pure Rust, so it gets one bit a byte.
            for bit in (0..8).filter(|bit| suite == Suite::P256 || *bit == at % 8) {
                let mut twin = signed.clone();
                twin[at] ^= 1 << bit;
                let checked = verify(&to_digits(&twin).expect("fits"), &keys, in_force, NOW);
                assert_ne!(checked.verdict, Verdict::Passed, "{at}.{bit}");
                assert_eq!(checked.code, None, "nothing of it is told");
            }
        }
    }
}

/// A message of ours with other parts, signed rightly.
fn signed_parts(payload: Vec<u8>, private: Option<(i64, u64)>, key: &PrivateKey) -> String {
    let id = key_id(key.spki());
    let protected = Protected { key_id: &id, kind: None, private };
    to_digits(&cose::sign(&protected, payload, &[], key).expect("signed")).expect("fits")
}

#[test]
fn what_stands_outside_the_signature_can_be_written_in_one_way_only() {
    let key = new_key(Suite::P256);
    let keys = keys(&key);
    let signed = sign(&paper(), &key).expect("signed");
    let said = |bytes: &[u8]| worst(&to_digits(bytes).expect("fits"), &keys);
    let Some(Value::Tag(18, inner)) = read_cbor(&signed) else { panic!("no tag") };
    assert_eq!(said(&signed[1..]), "offline.malformed", "without the tag");
    let twice = Value::Tag(61, Box::new(Value::Tag(18, inner.clone())));
    assert_eq!(said(&write_cbor(&twice)), "offline.malformed");
    let Value::Array(mut parts) = *inner else { panic!("no array") };
    parts[1] = map(vec![(Value::from(33), Value::Bytes(vec![0; 8]))]);
    let more = Value::Tag(18, Box::new(Value::Array(parts)));
    assert_eq!(said(&write_cbor(&more)), "offline.malformed", "something unprotected");
    assert_eq!(said(&[&signed[..], &[0]].concat()), "offline.malformed");
}

#[test]
fn claims_of_a_known_key_are_read_in_one_way_only() {
    let key = new_key(Suite::P256);
    let keys = keys(&key);
    // With room for something more.
    let mut code = paper();
    code.fields.clear();
    code.license = LicenseRef::Short([9; 12]);
    let plain = claims::write(&code);
    let good = signed_parts(plain.clone(), None, &key);
    assert_eq!(verify(&good, &keys, in_force, NOW).verdict, Verdict::Passed);
    let said = |payload: Vec<u8>, private| worst(&signed_parts(payload, private, &key), &keys);
    let Some(Value::Map(entries)) = read_cbor(&plain) else { panic!("no map") };
    let mut turned = entries.clone();
    turned.reverse();
    assert_eq!(said(write_cbor(&Value::Map(turned)), None), "offline.malformed", "another order");
    for at in 0..entries.len() {
        // Not before and audience may be missing, but then it is another code: this one has both or neither.
        let mut fewer = entries.clone();
        let (label, _) = fewer.remove(at);
        if label != Value::from(3) {
            assert_eq!(said(write_cbor(&Value::Map(fewer)), None), "offline.malformed", "without {label:?}");
        }
        let mut twice = entries.clone();
        twice.insert(at, entries[at].clone());
        assert_eq!(said(write_cbor(&Value::Map(twice)), None), "offline.malformed", "{label:?} twice");
    }
    let mut more = entries.clone();
    more.push((Value::from(7), Value::from(7)));
    assert_eq!(said(write_cbor(&map(more)), None), "offline.malformed", "a claim more");
    let mut eight_days = entries.clone();
    for (label, value) in &mut eight_days {
        if *label == Value::from(4) {
            *value = Value::from(paper().from.plus(Duration::from_secs(8 * 86_400)).seconds());
        }
    }
    assert_eq!(said(write_cbor(&map(eight_days)), None), "offline.malformed", "a life of eight days");
    assert_eq!(said(plain.clone(), Some((PACKED, DEFLATE))), "offline.malformed", "not packed");
    assert_eq!(said(plain, Some((PACKED, 0))), "offline.malformed", "packed in no way that we know");
}

#[test]
fn a_bomb_of_a_known_key_is_not_unpacked() {
    use std::io::Write;
    let key = new_key(Suite::P256);
    let mut packed = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&[0; 200_000]).expect("in memory");
    let bomb = signed_parts(packed.finish().expect("in memory"), Some((PACKED, DEFLATE)), &key);
    assert_eq!(worst(&bomb, &keys(&key)), "offline.malformed");
}

#[test]
fn a_status_list_signed_with_the_same_key_is_no_code() {
    let key = new_key(Suite::P256);
    let id = key_id(key.spki());
    let token = crate::formats::status_list::ListToken {
        uri: "https://x.example/1".into(),
        issued: NOW,
        expires: NOW.plus(Duration::from_secs(60)),
        ttl: Duration::ZERO,
        list: crate::formats::status_list::StatusList::new(crate::formats::status_list::Bits::One, 8),
    };
    let list = crate::formats::status_list::sign_cwt(&token, &id, &key).expect("signed");
    assert_eq!(worst(&to_digits(&list).expect("fits"), &keys(&key)), "offline.malformed");
    // Nor is a code a list.
    let code = sign(&paper(), &key).expect("signed");
    let expected = crate::formats::status_list::Expected { uri: "https://x.example/1", most_entries: 8 };
    let public = PublicKey::from_spki(key.spki()).expect("a key");
    let refused = crate::formats::status_list::read_cwt(&code, &public, &expected);
    assert_eq!(refused.map_err(|why| why.code()), Err("status_list.type"));
}
