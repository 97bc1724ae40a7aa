//! The key that answers to questions about seals are signed with, and its X.509 certificate: made on the first question and
//! renewed in time, by the seal CA of P-256.

use super::{AppError, Service};
use crate::crypto::Suite;
use crate::domain::time::Timestamp;
use crate::formats::x509::{self, Issuer, Particulars, Profile};
use crate::ports::keys::{HandleSigner, KeyError, KeyHandle};
use crate::ports::random::Random;
use crate::ports::store::{self, IssuedX509};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// Its key.
const KEY: &str = "seal-status";
/// Its common name.
const NAME: &str = "Seal status";
/// It is renewed so long before its end, so that an answer outlives its day.
const RENEWED: Duration = Duration::from_secs(7 * 86_400);

/// What answers are signed with.
pub(crate) struct StatusSigner {
    /// The key.
    pub key: KeyHandle,
    /// Its certificate, DER.
    pub x509: Vec<u8>,
    not_after: Timestamp,
}

impl StatusSigner {
    /// The signer in use. Two first questions at once may make two certificates of the one key, which does no harm.
    pub async fn of(service: &Arc<Service>) -> Result<Arc<Self>, AppError> {
        let now = service.clock.now();
        let kept = service.status_signer.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(kept) = kept.filter(|kept| now.plus(RENEWED) < kept.not_after) {
            return Ok(kept);
        }
        let making = {
            let service = Arc::clone(service);
            tokio::task::spawn_blocking(move || make(&service, now))
        };
        let (signer, issued) = making.await??;
        let (signer, issued) = (Arc::new(signer), &issued);
        store::write(service.store.as_ref(), |tx, _| {
            Box::pin(async move { Ok(tx.insert_x509(issued).await?) })
        })
        .await?;
        let mut place = service.status_signer.lock().unwrap_or_else(PoisonError::into_inner);
        *place = Some(Arc::clone(&signer));
        Ok(signer)
    }
}

fn make(service: &Service, now: Timestamp) -> Result<(StatusSigner, IssuedX509), AppError> {
    let key = KeyHandle::parse(KEY).ok_or_else(|| AppError::internal("no key handle"))?;
    let public = match service.keys.generate(&key, Suite::P256) {
        Err(KeyError::Exists(_)) => service.keys.public_key(&key)?,
        other => other?,
    };
    let authority = &service.authorities.p256.seal;
    let signer = HandleSigner::new(service.keys.as_ref(), &authority.key)?;
    let issuer = Issuer { x509: &authority.x509, signer: &signer };
    let profile = Profile::SealStatus { name: NAME.to_owned() };
    let random: &dyn Random = service.random.as_ref();
    let address = service.settings.crl_address(&authority.name);
    let end = x509::read(&authority.x509).map_err(AppError::internal)?.not_after;
    let particulars = Particulars {
        serial: random.bytes(),
        not_before: now.whole_second(),
        not_after: now.whole_second().plus(profile.life()).min(end),
        crl_address: Some(&address),
    };
    let der = x509::issue(&profile, &particulars, &public.spki, &issuer).map_err(AppError::internal)?;
    let facts = x509::read(&der).map_err(AppError::internal)?;
    let issued = IssuedX509 {
        authority: authority.name.clone(),
        serial: facts.serial_hex,
        der: der.clone(),
        not_after: facts.not_after,
        revoked: None,
    };
    Ok((StatusSigner { key, x509: der, not_after: facts.not_after }, issued))
}
