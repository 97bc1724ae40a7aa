//! Reads the code in a picture, for browsers that cannot, and from photos of sheets that anybody brings. A picture without a
//! code is searched in six ways, so pictures take turns with the files that strangers bring, and nobody has more than a
//! few a minute. Nothing is kept.

use super::{AppError, Service, verify_file};
use crate::domain::party::Credential;
use crate::domain::refusal::{Refusal, RefusalClass};
use crate::formats::decode::{self, NotSearched};
use std::sync::Arc;

/// Largest picture that is read, in bytes.
pub const MAX_BYTES: usize = decode::MAX_BYTES;
/// Pictures a minute of somebody who is signed in: a camera that the browser cannot read sends some frames a second.
const OF_CALLER: u32 = 600;

/// The text of the QR code in a PNG or JPEG picture that somebody brings from this address; `None` if there is none.
pub async fn for_anybody(
    service: &Arc<Service>,
    from: &str,
    picture: Vec<u8>,
) -> Result<Option<String>, AppError> {
    service.pictures.admit(from, service.clock.now())?;
    in_turn(service, picture).await
}

/// The same for somebody who is signed in.
pub async fn for_caller(
    service: &Arc<Service>,
    caller: &Credential,
    picture: Vec<u8>,
) -> Result<Option<String>, AppError> {
    // No address is written as a credential is.
    service.pictures.admit_most(&format!("credential {}", caller.id), OF_CALLER, service.clock.now())?;
    in_turn(service, picture).await
}

async fn in_turn(service: &Arc<Service>, picture: Vec<u8>) -> Result<Option<String>, AppError> {
    let found = verify_file::in_turn(service, move || decode::qr_text(&picture)).await?;
    found.map_err(|why| {
        let (class, code) = match why {
            NotSearched::TooLarge => (RefusalClass::TooLarge, "decode.too_large"),
            NotSearched::Unreadable => (RefusalClass::Invalid, "decode.unreadable"),
        };
        Refusal::new(class, code).into()
    })
}
