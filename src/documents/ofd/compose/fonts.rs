//! Embedding: each font is cut to the characters a file shows.
//!
//! A cut made for PDF has lost its `cmap`, since PDF addresses glyphs by number. OFD has a way to do that too
//! (CGTransform), but readers differ in following it, while all of them find the glyph of a character through the
//! font's `cmap`. So the cut gets one back, with a name of its own and the other tables that font systems ask for, and
//! the text needs nothing but its characters.

use crate::documents::face::{FaceFault, SetGlyph};
use crate::documents::fonts::{FontFile, FontId, Fonts, Outlines};
use crate::documents::ofd::package::{PackageWriter, Packing};
use crate::documents::ofd::xml::Xml;
use std::collections::BTreeMap;
use subsetter::GlyphRemapper;
use write_fonts::read::{FontRef, TableProvider as _};
use write_fonts::tables::cmap::Cmap;
use write_fonts::tables::name::{Name, NameRecord};
use write_fonts::tables::os2::Os2;
use write_fonts::tables::post::Post;
use write_fonts::types::{GlyphId, NameId};
use write_fonts::{FontBuilder, OffsetMarker};

/// A font as the resources list it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FontEntry {
    pub id: u32,
    pub name: String,
    /// File name below the resources' folder.
    pub file: String,
}

impl FontEntry {
    /// Writes its element.
    pub fn write(&self, xml: &mut Xml) {
        let id = self.id.to_string();
        // A bold cut is a font of its own: saying `Bold` would make readers embolden it again.
        let attributes =
            [("ID", &*id), ("FontName", &self.name), ("FamilyName", &self.name), ("Charset", "unicode")];
        xml.open("ofd:Font", &attributes);
        xml.text("ofd:FontFile", &[], &self.file);
        xml.close("ofd:Font");
    }
}

/// The characters taken from one font file, with their glyphs in the cut.
struct Cut {
    font: FontId,
    id: u32,
    glyphs: GlyphRemapper,
    characters: BTreeMap<char, u16>,
}

/// All fonts of a file as they are cut.
#[derive(Default)]
pub(super) struct FontCuts {
    cuts: Vec<Cut>,
}

impl FontCuts {
    /// Identifier of a font; a new one if it was not used before.
    pub fn font(&mut self, font: FontId, next_id: impl FnOnce() -> u32) -> u32 {
        if let Some(cut) = self.cuts.iter().find(|cut| cut.font == font) {
            return cut.id;
        }
        let id = next_id();
        self.cuts.push(Cut { font, id, glyphs: GlyphRemapper::new(), characters: BTreeMap::new() });
        id
    }

    /// Takes a character. Its font was asked for before.
    pub fn take(&mut self, font: FontId, glyph: &SetGlyph) {
        let Some(cut) = self.cuts.iter_mut().find(|cut| cut.font == font) else { return };
        let new = cut.glyphs.remap(glyph.id);
        cut.characters.insert(glyph.character, new);
    }

    /// Adds the font files below `folder`, named with `prefix` and a number.
    ///
    /// # Errors
    /// A font that cannot be cut gives a fault that names one of its characters.
    pub fn write(
        &self,
        package: &mut PackageWriter,
        folder: &str,
        prefix: char,
        packing: Packing,
        fonts: &Fonts,
    ) -> Result<Vec<FontEntry>, FaceFault> {
        let mut entries = Vec::with_capacity(self.cuts.len());
        for (n, cut) in self.cuts.iter().enumerate() {
            let source = fonts.file(cut.font);
            // Not the `+` of PDF: readers built on browsers use the name as a CSS identifier.
            let name = format!("{}-{}", cut.tag(), source.name());
            let bytes = cut.embed(source, &name).ok_or_else(|| FaceFault::MissingGlyph {
                field: "font".into(),
                character: cut.characters.keys().next().copied().unwrap_or_default(),
            })?;
            let ending = match source.outlines() {
                Outlines::TrueType => "ttf",
                Outlines::Cff => "otf",
            };
            let file = format!("font-{prefix}{n}.{ending}");
            package.add(&format!("{folder}/{file}"), &bytes, packing);
            entries.push(FontEntry { id: cut.id, name, file });
        }
        Ok(entries)
    }
}

impl Cut {
    /// The font file; `None` if the source cannot be cut.
    fn embed(&self, source: &FontFile, name: &str) -> Option<Vec<u8>> {
        let cut = subsetter::subset(source.data(), source.index(), &self.glyphs).ok()?;
        let cut = FontRef::new(&cut).ok()?;
        let mappings = self.characters.iter().map(|(character, glyph)| (*character, GlyphId::from(*glyph)));
        let mut builder = FontBuilder::new();
        builder.add_table(&Cmap::from_mappings(mappings).ok()?).ok()?;
        builder.add_table(&names(name, copyright(&cut))).ok()?;
        builder.add_table(&self.measures(source, cut.head().ok()?.units_per_em())).ok()?;
        builder.add_table(&Post::default()).ok()?;
        builder.copy_missing_tables(cut);
        Some(builder.build())
    }

    /// What text layout asks of a font, from the source's own measures.
    fn measures(&self, source: &FontFile, units_per_em: u16) -> Os2 {
        let measures = source.measures();
        let units = |thousandths: f32| (thousandths * f32::from(units_per_em) / 1000.0) as i16;
        let basic = |c: Option<&char>| c.map_or(0, |c| u16::try_from(u32::from(*c)).unwrap_or(u16::MAX));
        Os2 {
            x_avg_char_width: units(1000.0),
            us_weight_class: if measures.bold { 700 } else { 400 },
            us_width_class: 5,
            us_first_char_index: basic(self.characters.keys().next()),
            us_last_char_index: basic(self.characters.keys().next_back()),
            s_typo_ascender: units(measures.ascent),
            s_typo_descender: units(measures.descent),
            us_win_ascent: units(measures.ascent).unsigned_abs(),
            us_win_descent: units(measures.descent).unsigned_abs(),
            ..Os2::default()
        }
    }

    /// Six capitals that differ between different cuts (FNV-1a over the characters; not a security matter): readers
    /// keep fonts by name.
    fn tag(&self) -> String {
        let mut hash = 0xCBF2_9CE4_8422_2325_u64;
        for character in self.characters.keys() {
            hash = (hash ^ u64::from(u32::from(*character))).wrapping_mul(0x0100_0000_01B3);
        }
        (0..6).map(|n| char::from(b'A' + (hash >> (8 * n + 8) & 0xFF) as u8 % 26)).collect()
    }
}

/// The notice that the font's licence wants kept.
fn copyright(font: &FontRef<'_>) -> Option<String> {
    let name = font.name().ok()?;
    let record = name.name_record().iter().find(|record| record.name_id() == NameId::COPYRIGHT_NOTICE)?;
    Some(record.string(name.string_data()).ok()?.to_string())
}

/// Copyright, family, style, unique, full and PostScript name, for Windows in English.
fn names(name: &str, copyright: Option<String>) -> Name {
    let record = |id, text: String| NameRecord::new(3, 1, 0x409, NameId::new(id), OffsetMarker::new(text));
    let mut records: Vec<_> = copyright.map(|text| record(0, text)).into_iter().collect();
    for (id, text) in [(1, name), (2, "Regular"), (3, name), (4, name), (6, name)] {
        records.push(record(id, text.to_owned()));
    }
    Name::new(records)
}
