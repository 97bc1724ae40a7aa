//! The fonts faces and seals are set in: two open-licensed Song cuts that come with the program, and
//! whatever fallback files the settings name for rarer characters.

use crate::domain::license::face::FontRole;
use crate::domain::picture::Segment;
use std::borrow::Cow;
use std::collections::HashMap;

/// Noto Serif SC Regular, cut to GB 2312 and 通用规范汉字表 (see `tools/cut-fonts.py`).
const SONG: &[u8] = include_bytes!("../../fonts/song-regular.ttf");
/// Noto Serif SC Bold, the same repertoire.
const SONG_BOLD: &[u8] = include_bytes!("../../fonts/song-bold.ttf");

/// A fallback file larger than this is refused.
const MAX_FONT_BYTES: usize = 64 << 20;
/// More fallback files than this are refused.
const MAX_FALLBACKS: usize = 16;

/// One of the files in [`Fonts`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FontId(u8);

impl FontId {
    /// Its place among the files, from 0.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// A character's shape in a font.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Glyph {
    /// The file it is in.
    pub font: FontId,
    /// Its number there.
    pub id: u16,
    /// How far the pen moves, in ems.
    pub advance: f32,
}

/// What kind of outlines a font file has; PDF embeds the two differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outlines {
    /// TrueType `glyf`.
    TrueType,
    /// Compact `CFF `.
    Cff,
}

/// Measures of a font that a PDF font descriptor states, in thousandths of an em.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measures {
    /// Greatest height above the baseline.
    pub ascent: f32,
    /// Greatest depth below the baseline, negative.
    pub descent: f32,
    /// Height of capitals.
    pub cap_height: f32,
    /// Smallest box that holds every glyph: left, bottom, right, top.
    pub bounds: [f32; 4],
    /// Slant in degrees, counter-clockwise.
    pub italic_angle: f32,
    /// Whether it is a bold cut.
    pub bold: bool,
}

/// One font file, read once.
pub struct FontFile {
    name: String,
    data: Cow<'static, [u8]>,
    index: u32,
    outlines: Outlines,
    measures: Measures,
    glyphs: HashMap<char, (u16, f32)>,
}

/// Why a font file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FontFault {
    /// It is not an OpenType font, or one of its tables is broken.
    #[error("{0} is not a font that can be read")]
    Unreadable(String),
    /// It is larger than 64 MiB.
    #[error("{0} is larger than 64 MiB")]
    TooLarge(String),
    /// More than 16 fallback files.
    #[error("more than 16 fallback fonts")]
    TooMany,
    /// Its licence bits forbid embedding or cutting (OS/2 fsType).
    #[error("{0} does not allow itself to be embedded as a subset")]
    NotEmbeddable(String),
}

/// Every font at hand.
pub struct Fonts {
    files: Vec<FontFile>,
}

impl Fonts {
    /// The fonts that come with the program.
    pub fn embedded() -> Self {
        let song = FontFile::read("song-regular.ttf", Cow::Borrowed(SONG), 0);
        let bold = FontFile::read("song-bold.ttf", Cow::Borrowed(SONG_BOLD), 0);
        let files = vec![
            song.expect("the regular cut is a font: tests read it"),
            bold.expect("the bold cut is a font: tests read it"),
        ];
        Self { files }
    }

    /// The embedded fonts, then these files in order, for characters the embedded ones lack. Each is its
    /// name for messages and its bytes (TrueType, OpenType, or the first font of a collection).
    pub fn with_fallbacks(fallbacks: Vec<(String, Vec<u8>)>) -> Result<Self, FontFault> {
        if fallbacks.len() > MAX_FALLBACKS {
            return Err(FontFault::TooMany);
        }
        let mut fonts = Self::embedded();
        for (name, data) in fallbacks {
            if data.len() > MAX_FONT_BYTES {
                return Err(FontFault::TooLarge(name));
            }
            fonts.files.push(FontFile::read(&name, Cow::Owned(data), 0)?);
        }
        Ok(fonts)
    }

    /// The glyph of a character: in the font of `role`, then in the fallbacks, then in the other cut.
    pub fn find(&self, role: FontRole, character: char) -> Option<Glyph> {
        let (first, last) = match role {
            FontRole::Song => (0, 1),
            FontRole::SongBold => (1, 0),
        };
        let order = std::iter::once(first).chain(2..self.files.len()).chain(std::iter::once(last));
        order.into_iter().find_map(|place| {
            let (id, advance) = *self.files.get(place)?.glyphs.get(&character)?;
            Some(Glyph { font: FontId(u8::try_from(place).ok()?), id, advance })
        })
    }

    /// The file of that number.
    pub fn file(&self, id: FontId) -> &FontFile {
        &self.files[id.index()]
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Never: the embedded fonts are always there.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// A glyph's outline in ems, y down, the baseline at 0. Empty for spaces.
    pub fn outline(&self, font: FontId, glyph: u16) -> Vec<Segment> {
        let file = self.file(font);
        let Ok(face) = ttf_parser::Face::parse(&file.data, file.index) else { return Vec::new() };
        let mut pen =
            Pen { scale: 1.0 / f32::from(face.units_per_em()), at: (0.0, 0.0), segments: Vec::new() };
        face.outline_glyph(ttf_parser::GlyphId(glyph), &mut pen);
        pen.segments
    }
}

impl FontFile {
    fn read(name: &str, data: Cow<'static, [u8]>, index: u32) -> Result<Self, FontFault> {
        let unreadable = || FontFault::Unreadable(name.to_owned());
        let face = ttf_parser::Face::parse(&data, index).map_err(|_| unreadable())?;
        let outlines = match (face.tables().glyf, face.tables().cff) {
            (Some(_), _) => Outlines::TrueType,
            (None, Some(_)) => Outlines::Cff,
            (None, None) => return Err(unreadable()),
        };
        if !face.is_subsetting_allowed() || !face.is_outline_embedding_allowed() {
            return Err(FontFault::NotEmbeddable(name.to_owned()));
        }
        let em = f32::from(face.units_per_em());
        let glyphs = read_characters(&face, em);
        if glyphs.is_empty() {
            return Err(unreadable());
        }
        let thousandths = |value: i16| f32::from(value) * 1000.0 / em;
        let bounds = face.global_bounding_box();
        let measures = Measures {
            ascent: thousandths(face.ascender()),
            descent: thousandths(face.descender()),
            cap_height: thousandths(face.capital_height().unwrap_or_else(|| face.ascender())),
            bounds: [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max].map(thousandths),
            italic_angle: face.italic_angle(),
            bold: face.weight().to_number() >= 600,
        };
        let name = post_script_name(&face).unwrap_or_else(|| "Unnamed".to_owned());
        Ok(Self { name, outlines, measures, glyphs, index, data })
    }

    /// PostScript name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file's bytes.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// Which font of a collection.
    pub fn index(&self) -> u32 {
        self.index
    }

    /// Its kind of outlines.
    pub fn outlines(&self) -> Outlines {
        self.outlines
    }

    /// Its measures.
    pub fn measures(&self) -> &Measures {
        &self.measures
    }
}

/// Every character the font maps to a glyph, with the glyph and its advance in ems.
fn read_characters(face: &ttf_parser::Face<'_>, em: f32) -> HashMap<char, (u16, f32)> {
    let mut glyphs = HashMap::new();
    let Some(table) = face.tables().cmap else { return glyphs };
    for subtable in table.subtables.into_iter().filter(|subtable| subtable.is_unicode()) {
        subtable.codepoints(|code| {
            let Some(character) = char::from_u32(code) else { return };
            let Some(glyph) = subtable.glyph_index(code).filter(|glyph| glyph.0 != 0) else { return };
            let advance = f32::from(face.glyph_hor_advance(glyph).unwrap_or_default()) / em;
            glyphs.entry(character).or_insert((glyph.0, advance));
        });
    }
    glyphs
}

/// The PostScript name, if it is one: printable ASCII without delimiters.
fn post_script_name(face: &ttf_parser::Face<'_>) -> Option<String> {
    let names = face.names();
    let record = names.into_iter().find(|name| name.name_id == ttf_parser::name_id::POST_SCRIPT_NAME)?;
    let name: String =
        record.to_string()?.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(60).collect();
    (!name.is_empty()).then_some(name)
}

/// Collects an outline as cubic curves with y turned down.
struct Pen {
    scale: f32,
    at: (f32, f32),
    segments: Vec<Segment>,
}

impl Pen {
    fn place(&self, x: f32, y: f32) -> (f32, f32) {
        (x * self.scale, -y * self.scale)
    }
}

impl ttf_parser::OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.at = self.place(x, y);
        self.segments.push(Segment::MoveTo(self.at.0, self.at.1));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.at = self.place(x, y);
        self.segments.push(Segment::LineTo(self.at.0, self.at.1));
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x0, y0), (xc, yc), (x, y)) = (self.at, self.place(x1, y1), self.place(x, y));
        let toward = |from: f32, to: f32| from + (to - from) * 2.0 / 3.0;
        self.segments.push(Segment::CurveTo(
            toward(x0, xc),
            toward(y0, yc),
            toward(x, xc),
            toward(y, yc),
            x,
            y,
        ));
        self.at = (x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.place(x1, y1), self.place(x2, y2), self.place(x, y));
        self.segments.push(Segment::CurveTo(x1, y1, x2, y2, x, y));
        self.at = (x, y);
    }

    fn close(&mut self) {
        self.segments.push(Segment::Close);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLES: [&str; 2] =
        [include_str!("../../fonts/gb2312.txt"), include_str!("../../fonts/general-standard-8105.txt")];

    #[test]
    fn both_cuts_have_gb_2312_and_the_national_table() {
        let fonts = Fonts::embedded();
        let counts = TABLES.map(|table| table.lines().flat_map(str::chars).count());
        assert_eq!(counts, [7445, 8105]);
        for (place, file) in fonts.files.iter().enumerate() {
            for character in TABLES.iter().flat_map(|table| table.lines()).flat_map(str::chars) {
                assert!(file.glyphs.contains_key(&character), "{character} is missing in font {place}");
            }
        }
    }

    #[test]
    fn a_rare_character_is_not_found_rather_than_drawn_as_a_box() {
        let fonts = Fonts::embedded();
        assert!(fonts.find(FontRole::Song, '䶮').is_some());
        assert_eq!(fonts.find(FontRole::Song, '\u{2A6D6}'), None);
    }

    #[test]
    fn every_character_has_a_glyph_of_its_own() {
        for file in &Fonts::embedded().files {
            let ids: std::collections::HashSet<u16> = file.glyphs.values().map(|(id, _)| *id).collect();
            assert_eq!(ids.len(), file.glyphs.len());
        }
    }

    #[test]
    fn a_broken_fallback_is_refused_and_a_sound_one_is_searched() {
        let broken = vec![("rare.ttf".to_owned(), SONG[..1000].to_vec())];
        assert!(
            matches!(Fonts::with_fallbacks(broken), Err(FontFault::Unreadable(name)) if name == "rare.ttf")
        );
        let fonts = Fonts::with_fallbacks(vec![("again.ttf".to_owned(), SONG.to_vec())]).expect("a font");
        assert_eq!(fonts.len(), 3);
        assert_eq!(fonts.find(FontRole::Song, '印').map(|glyph| glyph.font), Some(FontId(0)));
    }

    #[test]
    fn outlines_are_in_ems_with_y_down() {
        let fonts = Fonts::embedded();
        let glyph = fonts.find(FontRole::Song, '一').expect("一");
        let segments = fonts.outline(glyph.font, glyph.id);
        let Some(Segment::MoveTo(x, y)) = segments.first() else { panic!("an outline") };
        assert!((0.0..1.0).contains(x) && (-0.6..-0.2).contains(y), "{x} {y}");
        assert!((glyph.advance - 1.0).abs() < 0.01);
    }
}
