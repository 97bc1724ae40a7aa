//! As much of a font as finding words takes: what each code means and how far it moves on.

use crate::documents::pdf::examine::dictionary::{array, dict, get, name};
use lopdf::{Dictionary, Document, Encoding, Object};
use std::collections::HashMap;

/// Most bytes that a map of codes may inflate to.
const MAX_MAP: usize = 1 << 20;
/// Most widths of a font that are kept.
const MAX_WIDTHS: usize = 70_000;

/// A font as far as it matters here.
pub(super) struct Font<'a> {
    encoding: Option<Encoding<'a>>,
    /// What the codes of a simple font mean by its map, which goes before its encoding: that may name glyphs of its own.
    mapped: HashMap<u32, String>,
    /// Bytes of a code.
    code_length: usize,
    /// Widths in thousandths of the size.
    widths: HashMap<u32, f32>,
    usual_width: f32,
}

impl<'a> Font<'a> {
    /// Reads a font.
    pub fn read(document: &'a Document, font: &'a Dictionary) -> Self {
        let composite = name(document, font, b"Subtype").as_deref() == Some("Type0");
        let encoding = font.get_font_encoding_with_limit(document, MAX_MAP).ok();
        if composite {
            let (widths, usual_width) = composite_widths(document, font);
            return Self { encoding, mapped: HashMap::new(), code_length: 2, widths, usual_width };
        }
        let (widths, usual_width) = simple_widths(document, font);
        Self { encoding, mapped: mapped(document, font), code_length: 1, widths, usual_width }
    }

    /// The codes of a string: what each shows, its width in ems, and whether it is a single-byte space.
    pub fn codes<'b>(&'b self, text: &'b [u8]) -> impl Iterator<Item = (String, f32, bool)> + 'b {
        text.chunks(self.code_length).map(|code| {
            let number = code.iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
            let by_encoding =
                || self.encoding.as_ref().and_then(|encoding| encoding.bytes_to_string(code).ok());
            let shown = self.mapped.get(&number).cloned().or_else(by_encoding);
            let width = self.widths.get(&number).copied().unwrap_or(self.usual_width) / 1000.0;
            (shown.unwrap_or_default(), width, code == b" ")
        })
    }
}

fn number(document: &Document, object: &Object) -> Option<f32> {
    document.dereference(object).ok()?.1.as_float().ok()
}

/// The codes of a simple font that its `ToUnicode` maps.
fn mapped(document: &Document, font: &Dictionary) -> HashMap<u32, String> {
    let Ok(map) = font.get(b"ToUnicode") else { return HashMap::new() };
    // Asked of the font itself, an encoding would go before the map.
    let mut alone = Dictionary::new();
    alone.set("Type", Object::Name(b"Font".to_vec()));
    alone.set("ToUnicode", map.clone());
    let Ok(map) = alone.get_font_encoding_with_limit(document, MAX_MAP) else { return HashMap::new() };
    let shown = |code: u8| {
        let text = map.bytes_to_string(&[code]).ok()?;
        (!text.contains(char::REPLACEMENT_CHARACTER)).then_some((u32::from(code), text))
    };
    if matches!(map, Encoding::UnicodeMapEncoding(_)) {
        (0..=u8::MAX).filter_map(shown).collect()
    } else {
        HashMap::new()
    }
}

fn simple_widths(document: &Document, font: &Dictionary) -> (HashMap<u32, f32>, f32) {
    // Fonts that are drawings have a unit of their own.
    let unit = array(document, font, b"FontMatrix").and_then(|matrix| number(document, matrix.first()?));
    let unit = unit.filter(|_| name(document, font, b"Subtype").as_deref() == Some("Type3"));
    let scale = unit.map_or(1.0, |unit| unit * 1000.0);
    let first = get(document, font, b"FirstChar").and_then(|n| n.as_i64().ok()).unwrap_or(0);
    let listed = array(document, font, b"Widths").into_iter().flatten().take(256);
    let widths = listed
        .zip(u32::try_from(first).unwrap_or(0)..)
        .filter_map(|(width, code)| Some((code, number(document, width)? * scale)));
    let missing = dict(document, font, b"FontDescriptor")
        .and_then(|descriptor| get(document, descriptor, b"MissingWidth"))
        .and_then(|width| width.as_float().ok());
    (widths.collect(), missing.unwrap_or(500.0))
}

/// The widths of a composite font's one descendant; its codes are taken for its glyphs, as nearly every writer has it.
fn composite_widths(document: &Document, font: &Dictionary) -> (HashMap<u32, f32>, f32) {
    let mut widths = HashMap::new();
    let descendant = array(document, font, b"DescendantFonts")
        .and_then(|fonts| document.dereference(fonts.first()?).ok())
        .and_then(|(_, font)| font.as_dict().ok());
    let Some(descendant) = descendant else { return (widths, 1000.0) };
    let usual = get(document, descendant, b"DW").and_then(|width| width.as_float().ok());
    let mut listed = array(document, descendant, b"W").into_iter().flatten().take(MAX_WIDTHS);
    while let (Some(first), Some(next)) = (listed.next(), listed.next()) {
        let Some(first) = number(document, first).map(|code| code as u32) else { break };
        match document.dereference(next) {
            Ok((_, Object::Array(each))) => {
                let each = each.iter().take(MAX_WIDTHS).zip(first..);
                widths.extend(each.filter_map(|(width, code)| Some((code, number(document, width)?))));
            }
            Ok((_, last)) => {
                let (Ok(last), Some(width)) = (last.as_float(), listed.next()) else { break };
                let Some(width) = number(document, width) else { break };
                widths.extend((first..=last as u32).take(MAX_WIDTHS).map(|code| (code, width)));
            }
            Err(_) => break,
        }
        if widths.len() > MAX_WIDTHS {
            break;
        }
    }
    (widths, usual.unwrap_or(1000.0))
}
