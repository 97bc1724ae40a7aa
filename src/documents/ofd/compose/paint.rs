//! Marks as the objects of a page.

use super::code;
use super::fonts::FontCuts;
use super::path::{Bounds, abbreviated, colour, number, numbers};
use crate::documents::face::{Mark, POINTS_PER_MM, PlacedCode, TextRun};
use crate::documents::fonts::Fonts;
use crate::documents::ofd::xml::Xml;
use crate::domain::picture::{Paint, Path, Rgb};

/// Room left and right of a line's glyphs, in ems: some reach over their advance.
const SIDE: f32 = 0.1;
/// Decimals of a place within a line: errors add up along it.
const FINE: usize = 4;

/// Gives out identifiers, unique in the document.
#[derive(Clone, Debug)]
pub(super) struct Ids(pub u32);

impl Ids {
    /// The next one.
    pub fn next(&mut self) -> u32 {
        self.0 += 1;
        self.0
    }
}

/// A text object that shows one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    /// Name of the field.
    pub field: String,
    /// The object.
    pub object: u32,
}

/// The resources that hold what is drawn many times alike: `DocumentRes.xml`.
pub(super) struct Units {
    xml: Xml,
    used: bool,
}

const UNITS: &str = "ofd:CompositeGraphicUnits";

impl Units {
    /// None so far.
    pub fn new() -> Self {
        Self { xml: Xml::begin("ofd:Res", &[("BaseLoc", "Res")]), used: false }
    }

    /// Where to write the next one.
    fn next(&mut self) -> &mut Xml {
        if !self.used {
            self.xml.open(UNITS, &[]);
            self.used = true;
        }
        &mut self.xml
    }

    /// The finished part.
    pub fn finish(mut self) -> Vec<u8> {
        if self.used {
            self.xml.close(UNITS);
        }
        self.xml.finish()
    }
}

/// Writes objects, with what they need beside them.
pub(super) struct Painter<'a> {
    /// The page, its layer open.
    pub xml: Xml,
    pub ids: &'a mut Ids,
    pub cuts: &'a mut FontCuts,
    pub fonts: &'a Fonts,
}

impl Painter<'_> {
    /// Paints what is fixed. What is painted many times alike becomes a unit in the resources, written to `units`.
    pub fn marks(&mut self, marks: &[Mark], units: &mut Units) {
        self.ornaments(marks, units, None);
    }

    fn ornaments(&mut self, marks: &[Mark], units: &mut Units, clip: Option<&Bounds>) {
        let mut rest = marks;
        while let Some((mark, after)) = rest.split_first() {
            rest = after;
            match mark {
                Mark::Text(run) => {
                    self.text(run);
                }
                Mark::Path(path) => self.path(path, clip),
                Mark::Stamped(path, places) => {
                    // What is stamped at the same places makes one unit.
                    let mut together = vec![path];
                    while let Some((Mark::Stamped(path, same), after)) = rest.split_first()
                        && same == places
                    {
                        together.push(path);
                        rest = after;
                    }
                    self.stamped(&together, places, units, clip);
                }
                Mark::Clipped(area, marks) => {
                    let inner = Bounds::of_area(area);
                    let inner = clip.map_or(inner, |outer| outer.within(&inner));
                    self.ornaments(marks, units, Some(&inner));
                }
            }
        }
    }

    /// A run of text, as one object for each value it shows.
    pub fn text(&mut self, run: &TextRun) -> Vec<Shown> {
        let mut shown = Vec::with_capacity(run.stretches.len());
        let mut pen = run.x;
        for (n, stretch) in run.stretches.iter().enumerate() {
            let end = run.stretches.get(n + 1).map_or(run.glyphs.len(), |next| next.first);
            let (object, after) = self.line(run, stretch.first..end, pen);
            pen = after;
            shown.extend(object.map(|object| Shown { field: stretch.field.clone(), object }));
        }
        shown
    }

    /// Some glyphs of a run from a place on; gives the object and the place after them. Blank ones need no object.
    fn line(&mut self, run: &TextRun, glyphs: std::ops::Range<usize>, start: f32) -> (Option<u32>, f32) {
        let em = run.size / POINTS_PER_MM;
        let gap = run.spacing / POINTS_PER_MM;
        let font = self.cuts.font(run.font, || self.ids.next());
        // Readers take white space off the ends of what an element holds, and make one blank of several.
        let mut codes: Vec<Code> = Vec::new();
        let mut pen = start;
        for glyph in &run.glyphs[glyphs] {
            let blank = glyph.character.is_whitespace();
            // Distances are counted by character in some readers and by UTF-16 unit in others.
            let wide = glyph.character.len_utf16() > 1;
            match codes.last_mut() {
                Some(code) if !wide && !code.wide && (blank || code.blanks() < 2) => {
                    code.push(glyph.character, pen, blank);
                }
                _ if blank => {}
                _ => codes.push(Code::start(glyph.character, pen, wide)),
            }
            self.cuts.take(run.font, glyph);
            pen += glyph.advance * em + gap;
        }
        if codes.is_empty() {
            return (None, pen);
        }
        let measures = self.fonts.file(run.font).measures();
        let (ascent, descent) = (measures.ascent / 1000.0 * em, -measures.descent / 1000.0 * em);
        let left = codes[0].places[0];
        let bounds = Bounds {
            left: left - SIDE * em,
            top: run.baseline - ascent,
            right: pen - gap.max(0.0) + SIDE * em,
            bottom: run.baseline + descent,
        }
        .rounded();
        let id = self.ids.next();
        let (id_text, font, size) = (id.to_string(), font.to_string(), number(em, FINE));
        let attributes = [("ID", &*id_text), ("Boundary", &bounds.text()), ("Font", &font), ("Size", &size)];
        self.xml.open("ofd:TextObject", &attributes);
        self.colour("ofd:FillColor", run.colour);
        for code in &codes {
            code.write(&mut self.xml, &bounds, run.baseline);
        }
        self.xml.close("ofd:TextObject");
        (Some(id), pen)
    }

    /// A path, of which only what lies in `clip` is seen.
    fn path(&mut self, path: &Path, clip: Option<&Bounds>) {
        let all = Bounds::of(path).rounded();
        let bounds = clip.map_or(all, |clip| all.within(clip));
        if !bounds.is_empty() {
            let id = self.ids.next();
            path_object(&mut self.xml, id, path, &bounds, (bounds.left, bounds.top));
        }
    }

    /// The verification code on its white square. Its path counts in modules, so that no edge is rounded on its own.
    pub fn code(&mut self, placed: &PlacedCode) {
        let area = Bounds::of_area(&placed.area);
        let (id, bounds) = (self.ids.next().to_string(), area.text());
        let (width, height) = (number(area.width(), 3), number(area.height(), 3));
        let square = format!("M 0 0 L {width} 0 L {width} {height} L 0 {height} C");
        let attributes = [("ID", &*id), ("Boundary", &*bounds), ("Stroke", "false"), ("Fill", "true")];
        self.xml.open("ofd:PathObject", &attributes);
        self.colour("ofd:FillColor", Rgb(255, 255, 255));
        self.xml.text("ofd:AbbreviatedData", &[], &square);
        self.xml.close("ofd:PathObject");

        let modules = placed.code.side_with_quiet_zone();
        let module = area.width().min(area.height()) / modules as f32;
        let quiet = (modules - placed.code.side()) as f32 / 2.0 * module;
        let matrix = numbers(&[module, 0.0, 0.0, module, quiet, quiet], 6);
        let id = self.ids.next().to_string();
        let [_, _, stroke, fill] = attributes;
        self.xml
            .open("ofd:PathObject", &[("ID", &id), ("Boundary", &bounds), ("CTM", &matrix), stroke, fill]);
        self.colour("ofd:FillColor", Rgb::BLACK);
        self.xml.text("ofd:AbbreviatedData", &[], &code::dark(&placed.code));
        self.xml.close("ofd:PathObject");
    }

    fn stamped(&mut self, paths: &[&Path], places: &[[f32; 6]], units: &mut Units, clip: Option<&Bounds>) {
        let all = paths.iter().fold(Bounds::EMPTY, |all, path| all.with(&Bounds::of(path))).rounded();
        if all.is_empty() {
            return;
        }
        let unit = self.ids.next().to_string();
        let (width, height) = (number(all.width(), 3), number(all.height(), 3));
        let attributes = [("ID", &*unit), ("Width", &width), ("Height", &height)];
        let units = units.next();
        units.open("ofd:CompositeGraphicUnit", &attributes);
        units.open("ofd:Content", &[]);
        let own = Bounds { left: 0.0, top: 0.0, right: all.width(), bottom: all.height() };
        for path in paths {
            path_object(units, self.ids.next(), path, &own, (all.left, all.top));
        }
        units.close("ofd:Content");
        units.close("ofd:CompositeGraphicUnit");
        for place in places {
            let bounds = all.turned(*place).rounded();
            let seen = clip.map_or(bounds, |clip| bounds.within(clip));
            if seen.is_empty() {
                continue;
            }
            // From the unit's corner to the mark's own origin, to its place, to the corner of the boundary.
            let [a, b, c, d, e, f] = *place;
            let (x, y) = (a * all.left + c * all.top + e, b * all.left + d * all.top + f);
            let id = self.ids.next().to_string();
            let matrix = numbers(&[a, b, c, d, x - bounds.left, y - bounds.top], 5);
            let boundary = bounds.text();
            let mut attributes = vec![("ID", &*id), ("ResourceID", &*unit), ("Boundary", &*boundary)];
            // What is only moved is where its boundary is: that is within a hundredth of a millimetre.
            if [a, b, c, d] != [1.0, 0.0, 0.0, 1.0] {
                attributes.push(("CTM", &matrix));
            }
            if seen == bounds {
                self.xml.empty("ofd:CompositeObject", &attributes);
            } else {
                self.xml.open("ofd:CompositeObject", &attributes);
                self.clips(&seen, (bounds.left, bounds.top));
                self.xml.close("ofd:CompositeObject");
            }
        }
    }

    /// Cuts an object down to a box, seen from the corner of its boundary. Readers differ on whether the matrix of an
    /// object moves its clips too, so what is only moved has none.
    fn clips(&mut self, seen: &Bounds, (x, y): (f32, f32)) {
        let (left, top) = (seen.left - x, seen.top - y);
        let own = Bounds { left, top, right: left + seen.width(), bottom: top + seen.height() };
        let (width, height) = (number(own.width(), 3), number(own.height(), 3));
        self.xml.open("ofd:Clips", &[]);
        self.xml.open("ofd:Clip", &[]);
        self.xml.open("ofd:Area", &[]);
        let attributes = [("Boundary", &*own.text()), ("Stroke", "false"), ("Fill", "true")];
        self.xml.open("ofd:Path", &attributes);
        let data = format!("M 0 0 L {width} 0 L {width} {height} L 0 {height} C");
        self.xml.text("ofd:AbbreviatedData", &[], &data);
        for element in ["ofd:Path", "ofd:Area", "ofd:Clip", "ofd:Clips"] {
            self.xml.close(element);
        }
    }

    fn colour(&mut self, element: &str, rgb: Rgb) {
        self.xml.empty(element, &[("Value", &colour(rgb))]);
    }
}

/// Writes one path object whose data is seen from `origin`.
fn path_object(xml: &mut Xml, id: u32, path: &Path, bounds: &Bounds, origin: (f32, f32)) {
    let (id, bounds) = (id.to_string(), bounds.text());
    let (element, rgb) = match path.paint {
        Paint::Fill(rgb) => {
            let attributes = [("ID", &*id), ("Boundary", &bounds), ("Stroke", "false"), ("Fill", "true")];
            xml.open("ofd:PathObject", &attributes);
            ("ofd:FillColor", rgb)
        }
        Paint::Stroke(rgb, width) => {
            let width = number(width, 3);
            xml.open("ofd:PathObject", &[("ID", &*id), ("Boundary", &bounds), ("LineWidth", &width)]);
            ("ofd:StrokeColor", rgb)
        }
    };
    xml.empty(element, &[("Value", &colour(rgb))]);
    xml.text("ofd:AbbreviatedData", &[], &abbreviated(&path.segments, origin));
    xml.close("ofd:PathObject");
}

/// One TextCode: characters, and where each of them starts.
struct Code {
    text: String,
    places: Vec<f32>,
    /// Characters up to the last that is not blank, and their bytes.
    kept: (usize, usize),
    wide: bool,
}

impl Code {
    fn start(character: char, place: f32, wide: bool) -> Self {
        let text = String::from(character);
        Self { kept: (1, text.len()), text, places: vec![place], wide }
    }

    fn push(&mut self, character: char, place: f32, blank: bool) {
        self.text.push(character);
        self.places.push(place);
        if !blank {
            self.kept = (self.places.len(), self.text.len());
        }
    }

    /// Blanks at its end.
    const fn blanks(&self) -> usize {
        self.places.len() - self.kept.0
    }

    fn write(&self, xml: &mut Xml, bounds: &Bounds, baseline: f32) {
        let places = &self.places[..self.kept.0];
        let x = number(places[0] - bounds.left, FINE);
        let y = number(baseline - bounds.top, FINE);
        let text = &self.text[..self.kept.1];
        if places.len() == 1 {
            xml.text("ofd:TextCode", &[("X", &x), ("Y", &y)], text);
        } else {
            xml.text("ofd:TextCode", &[("X", &x), ("Y", &y), ("DeltaX", &distances(places))], text);
        }
    }
}

/// The distances from each place to the next; `g n v` stands for n times v.
fn distances(places: &[f32]) -> String {
    let mut steps: Vec<(String, usize)> = Vec::new();
    for pair in places.windows(2) {
        let step = number(pair[1] - pair[0], 3);
        match steps.last_mut() {
            Some((last, count)) if *last == step => *count += 1,
            _ => steps.push((step, 1)),
        }
    }
    let mut out = String::new();
    for (step, count) in steps {
        if !out.is_empty() {
            out.push(' ');
        }
        if count > 2 {
            out.push_str(&format!("g {count} {step}"));
        } else {
            out.push_str(&vec![step; count].join(" "));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::distances;

    #[test]
    fn equal_steps_are_written_once() {
        assert_eq!(distances(&[0.0, 1.5]), "1.5");
        assert_eq!(distances(&[0.0, 1.5, 3.0]), "1.5 1.5");
        assert_eq!(distances(&[0.0, 1.5, 3.0, 4.5, 5.0, 6.0]), "g 3 1.5 0.5 1");
    }
}
