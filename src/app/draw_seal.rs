//! A seal's picture for screens.

use super::error::not_found;
use super::{AppError, Service, list_seals};
use crate::documents::seal_picture;
use crate::domain::party::Credential;
use crate::domain::seal::{SealCode, SealPicture};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The picture as SVG, for those who may see the seal.
pub async fn run(service: &Service, caller: &Credential, code: &SealCode) -> Result<String, AppError> {
    list_seals::one(service, caller, code).await?;
    let means = service.seal_means(code).await?.ok_or_else(|| not_found("seal.unknown"))?;
    Ok(svg(&means.picture))
}

/// A picture as SVG; one that was brought stands in it as it is.
pub fn svg(picture: &SealPicture) -> String {
    match picture {
        SealPicture::Drawn(drawing) => seal_picture::to_svg(drawing),
        SealPicture::Uploaded(uploaded) => {
            let millimetres = |tenths: u32| f64::from(tenths) / 10.0;
            let (width, height) = (millimetres(uploaded.width_tenths), millimetres(uploaded.height_tenths));
            let data = STANDARD.encode(&uploaded.png);
            format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}mm\" height=\"{height}mm\" \
                 viewBox=\"0 0 {width} {height}\"><image width=\"{width}\" height=\"{height}\" \
                 href=\"data:image/png;base64,{data}\"/></svg>"
            )
        }
    }
}
