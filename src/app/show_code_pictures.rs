//! A show code as pictures for screens and scanners.

use super::AppError;
use crate::domain::show_code::ShowCode;
use crate::formats::code::{Qr, code128_svg};

/// Pictures of one code.
pub struct Pictures {
    /// QR, SVG.
    pub qr_svg: String,
    /// QR, PNG.
    pub qr_png: Vec<u8>,
    /// Bars (Code 128 set C) for one-dimensional scanners, SVG.
    pub bars_svg: String,
}

/// Pixels a module of the PNG picture: large enough for any screen, small enough for any line.
const SCALE: usize = 8;

/// Draws a code. Code 128 set C writes digits in pairs, so the bars have a nought in front; reading a code drops it.
pub fn run(code: &ShowCode) -> Result<Pictures, AppError> {
    of_digits(code.digits())
}

/// Draws an odd number of digits, such as those of a request's handle.
pub fn of_digits(digits: &str) -> Result<Pictures, AppError> {
    let qr = Qr::encode(digits.as_bytes());
    let bars = code128_svg(&format!("0{digits}"));
    match (qr, bars) {
        (Some(qr), Some(bars_svg)) => Ok(Pictures { qr_svg: qr.svg(), qr_png: qr.png(SCALE), bars_svg }),
        _ => Err(AppError::internal("a show code does not fit a picture")),
    }
}
