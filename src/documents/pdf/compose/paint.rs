//! Marks as the operators of a content stream.

use super::file::text_string;
use super::fonts::FontCuts;
use crate::documents::face::{Mark, POINTS_PER_MM, PlacedCode, TextRun};
use crate::domain::picture::{Paint, Path, Rgb, Segment};

/// Letter spacing from which text counts as spread, in ems.
const WIDE: f32 = 0.2;

/// Outlines longer than this are stamped as forms: compression finds what is repeated only within 32 KiB.
const LONG_OUTLINE: usize = 12 << 10;

/// Operators that stand in the file once and are painted in many places: a form XObject (ISO 32000-2 §8.10).
pub(super) struct StampForm {
    pub operators: Vec<u8>,
    /// Left, top, right, bottom of what it paints, in millimetres.
    pub bounds: [f32; 4],
}

/// Writes one page's or one form's operators. Coordinates come in millimetres, y down.
pub(super) struct Painter {
    pub out: Vec<u8>,
    /// Page height in millimetres: PDF's y goes up.
    height: f32,
    fill: Option<Rgb>,
    /// Forms made so far, if the file has room for any; each is named `S` and its place.
    forms: Option<Vec<StampForm>>,
}

impl Painter {
    pub fn new(height: f32) -> Self {
        Self { out: Vec::with_capacity(8 << 10), height, fill: None, forms: None }
    }

    /// A painter that may make forms, after those of earlier pages.
    pub fn with_forms(height: f32, forms: Vec<StampForm>) -> Self {
        Self { forms: Some(forms), ..Self::new(height) }
    }

    /// All forms, for the next page or the file.
    pub fn into_forms(self) -> Vec<StampForm> {
        self.forms.unwrap_or_default()
    }

    /// Paints marks in order; text uses fonts named `prefix` and a number.
    pub fn marks(&mut self, marks: &[Mark], cuts: &mut FontCuts, prefix: u8) {
        let mut in_mm = false;
        for mark in marks {
            let is_text = matches!(mark, Mark::Text(_));
            if is_text == in_mm {
                if in_mm {
                    self.leave_mm()
                } else {
                    self.enter_mm()
                }
                in_mm = !in_mm;
            }
            match mark {
                Mark::Text(run) => self.text(run, cuts, prefix),
                other => self.ornament(other),
            }
        }
        if in_mm {
            self.leave_mm();
        }
    }

    /// Paints paths in millimetres.
    pub fn paths(&mut self, paths: &[Path]) {
        self.enter_mm();
        for path in paths {
            self.path(path);
        }
        self.leave_mm();
    }

    /// Turns to millimetres with y down.
    fn enter_mm(&mut self) {
        let k = POINTS_PER_MM;
        self.op("q", &[]);
        // The scale needs more decimals than coordinates do.
        let line = format!("{k:.6} 0 0 -{k:.6} 0 {:.4} cm\n", self.height * k);
        self.out.extend_from_slice(line.as_bytes());
        self.fill = None;
    }

    fn leave_mm(&mut self) {
        self.op("Q", &[]);
        self.fill = None;
    }

    fn ornament(&mut self, mark: &Mark) {
        match mark {
            Mark::Text(_) => {}
            Mark::Path(path) => self.path(path),
            Mark::Stamped(path, places) => {
                let mut outline = Self::new(0.0);
                outline.outline(&path.segments);
                let outline = outline.out;
                if outline.len() > LONG_OUTLINE && places.len() > 1 && self.forms.is_some() {
                    return self.stamp_form(path, places);
                }
                self.paint(path.paint);
                for place in places {
                    self.op("q", &[]);
                    self.op("cm", place);
                    self.out.extend_from_slice(&outline);
                    self.finish_path(path.paint);
                    self.op("Q", &[]);
                }
            }
            Mark::Clipped(area, marks) => {
                self.op("q", &[]);
                self.op("re", &[area.x, area.y, area.width, area.height]);
                self.op("W n", &[]);
                for mark in marks {
                    self.ornament(mark);
                }
                self.op("Q", &[]);
                self.fill = None;
            }
        }
    }

    fn stamp_form(&mut self, path: &Path, places: &[[f32; 6]]) {
        let mut form = Self::new(0.0);
        form.path(path);
        let form = StampForm { operators: form.out, bounds: bounds(path) };
        let forms = self.forms.get_or_insert_default();
        let name = format!("/S{} Do\n", forms.len());
        forms.push(form);
        for place in places {
            self.op("q", &[]);
            self.op("cm", place);
            self.out.extend_from_slice(name.as_bytes());
            self.op("Q", &[]);
        }
    }

    fn path(&mut self, path: &Path) {
        self.paint(path.paint);
        self.outline(&path.segments);
        self.finish_path(path.paint);
    }

    fn paint(&mut self, paint: Paint) {
        match paint {
            Paint::Fill(rgb) => self.fill_colour(rgb),
            Paint::Stroke(rgb, width) => {
                self.op("RG", &components(rgb));
                self.op("w", &[width]);
            }
        }
    }

    fn finish_path(&mut self, paint: Paint) {
        match paint {
            Paint::Fill(_) => self.op("f", &[]),
            Paint::Stroke(..) => self.op("S", &[]),
        }
    }

    fn fill_colour(&mut self, rgb: Rgb) {
        if self.fill != Some(rgb) {
            self.op("rg", &components(rgb));
            self.fill = Some(rgb);
        }
    }

    /// Outlines are rounded to a hundredth of a millimetre: finer than any printer, half the bytes.
    fn outline(&mut self, segments: &[Segment]) {
        for segment in segments {
            let (operator, numbers): (_, &[f32]) = match segment {
                Segment::MoveTo(x, y) => (b"m\n", &[*x, *y]),
                Segment::LineTo(x, y) => (b"l\n", &[*x, *y]),
                Segment::CurveTo(a, b, c, d, x, y) => (b"c\n", &[*a, *b, *c, *d, *x, *y]),
                Segment::Close => (b"h\n", &[]),
            };
            for value in numbers {
                number(&mut self.out, (value * 100.0).round() / 100.0);
                self.out.push(b' ');
            }
            self.out.extend_from_slice(operator);
        }
    }

    /// A run of text, in points. Widely spaced text also says what it is as one word: readers that take text
    /// out would see gaps.
    pub fn text(&mut self, run: &TextRun, cuts: &mut FontCuts, prefix: u8) {
        let spaced = run.glyphs.len() > 1 && run.spacing > WIDE * run.size;
        if spaced {
            let word: String = run.glyphs.iter().map(|glyph| glyph.character).collect();
            self.out.extend_from_slice(b"/Span<</ActualText");
            text_string(&mut self.out, &word);
            self.out.extend_from_slice(b">>BDC\n");
        }
        self.glyphs(run, cuts, prefix);
        if spaced {
            self.out.extend_from_slice(b"EMC\n");
        }
    }

    fn glyphs(&mut self, run: &TextRun, cuts: &mut FontCuts, prefix: u8) {
        self.fill_colour(run.colour);
        let (x, y) = (run.x * POINTS_PER_MM, (self.height - run.baseline) * POINTS_PER_MM);
        let mut open: Option<usize> = None;
        let mut pen = 0.0;
        // Nearly always one cut; another one only where two characters share a glyph.
        for glyph in &run.glyphs {
            let (cut, cid) = cuts.take(run.font, glyph);
            if open != Some(cut) {
                if open.is_some() {
                    self.out.extend_from_slice(b"> Tj\nET\n");
                }
                self.op("BT", &[]);
                self.out.extend_from_slice(&[b'/', prefix]);
                self.op("Tf", &[cut as f32, run.size]);
                self.op("Tc", &[run.spacing]);
                self.op("Td", &[x + pen, y]);
                self.out.push(b'<');
                open = Some(cut);
            }
            for shift in [12, 8, 4, 0] {
                self.out.push(b"0123456789ABCDEF"[usize::from(cid >> shift & 15)]);
            }
            pen += glyph.advance * run.size + run.spacing;
        }
        if open.is_some() {
            self.out.extend_from_slice(b"> Tj\nET\n");
        }
    }

    /// The verification code: an image named `Code` over its square.
    pub fn code(&mut self, placed: &PlacedCode) {
        let area = placed.area;
        let side = area.width.min(area.height) * POINTS_PER_MM;
        let (x, top) = (area.x * POINTS_PER_MM, (self.height - area.y) * POINTS_PER_MM);
        self.op("q", &[]);
        self.op("cm", &[side, 0.0, 0.0, side, x, top - side]);
        self.out.extend_from_slice(b"/Code Do\nQ\n");
    }

    /// An image named `Picture` over the whole form.
    pub fn image(&mut self, width: f32, height: f32) {
        self.op("q", &[]);
        self.op("cm", &[width * POINTS_PER_MM, 0.0, 0.0, height * POINTS_PER_MM, 0.0, 0.0]);
        self.out.extend_from_slice(b"/Picture Do\nQ\n");
    }

    /// Operands, then the operator.
    fn op(&mut self, operator: &str, operands: &[f32]) {
        for operand in operands {
            number(&mut self.out, *operand);
            self.out.push(b' ');
        }
        self.out.extend_from_slice(operator.as_bytes());
        self.out.push(b'\n');
    }
}

/// What a path can reach, with room for its stroke: the points of its segments enclose them.
fn bounds(path: &Path) -> [f32; 4] {
    let pad = match path.paint {
        Paint::Fill(_) => 0.1,
        Paint::Stroke(_, width) => width + 0.1,
    };
    let mut reach = [f32::MAX, f32::MAX, f32::MIN, f32::MIN];
    let mut point = |x: f32, y: f32| {
        reach = [reach[0].min(x - pad), reach[1].min(y - pad), reach[2].max(x + pad), reach[3].max(y + pad)];
    };
    for segment in &path.segments {
        match *segment {
            Segment::MoveTo(x, y) | Segment::LineTo(x, y) => point(x, y),
            Segment::CurveTo(a, b, c, d, x, y) => {
                point(a, b);
                point(c, d);
                point(x, y);
            }
            Segment::Close => {}
        }
    }
    reach
}

fn components(Rgb(r, g, b): Rgb) -> [f32; 3] {
    [r, g, b].map(|part| f32::from(part) / 255.0)
}

/// A number with at most three decimals, without trailing zeros.
fn number(out: &mut Vec<u8>, value: f32) {
    let mut scaled = (f64::from(value) * 1_000.0).round() as i64;
    if scaled < 0 {
        out.push(b'-');
        scaled = -scaled;
    }
    let (whole, mut rest) = (scaled / 1_000, scaled % 1_000);
    let mut digits = [0_u8; 20];
    let mut start = digits.len();
    let mut left = whole;
    loop {
        start -= 1;
        digits[start] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
    if rest > 0 {
        out.push(b'.');
        let mut unit = 100;
        while rest > 0 {
            out.push(b'0' + (rest / unit) as u8);
            rest %= unit;
            unit /= 10;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_plain() {
        let text = |value| {
            let mut out = Vec::new();
            number(&mut out, value);
            String::from_utf8(out).expect("ASCII")
        };
        let cases = [
            (0.0, "0"),
            (-0.00001, "0"),
            (0.007, "0.007"),
            (1.5, "1.5"),
            (-2.25, "-2.25"),
            (12345.0, "12345"),
            (0.0625, "0.063"),
        ];
        for (value, expected) in cases {
            assert_eq!(text(value), expected);
        }
    }
}
