//! Sealed files: what a seal covers, what the next one finds, and what independent programs say.

use super::*;
use crate::crypto::Signer as _;
use crate::documents::ofd::testing::{
    FONTS, ISSUER, SEAL, Sample, check_schemas, created, elements, keep, kind, kind_of_pages, text, unpacked,
};
use crate::documents::seal_picture;
use crate::domain::seal::{SealPicture, SealPurpose};
use crate::formats::eseal::testing::SmPki;
use crate::formats::eseal::{SealFacts, read_signature};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;
use std::process::Command;

const SIZE: (f32, f32) = (40.0, 40.0);

/// A seal with a picture of its own.
fn seal(pki: &SmPki) -> SealFacts {
    let drawing = seal_picture::draw(ISSUER, SealPurpose::License, "电子证照专用章", SEAL, &FONTS);
    let picture = seal_picture::png(&SealPicture::Drawn(drawing.expect("a seal")));
    let signers = [&pki.seal[..]];
    let content = pki.content(Version::V4, &signers);
    pki.make(&crate::formats::eseal::SealContent {
        picture: &picture,
        width_mm: 40,
        height_mm: 40,
        ..content
    })
}

fn put_on(pki: &SmPki, ofd: SealableOfd, seal: &SealFacts, stamps: &[Stamped], last: bool) -> Vec<u8> {
    let pending = begin(
        ofd,
        &Sealing {
            version: Version::V4,
            seal: &seal.raw,
            signer_x509: &pki.seal,
            stamps,
            time: created(),
            last,
        },
    )
    .expect("described");
    let signature = pki.seal_key.sign(pending.to_sign()).expect("signs");
    let signed = pending.signed(signature.clone());
    assert_eq!(signed.digest_to_stamp(), sm3(&signature));
    let token = pki.token(&signature, created());
    signed.finish(Some(&token)).expect("sealed")
}

/// The paths that a signature covers; their digests are right.
fn covered(parts: &BTreeMap<String, Vec<u8>>, folder: usize) -> Vec<String> {
    let path = format!("Doc_0/Signs/Sign_{folder}/Signature.xml");
    let description = roxmltree::Document::parse(text(parts, &path)).expect("XML");
    let references = elements(&description, "Reference");
    let check = |reference: &roxmltree::Node<'_, '_>| {
        let path = reference.attribute("FileRef").and_then(|path| path.strip_prefix('/')).expect("a path");
        let value = reference.first_element_child().and_then(|node| node.text()).expect("a digest");
        assert_eq!(value, STANDARD.encode(sm3(&parts[path])), "{path}");
        path.to_owned()
    };
    references.iter().map(check).collect()
}

#[test]
fn a_seal_covers_all_but_itself() {
    let pki = SmPki::new();
    let seal = seal(&pki);
    let kinds = crate::adapters::kinds::load(None).expect("kinds");
    // Faces with places for several are sealed in `together_tests`.
    for kind in kinds.iter().filter(|kind| kind.sealing.is_none()) {
        let ofd = Sample::of(kind).compose(&[SEAL]);
        let stamps = ofd.seal_places(None, SIZE);
        assert_eq!(stamps.len(), 1 + if kind.face.straddle { ofd.pages().len() } else { 0 });
        let bytes = put_on(&pki, ofd, &seal, &stamps, false);
        keep(&format!("{}.ofd", kind.name), &bytes);
        check_schemas(&bytes);
        let parts = unpacked(&bytes);
        let mut expected: Vec<&str> = parts.keys().map(String::as_str).collect();
        expected.retain(|path| {
            !matches!(
                *path,
                SIGNATURES | "Doc_0/Signs/Sign_0/Signature.xml" | "Doc_0/Signs/Sign_0/SignedValue.dat"
            )
        });
        let mut found = covered(&parts, 0);
        found.sort_unstable();
        assert_eq!(found, expected);

        let value = read_signature(&parts["Doc_0/Signs/Sign_0/SignedValue.dat"]).expect("a signature");
        assert!(value.signature_is_right());
        assert_eq!(value.data_hash, sm3(&parts["Doc_0/Signs/Sign_0/Signature.xml"]));
        assert_eq!(value.property, "/Doc_0/Signs/Sign_0/Signature.xml");
        assert_eq!(value.seal.raw, parts["Doc_0/Signs/Sign_0/Seal.esl"]);
    }
}

/// The page and the clip of each mark of the first seal.
fn marks(bytes: &[u8]) -> Vec<(Option<u32>, Option<String>)> {
    let parts = unpacked(bytes);
    let description = text(&parts, "Doc_0/Signs/Sign_0/Signature.xml");
    let description = roxmltree::Document::parse(description).expect("XML");
    let mark = |node: &roxmltree::Node<'_, '_>| {
        let page = node.attribute("PageRef").and_then(|id| id.parse().ok());
        (page, node.attribute("Clip").map(str::to_owned))
    };
    elements(&description, "StampAnnot").iter().map(mark).collect()
}

#[test]
fn several_pages_are_straddled_where_the_kind_says_so() {
    let pki = SmPki::new();
    let mut kinds = vec![kind("real-estate-title"), kind_of_pages(3)];
    assert!(kinds[0].face.straddle, "the kind that comes with the program");
    kinds[1].face.straddle = true;
    for kind in kinds {
        let ofd = Sample::of(&kind).compose(&[SEAL]);
        let pages: Vec<u32> = ofd.pages().iter().map(|page| page.id).collect();
        let stamps = ofd.seal_places(None, SIZE);
        let bytes = put_on(&pki, ofd, &seal(&pki), &stamps, true);
        keep(&format!("{}-straddled.ofd", kind.name), &bytes);
        check_schemas(&bytes);
        let slices = ["0 0 13.333 40", "13.333 0 13.333 40", "26.667 0 13.333 40"];
        let mut expected = vec![(Some(pages[0]), None)];
        expected.extend(pages.iter().zip(slices).map(|(page, slice)| (Some(*page), Some(slice.to_owned()))));
        assert_eq!(marks(&bytes), expected, "{}", kind.name);
    }
}

#[test]
fn several_pages_are_not_straddled_unasked() {
    let pki = SmPki::new();
    let ofd = Sample::of(&kind_of_pages(3)).compose(&[SEAL]);
    let first = ofd.pages()[0].id;
    let stamps = ofd.seal_places(None, SIZE);
    let bytes = put_on(&pki, ofd, &seal(&pki), &stamps, true);
    assert_eq!(marks(&bytes), [(Some(first), None)]);
}

#[test]
fn the_same_seal_at_the_same_time_describes_alike() {
    let pki = SmPki::new();
    let seal = seal(&pki);
    let described = || {
        let ofd = Sample::of(&kind("business-license")).compose(&[SEAL]);
        let stamps = ofd.seal_places(None, SIZE);
        let sealing = Sealing {
            version: Version::V4,
            seal: &seal.raw,
            signer_x509: &pki.seal,
            stamps: &stamps,
            time: created(),
            last: true,
        };
        begin(ofd, &sealing).expect("described").to_sign().to_vec()
    };
    assert_eq!(described(), described());
}

#[test]
fn a_second_seal_covers_the_first_and_locks() {
    let pki = SmPki::new();
    let seal = seal(&pki);
    let ofd = Sample::of(&kind("business-license")).compose(&[SEAL, SEAL]);
    let stamps = ofd.seal_places(None, SIZE);
    let first = put_on(&pki, ofd, &seal, &stamps, false);

    let ofd = SealableOfd::open(first.clone()).expect("open for the next");
    let beside = Stamped { left: stamps[0].left - 60.0, ..stamps[0] };
    assert_eq!(ofd.seal_places(None, SIZE), []);
    let second = put_on(&pki, ofd, &seal, &[beside], true);
    keep("two-seals.ofd", &second);
    check_schemas(&second);

    let (before, after) = (unpacked(&first), unpacked(&second));
    for (path, content) in before.iter().filter(|(path, _)| *path != SIGNATURES) {
        assert_eq!(after.get(path), Some(content), "{path} was touched");
    }
    covered(&after, 0);
    let found = covered(&after, 1);
    for path in ["Signature.xml", "Seal.esl", "SignedValue.dat"] {
        assert!(found.contains(&format!("Doc_0/Signs/Sign_0/{path}")), "{path}");
    }
    assert!(found.iter().any(|path| path == SIGNATURES));
    let list = roxmltree::Document::parse(text(&after, SIGNATURES)).expect("XML");
    let ids: Vec<_> = elements(&list, "Signature").iter().filter_map(|node| node.attribute("ID")).collect();
    assert_eq!(ids, ["s001", "s003"]);
    assert_eq!(elements(&list, "MaxSignId")[0].text(), Some("s004"));

    assert_eq!(SealableOfd::open(second).err(), Some(CannotSeal::Locked));
}

#[test]
fn a_seal_without_a_place_is_refused() {
    let pki = SmPki::new();
    let seal = seal(&pki);
    let attempt = |stamps: &dyn Fn(Stamped) -> Vec<Stamped>| {
        let ofd = Sample::of(&kind("business-license")).compose(&[SEAL]);
        let stamps = stamps(ofd.seal_places(None, SIZE)[0]);
        let sealing = Sealing {
            version: Version::V4,
            seal: &seal.raw,
            signer_x509: &pki.seal,
            stamps: &stamps,
            time: created(),
            last: true,
        };
        begin(ofd, &sealing).map(|_| ())
    };
    assert_eq!(attempt(&|place| vec![place]), Ok(()));
    assert_eq!(attempt(&|_| Vec::new()), Err(CannotSeal::Place));
    assert_eq!(attempt(&|place| vec![Stamped { page: 9, ..place }]), Err(CannotSeal::Place));
}

#[test]
fn openssl_accepts_the_signature_and_refuses_its_twin() {
    let pki = SmPki::new();
    let seal = seal(&pki);
    let ofd = Sample::of(&kind("business-license")).compose(&[SEAL]);
    let stamps = ofd.seal_places(None, SIZE);
    let parts = unpacked(&put_on(&pki, ofd, &seal, &stamps, true));
    let value = read_signature(&parts["Doc_0/Signs/Sign_0/SignedValue.dat"]).expect("a signature");
    let place = tempfile::tempdir().expect("a folder");
    let write = |name: &str, bytes: &[u8]| {
        let path = place.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        path
    };
    let key = write("key.der", pki.seal_key.spki());
    let signature = write("signature", &value.signature);
    let mut twin = value.signed.clone();
    *twin.last_mut().expect("bytes") ^= 1;
    for (signed, good) in [(&value.signed, true), (&twin, false)] {
        let run = Command::new("openssl")
            .args(["pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-rawin", "-digest", "sm3"])
            .args(["-pkeyopt", "distid:1234567812345678", "-inkey"])
            .arg(&key)
            .arg("-sigfile")
            .arg(&signature)
            .arg("-in")
            .arg(write("signed", signed))
            .output()
            .expect("openssl is installed");
        assert_eq!(run.status.success(), good, "{}", String::from_utf8_lossy(&run.stderr));
    }
}
