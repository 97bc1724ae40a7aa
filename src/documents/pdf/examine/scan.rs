//! The raw bytes: where the header stands, where revisions end, what lies outside. No object is parsed here.

use super::keys::unescape;
use crate::domain::report::facts::NotExaminable;

/// More revisions than a document that people sealed ever has.
const MAX_REVISIONS: usize = 64;
/// More objects than a document of a few pages ever has.
const MAX_OBJECTS: usize = 100_000;

/// What the raw bytes say.
#[derive(Clone, Debug, Default)]
pub(in crate::documents::pdf) struct Scan {
    /// Offset of `%PDF-`.
    pub header: usize,
    /// Ends of revisions: behind `startxref`, a number and `%%EOF`.
    pub revision_ends: Vec<usize>,
    /// Whether a cross-reference stream stands beside a table.
    pub hybrid: bool,
    /// Number of object streams: each may inflate.
    pub object_streams: usize,
}

/// Scans a file.
pub(in crate::documents::pdf) fn scan(bytes: &[u8]) -> Result<Scan, NotExaminable> {
    // Readers look for the header in the first kilobyte.
    let head = &bytes[..bytes.len().min(1024 + 5)];
    let header = head.windows(5).position(|w| w == b"%PDF-").ok_or(NotExaminable::NotPdf)?;
    let mut scan = Scan { header, ..Scan::default() };
    let mut objects = 0;
    for at in memchr::memchr3_iter(b'%', b'/', b'o', bytes) {
        let rest = &bytes[at..];
        match bytes[at] {
            b'%' if rest.starts_with(b"%%EOF") && follows_startxref(&bytes[..at]) => {
                scan.revision_ends.push(at + 5);
            }
            b'/' if rest.starts_with(b"/XRefStm") => scan.hybrid = true,
            b'/' if names_object_stream(rest) => scan.object_streams += 1,
            b'o' if rest.starts_with(b"obj") => objects += 1,
            _ => {}
        }
    }
    // `endobj` counts as well.
    if objects > 2 * MAX_OBJECTS {
        return Err(NotExaminable::TooComplex { why: format!("more than {MAX_OBJECTS} objects") });
    }
    if scan.revision_ends.len() > MAX_REVISIONS {
        return Err(NotExaminable::TooComplex { why: format!("more than {MAX_REVISIONS} revisions") });
    }
    Ok(scan)
}

/// Whether the text begins with the name `/ObjStm`, however it is spelled: any letter may stand as `#xx`.
fn names_object_stream(text: &[u8]) -> bool {
    const NAME: &[u8] = b"ObjStm";
    if !matches!(text.get(1), Some(b'O' | b'#')) {
        return false;
    }
    let spelled = &text[1..text.len().min(1 + 3 * NAME.len())];
    unescape(spelled).starts_with(NAME)
}

/// Whether the bytes end with `startxref`, a number, and white space around it.
fn follows_startxref(before: &[u8]) -> bool {
    let window = &before[before.len().saturating_sub(64)..];
    let text = window.trim_ascii_end();
    let digits = text.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let rest = text[..text.len() - digits].trim_ascii_end();
    digits > 0 && rest.ends_with(b"startxref")
}

impl Scan {
    /// Number of the revision that ends at `end`, from 1; the line end behind `%%EOF` may be in or out.
    pub fn revision_ending_at(&self, bytes: &[u8], end: usize) -> Option<usize> {
        let place = self.revision_ends.iter().position(|e| *e == end || e + line_end(&bytes[*e..]) == end)?;
        Some(place + 1)
    }
}

/// Length of the line end that the bytes begin with.
pub(in crate::documents::pdf) fn line_end(bytes: &[u8]) -> usize {
    match bytes {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &[u8] = b"%PDF-1.7\n...startxref\n9\n%%EOF\nmore\nstartxref\r\n10\r\n%%EOF\r\n";

    #[test]
    fn revisions_end_behind_startxref() {
        let scan = scan(TWO).expect("a header");
        assert_eq!(scan.revision_ends.len(), 2);
        assert_eq!(scan.revision_ending_at(TWO, 29), Some(1));
        assert_eq!(scan.revision_ending_at(TWO, 30), Some(1));
        assert_eq!(scan.revision_ending_at(TWO, 31), None);
        assert_eq!(scan.revision_ending_at(TWO, TWO.len()), Some(2));
    }

    #[test]
    fn a_mark_without_startxref_ends_nothing() {
        let twin = String::from_utf8_lossy(TWO).replace("startxref", "startxreg");
        assert!(scan(twin.as_bytes()).expect("a header").revision_ends.is_empty());
    }

    #[test]
    fn object_streams_are_counted_however_they_are_spelled() {
        let count =
            |name: &str| scan(format!("%PDF-1.7\n<</Type{name}>>").as_bytes()).map(|s| s.object_streams);
        for name in ["/ObjStm", "/Obj#53tm", "/#4fbjStm", "/#4F#62#6a#53#74#6D"] {
            assert_eq!(count(name), Ok(1), "{name}");
        }
        for twin in ["/Obj#54tm", "/Obj", "/#", "/#4", "/O", "/", "/Page"] {
            assert_eq!(count(twin), Ok(0), "{twin}");
        }
    }

    #[test]
    fn other_files_are_refused() {
        assert_eq!(scan(b"PK\x03\x04").err(), Some(NotExaminable::NotPdf));
        assert_eq!(scan(b"").err(), Some(NotExaminable::NotPdf));
        let late = [vec![b' '; 2000], TWO.to_vec()].concat();
        assert_eq!(scan(&late).err(), Some(NotExaminable::NotPdf));
        let many = [TWO, &b"1 0 obj endobj ".repeat(MAX_OBJECTS + 1)].concat();
        assert!(matches!(scan(&many), Err(NotExaminable::TooComplex { .. })));
    }
}
