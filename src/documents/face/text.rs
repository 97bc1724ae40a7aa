//! Setting text in its area: alignment, shrinking, line breaking. Chinese needs no shaping: a character is a
//! glyph, and lines may break anywhere but beside certain marks and inside words of Latin letters or digits.

use super::values::Piece;
use super::{FaceFault, POINTS_PER_MM, SetGlyph, Stretch, TextRun};
use crate::documents::fonts::{FontId, Fonts};
use crate::domain::license::face::{Align, Area, Fit, TextStyle};

/// Marks that may not begin a line.
const NOT_FIRST: &str = "、。，．：；？！）》」』】〕〉”’％…—·,.:;?!)]}%";
/// Marks that may not end a line.
const NOT_LAST: &str = "（《「『【〔〈“‘([{￥¥$";
/// The ideographic em box reaches this far above the baseline, in ems; its middle is half an em lower.
const EM_TOP: f32 = 0.88;
/// Sizes are tried in steps of this many points.
const STEP: f32 = 0.25;
/// Rounding must not refuse a text that fits, in millimetres.
const SLACK: f32 = 0.02;

/// A place for text.
pub(super) struct TextBox<'a> {
    pub area: &'a Area,
    pub style: &'a TextStyle,
    pub fit: &'a Fit,
}

/// A character with its glyph's font and the place of the piece it belongs to.
type Letter = (FontId, SetGlyph, usize);

/// Sets the pieces one after another in the box. What is at fault is added to `faults` and set as well as
/// can be.
pub(super) fn set(
    fonts: &Fonts,
    place: &TextBox<'_>,
    pieces: &[Piece<'_>],
    faults: &mut Vec<FaceFault>,
) -> Vec<TextRun> {
    let letters = find_glyphs(fonts, place.style, pieces, faults);
    if letters.is_empty() {
        return Vec::new();
    }
    let least = match *place.fit {
        Fit::Shrink { min_size } | Fit::Wrap { min_size, .. } | Fit::Lines { min_size, .. } => {
            min_size.min(place.style.size)
        }
    };
    let mut size = place.style.size;
    loop {
        let (lines, fits) = lay_out(place, &letters, size);
        if fits || size <= least {
            if !fits {
                let value = pieces.iter().find(|piece| piece.field != "label").or(pieces.first());
                let field = value.map(|piece| piece.field.clone().into_owned()).unwrap_or_default();
                faults.push(FaceFault::DoesNotFit { field });
            }
            return lines.into_iter().flat_map(|line| line.runs(place, pieces, size)).collect();
        }
        size = (size - STEP).max(least);
    }
}

fn find_glyphs(
    fonts: &Fonts,
    style: &TextStyle,
    pieces: &[Piece<'_>],
    faults: &mut Vec<FaceFault>,
) -> Vec<Letter> {
    let mut letters = Vec::new();
    for (n, piece) in pieces.iter().enumerate() {
        for character in piece.text.chars() {
            if character == '\n' {
                let font = letters.last().map_or_else(FontId::default, |(font, ..): &Letter| *font);
                letters.push((font, SetGlyph { character, id: 0, advance: 0.0 }, n));
                continue;
            }
            match fonts.find(style.font, character) {
                Some(glyph) => {
                    let set = SetGlyph { character, id: glyph.id, advance: glyph.advance };
                    letters.push((glyph.font, set, n));
                }
                None => {
                    let field = piece.field.clone().into_owned();
                    let fault = FaceFault::MissingGlyph { field, character };
                    if !faults.contains(&fault) {
                        faults.push(fault);
                    }
                }
            }
        }
    }
    letters
}

/// One line of letters and its baseline.
struct Line<'a> {
    letters: &'a [Letter],
    baseline: f32,
}

/// Lays the letters out at a size; says whether they fit the area.
fn lay_out<'a>(place: &TextBox<'_>, letters: &'a [Letter], size: f32) -> (Vec<Line<'a>>, bool) {
    let em = size / POINTS_PER_MM;
    let area = place.area;
    match *place.fit {
        Fit::Shrink { .. } => {
            let baseline = area.y + area.height / 2.0 + (EM_TOP - 0.5) * em;
            let fits = natural_width(place.style, letters, size) <= area.width + SLACK;
            (vec![Line { letters, baseline }], fits)
        }
        Fit::Wrap { line_height, .. } => {
            let (broken, no_word_cut) = break_lines(place.style, letters, size, area.width);
            stack(area, broken, no_word_cut, em, em * line_height, 0.0)
        }
        Fit::Lines { line_height, .. } => {
            let (broken, no_word_cut) = break_evenly(place, letters, size);
            stack(area, broken, no_word_cut, em, em * line_height, 0.5)
        }
    }
}

/// Stands lines one below the other; `place` is the share of the free height above them.
fn stack<'a>(
    area: &Area,
    broken: Vec<&'a [Letter]>,
    no_word_cut: bool,
    em: f32,
    pitch: f32,
    place: f32,
) -> (Vec<Line<'a>>, bool) {
    let free = area.height - broken.len() as f32 * pitch;
    let first = area.y + free * place + (pitch - em) / 2.0 + EM_TOP * em;
    let lines = broken.into_iter().enumerate();
    let lines = lines.map(|(n, letters)| Line { letters, baseline: first + n as f32 * pitch });
    (lines.collect(), no_word_cut && free >= -SLACK)
}

/// Breaks letters into as few lines as the area's width allows, and these as even as the same number allows: a last line
/// of one character reads badly.
fn break_evenly<'a>(place: &TextBox<'_>, letters: &'a [Letter], size: f32) -> (Vec<&'a [Letter]>, bool) {
    let (style, width) = (place.style, place.area.width);
    let (broken, no_word_cut) = break_lines(style, letters, size, width);
    if broken.len() < 2 {
        return (broken, no_word_cut);
    }
    let share = natural_width(style, letters, size) / broken.len() as f32;
    let even = (share + size / POINTS_PER_MM).min(width);
    match break_lines(style, letters, size, even) {
        (lines, true) if lines.len() == broken.len() => (lines, true),
        _ => (broken, no_word_cut),
    }
}

/// Width in millimetres without spreading.
fn natural_width(style: &TextStyle, letters: &[Letter], size: f32) -> f32 {
    let advance: f32 = letters.iter().map(|(_, glyph, _)| glyph.advance).sum();
    let gaps = letters.len().saturating_sub(1) as f32;
    (advance * size + gaps * spacing(style, size)) / POINTS_PER_MM
}

/// Letter spacing shrinks with the size.
fn spacing(style: &TextStyle, size: f32) -> f32 {
    if style.size > 0.0 { style.spacing * size / style.size } else { 0.0 }
}

/// Breaks letters into lines no wider than `width`, in millimetres. `false` if a word of Latin letters had to be cut.
fn break_lines<'a>(
    style: &TextStyle,
    letters: &'a [Letter],
    size: f32,
    width: f32,
) -> (Vec<&'a [Letter]>, bool) {
    let limit = (width + SLACK) * POINTS_PER_MM;
    let gap = spacing(style, size);
    let (mut lines, mut whole) = (Vec::new(), true);
    let (mut start, mut chance, mut width) = (0, None, 0.0);
    let mut at = 0;
    while at < letters.len() {
        let glyph = letters[at].1;
        if glyph.character == '\n' {
            lines.push(trim(&letters[start..at]));
            (start, chance, width) = (at + 1, None, 0.0);
            at += 1;
            continue;
        }
        if at > start && may_break(letters[at - 1].1.character, glyph.character) {
            chance = Some(at);
        }
        let advance = glyph.advance * size;
        // A space or a hanging mark at the end of a line may stand over the edge.
        if at > start && width + advance > limit && glyph.character != ' ' {
            whole &= chance.is_some();
            let end = chance.unwrap_or(at);
            lines.push(trim(&letters[start..end]));
            (start, chance, width, at) = (end, None, 0.0, end);
            continue;
        }
        width += advance + gap;
        at += 1;
    }
    if start < letters.len() {
        lines.push(trim(&letters[start..]));
    }
    (lines, whole)
}

/// Whether a line may break between two characters.
fn may_break(before: char, after: char) -> bool {
    let in_word = |c: char| c.is_ascii_alphanumeric() || ('\u{C0}'..'\u{250}').contains(&c);
    let joined = in_word(before) && (in_word(after) || "-./@_'".contains(after))
        || "-./@_'".contains(before) && in_word(after);
    !joined && after != ' ' && !NOT_FIRST.contains(after) && !NOT_LAST.contains(before)
}

/// A line without the spaces around it.
fn trim(mut line: &[Letter]) -> &[Letter] {
    while let [rest @ .., (_, last, _)] = line
        && last.character == ' '
    {
        line = rest;
    }
    while let [(_, first, _), rest @ ..] = line
        && first.character == ' '
    {
        line = rest;
    }
    line
}

impl Line<'_> {
    /// The line as runs, one for each stretch in one font.
    fn runs(&self, place: &TextBox<'_>, pieces: &[Piece<'_>], size: f32) -> Vec<TextRun> {
        let (area, style) = (place.area, place.style);
        let natural = natural_width(style, self.letters, size);
        let free = area.width - natural;
        let gaps = self.letters.len().saturating_sub(1) as f32;
        let mut gap = spacing(style, size);
        let mut x = match style.align {
            Align::Left => area.x,
            Align::Right => area.x + free,
            Align::Spread if gaps > 0.0 && free > 0.0 => {
                gap += free * POINTS_PER_MM / gaps;
                area.x
            }
            Align::Centre | Align::Spread => area.x + free / 2.0,
        };
        let mut runs: Vec<TextRun> = Vec::new();
        let mut last_piece = usize::MAX;
        let printed = self.letters.iter().copied().filter(|(_, glyph, _)| glyph.character != '\n');
        for (font, glyph, piece) in printed {
            let stretch = |first| Stretch { first, field: pieces[piece].field.clone().into_owned() };
            match runs.last_mut() {
                Some(run) if run.font == font => {
                    if piece != last_piece {
                        run.stretches.push(stretch(run.glyphs.len()));
                    }
                    run.glyphs.push(glyph);
                }
                _ => runs.push(TextRun {
                    font,
                    size,
                    colour: style.colour,
                    x,
                    baseline: self.baseline,
                    spacing: gap,
                    glyphs: vec![glyph],
                    stretches: vec![stretch(0)],
                }),
            }
            last_piece = piece;
            x += (glyph.advance * size + gap) / POINTS_PER_MM;
        }
        runs
    }
}
