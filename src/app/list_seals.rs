//! Reads seals and their histories.

use super::error::not_found;
use super::{AppError, Service, access, inputs};
use crate::domain::party::{Credential, Person, Role};
use crate::domain::seal::{Approval, HeldPaper, Seal, SealCode, SealEvent};
use crate::ports::store::{self, StoreError, Transaction};

/// Who may see seals.
const READERS: [Role; 4] = [Role::Department, Role::SealAdministrator, Role::Auditor, Role::Operator];

/// Seals by code after `after`: those of the caller's department, or all for callers who act for none.
pub async fn run(
    service: &Service,
    caller: &Credential,
    after: &str,
    limit: Option<u32>,
) -> Result<Vec<Seal>, AppError> {
    access::only(caller, &READERS)?;
    let limit = inputs::rows(limit);
    let owner = caller.department.as_deref();
    let seals = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.seals(owner, after, limit).await?) })
    })
    .await?;
    Ok(seals)
}

/// A seal with what was done to it.
pub struct Life {
    /// The seal.
    pub seal: Seal,
    /// Its history, oldest first.
    pub events: Vec<SealEvent>,
    /// Every approval that was given, oldest first.
    pub approvals: Vec<Approval>,
    /// Who asked for it.
    pub applicant: Person,
    /// Those of its papers whose bytes are kept.
    pub held: Vec<HeldPaper>,
}

/// One seal with its life.
pub async fn one(service: &Service, caller: &Credential, code: &SealCode) -> Result<Life, AppError> {
    access::only(caller, &READERS)?;
    let mut found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let seal = tx.seal(code).await?.filter(|seal| may_see(caller, seal));
            let seal = seal.ok_or_else(|| not_found("seal.unknown"))?;
            let events = tx.seal_events(code).await?;
            let applicant = applicant(tx, &seal).await?;
            let (approvals, held) = (tx.seal_approvals(code).await?, tx.seal_papers(code).await?);
            Ok(Life { seal, events, approvals, applicant, held })
        })
    })
    .await?;
    found.approvals.sort_by_key(|approval| approval.at);
    Ok(found)
}

/// Who asked for a seal.
pub(super) async fn applicant(tx: &mut dyn Transaction, seal: &Seal) -> Result<Person, StoreError> {
    let credential = tx.credential(&seal.requested_by).await?;
    Ok(credential.map_or_else(|| Person::unknown(&seal.requested_by), |by| Person::of(&by)))
}

/// The seal as an object of GB/T 38540-2020 (`.esl`), DER: for programs that seal or check elsewhere.
pub async fn object(service: &Service, caller: &Credential, code: &SealCode) -> Result<Vec<u8>, AppError> {
    one(service, caller, code).await?;
    let means = service.seal_means(code).await?.ok_or_else(|| not_found("seal.unknown"))?;
    let object = means.credentials.iter().find_map(|credential| credential.object.clone());
    Ok(object.ok_or_else(|| not_found("seal.no_object"))?)
}

fn may_see(caller: &Credential, seal: &Seal) -> bool {
    caller.department.as_ref().is_none_or(|department| *department == seal.owner_code)
}
