//! What a license looks like, composed once for every format: glyphs in their places, drawings, and the
//! places of the seal and the code. Lengths are millimetres with the origin top left and y down; text sizes
//! and spacing are points.

mod ornament;
mod svg;
mod text;
mod values;
mod watermark;

pub use svg::{ShownSeal, svg};
pub(in crate::documents) use svg::{drawing_paths, number_text};
pub use values::printed;

use super::fonts::{FontId, Fonts};
use crate::domain::license::face::{Area, Face, FaceItem, FacePage};
use crate::domain::license::{LicenseData, LicenseKind};
use crate::domain::picture::{Path, Rgb};
use crate::domain::time::Date;
use crate::formats::code::Qr;
use text::TextBox;

/// Points (1/72 inch) in a millimetre.
pub const POINTS_PER_MM: f32 = 72.0 / 25.4;

/// What is printed on one license. A draft may leave anything empty; what is empty is not printed.
#[derive(Clone, Copy, Debug)]
pub struct FaceContent<'a> {
    /// Field values in canonical form.
    pub data: &'a LicenseData,
    /// Printed number.
    pub number: &'a str,
    /// License identifier.
    pub identifier: &'a str,
    /// The issuing department's Chinese name.
    pub issuer_name: &'a str,
    /// Date of issue.
    pub issued_on: Option<Date>,
    /// First day of validity; without it no period is printed.
    pub valid_from: Option<Date>,
    /// Last day of validity; `None` is 长期.
    pub valid_until: Option<Date>,
    /// Check code printed beside the verification code.
    pub check_code: &'a str,
    /// What the verification code says.
    pub verification_url: &'a str,
}

/// Why a face cannot be composed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaceFault {
    /// No font at hand has this character.
    #[error("{field}: no font has the character {character} (U+{:04X})", *character as u32)]
    MissingGlyph {
        /// Name of the field; `number`, `issuer_name`, … for what is not a field; `label` for fixed text.
        field: String,
        /// The character.
        character: char,
    },
    /// The text is too long for its place even at its least size.
    #[error("{field}: the text does not fit its place")]
    DoesNotFit {
        /// Name of the field, as above.
        field: String,
    },
}

impl FaceFault {
    /// The field at fault.
    pub fn field(&self) -> &str {
        match self {
            Self::MissingGlyph { field, .. } | Self::DoesNotFit { field } => field,
        }
    }
}

/// A composed face.
#[derive(Clone, Debug, PartialEq)]
pub struct ComposedFace {
    /// Its pages.
    pub pages: Vec<ComposedPage>,
}

/// A composed page. What is fixed is painted first, then the values, then the code, then the seal.
#[derive(Clone, Debug, PartialEq)]
pub struct ComposedPage {
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
    /// The same on every license of the kind.
    pub fixed: Vec<Mark>,
    /// This license's own text.
    pub values: Vec<TextRun>,
    /// This license's code, if it stands on this page.
    pub code: Option<PlacedCode>,
    /// The places of the seals on this page.
    pub seals: Vec<PlacedSeal>,
}

/// The place of a seal on a page.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacedSeal {
    /// Middle, x.
    pub x: f32,
    /// Middle, y.
    pub y: f32,
    /// Whose seal stands here, where several seal together.
    pub party: Option<String>,
}

/// A verification code in its place.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacedCode {
    /// The square it fills, quiet zone included.
    pub area: Area,
    /// The code.
    pub code: Qr,
}

/// Something painted.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// A run of text.
    Text(TextRun),
    /// A path.
    Path(Path),
    /// The same path at several places: each is the matrix `a b c d e f` with x' = ax + cy + e, y' = bx + dy + f.
    Stamped(Path, Vec<[f32; 6]>),
    /// Marks of which only what lies inside the area is seen.
    Clipped(Area, Vec<Mark>),
}

/// Characters on one baseline in one font.
#[derive(Clone, Debug, PartialEq)]
pub struct TextRun {
    /// The font file.
    pub font: FontId,
    /// Size in points.
    pub size: f32,
    /// Colour.
    pub colour: Rgb,
    /// Where the first glyph starts.
    pub x: f32,
    /// The baseline.
    pub baseline: f32,
    /// Extra space after each glyph, in points.
    pub spacing: f32,
    /// The glyphs.
    pub glyphs: Vec<SetGlyph>,
    /// What the glyphs show, stretch by stretch; never empty.
    pub stretches: Vec<Stretch>,
}

/// A stretch of a run that shows one value; it ends where the next one begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Its first glyph.
    pub first: usize,
    /// Name of the field; `number`, `issuer_name`, … for what is not a field; `label` for fixed text.
    pub field: String,
}

/// A glyph in a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SetGlyph {
    /// The character it shows.
    pub character: char,
    /// Its number in the font file.
    pub id: u16,
    /// Its advance in ems.
    pub advance: f32,
}

/// Composes a face for release: every fault at once, or none.
pub fn compose(
    kind: &LicenseKind,
    content: &FaceContent<'_>,
    fonts: &Fonts,
) -> Result<ComposedFace, Vec<FaceFault>> {
    let (face, faults) = draft(kind, content, fonts);
    if faults.is_empty() { Ok(face) } else { Err(faults) }
}

/// Composes what can be composed of unfinished content, with what is at fault: for previews. A character
/// without a glyph is left out; a text that does not fit runs over its place.
pub fn draft(kind: &LicenseKind, content: &FaceContent<'_>, fonts: &Fonts) -> (ComposedFace, Vec<FaceFault>) {
    let (fixed, mut faults) = compose_fixed(&kind.face, fonts);
    let (own, more) = compose_own(kind, content, fonts);
    faults.extend(more);
    let pages = kind.face.pages.iter().zip(fixed).zip(own);
    let pages = pages.map(|((page, fixed), own)| ComposedPage {
        width: page.width,
        height: page.height,
        fixed,
        values: own.values,
        code: own.code,
        seals: placed_seals(page),
    });
    (ComposedFace { pages: pages.collect() }, faults)
}

/// What is the same on every license of a kind, page by page.
pub fn compose_fixed(face: &Face, fonts: &Fonts) -> (Vec<Vec<Mark>>, Vec<FaceFault>) {
    let mut faults = Vec::new();
    let mut pages = Vec::new();
    for page in &face.pages {
        let mut marks = Vec::new();
        for item in &page.items {
            if let FaceItem::Label { area, text, style, fit } = item {
                let pieces = [values::Piece { field: "label".into(), text: text.into() }];
                let set = text::set(fonts, &TextBox { area, style, fit }, &pieces, &mut faults);
                marks.extend(set.into_iter().map(Mark::Text));
            } else if let FaceItem::Watermark { area, text, size, colour } = item {
                marks.extend(watermark::draw(*area, text, *size, *colour, fonts));
            } else {
                marks.extend(ornament::draw(item));
            }
        }
        pages.push(marks);
    }
    (pages, faults)
}

/// What one license adds to a page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OwnMarks {
    /// Its text.
    pub values: Vec<TextRun>,
    /// Its code.
    pub code: Option<PlacedCode>,
}

/// What one license adds to what is fixed, page by page.
pub fn compose_own(
    kind: &LicenseKind,
    content: &FaceContent<'_>,
    fonts: &Fonts,
) -> (Vec<OwnMarks>, Vec<FaceFault>) {
    let mut faults = Vec::new();
    let mut pages = Vec::new();
    for page in &kind.face.pages {
        let mut own = OwnMarks::default();
        for item in &page.items {
            match item {
                FaceItem::Value { area, source, style, fit } => {
                    let pieces = values::pieces(kind, content, source);
                    own.values.extend(text::set(fonts, &TextBox { area, style, fit }, &pieces, &mut faults));
                }
                FaceItem::Code { area } if !content.verification_url.is_empty() => {
                    match Qr::encode(content.verification_url.as_bytes()) {
                        Some(code) => own.code = Some(PlacedCode { area: *area, code }),
                        None => faults.push(FaceFault::DoesNotFit { field: "verification_url".into() }),
                    }
                }
                _ => {}
            }
        }
        pages.push(own);
    }
    (pages, faults)
}

fn placed_seals(page: &FacePage) -> Vec<PlacedSeal> {
    let places = page.items.iter().filter_map(|item| match item {
        FaceItem::Seal { x, y, party } => Some(PlacedSeal { x: *x, y: *y, party: party.clone() }),
        _ => None,
    });
    places.collect()
}
