//! The range of bytes a seal covers (ISO 32000-2 §12.8.1; ETSI EN 319 142-1 §5.5). The strict reading closes the
//! published forgeries: two parts, the first from the file's first byte, the gap exactly the hexadecimal text of this
//! dictionary's own /Contents, the second to the end of a revision.

use super::fields::Field;
use super::scan::Scan;
use crate::domain::report::facts::{Coverage, RangeFault};
use lopdf::xref::XrefEntry;
use lopdf::{Document, Object};

/// A range that holds.
pub(super) struct Covered<'a> {
    /// The covered bytes: before and after the gap.
    pub parts: [&'a [u8]; 2],
    /// The hexadecimal text in the gap, without its angle brackets.
    pub text: &'a [u8],
    /// What it covers.
    pub coverage: Coverage,
}

/// Checks the range of a field's signature.
pub(super) fn covered<'a>(
    bytes: &'a [u8],
    scan: &Scan,
    document: &Document,
    field: &Field<'_>,
) -> Result<Covered<'a>, RangeFault> {
    let range = field.signature.get_deref(b"ByteRange", document).map_err(|_| RangeFault::Missing)?;
    let numbers: Vec<usize> = range
        .as_array()
        .map_err(|_| RangeFault::Malformed)?
        .iter()
        .map(|n| n.as_i64().ok().and_then(|n| usize::try_from(n).ok()).ok_or(RangeFault::Malformed))
        .collect::<Result<_, _>>()?;
    let [start, first, second, rest] = numbers[..] else { return Err(RangeFault::Malformed) };
    if start != 0 {
        return Err(RangeFault::NotFromStart);
    }
    let end = second.checked_add(rest).ok_or(RangeFault::PastEnd)?;
    if end > bytes.len() || first > bytes.len() {
        return Err(RangeFault::PastEnd);
    }
    if first == 0 || rest == 0 || second < first.saturating_add(2) {
        return Err(RangeFault::Overlap);
    }
    let text = bytes[first..second]
        .strip_prefix(b"<")
        .and_then(|gap| gap.strip_suffix(b">"))
        .ok_or(RangeFault::GapIsNotContents)?;
    if !is_own_contents(bytes, scan, document, field, first, text) {
        return Err(RangeFault::GapIsNotContents);
    }
    let revision = scan.revision_ending_at(bytes, end).ok_or(RangeFault::EndsInsideRevision)?;
    Ok(Covered { parts: [&bytes[..first], &bytes[second..end]], text, coverage: Coverage { end, revision } })
}

/// Whether the gap is the value of /Contents of this very dictionary, by place and by value.
fn is_own_contents(
    bytes: &[u8],
    scan: &Scan,
    document: &Document,
    field: &Field<'_>,
    gap: usize,
    text: &[u8],
) -> bool {
    let Some(id) = field.signature_id else { return false };
    let Some(XrefEntry::Normal { offset, generation }) = document.reference_table.get(id.0) else {
        return false;
    };
    let begin = scan.header + *offset as usize;
    let inside = *generation == id.1
        && begin < gap
        && bytes[..gap].trim_ascii_end().ends_with(b"/Contents")
        && memchr::memmem::find(&bytes[begin..gap], b"endobj").is_none();
    let value = match field.signature.get(b"Contents") {
        Ok(Object::String(value, _)) => value,
        _ => return false,
    };
    inside && spells(text, value)
}

/// Whether a hexadecimal text, in either case and without space, is these bytes.
fn spells(text: &[u8], value: &[u8]) -> bool {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    text.len() == 2 * value.len()
        && text.chunks_exact(2).zip(value).all(|(digits, byte)| {
            digit(digits[0]) == Some(u32::from(byte >> 4)) && digit(digits[1]) == Some(u32::from(byte & 15))
        })
}

#[cfg(test)]
mod tests {
    use super::spells;

    #[test]
    fn a_text_spells_its_bytes_in_either_case_and_no_others() {
        assert!(spells(b"00aBfF", &[0, 0xab, 0xff]) && spells(b"", &[]));
        for (text, value) in [
            (&b"00abfe"[..], [0, 0xab, 0xff]),
            (b"00 bff", [0, 0xab, 0xff]),
            (b"00abff0", [0, 0xab, 0xff]),
            (b"00abf", [0, 0xab, 0xff]),
        ] {
            assert!(!spells(text, &value));
        }
    }
}
