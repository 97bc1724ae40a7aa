//! The departments' keys for offline codes. Each lives where all keys live, under `offline/{credit code}/{day}`, signs for a
//! year and is renewed a month before its end; the bundle names it until the last code that it signed is over.

use crate::app::{AppError, Service};
use crate::domain::offline_code::{KEY_LIFE, OfflineKey, PaperLife};
use crate::domain::time::{Timestamp, format_date};
use crate::formats::offline_code::key_id;
use crate::ports::store::{self, StoreError};
use std::sync::Arc;
use std::time::Duration;

/// A key that ends sooner is renewed.
const RENEWED: Duration = Duration::from_secs(30 * 86_400);

/// The key that a department signs with now; made where it has none.
pub(super) async fn of(service: &Arc<Service>, department: &str) -> Result<OfflineKey, AppError> {
    let now = service.clock.now();
    let soon = now.plus(RENEWED);
    let known = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.offline_key_of(department, soon).await?) })
    });
    match known.await? {
        Some(key) => Ok(key),
        None => make(service, department, now.whole_second()).await,
    }
}

/// Sees to it that every department has a key before its first code: verifiers then have the key in time.
pub(super) async fn of_all(service: &Arc<Service>) -> Result<(), AppError> {
    let departments =
        store::read(service.store.as_ref(), |tx, _| Box::pin(async move { Ok(tx.departments().await?) }));
    for department in departments.await? {
        of(service, &department.code).await?;
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
    let handle = format!("offline/{}/{}", department.to_ascii_lowercase(), format_date(now.date_in_china()));
    let making = {
        let service = Arc::clone(service);
        tokio::task::spawn_blocking(move || super::key(service.keys.as_ref(), &handle))
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
                Err(StoreError::Exists(_)) => Ok(tx.offline_key_of(&key.issuer, now).await?),
                Err(other) => Err(other.into()),
            }
        })
    });
    kept.await?.ok_or_else(|| AppError::internal("a key is another department's"))
}
