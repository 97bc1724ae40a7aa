//! What seals are drawn with: outlines of characters, set where they belong, and lines.

use crate::documents::face::FaceFault;
use crate::documents::fonts::Fonts;
use crate::domain::license::face::FontRole;
use crate::domain::picture::{Drawing, Paint, Path, Rgb, Segment};

/// Middle of the em box above the baseline, in ems.
const EM_MIDDLE: f32 = 0.38;
/// Middle of a digit above the baseline, in ems: digits have no depth.
const DIGIT_MIDDLE: f32 = 0.36;

/// A character's outline, its own width and height in ems.
pub(super) struct Letter {
    outline: Vec<Segment>,
    advance: f32,
}

impl Letter {
    /// Its width in ems.
    pub fn advance(&self) -> f32 {
        self.advance.max(0.1)
    }
}

/// Where a letter's middle stands and how it is turned, in radians clockwise.
#[derive(Clone, Copy)]
pub(super) struct Spot {
    pub x: f32,
    pub y: f32,
    pub turn: f32,
}

/// What was drawn so far, and what could not be.
pub(super) struct Canvas<'f> {
    fonts: &'f Fonts,
    paths: Vec<Path>,
    faults: Vec<FaceFault>,
}

impl<'f> Canvas<'f> {
    pub fn new(fonts: &'f Fonts) -> Self {
        Self { fonts, paths: Vec::new(), faults: Vec::new() }
    }

    pub fn finish(self, width: f32, height: f32) -> Result<Drawing, Vec<FaceFault>> {
        if self.faults.is_empty() {
            Ok(Drawing { width, height, paths: self.paths })
        } else {
            Err(self.faults)
        }
    }

    /// The outlines of a text without its blanks; none if it has more than `most` characters.
    pub fn letters(&mut self, field: &str, text: &str, most: usize) -> Vec<Letter> {
        let text: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
        if text.len() > most {
            self.faults.push(FaceFault::DoesNotFit { field: field.into() });
            return Vec::new();
        }
        let mut letters = Vec::new();
        for character in text {
            match self.fonts.find(FontRole::SongBold, character) {
                Some(glyph) => {
                    let outline = self.fonts.outline(glyph.font, glyph.id);
                    letters.push(Letter { outline, advance: glyph.advance });
                }
                None => self.faults.push(FaceFault::MissingGlyph { field: field.into(), character }),
            }
        }
        letters
    }

    pub fn fill(&mut self, segments: Vec<Segment>) {
        if !segments.is_empty() {
            self.paths.push(Path { segments, paint: Paint::Fill(Rgb::SEAL_RED) });
        }
    }

    pub fn stroke(&mut self, segments: Vec<Segment>, width: f32) {
        self.paths.push(Path { segments, paint: Paint::Stroke(Rgb::SEAL_RED, width) });
    }

    /// The line of an ellipse; a circle is one of equal radii.
    pub fn ellipse(&mut self, (cx, cy): (f32, f32), (rx, ry): (f32, f32), width: f32) {
        // Four cubics; the control distance that keeps them within 0.03 % of an ellipse.
        let (kx, ky) = (rx * 0.552_284_8, ry * 0.552_284_8);
        let (left, right, top, bottom) = (cx - rx, cx + rx, cy - ry, cy + ry);
        let segments = vec![
            Segment::MoveTo(right, cy),
            Segment::CurveTo(right, cy + ky, cx + kx, bottom, cx, bottom),
            Segment::CurveTo(cx - kx, bottom, left, cy + ky, left, cy),
            Segment::CurveTo(left, cy - ky, cx - kx, top, cx, top),
            Segment::CurveTo(cx + kx, top, right, cy - ky, right, cy),
            Segment::Close,
        ];
        self.stroke(segments, width);
    }

    /// A letter with its middle at the spot; an em of it is `width` by `height`.
    pub fn place(&mut self, letter: &Letter, (width, height): (f32, f32), spot: Spot) {
        self.place_around(letter, (width, height), spot, EM_MIDDLE);
    }

    /// A digit, likewise.
    pub fn place_digit(&mut self, letter: &Letter, (width, height): (f32, f32), spot: Spot) {
        self.place_around(letter, (width, height), spot, DIGIT_MIDDLE);
    }

    fn place_around(&mut self, letter: &Letter, (width, height): (f32, f32), spot: Spot, middle: f32) {
        let half = letter.advance / 2.0;
        let (sin, cos) = spot.turn.sin_cos();
        let outline = transform(&letter.outline, |px, py| {
            let (x, y) = ((px - half) * width, (py + middle) * height);
            (spot.x + x * cos - y * sin, spot.y + x * sin + y * cos)
        });
        self.fill(outline);
    }

    /// A line of letters from left to right around `(x, y)`, as wide as `room` allows and at most as wide as `widest` ems.
    pub fn line(&mut self, letters: &[Letter], (x, y): (f32, f32), height: f32, (room, widest): (f32, f32)) {
        let count = letters.len() as f32;
        let step = (room / count.max(1.0)).min(height * widest);
        for (n, letter) in letters.iter().enumerate() {
            let x = x + (n as f32 - (count - 1.0) / 2.0) * step;
            let width = step * 0.97 / letter.advance.max(0.5);
            self.place(letter, (width, height), Spot { x, y, turn: 0.0 });
        }
    }
}

fn transform(segments: &[Segment], f: impl Fn(f32, f32) -> (f32, f32)) -> Vec<Segment> {
    let map = |segment: &Segment| match *segment {
        Segment::MoveTo(x, y) => {
            let (x, y) = f(x, y);
            Segment::MoveTo(x, y)
        }
        Segment::LineTo(x, y) => {
            let (x, y) = f(x, y);
            Segment::LineTo(x, y)
        }
        Segment::CurveTo(a, b, c, d, x, y) => {
            let ((a, b), (c, d), (x, y)) = (f(a, b), f(c, d), f(x, y));
            Segment::CurveTo(a, b, c, d, x, y)
        }
        Segment::Close => Segment::Close,
    };
    segments.iter().map(map).collect()
}
