//! Every embedded kind, composed with its own examples as the service would compose it.

use std::sync::Arc;
use yinzheng::adapters::kinds;
use yinzheng::documents::face::{self, FaceContent};
use yinzheng::documents::fonts::Fonts;
use yinzheng::documents::pdf::compose::{
    PdfContent, PdfTemplate, PlannedSeal, SignatureField, ValidationData,
};
use yinzheng::documents::seal_picture;
use yinzheng::domain::license::LicenseKind;
use yinzheng::domain::license::draft::{self, CheckedDraft, RawValue};
use yinzheng::domain::license::face::{FaceItem, ValueSource};
use yinzheng::domain::license::kind::FieldType;
use yinzheng::domain::license::number;
use yinzheng::domain::license::{LicenseId, NumberRule};
use yinzheng::domain::seal::{SealPicture, SealPurpose};
use yinzheng::domain::time::Timestamp;

const CHECK_CODE: &str = "8H2K7Q";
const URL: &str = "https://licenses.example.org/v?i=1.2.156.3005.2.11100000MB0143028R001.11990100MB70000117.202611230001.001.K&c=8H2K7Q";

/// 2026-11-23 in China.
fn now() -> Timestamp {
    Timestamp::from_seconds(1_795_400_000)
}

fn issuer(kind: &LicenseKind) -> &'static str {
    match kind.issuer.as_str() {
        "market-regulation" => "景川市市场监督管理局",
        "natural-resources" => "景川市自然资源和规划局",
        "civil-affairs" => "景川市澄湖区民政局",
        "health" => "景川市卫生健康委员会",
        "housing-construction" => "景川市云栖区住房和城乡建设局",
        "human-resources" => "景川市人力资源和社会保障局",
        other => panic!("no department for {other}"),
    }
}

fn checked(kind: &LicenseKind) -> CheckedDraft {
    let raw = kind.fields.iter().map(|f| (f.name.clone(), RawValue::Text(f.example.clone()))).collect();
    draft::check(kind, &raw, now()).expect("examples pass the checks")
}

/// As long as names of departments come.
const LONG_ISSUER: &str = "景川市云栖区市场监督管理局行政审批服务分局登记注册窗口";

fn compose(kind: &LicenseKind, draft: &CheckedDraft, issuer: &str) -> Result<Vec<u8>, String> {
    let fonts = Arc::new(Fonts::embedded());
    let number = match (&draft.number, &kind.number) {
        (Some(number), _) => number.clone(),
        (None, NumberRule::Pattern(pattern)) => {
            number::make(pattern, "990102", draft.issued_on, |count| "2718281828"[..count].to_owned())
                .expect("a number")
        }
        (None, NumberRule::Field(field)) => panic!("no number in {field}"),
    };
    let id = LicenseId::new(&kind.type_code, "11990100MB70000117", "20261123000000000001", 1)
        .expect("an identifier");
    let drawing =
        seal_picture::draw(issuer, SealPurpose::License, "电子证照专用章", "99010020260001", &fonts);
    let template =
        PdfTemplate::prepare(kind, &fonts).unwrap_or_else(|fault| panic!("{}: {fault:?}", kind.name));
    let picture = SealPicture::Drawn(drawing.expect("every glyph is there"));
    let validation = ValidationData { x509s: vec![vec![0x30, 0]], crls: vec![vec![0x30, 0]] };
    let places = kind.face.seal_places().expect("places for seals");
    let seals = places.iter().map(|place| PlannedSeal {
        party: place.party.as_deref(),
        picture: &picture,
        signature: SignatureField {
            name: issuer,
            reason: "颁发电子证照",
            claimed_time: now(),
            contents_reserve: 8_192,
        },
        validation: &validation,
    });
    let seals: Vec<PlannedSeal<'_>> = seals.collect();
    let pdf = template.compose(&PdfContent {
        face: FaceContent {
            data: &draft.data,
            number: &number,
            identifier: id.as_str(),
            issuer_name: issuer,
            issued_on: Some(draft.issued_on),
            valid_from: Some(draft.valid_from),
            valid_until: draft.valid_until,
            check_code: CHECK_CODE,
            verification_url: URL,
        },
        seals: &seals,
        attachment_json: b"{}",
        title: &kind.title.zh,
        document_id: [7; 16],
        created: now(),
    });
    pdf.map(|pdf| pdf.bytes).map_err(|fault| format!("{}: {fault:?}", kind.name))
}

#[test]
fn every_kind_is_composed_from_its_examples() {
    for kind in kinds::load(None).expect("embedded kinds").iter() {
        let bytes = compose(kind, &checked(kind), issuer(kind)).expect("composed");
        keep(&kind.name, &bytes);
        let document = lopdf::Document::load_mem(&bytes).expect("a PDF");
        assert_eq!(document.get_pages().len(), kind.face.pages.len(), "{}", kind.name);
    }
}

/// Leaves a file to look at.
fn keep(name: &str, bytes: &[u8]) {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.pdf"));
    std::fs::write(&path, bytes).expect("written");
}

/// What a kind prints of `data`, without what is fixed.
fn printed(kind: &LicenseKind, draft: &CheckedDraft) -> String {
    let content = FaceContent {
        data: &draft.data,
        number: "",
        identifier: "",
        issuer_name: "",
        issued_on: None,
        valid_from: None,
        valid_until: None,
        check_code: "",
        verification_url: "",
    };
    let (own, faults) = face::compose_own(kind, &content, &Fonts::embedded());
    assert_eq!(faults, []);
    let runs = own.iter().flat_map(|page| &page.values);
    runs.flat_map(|run| run.glyphs.iter().map(|glyph| glyph.character).chain(['\n'])).collect()
}

#[test]
fn a_title_without_a_term_prints_none() {
    let kinds = kinds::load(None).expect("embedded kinds");
    let kind = kinds.get("real-estate-title").expect("embedded");
    let full = printed(kind, &checked(kind));
    for words in
        ["国有建设用地使用权\n", "2015年06月30日起\n", "2085年06月29日止\n", "房屋建筑面积118.42平方米"]
    {
        assert!(full.contains(words), "{words} in {full}");
    }
    let mut raw: std::collections::BTreeMap<_, _> =
        kind.fields.iter().map(|f| (f.name.clone(), RawValue::Text(f.example.clone()))).collect();
    raw.insert("right_type".into(), RawValue::Text("homestead-and-house".into()));
    for name in ["use_right", "use_from", "use_until"] {
        raw.remove(name);
    }
    let homestead = draft::check(kind, &raw, now()).expect("a homestead has no term");
    let shown = printed(kind, &homestead);
    assert!(shown.contains("宅基地使用权"), "{shown}");
    for words in ["国有", "日起", "日止"] {
        assert!(!shown.contains(words), "{words} in {shown}");
    }
}

/// A seal stands beside the longest name of its department and beside the date, over neither.
#[test]
fn the_seal_leaves_name_and_date_to_be_read() {
    for kind in kinds::load(None).expect("embedded kinds").iter() {
        for page in &kind.face.pages {
            let seals = page.items.iter().filter_map(|item| match item {
                FaceItem::Seal { x, y, .. } => Some((*x, *y)),
                _ => None,
            });
            for ((x, y), item) in seals.flat_map(|seal| page.items.iter().map(move |item| (seal, item))) {
                let FaceItem::Value { area, source, .. } = item else { continue };
                let dy = area.y + area.height / 2.0 - y;
                // What stands above or below the seal does not lie under it.
                if dy.abs() - area.height / 2.0 > 22.5 {
                    continue;
                }
                let edge = |radius: f32| x - (radius * radius - dy * dy).max(0.0).sqrt();
                let end = area.x + area.width;
                match source {
                    ValueSource::IssuerName => assert!(end <= edge(20.0), "{}: {end}", kind.name),
                    ValueSource::IssuedOn => assert!(end + 1.0 <= edge(21.0), "{}: {end}", kind.name),
                    _ => {}
                }
            }
        }
    }
}

/// The longest texts that the checks let through must have room, or the department would be refused at the face.
#[test]
fn every_kind_has_room_for_its_longest_texts() {
    let mut faults = Vec::new();
    for kind in kinds::load(None).expect("embedded kinds").iter() {
        let mut draft = checked(kind);
        for field in &kind.fields {
            let longest = match &field.field_type {
                FieldType::Text { max, .. } => "景".repeat(*max),
                FieldType::Enumeration { choices } => choices
                    .iter()
                    .max_by_key(|(_, name)| name.zh.chars().count())
                    .expect("a choice")
                    .0
                    .clone(),
                FieldType::Money => "99999999999999.99".to_owned(),
                _ => continue,
            };
            draft.data.insert(field.name.clone(), longest);
        }
        match compose(kind, &draft, LONG_ISSUER) {
            Ok(bytes) => keep(&format!("{}-full", kind.name), &bytes),
            Err(fault) => faults.push(fault),
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
