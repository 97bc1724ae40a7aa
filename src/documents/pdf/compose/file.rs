//! Putting a file together: numbered objects one after another, then a classic cross-reference table. An incremental
//! update (ISO 32000-1 clause 7.5.6) adds objects behind a finished file, and a table of just those.

use crate::domain::time::{CHINA, Timestamp};
use pdf_writer::{Chunk, Ref};

/// Marks the file as binary for programs that guess.
const HEADER: &[u8] = b"%PDF-1.7\n%\xE5\x8D\xB0\xE8\xAF\x81\n";

/// What the trailer of an update says.
pub(super) struct UpdateTrailer {
    pub root: Ref,
    pub info: Ref,
    /// The file's.
    pub id: [u8; 16],
    /// The revision's.
    pub revision_id: [u8; 16],
    /// Offset of the table before.
    pub previous: usize,
}

/// Objects written so far and where each starts.
#[derive(Clone, Default)]
pub(super) struct Objects {
    pub bytes: Vec<u8>,
    /// Start of object n at place n - 1.
    starts: Vec<Option<usize>>,
}

impl Objects {
    /// Starts a file, with room for a typical license.
    pub fn start() -> Self {
        let mut bytes = Vec::with_capacity(128 << 10);
        bytes.extend_from_slice(HEADER);
        Self { bytes, starts: Vec::new() }
    }

    /// Goes on behind a finished file that has objects up to `highest`.
    pub fn update(bytes: Vec<u8>, highest: usize) -> Self {
        Self { bytes, starts: vec![None; highest] }
    }

    /// The highest number so far.
    pub fn highest(&self) -> usize {
        self.starts.len()
    }

    /// Notes that object `id` starts here. An object is written once.
    pub fn begin(&mut self, id: Ref) {
        let place = id.get() as usize - 1;
        if self.starts.len() <= place {
            self.starts.resize(place + 1, None);
        }
        debug_assert!(self.starts[place].is_none(), "object {} is written twice", place + 1);
        self.starts[place] = Some(self.bytes.len());
    }

    /// Writes object `id` with the help of pdf-writer: `write` must write exactly that object.
    pub fn object(&mut self, id: Ref, write: impl FnOnce(&mut Chunk)) {
        let mut chunk = Chunk::new();
        write(&mut chunk);
        debug_assert!(chunk.refs().eq([id]));
        self.begin(id);
        self.bytes.extend_from_slice(chunk.as_bytes());
    }

    /// Appends objects that were written apart.
    pub fn append(&mut self, other: &Self) {
        let shift = self.bytes.len();
        for (place, start) in other.starts.iter().enumerate() {
            if let Some(start) = start {
                if self.starts.len() <= place {
                    self.starts.resize(place + 1, None);
                }
                self.starts[place] = Some(shift + start);
            }
        }
        self.bytes.extend_from_slice(&other.bytes);
    }

    /// The next number no object has.
    pub fn next(&self, reserved: i32) -> Ref {
        Ref::new((self.starts.len() as i32).max(reserved) + 1)
    }

    /// Writes the table and the trailer. Every number up to the highest must have been written.
    pub fn finish(mut self, root: Ref, info: Ref, id: &[u8; 16]) -> Vec<u8> {
        let table = self.bytes.len();
        let size = self.starts.len() + 1;
        self.bytes.extend_from_slice(format!("xref\n0 {size}\n0000000000 65535 f \n").as_bytes());
        for start in &self.starts {
            let start = start.expect("every reserved object is written");
            let mut entry = *b"0000000000 00000 n \n";
            write_padded(&mut entry[..10], start);
            self.bytes.extend_from_slice(&entry);
        }
        let id = hex::encode_upper(id);
        let trailer = format!(
            "trailer\n<</Size {size}/Root {} 0 R/Info {} 0 R/ID[<{id}><{id}>]>>\nstartxref\n{table}\n%%EOF\n",
            root.get(),
            info.get()
        );
        self.bytes.extend_from_slice(trailer.as_bytes());
        self.bytes
    }

    /// Writes the table and the trailer of an update.
    pub fn finish_update(mut self, trailer: &UpdateTrailer) -> Vec<u8> {
        let table = self.bytes.len();
        self.bytes.extend_from_slice(b"xref\n");
        let mut place = 0;
        while place < self.starts.len() {
            let run: Vec<usize> = self.starts[place..].iter().map_while(|start| *start).collect();
            if run.is_empty() {
                place += 1;
                continue;
            }
            self.bytes.extend_from_slice(format!("{} {}\n", place + 1, run.len()).as_bytes());
            for start in &run {
                let mut entry = *b"0000000000 00000 n \n";
                write_padded(&mut entry[..10], *start);
                self.bytes.extend_from_slice(&entry);
            }
            place += run.len();
        }
        let UpdateTrailer { root, info, id, revision_id, previous } = trailer;
        let trailer = format!(
            "trailer\n<</Size {}/Root {} 0 R/Info {} 0 R/ID[<{}><{}>]/Prev {previous}>>\nstartxref\n{table}\n%%EOF\n",
            self.starts.len() + 1,
            root.get(),
            info.get(),
            hex::encode_upper(id),
            hex::encode_upper(revision_id),
        );
        self.bytes.extend_from_slice(trailer.as_bytes());
        self.bytes
    }
}

/// Writes a number with leading zeros over the whole slice.
pub(super) fn write_padded(place: &mut [u8], mut value: usize) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
    }
}

/// A PDF text string: a literal if it is plain ASCII, otherwise UTF-16 in hexadecimal.
pub(super) fn text_string(out: &mut Vec<u8>, text: &str) {
    if text.bytes().all(|b| (b' '..=b'~').contains(&b)) {
        out.push(b'(');
        for byte in text.bytes() {
            if matches!(byte, b'(' | b')' | b'\\') {
                out.push(b'\\');
            }
            out.push(byte);
        }
        out.push(b')');
    } else {
        out.extend_from_slice(b"<FEFF");
        for unit in text.encode_utf16() {
            out.extend_from_slice(format!("{unit:04X}").as_bytes());
        }
        out.push(b'>');
    }
}

/// A PDF date in China's time: `D:20261123160000+08'00'`.
pub(super) fn date_text(at: Timestamp) -> String {
    let at = at.to_offset().to_offset(CHINA);
    format!(
        "D:{:04}{:02}{:02}{:02}{:02}{:02}+08'00'",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}
