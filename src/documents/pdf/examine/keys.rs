//! Keys that stand twice in one dictionary: readers differ in which one they take. The object model has lost them, so
//! the objects' own text is read, once each.

use crate::domain::report::facts::{NotExaminable, Oddity};
use lopdf::Document;
use lopdf::xref::XrefEntry;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

const MAX_DEPTH: usize = 256;
/// Most dictionaries named: one is enough to say no.
const MAX_FOUND: usize = 20;
/// Most bytes of a key that are told.
const MAX_TOLD: usize = 64;

/// Dictionaries with a key twice, the first per object.
pub(super) fn duplicates(
    bytes: &[u8],
    document: &Document,
    header: usize,
) -> Result<Vec<Oddity>, NotExaminable> {
    let mut places = BTreeMap::new();
    for (number, entry) in &document.reference_table.entries {
        if let XrefEntry::Normal { offset, .. } = entry {
            places.entry(header + *offset as usize).or_insert(*number);
        }
    }
    // Objects that overlap would be read over and over.
    let mut budget = 2 * bytes.len() + 4096;
    let mut found = Vec::new();
    for (place, number) in places {
        let Some(text) = bytes.get(place..) else { continue };
        let (read, duplicate) = first_duplicate(text);
        budget = budget
            .checked_sub(read)
            .ok_or_else(|| NotExaminable::TooComplex { why: "objects overlap".to_owned() })?;
        if let Some(key) = duplicate
            && found.len() < MAX_FOUND
        {
            found.push(Oddity::DuplicateKey { object: number, key });
        }
    }
    Ok(found)
}

enum Open<'a> {
    Array,
    /// Keys so far; whether the next token is the value of the last.
    Dictionary(Keys<'a>, bool),
}

/// Most keys that are looked through one by one: nearly all dictionaries have fewer, and need no table.
const FEW: usize = 24;

/// The keys of one dictionary.
#[derive(Default)]
struct Keys<'a> {
    few: Vec<Cow<'a, [u8]>>,
    more: HashSet<Cow<'a, [u8]>>,
}

impl<'a> Keys<'a> {
    /// Adds a key; `false` if it was there.
    fn insert(&mut self, key: Cow<'a, [u8]>) -> bool {
        if self.few.contains(&key) {
            return false;
        }
        if self.few.len() < FEW {
            self.few.push(key);
            return true;
        }
        self.more.insert(key)
    }
}

/// Reads one object up to its stream or end: how many bytes that took, and the first key that stands twice.
fn first_duplicate(text: &[u8]) -> (usize, Option<String>) {
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut duplicate = None;
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let rest = &text[at..];
        let is_value = !matches!(byte, b'%' | b')' | b']' | b'>') && !is_space(*byte);
        let takes_name = matches!(open.last(), Some(Open::Dictionary(_, false))) && *byte == b'/';
        if is_value
            && !takes_name
            && let Some(Open::Dictionary(_, value_due)) = open.last_mut()
        {
            *value_due = false;
        }
        at += match byte {
            b'%' => rest.iter().position(|b| matches!(b, b'\r' | b'\n')).unwrap_or(rest.len()),
            b'(' => string_length(rest),
            b'<' if rest.starts_with(b"<<") => {
                open.push(Open::Dictionary(Keys::default(), false));
                2
            }
            // The longest text of a sealed file stands here: its signature.
            b'<' => memchr::memchr(b'>', rest).map_or(rest.len(), |n| n + 1),
            b'[' => {
                open.push(Open::Array);
                1
            }
            b'>' | b']' => {
                open.pop();
                if rest.starts_with(b">>") { 2 } else { 1 }
            }
            b'/' => {
                let length = 1 + regular_length(&rest[1..]);
                if takes_name && let Some(Open::Dictionary(keys, value_due)) = open.last_mut() {
                    let key = unescape(&rest[1..length]);
                    if !keys.insert(key) && duplicate.is_none() {
                        let key = unescape(&rest[1..length]);
                        let told = &key[..key.len().min(MAX_TOLD)];
                        duplicate = Some(String::from_utf8_lossy(told).into_owned());
                    }
                    *value_due = true;
                }
                length
            }
            space if is_space(*space) => 1,
            _ => {
                let word = &rest[..regular_length(rest).max(1)];
                if word == b"endobj" || word == b"stream" {
                    break;
                }
                word.len()
            }
        };
        if open.len() > MAX_DEPTH {
            break;
        }
    }
    (at, duplicate)
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

const fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

fn regular_length(text: &[u8]) -> usize {
    text.iter().position(|byte| is_space(*byte) || is_delimiter(*byte)).unwrap_or(text.len())
}

fn string_length(text: &[u8]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(byte) = text.get(at) {
        match byte {
            b'\\' => at += 1,
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            break;
        }
    }
    at.min(text.len())
}

/// A name with its `#xx` escapes resolved.
pub(super) fn unescape(name: &[u8]) -> Cow<'_, [u8]> {
    if !name.contains(&b'#') {
        return Cow::Borrowed(name);
    }
    let mut out = Vec::with_capacity(name.len());
    let mut at = 0;
    while let Some(byte) = name.get(at) {
        let escaped = name.get(at + 1..at + 3).filter(|_| *byte == b'#');
        match escaped.and_then(|digits| hex::decode(digits).ok()) {
            Some(decoded) => {
                out.extend(decoded);
                at += 3;
            }
            None => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_stands_twice_is_found_however_it_is_written() {
        let good = "1 0 obj << /Type /Type /A 1 0 R /B [ /A /A << /A 1 >> ] /C (/A \\) (x) ) /D <41> /E % /A\n null >> endobj << /X 1 /X 2 >>";
        assert_eq!(first_duplicate(good.as_bytes()).1, None);
        for (from, to) in [("/B ", "/A "), ("/E ", "/#41 "), ("/D <41>", "/C(x)"), ("/A 1 >>", "/A 1 /A 2>>")]
        {
            let twin = good.replace(from, to);
            assert_ne!(twin, good);
            assert!(first_duplicate(twin.as_bytes()).1.is_some(), "{twin}");
        }
    }

    #[test]
    fn it_is_found_among_many() {
        let keys = |last: usize| {
            let keys: String = (0..2 * FEW).map(|n| format!("/K{n} 1 ")).collect();
            format!("1 0 obj << {keys} /K{last} 1 >> endobj")
        };
        for last in [0, FEW - 1, FEW, 2 * FEW - 1] {
            assert_eq!(first_duplicate(keys(last).as_bytes()).1, Some(format!("K{last}")));
        }
        assert_eq!(first_duplicate(keys(2 * FEW).as_bytes()).1, None);
    }

    #[test]
    fn unfinished_text_ends() {
        for text in ["<<", "<< /A", "(((", "<", "/", ">>", "((\\", "<< /A (", "]", ""] {
            assert!(first_duplicate(text.as_bytes()).0 <= text.len());
        }
    }
}
