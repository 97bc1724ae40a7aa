//! Plain digital signatures of GB/T 35275: every way that writers have, alone and beside a seal, and their twins.

use super::*;
use crate::formats::cms::testing::Foreign;
use crate::formats::cms::{DATA, GM_DATA, GM_SIGNED_DATA, SIGNED_DATA, TST_INFO, signed_attributes};
use const_oid::ObjectIdentifier;

const DESCRIPTION: &str = "Doc_0/Signs/Sign_0/Signature.xml";
const VALUE: &str = "Doc_0/Signs/Sign_0/SignedValue.dat";
/// SM2 as GB/T 35275 signers name it.
const SM2_SIGN: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.1.301.1");

/// How the digest of the description stands in the signature.
#[derive(Clone, Copy, Debug)]
enum Form {
    /// It is the content.
    Inside,
    /// Base64 text of it is.
    TextInside,
    /// It is the content, left out.
    LeftOut,
    /// Signed attributes have it as their message-digest.
    Attributes,
    /// The content is inside, and signed attributes have its digest.
    AttributesOverContent,
}

const FORMS: [Form; 5] =
    [Form::Inside, Form::TextInside, Form::LeftOut, Form::Attributes, Form::AttributesOverContent];

/// How one signature is made; each test changes one thing.
struct Clerk {
    form: Form,
    listed: &'static str,
    kind: ObjectIdentifier,
    content_type: ObjectIdentifier,
    algorithm: ObjectIdentifier,
    x509: Vec<u8>,
    key: &'static PrivateKey,
    with_x509: bool,
    stamped: bool,
    /// Stands in `SignedInfo` behind the references.
    more: &'static str,
    left_out: Vec<&'static str>,
    last: bool,
}

fn clerk() -> Clerk {
    Clerk {
        form: Form::Inside,
        listed: "Sign",
        kind: GM_SIGNED_DATA,
        content_type: DATA,
        algorithm: Suite::Sm2.signature_oid(),
        x509: bench().pki.seal.clone(),
        key: &bench().pki.seal_key,
        with_x509: true,
        stamped: true,
        more: "",
        left_out: vec![],
        last: true,
    }
}

fn sign(parts: &mut Parts, by: &Clerk) {
    let (number, folder) = parts.next();
    parts.list(number, by.listed);
    let references = parts.references(Some("1.2.156.10197.1.401"), &by.left_out, by.last);
    let time: String = bench().at().to_string().chars().filter(|c| !matches!(c, '-' | ':' | 'T')).collect();
    let xml = format!(
        r#"<ofd:Signature xmlns:ofd="{NAMESPACE}"><ofd:SignedInfo><ofd:Provider ProviderName="t"/><ofd:SignatureDateTime>{time}</ofd:SignatureDateTime>{references}{}</ofd:SignedInfo><ofd:SignedValue>/{folder}/SignedValue.dat</ofd:SignedValue></ofd:Signature>"#,
        by.more
    );
    let value = value(by, &sm3(xml.as_bytes()));
    parts.put(&format!("{folder}/Signature.xml"), xml);
    parts.put(&format!("{folder}/SignedValue.dat"), value);
}

fn value(by: &Clerk, digest: &[u8; 32]) -> Vec<u8> {
    let text = STANDARD.encode(digest);
    let attributes = |over: &[u8; 32]| signed_attributes(Suite::Sm2, over, &by.x509, by.content_type);
    let (content, attributes): (Option<&[u8]>, Vec<u8>) = match by.form {
        Form::Inside => (Some(digest), Vec::new()),
        Form::TextInside => (Some(text.as_bytes()), Vec::new()),
        Form::LeftOut => (None, Vec::new()),
        Form::Attributes => (None, attributes(digest)),
        Form::AttributesOverContent => (Some(digest), attributes(&sm3(digest))),
    };
    let message = if attributes.is_empty() { content.unwrap_or(digest) } else { &attributes };
    let signature = by.key.sign(message).expect("signs");
    let token = by.stamped.then(|| bench().pki.token(&signature, bench().at()));
    let whole = Foreign {
        kind: by.kind,
        content_type: by.content_type,
        content,
        with_x509: by.with_x509,
        attributes: &attributes,
        algorithm: by.algorithm,
        token: token.as_deref(),
        ..Foreign::bare(Suite::Sm2, &by.x509, &signature)
    };
    whole.write()
}

/// A license with one plain signature and no seal.
fn signed_by(change: impl Fn(&mut Clerk)) -> Parts {
    let mut parts = unsealed(FIRST);
    let mut by = clerk();
    change(&mut by);
    sign(&mut parts, &by);
    parts
}

/// A license with a plain signature, changed so, and then its seal.
fn both(change: impl Fn(&mut Clerk)) -> Parts {
    let mut parts = unsealed(FIRST);
    let mut by = Clerk { last: false, ..clerk() };
    change(&mut by);
    sign(&mut parts, &by);
    parts.seal(&bench().sealer());
    parts
}

#[test]
fn a_good_signature_is_said_to_be_good_and_no_seal() {
    for form in FORMS {
        for (kind, content_type, algorithm) in [
            (GM_SIGNED_DATA, DATA, Suite::Sm2.signature_oid()),
            (GM_SIGNED_DATA, GM_DATA, SM2_SIGN),
            (SIGNED_DATA, DATA, SM2_SIGN),
        ] {
            let change = |by: &mut Clerk| {
                (by.form, by.kind, by.content_type, by.algorithm) = (form, kind, content_type, algorithm);
            };
            let alone = report(&signed_by(change));
            expect(&alone, "seal.only_signed", Verdict::Indeterminate);
            for code in [
                "sign.not_a_seal",
                "sign.signature_right",
                "sign.data_intact",
                "reference.intact",
                "cover.whole",
                "cover.locked",
                "chain.trusted",
                "time.proven",
                // The license asks for a seal, and a signature is none.
                "signers.missing",
            ] {
                assert!(alone.has(code), "{form:?}: {code}: {:#?}", alone.findings);
            }
            assert!(alone.seals.is_empty(), "a plain signature is no seal");
            assert!(!alone.has("license.issuer_is_signer") && !alone.has("ses.signature_right"));
            let beside = report(&both(change));
            expect(&beside, "sign.signature_right", Verdict::Passed);
            assert!(beside.has("ses.signature_right") && beside.seals.len() == 1);
        }
    }
}

#[test]
fn what_was_signed_is_the_description() {
    let changed = |parts: &Parts| {
        let mut twin = parts.clone();
        twin.replace(DESCRIPTION, r#"ProviderName="t""#, r#"ProviderName="u""#);
        twin
    };
    for form in FORMS {
        let good = both(|by| by.form = form);
        assert_eq!(report(&good).verdict, Verdict::Passed, "{form:?}");
        expect(&report(&changed(&good)), "sign.data_changed", Verdict::Failed);
        expect(&report(&changed(&signed_by(|by| by.form = form))), "sign.data_changed", Verdict::Failed);
        // A part that it covers.
        let mut twin = signed_by(|by| by.form = form);
        twin.put(PAGE, *b"<Page/>");
        expect(&report(&twin), "reference.changed", Verdict::Failed);
        // Lifted from another document.
        let mut other = unsealed(SECOND);
        sign(&mut other, &Clerk { form, ..clerk() });
        let mut twin = signed_by(|by| by.form = form);
        twin.put(VALUE, other.get(VALUE));
        expect(&report(&twin), "sign.data_changed", Verdict::Failed);
    }
    // Content of another type says nothing about the description.
    let typed = report(&signed_by(|by| by.content_type = TST_INFO));
    expect(&typed, "sign.data_changed", Verdict::Failed);
}

#[test]
fn who_signed_must_have_signed() {
    let bench = bench();
    for form in FORMS {
        let forged = report(&both(|by| (by.form, by.key) = (form, &bench.second_key)));
        assert_eq!(forged.verdict, Verdict::Failed, "{form:?}");
        assert!(forged.has("sign.signature_wrong"), "{form:?}: {:#?}", forged.findings);
    }
    expect(&report(&both(|by| by.with_x509 = false)), "signer.missing", Verdict::Indeterminate);
    let second = both(|by| (by.x509, by.key) = (bench.second.clone(), &bench.second_key));
    assert_eq!(report(&second).verdict, Verdict::Passed, "anybody who is trusted may sign");
    let stranger = SmPki::new();
    let key: &'static PrivateKey = Box::leak(Box::new(new_key(Suite::Sm2)));
    let x509 = stranger.signer_x509(FIRST, stranger.now, key);
    let unknown = report(&both(|by| (by.x509, by.key) = (x509.clone(), key)));
    assert_eq!(unknown.verdict, Verdict::Indeterminate, "{:#?}", unknown.findings);
    assert!(unknown.has("chain.unknown_root") || unknown.has("chain.bad_signature"));
    expect(&report(&both(|by| by.stamped = false)), "time.only_claimed", Verdict::Indeterminate);
}

#[test]
fn a_signature_is_to_look_like_what_it_is() {
    expect(&report(&both(|by| by.listed = "Seal")), "sign.listed_as_seal", Verdict::Indeterminate);
    let mark = r#"<ofd:StampAnnot ID="s9" PageRef="1" Boundary="150 40 42 42"/>"#;
    expect(&report(&both(|by| by.more = mark)), "sign.shows_a_seal", Verdict::Indeterminate);
    let picture = "<ofd:Seal><ofd:BaseLoc>/Doc_0/Res/song.ttf</ofd:BaseLoc></ofd:Seal>";
    expect(&report(&both(|by| by.more = picture)), "sign.shows_a_seal", Verdict::Indeterminate);
    // The other way round: a seal that the list calls a plain signature.
    expect(&report(&sealed_by(|by| by.listed = "Sign")), "ses.listed_as_sign", Verdict::Indeterminate);
}

#[test]
fn it_must_cover_what_every_signature_must() {
    for path in ["OFD.xml", "Doc_0/Document.xml", PAGE] {
        expect(&report(&both(|by| by.left_out = vec![path])), "cover.left_out", Verdict::Failed);
    }
}

#[test]
fn what_is_no_signed_data_is_named() {
    let with = |value: Vec<u8>| {
        let mut parts = signed_by(|_| {});
        parts.put(VALUE, value);
        report(&parts)
    };
    let good = signed_by(|_| {}).get(VALUE).to_vec();
    assert!(with(good.clone()).has("sign.signature_right"));
    let trailing = [good.as_slice(), &[0]].concat();
    // As ofdrw writes it: the signature value alone.
    let bare = bench().pki.seal_key.sign(b"description").expect("signs");
    for broken in [trailing, bare, b"\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02".to_vec()] {
        let report = with(broken);
        expect(&report, "sign.unreadable", Verdict::Indeterminate);
        assert!(report.has("seal.only_signed") && !report.has("sign.signature_right"));
    }
    for place in (0..good.len()).step_by(7) {
        let mut twin = good.clone();
        twin[place] ^= 1;
        assert_ne!(with(twin).verdict, Verdict::Passed, "byte {place}");
    }
}

#[test]
fn an_entry_list_is_named_and_refused() {
    let mut parts = sealed();
    assert_eq!(report(&parts).verdict, Verdict::Passed);
    parts.put("OFDEntries.xml", *b"<DocEntries/>");
    let report = report(&parts);
    expect(&report, "package.entry_list", Verdict::Indeterminate);
    assert!(report.has("cover.loose_part"));
}
