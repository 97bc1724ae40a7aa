//! A seal's picture in pixels: what stands inside a seal object, where every reader shows a PNG and few show more.

use super::size;
use crate::domain::picture::{Paint, Path, Rgb, Segment};
use crate::domain::seal::SealPicture;
use tiny_skia::{Color, FillRule, PathBuilder, Pixmap, Stroke, Transform};

/// Pixels in a millimetre: 406 to the inch, sharp on paper. The picture stands in a sealed file twice, so more would be
/// paid for.
const PIXELS_PER_MM: f32 = 16.0;
/// Greatest side in pixels.
const MAX_SIDE: f32 = 4_096.0;

/// The picture as PNG, clear where nothing is drawn. One that was uploaded is given as it came.
pub fn png(picture: &SealPicture) -> Vec<u8> {
    let drawing = match picture {
        SealPicture::Uploaded(picture) => return picture.png.clone(),
        SealPicture::Drawn(drawing) => drawing,
    };
    let (width, height) = size(picture);
    let side = |mm: f32| (mm * PIXELS_PER_MM).round().clamp(1.0, MAX_SIDE) as u32;
    let mut pixels = Pixmap::new(side(width), side(height)).expect("its sides are from 1 to 4,096");
    for path in &drawing.paths {
        paint(&mut pixels, path);
    }
    encode(&pixels)
}

fn paint(pixels: &mut Pixmap, path: &Path) {
    let mut builder = PathBuilder::new();
    for segment in &path.segments {
        match *segment {
            Segment::MoveTo(x, y) => builder.move_to(x, y),
            Segment::LineTo(x, y) => builder.line_to(x, y),
            Segment::CurveTo(a, b, c, d, x, y) => builder.cubic_to(a, b, c, d, x, y),
            Segment::Close => builder.close(),
        }
    }
    // A path without points paints nothing.
    let Some(outline) = builder.finish() else { return };
    let scale = Transform::from_scale(PIXELS_PER_MM, PIXELS_PER_MM);
    let mut colour = tiny_skia::Paint { anti_alias: true, ..Default::default() };
    let mut dip = |Rgb(r, g, b): Rgb| colour.set_color(Color::from_rgba8(r, g, b, 255));
    match path.paint {
        Paint::Fill(rgb) => {
            dip(rgb);
            pixels.fill_path(&outline, &colour, FillRule::Winding, scale, None);
        }
        Paint::Stroke(rgb, width) => {
            dip(rgb);
            pixels.stroke_path(&outline, &colour, &Stroke { width, ..Stroke::default() }, scale, None);
        }
    }
}

fn encode(pixels: &Pixmap) -> Vec<u8> {
    let mut rgba = Vec::with_capacity(pixels.data().len());
    // Clear pixels go on in the colour beside them: one colour throughout packs best.
    let mut last = [0; 3];
    for pixel in pixels.pixels() {
        if pixel.alpha() > 0 {
            let plain = pixel.demultiply();
            last = [plain.red(), plain.green(), plain.blue()];
        }
        rgba.extend_from_slice(&last);
        rgba.push(pixel.alpha());
    }
    let mut out = Vec::with_capacity(64 << 10);
    let mut encoder = png::Encoder::new(&mut out, pixels.width(), pixels.height());
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    let per_metre = (PIXELS_PER_MM * 1000.0) as u32;
    let density = png::PixelDimensions { xppu: per_metre, yppu: per_metre, unit: png::Unit::Meter };
    encoder.set_pixel_dims(Some(density));
    let mut writer = encoder.write_header().expect("writing to memory does not fail");
    writer.write_image_data(&rgba).expect("there are as many pixels as the header says");
    drop(writer);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents::fonts::Fonts;
    use crate::domain::seal::SealPurpose;

    #[test]
    fn a_seal_is_red_where_it_is_drawn_and_clear_where_it_is_not() {
        let drawing = super::super::draw(
            "景川市市场监督管理局",
            SealPurpose::License,
            "电子证照专用章",
            "45090020260001",
            &Fonts::embedded(),
        );
        let picture = SealPicture::Drawn(drawing.expect("a seal"));
        let bytes = png(&picture);
        assert_eq!(bytes, png(&picture));
        assert!(bytes.len() < 40_000, "{} bytes", bytes.len());
        let mut reader = png::Decoder::new(std::io::Cursor::new(&bytes)).read_info().expect("a PNG");
        let mut pixels = vec![0; reader.output_buffer_size().expect("small")];
        let info = reader.next_frame(&mut pixels).expect("pixels");
        assert_eq!((info.width, info.height, info.color_type), (640, 640, png::ColorType::Rgba));
        let at = |x: usize, y: usize| &pixels[(y * 640 + x) * 4..][..4];
        assert_eq!(at(0, 0)[3], 0);
        // The star in the middle, the ring at the left.
        assert_eq!(at(320, 320), [0xD9, 0x0A, 0x14, 255]);
        assert_eq!(at(9, 320), [0xD9, 0x0A, 0x14, 255]);
    }
}
