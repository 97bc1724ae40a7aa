//! The object model. A strict reader first; what only a lenient one opens is never plainly good.

use super::scan::Scan;
use crate::domain::report::facts::NotExaminable;
use lopdf::{Document, LoadOptions};

/// Most bytes that all object streams of a file together may inflate to, and most for one.
const MAX_INFLATED: usize = 128 << 20;
const MAX_STREAM: usize = 16 << 20;

/// A file read.
pub(in crate::documents::pdf) struct Loaded {
    /// Its objects as the newest revision has them.
    pub document: Document,
    /// Why the strict reader refused it, if it did.
    pub lenient_because: Option<String>,
}

/// Most bytes that one of so many object streams may inflate to.
pub(in crate::documents::pdf) fn inflation(object_streams: usize) -> usize {
    (MAX_INFLATED / object_streams.max(1)).min(MAX_STREAM)
}

/// Reads the objects of a file.
pub(in crate::documents::pdf) fn load(bytes: &[u8], scan: &Scan) -> Result<Loaded, NotExaminable> {
    let options = |strict| LoadOptions {
        strict,
        max_decompressed_size: Some(inflation(scan.object_streams)),
        ..LoadOptions::default()
    };
    let (document, lenient_because) = match Document::load_mem_with_options(bytes, options(true)) {
        Ok(document) => (document, None),
        Err(lopdf::Error::Decompress(why)) => {
            return Err(NotExaminable::TooComplex { why: why.to_string() });
        }
        Err(strict) => match Document::load_mem_with_options(bytes, options(false)) {
            Ok(document) => (document, Some(strict.to_string())),
            Err(lopdf::Error::Decompress(why)) => {
                return Err(NotExaminable::TooComplex { why: why.to_string() });
            }
            Err(why) => return Err(NotExaminable::Broken { why: why.to_string() }),
        },
    };
    if document.trailer.has(b"Encrypt") || document.was_encrypted() {
        return Err(NotExaminable::Encrypted);
    }
    if document.catalog().is_err() {
        return Err(NotExaminable::Broken { why: "no catalog".to_owned() });
    }
    Ok(Loaded { document, lenient_because })
}
