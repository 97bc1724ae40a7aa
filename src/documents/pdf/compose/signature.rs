//! The signature dictionary with room for the seal, and the field that shows it.
//! ETSI EN 319 142-1 clause 6.3; ISO 32000-1 clauses 12.7.4.5, 12.8.1 and 12.8.2.2.

use super::file::{Objects, date_text, text_string, write_padded};
use super::{SignatureField, UnsealedPdf};
use pdf_writer::Ref;
use std::ops::Range;

/// Digits reserved for each number of the byte range.
const DIGITS: usize = 10;
/// Widget flags: Print (bit 3) and Locked (bit 8).
const WIDGET_FLAGS: i32 = 4 | 128;

/// Where the parts to be filled in later are.
pub(in crate::documents::pdf) struct Places {
    byte_range: usize,
    contents: Range<usize>,
}

/// What a signature says may follow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::documents::pdf) enum Follow {
    /// The first: nothing but form filling and further signing (DocMDP level 2). It certifies the file.
    Seals,
    /// One between the first and the last: what the first allows.
    AsCertified,
    /// The last of several: nothing (FieldMDP over all fields; the field's lock says so beforehand). `Data` names the
    /// catalog.
    Nothing {
        /// The catalog.
        root: Ref,
    },
}

impl Follow {
    fn references(self) -> String {
        match self {
            Self::Seals => "\n/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams\
                 <</Type/TransformParams/P 2/V/1.2>>>>]"
                .to_owned(),
            Self::AsCertified => String::new(),
            Self::Nothing { root } => format!(
                "\n/Reference[<</Type/SigRef/TransformMethod/FieldMDP/Data {} 0 R/TransformParams\
                 <</Type/TransformParams/Action/All/V/1.2>>>>]",
                root.get()
            ),
        }
    }
}

/// Writes the signature dictionary as object `id`.
pub(in crate::documents::pdf) fn write(
    objects: &mut Objects,
    id: Ref,
    field: &SignatureField<'_>,
    follow: Follow,
) -> Places {
    objects.begin(id);
    let out = &mut objects.bytes;
    let head = format!(
        "{} 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M({})/Name",
        id.get(),
        date_text(field.claimed_time)
    );
    out.extend_from_slice(head.as_bytes());
    text_string(out, field.name);
    if !field.reason.is_empty() {
        out.extend_from_slice(b"/Reason");
        text_string(out, field.reason);
    }
    out.extend_from_slice(follow.references().as_bytes());
    out.extend_from_slice(b"\n/ByteRange[0 ");
    let byte_range = out.len();
    let room = [[b'0'; DIGITS]; 3].join(&b' ');
    out.extend_from_slice(&room);
    out.extend_from_slice(b"]\n/Contents");
    let start = out.len();
    out.push(b'<');
    out.resize(out.len() + 2 * field.contents_reserve, b'0');
    out.push(b'>');
    let contents = start..out.len();
    out.extend_from_slice(b">>\nendobj\n\n");
    Places { byte_range, contents }
}

impl Places {
    /// Fills the byte range of a finished file: all of it but the signature value.
    pub fn fill(self, mut bytes: Vec<u8>) -> UnsealedPdf {
        let Range { start, end } = self.contents;
        let numbers = [start, end, bytes.len() - end];
        // Numbers may not begin with zeros everywhere: spaces stand before them.
        for (n, number) in numbers.into_iter().enumerate() {
            let from = self.byte_range + n * (DIGITS + 1);
            let place = &mut bytes[from..from + DIGITS];
            write_padded(place, number);
            let zeros = place.iter().take_while(|digit| **digit == b'0').count().min(DIGITS - 1);
            place[..zeros].fill(b' ');
        }
        UnsealedPdf { bytes, contents: start..end, further: None }
    }
}

/// What the field and its widget need to know.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::documents::pdf) struct Widget {
    /// Which seal in order, from 1.
    pub number: usize,
    pub field: Ref,
    pub page: Ref,
    /// Left, bottom, right, top in points.
    pub rect: [f32; 4],
    /// What the field says may follow its signature, if it says so.
    pub lock: Option<Ref>,
}

/// What a field that is signed refers to.
#[derive(Clone, Copy)]
pub(in crate::documents::pdf) struct Signed {
    pub signature: Ref,
    pub appearance: Ref,
}

impl Widget {
    /// Writes the field merged with its widget. One that is not signed yet shows nothing.
    pub fn write(&self, objects: &mut Objects, signed: Option<Signed>) {
        let [left, bottom, right, top] = self.rect;
        objects.begin(self.field);
        let mut text = format!(
            "{} 0 obj\n<</Type/Annot/Subtype/Widget/FT/Sig/T(Seal{})/F {WIDGET_FLAGS}\
             /Rect[{left:.3} {bottom:.3} {right:.3} {top:.3}]/P {} 0 R",
            self.field.get(),
            self.number,
            self.page.get(),
        );
        if let Some(lock) = self.lock {
            text += &format!("/Lock {} 0 R", lock.get());
        }
        if let Some(Signed { signature, appearance }) = signed {
            text += &format!("/V {} 0 R/AP<</N {} 0 R>>", signature.get(), appearance.get());
        }
        objects.bytes.extend_from_slice(text.as_bytes());
        objects.bytes.extend_from_slice(b">>\nendobj\n\n");
    }
}

/// Writes what the last field says before it is signed: that its signature locks every field, and that nothing may follow
/// (ISO 32000-2 table 236).
pub(in crate::documents::pdf) fn write_lock(objects: &mut Objects, id: Ref) {
    objects.begin(id);
    let text = format!("{} 0 obj\n<</Type/SigFieldLock/Action/All/P 1>>\nendobj\n\n", id.get());
    objects.bytes.extend_from_slice(text.as_bytes());
}
