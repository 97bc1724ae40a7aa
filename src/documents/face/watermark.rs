//! Pale text across a page, slanting, again and again: a copy says in every part of it that it is one.

use super::{Mark, POINTS_PER_MM};
use crate::documents::fonts::Fonts;
use crate::domain::license::face::{Area, FontRole};
use crate::domain::picture::{Paint, Path, Rgb, Segment};
use std::f32::consts::PI;

/// How far the lines rise: a sixth of a half turn.
const ANGLE: f32 = -PI / 6.0;
/// Between two texts of a line, in ems.
const GAP: f32 = 6.0;
/// From one line to the next, in ems.
const PITCH: f32 = 7.0;
/// A text is stamped at most so often: a small one on a large page would make a large file.
const MOST: usize = 200;
/// Characters of the text that are drawn.
const MOST_CHARACTERS: usize = 60;

/// The marks of the text; characters without a glyph are left out.
pub(super) fn draw(area: Area, text: &str, size: f32, colour: Rgb, fonts: &Fonts) -> Vec<Mark> {
    let em = size / POINTS_PER_MM;
    let (segments, width) = outline(text, em, fonts);
    if segments.is_empty() {
        return Vec::new();
    }
    let places = places(area, width + GAP * em, PITCH * em);
    let path = Path { segments, paint: Paint::Fill(colour) };
    vec![Mark::Clipped(area, vec![Mark::Stamped(path, places)])]
}

/// The outline of the text in millimetres from the beginning of its baseline, and its width.
fn outline(text: &str, em: f32, fonts: &Fonts) -> (Vec<Segment>, f32) {
    let (mut segments, mut pen) = (Vec::new(), 0.0);
    for character in text.chars().take(MOST_CHARACTERS) {
        let Some(glyph) = fonts.find(FontRole::Song, character) else { continue };
        let place = |x: f32, y: f32| (pen + x * em, y * em);
        for segment in fonts.outline(glyph.font, glyph.id) {
            segments.push(match segment {
                Segment::MoveTo(x, y) => {
                    let (x, y) = place(x, y);
                    Segment::MoveTo(x, y)
                }
                Segment::LineTo(x, y) => {
                    let (x, y) = place(x, y);
                    Segment::LineTo(x, y)
                }
                Segment::CurveTo(a, b, c, d, x, y) => {
                    let ((a, b), (c, d), (x, y)) = (place(a, b), place(c, d), place(x, y));
                    Segment::CurveTo(a, b, c, d, x, y)
                }
                Segment::Close => Segment::Close,
            });
        }
        pen += glyph.advance * em;
    }
    (segments, pen)
}

/// Where the text begins: lines at the slant over the whole area, every second one moved by half a step.
fn places(area: Area, step: f32, pitch: f32) -> Vec<[f32; 6]> {
    let (cos, sin) = (ANGLE.cos(), ANGLE.sin());
    let (middle_x, middle_y) = (area.x + area.width / 2.0, area.y + area.height / 2.0);
    let reach = area.width.hypot(area.height) / 2.0;
    // Fewer and wider apart, where it would be too many.
    let wanted = (2.0 * reach / step + 2.0) * (2.0 * reach / pitch + 2.0);
    let wider = (wanted / MOST as f32).max(1.0);
    let pitch = pitch * wider;
    let lines = (reach / pitch).ceil() as i32;
    let along = (reach / step).ceil() as i32 + 1;
    let mut places = Vec::new();
    for line in -lines..=lines {
        let offset = if line.rem_euclid(2) == 0 { 0.0 } else { step / 2.0 };
        for n in -along..=along {
            let (u, v) = (n as f32 * step + offset, line as f32 * pitch);
            let (x, y) = (middle_x + cos * u - sin * v, middle_y + sin * u + cos * v);
            // The text runs on from there for a step: what cannot reach the area is left out.
            let (end_x, end_y) = (x + cos * step, y + sin * step);
            let (left, right) = (x.min(end_x) - pitch, x.max(end_x) + pitch);
            let (top, bottom) = (y.min(end_y) - pitch, y.max(end_y) + pitch);
            let outside =
                right < area.x || left > area.x + area.width || bottom < area.y || top > area.y + area.height;
            if !outside && places.len() < MOST {
                places.push([cos, sin, -sin, cos, x, y]);
            }
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    const A4: Area = Area { x: 0.0, y: 0.0, width: 210.0, height: 297.0 };

    #[test]
    fn every_part_of_a_page_is_marked_and_no_page_a_thousand_times() {
        let marks = draw(A4, "加注件 仅用于办理贷款", 15.0, Rgb(200, 200, 200), &Fonts::embedded());
        let [Mark::Clipped(area, inner)] = &marks[..] else { panic!("one clipped mark") };
        let [Mark::Stamped(_, places)] = &inner[..] else { panic!("stamped") };
        assert_eq!(*area, A4);
        assert!((6..=MOST).contains(&places.len()), "{}", places.len());
        // No third of the page is without the beginning of a text.
        for top in [0.0, 99.0, 198.0] {
            assert!(places.iter().any(|p| (top..top + 99.0).contains(&p[5])), "{top}");
        }
        let tiny = draw(A4, "印", 1.0, Rgb(200, 200, 200), &Fonts::embedded());
        let [Mark::Clipped(_, inner)] = &tiny[..] else { panic!("one clipped mark") };
        assert!(matches!(&inner[..], [Mark::Stamped(_, places)] if places.len() <= MOST));
    }

    #[test]
    fn what_has_no_glyph_leaves_no_mark() {
        assert!(draw(A4, "", 15.0, Rgb::BLACK, &Fonts::embedded()).is_empty());
        assert!(draw(A4, "\u{1F980}", 15.0, Rgb::BLACK, &Fonts::embedded()).is_empty());
    }
}
