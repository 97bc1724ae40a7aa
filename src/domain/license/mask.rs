//! What a stranger sees of a value, and how a value is printed.

use super::check::decimal::grouped;
use super::kind::{Field, FieldType, LicenseKind, Mask, NumberRule, PrivacyClass};
use super::record::License;
use crate::domain::time::{format_date_zh, parse_date};

/// What a stranger may see of a canonical value of this field; `None` if nothing at all.
///
/// Public values are shown in full and sensitive ones never. Of personal ones: codes keep their first and last
/// character, names their first, addresses their first six, dates the year; everything else becomes `***`.
pub fn masked(field: &Field, value: &str) -> Option<String> {
    match field.privacy {
        PrivacyClass::Public => Some(printed(&field.field_type, value)),
        PrivacyClass::Sensitive => None,
        PrivacyClass::Personal => Some(covered(field, value)),
    }
}

/// A canonical value of this field as its mask leaves it, whatever its privacy class: for one whom its holder lets look.
pub fn covered(field: &Field, value: &str) -> String {
    match &field.field_type {
        FieldType::IdentityNumber | FieldType::CreditCode => apply(Mask::Code, value),
        FieldType::Date { .. } => format!("{}年**月**日", value.get(..4).unwrap_or("****")),
        FieldType::Text { .. } => apply(field.mask, value),
        FieldType::Money | FieldType::Number { .. } | FieldType::Enumeration { .. } => {
            apply(Mask::Whole, value)
        }
    }
}

/// A license with these fields masked, also where it says one of them again: as its holder's name or code, or as its number.
pub fn with_masked(kind: &LicenseKind, mut license: License, names: &[String]) -> License {
    for name in names {
        let (Some(field), Some(value)) = (kind.field(name), license.data.get_mut(name)) else { continue };
        *value = covered(field, value);
        let again = [
            (kind.holder.name == *name, &mut license.holder.name),
            (kind.holder.code == *name, &mut license.holder.code),
            (matches!(&kind.number, NumberRule::Field(number) if number == name), &mut license.number),
        ];
        for (_, place) in again.into_iter().filter(|(same, _)| *same) {
            place.clone_from(value);
        }
    }
    license
}

/// Masks one text. The holder's name and code are masked with [`Mask::Name`] and [`Mask::Code`].
pub fn apply(mask: Mask, value: &str) -> String {
    let stars = |count: usize| "*".repeat(count);
    let count = value.chars().count();
    match mask {
        Mask::Whole => stars(3),
        Mask::Name => value.split('、').map(name).collect::<Vec<_>>().join("、"),
        Mask::Code => {
            let mut ends = value.chars();
            match (ends.next(), ends.next_back()) {
                (Some(first), Some(last)) if count >= 6 => format!("{first}{}{last}", stars(count - 2)),
                _ => stars(count),
            }
        }
        Mask::Address if count <= 6 => stars(3),
        Mask::Address => format!("{}{}", value.chars().take(6).collect::<String>(), stars(6)),
    }
}

/// A name of two characters keeps the first: 王*. Longer ones too: 欧***; how long it is shows, as on other papers.
fn name(name: &str) -> String {
    let mut rest = name.chars();
    match rest.next() {
        Some(first) if name.chars().count() > 1 => format!("{first}{}", "*".repeat(rest.count().min(6))),
        _ => "*".to_owned(),
    }
}

/// A canonical value as a paper prints it in Chinese: dates as 2026年11月23日, enumerations by name, money grouped.
pub fn printed(field_type: &FieldType, value: &str) -> String {
    match field_type {
        FieldType::Date { .. } => parse_date(value).map_or_else(|| value.to_owned(), format_date_zh),
        FieldType::Money => grouped(value),
        FieldType::Enumeration { choices } => choices
            .iter()
            .find(|(code, _)| code == value)
            .map_or_else(|| value.to_owned(), |(_, name)| name.zh.clone()),
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::license::kind::Bilingual;

    fn field(field_type: FieldType, privacy: PrivacyClass, mask: Mask) -> Field {
        let title = Bilingual { zh: "项".into(), en: "item".into() };
        Field {
            name: "item".into(),
            title,
            field_type,
            required: true,
            privacy,
            mask,
            example: String::new(),
        }
    }

    const TEXT: FieldType = FieldType::Text { min: 1, max: 100, multiline: false, form: None };

    #[test]
    fn privacy_decides() {
        let show = |privacy| masked(&field(TEXT, privacy, Mask::Name), "林知微");
        assert_eq!(show(PrivacyClass::Public).as_deref(), Some("林知微"));
        assert_eq!(show(PrivacyClass::Personal).as_deref(), Some("林**"));
        assert_eq!(show(PrivacyClass::Sensitive), None);
    }

    #[test]
    fn each_kind_of_value_has_its_mask() {
        let personal =
            |field_type, mask, value: &str| masked(&field(field_type, PrivacyClass::Personal, mask), value);
        let shown = personal(FieldType::IdentityNumber, Mask::Whole, "11010519491231002X");
        assert_eq!(shown.as_deref(), Some("1****************X"));
        assert_eq!(
            personal(FieldType::Date { future: false }, Mask::Whole, "1990-05-01").as_deref(),
            Some("1990年**月**日")
        );
        assert_eq!(personal(FieldType::Money, Mask::Name, "5000000.00").as_deref(), Some("***"));
        assert_eq!(
            personal(TEXT, Mask::Address, "景川市云栖区望江路18号").as_deref(),
            Some("景川市云栖区******")
        );
        assert_eq!(personal(TEXT, Mask::Address, "望江路18号").as_deref(), Some("***"), "too short to cut");
    }

    #[test]
    fn names_and_short_codes_do_not_leak() {
        assert_eq!(apply(Mask::Name, "林知微、周以宁"), "林**、周**");
        assert_eq!(apply(Mask::Name, "林"), "*");
        assert_eq!(apply(Mask::Code, "12345"), "*****");
        assert_eq!(apply(Mask::Whole, "女"), "***");
        assert_eq!(apply(Mask::Name, ""), "*");
    }

    #[test]
    fn values_are_printed_as_on_paper() {
        let choices = vec![("f".to_owned(), Bilingual { zh: "女".into(), en: "female".into() })];
        assert_eq!(printed(&FieldType::Enumeration { choices }, "f"), "女");
        assert_eq!(printed(&FieldType::Money, "5000000.00"), "5,000,000.00");
        assert_eq!(printed(&FieldType::Date { future: true }, "2026-01-02"), "2026年01月02日");
    }
}
