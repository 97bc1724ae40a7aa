//! Phones that show codes without a network: the key is made in the phone and never leaves it; the holder enrols its public
//! half by signing a challenge, and withdraws it when the phone is lost.

use crate::app::error::{conflict, not_found};
use crate::app::{AppError, Service, access, audit, inputs};
use crate::crypto::{PublicKey, Suite};
use crate::domain::offline_code::{Device, DeviceId, MOST_DEVICES};
use crate::domain::party::{Credential, Role};
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::time::Timestamp;
use crate::ports::store::{self, StoreError};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::time::Duration;

/// A challenge is answered within this.
const LIFE: Duration = Duration::from_secs(300);
/// Devices read at once, those that are withdrawn among them.
const ROWS: u32 = 200;
/// What a challenge begins with, so that what a device signs is nothing else.
const BEGINNING: &str = "yinzheng-device.";
/// Bytes of the nonce and of the time behind it.
const NONCE: usize = 16;
const TIME: usize = 8;

/// A device to enrol.
pub struct Request {
    /// What the holder calls it.
    pub label: String,
    /// Its public key: SubjectPublicKeyInfo, DER.
    pub spki: Vec<u8>,
    /// The challenge that was given.
    pub challenge: String,
    /// The key's signature over the challenge's text, r and s.
    pub signature: Vec<u8>,
}

/// A challenge for this caller and its end. It is not kept: its keyed digest says that it is ours and whose it is. Using it
/// twice enrols the same key, which is refused.
pub fn challenge(service: &Service, caller: &Credential) -> Result<(String, Timestamp), AppError> {
    access::only(caller, &[Role::Holder])?;
    let until = service.clock.now().plus(LIFE);
    let mut plain = service.random.bytes::<NONCE>().to_vec();
    plain.extend(until.micros().to_be_bytes());
    let mark = marks(service, caller, &plain).into_iter().next();
    plain.extend(mark.ok_or_else(|| AppError::internal("the vault has no key"))?);
    Ok((format!("{BEGINNING}{}", URL_SAFE_NO_PAD.encode(plain)), until))
}

fn marks(service: &Service, caller: &Credential, plain: &[u8]) -> Vec<[u8; 32]> {
    service.vault.pseudonyms("device-challenge", &[plain, caller.id.as_bytes()].concat())
}

fn is_ours(service: &Service, caller: &Credential, challenge: &str, now: Timestamp) -> bool {
    let bytes = challenge.strip_prefix(BEGINNING).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    let Some(bytes) = bytes.filter(|bytes| bytes.len() == NONCE + TIME + 32) else { return false };
    let (plain, mark) = bytes.split_at(NONCE + TIME);
    let mut time = [0; TIME];
    time.copy_from_slice(&plain[NONCE..]);
    let until = Timestamp::from_micros(i64::from_be_bytes(time));
    let ours = marks(service, caller, plain);
    now <= until && ours.iter().any(|known| bool::from(subtle::ConstantTimeEq::ct_eq(&known[..], mark)))
}

/// Enrols a device.
pub async fn enrol(service: &Service, caller: &Credential, request: Request) -> Result<Device, AppError> {
    access::only(caller, &[Role::Holder])?;
    let now = service.clock.now();
    let mut faults = Vec::new();
    let label = inputs::line("/label", &request.label, 1, 30, &mut faults);
    let key = PublicKey::from_spki(&request.spki).filter(|key| key.suite() == Suite::P256);
    if !is_ours(service, caller, &request.challenge, now) {
        faults.push(Fault::at("/challenge", "device.challenge"));
    }
    match key {
        None => faults.push(Fault::at("/spki", "device.key")),
        Some(key) if !key.verify_fixed(request.challenge.as_bytes(), &request.signature) => {
            faults.push(Fault::at("/signature", "device.signature"));
        }
        Some(_) => {}
    }
    if !faults.is_empty() {
        return Err(Refusal::invalid(faults).into());
    }
    let holder = caller.holder.clone().ok_or_else(|| not_found("device.unknown"))?;
    let device = Device {
        id: DeviceId::new(now, service.random.bytes()),
        holder,
        label,
        spki: request.spki,
        added_by: caller.id.clone(),
        added_at: now,
        withdrawn_at: None,
    };
    let line = audit::line(now, &caller.id, "device.enrol", device.id.as_str(), &audit::nothing());
    let row = &device;
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let all = tx.devices(&row.holder, ROWS).await?;
            if all.iter().filter(|device| device.withdrawn_at.is_none()).count() >= MOST_DEVICES {
                return Err(conflict("device.too_many").with("max", MOST_DEVICES).into());
            }
            match tx.insert_device(row).await {
                Err(StoreError::Exists(_)) => Err(conflict("device.known").into()),
                other => Ok(other?),
            }
        })
    })
    .await?;
    Ok(device)
}

/// The holder's devices, newest first.
pub async fn list(service: &Service, caller: &Credential) -> Result<Vec<Device>, AppError> {
    access::only(caller, &[Role::Holder])?;
    let holder = caller.holder.as_deref().ok_or_else(|| not_found("device.unknown"))?;
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.devices(holder, ROWS).await?) })
    });
    Ok(found.await?)
}

/// Withdraws a device: with the next status list no verifier takes its codes any more.
pub async fn withdraw(service: &Service, caller: &Credential, id: &DeviceId) -> Result<(), AppError> {
    access::only(caller, &[Role::Holder])?;
    let now = service.clock.now();
    let line = audit::line(now, &caller.id, "device.withdraw", id.as_str(), &audit::nothing());
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let device = tx.device(id.as_str()).await?;
            let own = device.filter(|device| caller.holder.as_deref() == Some(&device.holder));
            own.ok_or_else(|| not_found("device.unknown"))?;
            if !tx.withdraw_device(id.as_str(), now).await? {
                return Err(conflict("device.withdrawn").into());
            }
            tx.end_status_entries(id.as_str(), now).await?;
            Ok(())
        })
    })
    .await
}
