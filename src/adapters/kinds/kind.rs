//! The part of a kind file that is not its face.

use super::reader::{Notes, Section};
use super::{face, sealing};
use crate::domain::license::form::TextForm;
use crate::domain::license::kind::{
    Bilingual, Field, FieldType, HolderRule, Mask, NumberRule, PrivacyClass, Validity,
};
use crate::domain::license::{FileForm, FileFormat, LicenseKind};
use crate::domain::suite::Suite;
use regex::RegexBuilder;
use toml::Table;

/// Longest text a field may allow.
const MOST_TEXT: u32 = 2_000;
/// Most digits after the point that a number may allow.
const MOST_DECIMALS: u8 = 9;
/// Longest pattern, in characters.
const MOST_PATTERN: usize = 200;
/// Largest compiled pattern, in bytes.
const LARGEST_PATTERN: usize = 64 * 1024;

/// Reads a kind, noting every fault of form. How its parts fit together is judged afterwards.
pub(super) fn read(table: &Table, notes: &Notes) -> LicenseKind {
    let file = Section::new(table, String::new(), notes);
    let kind = LicenseKind {
        name: file.text("name").to_owned(),
        version: file.needed_whole("version", 1..=u32::MAX),
        title: file.bilingual("title"),
        type_code: file.text("type_code").to_owned(),
        issuer: file.text("issuer").to_owned(),
        validity: file.section("validity").map_or(Validity::Unlimited, validity),
        number: file.section("number").map_or(NumberRule::Pattern(String::new()), number),
        holder: file.section("holder").map_or_else(no_holder, holder),
        files: file_forms(&file),
        fields: file.sections("fields").into_iter().map(field).collect(),
        face: face::read(&file),
        representative: file.section_if_any("business").map(representative),
        sealing: file.section_if_any("sealing").map(sealing::read),
    };
    file.finish();
    kind
}

/// `files = ["pdf-p256", "ofd-sm2"]`; a kind that says nothing is issued as PDF.
fn file_forms(file: &Section<'_>) -> Vec<FileForm> {
    let pdf = FileForm { format: FileFormat::Pdf, suite: Suite::P256 };
    let Some(names) = file.texts_if_any("files") else { return vec![pdf] };
    let mut forms: Vec<FileForm> = Vec::new();
    for name in names {
        let form = name.split_once('-').and_then(|(format, suite)| {
            Some(FileForm { format: FileFormat::parse(format)?, suite: Suite::parse(suite)? })
        });
        match form {
            // OFD seals are objects of GB/T 38540, which know SM2 alone.
            Some(FileForm { format: FileFormat::Ofd, suite: Suite::P256 }) | None => {
                file.fault("files", "must name forms such as pdf-p256, pdf-sm2 or ofd-sm2");
            }
            Some(form) if forms.iter().any(|known| known.format == form.format) => {
                file.fault("files", "names a format twice");
            }
            Some(form) => forms.push(form),
        }
    }
    if forms.is_empty() {
        file.fault("files", "names no form");
    }
    forms
}

fn validity(section: Section<'_>) -> Validity {
    let rule = match section.text("rule") {
        "unlimited" => Validity::Unlimited,
        "years" => Validity::Years(u16::try_from(section.needed_whole("years", 1..=100)).unwrap_or(1)),
        "fields" => Validity::Fields {
            from: section.text("from").to_owned(),
            until: section.text("until").to_owned(),
        },
        "" => Validity::Unlimited,
        _ => {
            section.fault("rule", "must be unlimited, years or fields");
            return Validity::Unlimited;
        }
    };
    section.finish();
    rule
}

fn number(section: Section<'_>) -> NumberRule {
    let rule = match (section.text_if_any("field"), section.text_if_any("pattern")) {
        (Some(field), None) => NumberRule::Field(field.to_owned()),
        (None, Some(pattern)) => NumberRule::Pattern(pattern.to_owned()),
        _ => {
            section.notes.add(&section.path, "must have either field or pattern");
            NumberRule::Pattern(String::new())
        }
    };
    section.finish();
    rule
}

fn no_holder() -> HolderRule {
    HolderRule { name: String::new(), code: String::new(), code_type: String::new() }
}

fn holder(section: Section<'_>) -> HolderRule {
    let rule = HolderRule {
        name: section.text("name").to_owned(),
        code: section.text("code").to_owned(),
        code_type: section.text("code_type").to_owned(),
    };
    section.finish();
    rule
}

fn representative(section: Section<'_>) -> String {
    let field = section.text("representative").to_owned();
    section.finish();
    field
}

fn field(section: Section<'_>) -> Field {
    let field_type = field_type(&section);
    let privacy = match section.text("privacy") {
        "public" => PrivacyClass::Public,
        "personal" => PrivacyClass::Personal,
        "sensitive" => PrivacyClass::Sensitive,
        "" => PrivacyClass::Sensitive,
        _ => {
            section.fault("privacy", "must be public, personal or sensitive");
            PrivacyClass::Sensitive
        }
    };
    let field = Field {
        name: section.text("name").to_owned(),
        title: section.bilingual("title"),
        mask: mask(&section, &field_type, privacy),
        field_type,
        required: section.flag("required").unwrap_or(true),
        privacy,
        example: section.text("example").to_owned(),
    };
    section.finish();
    field
}

fn field_type(section: &Section<'_>) -> FieldType {
    match section.text("type") {
        "text" => FieldType::Text {
            min: section.whole("min", 1..=MOST_TEXT).unwrap_or(1) as usize,
            max: section.needed_whole("max", 1..=MOST_TEXT) as usize,
            multiline: section.flag("multiline").unwrap_or(false),
            form: form(section),
        },
        "date" => FieldType::Date { future: section.flag("future").unwrap_or(false) },
        "money" => FieldType::Money,
        "number" => FieldType::Number {
            decimals: u8::try_from(section.whole("decimals", 0..=MOST_DECIMALS.into()).unwrap_or(0))
                .unwrap_or(0),
            min: section.decimal("min", MOST_DECIMALS),
            max: section.decimal("max", MOST_DECIMALS),
        },
        "enumeration" => {
            FieldType::Enumeration { choices: section.sections("choices").into_iter().map(choice).collect() }
        }
        "credit-code" => FieldType::CreditCode,
        "identity-number" => FieldType::IdentityNumber,
        other => {
            if !other.is_empty() {
                section.fault(
                    "type",
                    "must be text, date, money, number, enumeration, credit-code or identity-number",
                );
            }
            FieldType::Money
        }
    }
}

/// The form of a text: a pattern, compiled once, with the words that tell people of it.
fn form(section: &Section<'_>) -> Option<TextForm> {
    let Some(pattern) = section.text_if_any("pattern") else {
        if section.has("hint") {
            section.fault("hint", "is only for a text with a pattern");
            section.bilingual("hint");
        }
        return None;
    };
    let hint = section.bilingual("hint");
    if pattern.is_empty() || pattern.chars().count() > MOST_PATTERN {
        section.fault("pattern", format!("must have 1 to {MOST_PATTERN} characters"));
        return None;
    }
    // Alone first: inside the anchors a stray bracket could find a partner.
    let build = |text: &str| RegexBuilder::new(text).size_limit(LARGEST_PATTERN).build();
    match build(pattern).and_then(|_| build(&format!(r"\A(?:{pattern})\z"))) {
        Ok(regex) => Some(TextForm::new(pattern, hint, move |text| regex.is_match(text))),
        Err(why) => {
            section.fault("pattern", format!("is no regular expression: {why}"));
            None
        }
    }
}

fn choice(section: Section<'_>) -> (String, Bilingual) {
    let code = section.text("code").to_owned();
    let words = Bilingual { zh: section.text("zh").to_owned(), en: section.text("en").to_owned() };
    section.finish();
    (code, words)
}

fn mask(section: &Section<'_>, field_type: &FieldType, privacy: PrivacyClass) -> Mask {
    let wanted = privacy == PrivacyClass::Personal && matches!(field_type, FieldType::Text { .. });
    match section.text_if_any("mask") {
        Some(_) if !wanted => {
            section.fault("mask", "is only for personal texts; other types have their own");
            Mask::Whole
        }
        Some("whole") => Mask::Whole,
        Some("name") => Mask::Name,
        Some("code") => Mask::Code,
        Some("address") => Mask::Address,
        Some(_) => {
            section.fault("mask", "must be whole, name, code or address");
            Mask::Whole
        }
        None => {
            if wanted && !section.has("mask") {
                section.fault("mask", "is missing: a personal text says how strangers see it");
            }
            Mask::Whole
        }
    }
}
