use super::*;
use crate::domain::envelope::Level;
use crate::domain::picture::{Paint, Segment};

const OWNER: &str = "景川市市场监督管理局";
const COMPANY: &str = "景川市云栖茶业有限公司";
const CREDIT: &str = "91990102MA7YQX031L";
const CODE: &str = "45090020260001";

fn drawn(owner: &str, words: &str) -> Result<Drawing, Vec<FaceFault>> {
    draw(owner, SealPurpose::License, words, CODE, &Fonts::embedded())
}

fn design<'a>(owner_name: &'a str, kind: OwnerKind, purpose: SealPurpose, words: &'a str) -> Design<'a> {
    let shape = purpose.shape(kind, owner_name, Some(Level::City));
    Design { owner_name, owner_code: CREDIT, purpose, words, code: CODE, shape }
}

/// Every point of every outline.
fn points(drawing: &Drawing) -> impl Iterator<Item = (f32, f32)> {
    drawing.paths.iter().flat_map(|path| &path.segments).filter_map(|segment| match *segment {
        Segment::MoveTo(x, y) | Segment::LineTo(x, y) | Segment::CurveTo(.., x, y) => Some((x, y)),
        Segment::Close => None,
    })
}

#[test]
fn every_character_is_on_the_seal_and_inside_it() {
    let drawing = drawn(OWNER, "电子证照专用章").expect("a seal");
    // The border, ten characters of the name, the star, seven words, fourteen digits.
    assert_eq!(drawing.paths.len(), 1 + 10 + 1 + 7 + 14);
    assert_eq!((drawing.width, drawing.height), (40.0, 40.0));
    for (x, y) in points(&drawing) {
        assert!((x - 20.0).hypot(y - 20.0) <= 20.0, "{x} {y}");
    }
}

#[test]
fn long_names_are_narrowed_and_too_long_ones_refused() {
    let name: String = OWNER.chars().cycle().take(40).collect();
    assert!(drawn(&name, "").is_ok());
    let faults = drawn(&(name + "局"), "");
    assert_eq!(faults, Err(vec![FaceFault::DoesNotFit { field: "owner_name".into() }]));
}

#[test]
fn a_character_without_a_glyph_is_named() {
    let faults = drawn("景川市\u{2A6D6}局", "");
    let fault = FaceFault::MissingGlyph { field: "owner_name".into(), character: '\u{2A6D6}' };
    assert_eq!(faults, Err(vec![fault]));
}

#[test]
fn an_ellipse_holds_name_number_words_and_code_inside_its_border() {
    for length in [4, 11, 24, 40] {
        let name: String = COMPANY.chars().cycle().take(length).collect();
        let design = design(&name, OwnerKind::Enterprise, SealPurpose::Invoice, "发票专用章");
        let drawing = draw_design(&design, &Fonts::embedded()).expect("a seal");
        assert_eq!((drawing.width, drawing.height), (40.0, 30.0));
        assert_eq!(drawing.paths.len(), 1 + length + 18 + 5 + 14);
        let written = Drawing { paths: drawing.paths[1..].to_vec(), ..drawing };
        for (x, y) in points(&written) {
            let inside = ((x - 20.0) / 19.0).powi(2) + ((y - 15.0) / 14.0).powi(2);
            assert!(inside <= 1.0, "{length}: {x} {y}");
        }
    }
}

#[test]
fn a_name_seal_is_filled_up_as_is_the_custom() {
    // The frame, and the characters.
    for (name, count) in [
        ("林远", 4),
        ("林知远", 4),
        ("欧阳知远", 4),
        ("阿依古丽江", 6),
        ("买买提·阿不都拉", 9),
        ("买买提阿不都拉江", 9),
    ] {
        let design = design(COMPANY, OwnerKind::Enterprise, SealPurpose::LegalRepresentative, name);
        let drawing = draw_design(&design, &Fonts::embedded()).expect("a seal");
        assert_eq!(drawing.paths.len(), 1 + count, "{name}");
        assert_eq!((drawing.width, drawing.height), (20.0, 20.0));
        assert!(
            points(&drawing).all(|(x, y)| (0.0..=20.0).contains(&x) && (0.0..=20.0).contains(&y)),
            "{name}"
        );
    }
    let long = design(COMPANY, OwnerKind::Enterprise, SealPurpose::LegalRepresentative, "买买提阿不都拉江山");
    let fault = FaceFault::DoesNotFit { field: "purpose_words".into() };
    assert_eq!(draw_design(&long, &Fonts::embedded()), Err(vec![fault]));
    let own = design("林知远", OwnerKind::Person, SealPurpose::PersonalName, "");
    assert_eq!(draw_design(&own, &Fonts::embedded()).expect("a seal").width, 18.0);
}

#[test]
fn a_signature_is_brought() {
    let design = design("林知远", OwnerKind::Person, SealPurpose::Signature, "");
    let fault = FaceFault::DoesNotFit { field: "picture".into() };
    assert_eq!(draw_design(&design, &Fonts::embedded()), Err(vec![fault]));
}

#[test]
fn everything_on_a_seal_is_red() {
    for purpose in SealPurpose::ALL.into_iter().filter(|purpose| *purpose != SealPurpose::Signature) {
        let design = design("林知远", OwnerKind::Enterprise, purpose, "林知远");
        let drawing = draw_design(&design, &Fonts::embedded()).expect("a seal");
        for path in &drawing.paths {
            let (Paint::Fill(colour) | Paint::Stroke(colour, _)) = path.paint;
            assert_eq!(colour, crate::domain::picture::Rgb::SEAL_RED, "{purpose:?}");
        }
    }
}

/// Draws every sort of seal, to be looked at: `cargo test --lib contact_sheet -- --ignored` with `SEAL_SHEET` a directory.
#[test]
#[ignore = "writes pictures for people to look at"]
fn contact_sheet() {
    let Ok(directory) = std::env::var("SEAL_SHEET") else { return };
    let long: String =
        "景川市云栖新区现代农业产业融合发展示范园区开发建设投资运营管理集团股份有限责任公司城东分公司筹备处"
            .into();
    let cut = |n: usize| long.chars().take(n).collect::<String>();
    let (twenty, forty) = (cut(20), cut(40));
    let organ = OwnerKind::Organ;
    let firm = OwnerKind::Enterprise;
    let all = [
        ("province", "景川省人民政府", organ, SealPurpose::LegalName, ""),
        ("bureau", OWNER, organ, SealPurpose::LegalName, ""),
        ("license", OWNER, organ, SealPurpose::License, "电子证照专用章"),
        ("inner", OWNER, organ, SealPurpose::InnerBody, "信息化与大数据管理处"),
        ("company", COMPANY, firm, SealPurpose::LegalName, ""),
        ("finance", COMPANY, firm, SealPurpose::Finance, "财务专用章"),
        ("contract", COMPANY, firm, SealPurpose::Contract, "合同专用章"),
        ("branch", COMPANY, firm, SealPurpose::Branch, "城东分公司"),
        ("invoice", COMPANY, firm, SealPurpose::Invoice, "发票专用章"),
        ("invoice20", &twenty, firm, SealPurpose::Invoice, "发票专用章"),
        ("invoice40", &forty, firm, SealPurpose::Invoice, "发票专用章"),
        ("short", "云栖社", OwnerKind::SocialOrganisation, SealPurpose::LegalName, ""),
        ("round20", &twenty, firm, SealPurpose::LegalName, ""),
        ("round40", &forty, firm, SealPurpose::Contract, "合同专用章"),
        ("name2", COMPANY, firm, SealPurpose::LegalRepresentative, "林远"),
        ("name3", COMPANY, firm, SealPurpose::LegalRepresentative, "林知远"),
        ("name4", COMPANY, firm, SealPurpose::LegalRepresentative, "欧阳知远"),
        ("name5", COMPANY, firm, SealPurpose::LegalRepresentative, "阿依古丽江"),
        ("name7", COMPANY, firm, SealPurpose::LegalRepresentative, "热依汗·阿不都拉"),
        ("person", "林知远", OwnerKind::Person, SealPurpose::PersonalName, ""),
    ];
    for (file, owner_name, kind, purpose, words) in all {
        let level = if file == "province" { Level::Province } else { Level::City };
        let shape = purpose.shape(kind, owner_name, Some(level));
        let design = Design { owner_name, owner_code: CREDIT, purpose, words, code: CODE, shape };
        let drawing = draw_design(&design, &Fonts::embedded()).expect("a seal");
        let path = std::path::Path::new(&directory).join(format!("{file}.png"));
        std::fs::write(path, png(&SealPicture::Drawn(drawing))).expect("a picture");
    }
}
