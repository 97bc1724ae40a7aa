//! Reads the code in a picture, for browsers that cannot. Nothing is kept.

use super::AppError;
use crate::domain::refusal::{Refusal, RefusalClass};
use crate::formats::decode::{self, NotSearched};

/// Largest picture that is read, in bytes.
pub const MAX_BYTES: usize = decode::MAX_BYTES;

/// The text of the QR code in a PNG or JPEG picture; `None` if there is none.
pub async fn run(picture: Vec<u8>) -> Result<Option<String>, AppError> {
    let found = tokio::task::spawn_blocking(move || decode::qr_text(&picture)).await?;
    found.map_err(|why| {
        let (class, code) = match why {
            NotSearched::TooLarge => (RefusalClass::TooLarge, "decode.too_large"),
            NotSearched::Unreadable => (RefusalClass::Invalid, "decode.unreadable"),
        };
        Refusal::new(class, code).into()
    })
}
