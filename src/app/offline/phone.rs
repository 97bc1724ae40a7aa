//! Codes for a phone: signed by the issuer for the device's key, worth nothing without a fresh signature of it. All codes of
//! a license for one device have one place in the status list, which ends with the device.

use super::{code, places};
use crate::app::error::{conflict, not_found};
use crate::app::{AppError, Service, access, audit};
use crate::crypto::PublicKey;
use crate::domain::license::LicenseId;
use crate::domain::offline_code::{Device, DeviceId, DeviceKey, Medium, PHONE_LIFE};
use crate::domain::party::{Credential, Role};
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::time::Timestamp;
use crate::formats::offline_code::purpose_room;
use crate::ports::store;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// A code leaves room for a purpose of so many bytes at least: six Chinese characters.
const LEAST_PURPOSE: usize = 18;
const DAY: Duration = Duration::from_secs(86_400);

/// What to show.
pub struct Request {
    /// The license.
    pub license: LicenseId,
    /// The device.
    pub device: DeviceId,
    /// Names of the fields to show, 1 to 12.
    pub fields: Vec<String>,
}

/// A code just made.
pub struct Made {
    /// Its bytes.
    pub code: Vec<u8>,
    /// Bytes that the purpose in a proof may have.
    pub purpose_bytes: usize,
    /// Its end.
    pub expires_at: Timestamp,
}

/// Makes a code. It names its license by a digest: beside the proof there is no room for more.
pub async fn run(service: &Arc<Service>, caller: &Credential, request: Request) -> Result<Made, AppError> {
    access::only(caller, &[Role::Holder])?;
    let material = code::material(service, caller.holder.as_deref(), &request.license).await?;
    let id = &request.device;
    let device = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.device(id.as_str()).await?) })
    });
    let device = own(device.await?, caller)?;
    let fields = code::fields(&material.kind, &material.license.data, &request.fields);
    let fields = fields.map_err(Refusal::invalid)?;
    let names: Vec<String> = fields.iter().map(|(name, _)| name.clone()).collect();
    let now = service.clock.now().whole_second();
    // Until the end of the license's last day, where that comes sooner.
    let end = material.license.valid_until.map(|last| Timestamp::start_of(last).plus(DAY));
    let until = end.map_or(now.plus(PHONE_LIFE), |end| end.min(now.plus(PHONE_LIFE)));
    let medium = Medium::Phone { device: half(&device)?, until };
    let mut planned = code::unplaced(service, &material, fields, medium, now).await?;
    code::shorten(&mut planned, &material.license.id);
    let draft = code::drafted(&planned, &material.key)?;
    let Some(purpose_bytes) = purpose_room(&draft).filter(|room| *room >= LEAST_PURPOSE) else {
        return Err(Refusal::invalid(vec![Fault::at("/fields", "phone_code.too_long")]).into());
    };
    let detail = json!({ "device": id.as_str(), "fields": names });
    let line = audit::line(now, &caller.id, "phone_code.make", material.license.id.as_str(), &detail);
    let license = &material.license.id;
    planned.status = audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            code::still(tx.license(license).await?, now)?;
            own(tx.device(id.as_str()).await?, caller)?;
            places::take(&mut *tx, service, id.as_str(), license).await
        })
    })
    .await?;
    let signed = code::signed(service, planned, &material.key).await?;
    Ok(Made { code: signed, purpose_bytes, expires_at: until })
}

/// The caller's device, still enrolled.
fn own(device: Option<Device>, caller: &Credential) -> Result<Device, Refusal> {
    let device = device.filter(|device| caller.holder.as_deref() == Some(&device.holder));
    let device = device.ok_or_else(|| not_found("device.unknown"))?;
    if device.withdrawn_at.is_some() { Err(conflict("device.withdrawn")) } else { Ok(device) }
}

fn half(device: &Device) -> Result<DeviceKey, AppError> {
    let key =
        PublicKey::from_spki(&device.spki).ok_or_else(|| AppError::internal("a device without a key"))?;
    let mut x = [0; 32];
    x.copy_from_slice(&key.point()[1..33]);
    Ok(DeviceKey { x, odd: key.point()[64] % 2 == 1 })
}
