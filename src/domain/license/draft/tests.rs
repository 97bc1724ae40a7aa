use super::*;
use crate::domain::license::face::Face;
use crate::domain::license::form::TextForm;
use crate::domain::license::kind::{Bilingual, Field, FieldType, HolderRule, Mask, PrivacyClass};
use crate::domain::license::{FileForm, FileFormat};
use crate::domain::suite::Suite;

fn words(text: &str) -> Bilingual {
    Bilingual { zh: text.into(), en: text.into() }
}

fn field(name: &str, field_type: FieldType, required: bool) -> Field {
    Field {
        name: name.into(),
        title: words(name),
        field_type,
        required,
        privacy: PrivacyClass::Public,
        mask: Mask::Whole,
        example: String::new(),
    }
}

fn kind() -> LicenseKind {
    LicenseKind {
        name: "test-license".into(),
        version: 1,
        title: words("测试证"),
        type_code: "11100000MB0143028R001".into(),
        issuer: "testing".into(),
        validity: Validity::Fields { from: "starts".into(), until: "ends".into() },
        number: NumberRule::Field("code".into()),
        holder: HolderRule { name: "name".into(), code: "code".into(), code_type: "001".into() },
        files: vec![FileForm { format: FileFormat::Pdf, suite: Suite::P256 }],
        fields: vec![
            field("name", FieldType::Text { min: 2, max: 6, multiline: false, form: None }, true),
            field("code", FieldType::CreditCode, true),
            field("person", FieldType::IdentityNumber, false),
            field("capital", FieldType::Money, false),
            field("area", FieldType::Number { decimals: 2, min: None, max: None }, false),
            field("sort", FieldType::Enumeration { choices: vec![("a".into(), words("甲"))] }, false),
            field("notes", FieldType::Text { min: 1, max: 20, multiline: true, form: None }, false),
            field("starts", FieldType::Date { future: false }, true),
            field("ends", FieldType::Date { future: true }, false),
        ],
        face: Face { pages: Vec::new(), straddle: false },
        representative: None,
        sealing: None,
    }
}

fn now() -> Timestamp {
    // 2026-11-23T16:30:00Z: already the 24th in China.
    Timestamp::from_seconds(1_795_451_400)
}

fn good() -> BTreeMap<String, RawValue> {
    let text = |text: &str| RawValue::Text(text.into());
    BTreeMap::from([
        ("name".into(), text(" 云栖茶馆 ")),
        ("code".into(), text("11990000mb0000001m")),
        ("person".into(), text("11010519491231002x")),
        ("capital".into(), RawValue::Number("5000000".into())),
        ("area".into(), text("86.50")),
        ("sort".into(), text("a")),
        ("notes".into(), text("一\r\n二")),
        ("starts".into(), text("2026-11-24")),
        ("ends".into(), text("2031-11-23")),
    ])
}

fn faults_with(name: &str, value: RawValue) -> Vec<(String, &'static str)> {
    let mut raw = good();
    raw.insert(name.into(), value);
    let faults = check(&kind(), &raw, now()).expect_err("a fault");
    faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
}

#[test]
fn good_data_becomes_canonical() {
    let checked = check(&kind(), &good(), now()).expect("good data");
    let shown: Vec<(&str, &str)> = checked.data.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(
        shown,
        [
            ("area", "86.5"),
            ("capital", "5000000.00"),
            ("code", "11990000MB0000001M"),
            ("ends", "2031-11-23"),
            ("name", "云栖茶馆"),
            ("notes", "一\n二"),
            ("person", "11010519491231002X"),
            ("sort", "a"),
            ("starts", "2026-11-24"),
        ]
    );
    assert_eq!(checked.number.as_deref(), Some("11990000MB0000001M"));
    assert_eq!((checked.holder.name.as_str(), checked.holder.code_type.as_str()), ("云栖茶馆", "001"));
    assert_eq!(checked.issued_on, parse_date("2026-11-24").expect("a date"));
    assert_eq!(checked.valid_until, parse_date("2031-11-23"));
}

#[test]
fn each_broken_value_has_its_code() {
    let text = |text: &str| RawValue::Text(text.into());
    for (name, value, code) in [
        ("name", text("  "), "field.required"),
        ("name", text("茶"), "field.too_short"),
        ("name", text("云栖茶馆有限公"), "field.too_long"),
        ("name", text("云\n栖"), "field.line_break"),
        ("name", text("云\u{202E}栖"), "field.forbidden_character"),
        ("name", RawValue::Number("12".into()), "field.wrong_type"),
        ("name", RawValue::Bool(true), "field.wrong_type"),
        ("name", RawValue::Other, "field.wrong_type"),
        ("code", text("11990000MB0000001"), "field.credit_code_form"),
        ("code", text("11990000MB0000002M"), "field.credit_code_check"),
        ("person", text("1101051949123100"), "field.identity_number_form"),
        ("person", text("110105194912310021"), "field.identity_number_check"),
        ("person", text("110105202611250018"), "field.identity_number_check"),
        ("capital", text("5,000"), "field.not_money"),
        ("capital", text("1.234"), "field.not_money"),
        ("capital", RawValue::Number("1e9".into()), "field.not_money"),
        ("capital", text("999999999999999"), "field.number_too_large"),
        ("area", text("86.505"), "field.too_many_decimals"),
        ("area", text("-1"), "field.not_a_number"),
        ("sort", text("甲"), "field.not_a_choice"),
        ("starts", text("2026-11-25"), "field.date_in_future"),
        ("starts", text("2026-02-30"), "field.not_a_date"),
        ("ends", text("2026-11-23"), "field.ends_before_it_starts"),
    ] {
        assert_eq!(faults_with(name, value), [(format!("/data/{name}"), code)]);
    }
    assert_eq!(faults_with("a/b~c", text("x")), [("/data/a~1b~0c".to_owned(), "field.unknown")]);
    assert_eq!(faults_with(&"x".repeat(65), text("x")), [("/data".to_owned(), "field.unknown")]);
}

#[test]
fn someone_born_tomorrow_has_no_identity_number() {
    let first = "11010520261125001";
    let check = crate::domain::license::check::identity_number::check_character(first).expect("digits");
    let faults = faults_with("person", RawValue::Text(format!("{first}{check}")));
    assert_eq!(faults, [("/data/person".to_owned(), "field.identity_number_birth_date")]);
}

#[test]
fn all_faults_come_at_once() {
    let raw =
        BTreeMap::from([("capital".to_owned(), RawValue::Bool(false)), ("zzz".to_owned(), RawValue::Other)]);
    let faults = check(&kind(), &raw, now()).expect_err("faults");
    let codes: Vec<_> = faults.iter().map(|f| (f.pointer.as_str(), f.code)).collect();
    assert_eq!(
        codes,
        [
            ("/data/name", "field.required"),
            ("/data/code", "field.required"),
            ("/data/capital", "field.wrong_type"),
            ("/data/starts", "field.required"),
            ("/data/zzz", "field.unknown"),
        ]
    );
}

#[test]
fn faults_are_bounded() {
    let raw = (0..10_000).map(|n| (format!("x{n}"), RawValue::Other)).collect();
    assert_eq!(check(&kind(), &raw, now()).expect_err("faults").len(), MOST_FAULTS);
}

#[test]
fn no_value_reaches_a_fault_or_a_debug_text() {
    let mut raw = good();
    let checked = format!("{:?} {:?}", check(&kind(), &raw, now()), raw);
    assert!(!checked.contains("云栖") && !checked.contains("1949"), "{checked}");
    raw.insert("person".into(), RawValue::Text("110105194912310021".into()));
    let faults = format!("{:?}", check(&kind(), &raw, now()));
    assert!(!faults.contains("110105"), "{faults}");
}

#[test]
fn validity_follows_its_rule() {
    let date = |text| parse_date(text).expect("a date");
    let mut kind = kind();
    kind.validity = Validity::Years(5);
    let checked = check(&kind, &good(), now()).expect("good data");
    assert_eq!((checked.valid_from, checked.valid_until), (date("2026-11-24"), Some(date("2031-11-23"))));
    kind.validity = Validity::Unlimited;
    assert_eq!(check(&kind, &good(), now()).expect("good data").valid_until, None);
    assert_eq!(last_day(date("2028-02-29"), 1), date("2029-02-28"));
    assert_eq!(last_day(date("2028-02-29"), 4), date("2032-02-28"));
    assert_eq!(last_day(date("2026-01-01"), 1), date("2026-12-31"));
}

#[test]
fn a_text_has_its_form_and_a_number_its_range() {
    let form = || {
        let hint = Bilingual { zh: "写作 08时26分".into(), en: "written 08时26分".into() };
        TextForm::new("[0-9]{2}时[0-9]{2}分", hint, |text| {
            text.ends_with('分') && text.chars().nth(2) == Some('时')
        })
    };
    let text = FieldType::Text { min: 1, max: 6, multiline: false, form: Some(form()) };
    let number = FieldType::Number { decimals: 1, min: Some("10".into()), max: Some("99.5".into()) };
    let check = |field_type: &FieldType, raw: &str| {
        let raw = RawValue::Text(raw.into());
        value::canonical(field_type, &raw, "/data/x", now().date_in_china()).map_err(|fault| fault.code)
    };
    assert_eq!(check(&text, "08时26分"), Ok(Some("08时26分".into())));
    assert_eq!(check(&text, "8点26分"), Err("field.wrong_form"));
    assert_eq!(check(&text, "08时26分整"), Err("field.too_long"));
    assert_eq!(check(&text, ""), Ok(None), "whether it is required is another question");
    for (raw, expected) in [
        ("10", Ok(Some("10".to_owned()))),
        ("99.50", Ok(Some("99.5".to_owned()))),
        ("9.9", Err("field.below_least")),
        ("99.6", Err("field.above_greatest")),
        ("99999", Err("field.above_greatest")),
    ] {
        assert_eq!(check(&number, raw), expected, "{raw}");
    }
}
