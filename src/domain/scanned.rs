//! What somebody scanned, by its form alone: a code of ours, or something that people hold out by mistake.

use std::borrow::Cow;

/// Longest text looked at, in bytes: an offline code in full-width digits, with spaces.
pub const MOST_BYTES: usize = 8 * 1024;
/// Digits of a show code.
const ROLLING: usize = 27;
/// Fewer digits than this are no offline code.
const OFFLINE: usize = 100;

/// What a text looks like. Says nothing of whether it is genuine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scanned {
    /// A show code: asked for online, once.
    Rolling,
    /// An offline code on paper.
    Paper,
    /// An offline code on a phone.
    Phone,
    /// An offline code in a version that is not known here.
    OtherVersion,
    /// Begins like one of ours, but digits are missing or too many.
    Incomplete,
    /// A payment code.
    Payment,
    /// An address: what health codes, venue codes and posters hold, and the code printed on a license's face.
    Address,
    /// Something else.
    Other,
}

/// Tells what was scanned.
pub fn tell(text: &str) -> Scanned {
    if text.len() > MOST_BYTES {
        return Scanned::Other;
    }
    let digits = digits(text);
    if digits.is_empty() {
        return Scanned::Other;
    }
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return if is_address(text.trim()) { Scanned::Address } else { Scanned::Other };
    }
    // Bars of Code 128 set C hold pairs of digits: a nought stands in front there.
    let bare =
        if digits.len() == ROLLING + 1 { digits.strip_prefix('0').unwrap_or(&digits) } else { &digits };
    match (bare.get(..2).unwrap_or_default(), bare.len()) {
        ("71", ROLLING) => Scanned::Rolling,
        ("81", length) if length > OFFLINE => Scanned::Paper,
        ("91", length) if length > OFFLINE => Scanned::Phone,
        (other, length) if length > OFFLINE && (other.starts_with('8') || other.starts_with('9')) => {
            Scanned::OtherVersion
        }
        (prefix, length) if is_payment(prefix, length) => Scanned::Payment,
        ("71", 20..) | ("81" | "91", 30..) => Scanned::Incomplete,
        _ => Scanned::Other,
    }
}

/// The text without the spaces and hyphens that people put between groups, full-width digits as plain ones.
fn digits(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return Cow::Borrowed(text);
    }
    let plain = text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(|c| match c {
        '０'..='９' => char::from_digit(c as u32 - '０' as u32, 10).unwrap_or(c),
        other => other,
    });
    Cow::Owned(plain.collect())
}

/// WeChat Pay has 18 digits from 10 to 15, Alipay 16 to 24 from 25 to 30, UnionPay 19 from 62.
fn is_payment(prefix: &str, length: usize) -> bool {
    let prefix: u32 = prefix.parse().unwrap_or_default();
    (16..=24).contains(&length) && matches!(prefix, 10..=15 | 25..=30 | 62)
}

fn is_address(text: &str) -> bool {
    let scheme = text.split_once(':').is_some_and(|(scheme, rest)| {
        (2..=20).contains(&scheme.len())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
            && !rest.is_empty()
    });
    // Under Caps Lock and some input methods the colon comes out as something else; the beginning does not.
    let begins = text
        .get(..4)
        .is_some_and(|start| ["http", "www.", "wxp:"].iter().any(|known| start.eq_ignore_ascii_case(known)));
    scheme || begins
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::check_pair;

    fn rolling() -> String {
        let body = format!("71{}", "1".repeat(23));
        format!("{body}{}", check_pair::of(&body).expect("digits"))
    }

    #[test]
    fn our_codes_are_told_apart_however_they_are_written() {
        let code = rolling();
        let grouped = format!("{} {}-{}", &code[..9], &code[9..18], &code[18..]);
        let wide: String =
            code.chars().map(|c| char::from_u32(c as u32 - 48 + '０' as u32).expect("a digit")).collect();
        for text in [&code, &grouped, &wide, &format!("0{code}")] {
            assert_eq!(tell(text), Scanned::Rolling, "{text}");
        }
        assert_eq!(tell(&format!("81{}", "4".repeat(1_034))), Scanned::Paper);
        assert_eq!(tell(&format!("91{}", "4".repeat(1_210))), Scanned::Phone);
        assert_eq!(tell(&format!("82{}", "4".repeat(1_034))), Scanned::OtherVersion);
    }

    #[test]
    fn half_a_code_is_no_strangers_code() {
        assert_eq!(tell(&rolling()[..26]), Scanned::Incomplete);
        assert_eq!(tell(&format!("{}7", rolling())), Scanned::Incomplete);
        assert_eq!(tell(&format!("81{}", "4".repeat(60))), Scanned::Incomplete);
        assert_eq!(tell("71123"), Scanned::Other);
    }

    #[test]
    fn payment_codes_are_known_by_beginning_and_length() {
        for code in ["134529876543210987", "281234567890123456", "6223456789012345678"] {
            assert_eq!(tell(code), Scanned::Payment, "{code}");
        }
        // One thing changed each: the beginning, the length.
        for code in ["164529876543210987", "13452987654321", "6323456789012345678"] {
            assert_eq!(tell(code), Scanned::Other, "{code}");
        }
    }

    #[test]
    fn addresses_and_other_texts() {
        for text in
            ["https://jkm.example.cn/q?c=1", "HTTPS://JKM", "www.example.cn", "weixin://wxpay/x", "http；//x"]
        {
            assert_eq!(tell(text), Scanned::Address, "{text}");
        }
        for text in ["", "   ", "hello", "K-2026", "你好", ":", &"7".repeat(9_000)] {
            assert_eq!(tell(text), Scanned::Other, "{text}");
        }
    }
}
