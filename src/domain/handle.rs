//! Handles of digits: a prefix of two for kind and version, 23 random digits, two check digits by ISO/IEC 7064 MOD 97-10. QR
//! version 1, Code 128-C, or typed by hand: keyboard scanners garble letters under a Chinese input method, so there are none.

use super::check_pair;

/// Random digits: 76 bits.
pub const RANDOM_DIGITS: usize = 23;

/// Why a text is not a handle of the kind that was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAHandle {
    /// Not 27 digits, or of another prefix.
    #[error("not such a handle")]
    Form,
    /// The check digits are wrong: mistyped or misread.
    #[error("the check digits are wrong")]
    Check,
}

/// The handle with those random digits; `None` if they are not 23 digits.
pub(super) fn from_random(prefix: &str, digits: &str) -> Option<String> {
    if digits.len() != RANDOM_DIGITS || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let body = format!("{prefix}{digits}");
    let check = check_pair::of(&body)?;
    Some(format!("{body}{check}"))
}

/// Reads a handle as scanned or typed: spaces and hyphens between groups and full-width digits are fine.
pub(super) fn parse(prefix: &str, text: &str) -> Result<String, NotAHandle> {
    if text.len() > 200 {
        return Err(NotAHandle::Form);
    }
    let narrow = |c: char| match c {
        '０'..='９' => char::from_digit(c as u32 - '０' as u32, 10).unwrap_or(c),
        other => other,
    };
    let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(narrow).collect();
    // Bars of Code 128 set C hold pairs of digits: a nought stands in front there.
    let digits = match digits.strip_prefix('0') {
        Some(rest) => rest.to_owned(),
        None => digits,
    };
    let form = digits.len() == prefix.len() + RANDOM_DIGITS + 2
        && digits.starts_with(prefix)
        && digits.bytes().all(|b| b.is_ascii_digit());
    if !form {
        return Err(NotAHandle::Form);
    }
    if check_pair::is_right(&digits) { Ok(digits) } else { Err(NotAHandle::Check) }
}

/// In groups of four, to read aloud or type.
pub(super) fn grouped(digits: &str) -> String {
    let groups: Vec<&str> = digits.as_bytes().chunks(4).filter_map(|c| std::str::from_utf8(c).ok()).collect();
    groups.join(" ")
}
