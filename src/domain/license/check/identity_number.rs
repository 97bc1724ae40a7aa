//! Resident identity number (公民身份号码, GB 11643-1999).

use crate::domain::time::Date;

/// Weights of the first 17 digits: powers of 2 modulo 11 (ISO/IEC 7064 MOD 11-2).
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/// Check character by the weighted sum modulo 11.
const CHECKS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];

/// Why a text is not an identity number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotAnIdentityNumber {
    /// It is not 17 digits and a digit or capital X.
    Form,
    /// The date of birth in it (digits 7 to 14) does not exist.
    BirthDate,
    /// Its check character is wrong.
    Check,
}

/// Checks form, date of birth and check character.
pub fn check(text: &str) -> Result<(), NotAnIdentityNumber> {
    let bytes = text.as_bytes();
    let [first @ .., last] = bytes else { return Err(NotAnIdentityNumber::Form) };
    if first.len() != 17
        || !first.iter().all(u8::is_ascii_digit)
        || !(last.is_ascii_digit() || *last == b'X')
        || first[0] == b'0'
    {
        return Err(NotAnIdentityNumber::Form);
    }
    let expected = check_character(&text[..17]).ok_or(NotAnIdentityNumber::Form)?;
    if char::from(*last) != expected {
        return Err(NotAnIdentityNumber::Check);
    }
    birth_date(text).map(|_| ()).ok_or(NotAnIdentityNumber::BirthDate)
}

/// Whether `text` is an identity number with an existing date of birth and a right check character.
pub fn valid(text: &str) -> bool {
    check(text).is_ok()
}

/// The date of birth inside, if there is such a day.
pub fn birth_date(text: &str) -> Option<Date> {
    let digits = |range: std::ops::Range<usize>| text.get(range)?.parse::<u16>().ok();
    let month = time::Month::try_from(u8::try_from(digits(10..12)?).ok()?).ok()?;
    Date::from_calendar_date(i32::from(digits(6..10)?), month, u8::try_from(digits(12..14)?).ok()?).ok()
}

/// The check character of the first 17 digits; `None` if they are not 17 digits.
pub fn check_character(first: &str) -> Option<char> {
    if first.len() != WEIGHTS.len() {
        return None;
    }
    let mut sum = 0;
    for (digit, weight) in first.chars().zip(WEIGHTS) {
        sum += digit.to_digit(10)? * weight;
    }
    Some(CHECKS[sum as usize % 11])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_standards_example_passes() {
        assert!(valid("11010519491231002X"));
        assert_eq!(check("110105194912310020"), Err(NotAnIdentityNumber::Check));
    }

    #[test]
    fn other_shapes_are_refused() {
        for text in
            ["", "11010519491231002", "11010519491231002x", "1101051949123100２X", "01010519491231002X"]
        {
            assert_eq!(check(text), Err(NotAnIdentityNumber::Form), "{text}");
        }
        assert_eq!(check("证证证证证证"), Err(NotAnIdentityNumber::Form), "eighteen bytes");
    }

    #[test]
    fn a_day_that_does_not_exist_is_refused() {
        let first = "11010519490230002";
        let number = format!("{first}{}", check_character(first).expect("digits"));
        assert_eq!(check(&number), Err(NotAnIdentityNumber::BirthDate));
    }

    fn number() -> impl Strategy<Value = String> {
        ("[1-8][0-9]{5}", 1900u16..2026, 1u8..=12, 1u8..=28, 0u16..1000).prop_map(|(area, y, m, d, order)| {
            let first = format!("{area}{y:04}{m:02}{d:02}{order:03}");
            format!("{first}{}", check_character(&first).expect("17 digits"))
        })
    }

    proptest! {
        #[test]
        fn any_one_changed_digit_is_caught(number in number(), at in 0usize..18, to in "[0-9X]") {
            prop_assert!(valid(&number));
            prop_assume!(number[at..=at] != to);
            let mut changed = number.clone();
            changed.replace_range(at..=at, &to);
            prop_assert!(!valid(&changed), "{} -> {}", number, changed);
        }

        #[test]
        fn two_neighbours_swapped_are_caught(number in number(), at in 0usize..17) {
            let mut bytes = number.clone().into_bytes();
            prop_assume!(bytes[at] != bytes[at + 1]);
            bytes.swap(at, at + 1);
            prop_assert!(!valid(&String::from_utf8(bytes).expect("ASCII")));
        }

        #[test]
        fn any_text_is_judged_without_panic(text in "\\PC{0,24}") {
            let _ = check(&text);
        }
    }
}
