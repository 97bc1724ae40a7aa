//! Packages as others lay them out, sealed and judged; and those that are refused.

use super::*;
use crate::crypto::Signer as _;
use crate::documents::Known;
use crate::documents::ofd::examine;
use crate::documents::ofd::seal::{Sealing, begin};
use crate::documents::ofd::testing::{keep, unpacked};
use crate::domain::report::judge::{Policy, judge_ofd};
use crate::domain::report::{Report, Verdict};
use crate::formats::eseal::Version;
use crate::formats::eseal::testing::SmPki;
use crate::formats::x509::testing::DAY;
use std::io::{Cursor, Write as _};
use std::sync::LazyLock;

const SIZE: (f32, f32) = (42.0, 42.0);
const SPOT: Spot = Spot { page: 0, x: 60.0, y: 80.0 };

static PKI: LazyLock<SmPki> = LazyLock::new(SmPki::new);

/// Parts of a contract of two pages, with other names and another prefix than ours.
fn parts() -> Vec<(&'static str, String)> {
    let namespace = "http://www.ofdspec.org/2016";
    let page = |text: &str| {
        format!(
            r#"<o:Page xmlns:o="{namespace}"><o:Template TemplateID="5" ZOrder="Background"/><o:Content><o:Layer ID="8"><o:TextObject ID="9" Boundary="20 40 100 10" Font="3" Size="5"><o:TextCode X="0" Y="5" DeltaX="g 4 5 6">{text}</o:TextCode></o:TextObject></o:Layer></o:Content></o:Page>"#
        )
    };
    vec![
        (
            "OFD.xml",
            format!(
                r#"<?xml version="1.0" encoding="UTF-8"?><o:OFD xmlns:o="{namespace}" Version="1.0" DocType="OFD"><o:DocBody><o:DocInfo><o:DocID>0</o:DocID></o:DocInfo><o:DocRoot>Main/Doc.xml</o:DocRoot></o:DocBody></o:OFD>"#
            ),
        ),
        (
            "Main/Doc.xml",
            format!(
                r#"<o:Document xmlns:o="{namespace}"><o:CommonData><o:MaxUnitID>9</o:MaxUnitID><o:PageArea><o:PhysicalBox>0 0 210 297</o:PhysicalBox></o:PageArea><o:TemplatePage ID="5" BaseLoc="T.xml"/></o:CommonData><o:Pages><o:Page ID="1" BaseLoc="P0.xml"/><o:Page ID="2" BaseLoc="P1.xml"/></o:Pages></o:Document>"#
            ),
        ),
        (
            "Main/T.xml",
            format!(
                r#"<o:Page xmlns:o="{namespace}"><o:Content><o:Layer ID="6"><o:TextObject ID="7" Boundary="0 0 10 10" Size="5"><o:TextCode X="0" Y="5" DeltaX="5">合同</o:TextCode></o:TextObject></o:Layer></o:Content></o:Page>"#
            ),
        ),
        ("Main/P0.xml", page("甲方（盖章）")),
        ("Main/P1.xml", page("乙方（盖章）")),
    ]
}

fn zipped(parts: &[(&str, String)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().last_modified_time(zip::DateTime::default());
    for (path, content) in parts {
        zip.start_file(*path, options).expect("a new name");
        zip.write_all(content.as_bytes()).expect("memory");
    }
    zip.finish().expect("finished").into_inner()
}

fn sealed(bytes: Vec<u8>, last: bool) -> Result<Vec<u8>, NotSealable> {
    let brought = BroughtOfd::open(bytes)?;
    let mut stamps = vec![brought.stamp(SPOT, SIZE)?];
    stamps.extend(brought.slices(SIZE)?);
    let ofd = brought.into_sealable();
    let seal = PKI.sealed(Version::V4).raw;
    let time = PKI.now.plus(DAY * 2);
    let sealing =
        Sealing { version: Version::V4, seal: &seal, signer_x509: &PKI.seal, stamps: &stamps, time, last };
    let pending = begin(ofd, &sealing)?;
    let signature = PKI.seal_key.sign(pending.to_sign()).expect("signs");
    let token = PKI.token(&signature, time);
    Ok(pending.signed(signature).finish(Some(&token))?)
}

fn report(bytes: &[u8]) -> Report {
    let (trust, x509s, crls) = (PKI.trust(), [PKI.ca.clone()], PKI.crls(&[]));
    let facts =
        examine(bytes, Known { x509s: &x509s, crls: &crls, ..Known::of(&trust) }).expect("an OFD file");
    judge_ofd(&facts, &Policy::default(), PKI.now.plus(DAY * 3))
}

#[test]
fn a_package_of_others_is_sealed_and_only_named_anew() {
    let original = zipped(&parts());
    let bytes = sealed(original.clone(), false).expect("sealed");
    keep("brought-unsealed.ofd", &original);
    let (before, after) = (unpacked(&original), unpacked(&bytes));
    for (path, content) in before.iter().filter(|(path, _)| *path != "OFD.xml") {
        assert_eq!(after.get(path), Some(content), "{path} was touched");
    }
    let entry = String::from_utf8(after["OFD.xml"].clone()).expect("UTF-8");
    let named = "</o:DocRoot><o:Signatures>/Main/Signs/Signatures.xml</o:Signatures></o:DocBody>";
    assert!(entry.contains(named), "{entry}");
    assert!(after.contains_key("Main/Signs/Sign_0/Signature.xml"));
    let report = report(&bytes);
    assert_eq!(report.verdict, Verdict::Passed, "{:#?}", report.findings);
    for code in ["reference.intact", "ses.signature_right", "ses.data_intact", "mark.inside", "cover.whole"] {
        assert!(report.has(code), "{code}: {:#?}", report.findings);
    }
}

#[test]
fn a_second_seal_leaves_the_first_and_the_last_locks() {
    let first = sealed(zipped(&parts()), false).expect("sealed");
    let second = sealed(first.clone(), true).expect("sealed again");
    let (before, after) = (unpacked(&first), unpacked(&second));
    for (path, content) in before.iter().filter(|(path, _)| !path.ends_with("Signatures.xml")) {
        assert_eq!(after.get(path), Some(content), "{path} was touched");
    }
    let report = report(&second);
    assert_eq!(report.verdict, Verdict::Passed, "{:#?}", report.findings);
    assert_eq!(report.seals.len(), 2);
    assert_eq!(sealed(second, false).err().map(|why| why.code()), Some("seal_job.locked"));
}

#[test]
fn words_are_found_where_they_stand() {
    let brought = BroughtOfd::open(zipped(&parts())).expect("open");
    let find = |words| brought.find(words).expect("searched");
    // From the middle of the first character, at 22.5, to that of the last, 4 times 5 and 6 further.
    assert_eq!(find("乙方(盖章)"), [Spot { page: 1, x: 35.5, y: 43.25 }]);
    let pages = |words| find(words).iter().map(|spot| spot.page).collect::<Vec<_>>();
    assert_eq!((pages("盖章"), pages("合同"), pages("丙方")), (vec![0, 1], vec![0, 1], vec![]));
}

#[test]
fn what_cannot_be_sealed_says_why() {
    let code = |bytes: Vec<u8>| sealed(bytes, false).err().map(|why| why.code());
    let with = |path: &'static str, from: &str, to: &str| {
        let mut parts = parts();
        let part = parts.iter_mut().find(|(known, _)| *known == path).expect("it is there");
        assert!(part.1.contains(from), "{from}");
        part.1 = part.1.replacen(from, to, 1);
        zipped(&parts)
    };
    assert_eq!(code(zipped(&parts())), None);
    assert_eq!(code(b"PK\x03\x04".to_vec()), Some("format.broken"));
    let permissions = "<o:Permissions><o:Signature>false</o:Signature></o:Permissions></o:Document>";
    assert_eq!(code(with("Main/Doc.xml", "</o:Document>", permissions)), Some("seal_job.locked"));
    let listed = [&parts()[..], &[(ENTRY_LIST, "<DocEntries/>".to_owned())]].concat();
    assert_eq!(code(zipped(&listed)), Some("seal_job.locked"));
    assert_eq!(code(with("Main/Doc.xml", "P1.xml", "P2.xml")), Some("seal_job.not_updatable"));
    assert_eq!(code(with("Main/Doc.xml", "ID=\"2\"", "ID=\"x\"")), Some("seal_job.not_updatable"));
    assert_eq!(code(with("Main/Doc.xml", "0 0 210 297", "0 0")), Some("seal_job.not_updatable"));
    assert_eq!(code(with("Main/Doc.xml", "P1.xml", "P0.xml")), Some("seal_job.not_updatable"));
    let brought = BroughtOfd::open(zipped(&parts())).expect("open");
    let stamp = |page, x| brought.stamp(Spot { page, x, ..SPOT }, SIZE).err().map(|why| why.code());
    assert_eq!((stamp(0, 60.0), stamp(0, 200.0)), (None, Some("seal_job.over_the_edge")));
    assert_eq!(
        (stamp(2, 60.0), stamp(0, f32::NAN)),
        (Some("seal_job.no_such_page"), Some("seal_job.over_the_edge"))
    );
}
