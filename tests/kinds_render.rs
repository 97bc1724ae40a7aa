//! Every embedded kind, composed with its own examples as the service would compose it.

use std::sync::Arc;
use yinzheng::adapters::kinds;
use yinzheng::documents::face::FaceContent;
use yinzheng::documents::fonts::Fonts;
use yinzheng::documents::pdf::compose::{PdfContent, PdfTemplate, SignatureField, ValidationData};
use yinzheng::documents::seal_picture;
use yinzheng::domain::license::LicenseKind;
use yinzheng::domain::license::draft::{self, CheckedDraft, RawValue};
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
        "human-resources" => "景川市人力资源和社会保障局",
        other => panic!("no department for {other}"),
    }
}

fn checked(kind: &LicenseKind) -> CheckedDraft {
    let raw = kind.fields.iter().map(|f| (f.name.clone(), RawValue::Text(f.example.clone()))).collect();
    draft::check(kind, &raw, now()).expect("examples pass the checks")
}

fn compose(kind: &LicenseKind, draft: &CheckedDraft) -> Result<Vec<u8>, String> {
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
        seal_picture::draw(issuer(kind), SealPurpose::License, "电子证照专用章", "99010020260001", &fonts);
    let template =
        PdfTemplate::prepare(kind, &fonts).unwrap_or_else(|fault| panic!("{}: {fault:?}", kind.name));
    let pdf = template.compose(&PdfContent {
        face: FaceContent {
            data: &draft.data,
            number: &number,
            identifier: id.as_str(),
            issuer_name: issuer(kind),
            issued_on: Some(draft.issued_on),
            valid_from: Some(draft.valid_from),
            valid_until: draft.valid_until,
            check_code: CHECK_CODE,
            verification_url: URL,
        },
        seal: &SealPicture::Drawn(drawing.expect("every glyph is there")),
        attachment_json: b"{}",
        validation: &ValidationData { x509s: vec![vec![0x30, 0]], crls: vec![vec![0x30, 0]] },
        signature: SignatureField {
            name: issuer(kind),
            reason: "颁发电子证照",
            claimed_time: now(),
            contents_reserve: 8_192,
        },
        title: &kind.title.zh,
        document_id: [7; 16],
        created: now(),
    });
    pdf.map(|pdf| pdf.bytes).map_err(|fault| format!("{}: {fault:?}", kind.name))
}

#[test]
fn every_kind_is_composed_from_its_examples() {
    for kind in kinds::load(None).expect("embedded kinds").iter() {
        let bytes = compose(kind, &checked(kind)).expect("composed");
        let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.pdf", kind.name));
        std::fs::write(&path, &bytes).expect("written");
        let document = lopdf::Document::load_mem(&bytes).expect("a PDF");
        assert_eq!(document.get_pages().len(), kind.face.pages.len(), "{}", kind.name);
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
        faults.extend(compose(kind, &draft).err());
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
