//! The verification code as one path: the outlines of its dark parts. Squares side by side would show light seams
//! where readers smooth their edges.

use crate::documents::face::PlacedCode;
use crate::domain::picture::{Paint, Path, Rgb, Segment};
use std::collections::BTreeMap;

/// The dark parts of a code in its place, in millimetres. What is dark lies to the right of every edge, so that the
/// non-zero rule leaves holes open.
pub(super) fn dark(placed: &PlacedCode) -> Path {
    let code = &placed.code;
    let modules = code.side_with_quiet_zone();
    let quiet = (modules - code.side()) / 2;
    let scale = placed.area.width.min(placed.area.height) / modules as f32;
    let place = |(column, row): (usize, usize)| {
        let at = |n: usize| (n + quiet) as f32 * scale;
        (placed.area.x + at(column), placed.area.y + at(row))
    };
    let mut segments = Vec::new();
    for outline in outlines(code.side(), |column, row| code.is_dark(column, row)) {
        for (n, corner) in outline.into_iter().enumerate() {
            let (x, y) = place(corner);
            segments.push(if n == 0 { Segment::MoveTo(x, y) } else { Segment::LineTo(x, y) });
        }
        segments.push(Segment::Close);
    }
    Path { segments, paint: Paint::Fill(Rgb::BLACK) }
}

type Corner = (usize, usize);

/// The corners of every outline, in order.
fn outlines(side: usize, is_dark: impl Fn(usize, usize) -> bool) -> Vec<Vec<Corner>> {
    // Every edge between dark and light, by where it starts; two start where dark squares touch at a corner.
    let mut edges: BTreeMap<Corner, Vec<Corner>> = BTreeMap::new();
    let dark = |column: isize, row: isize| {
        let inside = |n: isize| usize::try_from(n).ok().filter(|n| *n < side);
        matches!((inside(column), inside(row)), (Some(column), Some(row)) if is_dark(column, row))
    };
    for row in 0..side {
        for column in (0..side).filter(|column| is_dark(*column, row)) {
            let (c, r) = (column as isize, row as isize);
            let corners = [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1)];
            for (n, light) in
                [!dark(c, r - 1), !dark(c + 1, r), !dark(c, r + 1), !dark(c - 1, r)].into_iter().enumerate()
            {
                if light {
                    edges.entry(corners[n]).or_default().push(corners[(n + 1) % 4]);
                }
            }
        }
    }
    let mut found = Vec::new();
    while let Some((&start, _)) = edges.first_key_value() {
        let (mut outline, mut at): (Vec<Corner>, Corner) = (Vec::new(), start);
        while let Some(next) = take(&mut edges, at, outline.last().copied()) {
            // Corners on a straight line are left out.
            let straight = outline
                .last()
                .is_some_and(|last| last.0 == at.0 && at.0 == next.0 || last.1 == at.1 && at.1 == next.1);
            if !straight {
                outline.push(at);
            }
            at = next;
            if at == start {
                break;
            }
        }
        // The first corner is on a straight line if the outline was begun there.
        if let [first, second, .., last] = outline[..]
            && (first.0 == second.0 && first.0 == last.0 || first.1 == second.1 && first.1 == last.1)
        {
            outline.remove(0);
        }
        found.push(outline);
    }
    found
}

/// Takes the edge that goes on from a corner: where there are two, the one that turns right, so that squares which
/// touch only at a corner stay apart.
fn take(edges: &mut BTreeMap<Corner, Vec<Corner>>, at: Corner, before: Option<Corner>) -> Option<Corner> {
    let ways = edges.get_mut(&at)?;
    let turns_right = |next: &Corner| {
        let Some(before) = before else { return true };
        let sign = |a: usize, b: usize| (a as isize - b as isize).signum();
        let (dx, dy) = (sign(at.0, before.0), sign(at.1, before.1));
        (sign(next.0, at.0), sign(next.1, at.1)) == (-dy, dx)
    };
    let place = ways.iter().position(turns_right).unwrap_or(0);
    let next = ways.swap_remove(place);
    if ways.is_empty() {
        edges.remove(&at);
    }
    Some(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::license::face::Area;
    use crate::formats::code::Qr;

    /// Winding number of a point.
    fn winding(segments: &[Segment], (px, py): (f32, f32)) -> i32 {
        let (mut count, mut at, mut start) = (0, (0.0, 0.0), (0.0, 0.0));
        let mut edge = |from: (f32, f32), to: (f32, f32)| {
            if from.0 == to.0 && from.0 > px && (from.1.min(to.1)..from.1.max(to.1)).contains(&py) {
                count += if to.1 > from.1 { 1 } else { -1 };
            }
        };
        for segment in segments {
            match *segment {
                Segment::MoveTo(x, y) => (at, start) = ((x, y), (x, y)),
                Segment::LineTo(x, y) => {
                    edge(at, (x, y));
                    at = (x, y);
                }
                Segment::Close => edge(at, start),
                Segment::CurveTo(..) => panic!("codes have no curves"),
            }
        }
        count
    }

    #[test]
    fn every_module_is_inside_or_outside_as_it_should_be() {
        let code = Qr::encode(b"https://licenses.example.org/v?i=1.2.156.3005.2&c=8H2K7Q").expect("a code");
        let modules = code.side_with_quiet_zone() as f32;
        let placed = PlacedCode {
            area: Area { x: 7.0, y: 11.0, width: modules, height: modules },
            code: code.clone(),
        };
        let path = dark(&placed);
        for row in 0..code.side() {
            for column in 0..code.side() {
                let middle = (7.0 + 4.5 + column as f32, 11.0 + 4.5 + row as f32);
                let expected = i32::from(code.is_dark(column, row));
                assert_eq!(winding(&path.segments, middle), expected, "{column} {row}");
            }
        }
        // Far fewer corners than one square for each module.
        let dark = (0..code.side()).flat_map(|r| (0..code.side()).map(move |c| (c, r)));
        let squares = dark.filter(|(c, r)| code.is_dark(*c, *r)).count();
        assert!(path.segments.len() < 4 * squares, "{} for {squares}", path.segments.len());
    }

    #[test]
    fn squares_that_touch_at_a_corner_stay_apart() {
        let found = outlines(2, |column, row| column == row);
        assert_eq!(found, [vec![(0, 0), (1, 0), (1, 1), (0, 1)], vec![(1, 1), (2, 1), (2, 2), (1, 2)]]);
        let ring = outlines(3, |column, row| (column, row) != (1, 1));
        assert_eq!(ring.len(), 2);
        assert_eq!(ring[0].len(), 4);
    }
}
