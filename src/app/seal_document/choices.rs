//! Which seals a caller can put on a document now, and what they look like.

use super::SEALERS;
use crate::app::error::not_found;
use crate::app::{AppError, Service, access, draw_seal};
use crate::domain::grant::{Grant, GrantState};
use crate::domain::party::{Credential, Role};
use crate::domain::permit;
use crate::domain::seal::{Seal, SealCode};
use crate::domain::seal_job::key_owner;
use crate::ports::store::{self, Transaction, TxError};

/// Most seals and most grants that are looked at.
const MOST: u32 = 200;

/// A seal that can be used.
pub struct Choice {
    /// It.
    pub seal: Seal,
    /// The grant under which, where it is another's.
    pub grant: Option<Grant>,
}

/// The seals of the caller's own body, and those that were granted for documents; each of them usable now.
pub async fn choices(service: &Service, caller: &Credential) -> Result<Vec<Choice>, AppError> {
    access::only(caller, SEALERS)?;
    let now = service.clock.now();
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let mut found = Vec::new();
            if matches!(caller.role, Role::Department | Role::CompanyManager) {
                let own = tx.seals(Some(key_owner(caller)), "", MOST).await?;
                found.extend(own.into_iter().map(|seal| Choice { seal, grant: None }));
            }
            for grant in granted(&mut *tx, caller).await? {
                if grant.documents
                    && grant.state(now) == GrantState::InForce
                    && let Some(seal) = tx.seal(&grant.seal).await?
                {
                    found.push(Choice { seal, grant: Some(grant) });
                }
            }
            Ok(found)
        })
    })
    .await?;
    let usable = |choice: &Choice| {
        permit::to_seal_document(caller, choice.grant.as_ref(), &choice.seal, now, false).is_ok()
    };
    Ok(found.into_iter().filter(usable).collect())
}

/// The picture of a seal that the caller's body owns or that was ever granted to the caller, as SVG.
pub async fn picture(service: &Service, caller: &Credential, code: &SealCode) -> Result<String, AppError> {
    access::only(caller, SEALERS)?;
    let theirs = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let seal = tx.seal(code).await?;
            let own = seal.is_some_and(|seal| permit::acts_for(caller, &seal.owner_code));
            Ok(own || granted(tx, caller).await?.iter().any(|grant| grant.seal == *code))
        })
    });
    if !theirs.await? {
        return Err(not_found("seal.unknown").into());
    }
    let means = service.seal_means(code).await?.ok_or_else(|| not_found("seal.unknown"))?;
    Ok(draw_seal::svg(&means.picture))
}

async fn granted(tx: &mut dyn Transaction, caller: &Credential) -> Result<Vec<Grant>, TxError> {
    let mut grants = tx.grants_to_credential(&caller.id, None, MOST).await?;
    if let Some(body) = caller.department.as_deref().filter(|_| caller.role == Role::Department) {
        grants.extend(tx.grants_to_body(body, None, MOST).await?);
    }
    Ok(grants)
}
