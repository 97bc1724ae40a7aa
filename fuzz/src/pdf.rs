//! PDF files.

use super::bench::PDF;
use std::ops::Range;

/// Files that somebody sealed, of both suites.
const SEALED: [&[u8]; 2] =
    [include_bytes!("../corpus/pdf/sealed-p256.pdf"), include_bytes!("../corpus/pdf/sealed-sm2.pdf")];

/// A PDF file. What passes is what was sealed, but for the seal's own value, which covers all but itself.
pub fn pdf(bytes: &[u8]) {
    if !PDF.passes(bytes) {
        return;
    }
    let is_sealed = |sealed: &&[u8]| {
        let gap = gap(sealed);
        bytes.len() == sealed.len()
            && bytes[..gap.start] == sealed[..gap.start]
            && bytes[gap.end..] == sealed[gap.end..]
    };
    assert!(SEALED.iter().any(is_sealed), "a file that was changed after it was sealed passes");
}

/// Where the value of a file's seal stands.
fn gap(bytes: &[u8]) -> Range<usize> {
    const OPEN: &[u8] = b"/Contents<";
    let start = memchr::memmem::find(bytes, OPEN).expect("a seal") + OPEN.len();
    let length = memchr::memchr(b'>', &bytes[start..]).expect("its end");
    start..start + length
}
