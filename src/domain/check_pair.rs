//! Two check digits behind a row of digits, by ISO/IEC 7064 MOD 97-10: every wrong digit and every swap of neighbours is
//! seen.

use super::decimal;

/// The check digits of `digits`; `None` if something else stands among them.
pub fn of(digits: &str) -> Option<String> {
    let rest = remainder(digits.as_bytes())? * 100 % 97;
    Some(format!("{:02}", 98 - rest))
}

/// Whether the last two of `digits` are the check digits of those before them.
pub fn is_right(digits: &str) -> bool {
    digits.len() > 2 && remainder(digits.as_bytes()) == Some(1)
}

/// What is left of the number modulo 97. Sixteen digits at a time: the code of a license has a thousand.
fn remainder(digits: &[u8]) -> Option<u64> {
    let (groups, last) = digits.as_chunks::<16>();
    let append = |rest: u64, group: &[u8]| {
        // Below 97, then 16 digits: below 10^18, within 64 bits.
        let places = 10_u64.pow(u32::try_from(group.len()).ok()?);
        Some((rest * places + decimal::number(group)?) % 97)
    };
    let rest = groups.iter().try_fold(0, |rest, group| append(rest, group))?;
    append(rest, last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_digit_and_every_swap_is_seen() {
        let body = "71234567890123456789000000000000000000000000000000000000001";
        let whole = format!("{body}{}", of(body).expect("digits"));
        assert!(is_right(&whole));
        for at in 0..whole.len() {
            for digit in b'0'..=b'9' {
                let mut twin = whole.clone().into_bytes();
                twin[at] = digit;
                let twin = String::from_utf8(twin).expect("digits");
                assert_eq!(is_right(&twin), twin == whole);
            }
            if at + 1 < whole.len() {
                let mut twin = whole.clone().into_bytes();
                twin.swap(at, at + 1);
                let twin = String::from_utf8(twin).expect("digits");
                assert_eq!(is_right(&twin), twin == whole);
            }
        }
        assert_eq!(of("12a"), None);
        assert!(!is_right("01") && !is_right(""));
    }
}
