//! Machine-readable codes as pictures: QR (ISO/IEC 18004) and Code 128 set C (ISO/IEC 15417).

use fast_qr::{ECL, QRBuilder};
use std::fmt::Write as _;

/// Light modules around a QR code (ISO/IEC 18004, 9.1).
const QUIET_ZONE: usize = 4;
/// More than this is not put into a QR code: larger codes are hard to scan from paper and screens.
const MAX_QR_BYTES: usize = 1_000;
/// Digits take fewer modules: so many fill version 17.
const MAX_QR_DIGITS: usize = 1_212;
/// Code 128 with more digits is too long for a scanner.
const MAX_CODE128_DIGITS: usize = 48;
/// Greatest side of a picture in pixels.
const MAX_PIXELS: usize = 2_048;

/// A QR code with error correction level M: which modules are dark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Qr {
    side: usize,
    dark: Vec<bool>,
}

impl Qr {
    /// Encodes up to 1,000 bytes, or 1,212 digits; `None` if there are none or more.
    pub fn encode(data: &[u8]) -> Option<Self> {
        let most = if data.iter().all(u8::is_ascii_digit) { MAX_QR_DIGITS } else { MAX_QR_BYTES };
        if data.is_empty() || data.len() > most {
            return None;
        }
        let code = QRBuilder::new(data).ecl(ECL::M).build().ok()?;
        let dark = code.data.iter().take(code.size * code.size).map(|module| module.value()).collect();
        Some(Self { side: code.size, dark })
    }

    /// Modules on a side, without the quiet zone.
    pub fn side(&self) -> usize {
        self.side
    }

    /// Modules on a side, with the quiet zone.
    pub fn side_with_quiet_zone(&self) -> usize {
        self.side + 2 * QUIET_ZONE
    }

    /// Whether a module is dark; the quiet zone is not counted. Outside is light.
    pub fn is_dark(&self, column: usize, row: usize) -> bool {
        column < self.side && row < self.side && self.dark[row * self.side + column]
    }

    /// The `d` of an SVG path in modules, the quiet zone included: a rectangle for each run in a row.
    pub fn svg_path(&self) -> String {
        let mut path = String::with_capacity(self.side * self.side * 4);
        for row in 0..self.side {
            let mut column = 0;
            while column < self.side {
                let length = (column..self.side).take_while(|c| self.is_dark(*c, row)).count();
                if length > 0 {
                    let (x, y) = (column + QUIET_ZONE, row + QUIET_ZONE);
                    let _ = write!(path, "M{x} {y}h{length}v1h-{length}z");
                }
                column += length.max(1);
            }
        }
        path
    }

    /// An SVG picture, black on white, that scales to where it is put.
    pub fn svg(&self) -> String {
        let side = self.side_with_quiet_zone();
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
             <path fill=\"#fff\" d=\"M0 0h{side}v{side}h-{side}z\"/><path d=\"{}\"/></svg>",
            self.svg_path()
        )
    }

    /// One bit a pixel, rows padded to bytes, 1 is white: `scale` pixels a module, quiet zone included.
    /// The side is at most 2,048 pixels; a larger scale is cut down. Returns the side in pixels and the rows.
    pub fn bitmap(&self, scale: usize) -> (usize, Vec<u8>) {
        let modules = self.side_with_quiet_zone();
        let scale = scale.clamp(1, MAX_PIXELS / modules);
        let (side, stride) = (modules * scale, (modules * scale).div_ceil(8));
        let mut pixels = Vec::with_capacity(side * stride);
        for row in 0..modules {
            let mut line = vec![0xFF_u8; stride];
            for column in QUIET_ZONE..QUIET_ZONE + self.side {
                if row >= QUIET_ZONE && self.is_dark(column - QUIET_ZONE, row - QUIET_ZONE) {
                    for x in column * scale..(column + 1) * scale {
                        line[x / 8] &= !(0x80 >> (x % 8));
                    }
                }
            }
            for _ in 0..scale {
                pixels.extend_from_slice(&line);
            }
        }
        (side, pixels)
    }

    /// A PNG picture, black on white, `scale` pixels a module (bounded as in [`Self::bitmap`]).
    pub fn png(&self, scale: usize) -> Vec<u8> {
        let (side, pixels) = self.bitmap(scale);
        let mut out = Vec::with_capacity(2_048);
        let pixels_wide = u32::try_from(side).expect("a side is at most 2,048 pixels");
        let mut encoder = png::Encoder::new(&mut out, pixels_wide, pixels_wide);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        encoder.set_compression(png::Compression::Fast);
        let mut writer = encoder.write_header().expect("writing to memory does not fail");
        writer.write_image_data(&pixels).expect("the rows have the length the header says");
        drop(writer);
        out
    }
}

/// Bar and space widths of the 103 symbols, the three starts and the stop (ISO/IEC 15417, table 1).
const PATTERNS: [&[u8]; 107] = [
    b"212222", b"222122", b"222221", b"121223", b"121322", b"131222", b"122213", b"122312", b"132212",
    b"221213", b"221312", b"231212", b"112232", b"122132", b"122231", b"113222", b"123122", b"123221",
    b"223211", b"221132", b"221231", b"213212", b"223112", b"312131", b"311222", b"321122", b"321221",
    b"312212", b"322112", b"322211", b"212123", b"212321", b"232121", b"111323", b"131123", b"131321",
    b"112313", b"132113", b"132311", b"211313", b"231113", b"231311", b"112133", b"112331", b"132131",
    b"113123", b"113321", b"133121", b"313121", b"211331", b"231131", b"213113", b"213311", b"213131",
    b"311123", b"311321", b"331121", b"312113", b"312311", b"332111", b"314111", b"221411", b"431111",
    b"111224", b"111422", b"121124", b"121421", b"141122", b"141221", b"112214", b"112412", b"122114",
    b"122411", b"142112", b"142211", b"241211", b"221114", b"413111", b"241112", b"134111", b"111242",
    b"121142", b"121241", b"114212", b"124112", b"124211", b"411212", b"421112", b"421211", b"212141",
    b"214121", b"412121", b"111143", b"111341", b"131141", b"114113", b"114311", b"411113", b"411311",
    b"113141", b"114131", b"311141", b"411131", b"211412", b"211214", b"211232", b"2331112",
];
const START_C: usize = 105;
const STOP: usize = 106;
/// Light modules on both sides of the bars.
const CODE128_QUIET: usize = 10;

/// Code 128 in set C as SVG, ten modules of quiet zone on both sides. `digits` must be an even number of
/// digits, 2 to 48; otherwise `None`.
pub fn code128_svg(digits: &str) -> Option<String> {
    let fits = (2..=MAX_CODE128_DIGITS).contains(&digits.len()) && digits.len().is_multiple_of(2);
    if !fits || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut symbols = vec![START_C];
    symbols.extend(
        digits
            .as_bytes()
            .chunks(2)
            .map(|pair| usize::from(pair[0] - b'0') * 10 + usize::from(pair[1] - b'0')),
    );
    let check = symbols.iter().enumerate().map(|(place, value)| place.max(1) * value).sum::<usize>() % 103;
    symbols.extend([check, STOP]);
    let (mut x, mut path) = (CODE128_QUIET, String::new());
    for symbol in symbols {
        for (place, width) in PATTERNS[symbol].iter().enumerate() {
            let width = usize::from(width - b'0');
            if place.is_multiple_of(2) {
                let _ = write!(path, "M{x} 0h{width}v40h-{width}z");
            }
            x += width;
        }
    }
    let wide = x + CODE128_QUIET;
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {wide} 40\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{wide}v40h-{wide}z\"/><path d=\"{path}\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rxing::BarcodeFormat;
    use rxing::helpers::detect_in_luma;

    /// Reads a picture back with an independent decoder.
    fn decode(
        side: usize,
        rows: usize,
        dark: impl Fn(usize, usize) -> bool,
        format: BarcodeFormat,
    ) -> Option<String> {
        let luma = (0..rows).flat_map(|y| (0..side).map(move |x| (x, y)));
        let luma = luma.map(|(x, y)| if dark(x, y) { 0 } else { 255 }).collect();
        let found = detect_in_luma(luma, side as u32, rows as u32, Some(format));
        found.ok().map(|result| result.getText().to_owned())
    }

    #[test]
    fn a_qr_code_says_what_was_put_in() {
        let text = "https://example.org/v?i=1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U&c=8H2K";
        let code = Qr::encode(text.as_bytes()).expect("fits");
        let (side, rows) = code.bitmap(4);
        let dark = |x: usize, y: usize| rows[y * side.div_ceil(8) + x / 8] & (0x80 >> (x % 8)) == 0;
        assert_eq!(decode(side, side, dark, BarcodeFormat::QR_CODE).as_deref(), Some(text));
    }

    #[test]
    fn the_png_is_the_bitmap() {
        let code = Qr::encode(b"310101").expect("fits");
        let png = code.png(3);
        let mut reader = png::Decoder::new(std::io::Cursor::new(&png)).read_info().expect("a PNG");
        let mut pixels = vec![0; reader.output_buffer_size().expect("small")];
        reader.next_frame(&mut pixels).expect("a frame");
        assert_eq!((code.side_with_quiet_zone() * 3, pixels), code.bitmap(3));
    }

    #[test]
    fn qr_codes_are_bounded() {
        assert_eq!(Qr::encode(b""), None);
        assert!(Qr::encode(&[b'a'; 1_000]).is_some());
        assert_eq!(Qr::encode(&[b'a'; 1_001]), None);
        assert_eq!(Qr::encode(&[b'7'; 1_212]).map(|code| code.side()), Some(17 + 4 * 17));
        assert_eq!(Qr::encode(&[b'7'; 1_213]), None);
        let code = Qr::encode(&[b'a'; 1_000]).expect("fits");
        assert!(code.bitmap(1_000_000).0 <= 2_048);
    }

    #[test]
    fn code_128_says_what_was_put_in() {
        let digits = "20261123000000012345";
        let svg = code128_svg(digits).expect("fits");
        let dark = dark_columns(&svg);
        let wide = dark.len() * 3;
        let read = decode(wide, 60, |x, _| dark[x / 3], BarcodeFormat::CODE_128);
        assert_eq!(read.as_deref(), Some(digits));
    }

    #[test]
    fn code_128_c_refuses_what_it_cannot_say() {
        for wrong in ["", "1", "123", "12a4", "１２"] {
            assert_eq!(code128_svg(wrong), None, "{wrong}");
        }
        assert_eq!(code128_svg(&"0".repeat(50)), None);
    }

    /// The dark modules, read back from the path.
    fn dark_columns(svg: &str) -> Vec<bool> {
        let number = |text: &str| -> usize {
            text.chars().take_while(char::is_ascii_digit).collect::<String>().parse().expect("a number")
        };
        let wide = number(svg.split("0 0 ").nth(1).expect("a view box"));
        let mut dark = vec![false; wide];
        for bar in svg.rsplit("d=\"").next().expect("a path").split('M').skip(1) {
            let (x, width) = (number(bar), number(bar.split('h').nth(1).expect("a width")));
            dark[x..x + width].fill(true);
        }
        dark
    }
}
