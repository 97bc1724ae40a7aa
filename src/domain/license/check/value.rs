//! One value against its field: canonical text, or every reason why not.

use super::characters::{self, BadText};
use super::decimal::{self, NotADecimal};
use super::{credit_code, identity_number};
use crate::domain::license::kind::FieldType;
use crate::domain::refusal::Fault;
use crate::domain::time::{Date, format_date, parse_date};

/// A value as it came from outside, before any rule was asked.
#[derive(Clone, PartialEq, Eq)]
pub enum RawValue {
    /// A text.
    Text(String),
    /// A number as it was written, e.g. `5000000.00`.
    Number(String),
    /// True or false.
    Bool(bool),
    /// Anything else: a list, an object, null.
    Other,
}

impl std::fmt::Debug for RawValue {
    /// Leaves the value out: it may be a personal datum.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text",
            Self::Number(_) => "Number",
            Self::Bool(_) => "Bool",
            Self::Other => "Other",
        })
    }
}

/// The canonical text of `raw`, `None` if it is empty, or what is wrong with it. `pointer` says where it stands.
///
/// Texts are NFC and trimmed, dates `YYYY-MM-DD`, money has two decimals, enumerations are codes, codes are
/// capitals. `today` is the calendar date in China.
pub fn canonical(
    field_type: &FieldType,
    raw: &RawValue,
    pointer: &str,
    today: Date,
) -> Result<Option<String>, Fault> {
    let takes_numbers = matches!(field_type, FieldType::Money | FieldType::Number { .. });
    let text = match raw {
        RawValue::Text(text) => text,
        RawValue::Number(text) if takes_numbers => text,
        _ => {
            let expected = if takes_numbers { "number" } else { "text" };
            return Err(Fault::at(pointer, "field.wrong_type").with("expected", expected));
        }
    };
    let multiline = matches!(field_type, FieldType::Text { multiline: true, .. });
    let text = characters::canonical(text, multiline).map_err(|bad| match bad {
        BadText::LineBreak => Fault::at(pointer, "field.line_break"),
        BadText::Forbidden(c) => Fault::at(pointer, "field.forbidden_character")
            .with("character", format!("U+{:04X}", u32::from(c))),
    })?;
    if text.is_empty() {
        return Ok(None);
    }
    by_type(field_type, text, pointer, today).map(Some)
}

fn by_type(field_type: &FieldType, text: String, pointer: &str, today: Date) -> Result<String, Fault> {
    let fault = |code| Fault::at(pointer, code);
    match field_type {
        FieldType::Text { min, max, form, .. } => match (text.chars().count(), form) {
            (count, _) if count < *min => Err(fault("field.too_short").with("min", min)),
            (count, _) if count > *max => Err(fault("field.too_long").with("max", max)),
            (_, Some(form)) if !form.fits(&text) => {
                let hint = form.hint();
                Err(fault("field.wrong_form").with("hint_zh", &hint.zh).with("hint_en", &hint.en))
            }
            _ => Ok(text),
        },
        FieldType::Date { future } => {
            let date =
                parse_date(&text).filter(|d| d.year() >= 1).ok_or_else(|| fault("field.not_a_date"))?;
            if date > today && !future {
                return Err(fault("field.date_in_future"));
            }
            Ok(format_date(date))
        }
        FieldType::Money => decimal::money(&text).map_err(|why| match why {
            NotADecimal::Form | NotADecimal::Decimals => fault("field.not_money"),
            NotADecimal::TooLarge => fault("field.number_too_large").with("digits", decimal::MOST_DIGITS),
        }),
        FieldType::Number { decimals, min, max } => {
            let number = decimal::number(&text, *decimals).map_err(|why| match why {
                NotADecimal::Form => fault("field.not_a_number"),
                NotADecimal::Decimals => fault("field.too_many_decimals").with("decimals", decimals),
                NotADecimal::TooLarge => fault("field.number_too_large").with("digits", decimal::MOST_DIGITS),
            })?;
            match (min, max) {
                (Some(min), _) if decimal::compare(&number, min).is_lt() => {
                    Err(fault("field.below_least").with("min", min))
                }
                (_, Some(max)) if decimal::compare(&number, max).is_gt() => {
                    Err(fault("field.above_greatest").with("max", max))
                }
                _ => Ok(number),
            }
        }
        FieldType::Enumeration { choices } => {
            if choices.iter().any(|(code, _)| *code == text) {
                return Ok(text);
            }
            let codes: Vec<&str> = choices.iter().map(|(code, _)| code.as_str()).collect();
            Err(fault("field.not_a_choice").with("choices", codes.join(", ")))
        }
        FieldType::CreditCode => {
            let text = text.to_ascii_uppercase();
            credit_code::check(&text).map_err(|why| match why {
                credit_code::NotACreditCode::Form => fault("field.credit_code_form"),
                credit_code::NotACreditCode::Check => fault("field.credit_code_check"),
            })?;
            Ok(text)
        }
        FieldType::IdentityNumber => {
            use identity_number::NotAnIdentityNumber as Not;
            let text = text.to_ascii_uppercase();
            identity_number::check(&text).map_err(|why| match why {
                Not::Form => fault("field.identity_number_form"),
                Not::BirthDate => fault("field.identity_number_birth_date"),
                Not::Check => fault("field.identity_number_check"),
            })?;
            if identity_number::birth_date(&text).is_some_and(|born| born > today) {
                return Err(fault("field.identity_number_birth_date"));
            }
            Ok(text)
        }
    }
}
