//! The seal for invoices (发票专用章): an ellipse that lies, the name along its upper arc, the tax number across the middle,
//! the words below it, the code along the lower arc.

use super::canvas::{Canvas, Spot};
use super::{Design, MAX_CODE, MAX_NAME, MAX_WORDS};
use std::f32::consts::TAU;

/// The part of the ellipse that a name may take, seen from the middle, in radians (240°).
const NAME_SWEEP: f32 = 240.0 / 360.0 * TAU;
/// Steps that a curve's length is measured with.
const STEPS: u16 = 720;
/// Width of the border in millimetres.
const BORDER: f32 = 1.0;
/// Height of the number in millimetres.
const NUMBER: f32 = 3.7;

pub(super) fn draw(canvas: &mut Canvas<'_>, design: &Design<'_>, (width, height): (f32, f32)) -> (f32, f32) {
    let middle = (width / 2.0, height / 2.0);
    canvas.ellipse(middle, (middle.0 - BORDER / 2.0, middle.1 - BORDER / 2.0), BORDER);
    name(canvas, design.owner_name, middle);
    let number = canvas.letters("owner_code", design.owner_code, MAX_CODE);
    let step = (width * 0.62 / (number.len() as f32).max(1.0)).min(NUMBER * 0.56);
    for (n, letter) in number.iter().enumerate() {
        let x = middle.0 + (n as f32 - (number.len() as f32 - 1.0) / 2.0) * step;
        // Digits are about half an em wide and 0.74 high; capitals are narrowed to their place.
        let width = (step * 1.62).min(step * 0.95 / letter.advance());
        canvas.place_digit(letter, (width, NUMBER / 0.74), Spot { x, y: middle.1, turn: 0.0 });
    }
    let words = canvas.letters("purpose_words", design.words, MAX_WORDS);
    canvas.line(&words, (middle.0, middle.1 + height * 0.205), height * 0.118, (width * 0.5, 1.0));
    code(canvas, design.code, middle);
    (width, height)
}

/// A point of an ellipse around the middle, `angle` from the top, and the direction of its outline there.
fn on(middle: (f32, f32), radii: (f32, f32), angle: f32) -> Spot {
    let (sin, cos) = angle.sin_cos();
    Spot {
        x: middle.0 + radii.0 * sin,
        y: middle.1 - radii.1 * cos,
        turn: (radii.1 * sin).atan2(radii.0 * cos),
    }
}

/// The angles at which equal lengths of the ellipse begin, for `count` letters around the top with `step` between them at
/// most; and the step that came of it.
fn spread(radii: (f32, f32), sweep: f32, count: usize, widest: f32) -> (Vec<f32>, f32) {
    let origin = (0.0, 0.0);
    let angle = |n: u16| f32::from(n) / f32::from(STEPS) * sweep / 2.0;
    // Lengths from the top to each of the angles of one half.
    let mut lengths = vec![0.0_f32];
    for n in 1..=STEPS {
        let (a, b) = (on(origin, radii, angle(n - 1)), on(origin, radii, angle(n)));
        let last = lengths.last().copied().unwrap_or_default();
        lengths.push(last + (a.x - b.x).hypot(a.y - b.y));
    }
    let whole = 2.0 * lengths.last().copied().unwrap_or_default();
    let step = (whole / count.max(1) as f32).min(widest);
    let angles = (0..count).map(|n| {
        let along = (n as f32 - (count as f32 - 1.0) / 2.0) * step;
        let n = lengths.partition_point(|length| *length < along.abs()).min(usize::from(STEPS));
        (n as f32 / f32::from(STEPS) * sweep / 2.0).copysign(along)
    });
    (angles.collect(), step)
}

/// The name from left to right over the top. Its letters are spread by the room at their feet, which is least at the sides.
fn name(canvas: &mut Canvas<'_>, name: &str, middle: (f32, f32)) {
    let letters = canvas.letters("owner_name", name, MAX_NAME);
    if letters.is_empty() {
        return;
    }
    let count = letters.len();
    let height = (middle.1 * 0.28 - 0.045 * (count as f32 - 10.0).max(0.0)).max(middle.1 * 0.19);
    let gap = BORDER + middle.1 * 0.055;
    let (outer, lift) = ((middle.0 - gap, middle.1 - gap), height * 0.36);
    let feet = (outer.0 - height / 2.0 - lift, outer.1 - height / 2.0 - lift);
    let (angles, step) = spread(feet, NAME_SWEEP, count, height * 1.12);
    let width = (step * 0.94).min(height * 0.84);
    for (letter, angle) in letters.iter().zip(angles) {
        let foot = on(middle, feet, angle);
        let (sin, cos) = foot.turn.sin_cos();
        let spot = Spot { x: foot.x + lift * sin, y: foot.y - lift * cos, turn: foot.turn };
        canvas.place(letter, (width, height), spot);
    }
}

/// The code along the lower arc, left to right, feet outward.
fn code(canvas: &mut Canvas<'_>, code: &str, middle: (f32, f32)) {
    let letters = canvas.letters("code", code, MAX_CODE);
    let height = middle.1 * 0.115;
    let gap = BORDER + middle.1 * 0.05 + height * 0.36;
    let radii = (middle.0 - gap, middle.1 - gap);
    let (angles, _) = spread(radii, NAME_SWEEP, letters.len(), height * 0.66);
    for (letter, angle) in letters.iter().zip(angles) {
        // The upper arc, turned over: what goes right there goes left here.
        let above = on(middle, radii, angle);
        let spot = Spot { x: above.x, y: 2.0 * middle.1 - above.y, turn: -above.turn };
        canvas.place_digit(letter, (height, height), spot);
    }
}
