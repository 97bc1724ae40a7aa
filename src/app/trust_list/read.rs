//! Whom we recognise, for everybody; and the versions that were taken, for those who look after it.

use super::place;
use super::recognised::newest;
use crate::app::access::only;
use crate::app::{AppError, Service, inputs};
use crate::domain::party::{Credential, Role};
use crate::domain::trust_list::TrustList;
use crate::ports::store::{self, ListVersion, PinnedSigner};

/// A place whose list may be taken.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its signers, whatever became of them.
    pub signers: Vec<PinnedSigner>,
    /// The version that is relied on.
    pub version: Option<ListVersion>,
    /// What it says.
    pub list: Option<TrustList>,
}

/// Every place, by its code. Open to everybody: whom we recognise is no secret.
pub async fn all(service: &Service) -> Result<Vec<Known>, AppError> {
    let recognised = service.recognised().await?;
    let read = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok((tx.list_signers().await?, newest(tx).await?)) })
    });
    let (signers, versions) = read.await?;
    let mut all: Vec<Known> = Vec::new();
    for signer in signers {
        match all.last_mut() {
            Some(last) if last.signers[0].territory == signer.territory => last.signers.push(signer),
            _ => {
                let version = versions.iter().find(|version| version.territory == signer.territory);
                let list = recognised.lists().find(|list| {
                    version.is_some_and(|version| {
                        version.territory == list.territory && version.sequence == list.sequence
                    })
                });
                let (version, list) = (version.cloned(), list.cloned());
                all.push(Known { signers: vec![signer], version, list });
            }
        }
    }
    Ok(all)
}

/// The versions of a place's list that were taken, newest first.
pub async fn versions(
    service: &Service,
    caller: &Credential,
    territory: &str,
    limit: Option<u32>,
) -> Result<Vec<ListVersion>, AppError> {
    only(caller, &[Role::Operator, Role::Auditor])?;
    let territory = &place(territory)?;
    let limit = inputs::rows(limit);
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.list_versions(territory, limit).await?) })
    });
    Ok(found.await?)
}
