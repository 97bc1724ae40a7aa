//! The picture of an official seal (印章图案), drawn from its owner's name: round and red, the name set in
//! Song type along the arc, a five-pointed star in the middle, the purpose in words below it and the seal's
//! code along the lower arc. Diameters stay within 国发〔1999〕25号.

mod raster;

pub use raster::png;

use super::face::FaceFault;
use super::fonts::Fonts;
use crate::domain::license::face::FontRole;
use crate::domain::picture::{Drawing, Paint, Path, Rgb, Segment};
use crate::domain::seal::{SealPicture, SealPurpose};
use std::f32::consts::{PI, TAU};

/// Names longer than this do not stay legible on the arc.
const MAX_NAME: usize = 36;
/// Words longer than this do not fit below the star.
const MAX_WORDS: usize = 14;
/// The part of the circle a name may take, in radians (250°); the rest is the code's.
const NAME_SWEEP: f32 = 250.0 / 360.0 * TAU;
/// Middle of the em box above the baseline, in ems.
const EM_MIDDLE: f32 = 0.38;

/// The diameter of a seal in millimetres. A body of a city or county carries at most 45; seals for one
/// purpose are smaller than the main seal.
pub fn diameter(purpose: SealPurpose) -> f32 {
    match purpose {
        SealPurpose::LegalName => 45.0,
        SealPurpose::Business => 42.0,
        SealPurpose::License => 40.0,
    }
}

/// Width and height of a seal's picture in millimetres.
pub fn size(picture: &SealPicture) -> (f32, f32) {
    match picture {
        SealPicture::Drawn(drawing) => (drawing.width, drawing.height),
        SealPicture::Uploaded(picture) => {
            (picture.width_tenths as f32 / 10.0, picture.height_tenths as f32 / 10.0)
        }
    }
}

/// Draws a seal. `purpose_words` may be empty; `code` is the seal's code. Faults name `owner_name`,
/// `purpose_words` or `code`.
pub fn draw(
    owner_name: &str,
    purpose: SealPurpose,
    purpose_words: &str,
    code: &str,
    fonts: &Fonts,
) -> Result<Drawing, Vec<FaceFault>> {
    let size = diameter(purpose);
    let mut seal = Seal { fonts, middle: size / 2.0, paths: Vec::new(), faults: Vec::new() };
    let border = size * 0.028;
    seal.circle(size / 2.0 - border / 2.0, border);
    seal.arc_name(owner_name, size);
    seal.star(if purpose_words.is_empty() { 0.168 } else { 0.155 } * size);
    seal.words(purpose_words, size);
    seal.arc_code(code, size);
    if seal.faults.is_empty() {
        Ok(Drawing { width: size, height: size, paths: seal.paths })
    } else {
        Err(seal.faults)
    }
}

/// A drawing as SVG, in millimetres.
pub fn to_svg(drawing: &Drawing) -> String {
    let (width, height) = (drawing.width, drawing.height);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}mm\" height=\"{height}mm\" \
         viewBox=\"0 0 {width} {height}\">"
    );
    super::face::drawing_paths(&mut out, &drawing.paths);
    out.push_str("</svg>");
    out
}

/// A character's outline, its own width and height in ems.
struct Letter {
    outline: Vec<Segment>,
    advance: f32,
}

struct Seal<'a> {
    fonts: &'a Fonts,
    middle: f32,
    paths: Vec<Path>,
    faults: Vec<FaceFault>,
}

impl Seal<'_> {
    fn letters(&mut self, field: &str, text: &str, role: FontRole, most: usize) -> Vec<Letter> {
        let text: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
        if text.len() > most {
            self.faults.push(FaceFault::DoesNotFit { field: field.into() });
            return Vec::new();
        }
        let mut letters = Vec::new();
        for character in text {
            match self.fonts.find(role, character) {
                Some(glyph) => {
                    let outline = self.fonts.outline(glyph.font, glyph.id);
                    letters.push(Letter { outline, advance: glyph.advance });
                }
                None => self.faults.push(FaceFault::MissingGlyph { field: field.into(), character }),
            }
        }
        letters
    }

    fn fill(&mut self, segments: Vec<Segment>) {
        if !segments.is_empty() {
            self.paths.push(Path { segments, paint: Paint::Fill(Rgb::SEAL_RED) });
        }
    }

    fn circle(&mut self, radius: f32, width: f32) {
        // Four cubics; the control distance that keeps them within 0.03 % of a circle.
        let (c, k) = (self.middle, radius * 0.552_284_8);
        let (left, right) = (c - radius, c + radius);
        let segments = vec![
            Segment::MoveTo(right, c),
            Segment::CurveTo(right, c + k, c + k, right, c, right),
            Segment::CurveTo(c - k, right, left, c + k, left, c),
            Segment::CurveTo(left, c - k, c - k, left, c, left),
            Segment::CurveTo(c + k, left, right, c - k, right, c),
            Segment::Close,
        ];
        self.paths.push(Path { segments, paint: Paint::Stroke(Rgb::SEAL_RED, width) });
    }

    fn star(&mut self, radius: f32) {
        // The inner corners of a regular star lie at this share of the outer ones.
        let inner = radius * 0.381_966;
        let points = (0..10).map(|n| {
            let (angle, r) = (n as f32 * PI / 5.0, if n % 2 == 0 { radius } else { inner });
            (self.middle + r * angle.sin(), self.middle - r * angle.cos())
        });
        let mut segments: Vec<_> = points.map(|(x, y)| Segment::LineTo(x, y)).collect();
        if let Some(Segment::LineTo(x, y)) = segments.first().copied() {
            segments[0] = Segment::MoveTo(x, y);
        }
        segments.push(Segment::Close);
        self.fill(segments);
    }

    /// The name from left to right over the top, feet to the middle, evenly spread.
    fn arc_name(&mut self, name: &str, size: f32) {
        let letters = self.letters("owner_name", name, FontRole::SongBold, MAX_NAME);
        let count = letters.len() as f32;
        if letters.is_empty() {
            return;
        }
        // Few characters stand tall and apart; many are narrowed first, then made smaller.
        let height = size * (0.150 - 0.0016 * (count - 8.0).max(0.0)).clamp(0.095, 0.150);
        let outer = size / 2.0 - size * 0.058;
        let radius = outer - height / 2.0;
        let step = (NAME_SWEEP / count).min(0.50);
        // Feet stand closer together than heads: the narrowing is by the room at the feet.
        let room = step * (radius - height * 0.30) * 0.92;
        let width = room.min(height * 0.86);
        for (n, letter) in letters.iter().enumerate() {
            let angle = (n as f32 - (count - 1.0) / 2.0) * step;
            self.place(letter, (width, height), radius, angle, false);
        }
    }

    /// The words in one line below the star.
    fn words(&mut self, words: &str, size: f32) {
        let letters = self.letters("purpose_words", words, FontRole::SongBold, MAX_WORDS);
        let count = letters.len() as f32;
        let (y, height) = (self.middle + size * 0.245, size * 0.102);
        // The chord between the ends of the name.
        let room = size * 0.56;
        let width = (room / count.max(1.0)).min(height * 0.98);
        for (n, letter) in letters.iter().enumerate() {
            let x = self.middle + (n as f32 - (count - 1.0) / 2.0) * width;
            let scale = (width * 0.97 / letter.advance.max(0.5), height);
            let baseline = y + EM_MIDDLE * height;
            let left = x - letter.advance * scale.0 / 2.0;
            let moved = transform(&letter.outline, |px, py| (left + px * scale.0, baseline + py * scale.1));
            self.fill(moved);
        }
    }

    /// The code along the lower arc, left to right, feet outward.
    fn arc_code(&mut self, code: &str, size: f32) {
        let letters = self.letters("code", code, FontRole::SongBold, 20);
        let height = size * 0.046;
        let radius = size / 2.0 - size * 0.058 - height * 0.36;
        let step = height * 0.66 / radius;
        let count = letters.len() as f32;
        for (n, letter) in letters.iter().enumerate() {
            let angle = (n as f32 - (count - 1.0) / 2.0) * step;
            self.place(letter, (height, height), radius, angle, true);
        }
    }

    /// Sets a letter on a circle of `radius` through its middle, `angle` from the top (from the bottom if
    /// `below`), scaled to `width` and `height` for an em.
    fn place(&mut self, letter: &Letter, (width, height): (f32, f32), radius: f32, angle: f32, below: bool) {
        let scale_x = width;
        let half = letter.advance / 2.0;
        let (turn, side) = if below { (-angle, 1.0) } else { (angle, -1.0) };
        let (sin, cos) = turn.sin_cos();
        let middle = self.middle;
        // Digits have no depth: their middle is that of a capital, not of the em box.
        let lift = if below { 0.36 } else { EM_MIDDLE };
        let outline = transform(&letter.outline, |px, py| {
            let (x, y) = ((px - half) * scale_x, (py + lift) * height + side * radius);
            (middle + x * cos - y * sin, middle + x * sin + y * cos)
        });
        self.fill(outline);
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

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: &str = "景川市市场监督管理局";
    const CODE: &str = "45090020260001";

    fn drawn(owner: &str, words: &str) -> Result<Drawing, Vec<FaceFault>> {
        draw(owner, SealPurpose::License, words, CODE, &Fonts::embedded())
    }

    #[test]
    fn every_character_is_on_the_seal_and_inside_it() {
        let drawing = drawn(OWNER, "电子证照专用章").expect("a seal");
        // The border, ten characters of the name, the star, seven words, fourteen digits.
        assert_eq!(drawing.paths.len(), 1 + 10 + 1 + 7 + 14);
        assert_eq!((drawing.width, drawing.height), (40.0, 40.0));
        for path in &drawing.paths {
            for segment in &path.segments {
                let (Segment::MoveTo(x, y) | Segment::LineTo(x, y) | Segment::CurveTo(.., x, y)) = *segment
                else {
                    continue;
                };
                assert!((x - 20.0).hypot(y - 20.0) <= 20.0, "{x} {y}");
            }
        }
    }

    #[test]
    fn long_names_are_narrowed_and_too_long_ones_refused() {
        let name: String = OWNER.chars().cycle().take(36).collect();
        assert!(drawn(&name, "").is_ok());
        let faults = drawn(&(name + "局"), "");
        assert_eq!(faults, Err(vec![FaceFault::DoesNotFit { field: "owner_name".into() }]));
    }

    #[test]
    fn a_character_without_a_glyph_is_named() {
        let faults = drawn("景川市\u{2A6D6}局", "");
        let fault = FaceFault::MissingGlyph { field: "owner_name".into(), character: '\u{2A6D6}' };
        assert_eq!(faults, Err(vec![fault]));
    }
}
