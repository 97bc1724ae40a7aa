//! Pages as people see them: millimetres from the top left corner of what is displayed, whatever box, rotation and unit
//! the page has (ISO 32000-2 §7.7.3.3 and §14.11.2).

use crate::documents::face::POINTS_PER_MM;
use lopdf::{Dictionary, Document, Object, ObjectId};

/// Deepest tree of pages that attributes are inherited through.
const MAX_DEPTH: usize = 32;
/// Shortest and longest side of a page in points.
const SIDES: std::ops::RangeInclusive<f32> = 3.0..=14_400.0;

/// A page's shape.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shape {
    /// Left, bottom, right, top of what is displayed, in the page's own units.
    area: [f32; 4],
    /// Quarter turns clockwise.
    turns: u8,
    /// The page's own unit in points.
    unit: f32,
}

impl Shape {
    /// Reads a page's shape; none if it has none that can be displayed.
    pub fn of(document: &Document, page: ObjectId) -> Option<Self> {
        let numbers = |object: &Object| -> Option<[f32; 4]> {
            let array = document.dereference(object).ok()?.1.as_array().ok()?;
            let number = |item: &Object| document.dereference(item).ok()?.1.as_float().ok();
            let four: Vec<f32> = array.iter().take(5).map(number).collect::<Option<_>>()?;
            let [a, b, c, d] = four[..] else { return None };
            Some([a.min(c), b.min(d), a.max(c), b.max(d)])
        };
        let media = numbers(inherited(document, page, b"MediaBox")?)?;
        let crop = inherited(document, page, b"CropBox").and_then(numbers).unwrap_or(media);
        let area =
            [media[0].max(crop[0]), media[1].max(crop[1]), media[2].min(crop[2]), media[3].min(crop[3])];
        let turns = match inherited(document, page, b"Rotate") {
            Some(angle) => document.dereference(angle).ok()?.1.as_i64().ok()?.rem_euclid(360) / 90,
            None => 0,
        };
        let unit =
            document.get_dictionary(page).ok()?.get(b"UserUnit").and_then(Object::as_float).unwrap_or(1.0);
        let sides = [area[2] - area[0], area[3] - area[1]].map(|side| side * unit);
        let displayable = sides.iter().all(|side| SIDES.contains(side)) && unit > 0.0;
        displayable.then_some(Self { area, turns: u8::try_from(turns).ok()?, unit })
    }

    /// Width and height as displayed, in millimetres.
    pub fn size(&self) -> (f32, f32) {
        let [left, bottom, right, top] = self.area;
        let (width, height) = (self.millimetres(right - left), self.millimetres(top - bottom));
        if self.turns.is_multiple_of(2) { (width, height) } else { (height, width) }
    }

    /// The point of the page that is displayed at x, y.
    pub fn to_page(self, (x, y): (f32, f32)) -> (f32, f32) {
        let [left, bottom, right, top] = self.area;
        let (x, y) = (self.points(x), self.points(y));
        match self.turns {
            0 => (left + x, top - y),
            1 => (left + y, bottom + x),
            2 => (right - x, bottom + y),
            _ => (right - y, top - x),
        }
    }

    /// Where a point of the page is displayed.
    pub fn to_display(self, (x, y): (f32, f32)) -> (f32, f32) {
        let [left, bottom, right, top] = self.area;
        let (x, y) = match self.turns {
            0 => (x - left, top - y),
            1 => (y - bottom, x - left),
            2 => (right - x, y - bottom),
            _ => (top - y, right - x),
        };
        (self.millimetres(x), self.millimetres(y))
    }

    /// The rectangle of the page that is displayed at these edges: left, bottom, right, top.
    pub fn rect(&self, left: f32, top: f32, width: f32, height: f32) -> [f32; 4] {
        let (a, b) = self.to_page((left, top));
        let (c, d) = self.to_page((left + width, top + height));
        [a.min(c), b.min(d), a.max(c), b.max(d)]
    }

    /// The matrix that lets a picture stand upright on the displayed page.
    pub const fn upright(&self) -> [i32; 4] {
        match self.turns {
            0 => [1, 0, 0, 1],
            1 => [0, 1, -1, 0],
            2 => [-1, 0, 0, -1],
            _ => [0, -1, 1, 0],
        }
    }

    fn points(&self, millimetres: f32) -> f32 {
        millimetres * POINTS_PER_MM / self.unit
    }

    fn millimetres(&self, units: f32) -> f32 {
        units * self.unit / POINTS_PER_MM
    }
}

/// An attribute of a page, or of what stands above it in the tree.
pub(super) fn inherited<'a>(document: &'a Document, page: ObjectId, key: &[u8]) -> Option<&'a Object> {
    let mut node: &Dictionary = document.get_dictionary(page).ok()?;
    for _ in 0..MAX_DEPTH {
        if let Ok(value) = node.get(key) {
            return Some(value);
        }
        node = document.get_dictionary(node.get(b"Parent").and_then(Object::as_reference).ok()?).ok()?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_displayed_where_it_was_asked_for() {
        for turns in 0..4 {
            let shape = Shape { area: [10.0, 20.0, 605.0, 862.0], turns, unit: 1.0 };
            let (x, y) = shape.to_display(shape.to_page((30.0, 40.0)));
            assert!((x - 30.0).abs() < 0.001 && (y - 40.0).abs() < 0.001, "{turns}: {x} {y}");
            let (width, height) = shape.size();
            assert_eq!(width > height, turns % 2 == 1);
            let [left, bottom, right, top] = shape.rect(0.0, 0.0, 10.0, 20.0);
            assert_eq!(right - left > top - bottom, turns % 2 == 1, "{turns}");
        }
        let corner = |turns| Shape { area: [10.0, 20.0, 605.0, 862.0], turns, unit: 1.0 }.to_page((0.0, 0.0));
        assert_eq!(
            [corner(0), corner(1), corner(2), corner(3)],
            [(10.0, 862.0), (10.0, 20.0), (605.0, 20.0), (605.0, 862.0)]
        );
    }
}
