//! `/v1/devices`, `POST /v1/licenses/{id}/phone-codes`

use crate::app::offline::{device, phone};
use crate::domain::offline_code::{Device, DeviceId};
use crate::domain::refusal::{Refusal, RefusalClass};
use crate::http::api::common::license_id;
use crate::http::body::Strict;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::http::{self, detach};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a device's key signs to be enrolled.
#[derive(Serialize, ToSchema)]
pub struct DeviceChallenge {
    /// The text to sign, as it is.
    challenge: String,
    /// Signed and sent before this.
    #[schema(format = "date-time")]
    expires_at: String,
}

/// A device to enrol.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceRequest {
    /// What the holder calls it.
    #[schema(min_length = 1, max_length = 30)]
    label: String,
    /// Its public key on P-256: SubjectPublicKeyInfo (DER) in base64.
    #[schema(pattern = "^[A-Za-z0-9+/]{100,200}={0,2}$")]
    spki: String,
    /// The challenge.
    #[schema(min_length = 1, max_length = 200)]
    challenge: String,
    /// The key's signature over the challenge's text: ECDSA with SHA-256, r and s, in base64.
    #[schema(pattern = "^[A-Za-z0-9+/]{86}==$")]
    signature: String,
}

/// A device.
#[derive(Serialize, ToSchema)]
pub struct DeviceView {
    /// Identifier.
    #[schema(pattern = "^[0-9a-f]{32}$")]
    id: String,
    /// What the holder calls it.
    label: String,
    /// Enrolled.
    #[schema(format = "date-time")]
    added_at: String,
    /// Withdrawn.
    #[schema(format = "date-time")]
    withdrawn_at: Option<String>,
}

/// The holder's devices.
#[derive(Serialize, ToSchema)]
pub struct DeviceList {
    /// Newest first.
    items: Vec<DeviceView>,
}

/// What a phone is to show.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PhoneCodeRequest {
    /// The device.
    #[schema(pattern = "^[0-9a-f]{32}$")]
    device: String,
    /// Names of the fields to show; they are masked as the kind says.
    #[schema(min_items = 1, max_items = 12)]
    fields: Vec<String>,
}

/// A code that the device signs each time it shows it.
#[derive(Serialize, ToSchema)]
pub struct PhoneCodeView {
    /// The code's bytes in base64.
    code: String,
    /// Bytes (UTF-8) that the purpose may have which the device signs.
    purpose_bytes: usize,
    /// Fetch another one before this.
    #[schema(format = "date-time")]
    expires_at: String,
}

impl From<Device> for DeviceView {
    fn from(device: Device) -> Self {
        Self {
            id: device.id.to_string(),
            label: device.label,
            added_at: device.added_at.to_string(),
            withdrawn_at: device.withdrawn_at.map(|at| at.to_string()),
        }
    }
}

fn id(text: &str) -> Result<DeviceId, Problem> {
    DeviceId::parse(text).ok_or_else(|| Refusal::new(RefusalClass::NotFound, "device.unknown").into())
}

/// A challenge.
pub async fn challenge(
    State(state): State<http::State>,
    caller: Caller,
) -> Result<Json<DeviceChallenge>, Problem> {
    let (challenge, expires_at) = device::challenge(&state, &caller.credential)?;
    Ok(Json(DeviceChallenge { challenge, expires_at: expires_at.to_string() }))
}

/// Enrols a device.
pub async fn enrol(
    State(state): State<http::State>,
    caller: Caller,
    Strict(body): Strict<DeviceRequest>,
) -> Result<(StatusCode, Json<DeviceView>), Problem> {
    // Of the form by the schema; what is no base64 all the same is no key and no signature.
    let bytes = |text: &str| STANDARD.decode(text).unwrap_or_default();
    let request = device::Request {
        label: body.label,
        spki: bytes(&body.spki),
        challenge: body.challenge,
        signature: bytes(&body.signature),
    };
    let work = async move { device::enrol(&state, &caller.credential, request).await };
    Ok((StatusCode::CREATED, Json(detach(work).await?.into())))
}

/// The holder's devices.
pub async fn list(State(state): State<http::State>, caller: Caller) -> Result<Json<DeviceList>, Problem> {
    let found = device::list(&state, &caller.credential).await?;
    Ok(Json(DeviceList { items: found.into_iter().map(DeviceView::from).collect() }))
}

/// Withdraws a device.
pub async fn withdraw(
    State(state): State<http::State>,
    caller: Caller,
    Path(text): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = id(&text)?;
    detach(async move { device::withdraw(&state, &caller.credential, &id).await }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a code for a phone.
pub async fn phone_code(
    State(state): State<http::State>,
    caller: Caller,
    Path(text): Path<String>,
    Strict(body): Strict<PhoneCodeRequest>,
) -> Result<(StatusCode, Json<PhoneCodeView>), Problem> {
    let request =
        phone::Request { license: license_id(&text)?, device: id(&body.device)?, fields: body.fields };
    let work = async move { phone::run(&state, &caller.credential, request).await };
    let made = detach(work).await?;
    let view = PhoneCodeView {
        code: STANDARD.encode(&made.code),
        purpose_bytes: made.purpose_bytes,
        expires_at: made.expires_at.to_string(),
    };
    Ok((StatusCode::CREATED, Json(view)))
}
