//! The key that answers to questions about seals are signed with, and its X.509 certificate: made on the first question and
//! renewed in time, by the seal CA of P-256.

use super::{AppError, Service, make_seal};
use crate::crypto::Suite;
use crate::domain::time::Timestamp;
use crate::formats::x509::Profile;
use crate::ports::keys::{KeyError, KeyHandle};
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
    let profile = Profile::SealStatus { name: NAME.to_owned() };
    let from = now.whole_second();
    let period = (from, from.plus(profile.life()));
    let authority = &service.authorities.p256.seal;
    let issued = make_seal::issue_by(service, authority, &profile, &public.spki, period)?;
    Ok((StatusSigner { key, x509: issued.der.clone(), not_after: issued.not_after }, issued))
}
