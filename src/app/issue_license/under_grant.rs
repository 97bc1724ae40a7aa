//! Issuing under a grant: each use is counted when the intent is recorded, and settled with it.

use super::Order;
use crate::app::error::{conflict, forbidden};
use crate::app::{Service, space};
use crate::domain::grant::{Grant, GrantId, GrantUse, UseOutcome, UseSubject};
use crate::domain::space::Used;
use crate::domain::time::Timestamp;
use crate::ports::store::{Issuance, Transaction, TxError};

/// Counts the use. What is refused here was granted a moment ago: somebody else took the last use, or it was withdrawn.
pub(super) async fn count(
    tx: &mut dyn Transaction,
    grant: &GrantId,
    order: &Order,
    issuance: &Issuance,
) -> Result<(), TxError> {
    let used = GrantUse {
        grant: grant.clone(),
        subject: UseSubject::License(issuance.license.clone()),
        kind: order.kind.clone(),
        by: issuance.requested_by.clone(),
        at: issuance.started_at,
        outcome: UseOutcome::Open,
    };
    if tx.take_grant_use(&used).await? {
        return Ok(());
    }
    stored(tx, grant).await?.check(&order.seal, &order.kind, issuance.started_at, false)?;
    Err(conflict("grant.changed").into())
}

/// Asks for the grant once more, in the transaction that releases, and says that the use is done.
pub(super) async fn done(
    tx: &mut dyn Transaction,
    service: &Service,
    grant: &GrantId,
    (order, issuance): (&Order, &Issuance),
    now: Timestamp,
) -> Result<(), TxError> {
    let grant = stored(tx, grant).await?;
    grant.check(&order.seal, &order.kind, now, true)?;
    tx.settle_grant_use(&UseSubject::License(issuance.license.clone()), UseOutcome::Done).await?;
    let by = tx.credential(&issuance.requested_by).await?.ok_or_else(|| forbidden("caller.unknown"))?;
    let used =
        Used::SealedLicense { seal: order.seal.clone(), license: issuance.license.clone(), grant: grant.id };
    space::note(tx, service, (&grant.owner, &by), used, now).await.map(drop)
}

/// The grant, which is never deleted.
pub(crate) async fn stored(tx: &mut dyn Transaction, grant: &GrantId) -> Result<Grant, TxError> {
    Ok(tx.grant(grant).await?.ok_or_else(|| conflict("grant.unknown"))?)
}
