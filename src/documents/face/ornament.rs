//! Frames, ground patterns and rules, drawn with few distinct curves stamped many times: small in every
//! format and alike on every page.

use super::Mark;
use crate::domain::license::face::{Area, FaceItem, FrameStyle, GroundPattern};
use crate::domain::picture::{Paint, Path, Rgb, Segment};
use std::f32::consts::{PI, TAU};

/// Fine engraved lines, millimetres.
const FINE: f32 = 0.09;

/// The marks of an item that is not text; none for items that are.
pub(super) fn draw(item: &FaceItem) -> Vec<Mark> {
    match item {
        FaceItem::Fill { area, colour } => {
            vec![Mark::Path(Path { segments: rectangle(*area), paint: Paint::Fill(*colour) })]
        }
        FaceItem::Line { from, to, width, colour } => {
            let segments = vec![Segment::MoveTo(from.0, from.1), Segment::LineTo(to.0, to.1)];
            vec![Mark::Path(Path { segments, paint: Paint::Stroke(*colour, *width) })]
        }
        FaceItem::Frame { area, style: FrameStyle::Double, breadth, colour } => {
            double_frame(*area, *breadth, *colour)
        }
        FaceItem::Frame { area, style: FrameStyle::Guilloche, breadth, colour } => {
            guilloche_frame(*area, *breadth, *colour)
        }
        FaceItem::Ground { area, pattern: GroundPattern::Waves, colour } => waves(*area, *colour),
        FaceItem::Ground { area, pattern: GroundPattern::Rosette, colour } => rosette(*area, *colour),
        FaceItem::Label { .. }
        | FaceItem::Watermark { .. }
        | FaceItem::Value { .. }
        | FaceItem::Seal { .. }
        | FaceItem::Code { .. } => Vec::new(),
    }
}

fn rectangle(area: Area) -> Vec<Segment> {
    let (right, bottom) = (area.x + area.width, area.y + area.height);
    vec![
        Segment::MoveTo(area.x, area.y),
        Segment::LineTo(right, area.y),
        Segment::LineTo(right, bottom),
        Segment::LineTo(area.x, bottom),
        Segment::Close,
    ]
}

fn inset(area: Area, by: f32) -> Area {
    let (width, height) = ((area.width - 2.0 * by).max(0.0), (area.height - 2.0 * by).max(0.0));
    Area { x: area.x + by, y: area.y + by, width, height }
}

/// A rectangle stroked so that the line lies inside the area's edge.
fn ruled(area: Area, width: f32, colour: Rgb) -> Mark {
    Mark::Path(Path { segments: rectangle(inset(area, width / 2.0)), paint: Paint::Stroke(colour, width) })
}

fn double_frame(area: Area, breadth: f32, colour: Rgb) -> Vec<Mark> {
    let thick = breadth * 0.45;
    vec![ruled(area, thick, colour), ruled(inset(area, breadth * 0.8), breadth * 0.2, colour)]
}

/// A curve through `f(t)` for `t` from `from` to `to`, as `pieces` cubics with matching tangents.
fn curve(f: impl Fn(f32) -> (f32, f32), from: f32, to: f32, pieces: usize) -> Vec<Segment> {
    let step = (to - from) / pieces as f32;
    let slope = |t: f32| {
        let h = step * 0.01;
        let ((x0, y0), (x1, y1)) = (f(t - h), f(t + h));
        ((x1 - x0) / (2.0 * h), (y1 - y0) / (2.0 * h))
    };
    let start = f(from);
    let mut segments = vec![Segment::MoveTo(start.0, start.1)];
    for piece in 0..pieces {
        let (t0, t1) = (from + step * piece as f32, from + step * (piece + 1) as f32);
        let ((x0, y0), (x1, y1)) = (f(t0), f(t1));
        let ((dx0, dy0), (dx1, dy1)) = (slope(t0), slope(t1));
        let third = step / 3.0;
        let (cx0, cy0) = (x0 + dx0 * third, y0 + dy0 * third);
        let (cx1, cy1) = (x1 - dx1 * third, y1 - dy1 * third);
        segments.push(Segment::CurveTo(cx0, cy0, cx1, cy1, x1, y1));
    }
    segments
}

/// A colour mixed with white.
fn paler(colour: Rgb, white: f32) -> Rgb {
    let mix = |c: u8| (f32::from(c) + (255.0 - f32::from(c)) * white) as u8;
    Rgb(mix(colour.0), mix(colour.1), mix(colour.2))
}

/// A woven band between ruled lines, with a rosette in each corner.
fn guilloche_frame(area: Area, breadth: f32, colour: Rgb) -> Vec<Mark> {
    let rule = (breadth * 0.07).clamp(0.25, 0.7);
    let mut marks = vec![
        ruled(area, rule, colour),
        ruled(inset(area, rule + breadth * 0.06), FINE * 1.5, colour),
        ruled(inset(area, breadth - rule - breadth * 0.06), FINE * 1.5, colour),
        ruled(inset(area, breadth - rule), rule * 0.7, colour),
    ];
    let margin = rule + breadth * 0.1;
    let inner = breadth - 2.0 * margin;
    if inner <= 0.0 || area.width <= 2.0 * breadth || area.height <= 2.0 * breadth {
        return marks;
    }
    let sides = [area.width - 2.0 * breadth, area.height - 2.0 * breadth];
    let [across, down] = sides.map(|length| {
        let count = (length / (breadth * 1.5)).round().max(1.0);
        (count as usize, length / count)
    });
    let (right, bottom) = (area.x + area.width - breadth / 2.0, area.y + area.height - breadth / 2.0);
    let (left, top) = (area.x + breadth / 2.0, area.y + breadth / 2.0);
    for (strand, paint) in strands(across.1, inner, colour) {
        let places = (0..across.0).flat_map(|n| {
            let x = area.x + breadth + across.1 * n as f32;
            [top, bottom].map(|y| [1.0, 0.0, 0.0, 1.0, x, y])
        });
        marks.push(Mark::Stamped(Path { segments: strand, paint }, places.collect()));
    }
    for (strand, paint) in strands(down.1, inner, colour) {
        let places = (0..down.0).flat_map(|n| {
            let y = area.y + breadth + down.1 * n as f32;
            [left, right].map(|x| [0.0, 1.0, -1.0, 0.0, x, y])
        });
        marks.push(Mark::Stamped(Path { segments: strand, paint }, places.collect()));
    }
    let corners = [(left, top), (right, top), (left, bottom), (right, bottom)];
    marks.extend(corner_pieces(inner / 2.0, colour, &corners));
    marks
}

/// One period of the band: nested sine strands crossing each other, with a small flower where they open.
fn strands(period: f32, inner: f32, colour: Rgb) -> Vec<(Vec<Segment>, Paint)> {
    let mut out = Vec::new();
    let height = inner / 2.0;
    for (n, share) in [1.0, 0.86, 0.72, 0.58, 0.44, 0.30].into_iter().enumerate() {
        let tone = paler(colour, 0.12 * (n % 3) as f32);
        for turn in [0.0, PI] {
            let wave = |t: f32| {
                let phase = t * TAU + turn;
                (t * period, height * share * (phase.cos() + 0.12 * (3.0 * phase).cos()) / 1.12)
            };
            out.push((curve(wave, 0.0, 1.0, 8), Paint::Stroke(tone, FINE)));
        }
    }
    for turn in [0.0, PI] {
        let weave = |t: f32| (t * period, height * 0.92 * (2.0 * t * TAU + turn).sin());
        out.push((curve(weave, 0.0, 1.0, 8), Paint::Stroke(paler(colour, 0.25), FINE)));
    }
    let radius = height * 0.34;
    for centre in [0.25, 0.75] {
        let flower = |t: f32| {
            let r = radius * (0.72 + 0.28 * (8.0 * t).cos());
            (centre * period + r * t.cos(), r * t.sin())
        };
        out.push((curve(flower, 0.0, TAU, 24), Paint::Stroke(colour, FINE)));
    }
    out
}

fn corner_pieces(radius: f32, colour: Rgb, corners: &[(f32, f32)]) -> Vec<Mark> {
    let places: Vec<_> = corners.iter().map(|(x, y)| [1.0, 0.0, 0.0, 1.0, *x, *y]).collect();
    let rings =
        [(1.0, 0.10, 12.0, 0.0), (1.0, 0.10, 12.0, PI), (0.72, 0.24, 8.0, 0.0), (0.72, 0.24, 8.0, PI)];
    let rings = rings.into_iter().chain([(0.42, 0.3, 6.0, 0.0), (0.42, 0.3, 6.0, PI), (0.16, 0.0, 1.0, 0.0)]);
    rings
        .map(|(size, depth, petals, turn)| {
            let ring = move |t: f32| {
                let r = radius * size * (1.0 - depth + depth * (petals * t + turn).cos());
                (r * t.cos(), r * t.sin())
            };
            let segments = curve(ring, 0.0, TAU, 48);
            Mark::Stamped(Path { segments, paint: Paint::Stroke(colour, FINE * 1.2) }, places.clone())
        })
        .collect()
}

/// Two families of long waves, drifting against each other.
fn waves(area: Area, colour: Rgb) -> Vec<Mark> {
    let (period, pitch) = (36.0, 2.1);
    let rows = (area.height / pitch).ceil() as usize + 8;
    let periods = (area.width / period).ceil() as usize + 2;
    let mut marks = Vec::new();
    for (drift, turn, tone) in [(0.75, 0.0, 0.0), (-0.75, PI, 0.2)] {
        let wave = |t: f32| {
            let phase = t * TAU + turn;
            (t * period, 4.2 * phase.sin() + 0.8 * (2.0 * phase).sin())
        };
        let segments = curve(wave, 0.0, periods as f32, periods * 6);
        let places = (0..rows).map(|row| {
            let shift = (drift * row as f32).rem_euclid(period) - period;
            [1.0, 0.0, 0.0, 1.0, area.x + shift, area.y + (row as f32 - 4.0) * pitch]
        });
        let paint = Paint::Stroke(paler(colour, tone), FINE);
        marks.push(Mark::Stamped(Path { segments, paint }, places.collect()));
    }
    vec![Mark::Clipped(area, marks)]
}

/// A rosette of turned loops, as large as the area allows.
fn rosette(area: Area, colour: Rgb) -> Vec<Mark> {
    let radius = area.width.min(area.height) / 2.0;
    let (x, y) = (area.x + area.width / 2.0, area.y + area.height / 2.0);
    let turned = |count: usize, whole: f32| -> Vec<[f32; 6]> {
        let angles = (0..count).map(move |n| whole * n as f32 / count as f32);
        angles.map(|angle| [angle.cos(), angle.sin(), -angle.sin(), angle.cos(), x, y]).collect()
    };
    let rings: [(f32, f32, f32, usize); 5] = [
        (1.0, 0.10, 24.0, 6),
        (0.86, 0.16, 16.0, 6),
        (0.66, 0.22, 12.0, 7),
        (0.44, 0.28, 10.0, 6),
        (0.24, 0.36, 8.0, 6),
    ];
    rings
        .into_iter()
        .map(|(size, depth, petals, copies)| {
            let ring = move |t: f32| {
                let r = radius * size * (1.0 - depth + depth * (petals * t).cos());
                (r * t.cos(), r * t.sin())
            };
            let segments = curve(ring, 0.0, TAU, petals as usize * 4);
            let paint = Paint::Stroke(colour, FINE);
            Mark::Stamped(Path { segments, paint }, turned(copies, TAU / petals))
        })
        .collect()
}
