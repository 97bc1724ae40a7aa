//! A receipt and a copy as signed statements, judged by their maker's root, and their twins.

use super::super::paper::samples;
use super::super::paper::wire::{Body, Copy, Receipt};
use super::*;
use crate::domain::report::facts::Examined;
use crate::domain::report::judge::{Policy, judge_examined};
use crate::domain::report::{Report, Verdict};
use crate::domain::time::Timestamp;
use crate::formats::jws;
use crate::formats::x509::Trust;
use crate::formats::x509::crl::RevokedX509;
use crate::formats::x509::testing::{DAY, TestPki};
use serde_json::Value;
use std::time::Duration;

struct Maker {
    pki: TestPki,
    trust: Trust,
    crls: Vec<Vec<u8>>,
}

impl Maker {
    fn new() -> Self {
        let pki = TestPki::new();
        let trust = Trust::from_ders([pki.root.clone()]).expect("a root");
        let crls = pki.crls(&[]);
        Self { pki, trust, crls }
    }

    fn made_at(&self) -> Timestamp {
        self.pki.now.plus(DAY)
    }

    fn body(&self) -> Body {
        Body { code: "11440300MB2C12345X".into(), name: "景川市市场监督管理局".into() }
    }

    fn receipt(&self) -> Receipt {
        let made_at = self.made_at().to_string();
        Receipt { issuer: self.body(), seal: "44030000012345".into(), made_at, ..samples::receipt(2) }
    }

    fn copy(&self) -> Copy {
        let (made_at, expires_at) = (self.made_at().to_string(), self.made_at().plus(DAY * 5).to_string());
        Copy { issuer: self.body(), seal: "44030000012345".into(), made_at, expires_at, ..samples::copy() }
    }

    fn sign(&self, kind: &str, claims: &impl serde::Serialize) -> Vec<u8> {
        let claims = serde_json::to_value(claims).expect("JSON");
        let chain = [&self.pki.seal[..], &self.pki.ca];
        jws::sign(kind, &claims, &chain, &self.pki.seal_key).expect("signed").into_bytes()
    }

    fn judge(&self, file: &[u8], later: Duration) -> Report {
        let known = Known { crls: &self.crls, ..Known::of(&self.trust) };
        let examined = super::super::examine(file, known).expect("examinable");
        assert!(matches!(examined, Examined::Statement(_)));
        judge_examined(&examined, &Policy::default(), self.made_at().plus(later))
    }

    /// The verdict, and whether this was found.
    fn found(&self, file: &[u8], code: &str) -> (Verdict, bool) {
        let report = self.judge(file, DAY);
        (report.verdict, report.has(code))
    }
}

const RECEIPT: &str = "yinzheng-receipt+jwt";
const COPY: &str = "yinzheng-annotated-copy+jwt";

#[test]
fn a_receipt_passes_as_what_it_is_and_a_copy_until_its_end() {
    let maker = Maker::new();
    let report = maker.judge(&maker.sign(RECEIPT, &maker.receipt()), DAY);
    assert_eq!(report.verdict, Verdict::Passed, "{:#?}", report.findings);
    for code in [
        "jws.read",
        "jws.signature_right",
        "chain.trusted",
        "time.only_claimed",
        "paper.is_receipt",
        "paper.issuer_is_signer",
        "paper.says_then",
    ] {
        assert!(report.has(code), "{code}");
    }
    assert_eq!(report.paper.as_ref().map(|paper| paper.kind), Some(PaperKind::Receipt));
    assert_eq!(report.seals[0].seal_code.as_deref(), Some("44030000012345"));
    assert_eq!(report.seals[0].sealed_at, Some(maker.made_at()));
    let copy = maker.sign(COPY, &maker.copy());
    assert_eq!(maker.judge(&copy, DAY).verdict, Verdict::Passed);
    let over = maker.judge(&copy, DAY * 5);
    assert_eq!((over.verdict, over.has("paper.copy_expired")), (Verdict::Failed, true));
}

#[test]
fn no_byte_can_be_changed() {
    let maker = Maker::new();
    let file = maker.sign(RECEIPT, &maker.receipt());
    let content = file.iter().position(|byte| *byte == b'.').expect("parts") + 1;
    for at in 0..file.len() {
        let mut twin = file.clone();
        twin[at] = if twin[at] == b'A' { b'B' } else { b'A' };
        let known = Known { crls: &maker.crls, ..Known::of(&maker.trust) };
        let Ok(examined) = super::super::examine(&twin, known) else { continue };
        let report = judge_examined(&examined, &Policy::default(), maker.made_at().plus(DAY));
        assert_ne!(report.verdict, Verdict::Passed, "byte {at}");
    }
    let mut twin = file.clone();
    twin[content + 40] ^= 1;
    assert!(maker.found(&twin, "jws.signature_wrong").1 || maker.found(&twin, "jws.unreadable").1);
    let mut twin = file.clone();
    let last = twin.len() - 20;
    twin[last] = if twin[last] == b'A' { b'B' } else { b'A' };
    assert_eq!(maker.found(&twin, "jws.signature_wrong"), (Verdict::Failed, true));
}

#[test]
fn one_thing_changed_is_found() {
    let maker = Maker::new();
    let (receipt, copy) = (maker.receipt(), maker.copy());
    let unclear = (Verdict::Indeterminate, true);
    let failed = (Verdict::Failed, true);
    // Of another type, or of one type with the content of the other.
    assert_eq!(maker.found(&maker.sign("statuslist+jwt", &receipt), "jws.other_kind"), unclear);
    assert_eq!(maker.found(&maker.sign(RECEIPT, &copy), "jws.content_unreadable"), unclear);
    let nothing = serde_json::json!({ "schema": "yinzheng/receipt/2" });
    assert_eq!(maker.found(&maker.sign(RECEIPT, &nothing), "jws.content_unreadable"), unclear);
    // Signed by the seal of one, in the name of another.
    let other = Receipt { issuer: Body { code: "x".into(), ..maker.body() }, ..receipt.clone() };
    assert_eq!(maker.found(&maker.sign(RECEIPT, &other), "paper.other_signer"), failed);
    let other = Receipt { seal: "44030000012346".into(), ..receipt.clone() };
    assert_eq!(maker.found(&maker.sign(RECEIPT, &other), "paper.other_signer"), failed);
    // A time that cannot be read, or that has not come.
    let other = Receipt { made_at: "yesterday".into(), ..receipt.clone() };
    assert_eq!(maker.found(&maker.sign(RECEIPT, &other), "paper.times_unreadable"), unclear);
    let other = Receipt { made_at: maker.made_at().plus(DAY * 2).to_string(), ..receipt.clone() };
    assert_eq!(maker.found(&maker.sign(RECEIPT, &other), "time.in_future"), unclear);
    // Another algorithm.
    let file = String::from_utf8(maker.sign(RECEIPT, &receipt)).expect("ASCII");
    let [header, none] = ["{\"alg\":\"ES25", "{\"alg\":\"XS25"].map(|text| {
        use base64::Engine;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text)
    });
    let twin = file.replacen(&header, &none, 1);
    assert_ne!(twin, file);
    assert_eq!(maker.found(twin.as_bytes(), "jws.algorithm"), unclear);
    assert_eq!(maker.found(format!("{file}\n").as_bytes(), "jws.unreadable"), unclear);
}

#[test]
fn the_chain_decides_as_under_other_signatures() {
    let maker = Maker::new();
    let file = maker.sign(RECEIPT, &maker.receipt());
    let stranger = Maker::new();
    // A root of the same name: its signature is missed.
    let report = stranger.judge(&file, DAY);
    assert_eq!((report.verdict, report.has("chain.trusted")), (Verdict::Indeterminate, false));
    assert!(report.has("chain.bad_signature") || report.has("chain.unknown_root"), "{:#?}", report.findings);
    let unasked = Maker { crls: Vec::new(), ..maker };
    assert_eq!(unasked.found(&file, "chain.revocation_unknown"), (Verdict::Indeterminate, true));
    let maker = unasked;
    // Revoked since: nothing but its own word says that the receipt is older.
    let serial = x509::read(&maker.pki.seal).expect("our own").serial_hex;
    let at = maker.made_at().plus(DAY);
    let revoked = RevokedX509 { serial_hex: serial, at, reason: 1, invalid_since: None };
    let maker = Maker { crls: maker.pki.crls(&[revoked]), ..maker };
    assert_eq!(maker.found(&file, "chain.revoked_later"), (Verdict::Indeterminate, true));
    // Signed with the authority's own key: not one for sealing.
    let claims: Value = serde_json::to_value(maker.receipt()).expect("JSON");
    let signed = jws::sign(RECEIPT, &claims, &[&maker.pki.ca], &maker.pki.ca_key).expect("signed");
    let report = maker.judge(signed.as_bytes(), DAY);
    assert_ne!(report.verdict, Verdict::Passed);
    // The header names one, another signed.
    let signed = jws::sign(RECEIPT, &claims, &[&maker.pki.seal, &maker.pki.ca], &maker.pki.tsa_key);
    let signed = signed.expect("signed").into_bytes();
    assert_eq!(maker.found(&signed, "jws.signature_wrong"), (Verdict::Failed, true));
}
