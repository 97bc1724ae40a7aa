//! What a license looks like (照面): a fixed layout in millimetres, origin top left, y down.

use crate::domain::picture::Rgb;

/// A face: one or more pages.
#[derive(Clone, Debug, PartialEq)]
pub struct Face {
    /// The pages in order.
    pub pages: Vec<FacePage>,
    /// Whether the seal also stands astride the pages' edges (骑缝章), a slice on each page, in the formats that know
    /// such a thing: in OFD, not in PDF.
    pub straddle: bool,
}

/// Most places for seals on a face.
const MOST_SEALS: usize = 16;

/// A place for a seal.
#[derive(Clone, Debug, PartialEq)]
pub struct SealPlace {
    /// The page, from 0.
    pub page: usize,
    /// Middle, x.
    pub x: f32,
    /// Middle, y.
    pub y: f32,
    /// Whose seal stands here; always there where a face has several places.
    pub party: Option<String>,
}

impl SealPlace {
    /// The place of a party's seal; without a party, the only place there is.
    pub fn among<'a>(places: &'a [Self], party: Option<&str>) -> Option<&'a Self> {
        match (party, places) {
            (Some(_), _) => places.iter().find(|place| place.party.as_deref() == party),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }
}

/// Why the places for seals on a face cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealPlaceFault {
    /// None.
    #[error("must have a place for a seal")]
    Nowhere,
    /// More than a file is laid out for.
    #[error("must have at most {MOST_SEALS} places for seals, not {0}")]
    TooMany(usize),
    /// Several, and one belongs to nobody.
    #[error("must have exactly one seal, not {0}, or say of each whose it is (party)")]
    Nameless(usize),
    /// Two of the same party.
    #[error("must have one seal of the party {0}, not several")]
    SameParty(String),
}

impl Face {
    /// The places for seals in the order in which they stand on the face.
    ///
    /// # Errors
    /// Unless there is one, or several that each belong to a party of their own.
    pub fn seal_places(&self) -> Result<Vec<SealPlace>, SealPlaceFault> {
        let items =
            self.pages.iter().enumerate().flat_map(|(n, page)| page.items.iter().map(move |i| (n, i)));
        let places: Vec<SealPlace> = items
            .filter_map(|(page, item)| match item {
                FaceItem::Seal { x, y, party } => {
                    Some(SealPlace { page, x: *x, y: *y, party: party.clone() })
                }
                _ => None,
            })
            .collect();
        match places.len() {
            0 => return Err(SealPlaceFault::Nowhere),
            1 => return Ok(places),
            count if count > MOST_SEALS => return Err(SealPlaceFault::TooMany(count)),
            count if places.iter().any(|place| place.party.is_none()) => {
                return Err(SealPlaceFault::Nameless(count));
            }
            _ => {}
        }
        let is_double = |n: usize| places[..n].iter().any(|place| place.party == places[n].party);
        match (1..places.len()).find(|n| is_double(*n)).and_then(|n| places[n].party.clone()) {
            Some(party) => Err(SealPlaceFault::SameParty(party)),
            None => Ok(places),
        }
    }
}

/// One page.
#[derive(Clone, Debug, PartialEq)]
pub struct FacePage {
    /// Width in millimetres: 210 portrait, 297 landscape for A4.
    pub width: f32,
    /// Height in millimetres.
    pub height: f32,
    /// Painted in this order.
    pub items: Vec<FaceItem>,
}

/// A rectangle in millimetres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// Left edge.
    pub x: f32,
    /// Top edge.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

/// Which cut of a typeface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FontRole {
    /// 宋体, text weight.
    Song,
    /// 宋体, heavy: headings.
    SongBold,
}

/// Where text stands in its area, across.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// At the left edge.
    Left,
    /// In the middle.
    Centre,
    /// At the right edge.
    Right,
    /// Spread so that it fills the width (labels such as 名    称).
    Spread,
}

/// How text is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TextStyle {
    /// Which font.
    pub font: FontRole,
    /// Size in points (1/72 inch).
    pub size: f32,
    /// Alignment across. Text stands in the vertical middle of its area; only what wraps begins at the top.
    pub align: Align,
    /// Colour.
    pub colour: Rgb,
    /// Extra space between characters, in points.
    pub spacing: f32,
}

/// What to do with a value that does not fit its area.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fit {
    /// One line, made smaller down to this size in points; if that is not enough the data is refused.
    Shrink {
        /// Least size in points.
        min_size: f32,
    },
    /// Several lines with this line height (a multiple of the size), made smaller down to this size.
    Wrap {
        /// Least size in points.
        min_size: f32,
        /// Line height as a multiple of the size.
        line_height: f32,
    },
    /// One line as long as it fits, else as few lines as there is room for, of much the same length and in the vertical
    /// middle, made smaller down to this size.
    Lines {
        /// Least size in points.
        min_size: f32,
        /// Line height as a multiple of the size.
        line_height: f32,
    },
}

/// Where a printed value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueSource {
    /// A field of the kind, formatted by its type (dates as 2026年11月23日, enumerations by name, money grouped).
    Field(String),
    /// The printed number.
    Number,
    /// The license identifier.
    Identifier,
    /// The issuing department's Chinese name.
    IssuerName,
    /// The date of issue, as 2026年11月23日.
    IssuedOn,
    /// The period of validity in words: `2026年11月23日至2031年11月22日`, `长期`.
    ValidityPeriod,
    /// The last day of validity.
    ValidUntil,
    /// The check code of the verification code.
    CheckCode,
    /// Several of these and fixed text, one after another.
    Joined(Vec<ValuePart>),
}

/// A piece of a joined value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValuePart {
    /// As it stands.
    Text(String),
    /// A value.
    Value(ValueSource),
}

/// Decorative frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameStyle {
    /// A thin line inside a thick one.
    Double,
    /// A woven guilloche band with corner pieces, as on official papers.
    Guilloche,
}

/// Ground patterns, pale behind the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroundPattern {
    /// Interlaced waves over the whole area.
    Waves,
    /// A rosette in the middle of the area.
    Rosette,
}

/// One thing on a page.
#[derive(Clone, Debug, PartialEq)]
pub enum FaceItem {
    /// A plain filled rectangle.
    Fill {
        /// Where.
        area: Area,
        /// Colour.
        colour: Rgb,
    },
    /// A decorative frame along the inside edge of the area.
    Frame {
        /// Outer edge.
        area: Area,
        /// Style.
        style: FrameStyle,
        /// Breadth of the band in millimetres.
        breadth: f32,
        /// Colour.
        colour: Rgb,
    },
    /// A ground pattern.
    Ground {
        /// Where.
        area: Area,
        /// Pattern.
        pattern: GroundPattern,
        /// Colour.
        colour: Rgb,
    },
    /// A straight line.
    Line {
        /// From x, y.
        from: (f32, f32),
        /// To x, y.
        to: (f32, f32),
        /// Width in millimetres.
        width: f32,
        /// Colour.
        colour: Rgb,
    },
    /// Fixed text, the same on every license of the kind.
    Label {
        /// Where.
        area: Area,
        /// The text.
        text: String,
        /// How it is set.
        style: TextStyle,
        /// What to do if it does not fit.
        fit: Fit,
    },
    /// Pale text across the area, slanting and again and again: what a page that is not the license itself is marked with.
    /// It is drawn, not set: readers that take text out do not get it.
    Watermark {
        /// Where.
        area: Area,
        /// The text.
        text: String,
        /// Size in points.
        size: f32,
        /// Colour.
        colour: Rgb,
    },
    /// A value of this license.
    Value {
        /// Where.
        area: Area,
        /// What.
        source: ValueSource,
        /// How it is set.
        style: TextStyle,
        /// What to do if it does not fit.
        fit: Fit,
    },
    /// The middle of a seal. A face has one, or several that each belong to a party of their own.
    Seal {
        /// Middle, x.
        x: f32,
        /// Middle, y.
        y: f32,
        /// Whose seal stands here, where several seal together.
        party: Option<String>,
    },
    /// The printed verification code. Exactly one in a face.
    Code {
        /// Square it fills, quiet zone included.
        area: Area,
    },
}
