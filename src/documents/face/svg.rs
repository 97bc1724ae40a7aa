//! A composed face as SVG, for previews. Glyphs are outlines: the reader needs no font.

use super::{ComposedFace, ComposedPage, Mark, POINTS_PER_MM, TextRun};
use crate::documents::fonts::{FontId, Fonts};
use crate::documents::seal_picture;
use crate::domain::picture::{Paint, Path, Rgb, Segment};
use crate::domain::seal::SealPicture;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Space between pages, millimetres.
const PAGE_GAP: f32 = 6.0;

/// A seal that is shown on a face.
#[derive(Clone, Copy, Debug)]
pub struct ShownSeal<'a> {
    /// Whose place it takes; none for the only place of a face.
    pub party: Option<&'a str>,
    /// Its picture.
    pub picture: &'a SealPicture,
}

/// Writes a face as one SVG, its pages one below another, with these seals in their places.
pub fn svg(face: &ComposedFace, seals: &[ShownSeal<'_>], fonts: &Fonts) -> String {
    let width = face.pages.iter().map(|page| page.width).fold(0.0, f32::max);
    let gaps = face.pages.len().saturating_sub(1) as f32 * PAGE_GAP;
    let height = face.pages.iter().map(|page| page.height).sum::<f32>() + gaps;
    let one_place = face.pages.iter().map(|page| page.seals.len()).sum::<usize>() == 1;
    let mut writer =
        Writer { out: String::with_capacity(64 << 10), next: 0, glyphs: BTreeSet::new(), one_place };
    let mut top = 0.0;
    for page in &face.pages {
        writer.page(page, seals, top);
        top += page.height + PAGE_GAP;
    }
    let mut head = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" role=\"img\"><defs>",
        Short(width),
        Short(height)
    );
    for (font, glyph) in &writer.glyphs {
        // Outlines in thousandths of an em keep the text short.
        let data = path_data(&fonts.outline(*font, *glyph), 1000.0, 0);
        let _ = write!(head, "<path id=\"g{}-{glyph}\" d=\"{data}\"/>", font.index());
    }
    head.push_str("</defs>");
    head.push_str(&writer.out);
    head.push_str("</svg>");
    head
}

/// Writes a drawing's paths as SVG elements in millimetres.
pub(in crate::documents) fn drawing_paths(out: &mut String, paths: &[Path]) {
    for path in paths {
        let _ = write!(out, "<path d=\"{}\" {}/>", path_data(&path.segments, 1.0, 3), painted(path.paint));
    }
}

struct Writer {
    out: String,
    next: usize,
    glyphs: BTreeSet<(FontId, u16)>,
    /// Whether there is but one place for a seal, which then needs no name.
    one_place: bool,
}

impl Writer {
    fn page(&mut self, page: &ComposedPage, seals: &[ShownSeal<'_>], top: f32) {
        let (width, height) = (Short(page.width), Short(page.height));
        let _ = write!(self.out, "<g transform=\"translate(0 {})\">", Short(top));
        let _ = write!(self.out, "<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>");
        for mark in &page.fixed {
            self.mark(mark);
        }
        for run in &page.values {
            self.text(run);
        }
        if let Some(placed) = &page.code {
            let side = placed.code.side_with_quiet_zone() as f32;
            let (x, y) = (Short(placed.area.x), Short(placed.area.y));
            let scale = Short(placed.area.width.min(placed.area.height) / side);
            let _ = write!(self.out, "<path transform=\"translate({x} {y}) scale({scale})\" ");
            let _ = write!(self.out, "d=\"{}\" shape-rendering=\"crispEdges\"/>", placed.code.svg_path());
        }
        for place in &page.seals {
            let stands_here = |seal: &&ShownSeal<'_>| match seal.party {
                Some(_) => seal.party == place.party.as_deref(),
                None => self.one_place,
            };
            if let Some(seal) = seals.iter().find(stands_here) {
                self.seal(seal.picture, place.x, place.y);
            }
        }
        self.out.push_str("</g>");
    }

    fn seal(&mut self, picture: &SealPicture, x: f32, y: f32) {
        let (width, height) = seal_picture::size(picture);
        let (left, top) = (Short(x - width / 2.0), Short(y - height / 2.0));
        match picture {
            SealPicture::Drawn(drawing) => {
                let _ = write!(self.out, "<g transform=\"translate({left} {top})\">");
                drawing_paths(&mut self.out, &drawing.paths);
                self.out.push_str("</g>");
            }
            SealPicture::Uploaded(picture) => {
                let data = STANDARD.encode(&picture.png);
                let (width, height) = (Short(width), Short(height));
                let _ = write!(
                    self.out,
                    "<image x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" \
                     href=\"data:image/png;base64,{data}\"/>"
                );
            }
        }
    }

    fn mark(&mut self, mark: &Mark) {
        match mark {
            Mark::Text(run) => self.text(run),
            Mark::Path(path) => drawing_paths(&mut self.out, std::slice::from_ref(path)),
            Mark::Stamped(path, places) => {
                let id = self.next;
                self.next += 1;
                let data = path_data(&path.segments, 1.0, 3);
                let _ = write!(self.out, "<defs><path id=\"p{id}\" d=\"{data}\"/></defs>");
                let _ = write!(self.out, "<g {}>", painted(path.paint));
                for [a, b, c, d, e, f] in places {
                    let turned = (*a, *b, *c, *d) != (1.0, 0.0, 0.0, 1.0);
                    if turned {
                        let [a, b, c, d, e, f] = [*a, *b, *c, *d, *e, *f].map(Short);
                        let _ = write!(
                            self.out,
                            "<use href=\"#p{id}\" transform=\"matrix({a} {b} {c} {d} {e} {f})\"/>"
                        );
                    } else {
                        let (e, f) = (Short(*e), Short(*f));
                        let _ = write!(self.out, "<use href=\"#p{id}\" x=\"{e}\" y=\"{f}\"/>");
                    }
                }
                self.out.push_str("</g>");
            }
            Mark::Clipped(area, marks) => {
                let id = self.next;
                self.next += 1;
                let [x, y, width, height] = [area.x, area.y, area.width, area.height].map(Short);
                let _ = write!(
                    self.out,
                    "<clipPath id=\"c{id}\"><rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>\
                     </clipPath><g clip-path=\"url(#c{id})\">"
                );
                for mark in marks {
                    self.mark(mark);
                }
                self.out.push_str("</g>");
            }
        }
    }

    fn text(&mut self, run: &TextRun) {
        let em = run.size / POINTS_PER_MM;
        let scale = em / 1000.0;
        let _ = write!(
            self.out,
            "<g transform=\"translate({} {}) scale({scale:.6})\" fill=\"{}\">",
            Short(run.x),
            Short(run.baseline),
            colour(run.colour)
        );
        let mut x = 0.0;
        for glyph in &run.glyphs {
            if !glyph.character.is_whitespace() {
                self.glyphs.insert((run.font, glyph.id));
                let _ = write!(
                    self.out,
                    "<use href=\"#g{}-{}\" x=\"{}\"/>",
                    run.font.index(),
                    glyph.id,
                    Short(x)
                );
            }
            x += glyph.advance * 1000.0 + run.spacing / run.size * 1000.0;
        }
        self.out.push_str("</g>");
    }
}

fn painted(paint: Paint) -> String {
    match paint {
        Paint::Fill(rgb) => format!("fill=\"{}\"", colour(rgb)),
        Paint::Stroke(rgb, width) => {
            format!("fill=\"none\" stroke=\"{}\" stroke-width=\"{}\"", colour(rgb), Short(width))
        }
    }
}

fn colour(Rgb(r, g, b): Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// The `d` of a path, coordinates times `scale` with at most `decimals` decimals.
fn path_data(segments: &[Segment], scale: f32, decimals: usize) -> String {
    let mut out = String::with_capacity(segments.len() * 24);
    let mut put = |letter: char, numbers: &[f32]| {
        out.push(letter);
        for (n, number) in numbers.iter().enumerate() {
            if n > 0 {
                out.push(' ');
            }
            number_text(&mut out, number * scale, decimals);
        }
    };
    for segment in segments {
        match *segment {
            Segment::MoveTo(x, y) => put('M', &[x, y]),
            Segment::LineTo(x, y) => put('L', &[x, y]),
            Segment::CurveTo(a, b, c, d, x, y) => put('C', &[a, b, c, d, x, y]),
            Segment::Close => put('Z', &[]),
        }
    }
    out
}

/// A number with at most three decimals and no trailing zeros.
struct Short(f32);

impl std::fmt::Display for Short {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = String::new();
        number_text(&mut text, self.0, 3);
        f.write_str(&text)
    }
}

/// Writes a number with at most so many decimals and no trailing zeros.
pub(in crate::documents) fn number_text(out: &mut String, value: f32, decimals: usize) {
    let one = 10_u64.pow(decimals as u32);
    let scaled = (f64::from(value) * one as f64).round() as i64;
    if scaled < 0 {
        out.push('-');
    }
    let scaled = scaled.unsigned_abs();
    let (whole, mut rest) = (scaled / one, scaled % one);
    let _ = write!(out, "{whole}");
    if rest > 0 {
        out.push('.');
        let mut unit = one / 10;
        while rest > 0 {
            out.push(char::from(b'0' + (rest / unit) as u8));
            rest %= unit;
            unit /= 10;
        }
    }
}
