//! Reading a QR code out of a photograph. The picture comes from outside: its size is bounded before a pixel is made.

use image::imageops::{FilterType, blur, resize, unsharpen};
use image::{GrayImage, ImageFormat, ImageReader, Limits};
use rxing::common::{GlobalHistogramBinarizer, HybridBinarizer};
use rxing::{BarcodeFormat, BinaryBitmap, DecodeHints, Luma8LuminanceSource, MultiFormatReader, Reader};
use std::collections::HashSet;
use std::io::Cursor;

/// Greatest file looked at, in bytes.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Greatest width and height, in pixels.
const MAX_SIDE: u32 = 5000;
/// Pictures are made smaller to this many pixels a side before they are searched: a code that needs more would not
/// be legible to a phone either.
const SEARCHED_SIDE: u32 = 1600;
/// Pictures with longer sides are not made larger: what is small in them was small before the camera.
const ENLARGED_SIDE: u32 = 1280;
/// Most memory for the pixels, in bytes.
const MAX_MEMORY: u64 = 80 * 1024 * 1024;

/// Why a picture was not searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSearched {
    /// Larger than [`MAX_BYTES`], or too many pixels.
    #[error("the picture is too large")]
    TooLarge,
    /// Neither PNG nor JPEG, or broken.
    #[error("not a readable PNG or JPEG picture")]
    Unreadable,
}

/// The text of the first QR code found in a PNG or JPEG picture; `None` if there is none.
pub fn qr_text(picture: &[u8]) -> Result<Option<String>, NotSearched> {
    if picture.len() > MAX_BYTES {
        return Err(NotSearched::TooLarge);
    }
    let format = match image::guess_format(picture) {
        Ok(format @ (ImageFormat::Png | ImageFormat::Jpeg)) => format,
        _ => return Err(NotSearched::Unreadable),
    };
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(picture), format);
    reader.limits(limits);
    let image = reader.decode().map_err(|error| match error {
        image::ImageError::Limits(_) => NotSearched::TooLarge,
        _ => NotSearched::Unreadable,
    })?;
    let image = if image.width().max(image.height()) > SEARCHED_SIDE {
        image.thumbnail(SEARCHED_SIDE, SEARCHED_SIDE)
    } else {
        image
    };
    Ok(search(&image.into_luma8()))
}

/// Looks at the picture in one way after the other: half as large against noise, blurred against moiré, larger for small
/// modules, by one threshold for even light, sharpened against blur. Each finds some that the others miss (docs/desk.md).
fn search(grey: &GrayImage) -> Option<String> {
    let scaled = |by: f32| {
        let side = |pixels: u32| ((pixels as f32 * by) as u32).max(1);
        resize(grey, side(grey.width()), side(grey.height()), FilterType::Triangle)
    };
    let larger = || (grey.width().max(grey.height()) <= ENLARGED_SIDE).then(|| scaled(1.5));
    read(grey, Threshold::Local)
        .or_else(|| read(&scaled(0.5), Threshold::Local))
        .or_else(|| read(&blur(grey, 1.0), Threshold::Local))
        .or_else(|| read(&larger()?, Threshold::Local))
        .or_else(|| read(grey, Threshold::One))
        .or_else(|| read(&unsharpen(grey, 2.0, 2), Threshold::Local))
}

/// How light is told from dark.
enum Threshold {
    /// By what is around.
    Local,
    /// By one value for all.
    One,
}

fn read(grey: &GrayImage, threshold: Threshold) -> Option<String> {
    let hints = DecodeHints {
        PossibleFormats: Some(HashSet::from([BarcodeFormat::QR_CODE])),
        TryHarder: Some(true),
        AlsoInverted: Some(true),
        ..DecodeHints::default()
    };
    let source = Luma8LuminanceSource::new(grey.as_raw().clone(), grey.width(), grey.height()).ok()?;
    let mut reader = MultiFormatReader::default();
    let found = match threshold {
        Threshold::Local => {
            reader.decode_with_hints(&mut BinaryBitmap::new(HybridBinarizer::new(source)), &hints)
        }
        Threshold::One => {
            reader.decode_with_hints(&mut BinaryBitmap::new(GlobalHistogramBinarizer::new(source)), &hints)
        }
    };
    Some(found.ok()?.getText().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::code::Qr;

    fn picture() -> Vec<u8> {
        Qr::encode(b"711234567890123456789012345").expect("fits").png(8)
    }

    #[test]
    fn a_code_that_we_draw_is_read_back() {
        assert_eq!(qr_text(&picture()), Ok(Some("711234567890123456789012345".to_owned())));
    }

    #[test]
    fn a_picture_without_a_code_holds_none() {
        let mut blank = Vec::new();
        let grey = image::GrayImage::from_pixel(300, 200, image::Luma([200]));
        grey.write_to(&mut Cursor::new(&mut blank), ImageFormat::Png).expect("a picture");
        assert_eq!(qr_text(&blank), Ok(None));
    }

    #[test]
    fn other_files_and_broken_ones_are_refused() {
        assert_eq!(qr_text(b"GIF89a"), Err(NotSearched::Unreadable));
        assert_eq!(qr_text(b""), Err(NotSearched::Unreadable));
        let whole = picture();
        assert_eq!(qr_text(&whole[..whole.len() / 2]), Err(NotSearched::Unreadable));
    }

    #[test]
    fn a_picture_of_too_many_pixels_is_refused_before_it_is_unpacked() {
        // A PNG header that promises 60,000 by 60,000 pixels in a few bytes.
        let mut bomb = Vec::new();
        let mut encoder = png::Encoder::new(&mut bomb, 60_000, 60_000);
        encoder.set_color(png::ColorType::Grayscale);
        drop(encoder.write_header().expect("a header"));
        assert_eq!(qr_text(&bomb), Err(NotSearched::TooLarge));
        assert_eq!(qr_text(&vec![0; MAX_BYTES + 1]), Err(NotSearched::TooLarge));
    }
}
