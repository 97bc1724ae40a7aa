//! Composed files as a reader finds them: parts, schemas, places, tags, fonts.

use crate::documents::attachment;
use crate::documents::face::{self, ComposedFace, FaceFault, Mark, POINTS_PER_MM, TextRun};
use crate::documents::ofd::compose::OfdTemplate;
use crate::documents::ofd::testing::{
    FONTS, ISSUER, SEAL, Sample, check_schemas, elements, keep, kind, kind_of_pages, text, unpacked,
};
use crate::documents::ofd::{DOCUMENT, EXPECTED_SEALS};
use crate::documents::pdf::compose::{PdfContent, PdfTemplate, PlannedSeal, SignatureField, ValidationData};
use crate::documents::seal_picture;
use crate::domain::seal::{SealPicture, SealPurpose};
use std::collections::{BTreeMap, BTreeSet};

/// Boxes of the same text in both formats agree within this, in millimetres.
const AGREE: f32 = 0.2;
/// Ours are much closer to the composed face.
const CLOSE: f32 = 0.02;

/// A character in its place.
#[derive(Clone, Copy, Debug)]
struct Placed {
    character: char,
    x: f32,
    baseline: f32,
    size: f32,
}

fn floats(text: &str) -> Vec<f32> {
    text.split_whitespace().map(|n| n.parse().expect("a number")).collect()
}

/// The distances in a DeltaX, `g n v` written out.
fn distances(text: &str) -> Vec<f32> {
    let (mut out, mut words) = (Vec::new(), text.split_whitespace());
    while let Some(word) = words.next() {
        let mut number = || words.next().and_then(|n| n.parse().ok()).expect("a number");
        if word == "g" {
            let (count, value): (f32, f32) = (number(), number());
            out.extend(std::iter::repeat_n(value, count as usize));
        } else {
            out.push(word.parse().expect("a number"));
        }
    }
    out
}

/// The characters of a text object.
fn characters(object: roxmltree::Node<'_, '_>) -> Vec<Placed> {
    let boundary = floats(object.attribute("Boundary").expect("a boundary"));
    let size = floats(object.attribute("Size").expect("a size"))[0];
    let mut placed = Vec::new();
    for code in object.children().filter(|node| node.tag_name().name() == "TextCode") {
        let at = |name| floats(code.attribute(name).expect("a place"))[0];
        let (mut x, baseline) = (boundary[0] + at("X"), boundary[1] + at("Y"));
        let steps = distances(code.attribute("DeltaX").unwrap_or_default());
        let text = code.text().expect("text");
        assert_eq!(text.chars().count(), steps.len() + 1, "{text}");
        assert_eq!(text, text.trim(), "readers take blanks off the ends");
        let blank = |pair: &[char]| pair.iter().all(|c| c.is_whitespace());
        let letters: Vec<char> = text.chars().collect();
        assert!(!letters.windows(2).any(blank), "readers make one blank of several: {text}");
        for (n, character) in text.chars().enumerate() {
            placed.push(Placed { character, x, baseline, size });
            x += steps.get(n).copied().unwrap_or_default();
        }
        let em = size;
        let inside = placed.iter().all(|p| p.x >= boundary[0] && p.x + 0.2 * em <= boundary[0] + boundary[2]);
        assert!(inside, "{text} reaches out of its boundary");
    }
    placed
}

fn set(run: &TextRun) -> Vec<Placed> {
    let (mut pen, mut placed) = (run.x, Vec::new());
    for glyph in &run.glyphs {
        let size = run.size / POINTS_PER_MM;
        placed.push(Placed { character: glyph.character, x: pen, baseline: run.baseline, size });
        pen += (glyph.advance * run.size + run.spacing) / POINTS_PER_MM;
    }
    placed
}

fn composed_face(sample: &Sample) -> ComposedFace {
    face::compose(&sample.kind, &sample.face(), &FONTS).expect("composed")
}

/// The characters of a page as the file has them, fixed ones first.
fn in_file(parts: &BTreeMap<String, Vec<u8>>, page: usize) -> Vec<Placed> {
    let mut found = Vec::new();
    for path in [format!("Doc_0/Tpls/Tpl_{page}/Content.xml"), format!("Doc_0/Pages/Page_{page}/Content.xml")]
    {
        let document = roxmltree::Document::parse(text(parts, &path)).expect("XML");
        found.extend(elements(&document, "TextObject").into_iter().flat_map(characters));
    }
    found.retain(|placed| !placed.character.is_whitespace());
    found
}

#[test]
fn every_kind_is_composed_and_fits_the_schemas() {
    let kinds = crate::adapters::kinds::load(None).expect("kinds");
    for kind in kinds.iter() {
        let sample = Sample::of(kind);
        let ofd = sample.compose(&[SEAL]);
        keep(&format!("{}-unsealed.ofd", kind.name), ofd.bytes());
        assert_eq!(ofd.pages().len(), kind.face.pages.len());
        check_schemas(ofd.bytes());
        assert_eq!(ofd.bytes(), sample.compose(&[SEAL]).bytes(), "{}: two compositions differ", kind.name);
    }
}

#[test]
fn identifiers_are_unique_and_within_the_greatest() {
    for kind in [kind("business-license"), kind("real-estate-title"), kind_of_pages(2)] {
        let ofd = Sample::of(&kind).compose(&[SEAL]);
        let parts = unpacked(ofd.bytes());
        let (mut seen, mut greatest) = (BTreeSet::new(), 0);
        for (path, content) in parts.iter().filter(|(path, _)| path.ends_with(".xml")) {
            let document =
                roxmltree::Document::parse(std::str::from_utf8(content).expect("UTF-8")).expect("XML");
            for node in document.descendants().filter(|node| node.tag_name().name() != "Attachment") {
                let lists = matches!(node.tag_name().name(), "Template");
                if let Some(id) = node.attribute("ID").filter(|_| !lists) {
                    assert!(seen.insert(id.to_owned()), "{id} stands twice, again in {path}");
                    greatest = greatest.max(id.parse::<u32>().expect("a number"));
                }
            }
        }
        let document = roxmltree::Document::parse(text(&parts, DOCUMENT)).expect("XML");
        let stated = elements(&document, "MaxUnitID")[0].text().expect("a number");
        assert_eq!(stated, greatest.to_string());
    }
}

#[test]
fn every_character_stands_where_the_face_has_it() {
    let kinds = crate::adapters::kinds::load(None).expect("kinds");
    for kind in kinds.iter() {
        let sample = Sample::of(kind);
        let parts = unpacked(sample.compose(&[SEAL]).bytes());
        for (n, page) in composed_face(&sample).pages.iter().enumerate() {
            let fixed = page.fixed.iter().filter_map(|mark| match mark {
                Mark::Text(run) => Some(run),
                _ => None,
            });
            let mut expected: Vec<Placed> = fixed.chain(&page.values).flat_map(set).collect();
            expected.retain(|placed| !placed.character.is_whitespace());
            let found = in_file(&parts, n);
            assert_eq!(found.len(), expected.len(), "{} page {n}", kind.name);
            for (found, expected) in found.iter().zip(&expected) {
                let off = (found.x - expected.x).abs().max((found.baseline - expected.baseline).abs());
                let alike =
                    found.character == expected.character && (found.size - expected.size).abs() < 0.001;
                assert!(alike && off < CLOSE, "{}: {found:?} for {expected:?}", kind.name);
            }
        }
    }
}

/// Where each string of a PDF page starts, in millimetres from the top.
fn pdf_places(bytes: &[u8], page: usize, height: f32) -> Vec<(f32, f32)> {
    let document = lopdf::Document::load_mem(bytes).expect("a PDF");
    let id = *document.get_pages().get(&(page as u32 + 1)).expect("a page");
    let content = document.get_page_content(id);
    let content = lopdf::content::Content::decode(&content).expect("operators");
    let places = content.operations.iter().filter(|operation| operation.operator == "Td");
    let number = |object: &lopdf::Object| object.as_float().expect("a number") / POINTS_PER_MM;
    places.map(|o| (number(&o.operands[0]), height - number(&o.operands[1]))).collect()
}

#[test]
fn both_formats_have_their_text_in_the_same_places() {
    let drawing =
        seal_picture::draw(ISSUER, SealPurpose::License, "电子证照专用章", SEAL, &FONTS).expect("a seal");
    let seal = SealPicture::Drawn(drawing);
    let kinds = crate::adapters::kinds::load(None).expect("kinds");
    for kind in kinds.iter() {
        let sample = Sample::of(kind);
        let parts = unpacked(sample.compose(&[SEAL]).bytes());
        let created = sample.content(&[]).created;
        let places = kind.face.seal_places().expect("places for seals");
        let pdf = PdfTemplate::prepare(kind, &FONTS).expect("a sound kind").compose(&PdfContent {
            face: sample.face(),
            seals: &[PlannedSeal {
                party: places[0].party.as_deref(),
                picture: &seal,
                signature: SignatureField {
                    name: ISSUER,
                    reason: "",
                    claimed_time: created,
                    contents_reserve: 64,
                },
                validation: &ValidationData::default(),
            }],
            attachment_json: &sample.attachment,
            title: &kind.title.zh,
            document_id: [7; 16],
            created,
        });
        let pdf = pdf.expect("composed").bytes;
        keep(&format!("{}.pdf", kind.name), &pdf);
        for (n, page) in kind.face.pages.iter().enumerate() {
            let found = in_file(&parts, n);
            let places = pdf_places(&pdf, n, page.height);
            assert!(!places.is_empty());
            for (x, baseline) in places {
                let near = |p: &&Placed| (p.x - x).abs() < AGREE && (p.baseline - baseline).abs() < AGREE;
                assert!(found.iter().any(|p| near(&p)), "{}: nothing at {x} {baseline}", kind.name);
            }
        }
    }
}

#[test]
fn every_value_is_tagged_with_the_objects_that_show_it() {
    let sample = Sample::of(&kind("business-license"));
    let parts = unpacked(sample.compose(&[SEAL]).bytes());
    let mut objects = BTreeMap::new();
    let document = roxmltree::Document::parse(text(&parts, DOCUMENT)).expect("XML");
    let page_id = elements(&document, "Page")[0].attribute("ID").expect("an identifier").to_owned();
    let page = roxmltree::Document::parse(text(&parts, "Doc_0/Pages/Page_0/Content.xml")).expect("XML");
    for object in elements(&page, "TextObject") {
        let text: String = characters(object).iter().map(|placed| placed.character).collect();
        objects.insert(object.attribute("ID").expect("an identifier").to_owned(), text);
    }
    let tags = roxmltree::Document::parse(text(&parts, "Doc_0/Tags/CustomTag.xml")).expect("XML");
    let list = roxmltree::Document::parse(text(&parts, "Doc_0/Tags/CustomTags.xml")).expect("XML");
    let namespace = tags.root_element().tag_name().namespace().map(str::to_owned);
    assert_eq!(elements(&list, "CustomTag")[0].attribute("NameSpace"), namespace.as_deref());
    let mut shown = BTreeMap::new();
    for value in tags.root_element().children().filter(|node| node.is_element()) {
        let mut whole = String::new();
        for reference in value.children().filter(|node| node.is_element()) {
            assert_eq!(reference.attribute("PageRef"), Some(&*page_id));
            whole.push_str(&objects[reference.text().expect("an object")]);
        }
        shown.insert(value.tag_name().name().to_owned(), whole);
    }
    for (field, value) in &sample.data {
        let title = sample.kind.field(field).expect("a field");
        let Some(printed) = shown.get(&format!("KZ_{field}")) else { continue };
        if matches!(title.field_type, crate::domain::license::kind::FieldType::Text { .. }) {
            let plain: String = value.chars().filter(|c| !c.is_whitespace()).collect();
            let printed: String = printed.chars().filter(|c| !c.is_whitespace()).collect();
            assert_eq!(printed, plain, "{field}");
        }
    }
    assert_eq!(shown["CZZT"], sample.data[&sample.kind.holder.name]);
    assert_eq!(shown["ZZBFRQ"], "2026年11月23日");
    assert!(shown.len() > 8, "{shown:?}");
}

#[test]
fn metadata_expected_seals_and_data_travel_with_the_file() {
    let sample = Sample::of(&kind("business-license"));
    let ofd = sample.compose(&[SEAL, "44030000099999"]);
    let parts = unpacked(ofd.bytes());
    assert_eq!(parts[&format!("Doc_0/Attachs/{}", attachment::FILE_NAME)], sample.attachment);
    let root = roxmltree::Document::parse(text(&parts, "OFD.xml")).expect("XML");
    let data: BTreeMap<_, _> = elements(&root, "CustomData")
        .into_iter()
        .map(|node| (node.attribute("Name").expect("a name"), node.text().unwrap_or_default()))
        .collect();
    assert_eq!(data["ZZMC"], "营业执照");
    assert_eq!(data["certificateTypeName"], "营业执照");
    assert_eq!(data["CJSJ"], "20261123080000");
    assert_eq!(data[EXPECTED_SEALS], format!("{SEAL} 44030000099999"));
    for (field, value) in &sample.data {
        assert_eq!(data[&*format!("KZ_{field}")], value);
    }
    assert_eq!(elements(&root, "DocID")[0].text(), Some("07".repeat(16).as_str()));
}

#[test]
fn every_character_is_found_through_its_font() {
    let mut sample = Sample::of(&kind("business-license"));
    let name = sample.kind.holder.name.clone();
    sample.data.insert(name, "景川市䶮堃印证科技有限公司".into());
    let parts = unpacked(sample.compose(&[SEAL]).bytes());
    let resources = roxmltree::Document::parse(text(&parts, "Doc_0/PublicRes.xml")).expect("XML");
    let mut fonts = BTreeMap::new();
    let mut names = BTreeSet::new();
    for font in elements(&resources, "Font") {
        let file = elements(&resources, "FontFile").into_iter().find(|file| file.parent() == Some(font));
        let path = format!("Doc_0/Res/{}", file.and_then(|file| file.text()).expect("a file"));
        assert!(names.insert(font.attribute("FontName")), "readers keep fonts by name");
        fonts.insert(font.attribute("ID").expect("an identifier"), &parts[&path]);
    }
    for path in ["Doc_0/Tpls/Tpl_0/Content.xml", "Doc_0/Pages/Page_0/Content.xml"] {
        let page = roxmltree::Document::parse(text(&parts, path)).expect("XML");
        for object in elements(&page, "TextObject") {
            let font = fonts[object.attribute("Font").expect("a font")];
            let font = ttf_parser::Face::parse(font, 0).expect("a font");
            for placed in characters(object) {
                let glyph = font.glyph_index(placed.character).expect("the character");
                let drawn = font.glyph_bounding_box(glyph).is_some();
                assert!(drawn || placed.character.is_whitespace(), "{}", placed.character);
            }
        }
    }
}

#[test]
fn what_cannot_be_printed_is_refused() {
    let sample = Sample::of(&kind("business-license"));
    let template = OfdTemplate::prepare(&sample.kind, &FONTS).expect("a sound kind");
    let name = sample.kind.holder.name.clone();
    let mut twin = Sample::of(&sample.kind);
    twin.data.insert(name.clone(), "景川市\u{2A6D6}局".into());
    assert!(template.compose(&sample.content(&[SEAL])).is_ok());
    let fault = FaceFault::MissingGlyph { field: name, character: '\u{2A6D6}' };
    assert_eq!(template.compose(&twin.content(&[SEAL])).err(), Some(vec![fault]));
}
