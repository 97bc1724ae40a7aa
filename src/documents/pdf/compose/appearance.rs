//! A seal's picture as the appearance of its signature: a form, prepared once for each seal.

use super::deflate::{Deflate, SMALL};
use super::file::Objects;
use super::paint::Painter;
use crate::documents::face::POINTS_PER_MM;
use crate::documents::seal_picture;
use crate::domain::picture::UploadedPicture;
use crate::domain::seal::SealPicture;
use pdf_writer::{Filter, Finish as _, Name, Rect, Ref};

/// A side of an uploaded picture in pixels; larger ones are refused.
const MAX_SIDE: u32 = 4_096;

/// A seal's appearance, ready to be copied into files.
#[derive(Debug, PartialEq)]
pub(in crate::documents::pdf) struct Appearance {
    /// Width in points.
    pub width: f32,
    /// Height in points.
    pub height: f32,
    /// The form's operators, compressed.
    content: Vec<u8>,
    image: Option<Image>,
}

/// Pixels of an uploaded picture, compressed.
#[derive(Debug, PartialEq)]
struct Image {
    width: i32,
    height: i32,
    colours: Vec<u8>,
    alpha: Option<Vec<u8>>,
}

/// The seal's picture is not one that can be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the seal's picture is not a PNG within bounds")]
pub struct UnreadablePicture;

impl Appearance {
    /// Prepares a picture.
    pub fn prepare(picture: &SealPicture) -> Result<Self, UnreadablePicture> {
        let mut deflate = Deflate::new(SMALL);
        let (width, height) = seal_picture::size(picture);
        let mut painter = Painter::new(height);
        let image = match picture {
            SealPicture::Drawn(drawing) => {
                painter.paths(&drawing.paths);
                None
            }
            SealPicture::Uploaded(uploaded) => {
                painter.image(width, height);
                Some(Image::read(uploaded, &mut deflate)?)
            }
        };
        let (width, height) = (width * POINTS_PER_MM, height * POINTS_PER_MM);
        Ok(Self { width, height, content: deflate.run(&painter.out), image })
    }

    /// Writes it as object `form`, and what it needs from `rest` on.
    pub fn write(&self, objects: &mut Objects, form: Ref, rest: Ref) {
        let mask = Ref::new(rest.get() + 1);
        objects.object(form, |chunk| {
            let mut dict = chunk.form_xobject(form, &self.content);
            dict.filter(Filter::FlateDecode);
            dict.bbox(Rect::new(0.0, 0.0, self.width, self.height));
            let mut resources = dict.resources();
            if self.image.is_some() {
                resources.x_objects().pair(Name(b"Picture"), rest);
            }
        });
        let Some(image) = &self.image else { return };
        objects.object(rest, |chunk| {
            let mut dict = chunk.image_xobject(rest, &image.colours);
            dict.filter(Filter::FlateDecode);
            dict.width(image.width).height(image.height).bits_per_component(8);
            dict.color_space().device_rgb();
            if image.alpha.is_some() {
                dict.s_mask(mask);
            }
        });
        let Some(alpha) = &image.alpha else { return };
        objects.object(mask, |chunk| {
            let mut dict = chunk.image_xobject(mask, alpha);
            dict.filter(Filter::FlateDecode);
            dict.width(image.width).height(image.height).bits_per_component(8);
            dict.color_space().device_gray();
            dict.finish();
        });
    }
}

impl Image {
    fn read(picture: &UploadedPicture, deflate: &mut Deflate) -> Result<Self, UnreadablePicture> {
        let limits = png::Limits { bytes: 64 << 20 };
        let mut decoder = png::Decoder::new_with_limits(std::io::Cursor::new(&picture.png), limits);
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().map_err(|_| UnreadablePicture)?;
        let (width, height) = (reader.info().width, reader.info().height);
        if width > MAX_SIDE || height > MAX_SIDE {
            return Err(UnreadablePicture);
        }
        let mut pixels = vec![0; reader.output_buffer_size().ok_or(UnreadablePicture)?];
        let frame = reader.next_frame(&mut pixels).map_err(|_| UnreadablePicture)?;
        pixels.truncate(frame.buffer_size());
        let (mut colours, mut alpha) = (Vec::with_capacity((width * height * 3) as usize), Vec::new());
        for pixel in pixels.chunks_exact(frame.color_type.samples()) {
            let (rgb, opacity) = match *pixel {
                [grey] => ([grey; 3], 255),
                [grey, opacity] => ([grey; 3], opacity),
                [r, g, b] => ([r, g, b], 255),
                [r, g, b, opacity] => ([r, g, b], opacity),
                _ => return Err(UnreadablePicture),
            };
            colours.extend_from_slice(&rgb);
            alpha.push(opacity);
        }
        let opaque = alpha.iter().all(|opacity| *opacity == 255);
        Ok(Self {
            width: width as i32,
            height: height as i32,
            colours: deflate.run(&colours),
            alpha: (!opaque).then(|| deflate.run(&alpha)),
        })
    }
}
