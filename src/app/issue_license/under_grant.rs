//! Issuing under a grant: each use is counted when the intent is recorded, and settled with it.

use super::Order;
use crate::app::error::conflict;
use crate::domain::grant::{Grant, GrantId, GrantUse, UseOutcome, UseSubject};
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
    grant: &GrantId,
    order: &Order,
    issuance: &Issuance,
    now: Timestamp,
) -> Result<(), TxError> {
    stored(tx, grant).await?.check(&order.seal, &order.kind, now, true)?;
    tx.settle_grant_use(&issuance.license, UseOutcome::Done).await?;
    Ok(())
}

/// The grant, which is never deleted.
pub(super) async fn stored(tx: &mut dyn Transaction, grant: &GrantId) -> Result<Grant, TxError> {
    Ok(tx.grant(grant).await?.ok_or_else(|| conflict("grant.unknown"))?)
}
