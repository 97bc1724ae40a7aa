//! What is done to a seal after it was asked for: approved (key and X.509 certificate are made), rejected, suspended,
//! resumed, revoked.

use super::error::{conflict, not_found};
use super::make_seal::{self, Made};
use super::publish_crl::Authority;
use super::{AppError, Service, access, audit, inputs, publish_crl};
use crate::domain::party::{Credential, Role};
use crate::domain::refusal::Refusal;
use crate::domain::seal::{Seal, SealAct, SealCode, SealEvent};
use crate::domain::time::Timestamp;
use crate::formats::x509;
use crate::ports::store;
use serde_json::json;
use std::sync::Arc;

/// Reason code `cessationOfOperation` (RFC 5280 §5.3.1): the seal is out of use; its key was not compromised.
const CESSATION: u8 = 5;

/// An act on a seal.
pub struct Request {
    /// Which seal.
    pub seal: SealCode,
    /// What to do.
    pub act: SealAct,
    /// Why; needed for all acts but approval, 2 to 200 characters.
    pub reason: String,
}

/// Does it and answers the seal as it stands then.
pub async fn run(service: &Arc<Service>, caller: &Credential, request: Request) -> Result<Seal, AppError> {
    let outcome = act(service, caller, &request).await;
    if let Err(AppError::Refused(refusal)) = &outcome {
        let line = line(service.clock.now(), caller, &request);
        let refused = store::AuditLine { outcome: refusal.code.to_owned(), ..line };
        audit::append(service, &refused).await?;
    }
    outcome
}

fn line(now: Timestamp, caller: &Credential, request: &Request) -> store::AuditLine {
    let action = format!("seal.{}", request.act.name());
    audit::line(now, &caller.id, &action, request.seal.as_str(), &audit::nothing())
}

async fn act(service: &Arc<Service>, caller: &Credential, request: &Request) -> Result<Seal, AppError> {
    access::only(caller, &[Role::SealAdministrator])?;
    let mut faults = Vec::new();
    let least = if request.act == SealAct::Approve { 0 } else { 2 };
    let reason = inputs::line("/reason", &request.reason, least, 200, &mut faults);
    if !faults.is_empty() {
        return Err(Refusal::invalid(faults).into());
    }
    let now = service.clock.now();
    let code = &request.seal;
    // 1. May this caller do this to the seal as it is?
    let before = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.seal(code).await?.filter(|seal| may_administer(caller, seal))) })
    })
    .await?;
    let before = before.ok_or_else(|| not_found("seal.unknown"))?;
    let state = before.after(request.act, &caller.id)?;
    let mut after = Seal { state, revision: before.revision + 1, ..before.clone() };
    // 2. Approval makes the keys, then their X.509 certificates. All are useless until step 3 commits.
    let mut made = Vec::new();
    if request.act == SealAct::Approve {
        after.approved_by = Some(caller.id.clone());
        // The period that was asked for begins with the approval.
        after.valid_from = now.whole_second();
        after.valid_until = after.valid_from.plus(before.valid_until.since(before.valid_from));
        let (service, seal) = (Arc::clone(service), after.clone());
        let means = service.seal_means(code).await?.ok_or_else(|| not_found("seal.unknown"))?;
        let making = tokio::task::spawn_blocking(move || make_seal::run(&service, &seal, &means.picture));
        let credentials = making.await??;
        after.valid_until = credentials.valid_until;
        made = credentials.made;
    }
    let revoked =
        if request.act == SealAct::Revoke { to_revoke(service, &before).await? } else { Vec::new() };
    // 3. One transaction.
    let event = SealEvent { seal: code.clone(), state, at: now, by: caller.id.clone(), reason };
    let change = Change { before: &before, after: &after, event, made, revoked };
    commit(service, caller, request, &change, now).await?;
    // 4. A revocation is published at once; files sealed from now on must not carry the list before it.
    for (authority, _) in &change.revoked {
        publish(service, authority, now).await;
    }
    Ok(after)
}

/// The seal's X.509 certificates: their authorities, and their serial numbers.
async fn to_revoke<'s>(service: &'s Service, seal: &Seal) -> Result<Vec<(&'s Authority, String)>, AppError> {
    let means = service.seal_means(&seal.code).await?.ok_or_else(|| not_found("seal.unknown"))?;
    let mut found = Vec::new();
    for credential in &means.credentials {
        let not_here = || conflict("seal.suite_not_here").with("suite", credential.suite.name());
        let authorities = service.authorities.of(credential.suite).ok_or_else(not_here)?;
        let serial = x509::read(&credential.x509).map_err(AppError::internal)?.serial_hex;
        found.push((&authorities.seal, serial));
    }
    Ok(found)
}

fn may_administer(caller: &Credential, seal: &Seal) -> bool {
    caller.department.as_ref().is_none_or(|own| *own == seal.owner_code)
        && caller.seals.allows(seal.code.as_str())
}

struct Change<'a> {
    before: &'a Seal,
    after: &'a Seal,
    event: SealEvent,
    made: Vec<Made>,
    revoked: Vec<(&'a Authority, String)>,
}

async fn commit(
    service: &Service,
    caller: &Credential,
    request: &Request,
    change: &Change<'_>,
    now: Timestamp,
) -> Result<(), AppError> {
    let line = line(now, caller, request);
    let topic = format!("seal.{}", change.after.state.name());
    let body = json!({ "act": request.act.name() });
    let outbox = audit::event(service, now, &topic, request.seal.as_str(), &body);
    let outbox = outbox.concerning([&change.after.owner_code]);
    let (line, outbox) = (&line, &outbox);
    store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            if !tx.update_seal(change.after, change.before.revision).await? {
                return Err(conflict("seal.changed").into());
            }
            for made in &change.made {
                tx.insert_x509(&made.x509).await?;
                tx.insert_seal_credential(&request.seal, &made.credential).await?;
            }
            for (authority, serial) in &change.revoked {
                tx.revoke_x509(&authority.name, serial, now.whole_second(), CESSATION).await?;
            }
            tx.add_seal_event(&change.event).await?;
            tx.append_audit(line).await?;
            Ok(tx.append_event(outbox).await?)
        })
    })
    .await?;
    Ok(())
}

/// The revocation stands even if no list can be made now: the jobs make one as soon as they can.
async fn publish(service: &Service, authority: &Authority, now: Timestamp) {
    let (store, keys) = (service.store.as_ref(), service.keys.as_ref());
    if let Err(error) = publish_crl::run(store, keys, authority, now).await {
        tracing::error!(%error, "no revocation list after a seal was revoked");
    }
    service.forget_sealing();
}
