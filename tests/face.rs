//! Faces and files as a reader sees them: composed, then read back with poppler and lopdf.

use std::sync::Arc;
use yinzheng::documents::face::{self, FaceContent, FaceFault, ShownSeal};
use yinzheng::documents::fonts::Fonts;
use yinzheng::documents::pdf::compose::{
    ComposeFault, PdfContent, PdfTemplate, PlannedSeal, SignatureField, UnsealedPdf, ValidationData,
};
use yinzheng::documents::seal_picture;
use yinzheng::domain::license::face::{
    Align, Area, Face, FaceItem, FacePage, Fit, FontRole, FrameStyle, GroundPattern, TextStyle, ValueSource,
};
use yinzheng::domain::license::kind::{
    Bilingual, Field, FieldType, HolderRule, NumberRule, PrivacyClass, Validity,
};
use yinzheng::domain::license::{FileForm, FileFormat, LicenseData, LicenseKind};
use yinzheng::domain::picture::{Rgb, UploadedPicture};
use yinzheng::domain::seal::{SealPicture, SealPurpose};
use yinzheng::domain::suite::Suite;
use yinzheng::domain::time::{Timestamp, parse_date};

const NAME: &str = "景川市䶮堃印证科技有限公司";
const SCOPE: &str = "一般项目：软件开发；信息技术咨询服务；数据处理和存储支持服务；网络与信息安全软件开发；\
    技术服务、技术开发、技术咨询、技术交流、技术转让、技术推广；电子产品销售（除依法须经批准的项目外，凭营业执照依法自主开展经营活动）。";
const ISSUER: &str = "景川市市场监督管理局";
const URL: &str = "https://licenses.example.org/v?i=1.2.156.3005.2.11100000MB0143028R001.11450900MB0000001X.202611230001.001.K&c=8H2K7Q";

fn area(x: f32, y: f32, width: f32, height: f32) -> Area {
    Area { x, y, width, height }
}

fn style(font: FontRole, size: f32, align: Align) -> TextStyle {
    TextStyle { font, size, align, colour: Rgb::BLACK, spacing: 0.0 }
}

fn field(name: &str, field_type: FieldType) -> Field {
    Field {
        name: name.into(),
        title: Bilingual { zh: name.into(), en: name.into() },
        field_type,
        required: true,
        privacy: PrivacyClass::Public,
        mask: yinzheng::domain::license::kind::Mask::Whole,
        example: String::new(),
    }
}

/// A landscape license with the things real ones have.
fn kind() -> LicenseKind {
    let text = || FieldType::Text { min: 1, max: 500, multiline: true, form: None };
    let shrink = Fit::Shrink { min_size: 8.0 };
    let wrap = Fit::Wrap { min_size: 7.0, line_height: 1.35 };
    let label = |x, y, text: &str| FaceItem::Label {
        area: area(x, y, 24.0, 8.0),
        text: text.into(),
        style: style(FontRole::SongBold, 13.0, Align::Spread),
        fit: shrink,
    };
    let value = |x, y, width, height, source, fit| FaceItem::Value {
        area: area(x, y, width, height),
        source,
        style: style(FontRole::Song, 13.0, Align::Left),
        fit,
    };
    let of = |name: &str| ValueSource::Field(name.into());
    let (gold, pale) = (Rgb(0xB0, 0x84, 0x3A), Rgb(0xEF, 0xE2, 0xC4));
    let mut items = vec![
        FaceItem::Ground {
            area: area(14.0, 14.0, 269.0, 182.0),
            pattern: GroundPattern::Waves,
            colour: pale,
        },
        FaceItem::Ground {
            area: area(98.5, 55.0, 100.0, 100.0),
            pattern: GroundPattern::Rosette,
            colour: Rgb(0xEC, 0xD6, 0xA8),
        },
        FaceItem::Frame {
            area: area(8.0, 8.0, 281.0, 194.0),
            style: FrameStyle::Guilloche,
            breadth: 9.0,
            colour: gold,
        },
        FaceItem::Label {
            area: area(60.0, 28.0, 177.0, 22.0),
            text: "营业执照".into(),
            style: TextStyle { spacing: 18.0, ..style(FontRole::SongBold, 46.0, Align::Centre) },
            fit: shrink,
        },
        FaceItem::Code { area: area(226.0, 26.0, 30.0, 30.0) },
        value(30.0, 62.0, 90.0, 8.0, ValueSource::Number, shrink),
        label(30.0, 80.0, "名称"),
        value(58.0, 80.0, 90.0, 8.0, of("name"), shrink),
        label(30.0, 92.0, "类型"),
        value(58.0, 92.0, 90.0, 8.0, of("form"), shrink),
        label(30.0, 104.0, "法定代表人"),
        value(58.0, 104.0, 90.0, 8.0, of("person"), shrink),
        label(30.0, 116.0, "经营范围"),
        value(58.0, 117.2, 96.0, 44.0, of("scope"), wrap),
        label(160.0, 80.0, "注册资本"),
        value(188.0, 80.0, 80.0, 8.0, of("capital"), shrink),
        label(160.0, 92.0, "成立日期"),
        value(188.0, 92.0, 80.0, 8.0, of("founded"), shrink),
        label(160.0, 104.0, "营业期限"),
        value(188.0, 104.0, 80.0, 8.0, ValueSource::ValidityPeriod, shrink),
        label(196.0, 152.0, "登记机关"),
        value(222.0, 152.0, 50.0, 8.0, ValueSource::IssuerName, shrink),
        value(222.0, 166.0, 50.0, 8.0, ValueSource::IssuedOn, shrink),
        value(226.0, 56.0, 30.0, 5.0, ValueSource::CheckCode, shrink),
    ];
    items.push(FaceItem::Seal { x: 242.0, y: 160.0, party: None });
    let choices = vec![("llc".into(), Bilingual { zh: "有限责任公司".into(), en: "limited company".into() })];
    LicenseKind {
        name: "business-license".into(),
        version: 1,
        title: Bilingual { zh: "营业执照".into(), en: "Business license".into() },
        type_code: "11100000MB0143028R001".into(),
        issuer: "market-regulation".into(),
        validity: Validity::Unlimited,
        number: NumberRule::Field("credit_code".into()),
        holder: HolderRule { name: "name".into(), code: "credit_code".into(), code_type: "001".into() },
        files: vec![FileForm { format: FileFormat::Pdf, suite: Suite::P256 }],
        fields: vec![
            field("name", text()),
            field("form", FieldType::Enumeration { choices }),
            field("person", text()),
            field("scope", text()),
            field("capital", FieldType::Money),
            field("founded", FieldType::Date { future: false }),
        ],
        face: Face { pages: vec![FacePage { width: 297.0, height: 210.0, items }], straddle: false },
        representative: None,
        sealing: None,
    }
}

fn data() -> LicenseData {
    let pairs = [
        ("name", NAME),
        ("form", "llc"),
        ("person", "欧阳·阿依古丽"),
        ("scope", SCOPE),
        ("capital", "5000000.00"),
        ("founded", "2026-11-23"),
    ];
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

fn content(data: &LicenseData) -> FaceContent<'_> {
    FaceContent {
        data,
        number: "91450900MA5XXXXX0T",
        identifier: "1.2.156.3005.2.11100000MB0143028R001.11450900MB0000001X.202611230001.001.K",
        issuer_name: ISSUER,
        issued_on: parse_date("2026-11-23"),
        valid_from: parse_date("2026-11-23"),
        valid_until: None,
        check_code: "8H2K7Q",
        verification_url: URL,
    }
}

fn drawn_seal(fonts: &Fonts) -> SealPicture {
    let drawing = seal_picture::draw(ISSUER, SealPurpose::License, "电子证照专用章", "45090020260001", fonts);
    SealPicture::Drawn(drawing.expect("every glyph is there"))
}

fn compose(data: &LicenseData, seal: &SealPicture, fonts: &Arc<Fonts>) -> Result<UnsealedPdf, ComposeFault> {
    let template = PdfTemplate::prepare(&kind(), fonts).expect("a sound kind");
    let created = Timestamp::from_seconds(1_795_420_800);
    template.compose(&PdfContent {
        face: content(data),
        seals: &[PlannedSeal {
            party: None,
            picture: seal,
            signature: SignatureField {
                name: ISSUER,
                reason: "颁发电子证照",
                claimed_time: created,
                contents_reserve: 8_192,
            },
            validation: &ValidationData {
                x509s: vec![vec![0x30, 0]],
                crls: vec![vec![0x30, 0], vec![0x30, 1, 0]],
            },
        }],
        attachment_json: b"{\"schema\":\"yinzheng/license/1\"}",
        title: "营业执照 景川市䶮堃印证科技有限公司",
        document_id: [7; 16],
        created,
    })
}

fn sample() -> UnsealedPdf {
    let fonts = Arc::new(Fonts::embedded());
    compose(&data(), &drawn_seal(&fonts), &fonts).expect("composed")
}

/// Writes bytes under cargo's directory for tests and says where.
fn kept(name: &str, bytes: &[u8]) -> std::path::PathBuf {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, bytes).expect("written");
    path
}

#[test]
fn the_byte_range_leaves_out_exactly_the_signature_value() {
    let pdf = sample();
    let document = lopdf::Document::load_mem(&pdf.bytes).expect("a PDF");
    let root = document.catalog().expect("a catalog");
    let perms = root.get(b"Perms").and_then(lopdf::Object::as_dict).expect("perms");
    let id = perms.get(b"DocMDP").and_then(lopdf::Object::as_reference).expect("a certification");
    let signature = document.get_dictionary(id).expect("a signature");
    let range = signature.get(b"ByteRange").and_then(lopdf::Object::as_array).expect("a byte range");
    let range: Vec<usize> = range.iter().map(|n| n.as_i64().expect("a number") as usize).collect();
    assert_eq!(range[0], 0);
    assert_eq!((range[1], range[2]), (pdf.contents.start, pdf.contents.end));
    assert_eq!(range[2] + range[3], pdf.bytes.len());
    let (gap, digits) = (&pdf.bytes[pdf.contents.clone()], pdf.contents.len() - 2);
    assert_eq!((gap[0], gap[gap.len() - 1], digits), (b'<', b'>', 2 * 8_192));
    assert!(gap[1..=digits].iter().all(|b| *b == b'0'));
    assert_eq!(pdf.bytes.windows(5).filter(|w| w == b"%%EOF").count(), 1);
}

#[test]
fn the_same_content_gives_the_same_bytes() {
    assert!(sample() == sample(), "two compositions differ");
}

#[test]
fn the_text_can_be_taken_out_again() {
    let pdf = sample();
    let document = lopdf::Document::load_mem(&pdf.bytes).expect("a PDF");
    kept("sample.pdf", &pdf.bytes);
    let text = document.extract_text(&[1]).expect("text");
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    for expected in [
        NAME,
        SCOPE,
        ISSUER,
        "欧阳·阿依古丽",
        "有限责任公司",
        "5,000,000.00",
        "2026年11月23日",
        "营业执照",
        "长期",
    ] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
}

#[test]
fn a_character_without_a_glyph_is_refused_by_name() {
    let fonts = Arc::new(Fonts::embedded());
    let mut twin = data();
    twin.insert("name".into(), NAME.replace('堃', "\u{2A6D6}"));
    let fault = FaceFault::MissingGlyph { field: "name".into(), character: '\u{2A6D6}' };
    let refused = compose(&twin, &drawn_seal(&fonts), &fonts);
    assert_eq!(refused, Err(ComposeFault::Face(vec![fault])));
}

#[test]
fn a_text_too_long_for_its_place_is_refused_by_field() {
    let fonts = Arc::new(Fonts::embedded());
    let mut twin = data();
    twin.insert("scope".into(), SCOPE.repeat(3));
    assert!(compose(&twin, &drawn_seal(&fonts), &fonts).is_ok());
    twin.insert("scope".into(), SCOPE.repeat(12));
    twin.insert("person".into(), "长".repeat(80));
    let faults = ["person", "scope"].map(|field| FaceFault::DoesNotFit { field: field.into() });
    assert_eq!(compose(&twin, &drawn_seal(&fonts), &fonts), Err(ComposeFault::Face(faults.into())));
}

/// The lines that a text makes in a place 40 mm wide and 8 mm high, from `y` 10: size, and where each starts and its
/// baseline stands.
fn lines_of(text: &str) -> Result<Vec<(f32, usize, f32)>, Vec<FaceFault>> {
    let mut kind = kind();
    kind.face.pages[0].items = vec![FaceItem::Value {
        area: area(10.0, 10.0, 40.0, 8.0),
        source: ValueSource::Field("name".into()),
        style: style(FontRole::Song, 13.0, Align::Left),
        fit: Fit::Lines { min_size: 6.0, line_height: 1.15 },
    }];
    let data = LicenseData::from([("name".to_owned(), text.to_owned())]);
    let (own, faults) = face::compose_own(&kind, &content(&data), &Fonts::embedded());
    let runs = own[0].values.iter().map(|run| (run.size, run.glyphs.len(), run.baseline));
    if faults.is_empty() { Ok(runs.collect()) } else { Err(faults) }
}

#[test]
fn a_name_stands_on_one_line_while_it_can_and_then_on_even_ones_in_the_middle() {
    let one = lines_of("景川市民政局").expect("it fits");
    assert_eq!((one.len(), one[0].0), (1, 13.0));
    let smaller = lines_of(&"景".repeat(10)).expect("it fits");
    assert!(smaller.len() == 1 && smaller[0].0 < 13.0, "{smaller:?}");
    // Twenty-seven at a size at which one line would hold no more than sixteen: two lines, neither much longer.
    let two = lines_of(&"景".repeat(27)).expect("it fits");
    assert_eq!(two.iter().map(|line| line.1).sum::<usize>(), 27);
    assert!(two.len() == 2 && two[0].1.abs_diff(two[1].1) <= 2, "{two:?}");
    // The middle of what stands there is the middle of the place, 14 mm from the top.
    for lines in [&one, &two] {
        let em = lines[0].0 * 25.4 / 72.0;
        let middle = (lines[0].2 + lines[lines.len() - 1].2) / 2.0 - 0.38 * em;
        assert!((middle - 14.0).abs() < 0.05, "{middle} of {lines:?}");
    }
    let fault = FaceFault::DoesNotFit { field: "name".into() };
    assert_eq!(lines_of(&"景".repeat(80)), Err(vec![fault]));
}

#[test]
fn an_uploaded_picture_is_shown_and_a_broken_one_refused() {
    let fonts = Arc::new(Fonts::embedded());
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, 60, 40);
    encoder.set_color(png::ColorType::Rgba);
    let pixels: Vec<u8> = (0..60 * 40_u32).flat_map(|n| [220, 20, 30, (n % 256) as u8]).collect();
    encoder.write_header().and_then(|mut writer| writer.write_image_data(&pixels)).expect("a PNG");
    let picture = |png| SealPicture::Uploaded(UploadedPicture { png, width_tenths: 300, height_tenths: 200 });
    let pdf = compose(&data(), &picture(png.clone()), &fonts).expect("composed");
    let document = lopdf::Document::load_mem(&kept_bytes("uploaded-seal.pdf", pdf.bytes)).expect("a PDF");
    let images = document.objects.values().filter_map(|object| object.as_stream().ok());
    let masked = images.filter(|stream| stream.dict.has(b"SMask")).count();
    assert_eq!(masked, 1);
    png.truncate(60);
    assert!(matches!(compose(&data(), &picture(png), &fonts), Err(ComposeFault::Picture(_))));
}

fn kept_bytes(name: &str, bytes: Vec<u8>) -> Vec<u8> {
    kept(name, &bytes);
    bytes
}

#[test]
fn a_draft_without_values_still_has_a_preview() {
    let fonts = Fonts::embedded();
    let empty = LicenseData::new();
    let blank = FaceContent {
        number: "",
        verification_url: "",
        issued_on: None,
        valid_from: None,
        ..content(&empty)
    };
    let (draft, faults) = face::draft(&kind(), &blank, &fonts);
    assert_eq!(faults, []);
    let svg = face::svg(&draft, &[], &fonts);
    let (full, _) = face::draft(&kind(), &content(&data()), &fonts);
    let whole = face::svg(&full, &[ShownSeal { party: None, picture: &drawn_seal(&fonts) }], &fonts);
    kept("business-license.svg", whole.as_bytes());
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>") && svg.len() < whole.len());
}

/// The example values of a kind's fields.
fn examples(kind: &LicenseKind) -> LicenseData {
    kind.fields.iter().map(|field| (field.name.clone(), field.example.clone())).collect()
}

#[test]
fn every_kind_that_comes_with_the_program_is_composed_from_its_examples() {
    let fonts = Arc::new(Fonts::embedded());
    let kinds = yinzheng::adapters::kinds::load(None).expect("the kinds that come with the program");
    let seal = drawn_seal(&fonts);
    let created = Timestamp::from_seconds(1_795_420_800);
    for kind in kinds.iter() {
        let template = PdfTemplate::prepare(kind, &fonts).expect("a sound kind");
        let data = examples(kind);
        let places = kind.face.seal_places().expect("places for seals");
        let make = |data: &LicenseData| {
            template.compose(&PdfContent {
                face: content(data),
                seals: &[PlannedSeal {
                    party: places[0].party.as_deref(),
                    picture: &seal,
                    signature: SignatureField {
                        name: ISSUER,
                        reason: "",
                        claimed_time: created,
                        contents_reserve: 4_096,
                    },
                    validation: &ValidationData::default(),
                }],
                attachment_json: b"{}",
                title: &kind.title.zh,
                document_id: [9; 16],
                created,
            })
        };
        let pdf = make(&data).unwrap_or_else(|fault| panic!("{}: {fault}", kind.name));
        kept(&format!("{}.pdf", kind.name), &pdf.bytes);
        let document = lopdf::Document::load_mem(&pdf.bytes).expect("a PDF");
        assert_eq!(document.get_pages().len(), kind.face.pages.len(), "{}", kind.name);
        // The twin: one character of the holder's name that no font has.
        let mut twin = data.clone();
        twin.insert(kind.holder.name.clone(), "\u{2A6D6}".into());
        let fault = FaceFault::MissingGlyph { field: kind.holder.name.clone(), character: '\u{2A6D6}' };
        let refused = make(&twin);
        assert!(
            matches!(&refused, Err(ComposeFault::Face(faults)) if faults.contains(&fault)),
            "{}",
            kind.name
        );
    }
}
