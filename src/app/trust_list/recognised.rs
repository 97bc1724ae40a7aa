//! Whom others' lists vouch for, as it is known now: the newest list of each place, if its signer is still trusted.
//!
//! Kept in memory and asked for anew after half a minute, so that every node of a service learns of what another one took.

use crate::app::{AppError, Service};
use crate::crypto::sha256;
use crate::documents::recognition::Recognised;
use crate::domain::time::Timestamp;
use crate::domain::trust_list::TrustList;
use crate::formats::trust_list::open;
use crate::ports::store::{self, ForeignCrl, ListVersion, Transaction, TxError};
use std::sync::Arc;
use std::time::Duration;

/// How long it is relied on before the store is asked again.
const LASTS: Duration = Duration::from_secs(30);

/// What is kept in memory.
pub(crate) struct Current {
    /// When the store was asked.
    asked: Timestamp,
    versions: Vec<ListVersion>,
    crls: Vec<ForeignCrl>,
    recognised: Arc<Recognised>,
}

impl Service {
    /// Whom others' lists vouch for.
    pub(crate) async fn recognised(&self) -> Result<Arc<Recognised>, AppError> {
        let now = self.clock.now();
        let mut current = self.recognised.lock().await;
        if let Some(known) = current.as_ref()
            && now >= known.asked
            && now.since(known.asked) < LASTS
        {
            return Ok(Arc::clone(&known.recognised));
        }
        let (versions, crls) = store::read(self.store.as_ref(), |tx, _| {
            Box::pin(async move {
                let (versions, mut crls) = (newest(tx).await?, Vec::new());
                for version in &versions {
                    crls.extend(tx.foreign_crls(&version.territory).await?);
                }
                Ok((versions, crls))
            })
        })
        .await?;
        let recognised = match current.take() {
            Some(known) if known.versions == versions && known.crls == crls => known.recognised,
            _ => Arc::new(load(self, &versions, &crls).await?),
        };
        *current = Some(Current { asked: now, versions, crls, recognised: Arc::clone(&recognised) });
        Ok(recognised)
    }

    /// Asks the store at the next question: what it holds has changed.
    pub(crate) fn forget_recognised(&self) {
        // Who holds it is asking the store at this moment; then the next half minute tells.
        if let Ok(mut current) = self.recognised.try_lock()
            && let Some(known) = current.as_mut()
        {
            known.asked = Timestamp::from_micros(i64::MIN);
        }
    }
}

/// The newest version of each place whose signer is trusted.
pub(super) async fn newest(tx: &mut dyn Transaction) -> Result<Vec<ListVersion>, TxError> {
    let signers = tx.list_signers().await?;
    let mut newest: Vec<ListVersion> = Vec::new();
    for signer in signers.iter().filter(|signer| signer.is_trusted()) {
        if newest.iter().any(|known| known.territory == signer.territory) {
            continue;
        }
        let version = tx.list_versions(&signer.territory, 1).await?.into_iter().next();
        let is_trusted = |version: &ListVersion| {
            let by = |known: &&crate::ports::store::PinnedSigner| {
                known.territory == version.territory && known.sha256 == version.signer
            };
            signers.iter().find(by).is_some_and(|known| known.is_trusted())
        };
        newest.extend(version.filter(is_trusted));
    }
    Ok(newest)
}

/// The lists, each body with the revocation list that was brought for it before those that the trust list has.
async fn load(
    service: &Service,
    versions: &[ListVersion],
    crls: &[ForeignCrl],
) -> Result<Recognised, AppError> {
    let mut files = Vec::new();
    for version in versions {
        let bytes = store::glance(service.store.as_ref(), |tx, _| {
            Box::pin(async move { Ok(tx.list_bytes(&version.territory, version.sequence).await?) })
        });
        files.extend(bytes.await?);
    }
    let crls: Vec<ForeignCrl> = crls.to_vec();
    let read = move || {
        let opened = files.iter().map(|bytes| open(bytes));
        let lists = opened.filter_map(|opened| match opened {
            Ok(opened) => Some(with_crls(opened.list, &crls)),
            Err(error) => {
                tracing::error!(%error, "a trust list that is kept cannot be read, and is left out");
                None
            }
        });
        Recognised::new(lists)
    };
    Ok(tokio::task::spawn_blocking(read).await?)
}

fn with_crls(mut list: TrustList, crls: &[ForeignCrl]) -> TrustList {
    for crl in crls.iter().filter(|crl| crl.territory == list.territory) {
        for entry in list.entries.iter_mut().filter(|entry| sha256(&entry.x509) == crl.issuer) {
            entry.crls.insert(0, crl.der.clone());
        }
    }
    list
}
