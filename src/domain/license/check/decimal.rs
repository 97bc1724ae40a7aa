//! Amounts and plain numbers as exact decimal text; never a floating-point value.

use std::cmp::Ordering;

/// Why a text is not such a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotADecimal {
    /// Not digits with at most one point between them.
    Form,
    /// More digits after the point than allowed.
    Decimals,
    /// More than [`MOST_DIGITS`] digits before the point.
    TooLarge,
}

/// Most digits before the point: up to a hundred million million yuan.
pub const MOST_DIGITS: usize = 14;

fn split(text: &str, decimals: usize) -> Result<(&str, &str), NotADecimal> {
    let (whole, fraction) = match text.split_once('.') {
        Some((_, "")) => return Err(NotADecimal::Form),
        Some(parts) => parts,
        None => (text, ""),
    };
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return Err(NotADecimal::Form);
    }
    if fraction.trim_end_matches('0').len() > decimals {
        return Err(NotADecimal::Decimals);
    }
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        rest => rest,
    };
    if whole.len() > MOST_DIGITS { Err(NotADecimal::TooLarge) } else { Ok((whole, fraction)) }
}

/// Yuan with exactly two decimals: `5000000` and `5000000.0` become `5000000.00`.
pub fn money(text: &str) -> Result<String, NotADecimal> {
    let (whole, fraction) = split(text, 2)?;
    let kept = fraction.get(..2).unwrap_or(fraction);
    Ok(format!("{whole}.{kept:0<2}"))
}

/// A non-negative number with at most `decimals` digits after the point, without needless zeros.
pub fn number(text: &str, decimals: u8) -> Result<String, NotADecimal> {
    let (whole, fraction) = split(text, usize::from(decimals))?;
    let fraction = fraction.trim_end_matches('0');
    Ok(if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") })
}

/// Compares two numbers in canonical form.
pub fn compare(a: &str, b: &str) -> Ordering {
    let parts = |text| str::split_once(text, '.').unwrap_or((text, ""));
    let ((whole_a, fraction_a), (whole_b, fraction_b)) = (parts(a), parts(b));
    // Without needless zeros more digits before the point are more; behind it digits compare from the left.
    whole_a
        .len()
        .cmp(&whole_b.len())
        .then_with(|| whole_a.cmp(whole_b))
        .then_with(|| fraction_a.cmp(fraction_b))
}

/// Groups the digits before the point by three: `5000000.00` becomes `5,000,000.00`.
pub fn grouped(canonical: &str) -> String {
    let (whole, fraction) = canonical.split_once('.').unwrap_or((canonical, ""));
    let mut text = String::with_capacity(canonical.len() + 4);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn money_has_two_decimals() {
        for (raw, canonical) in [
            ("5000000", "5000000.00"),
            ("0012.5", "12.50"),
            ("0", "0.00"),
            ("000.01", "0.01"),
            ("1.2300", "1.23"),
        ] {
            assert_eq!(money(raw).as_deref(), Ok(canonical));
        }
        for (raw, fault) in [
            ("", NotADecimal::Form),
            (".5", NotADecimal::Form),
            ("5.", NotADecimal::Form),
            ("-1", NotADecimal::Form),
            ("1e3", NotADecimal::Form),
            ("1,000", NotADecimal::Form),
            ("１", NotADecimal::Form),
            ("1.2.3", NotADecimal::Form),
            ("1.234", NotADecimal::Decimals),
            ("123456789012345", NotADecimal::TooLarge),
        ] {
            assert_eq!(money(raw), Err(fault), "{raw}");
        }
    }

    #[test]
    fn numbers_keep_no_needless_zeros() {
        assert_eq!(number("086.50", 2).as_deref(), Ok("86.5"));
        assert_eq!(number("50", 0).as_deref(), Ok("50"));
        assert_eq!(number("50.1", 0), Err(NotADecimal::Decimals));
    }

    #[test]
    fn numbers_compare_by_their_value() {
        let ordered = ["0", "0.05", "0.5", "9", "9.25", "9.3", "10", "99.9", "100", "99999999999999"];
        for (at, a) in ordered.iter().enumerate() {
            for (place, b) in ordered.iter().enumerate() {
                assert_eq!(compare(a, b), at.cmp(&place), "{a} {b}");
            }
        }
    }

    #[test]
    fn digits_are_grouped() {
        for (plain, shown) in
            [("0.00", "0.00"), ("999.00", "999.00"), ("1000", "1,000"), ("1234567.80", "1,234,567.80")]
        {
            assert_eq!(grouped(plain), shown);
        }
    }

    proptest! {
        #[test]
        fn canonical_money_stays_as_it_is(yuan in 0u64..99_999_999_999_999, fen in 0u8..100) {
            let text = format!("{yuan}.{fen:02}");
            prop_assert_eq!(money(&text), Ok(text.clone()));
            prop_assert_eq!(grouped(&text).replace(',', ""), text);
        }
    }
}
