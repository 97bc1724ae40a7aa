//! Round seals: the name along the arc, a star in the middle, the words below it, the code along the lower arc.

use super::canvas::{Canvas, Spot};
use super::{Design, MAX_CODE, MAX_NAME, MAX_WORDS};
use crate::domain::picture::Segment;
use std::f32::consts::{PI, TAU};

/// The part of the circle a name may take, in radians (250°); the rest is the code's.
const NAME_SWEEP: f32 = 250.0 / 360.0 * TAU;

pub(super) fn draw(canvas: &mut Canvas<'_>, design: &Design<'_>, size: f32) -> (f32, f32) {
    let middle = size / 2.0;
    let border = size * 0.028;
    canvas.ellipse((middle, middle), (middle - border / 2.0, middle - border / 2.0), border);
    name(canvas, design.owner_name, size);
    star(canvas, middle, if design.words.is_empty() { 0.168 } else { 0.155 } * size);
    let words = canvas.letters("purpose_words", design.words, MAX_WORDS);
    // The chord between the ends of the name.
    canvas.line(&words, (middle, middle + size * 0.245), size * 0.102, (size * 0.56, 0.98));
    code(canvas, design.code, size);
    (size, size)
}

fn star(canvas: &mut Canvas<'_>, middle: f32, radius: f32) {
    // The inner corners of a regular star lie at this share of the outer ones.
    let inner = radius * 0.381_966;
    let points = (0..10).map(|n| {
        let (angle, r) = (n as f32 * PI / 5.0, if n % 2 == 0 { radius } else { inner });
        (middle + r * angle.sin(), middle - r * angle.cos())
    });
    let mut segments: Vec<_> = points.map(|(x, y)| Segment::LineTo(x, y)).collect();
    if let Some(Segment::LineTo(x, y)) = segments.first().copied() {
        segments[0] = Segment::MoveTo(x, y);
    }
    segments.push(Segment::Close);
    canvas.fill(segments);
}

/// The name from left to right over the top, feet to the middle, evenly spread.
fn name(canvas: &mut Canvas<'_>, name: &str, size: f32) {
    let letters = canvas.letters("owner_name", name, MAX_NAME);
    let count = letters.len() as f32;
    if letters.is_empty() {
        return;
    }
    // Few characters stand tall and apart; many are narrowed first, then made smaller.
    let shorter = 0.0016 * (count - 8.0).max(0.0) + 0.0006 * (count - 20.0).max(0.0);
    let height = size * (0.150 - shorter).clamp(0.085, 0.150);
    let outer = size / 2.0 - size * 0.058;
    let radius = outer - height / 2.0;
    let step = (NAME_SWEEP / count).min(0.50);
    // Feet stand closer together than heads: the narrowing is by the room at the feet.
    let room = step * (radius - height * 0.30) * 0.92;
    let width = room.min(height * 0.86);
    for (n, letter) in letters.iter().enumerate() {
        let turn = (n as f32 - (count - 1.0) / 2.0) * step;
        let (sin, cos) = turn.sin_cos();
        let middle = size / 2.0;
        canvas.place(
            letter,
            (width, height),
            Spot { x: middle + radius * sin, y: middle - radius * cos, turn },
        );
    }
}

/// The code along the lower arc, left to right, feet outward.
fn code(canvas: &mut Canvas<'_>, code: &str, size: f32) {
    let letters = canvas.letters("code", code, MAX_CODE);
    let height = size * 0.046;
    let radius = size / 2.0 - size * 0.058 - height * 0.36;
    let step = height * 0.66 / radius;
    let count = letters.len() as f32;
    for (n, letter) in letters.iter().enumerate() {
        let angle = (n as f32 - (count - 1.0) / 2.0) * step;
        let (sin, cos) = angle.sin_cos();
        let middle = size / 2.0;
        let spot = Spot { x: middle + radius * sin, y: middle + radius * cos, turn: -angle };
        canvas.place_digit(letter, (height, height), spot);
    }
}
