//! Files of others, made here by hand, sealed and judged; and those that are refused.

use super::*;
use crate::crypto::{Signer as _, Suite};
use crate::documents::Known;
use crate::documents::brought::NotSearched;
use crate::documents::fonts::Fonts;
use crate::documents::pdf::examine::examine;
use crate::documents::pdf::seal;
use crate::domain::report::judge::{Policy, judge};
use crate::domain::report::{Report, Verdict};
use crate::domain::seal::SealPurpose;
use crate::formats::tsp;
use crate::formats::x509::Trust;
use crate::formats::x509::testing::{DAY, TestPki};
use lopdf::{SaveOptions, Stream, StringFormat, dictionary};
use std::sync::OnceLock;

/// How the pages of a made file differ from the plainest.
#[derive(Clone, Copy, Default)]
struct Made {
    pages: usize,
    rotate: i64,
    /// Cross-reference streams and object streams.
    streams: bool,
    /// Whether the lists that a seal is added to lie in objects of their own.
    apart: bool,
}

const ONE: Made = Made { pages: 1, rotate: 0, streams: false, apart: false };

/// A document of others with a line of text on each page.
fn document(made: Made) -> Document {
    let mut document = Document::with_version("1.7");
    let pages = document.new_object_id();
    let font = document.add_object(dictionary! {
        "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica", "Encoding" => "WinAnsiEncoding",
    });
    let kids: Vec<Object> = (0..made.pages)
        .map(|n| {
            let text = format!(
                "BT /F1 12 Tf 100 700 Td [(Party A ) -200 (\\(seal\\))] TJ 0 -50 Td (Page {n}) Tj ET"
            );
            let content = document.add_object(Stream::new(dictionary! {}, text.into_bytes()));
            let mut page = dictionary! {
                "Type" => "Page", "Parent" => pages, "Contents" => content, "Rotate" => made.rotate,
            };
            if made.apart {
                page.set("Annots", document.add_object(Object::Array(Vec::new())));
            }
            document.add_object(page).into()
        })
        .collect();
    document.objects.insert(
        pages,
        dictionary! {
            "Type" => "Pages", "Count" => made.pages as i64, "Kids" => kids,
            "MediaBox" => vec![10.into(), 20.into(), 605.into(), 862.into()],
            "Resources" => dictionary! { "Font" => dictionary! { "F1" => font } },
        }
        .into(),
    );
    let mut catalog = dictionary! { "Type" => "Catalog", "Pages" => pages };
    if made.apart {
        let fields = document.add_object(Object::Array(Vec::new()));
        let store = document.add_object(dictionary! { "Type" => "DSS" });
        let form = document.add_object(dictionary! { "Fields" => fields, "SigFlags" => 1 });
        catalog.set("AcroForm", form);
        catalog.set("DSS", store);
    }
    let catalog = document.add_object(catalog);
    document.trailer.set("Root", catalog);
    let id = Object::String(vec![7; 16], StringFormat::Hexadecimal);
    document.trailer.set("ID", vec![id.clone(), id]);
    document
}

fn saved(mut document: Document, streams: bool) -> Vec<u8> {
    let mut out = Vec::new();
    if streams {
        let options = SaveOptions::builder().use_object_streams(true).use_xref_streams(true).build();
        document.save_with_options(&mut out, options).expect("saved");
    } else {
        document.reference_table.cross_reference_type = lopdf::xref::XrefType::CrossReferenceTable;
        document.save_to(&mut out).expect("saved");
    }
    out
}

fn made(made: Made) -> Vec<u8> {
    saved(document(made), made.streams)
}

struct Bench {
    pki: TestPki,
    picture: SealPicture,
    validation: ValidationData,
}

fn bench() -> &'static Bench {
    static BENCH: OnceLock<Bench> = OnceLock::new();
    BENCH.get_or_init(|| {
        let pki = TestPki::new();
        let fonts = Fonts::embedded();
        let drawing =
            seal_picture::draw("景川市云栖茶业有限公司", SealPurpose::Business, "合同专用章", "1", &fonts);
        let validation =
            ValidationData { x509s: vec![pki.ca.clone(), pki.root.clone()], crls: pki.crls(&[]) };
        Bench { picture: SealPicture::Drawn(drawing.expect("every glyph")), validation, pki }
    })
}

const MIDDLE: Spot = Spot { page: 0, x: 60.0, y: 80.0 };

fn sealed_at(bytes: Vec<u8>, spot: Spot, straddling: bool) -> Result<Vec<u8>, NotSealable> {
    sealed_at_all(bytes, &[spot], straddling)
}

fn sealed_at_all(bytes: Vec<u8>, spots: &[Spot], straddling: bool) -> Result<Vec<u8>, NotSealable> {
    let Bench { pki, picture, validation } = bench();
    let at = pki.now.plus(DAY);
    let signature = SignatureField { name: "甲方", reason: "", claimed_time: at, contents_reserve: 8_192 };
    let (spot, also) = (spots[0], &spots[1..]);
    let seal = SpotSeal { picture, spot, also, straddling, signature, validation };
    let unsealed = BroughtPdf::open(bytes)?.with_seal(&seal)?;
    let pending = seal::begin(unsealed, Suite::P256, &pki.seal, std::slice::from_ref(&pki.ca));
    let signed = pending.clone().signed(pki.seal_key.sign(pending.to_sign()).expect("signs"));
    let parts = tsp::TokenParts {
        policy: tsp::POLICY,
        algorithm: signed.digest_algorithm(),
        imprint: &signed.digest_to_stamp(),
        serial: [9; 16],
        gen_time: at,
        nonce: None,
        with_x509: true,
    };
    let token = tsp::token(&parts, &pki.tsa, &[], &pki.tsa_key).expect("a token");
    Ok(signed.finish(Some(&token)).expect("it fits"))
}

fn sealed(bytes: Vec<u8>) -> Result<Vec<u8>, NotSealable> {
    sealed_at(bytes, MIDDLE, false)
}

fn report(bytes: &[u8]) -> Report {
    let trust = Trust::from_ders([bench().pki.root.clone()]).expect("a root");
    judge(
        &examine(bytes, Known::of(&trust)).expect("a PDF"),
        &Policy::default(),
        bench().pki.now.plus(DAY * 2),
    )
}

/// Annotations of a page.
fn annotations(document: &Document, number: u32) -> Vec<Dictionary> {
    let page = *document.get_pages().get(&number).expect("a page");
    let listed = document.get_dictionary(page).and_then(|page| page.get_deref(b"Annots", document));
    let listed = listed.and_then(Object::as_array).cloned().unwrap_or_default();
    let read = |o: &Object| document.dereference(o).and_then(|(_, o)| o.as_dict()).expect("one").clone();
    listed.iter().map(read).collect()
}

#[test]
fn every_byte_stays_and_the_seal_is_good() {
    for (streams, apart) in [(false, false), (true, false), (false, true), (true, true)] {
        for rotate in [0, 90, 180, 270] {
            let original = made(Made { pages: 2, rotate, streams, apart });
            let bytes = sealed(original.clone()).expect("sealed");
            assert!(bytes.starts_with(&original));
            let update = &bytes[original.len()..];
            let has = |what: &[u8]| memchr::memmem::find(update, what).is_some();
            assert_eq!((has(b"/Type/XRef"), has(b"\nxref\n")), (streams, !streams));
            let report = report(&bytes);
            assert_eq!(report.verdict, Verdict::Passed, "{streams} {apart}: {:#?}", report.findings);
            for code in ["integrity.intact", "chain.trusted", "time.proven", "modification.none"] {
                assert!(report.has(code), "{code}: {:#?}", report.findings);
            }
            let document = Document::load_mem(&bytes).expect("a PDF");
            let [widget] = &annotations(&document, 1)[..] else { panic!("one widget") };
            let rect = widget.get(b"Rect").and_then(Object::as_array).expect("a rectangle");
            let [a, b, c, d] = [0, 1, 2, 3].map(|n| rect[n].as_float().expect("a number"));
            let page = *document.get_pages().get(&1).expect("a page");
            let shape = Shape::of(&document, page).expect("a shape");
            let (x, y) = shape.to_display(((a + c) / 2.0, (b + d) / 2.0));
            assert!((x - MIDDLE.x).abs() < 0.01 && (y - MIDDLE.y).abs() < 0.01, "{rotate}: {x} {y}");
            let mut twin = bytes.clone();
            twin[original.len() / 2] ^= 1;
            assert_ne!(self::report(&twin).verdict, Verdict::Passed);
        }
    }
}

#[test]
fn a_seal_astride_edges_shows_a_slice_on_each_page() {
    let bytes = sealed_at(made(Made { pages: 3, ..ONE }), MIDDLE, true).expect("sealed");
    assert_eq!(report(&bytes).verdict, Verdict::Passed, "{:#?}", report(&bytes).findings);
    let document = Document::load_mem(&bytes).expect("a PDF");
    let count = |page| annotations(&document, page).len();
    assert_eq!((count(1), count(2), count(3)), (2, 1, 1));
    let subtype =
        |annotation: &Dictionary| annotation.get(b"Subtype").and_then(Object::as_name).map(<[u8]>::to_vec);
    assert_eq!(subtype(&annotations(&document, 3)[0]).expect("a name"), update::SLICE_TYPE.as_bytes());
    let refused = |bytes, straddling| sealed_at(bytes, MIDDLE, straddling).err().map(|why| why.code());
    assert_eq!(refused(made(ONE), true), Some("seal_job.one_page"));
    assert_eq!(refused(bytes.clone(), true), Some("seal_job.sealed_pages"));
    assert_eq!(refused(bytes, false), None);
}

#[test]
fn a_seal_shown_in_several_places_is_one_signature() {
    let spots = [MIDDLE, Spot { page: 1, ..MIDDLE }, Spot { page: 1, x: 120.0, ..MIDDLE }];
    let bytes = sealed_at_all(made(Made { pages: 2, ..ONE }), &spots, false).expect("sealed");
    let report = report(&bytes);
    assert_eq!((report.verdict, report.seals.len()), (Verdict::Passed, 1), "{:#?}", report.findings);
    let document = Document::load_mem(&bytes).expect("a PDF");
    assert_eq!((annotations(&document, 1).len(), annotations(&document, 2).len()), (1, 2));
    let refused = |bytes, spots: &[Spot]| sealed_at_all(bytes, spots, false).err().map(|why| why.code());
    assert_eq!(refused(bytes, &spots), Some("seal_job.sealed_pages"));
    let outside = [MIDDLE, Spot { page: 2, ..MIDDLE }];
    assert_eq!(refused(made(Made { pages: 2, ..ONE }), &outside), Some("seal_job.no_such_page"));
}

#[test]
fn words_are_found_where_they_stand() {
    let brought = BroughtPdf::open(made(Made { pages: 3, ..ONE })).expect("open");
    let spots = brought.find("(seal)").expect("searched");
    assert_eq!(spots.iter().map(|spot| spot.page).collect::<Vec<_>>(), [0, 1, 2]);
    let spot = spots[1];
    // Behind "Party A " at 100, 700 of a page whose corner is 10, 862.
    assert!((45.0..60.0).contains(&spot.x) && (54.0..58.0).contains(&spot.y), "{spot:?}");
    assert_eq!(brought.find("Page 2").expect("searched")[0].page, 2);
    assert_eq!(brought.find("Party B"), Ok(Vec::new()));
    assert_eq!(brought.find(" "), Err(NotSearched::Words));
    let rotated = BroughtPdf::open(made(Made { rotate: 90, ..ONE })).expect("open");
    let turned = rotated.find("(seal)").expect("searched")[0];
    let (width, height) = rotated.pages().next().expect("a page");
    assert!(width > height && turned.x > 0.0 && turned.x < width && turned.y < height, "{turned:?}");
}

#[test]
fn what_cannot_be_sealed_says_why() {
    let code = |bytes: Vec<u8>| sealed(bytes).err().map(|why| why.code());
    let with = |change: &dyn Fn(&mut Document)| {
        let mut document = document(ONE);
        change(&mut document);
        saved(document, false)
    };
    let catalog = |key: &'static str, value: Object| {
        with(&move |document| document.catalog_mut().expect("a catalog").set(key, value.clone()))
    };
    assert_eq!(code(made(ONE)), None);
    assert_eq!(code(b"hello".to_vec()), Some("format.not_pdf"));
    assert_eq!(code([b" ", &made(ONE)[..]].concat()), Some("seal_job.not_updatable"));
    assert_eq!(code([&made(ONE)[..], b"more"].concat()), Some("seal_job.not_updatable"));
    let encrypted = with(&|document| {
        let encrypt = document.add_object(dictionary! { "Filter" => "Standard", "V" => 1, "R" => 2 });
        document.trailer.set("Encrypt", encrypt);
    });
    assert!(matches!(code(encrypted), Some("format.encrypted" | "format.broken")));
    let perms = dictionary! { "UR3" => dictionary! {} };
    assert_eq!(code(catalog("Perms", perms.into())), Some("seal_job.certified"));
    let xfa = dictionary! { "Fields" => Object::Array(vec![]), "XFA" => Object::Array(vec![]) };
    assert_eq!(code(catalog("AcroForm", xfa.into())), Some("seal_job.xfa"));
    let signed = |reference: Dictionary, lock: Option<i64>| {
        let mut field = dictionary! {
            "FT" => "Sig", "T" => Object::string_literal("Seal1"),
            "V" => dictionary! { "Type" => "Sig", "Reference" => vec![Object::Dictionary(reference)] },
        };
        if let Some(permission) = lock {
            field.set("Lock", dictionary! { "Action" => "Include", "P" => permission });
        }
        catalog("AcroForm", dictionary! { "Fields" => vec![Object::Dictionary(field)] }.into())
    };
    let transform = |method: &str, action: &str| {
        let parameters = dictionary! { "Action" => action };
        dictionary! { "TransformMethod" => method, "TransformParams" => parameters }
    };
    assert_eq!(code(signed(transform("DocMDP", ""), None)), Some("seal_job.certified"));
    assert_eq!(code(signed(transform("FieldMDP", "All"), None)), Some("seal_job.locked"));
    assert_eq!(code(signed(transform("FieldMDP", "Exclude"), None)), Some("seal_job.locked"));
    assert_eq!(code(signed(transform("FieldMDP", "Include"), Some(1))), Some("seal_job.locked"));
    assert_eq!(code(signed(transform("FieldMDP", "Include"), None)), None);
    let at = |page, x| sealed_at(made(ONE), Spot { page, x, y: 80.0 }, false).err().map(|why| why.code());
    assert_eq!(at(0, 60.0), None);
    assert_eq!(at(1, 60.0), Some("seal_job.no_such_page"));
    assert_eq!(at(0, 10.0), Some("seal_job.over_the_edge"));
    assert_eq!(at(0, f32::NAN), Some("seal_job.over_the_edge"));
    let huge = with(&|document| {
        document.objects.insert((9_000_000, 0), Object::Null);
        document.max_id = 9_000_000;
    });
    assert_eq!(code(huge), Some("seal_job.not_updatable"));
    let shapeless = with(&|document| {
        let pages = document.catalog().and_then(|c| c.get(b"Pages")).and_then(Object::as_reference);
        document.get_dictionary_mut(pages.expect("pages")).expect("pages").remove(b"MediaBox");
    });
    assert_eq!(code(shapeless), Some("seal_job.not_updatable"));
}

#[test]
fn a_second_seal_leaves_the_first() {
    let first = sealed(made(ONE)).expect("sealed");
    let second = sealed_at(first.clone(), Spot { x: 120.0, ..MIDDLE }, false).expect("sealed again");
    assert!(second.starts_with(&first));
    let report = report(&second);
    assert_eq!(report.seals.len(), 2);
    assert_eq!(report.findings.iter().filter(|finding| finding.code == "integrity.intact").count(), 2);
    assert!(report.has("modification.further_seal"), "{:#?}", report.findings);
    assert_eq!(report.verdict, Verdict::Indeterminate, "{:#?}", report.findings);
}
