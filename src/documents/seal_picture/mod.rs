//! The picture of a seal (印章图案), drawn from its owner's name, in Song type and red: round with a five-pointed star for
//! most, an ellipse for invoices, a square of characters for names. No licence-free picture of the national emblem is at
//! hand: seals of governments carry the star. Sizes are [`SealPurpose::shape`]'s.

mod canvas;
mod ellipse;
mod raster;
mod round;
mod square;

pub use raster::png;

use super::face::FaceFault;
use super::fonts::Fonts;
use crate::domain::picture::Drawing;
use crate::domain::seal::{OwnerKind, SealPicture, SealPurpose, Shape};
use canvas::Canvas;

/// Names longer than this do not stay legible on the arc.
const MAX_NAME: usize = 40;
/// Words longer than this do not fit below the star.
const MAX_WORDS: usize = 14;
/// Digits of a code or number.
const MAX_CODE: usize = 20;

/// What a seal is drawn from.
#[derive(Clone, Copy, Debug)]
pub struct Design<'a> {
    /// The owner's name in full.
    pub owner_name: &'a str,
    /// The owner's credit code, which is its tax number.
    pub owner_code: &'a str,
    /// What the seal is for.
    pub purpose: SealPurpose,
    /// Its words; may be empty.
    pub words: &'a str,
    /// Its code.
    pub code: &'a str,
    /// Its outline.
    pub shape: Shape,
}

/// Width and height of a seal's picture in millimetres.
pub fn size(picture: &SealPicture) -> (f32, f32) {
    match picture {
        SealPicture::Drawn(drawing) => (drawing.width, drawing.height),
        SealPicture::Uploaded(picture) => {
            (picture.width_tenths as f32 / 10.0, picture.height_tenths as f32 / 10.0)
        }
    }
}

/// Draws a department's seal in the size that is usual in a city. Faults name `owner_name`, `purpose_words` or `code`.
pub fn draw(
    owner_name: &str,
    purpose: SealPurpose,
    words: &str,
    code: &str,
    fonts: &Fonts,
) -> Result<Drawing, Vec<FaceFault>> {
    let shape = purpose.shape(OwnerKind::Organ, owner_name, None);
    draw_design(&Design { owner_name, owner_code: "", purpose, words, code, shape }, fonts)
}

/// Draws a seal. Faults name `owner_name`, `purpose_words`, `owner_code` or `code`; `picture` where the owner must bring one.
pub fn draw_design(design: &Design<'_>, fonts: &Fonts) -> Result<Drawing, Vec<FaceFault>> {
    let mut canvas = Canvas::new(fonts);
    let (width, height) = match design.shape {
        Shape::Round { diameter } => round::draw(&mut canvas, design, diameter),
        Shape::Ellipse { width, height } => ellipse::draw(&mut canvas, design, (width, height)),
        Shape::Square { side } => square::draw(&mut canvas, design, side),
        Shape::Brought => return Err(vec![FaceFault::DoesNotFit { field: "picture".into() }]),
    };
    canvas.finish(width, height)
}

/// A drawing as SVG, in millimetres.
pub fn to_svg(drawing: &Drawing) -> String {
    let (width, height) = (drawing.width, drawing.height);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}mm\" height=\"{height}mm\" \
         viewBox=\"0 0 {width} {height}\">"
    );
    super::face::drawing_paths(&mut out, &drawing.paths);
    out.push_str("</svg>");
    out
}

#[cfg(test)]
mod tests;
