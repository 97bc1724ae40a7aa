//! Square name seals: the characters of a name in columns that are read from the right, each from the top, in a frame.

use super::Design;
use super::canvas::{Canvas, Spot};
use crate::domain::picture::Segment;
use crate::domain::seal::SealPurpose;

/// Names of more characters do not stay legible.
const MAX_NAME: usize = 8;
/// Most characters with what fills the name up.
const CELLS: usize = 9;
/// A character's box is a little larger than its cell: the fonts leave room around it.
const FILLING: f32 = 1.04;

pub(super) fn draw(canvas: &mut Canvas<'_>, design: &Design<'_>, side: f32) -> (f32, f32) {
    let (field, name) = match design.purpose {
        SealPurpose::LegalRepresentative => ("purpose_words", design.words),
        _ => ("owner_name", design.owner_name),
    };
    frame(canvas, side);
    let (shown, most) = shown(name);
    let letters = canvas.letters(field, &shown, most);
    let columns = if letters.len() > 6 { 3 } else { 2 };
    let rows = letters.len().div_ceil(columns).max(1);
    let margin = side * 0.085;
    let inside = side - 2.0 * margin;
    let cell = (inside / columns as f32, inside / rows as f32);
    for (n, letter) in letters.iter().enumerate() {
        let (column, row) = ((n / rows) as f32, (n % rows) as f32);
        let x = side - margin - (column + 0.5) * cell.0;
        let y = margin + (row + 0.5) * cell.1;
        canvas.place(letter, (cell.0 * FILLING, cell.1 * FILLING), Spot { x, y, turn: 0.0 });
    }
    (side, side)
}

/// What stands on the seal: the name without dots, filled up with 印 or 之印 as is the custom, to 4, 6 or 9 characters; and how
/// many characters that may be.
fn shown(name: &str) -> (String, usize) {
    let name: String =
        name.chars().filter(|c| !c.is_whitespace() && !matches!(c, '·' | '•' | '・' | '．')).collect();
    match name.chars().count() {
        2 | 7 => (name + "之印", CELLS),
        1 | 3 | 5 | 8 => (name + "印", CELLS),
        _ => (name, MAX_NAME),
    }
}

/// A frame with corners that are a little round, as if cut.
fn frame(canvas: &mut Canvas<'_>, side: f32) {
    let line = side * 0.045;
    let (near, far, r) = (line / 2.0, side - line / 2.0, side * 0.05);
    // The control distance of a quarter of a circle.
    let k = r * (1.0 - 0.552_284_8);
    let segments = vec![
        Segment::MoveTo(near + r, near),
        Segment::LineTo(far - r, near),
        Segment::CurveTo(far - k, near, far, near + k, far, near + r),
        Segment::LineTo(far, far - r),
        Segment::CurveTo(far, far - k, far - k, far, far - r, far),
        Segment::LineTo(near + r, far),
        Segment::CurveTo(near + k, far, near, far - k, near, far - r),
        Segment::LineTo(near, near + r),
        Segment::CurveTo(near, near + k, near + k, near, near + r, near),
        Segment::Close,
    ];
    canvas.stroke(segments, line);
}
