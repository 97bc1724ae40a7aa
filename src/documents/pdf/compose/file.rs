//! Putting a file together: numbered objects one after another, then a classic cross-reference table. An incremental
//! update (ISO 32000-1 clause 7.5.6) adds objects behind a finished file, and a table of just those.

use super::deflate::{Deflate, FAST};
use crate::domain::time::{CHINA, Timestamp};
use pdf_writer::{Chunk, Ref};

/// Marks the file as binary for programs that guess.
const HEADER: &[u8] = b"%PDF-1.7\n%\xE5\x8D\xB0\xE8\xAF\x81\n";

/// What the trailer of an update says.
pub(in crate::documents::pdf) struct UpdateTrailer {
    pub root: Ref,
    pub info: Option<Ref>,
    /// The file's; others write none, or one of any length.
    pub id: Option<Vec<u8>>,
    /// The revision's.
    pub revision_id: [u8; 16],
    /// Offset of the table before.
    pub previous: usize,
}

/// Objects written so far and where each starts.
#[derive(Clone, Default)]
pub(in crate::documents::pdf) struct Objects {
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
        for (first, run) in self.runs() {
            self.bytes.extend_from_slice(format!("{first} {}\n", run.len()).as_bytes());
            for start in run {
                let mut entry = *b"0000000000 00000 n \n";
                write_padded(&mut entry[..10], start);
                self.bytes.extend_from_slice(&entry);
            }
        }
        let entries = trailer.entries(self.starts.len() + 1);
        let text = format!("trailer\n<<{entries}>>\nstartxref\n{table}\n%%EOF\n");
        self.bytes.extend_from_slice(text.as_bytes());
        self.bytes
    }

    /// Writes both as a cross-reference stream (ISO 32000-2 §7.5.8), which a file that has one must go on with.
    pub fn finish_update_as_stream(mut self, trailer: &UpdateTrailer) -> Vec<u8> {
        let id = self.next(0);
        let table = self.bytes.len();
        self.begin(id);
        let (mut index, mut entries) = (String::new(), Vec::new());
        for (first, run) in self.runs() {
            index += &format!("{first} {} ", run.len());
            for start in run {
                // A file is smaller than 4 GiB, by the bounds on what is opened.
                entries.push(1);
                entries.extend_from_slice(&(start as u32).to_be_bytes());
                entries.push(0);
            }
        }
        let packed = Deflate::new(FAST).run(&entries);
        let head = format!(
            "{} 0 obj\n<</Type/XRef/W[1 4 1]/Index[{}]{}/Filter/FlateDecode/Length {}>>\nstream\n",
            id.get(),
            index.trim_end(),
            trailer.entries(self.starts.len() + 1),
            packed.len()
        );
        self.bytes.extend_from_slice(head.as_bytes());
        self.bytes.extend_from_slice(&packed);
        let tail = format!("\nendstream\nendobj\n\nstartxref\n{table}\n%%EOF\n");
        self.bytes.extend_from_slice(tail.as_bytes());
        self.bytes
    }

    /// The objects written, in runs of numbers: the first number of each, and where its objects start.
    fn runs(&self) -> Vec<(usize, Vec<usize>)> {
        let mut runs: Vec<(usize, Vec<usize>)> = Vec::new();
        for (place, start) in self.starts.iter().enumerate() {
            let Some(start) = *start else { continue };
            match runs.last_mut() {
                Some((first, run)) if *first + run.len() == place + 1 => run.push(start),
                _ => runs.push((place + 1, vec![start])),
            }
        }
        runs
    }
}

impl UpdateTrailer {
    fn entries(&self, size: usize) -> String {
        let mut text = format!("/Size {size}/Root {} 0 R", self.root.get());
        if let Some(info) = self.info {
            text += &format!("/Info {} 0 R", info.get());
        }
        if let Some(id) = &self.id {
            text += &format!("/ID[<{}><{}>]", hex::encode_upper(id), hex::encode_upper(self.revision_id));
        }
        text + &format!("/Prev {}", self.previous)
    }
}

/// Writes a number with leading zeros over the whole slice.
pub(in crate::documents::pdf) fn write_padded(place: &mut [u8], mut value: usize) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
    }
}

/// A PDF text string: a literal if it is plain ASCII, otherwise UTF-16 in hexadecimal.
pub(in crate::documents::pdf) fn text_string(out: &mut Vec<u8>, text: &str) {
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
pub(in crate::documents::pdf) fn date_text(at: Timestamp) -> String {
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
