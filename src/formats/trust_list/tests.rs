use super::testing::{ListKey, entry, list};
use super::*;
use crate::crypto::Suite;
use crate::domain::trust_list::{Entry, ServiceKind, Territory, TrustList};
use crate::formats::cms;
use crate::formats::testing::keep_seed;
use crate::formats::x509::testing::{DAY, TestPki};
use proptest::prelude::*;
use serde_json::{Value, json};

fn whole(pki: &TestPki) -> TrustList {
    let ca = Entry {
        valid_until: Some(pki.now.plus(DAY * 90)),
        withdrawn_since: Some(pki.now.plus(DAY * 3)),
        areas: vec![Territory::parse("440303").expect("a code")],
        crl_addresses: vec!["http://crl.example/ca.crl".into()],
        crls: pki.crls(&[])[1..].to_vec(),
        note: Some("旧根".into()),
        ..entry(ServiceKind::IssuingCa, &pki.ca, pki.now)
    };
    let again = entry(ServiceKind::IssuingCa, &pki.ca, pki.now.plus(DAY * 3));
    let entries = vec![
        entry(ServiceKind::RootCa, &pki.root, pki.now),
        ca,
        again,
        entry(ServiceKind::TimeStamping, &pki.tsa, pki.now),
        entry(ServiceKind::TimeStamping, &pki.ca, pki.now),
    ];
    list("440300", pki.now, entries)
}

fn malformed(opened: Result<Opened, OpenFault>) -> String {
    match opened {
        Err(OpenFault::Malformed { place, .. }) => place,
        other => format!("{other:?}"),
    }
}

#[test]
fn a_signed_list_reads_back_in_both_suites() {
    let pki = TestPki::new();
    for suite in Suite::ALL {
        let key = ListKey::new(&pki, suite);
        let list = whole(&pki);
        let opened = open(&key.sign(&list)).expect("opens");
        assert!(opened.list == list && opened.signer_x509 == key.x509 && opened.json == to_json(&list));
        assert!(check_signer(&opened.signer_x509, pki.now).is_ok());
    }
}

#[test]
fn seeds_for_the_fuzzers() {
    let pki = TestPki::new();
    for suite in Suite::ALL {
        let signed = ListKey::new(&pki, suite).sign(&whole(&pki));
        keep_seed(&format!("corpus/trust_list/list-{}.p7m", suite.name()), &signed);
    }
    let small = list("990100", pki.now, Vec::new());
    keep_seed("corpus/trust_list/empty.json", &to_json(&small));
    keep_seed("corpus/trust_list/whole.json", &to_json(&whole(&pki)));
}

#[test]
fn signers_are_for_lists_and_valid() {
    let pki = TestPki::new();
    let key = ListKey::new(&pki, Suite::P256);
    assert!(matches!(check_signer(&key.x509, pki.now.minus(DAY)), Err(SignerFault::NotValid { .. })));
    assert!(matches!(check_signer(&key.x509, pki.now.plus(DAY * 1001)), Err(SignerFault::NotValid { .. })));
    for unfit in [&pki.seal, &pki.tsa, &pki.ca, &pki.root] {
        assert_eq!(check_signer(unfit, pki.now), Err(SignerFault::Unfit));
    }
    assert_eq!(check_signer(b"x", pki.now), Err(SignerFault::Unreadable));
}

#[test]
fn what_is_not_signed_is_not_opened() {
    let pki = TestPki::new();
    let key = ListKey::new(&pki, Suite::P256);
    let json = to_json(&whole(&pki));
    let not_signed = |bytes: &[u8]| matches!(open(bytes), Err(OpenFault::NotSigned(_)));
    assert!(not_signed(&json) && not_signed(b"") && not_signed(b"\x30\x80"));
    assert_eq!(open(&vec![0x30; MAX_BYTES + 1]), Err(OpenFault::TooLarge));
    let signed = key.sign_json(&json);
    assert!(not_signed(&[signed.as_slice(), b"x"].concat()), "something behind it");
    // Detached, and of another content type.
    let attributes = cms::signed_attributes(Suite::P256, &Suite::P256.digest(&json), &key.x509, cms::DATA);
    let parts = cms::Assembly {
        suite: Suite::P256,
        signer_x509: &key.x509,
        other_x509s: &[],
        signed_attributes: &attributes,
        signature: &cms::read(&signed).expect("reads").signature,
        timestamp_token: None,
        econtent: None,
    };
    assert!(not_signed(&cms::assemble(&parts).expect("made")));
    let token = cms::Assembly { econtent: Some((cms::TST_INFO, &json)), ..parts };
    assert!(not_signed(&cms::assemble(&token).expect("made")));
    // Another document under the same signature.
    let other = String::from_utf8(json.clone()).expect("text").replace("\"sequence\": 7", "\"sequence\": 8");
    let swapped = cms::Assembly { econtent: Some((cms::DATA, other.as_bytes())), ..token };
    assert_eq!(open(&cms::assemble(&swapped).expect("made")), Err(OpenFault::WrongSignature));
}

#[test]
fn a_changed_byte_never_changes_what_is_read() {
    let pki = TestPki::new();
    let key = ListKey::new(&pki, Suite::P256);
    let list = list("440300", pki.now, vec![entry(ServiceKind::RootCa, &pki.root, pki.now)]);
    let signed = key.sign(&list);
    for place in 0..signed.len() {
        let mut twin = signed.clone();
        twin[place] ^= 1;
        if let Ok(opened) = open(&twin) {
            // Only in the frame, which nobody signs.
            assert_eq!((opened.list, opened.signer_x509), (list.clone(), key.x509.clone()), "byte {place}");
        }
    }
}

#[test]
fn every_member_is_checked() {
    let pki = TestPki::new();
    let key = ListKey::new(&pki, Suite::P256);
    let good: Value = serde_json::from_slice(&to_json(&whole(&pki))).expect("JSON");
    let twin = |pointer: &str, value: Value| {
        let mut twin = good.clone();
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        let parent = twin.pointer_mut(parent).expect("there");
        match name.parse::<usize>() {
            Ok(index) => parent[index] = value,
            Err(_) => _ = parent.as_object_mut().expect("an object").insert(name.to_owned(), value),
        }
        malformed(open(&key.sign_json(&serde_json::to_vec(&twin).expect("JSON"))))
    };
    let same = good["sequence"].clone();
    assert!(twin("/sequence", same).starts_with("Ok("), "the form itself is free");
    // What JSON itself refuses has no place of its own.
    for pointer in ["/extra", "/territory/extra", "/operator/extra", "/entries/0/extra"] {
        assert_eq!(twin(pointer, json!(1)), "", "{pointer}");
    }
    for (pointer, value) in [
        ("/sequence", json!(-1)),
        ("/sequence", json!("7")),
        ("/entries", json!({})),
        ("/entries/0/areas", json!([1])),
        ("/entries/0/name", json!("x")),
    ] {
        assert_eq!(twin(pointer, value), "", "{pointer}");
    }
    let long = "长".repeat(101);
    for (pointer, value, place) in [
        ("/format", json!("yinzheng/trust-list/2"), "/format"),
        ("/sequence", json!(0), "/sequence"),
        ("/sequence", json!(u64::MAX), "/sequence"),
        ("/territory/code", json!("4403"), "/territory/code"),
        ("/territory/name/zh", json!(""), "/territory/name/zh"),
        ("/territory/name/en", json!(" x"), "/territory/name/en"),
        ("/operator/zh", json!(long), "/operator/zh"),
        ("/operator/en", json!("a\u{202e}b"), "/operator/en"),
        ("/issued", json!("2027-01-15 08:00:00"), "/issued"),
        ("/issued", json!("2027-01-15T08:00:00+00:00"), "/issued"),
        ("/issued", json!("2027-02-30T08:00:00Z"), "/issued"),
        ("/next_update", json!("2027-01-15T08:00:00Z"), "/next_update"),
        ("/next_update", json!("2028-01-15T08:00:00Z"), "/next_update"),
        ("/entries/0/service", json!("ca"), "/entries/0/service"),
        ("/entries/0/status", json!("revoked"), "/entries/0/status"),
        ("/entries/0/status", json!("withdrawn"), "/entries/0/since"),
        ("/entries/1/status", json!("granted"), "/entries/1/since"),
        ("/entries/1/since", json!("yesterday"), "/entries/1/since"),
        ("/entries/0/valid_from", json!(""), "/entries/0/valid_from"),
        ("/entries/1/valid_until", json!("2020-01-01T00:00:00Z"), "/entries/1/valid_until"),
        ("/entries/0/x509", json!("!"), "/entries/0/x509"),
        ("/entries/0/x509", json!("MAA="), "/entries/0/x509"),
        ("/entries/0/x509", good["entries"][3]["x509"].clone(), "/entries/0/x509"),
        ("/entries/3/service", json!("issuing-ca"), "/entries/3/x509"),
        ("/entries/4/service", json!("seal-maker"), "/entries/4/x509"),
        ("/entries/1/areas", json!(["440400"]), "/entries/1/areas"),
        ("/entries/1/areas", json!(["440303", "440303"]), "/entries/1/areas"),
        ("/entries/1/crl_addresses", json!(["javascript:x"]), "/entries/1/crl_addresses"),
        ("/entries/1/crl_addresses", json!(["http://a b"]), "/entries/1/crl_addresses"),
        ("/entries/1/crls", json!(["MAA="]), "/entries/1/crls"),
        ("/entries/3/crls", good["entries"][1]["crls"].clone(), "/entries/3/crls"),
        ("/entries/1/note", json!("a\nb"), "/entries/1/note"),
        ("/entries/3", good["entries"][0].clone(), "/entries/3"),
        // The second period of a body would begin within its first.
        ("/entries/1/since", json!("2027-02-15T08:00:00Z"), "/entries/2"),
    ] {
        assert_eq!(twin(pointer, value), place, "{pointer}");
    }
    // A member that stands twice.
    let text = String::from_utf8(to_json(&whole(&pki))).expect("text");
    let twice = text.replacen("\"sequence\": 7", "\"sequence\": 7, \"sequence\": 7", 1);
    assert_eq!(malformed(open(&key.sign_json(twice.as_bytes()))), "");
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(malformed(open(&key.sign_json(deep.as_bytes()))), "");
}

#[test]
fn a_list_has_a_bounded_number_of_entries() {
    let pki = TestPki::new();
    let key = ListKey::new(&pki, Suite::P256);
    let small = json!({
        "service": "timestamping", "name": { "zh": "a", "en": "a" }, "status": "granted",
        "valid_from": "2027-01-15T08:00:00Z", "x509": "",
    });
    let mut wire: Value = serde_json::from_slice(&to_json(&whole(&pki))).expect("JSON");
    wire["entries"] = Value::Array(vec![small; MAX_ENTRIES + 1]);
    assert_eq!(malformed(open(&key.sign_json(&serde_json::to_vec(&wire).expect("JSON")))), "/entries");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn nothing_makes_the_readers_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = open(&bytes);
        let _ = from_json(&bytes);
    }

    #[test]
    fn broken_documents_are_refused_or_read(
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        static JSON: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
        let mut json = JSON.get_or_init(|| to_json(&whole(&TestPki::new()))).clone();
        for (place, byte) in cuts {
            let place = place.index(json.len());
            json[place] = byte;
        }
        if let Ok(list) = from_json(&json) {
            // What is read is written and read as the same.
            prop_assert_eq!(from_json(&to_json(&list)).expect("reads"), list);
        }
    }
}
