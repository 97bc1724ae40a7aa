//! What a value source prints.

use super::FaceContent;
use crate::domain::license::LicenseKind;
use crate::domain::license::face::{ValuePart, ValueSource};
use crate::domain::license::kind::FieldType;
use crate::domain::time::{Date, format_date_zh, parse_date};
use std::borrow::Cow;

/// Text with the field it came from, so that a fault can name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    pub field: Cow<'a, str>,
    pub text: Cow<'a, str>,
}

/// No last day.
const NO_END: &str = "长期";

/// The text of a source in pieces; nothing if it has no value. Fixed text in a joined source is printed only
/// together with a value.
pub(super) fn pieces<'a>(
    kind: &LicenseKind,
    content: &FaceContent<'a>,
    source: &'a ValueSource,
) -> Vec<Piece<'a>> {
    let ValueSource::Joined(parts) = source else { return single(kind, content, source) };
    let mut joined = Vec::new();
    let mut has_value = false;
    for part in parts {
        match part {
            ValuePart::Text(text) => {
                joined.push(Piece { field: Cow::Borrowed("label"), text: Cow::Borrowed(text.as_str()) });
            }
            ValuePart::Value(ValueSource::Joined(_)) => {}
            ValuePart::Value(inner) => {
                let found = single(kind, content, inner);
                has_value |= !found.is_empty();
                joined.extend(found);
            }
        }
    }
    if has_value { joined } else { Vec::new() }
}

fn single<'a>(kind: &LicenseKind, content: &FaceContent<'a>, source: &'a ValueSource) -> Vec<Piece<'a>> {
    let date = |date: Option<Date>| date.map(format_date_zh).unwrap_or_default();
    let (field, text): (&str, Cow<'a, str>) = match source {
        ValueSource::Field(name) => (name, field_text(kind, content, name)),
        ValueSource::Number => ("number", content.number.into()),
        ValueSource::Identifier => ("identifier", content.identifier.into()),
        ValueSource::IssuerName => ("issuer_name", content.issuer_name.into()),
        ValueSource::IssuedOn => ("issued_on", date(content.issued_on).into()),
        ValueSource::ValidityPeriod => ("valid_until", period(content).into()),
        ValueSource::ValidUntil if content.valid_from.is_none() => ("valid_until", "".into()),
        ValueSource::ValidUntil => (
            "valid_until",
            content.valid_until.map_or_else(|| NO_END.into(), |last| format_date_zh(last).into()),
        ),
        ValueSource::CheckCode => ("check_code", content.check_code.into()),
        ValueSource::Joined(_) => ("", "".into()),
    };
    if text.is_empty() { Vec::new() } else { vec![Piece { field: field.into(), text }] }
}

fn period(content: &FaceContent<'_>) -> String {
    match (content.valid_from, content.valid_until) {
        (None, _) => String::new(),
        (Some(_), None) => NO_END.to_owned(),
        (Some(first), Some(last)) => format!("{}至{}", format_date_zh(first), format_date_zh(last)),
    }
}

/// A field's value as printed.
fn field_text<'a>(kind: &LicenseKind, content: &FaceContent<'a>, name: &str) -> Cow<'a, str> {
    content.data.get(name).map_or_else(|| "".into(), |value| printed(kind, name, value))
}

/// The value of a field of this name as licenses of this kind have it printed. A value that is not of its type is printed as
/// it stands: a draft may hold one, and so does what is masked.
pub fn printed<'a>(kind: &LicenseKind, name: &str, value: &'a str) -> Cow<'a, str> {
    match kind.field(name).map(|field| &field.field_type) {
        Some(FieldType::Date { .. }) => {
            parse_date(value).map_or_else(|| value.into(), |date| format_date_zh(date).into())
        }
        Some(FieldType::Money) => grouped(value).into(),
        Some(FieldType::Enumeration { choices }) => choices
            .iter()
            .find(|(code, _)| code == value)
            .map_or_else(|| value.into(), |(_, title)| title.zh.clone().into()),
        _ => value.into(),
    }
}

/// `5000000.00` as `5,000,000.00`.
fn grouped(value: &str) -> String {
    let (whole, rest) = value.split_at(value.find('.').unwrap_or(value.len()));
    if !whole.bytes().all(|b| b.is_ascii_digit()) {
        return value.to_owned();
    }
    let mut text = String::with_capacity(value.len() + whole.len() / 3);
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn money_is_grouped_by_thousands() {
        assert_eq!(grouped("5000000.00"), "5,000,000.00");
        assert_eq!(grouped("123.40"), "123.40");
        assert_eq!(grouped("1000"), "1,000");
        assert_eq!(grouped("not money"), "not money");
    }
}
