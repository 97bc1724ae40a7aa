//! What becomes of a seal's X.509 certificates when the seal ends: they are revoked, and new lists say so.

use super::error::{conflict, not_found};
use super::publish_crl::{self, Authority, PRIVILEGE_WITHDRAWN};
use super::{AppError, Service};
use crate::domain::seal::{Seal, SealState};
use crate::domain::time::Timestamp;
use crate::formats::x509;
use crate::ports::store::{StoreError, Transaction};

/// Reason code `superseded` (RFC 5280 §5.3.1): another seal took its place.
const SUPERSEDED: u8 = 4;
/// Reason code `cessationOfOperation`: the seal is out of use; its key was not compromised.
const CESSATION: u8 = 5;

/// One X.509 certificate to be revoked.
pub(super) struct Ending<'s> {
    authority: &'s Authority,
    serial: String,
    at: Timestamp,
    reason: u8,
}

/// The endings that go with `seal` entering its state at `now`; none where it goes on. Those of a void seal reach back to the
/// beginning: whoever checks with a newer list and without asking us finds that its certificates were never good.
pub(super) async fn endings<'s>(
    service: &'s Service,
    seal: &Seal,
    now: Timestamp,
) -> Result<Vec<Ending<'s>>, AppError> {
    let reason = match seal.state {
        SealState::Replaced => SUPERSEDED,
        SealState::Cancelled => CESSATION,
        SealState::Void => PRIVILEGE_WITHDRAWN,
        _ => return Ok(Vec::new()),
    };
    let means = service.seal_means(&seal.code).await?.ok_or_else(|| not_found("seal.unknown"))?;
    let mut found = Vec::new();
    for credential in &means.credentials {
        let not_here = || conflict("seal.suite_not_here").with("suite", credential.suite.name());
        let authorities = service.authorities.of(credential.suite).ok_or_else(not_here)?;
        let facts = x509::read(&credential.x509).map_err(AppError::internal)?;
        let at = if seal.state == SealState::Void { facts.not_before } else { now.whole_second() };
        found.push(Ending { authority: &authorities.seal, serial: facts.serial_hex, at, reason });
    }
    Ok(found)
}

/// Enters them in the register. One that was revoked before stays as it is, unless it now counts as revoked from an earlier
/// time on: a seal that was cancelled and turns out to be void.
pub(super) async fn revoke(tx: &mut dyn Transaction, endings: &[Ending<'_>]) -> Result<(), StoreError> {
    for ending in endings {
        tx.revoke_x509(&ending.authority.name, &ending.serial, ending.at, ending.reason).await?;
    }
    Ok(())
}

/// Publishes at once: files sealed from now on must not carry the lists before it. The revocations stand even if no list can
/// be made now: the jobs make one as soon as they can.
pub(super) async fn publish(service: &Service, endings: &[Ending<'_>], now: Timestamp) {
    let (store, keys) = (service.store.as_ref(), service.keys.as_ref());
    let mut authorities: Vec<&Authority> = endings.iter().map(|ending| ending.authority).collect();
    authorities.dedup_by_key(|authority| &authority.name);
    for authority in authorities {
        if let Err(error) = publish_crl::run(store, keys, authority, now).await {
            tracing::error!(%error, "no revocation list after a seal ended");
        }
        service.forget_sealing();
    }
}
