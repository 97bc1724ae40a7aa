//! Embedding: each font is cut to the glyphs a file shows, with the way back from glyph to character.

use super::deflate::Deflate;
use super::file::Objects;
use crate::documents::face::{FaceFault, SetGlyph};
use crate::documents::fonts::{FontFile, FontId, Fonts, Outlines};
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Filter, Name, Rect, Ref, Str};
use subsetter::GlyphRemapper;

/// Objects one cut font takes.
pub(super) const OBJECTS_PER_CUT: i32 = 5;

const IDENTITY: SystemInfo<'static> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// The glyphs taken from one font file; the new number of a glyph is its character identifier (CID).
struct Cut {
    font: FontId,
    glyphs: GlyphRemapper,
    /// Character and advance by CID, from 1.
    entries: Vec<(char, f32)>,
}

/// All fonts of a file as they are cut.
#[derive(Default)]
pub(super) struct FontCuts {
    cuts: Vec<Cut>,
}

impl FontCuts {
    /// The cut and the CID of a glyph. Two characters that share a glyph go to different cuts, so that each
    /// can be read back.
    pub fn take(&mut self, font: FontId, glyph: &SetGlyph) -> (usize, u16) {
        for (place, cut) in self.cuts.iter_mut().enumerate().filter(|(_, cut)| cut.font == font) {
            let cid = cut.glyphs.remap(glyph.id);
            match cut.entries.get(usize::from(cid) - 1) {
                Some((character, _)) if *character == glyph.character => return (place, cid),
                Some(_) => {}
                None => {
                    cut.entries.push((glyph.character, glyph.advance));
                    return (place, cid);
                }
            }
        }
        let mut glyphs = GlyphRemapper::new();
        let cid = glyphs.remap(glyph.id);
        self.cuts.push(Cut { font, glyphs, entries: vec![(glyph.character, glyph.advance)] });
        (self.cuts.len() - 1, cid)
    }

    /// How many fonts were cut.
    pub fn len(&self) -> usize {
        self.cuts.len()
    }

    /// Writes the fonts from object `first` on; each takes [`OBJECTS_PER_CUT`] numbers, its own first.
    /// A font that cannot be cut gives a fault that names one of its characters.
    pub fn write(
        &self,
        objects: &mut Objects,
        first: Ref,
        fonts: &Fonts,
        deflate: &mut Deflate,
    ) -> Result<(), FaceFault> {
        for (place, cut) in self.cuts.iter().enumerate() {
            let id = first.get() + place as i32 * OBJECTS_PER_CUT;
            cut.write(objects, id, fonts.file(cut.font), deflate)?;
        }
        Ok(())
    }
}

impl Cut {
    fn write(
        &self,
        objects: &mut Objects,
        id: i32,
        file: &FontFile,
        deflate: &mut Deflate,
    ) -> Result<(), FaceFault> {
        let unusable = || FaceFault::MissingGlyph { field: "font".into(), character: self.entries[0].0 };
        let cut = subsetter::subset(file.data(), file.index(), &self.glyphs).map_err(|_| unusable())?;
        let embedded = match file.outlines() {
            Outlines::TrueType => &cut,
            Outlines::Cff => cff_table(&cut).ok_or_else(unusable)?,
        };
        let [font, cid_font, descriptor, program, to_unicode] = [0, 1, 2, 3, 4].map(|n| Ref::new(id + n));
        let name = format!("{}+{}", self.tag(), file.name());
        let name = Name(name.as_bytes());
        objects.object(font, |chunk| {
            let mut dict = chunk.type0_font(font);
            dict.base_font(name).encoding_predefined(Name(b"Identity-H"));
            dict.descendant_font(cid_font).to_unicode(to_unicode);
        });
        objects.object(cid_font, |chunk| {
            let mut dict = chunk.cid_font(cid_font);
            dict.base_font(name).system_info(IDENTITY).font_descriptor(descriptor).default_width(1000.0);
            match file.outlines() {
                Outlines::TrueType => {
                    dict.subtype(CidFontType::Type2).cid_to_gid_map_predefined(Name(b"Identity"));
                }
                Outlines::Cff => {
                    dict.subtype(CidFontType::Type0);
                }
            }
            let mut widths = dict.widths();
            for (place, (_, advance)) in self.entries.iter().enumerate() {
                if (advance - 1.0).abs() > 0.0005 {
                    widths.consecutive(place as u16 + 1, [advance * 1000.0]);
                }
            }
        });
        objects.object(descriptor, |chunk| {
            let measures = file.measures();
            let [left, bottom, right, top] = measures.bounds;
            let mut dict = chunk.font_descriptor(descriptor);
            dict.name(name).flags(FontFlags::SYMBOLIC | FontFlags::SERIF);
            dict.bbox(Rect::new(left, bottom, right, top)).italic_angle(measures.italic_angle);
            dict.ascent(measures.ascent).descent(measures.descent).cap_height(measures.cap_height);
            dict.stem_v(if measures.bold { 140.0 } else { 80.0 });
            match file.outlines() {
                Outlines::TrueType => dict.font_file2(program),
                Outlines::Cff => dict.font_file3(program),
            };
        });
        objects.object(program, |chunk| {
            let packed = deflate.run(embedded);
            let mut stream = chunk.stream(program, &packed);
            stream.filter(Filter::FlateDecode);
            match file.outlines() {
                Outlines::TrueType => stream.pair(Name(b"Length1"), embedded.len() as i32),
                Outlines::Cff => stream.pair(Name(b"Subtype"), Name(b"CIDFontType0C")),
            };
        });
        objects.object(to_unicode, |chunk| {
            let mut map = UnicodeCmap::new(Name(b"Adobe-Identity-UCS"), IDENTITY);
            for (place, (character, _)) in self.entries.iter().enumerate() {
                map.pair(place as u16 + 1, *character);
            }
            let packed = deflate.run(map.finish().as_slice());
            chunk.stream(to_unicode, &packed).filter(Filter::FlateDecode);
        });
        Ok(())
    }

    /// Six capitals that differ between different cuts (FNV-1a over the characters; not a security matter).
    fn tag(&self) -> String {
        let mut hash = 0xCBF2_9CE4_8422_2325_u64;
        for (character, _) in &self.entries {
            hash = (hash ^ u64::from(u32::from(*character))).wrapping_mul(0x0100_0000_01B3);
        }
        let letters = (0..6).map(|n| char::from(b'A' + (hash >> (8 * n + 8) & 0xFF) as u8 % 26));
        letters.collect()
    }
}

/// The `CFF ` table of an OpenType font: PDF embeds the table alone.
fn cff_table(font: &[u8]) -> Option<&[u8]> {
    ttf_parser::RawFace::parse(font, 0).ok()?.table(ttf_parser::Tag::from_bytes(b"CFF "))
}
