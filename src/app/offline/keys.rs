//! The departments' keys for offline codes, each of the suite that was chosen for its department. Each lives where all keys
//! live, under `offline/{credit code}/{day}` (`…-sm2` in SM2), signs for a
//! year and is renewed a month before its end; the bundle names it until the last code that it signed is over.

use crate::app::{AppError, Service};
use crate::crypto::{PublicKey, Suite};
use crate::domain::offline_code::{KEY_LIFE, OfflineKey, PaperLife};
use crate::domain::time::{Timestamp, format_date};
use crate::formats::offline_code::key_id;
use crate::ports::store::{self, StoreError};
use std::sync::Arc;
use std::time::Duration;

/// A key that ends sooner is renewed.
const RENEWED: Duration = Duration::from_secs(30 * 86_400);

/// The suite that a department's codes are signed in, as the operator chose it (`offline_codes.sm2`).
fn suite_for(service: &Service, department: &str) -> Suite {
    if service.settings.offline_in_sm2.contains(department) { Suite::Sm2 } else { Suite::P256 }
}

/// The suite of a key: the key itself says it, never a code.
pub(super) fn suite_of(key: &OfflineKey) -> Result<Suite, AppError> {
    let public = PublicKey::from_spki(&key.spki).ok_or_else(|| AppError::internal("no public key"))?;
    Ok(public.suite())
}

/// The one of these keys that signs for the department, in the suite chosen for it.
fn chosen(service: &Service, department: &str, keys: Vec<OfflineKey>) -> Option<OfflineKey> {
    let suite = suite_for(service, department);
    let own = keys.into_iter().filter(|key| key.issuer == department);
    own.filter(|key| suite_of(key).is_ok_and(|own| own == suite)).max_by_key(|key| key.until)
}

/// The key that a department signs with now; made where it has none.
pub(super) async fn of(service: &Arc<Service>, department: &str) -> Result<OfflineKey, AppError> {
    let now = service.clock.now();
    let soon = now.plus(RENEWED);
    let known = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.offline_key_of(department, soon).await?) })
    });
    let newest = known.await?;
    if let Some(key) = chosen(service, department, newest.into_iter().collect()) {
        return Ok(key);
    }
    // The choice was changed: there may be an older one of the suite that was chosen again.
    let all = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.offline_keys(soon).await?) })
    });
    match chosen(service, department, all.await?) {
        Some(key) => Ok(key),
        None => make(service, department, now.whole_second()).await,
    }
}

/// Sees to it that every department has a key before its first code: verifiers then have the key in time.
pub(super) async fn of_all(service: &Arc<Service>) -> Result<(), AppError> {
    let now = service.clock.now();
    let soon = now.plus(RENEWED);
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok((tx.departments().await?, tx.offline_keys(soon).await?)) })
    });
    let (departments, keys) = found.await?;
    for department in departments {
        let own = keys.iter().filter(|key| key.issuer == department.code).cloned().collect();
        if chosen(service, &department.code, own).is_none() {
            make(service, &department.code, now.whole_second()).await?;
        }
    }
    Ok(())
}

/// All keys whose codes may still be shown.
pub(super) async fn in_use(service: &Service) -> Result<Vec<OfflineKey>, AppError> {
    let longest = PaperLife::ALL.into_iter().map(PaperLife::time).max().unwrap_or_default();
    let since = service.clock.now().minus(longest);
    let keys = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.offline_keys(since).await?) })
    });
    Ok(keys.await?)
}

/// Two that make one on the same day make the same.
async fn make(service: &Arc<Service>, department: &str, now: Timestamp) -> Result<OfflineKey, AppError> {
    let suite = suite_for(service, department);
    let day = format_date(now.date_in_china());
    // A key is of one suite, so each of a day has a handle of its own.
    let ending = if suite == Suite::P256 { String::new() } else { format!("-{}", suite.name()) };
    let handle = format!("offline/{}/{day}{ending}", department.to_ascii_lowercase());
    let making = {
        let service = Arc::clone(service);
        tokio::task::spawn_blocking(move || super::key_of(service.keys.as_ref(), &handle, suite))
    };
    let (handle, public) = making.await??;
    let key = &OfflineKey {
        kid: key_id(&public.spki),
        issuer: department.to_owned(),
        handle: handle.as_str().to_owned(),
        spki: public.spki,
        from: now,
        until: now.plus(KEY_LIFE),
    };
    let kept = store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            match tx.insert_offline_key(key).await {
                Ok(()) => Ok(Some(key.clone())),
                Err(StoreError::Exists(_)) => Ok(tx
                    .offline_keys(now)
                    .await?
                    .into_iter()
                    .find(|known| known.kid == key.kid && known.issuer == key.issuer)),
                Err(other) => Err(other.into()),
            }
        })
    });
    kept.await?.ok_or_else(|| AppError::internal("a key is another department's"))
}
