//! Where a seal's picture is shown.

use super::OfdPage;
use crate::domain::license::face::Area;

/// Least breadth of a slice of a straddling seal, in millimetres.
const LEAST_SLICE: f32 = 3.0;

/// A seal's picture on a page, in millimetres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stamped {
    /// The page, from 0.
    pub page: usize,
    /// Left edge of the whole picture.
    pub left: f32,
    /// Its top edge.
    pub top: f32,
    /// Its width.
    pub width: f32,
    /// Its height.
    pub height: f32,
    /// The part that is shown, seen from the picture's corner; all of it if there is none.
    pub shown: Option<Area>,
}

/// A straddling seal (骑缝章): each page shows a slice of the picture at its right edge, so that the pages laid in a
/// fan show the whole. Where slices would be too narrow the picture is spread over several groups of pages. None for a
/// single page. Where several seals straddle, `turn` says which of how many this is, from 0: they stand one below the
/// other.
pub fn straddling(
    pages: &[OfdPage],
    (width, height): (f32, f32),
    (turn, of): (usize, usize),
) -> Vec<Stamped> {
    if pages.len() < 2 {
        return Vec::new();
    }
    let most = ((width / LEAST_SLICE) as usize).max(4);
    let groups = pages.len().div_ceil(most);
    let (size, larger) = (pages.len() / groups, pages.len() % groups);
    let mut stamps = Vec::with_capacity(pages.len());
    for group in 0..groups {
        let count = size + usize::from(group < larger);
        let slice = width / count as f32;
        for n in 0..count {
            let (number, from) = (stamps.len(), slice * n as f32);
            stamps.push(Stamped {
                page: number,
                left: pages[number].width - slice - from,
                top: pages[number].height * (turn + 1) as f32 / (of + 1) as f32 - height / 2.0,
                width,
                height,
                shown: Some(Area { x: from, y: 0.0, width: slice, height }),
            });
        }
    }
    stamps
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: OfdPage = OfdPage { id: 1, width: 210.0, height: 297.0 };

    #[test]
    fn the_slices_end_at_the_edge_and_make_the_whole() {
        assert_eq!(straddling(&[PAGE], (40.0, 40.0), (0, 1)), []);
        let tops = |turn, of| straddling(&[PAGE; 2], (40.0, 40.0), (turn, of))[1].top;
        assert_eq!((tops(0, 1), tops(0, 2), tops(1, 2)), (128.5, 79.0, 178.0));
        // A round seal, one for invoices, and a name seal.
        for (size, count) in [(40.0, 40.0), (40.0, 30.0), (18.0, 18.0)]
            .into_iter()
            .flat_map(|size| [2, 3, 13, 14, 27].map(|count| (size, count)))
        {
            let (whole, _) = size;
            let stamps = straddling(&vec![PAGE; count], size, (0, 1));
            assert_eq!(stamps.len(), count);
            let mut next = 0.0;
            for (n, stamp) in stamps.iter().enumerate() {
                let shown = stamp.shown.expect("a slice");
                assert_eq!((stamp.page, stamp.width, stamp.height), (n, size.0, size.1));
                assert!((stamp.left + shown.x + shown.width - 210.0).abs() < 0.001);
                assert!(
                    shown.width >= LEAST_SLICE - 0.001 && shown.width <= whole / 2.0 + 0.001,
                    "{count}: {}",
                    shown.width
                );
                assert!((shown.x - next).abs() < 0.001);
                next = shown.x + shown.width;
                if (next - whole).abs() < 0.001 {
                    next = 0.0;
                }
            }
            assert_eq!(next, 0.0, "{count} pages end with a whole seal");
        }
    }
}
