//! Checks of small inputs that several use cases take.

use crate::domain::refusal::Fault;
use unicode_normalization::UnicodeNormalization;

/// Most rows of one slice of a list.
pub const MOST_ROWS: u32 = 200;

/// One line of text in NFC without surrounding blanks, of `least` to `most` characters and no control characters.
pub(crate) fn line(pointer: &str, raw: &str, least: usize, most: usize, faults: &mut Vec<Fault>) -> String {
    // Composing never makes a text longer than thrice its characters, so this bounds the work.
    if raw.len() > most * 12 {
        faults.push(Fault::at(pointer, "text.too_long").with("max", most));
        return String::new();
    }
    let text: String = raw.nfc().collect::<String>().trim().to_owned();
    let count = text.chars().count();
    if text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}')) {
        faults.push(Fault::at(pointer, "text.control_character"));
    } else if count < least && count == 0 {
        faults.push(Fault::at(pointer, "field.required"));
    } else if count < least {
        faults.push(Fault::at(pointer, "text.too_short").with("min", least));
    } else if count > most {
        faults.push(Fault::at(pointer, "text.too_long").with("max", most));
    }
    text
}

/// How many rows to give: what was asked for, within 1 to [`MOST_ROWS`].
pub(crate) fn rows(asked: Option<u32>) -> u32 {
    asked.unwrap_or(50).clamp(1, MOST_ROWS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(raw: &str) -> Vec<&'static str> {
        let mut faults = Vec::new();
        line("/reason", raw, 2, 5, &mut faults);
        faults.into_iter().map(|f| f.code).collect()
    }

    #[test]
    fn each_fault_has_its_code() {
        assert!(codes(" 办理贷款 ").is_empty());
        assert_eq!(codes("  "), ["field.required"]);
        assert_eq!(codes("一"), ["text.too_short"]);
        assert_eq!(codes("一二三四五六"), ["text.too_long"]);
        assert_eq!(codes("一\n二"), ["text.control_character"]);
        assert_eq!(codes(&"一".repeat(1000)), ["text.too_long"]);
    }
}
