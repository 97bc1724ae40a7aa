//! The seal that seals papers of the service: an operator proposes one, whoever acts for its owner agrees (所有者掌控). It is
//! in use until another one is agreed to.

use crate::app::error::{conflict, not_found};
use crate::app::{AppError, Service, access, audit};
use crate::domain::paper::ServiceSeal;
use crate::domain::party::{Credential, Role};
use crate::domain::permit;
use crate::domain::refusal::{Refusal, RefusalClass};
use crate::domain::seal::{OwnerKind, Seal, SealCode};
use crate::domain::time::Timestamp;
use crate::ports::store::{self, Transaction, TxError};

/// An operator proposes a seal. It must be one of a department and in force.
pub async fn propose(service: &Service, caller: &Credential, code: &SealCode) -> Result<(), AppError> {
    access::only(caller, &[Role::Operator])?;
    let now = service.clock.now();
    let line = audit::line(now, &caller.id, "service_seal.propose", code.as_str(), &audit::nothing());
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let seal = tx.seal(code).await?.filter(|seal| seal.owner_kind == OwnerKind::Organ);
            let seal = seal.ok_or_else(|| not_found("seal.unknown"))?;
            seal.check_usable(now)?;
            Ok(tx.propose_service_seal(code, &caller.id, now).await?)
        })
    })
    .await
}

/// The owner of the seal agrees; from now on it is in use.
pub async fn agree(service: &Service, caller: &Credential, code: &SealCode) -> Result<(), AppError> {
    access::only(caller, &[Role::Department])?;
    let now = service.clock.now();
    let line = audit::line(now, &caller.id, "service_seal.agree", code.as_str(), &audit::nothing());
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let seal = tx.seal(code).await?;
            let theirs = |seal: &Seal| {
                permit::acts_for(caller, &seal.owner_code) && caller.seals.allows(code.as_str())
            };
            let seal = seal.filter(theirs).ok_or_else(|| not_found("seal.unknown"))?;
            seal.check_usable(now)?;
            if tx.agree_to_service_seal(code, &caller.id, now).await? {
                return Ok(());
            }
            Err(conflict("service_seal.not_proposed").into())
        })
    })
    .await
}

/// The seal in use, and how it came to be.
pub async fn current(service: &Service, caller: &Credential) -> Result<ServiceSeal, AppError> {
    access::only(caller, &[Role::Operator, Role::Department, Role::Auditor])?;
    let found =
        store::glance(service.store.as_ref(), |tx, _| Box::pin(async move { Ok(tx.service_seal().await?) }));
    Ok(found.await?.ok_or_else(|| not_found("service_seal.none"))?)
}

/// The seal in use, if it may seal now; with `wanted`, only if it is that one.
pub(super) async fn usable(
    tx: &mut dyn Transaction,
    wanted: Option<&SealCode>,
    now: Timestamp,
) -> Result<(ServiceSeal, Seal), TxError> {
    let none = || Refusal::new(RefusalClass::Conflict, "service_seal.none");
    let appointed = tx.service_seal().await?.filter(|seal| wanted.is_none_or(|code| *code == seal.seal));
    let appointed = appointed.ok_or_else(none)?;
    let seal = tx.seal(&appointed.seal).await?.ok_or_else(none)?;
    permit::for_service(&appointed, &seal, now)?;
    Ok((appointed, seal))
}
