//! Which characters a printed text may have, and its canonical form.

use unicode_normalization::UnicodeNormalization;

/// Why a text cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadText {
    /// A character that does not print, or prints differently from machine to machine: controls, invisible
    /// and direction marks, private use, unassigned ends of planes.
    Forbidden(char),
    /// A line break where only one line is allowed.
    LineBreak,
}

/// Unicode NFC without white space at either end; line breaks as `\n`.
pub fn canonical(text: &str, multiline: bool) -> Result<String, BadText> {
    let text: String = text.nfc().collect::<String>().replace("\r\n", "\n").replace('\r', "\n");
    let text = text.trim();
    for c in text.chars() {
        match c {
            '\n' if multiline => {}
            '\n' => return Err(BadText::LineBreak),
            c if is_forbidden(c) => return Err(BadText::Forbidden(c)),
            _ => {}
        }
    }
    Ok(text.to_owned())
}

/// Characters that would let two different texts look the same, or one text look different elsewhere.
fn is_forbidden(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c),
            0x00AD | 0x034F | 0x061C | 0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F | 0x3164 | 0xFEFF | 0xFFA0
            | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0xFE00..=0xFE0F
            | 0xFDD0..=0xFDEF | 0xFFF0..=0xFFFD
            | 0xE000..=0xF8FF | 0xE0000..=0x10_FFFF)
        || u32::from(c) & 0xFFFE == 0xFFFE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn composes_and_trims() {
        assert_eq!(canonical("\u{3000}e\u{301}tude \n", false).as_deref(), Ok("étude"));
        assert_eq!(canonical("a\r\nb\rc", true).as_deref(), Ok("a\nb\nc"));
        assert_eq!(canonical("a\nb", false), Err(BadText::LineBreak));
    }

    #[test]
    fn what_cannot_be_seen_is_refused_and_rare_han_is_not() {
        for bad in [
            '\0',
            '\t',
            '\u{200B}',
            '\u{202E}',
            '\u{E000}',
            '\u{FEFF}',
            '\u{FFFD}',
            '\u{1FFFF}',
            '\u{10FFFD}',
        ] {
            assert_eq!(canonical(&format!("a{bad}b"), true), Err(BadText::Forbidden(bad)), "{bad:?}");
        }
        for good in ["王𠮷", "㐱", "阿卜杜拉·买买提", "〇", "𬬮"] {
            assert_eq!(canonical(good, false).as_deref(), Ok(good));
        }
    }
}
