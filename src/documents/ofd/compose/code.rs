//! The verification code as one path: the outlines of its dark parts. Squares side by side would show light seams
//! where readers smooth their edges.

use crate::formats::code::Qr;
use std::fmt::Write as _;

/// AbbreviatedData of the dark parts, in modules from the corner of the first one. What is dark lies to the right of
/// every edge, so that the non-zero rule leaves holes open.
pub(super) fn dark(code: &Qr) -> String {
    let mut out = String::with_capacity(16 << 10);
    for outline in outlines(code.side(), |column, row| code.is_dark(column, row)) {
        for (n, (x, y)) in outline.into_iter().enumerate() {
            let operator = if n == 0 { 'M' } else { 'L' };
            let _ = write!(out, "{operator} {x} {y} ");
        }
        out.push_str("C ");
    }
    out.truncate(out.trim_end().len());
    out
}

type Corner = (usize, usize);

/// Directions in the order of turning right: right, down, left, up.
const STEPS: [(isize, isize); 4] = [(1, 0), (0, 1), (-1, 0), (0, -1)];

/// The corners of every outline, in order.
fn outlines(side: usize, is_dark: impl Fn(usize, usize) -> bool) -> Vec<Vec<Corner>> {
    let width = side + 1;
    // For each corner, the directions of the edges that begin there; two where dark squares touch at it.
    let mut edges = vec![0_u8; width * width];
    let mut add = |(column, row): Corner, direction: usize| edges[row * width + column] |= 1 << direction;
    let dark = |column: usize, row: usize| column < side && row < side && is_dark(column, row);
    for row in 0..side {
        for column in (0..side).filter(|column| is_dark(*column, row)) {
            if row == 0 || !dark(column, row - 1) {
                add((column, row), 0);
            }
            if !dark(column + 1, row) {
                add((column + 1, row), 1);
            }
            if !dark(column, row + 1) {
                add((column + 1, row + 1), 2);
            }
            if column == 0 || !dark(column - 1, row) {
                add((column, row + 1), 3);
            }
        }
    }
    let mut found = Vec::new();
    for start in 0..edges.len() {
        // The first corner of an outline in reading order is its upper left one, where an edge goes right.
        while edges[start] & 1 != 0 {
            found.push(follow(&mut edges, width, start));
        }
    }
    found
}

/// Takes the edges of one outline away and gives its corners. Where two edges go on from a corner it is the one that
/// turns right, so that squares which touch only at a corner stay apart.
fn follow(edges: &mut [u8], width: usize, start: usize) -> Vec<Corner> {
    let (mut at, mut direction) = (start, 0);
    let mut corners = vec![(start % width, start / width)];
    loop {
        edges[at] &= !(1 << direction);
        let (dx, dy) = STEPS[direction];
        at = at.wrapping_add_signed(dx + dy * width as isize);
        if at == start {
            return corners;
        }
        let turns = [1, 0, 3].map(|turn| (direction + turn) % 4);
        let next = turns.into_iter().find(|next| edges[at] & 1 << next != 0);
        let next = next.expect("as many edges end at a corner as begin there");
        if next != direction {
            corners.push((at % width, at / width));
        }
        direction = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Winding number of the middle of a module.
    fn winding(outlines: &[Vec<Corner>], column: usize, row: usize) -> i32 {
        let mut count = 0;
        for outline in outlines {
            for (n, from) in outline.iter().enumerate() {
                let to = outline[(n + 1) % outline.len()];
                let between = (from.1.min(to.1)..from.1.max(to.1)).contains(&row);
                if from.0 == to.0 && from.0 > column && between {
                    count += if to.1 > from.1 { 1 } else { -1 };
                }
            }
        }
        count
    }

    #[test]
    fn every_module_is_inside_or_outside_as_it_should_be() {
        let code = Qr::encode(b"https://licenses.example.org/v?i=1.2.156.3005.2&c=8H2K7Q").expect("a code");
        let outlines = outlines(code.side(), |column, row| code.is_dark(column, row));
        let mut squares = 0;
        for row in 0..code.side() {
            for column in 0..code.side() {
                let expected = i32::from(code.is_dark(column, row));
                squares += expected as usize;
                assert_eq!(winding(&outlines, column, row), expected, "{column} {row}");
            }
        }
        let corners: usize = outlines.iter().map(Vec::len).sum();
        assert!(corners < 3 * squares, "{corners} corners for {squares} squares");
    }

    #[test]
    fn squares_that_touch_at_a_corner_stay_apart() {
        let found = outlines(2, |column, row| column == row);
        assert_eq!(found, [vec![(0, 0), (1, 0), (1, 1), (0, 1)], vec![(1, 1), (2, 1), (2, 2), (1, 2)]]);
        let ring = outlines(3, |column, row| (column, row) != (1, 1));
        assert_eq!(ring.len(), 2);
        assert_eq!(ring[0], [(0, 0), (3, 0), (3, 3), (0, 3)]);
    }
}
