//! Paths as OFD writes them (GB/T 33190-2016 clause 9.2): data relative to the object's boundary, which must hold all
//! that is painted, since readers cut off what lies outside.

use crate::documents::face::number_text;
use crate::domain::license::face::Area;
use crate::domain::picture::{Paint, Path, Rgb, Segment};

/// Decimals of a coordinate in a drawing: a hundredth of a millimetre is finer than any printer.
const DECIMALS: usize = 2;

/// A box in millimetres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bounds {
    pub left: f32,
    pub top: f32,
    pub right: f32,
    pub bottom: f32,
}

impl Bounds {
    /// Holds nothing.
    pub const EMPTY: Self =
        Self { left: f32::INFINITY, top: f32::INFINITY, right: f32::NEG_INFINITY, bottom: f32::NEG_INFINITY };

    /// What a path covers, its line width included; the control points of a curve count as points.
    pub fn of(path: &Path) -> Self {
        let mut bounds = Self::EMPTY;
        for segment in &path.segments {
            match *segment {
                Segment::MoveTo(x, y) | Segment::LineTo(x, y) => bounds.add(x, y),
                Segment::CurveTo(a, b, c, d, x, y) => {
                    bounds.add(a, b);
                    bounds.add(c, d);
                    bounds.add(x, y);
                }
                Segment::Close => {}
            }
        }
        match path.paint {
            Paint::Fill(_) => bounds,
            // A mitred corner reaches further than half the width.
            Paint::Stroke(_, width) => bounds.grown(width),
        }
    }

    /// An area.
    pub fn of_area(area: &Area) -> Self {
        Self { left: area.x, top: area.y, right: area.x + area.width, bottom: area.y + area.height }
    }

    fn add(&mut self, x: f32, y: f32) {
        *self = self.with(&Self { left: x, top: y, right: x, bottom: y });
    }

    /// The box around both.
    pub fn with(&self, other: &Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    /// What lies in both.
    pub fn within(&self, other: &Self) -> Self {
        Self {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.min(other.right),
            bottom: self.bottom.min(other.bottom),
        }
    }

    fn grown(self, by: f32) -> Self {
        Self { left: self.left - by, top: self.top - by, right: self.right + by, bottom: self.bottom + by }
    }

    /// With its edges moved outward to whole hundredths, so that what is written relative to them is not rounded twice.
    pub fn rounded(self) -> Self {
        let (down, up) = (|v: f32| (v * 100.0).floor() / 100.0, |v: f32| (v * 100.0).ceil() / 100.0);
        Self { left: down(self.left), top: down(self.top), right: up(self.right), bottom: up(self.bottom) }
    }

    pub fn width(&self) -> f32 {
        self.right - self.left
    }

    pub fn height(&self) -> f32 {
        self.bottom - self.top
    }

    pub fn is_empty(&self) -> bool {
        self.width() <= 0.0 || self.height() <= 0.0
    }

    /// The box after a matrix `a b c d e f`.
    pub fn turned(&self, [a, b, c, d, e, f]: [f32; 6]) -> Self {
        let mut bounds = Self::EMPTY;
        for x in [self.left, self.right] {
            for y in [self.top, self.bottom] {
                bounds.add(a * x + c * y + e, b * x + d * y + f);
            }
        }
        bounds
    }

    /// As ST_Box: left, top, width, height.
    pub fn text(&self) -> String {
        numbers(&[self.left, self.top, self.width(), self.height()], 3)
    }
}

/// Numbers with spaces between them.
pub(super) fn numbers(values: &[f32], decimals: usize) -> String {
    let mut out = String::with_capacity(values.len() * 8);
    for (n, value) in values.iter().enumerate() {
        if n > 0 {
            out.push(' ');
        }
        number_text(&mut out, *value, decimals);
    }
    out
}

/// One number.
pub(super) fn number(value: f32, decimals: usize) -> String {
    numbers(&[value], decimals)
}

/// Red, green and blue as ST_Array.
pub(super) fn colour(Rgb(r, g, b): Rgb) -> String {
    format!("{r} {g} {b}")
}

/// AbbreviatedData of a path, seen from a point.
pub(super) fn abbreviated(segments: &[Segment], (x0, y0): (f32, f32)) -> String {
    let mut out = String::with_capacity(segments.len() * 24);
    let mut put = |operator: char, values: &[f32]| {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push(operator);
        for (n, value) in values.iter().enumerate() {
            out.push(' ');
            number_text(&mut out, value - if n % 2 == 0 { x0 } else { y0 }, DECIMALS);
        }
    };
    for segment in segments {
        match *segment {
            Segment::MoveTo(x, y) => put('M', &[x, y]),
            Segment::LineTo(x, y) => put('L', &[x, y]),
            Segment::CurveTo(a, b, c, d, x, y) => put('B', &[a, b, c, d, x, y]),
            Segment::Close => put('C', &[]),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_from_the_corner_of_its_boundary() {
        let segments = vec![
            Segment::MoveTo(10.0, 20.0),
            Segment::LineTo(15.5, 20.0),
            Segment::LineTo(10.0, 21.255),
            Segment::Close,
        ];
        let path = Path { segments, paint: Paint::Fill(Rgb::BLACK) };
        let bounds = Bounds::of(&path).rounded();
        assert_eq!(bounds.text(), "10 20 5.5 1.26");
        assert_eq!(abbreviated(&path.segments, (bounds.left, bounds.top)), "M 0 0 L 5.5 0 L 0 1.25 C");
    }

    #[test]
    fn a_line_has_breadth() {
        let segments = vec![Segment::MoveTo(1.0, 1.0), Segment::LineTo(5.0, 1.0)];
        let path = Path { segments, paint: Paint::Stroke(Rgb::BLACK, 0.5) };
        assert!(!Bounds::of(&path).is_empty());
        assert_eq!(Bounds::of(&path).text(), "0.5 0.5 5 1");
    }
}
