//! Finding words on the pages of an OFD file (GB/T 33190-2016 clause 11): the characters of its text objects with their
//! places.

use super::BroughtOfd;
use super::{area, children, parse};
use crate::documents::brought::{NotSearched, PlacedCharacter, Spot, find};
use roxmltree::Node;

/// Most bytes that are read, templates as often as they are used.
const MAX_READ: usize = 256 << 20;
/// Most characters of a page.
const MAX_CHARACTERS: usize = 200_000;
/// The middle of a character above its baseline, and right of its origin, in ems.
const MIDDLE: (f64, f64) = (0.5, 0.35);

impl BroughtOfd {
    /// The middle of the words, wherever they stand, page by page. What templates show comes before what pages show.
    ///
    /// # Errors
    /// If there are no words, or too many, or there is more text than is searched.
    pub fn find(&self, words: &str) -> Result<Vec<Spot>, NotSearched> {
        let mut left = Some(MAX_READ);
        let pages = self.contents.iter().map(|parts| {
            let mut placed = Vec::new();
            for part in parts {
                let bytes = self.read.part(part).unwrap_or_default();
                left = left.and_then(|left| left.checked_sub(bytes.len()));
                let document = left.and_then(|_| parse(bytes).ok());
                let objects = document.iter().flat_map(|document| document.descendants());
                for object in objects.filter(|node| node.tag_name().name() == "TextObject") {
                    if placed.len() < MAX_CHARACTERS {
                        characters(object, &mut placed);
                    }
                }
            }
            placed
        });
        let found = find(pages, words);
        if left.is_none() { Err(NotSearched::TooMuch) } else { found }
    }
}

fn number(node: Node<'_, '_>, name: &str) -> Option<f64> {
    node.attribute(name)?.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// The characters of a text object: from the origin of each `TextCode` on by its distances, through the object's matrix,
/// from the corner of its boundary.
fn characters(object: Node<'_, '_>, placed: &mut Vec<PlacedCharacter>) {
    let Some([left, top, _, _]) = object.attribute("Boundary").and_then(area) else { return };
    let size = number(object, "Size").unwrap_or(0.0);
    let matrix: Vec<f64> = object
        .attribute("CTM")
        .map(|text| text.split_ascii_whitespace().filter_map(|n| n.parse().ok()).collect())
        .unwrap_or_default();
    let [a, b, c, d, e, f] = matrix[..].try_into().unwrap_or([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    let (mut x, mut y) = (0.0, 0.0);
    for code in children(object, "TextCode") {
        // Where it is not said, a stretch begins where the one before did.
        (x, y) = (number(code, "X").unwrap_or(x), number(code, "Y").unwrap_or(y));
        let (mut at_x, mut at_y) = (x, y);
        let mut across = distances(code.attribute("DeltaX"));
        let mut down = distances(code.attribute("DeltaY"));
        for character in code.text().unwrap_or_default().chars() {
            if placed.len() >= MAX_CHARACTERS {
                return;
            }
            let (mx, my) = (at_x + MIDDLE.0 * size, at_y - MIDDLE.1 * size);
            let middle = (left + a * mx + c * my + e, top + b * mx + d * my + f);
            placed.push(PlacedCharacter { character, middle: (middle.0 as f32, middle.1 as f32) });
            at_x += across.next().unwrap_or(0.0);
            at_y += down.next().unwrap_or(0.0);
        }
    }
}

/// Distances from each character to the next; `g n v` stands for n times v.
fn distances(list: Option<&str>) -> impl Iterator<Item = f64> {
    let mut words = list.unwrap_or_default().split_ascii_whitespace();
    let (mut repeated, mut left) = (0.0, 0_usize);
    std::iter::from_fn(move || {
        if left > 0 {
            left -= 1;
            return Some(repeated);
        }
        match words.next()? {
            "g" => {
                let count: usize = words.next()?.parse().ok()?;
                repeated = words.next()?.parse().ok()?;
                left = count.saturating_sub(1);
                (count > 0).then_some(repeated)
            }
            word => word.parse().ok(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_repeated_where_it_is_said() {
        let all = |list| distances(Some(list)).collect::<Vec<_>>();
        assert_eq!(all("1 g 3 2.5 4"), [1.0, 2.5, 2.5, 2.5, 4.0]);
        assert_eq!(all(""), Vec::<f64>::new());
        assert_eq!(all("1 x 2"), [1.0]);
        assert_eq!(distances(Some("g 18446744073709551615 1")).take(3).count(), 3);
    }
}
