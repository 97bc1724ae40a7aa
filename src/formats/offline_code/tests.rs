//! Codes made, read and changed: each good one has twins with one thing changed, and what is said of them is asserted.

mod changes;
mod limits;

use super::*;
use crate::crypto::{PrivateKey, Signer, Suite};
use crate::domain::offline_code::testing::{NOW, key_facts, paper, phone};
use crate::domain::offline_code::{DeviceKey, Examined, LicenseRef, Medium, OfflineCode};
use crate::domain::report::Verdict;
use crate::domain::status_list::{Entry, StatusRef, Untold};
use crate::domain::time::Timestamp;
use crate::formats::x509::testing::new_key;
use std::time::Duration;

/// The point of a P-256 key.
fn device(key: &PrivateKey) -> DeviceKey {
    let public = crate::crypto::PublicKey::from_spki(key.spki()).expect("a key");
    let mut x = [0; 32];
    x.copy_from_slice(&public.point()[1..33]);
    DeviceKey { x, odd: public.point()[64] % 2 == 1 }
}

fn keys(key: &PrivateKey) -> IssuerKeys {
    let mut keys = IssuerKeys::default();
    assert!(keys.add(key.spki(), key_facts()));
    keys
}

fn in_force(_: &StatusRef) -> Result<Entry, Untold> {
    let expires = NOW.plus(Duration::from_secs(3600));
    Ok(Entry { value: 0, issued: NOW, ttl: Duration::from_secs(900), expires })
}

/// The finding that decides.
fn worst(text: &str, keys: &IssuerKeys) -> &'static str {
    let checked = verify(text, keys, in_force, NOW);
    assert_ne!(checked.verdict, Verdict::Passed);
    checked.findings.iter().max_by_key(|finding| finding.weight).expect("a finding").code
}

#[test]
fn a_code_on_paper_comes_back_as_it_was() {
    for suite in Suite::ALL {
        let key = new_key(suite);
        let text = to_digits(&sign(&paper(), &key).expect("signed")).expect("fits");
        let checked = verify(&text, &keys(&key), in_force, NOW);
        assert_eq!((checked.verdict, checked.shown), (Verdict::Passed, None), "{:?}", checked.findings);
        assert_eq!(checked.code, Some(paper()));
        // As a scanner, or a person, may deliver it.
        let grouped: Vec<&str> =
            text.as_bytes().chunks(4).filter_map(|c| std::str::from_utf8(c).ok()).collect();
        let wide: String =
            text.chars().filter_map(|c| char::from_u32(c as u32 - '0' as u32 + '０' as u32)).collect();
        for delivered in [format!("{text}\r\n"), grouped.join(" "), grouped.join("-"), wide] {
            assert_eq!(verify(&delivered, &keys(&key), in_force, NOW), checked);
        }
    }
}

#[test]
fn a_code_on_a_phone_is_good_with_its_device_only() {
    let (key, phone_key, other) = (new_key(Suite::P256), new_key(Suite::P256), new_key(Suite::P256));
    let keys = keys(&key);
    let code = phone(device(&phone_key));
    let signed = sign(&code, &key).expect("signed");
    let shown = |proof: &[u8]| on_phone(&signed, proof).expect("fits");
    let proof = prove(&signed, NOW, "租房", &phone_key).expect("signed");
    let checked = verify(&shown(&proof), &keys, in_force, NOW);
    assert_eq!((checked.verdict, checked.code), (Verdict::Passed, Some(code.clone())));
    assert!(checked.shown.is_some());

    let later = NOW.plus(Duration::from_secs(91));
    let stale = verify(&shown(&proof), &keys, in_force, later);
    assert!(stale.findings.iter().any(|f| f.code == "offline.proof_stale"));
    assert_eq!(worst(&to_digits(&signed).expect("fits"), &keys), "offline.no_proof");
    let others = prove(&signed, NOW, "租房", &other).expect("signed");
    assert_eq!(worst(&shown(&others), &keys), "offline.proof_forged");
    let again = sign(&code, &key).expect("signed");
    assert_eq!(
        worst(&on_phone(&again, &proof).expect("fits"), &keys),
        "offline.proof_forged",
        "another code"
    );
    for wrong in [&[][..], &proof[1..], b"\xd2\x84"] {
        assert_eq!(worst(&shown(wrong), &keys), "offline.proof_malformed");
    }
    let no_purpose = prove(&signed, NOW, "", &phone_key).expect("signed");
    assert_eq!(worst(&shown(&no_purpose), &keys), "offline.proof_malformed");
    // A code of paper gets no better with a proof.
    let on_paper = sign(&paper(), &key).expect("signed");
    let proof = prove(&on_paper, NOW, "租房", &phone_key).expect("signed");
    assert_eq!(worst(&on_phone(&on_paper, &proof).expect("fits"), &keys), "offline.malformed");
    // The proof of one showing is told from that of the next.
    let next = prove(&signed, NOW.plus(Duration::from_secs(1)), "租房", &phone_key).expect("signed");
    assert_ne!(verify(&shown(&next), &keys, in_force, NOW).shown, checked.shown);
}

#[test]
fn only_keys_that_are_known_and_meant_count() {
    let (key, stranger) = (new_key(Suite::P256), new_key(Suite::P256));
    let keys = keys(&key);
    let by = |signer: &dyn Signer, code: &OfflineCode| {
        to_digits(&sign(code, signer).expect("signed")).expect("fits")
    };
    assert_eq!(worst(&by(&stranger, &paper()), &keys), "offline.unknown_key");
    let other = OfflineCode { issuer: "11450900MB0000002X".into(), ..paper() };
    assert_eq!(worst(&by(&key, &other), &keys), "offline.key_of_another");
    let other = OfflineCode { kind: "driving-license".into(), ..paper() };
    assert_eq!(worst(&by(&key, &other), &keys), "offline.key_not_for_kind");
    let mut twice = keys.clone();
    assert!(!twice.add(key.spki(), key_facts()), "no name stands for two keys");
    assert!(!twice.add(b"no key", key_facts()));
}

/// Signs whatever it is given in the name of one key with another.
struct Under<'a>(&'a PrivateKey, &'a PrivateKey);

impl Signer for Under<'_> {
    fn suite(&self) -> Suite {
        self.1.suite()
    }
    fn spki(&self) -> &[u8] {
        self.0.spki()
    }
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, crate::crypto::SignError> {
        self.1.sign(message)
    }
}

#[test]
fn what_another_key_signed_is_forged() {
    let (p256, sm2) = (new_key(Suite::P256), new_key(Suite::Sm2));
    for (key, forger, said) in [
        (&p256, &new_key(Suite::P256), "offline.forged"),
        (&sm2, &new_key(Suite::Sm2), "offline.forged"),
        // The code says which algorithm it has, and is not believed.
        (&p256, &sm2, "offline.wrong_algorithm"),
        (&sm2, &p256, "offline.wrong_algorithm"),
    ] {
        let code = sign(&paper(), &Under(key, forger)).expect("signed");
        let text = to_digits(&code).expect("fits");
        assert_eq!(worst(&text, &keys(key)), said);
        assert_eq!(verify(&text, &keys(key), in_force, NOW).code, None, "nothing of it is told");
    }
}

#[test]
fn every_status_reaches_the_verdict() {
    let key = new_key(Suite::P256);
    let text = to_digits(&sign(&paper(), &key).expect("signed")).expect("fits");
    let with = |entry: Result<Entry, Untold>| {
        let checked = verify(
            &text,
            &keys(&key),
            |asked| {
                assert_eq!(*asked, paper().status);
                entry
            },
            NOW,
        );
        (checked.verdict, checked.findings.last().expect("a finding").code)
    };
    let value = |value| in_force(&paper().status).map(|entry| Entry { value, ..entry });
    assert_eq!(with(value(0)), (Verdict::Passed, "offline.status_valid"));
    assert_eq!(with(value(1)), (Verdict::Failed, "offline.status_ended"));
    assert_eq!(with(Err(Untold::NoList)), (Verdict::Indeterminate, "offline.status_no_list"));
}

#[test]
fn what_may_not_be_said_is_not_signed() {
    let key = new_key(Suite::P256);
    let code = OfflineCode { kind: "Business License".into(), ..paper() };
    let Err(NotWritten::Faults(faults)) = sign(&code, &key) else { panic!("signed") };
    assert_eq!(faults.iter().map(|f| f.code).collect::<Vec<_>>(), ["offline.kind"]);
    let fields = (10..22).map(|n| (format!("f{n}"), "风".repeat(60))).collect();
    let long = sign(&OfflineCode { fields, ..paper() }, &key).expect("signed");
    // So much of the same packs well.
    assert!(to_digits(&long).is_ok());
    let fields = (10..22_u32)
        .map(|n| {
            let value = (0..60).filter_map(|at| char::from_u32(0x4e00 + (n * 7919 + at * 104_729) % 20_000));
            (format!("f{n}"), value.collect())
        })
        .collect();
    let long = sign(&OfflineCode { fields, ..paper() }, &key).expect("signed");
    assert!(matches!(to_digits(&long), Err(NotWritten::TooLong(digits)) if digits > MOST_DIGITS));
}

#[test]
fn seeds_for_the_fuzzer() {
    let (p256, sm2, phone_key) = (new_key(Suite::P256), new_key(Suite::Sm2), new_key(Suite::P256));
    let keep = |name: &str, bytes: &[u8]| {
        crate::formats::testing::keep_seed(&format!("corpus/offline_code/{name}"), bytes);
    };
    for (name, key) in [("p256", &p256), ("sm2", &sm2)] {
        let text = to_digits(&sign(&paper(), key).expect("signed")).expect("fits");
        keep(&format!("paper-{name}.txt"), text.as_bytes());
        crate::formats::testing::keep_seed(&format!("known/offline/{name}.spki"), key.spki());
    }
    let code = sign(&phone(device(&phone_key)), &p256).expect("signed");
    let proof = prove(&code, NOW, "租房", &phone_key).expect("signed");
    keep("phone.txt", on_phone(&code, &proof).expect("fits").as_bytes());
    keep("no-proof.txt", to_digits(&code).expect("fits").as_bytes());
    for (name, bytes) in [("code.cbor", &code), ("proof.cbor", &proof)] {
        crate::formats::testing::keep_seed(&format!("corpus/cose/{name}"), bytes);
    }
    crate::formats::testing::keep_seed("known/offline/device.spki", phone_key.spki());
}

/// Made by `tests/tools/offline_check.py make` with cbor2, pycose and nothing of ours.
#[test]
fn codes_of_another_implementation_are_read() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/offline");
    let text = |name: &str| std::fs::read_to_string(folder.join(name)).expect("a code");
    let mut keys = IssuerKeys::default();
    assert!(keys.add(&std::fs::read(folder.join("key.spki")).expect("the key"), key_facts()));
    for name in ["paper.digits", "phone.digits"] {
        let checked = verify(&text(name), &keys, in_force, NOW);
        assert_eq!(checked.verdict, Verdict::Passed, "{name}: {:?}", checked.findings);
        let code = checked.code.expect("a code");
        assert_eq!((code.status.index, code.fields.len()), (5, 1));
        assert_eq!(checked.shown.is_some(), name.starts_with("phone"));
        let mut twin = text(name).trim().to_owned().into_bytes();
        twin[200] = if twin[200] == b'9' { b'0' } else { twin[200] + 1 };
        assert_eq!(worst(std::str::from_utf8(&twin).expect("digits"), &keys), "offline.misread");
    }
}
