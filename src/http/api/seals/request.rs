//! `POST /v1/seals`

use super::view::SealView;
use crate::app::request_seal;
use crate::domain::picture::UploadedPicture;
use crate::domain::refusal::Fault;
use crate::domain::seal::{SealPurpose, SealSuite};
use crate::http::body::Strict;
use crate::http::caller::Caller;
use crate::http::problem::{Kind, Place, Problem};
use crate::http::{self, detach};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use utoipa::ToSchema;

/// A seal to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SealRequest {
    /// Owner's unified social credit code.
    #[schema(pattern = "^[0-9A-Z]{18}$")]
    owner_code: String,
    /// Owner's name, where the owner is no registered department.
    #[schema(min_length = 1, max_length = 60)]
    owner_name: Option<String>,
    /// Division code of the place (GB/T 2260), where the owner is no registered department.
    #[schema(pattern = "^[0-9]{6}$")]
    area_code: Option<String>,
    /// What it is for.
    purpose: PurposeName,
    /// The words below the star; none on a legal-name seal.
    #[serde(default)]
    #[schema(max_length = 20, example = "电子证照专用章")]
    purpose_words: String,
    /// What it signs with; SM2 where the service has a key set of that suite.
    #[serde(default)]
    suite: SuiteName,
    /// A picture of its own, for owners that are no departments.
    picture: Option<PictureUpload>,
    /// Days that it may be used from its approval.
    #[schema(minimum = 1, maximum = 1095)]
    days: u32,
}

/// A picture that is brought.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PictureUpload {
    /// PNG file in base64.
    #[schema(min_length = 1, max_length = 700000)]
    png: String,
    /// Width on paper in tenths of a millimetre.
    #[schema(minimum = 1, maximum = 1000)]
    width_tenths: u32,
    /// Height on paper in tenths of a millimetre.
    #[schema(minimum = 1, maximum = 1000)]
    height_tenths: u32,
}

/// What a seal is for: 法定名称章, 电子证照专用章, 业务专用章.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PurposeName {
    /// 法定名称章
    LegalName,
    /// 电子证照专用章
    License,
    /// 业务专用章
    Business,
}

/// What a seal signs with: ECDSA on P-256 with SHA-256, or SM2 with SM3.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SuiteName {
    /// ECDSA on P-256 with SHA-256
    #[default]
    P256,
    /// SM2 with SM3
    Sm2,
}

impl From<SuiteName> for SealSuite {
    fn from(name: SuiteName) -> Self {
        match name {
            SuiteName::P256 => Self::P256,
            SuiteName::Sm2 => Self::Sm2,
        }
    }
}

impl From<PurposeName> for SealPurpose {
    fn from(name: PurposeName) -> Self {
        match name {
            PurposeName::LegalName => Self::LegalName,
            PurposeName::License => Self::License,
            PurposeName::Business => Self::Business,
        }
    }
}

impl PictureUpload {
    fn read(self) -> Result<UploadedPicture, Problem> {
        let unreadable = |_| {
            let fault = Fault::at("/picture/png", "seal.picture_base64");
            Problem::faults(Kind::Invalid, Place::Body, vec![fault])
        };
        let png = STANDARD.decode(self.png).map_err(unreadable)?;
        Ok(UploadedPicture { png, width_tenths: self.width_tenths, height_tenths: self.height_tenths })
    }
}

/// Enters the request.
pub async fn request(
    State(state): State<http::State>,
    caller: Caller,
    Strict(body): Strict<SealRequest>,
) -> Result<(StatusCode, Json<SealView>), Problem> {
    let request = request_seal::Request {
        owner_code: body.owner_code,
        owner_name: body.owner_name,
        area_code: body.area_code,
        purpose: body.purpose.into(),
        purpose_words: body.purpose_words,
        suite: body.suite.into(),
        picture: body.picture.map(PictureUpload::read).transpose()?,
        days: body.days,
    };
    let seal = detach(async move { request_seal::run(&state, &caller.credential, request).await }).await?;
    Ok((StatusCode::CREATED, Json(seal.into())))
}
