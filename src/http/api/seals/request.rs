//! `POST /v1/seals`

use super::view::SealView;
use crate::app::request_seal;
use crate::domain::picture::UploadedPicture;
use crate::domain::refusal::Fault;
use crate::domain::seal::{Paper, SealCode, SealPurpose};
use crate::domain::suite::Suite;
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
    /// Owner's unified social credit code; left out where the owner is a person.
    #[serde(default)]
    #[schema(pattern = "^([0-9A-Z]{18})?$")]
    owner_code: String,
    /// Identity number of the owner, where the owner is a person. Only a salted hash of it is kept.
    #[schema(pattern = "^[0-9]{17}[0-9X]$")]
    identity_number: Option<String>,
    /// Owner's name, where the owner is no registered department.
    #[schema(min_length = 1, max_length = 60)]
    owner_name: Option<String>,
    /// Division code of the place (GB/T 2260), where the owner is no registered department.
    #[schema(pattern = "^[0-9]{6}$")]
    area_code: Option<String>,
    /// What it is for.
    purpose: PurposeName,
    /// The words below the star, or the name on a legal representative's seal; none on a legal-name seal and on seals of
    /// persons. Left out where the usual words are meant: 财务专用章, 合同专用章, 发票专用章, 电子证照专用章.
    #[serde(default)]
    #[schema(max_length = 20, example = "电子证照专用章")]
    purpose_words: String,
    /// The suites it signs in; every one that the service has keys of, unless told.
    #[serde(default)]
    #[schema(max_items = 2)]
    suites: Vec<SuiteName>,
    /// A picture of its own, for owners that are no departments; a signature must have one.
    picture: Option<PictureUpload>,
    /// The papers that belong to the application: their names and digests. The bytes stay with the applicant, or are brought
    /// with `PUT /v1/seals/{code}/papers/{sha256}` before the seal is approved.
    #[serde(default)]
    #[schema(max_items = 20)]
    papers: Vec<PaperUpload>,
    /// The seal that this one takes the place of once it is made: of the same owner and purpose, and in use.
    #[schema(pattern = "^[0-9]{14}$")]
    replaces: Option<String>,
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

/// A paper of an application.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaperUpload {
    /// What it is called.
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    /// SHA-256 of its bytes, in hexadecimal digits.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    sha256: String,
    /// How many bytes it has.
    #[schema(minimum = 1, maximum = 104857600)]
    size: u64,
}

/// What a seal is for.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PurposeName {
    /// 法定名称章
    LegalName,
    /// 电子证照专用章
    License,
    /// 业务专用章
    Business,
    /// 财务专用章
    Finance,
    /// 合同专用章
    Contract,
    /// 发票专用章
    Invoice,
    /// 法定代表人名章
    LegalRepresentative,
    /// 内设机构章
    InnerBody,
    /// 分支机构章
    Branch,
    /// 个人名章
    PersonalName,
    /// 手写签名
    Signature,
}

/// What a seal signs with: ECDSA on P-256 with SHA-256, or SM2 with SM3.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SuiteName {
    /// ECDSA on P-256 with SHA-256
    P256,
    /// SM2 with SM3
    Sm2,
}

impl From<SuiteName> for Suite {
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
            PurposeName::Finance => Self::Finance,
            PurposeName::Contract => Self::Contract,
            PurposeName::Invoice => Self::Invoice,
            PurposeName::LegalRepresentative => Self::LegalRepresentative,
            PurposeName::InnerBody => Self::InnerBody,
            PurposeName::Branch => Self::Branch,
            PurposeName::PersonalName => Self::PersonalName,
            PurposeName::Signature => Self::Signature,
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

/// The papers; every digest that is none is told.
fn papers(uploads: Vec<PaperUpload>) -> Result<Vec<Paper>, Problem> {
    let (mut papers, mut faults) = (Vec::new(), Vec::new());
    for (n, upload) in uploads.into_iter().enumerate() {
        let mut sha256 = [0; 32];
        if hex::decode_to_slice(&upload.sha256, &mut sha256).is_err() {
            faults.push(Fault::at(format!("/papers/{n}/sha256"), "seal.paper_digest"));
        }
        papers.push(Paper { name: upload.name, sha256, size: upload.size });
    }
    if faults.is_empty() { Ok(papers) } else { Err(Problem::faults(Kind::Invalid, Place::Body, faults)) }
}

fn replaced(code: &str) -> Result<SealCode, Problem> {
    let fault = || vec![Fault::at("/replaces", "seal.not_a_code")];
    SealCode::parse(code).ok_or_else(|| Problem::faults(Kind::Invalid, Place::Body, fault()))
}

/// Enters the request.
pub async fn request(
    State(state): State<http::State>,
    caller: Caller,
    Strict(body): Strict<SealRequest>,
) -> Result<(StatusCode, Json<SealView>), Problem> {
    let request = request_seal::Request {
        owner_code: body.owner_code,
        identity_number: body.identity_number,
        owner_name: body.owner_name,
        area_code: body.area_code,
        purpose: body.purpose.into(),
        purpose_words: body.purpose_words,
        suites: body.suites.into_iter().map(Suite::from).collect(),
        picture: body.picture.map(PictureUpload::read).transpose()?,
        papers: papers(body.papers)?,
        paper_files: Vec::new(),
        replaces: body.replaces.as_deref().map(replaced).transpose()?,
        days: body.days,
    };
    let service = state.clone();
    let seal = detach(async move { request_seal::run(&service, &caller.credential, request).await }).await?;
    Ok((StatusCode::CREATED, Json(SealView::of(seal, &[], state.clock.now()))))
}
