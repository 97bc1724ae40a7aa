//! Vector pictures in millimetres: what a seal looks like, independent of any file format.
//!
//! Origin top left, y down. The PDF, OFD and SVG writers each draw the same value.

/// A colour in sRGB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl Rgb {
    /// The red of Chinese official seals.
    pub const SEAL_RED: Self = Self(0xD9, 0x0A, 0x14);
    /// Black.
    pub const BLACK: Self = Self(0, 0, 0);
}

/// One step of a path; coordinates in millimetres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Segment {
    /// Start a new contour.
    MoveTo(f32, f32),
    /// A straight line.
    LineTo(f32, f32),
    /// A cubic Bézier curve: two control points and the end.
    CurveTo(f32, f32, f32, f32, f32, f32),
    /// Close the contour.
    Close,
}

/// How a path is painted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Paint {
    /// Filled by the non-zero winding rule.
    Fill(Rgb),
    /// Stroked with a line of this width in millimetres.
    Stroke(Rgb, f32),
}

/// A painted path.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// The outline.
    pub segments: Vec<Segment>,
    /// Its paint.
    pub paint: Paint,
}

/// A drawing of known size.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    /// Width in millimetres.
    pub width: f32,
    /// Height in millimetres.
    pub height: f32,
    /// Painted in this order.
    pub paths: Vec<Path>,
}

/// A picture that came from outside, kept as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadedPicture {
    /// The PNG file, already checked to be one and within bounds.
    pub png: Vec<u8>,
    /// Width on paper in tenths of a millimetre.
    pub width_tenths: u32,
    /// Height on paper in tenths of a millimetre.
    pub height_tenths: u32,
}
