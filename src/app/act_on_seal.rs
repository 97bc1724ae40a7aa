//! What is done to a seal after it was asked for: approved (key and X.509 certificate are made), rejected, suspended,
//! resumed, revoked.

use super::error::{conflict, not_found};
use super::service::{Hierarchy, suite_of};
use super::{AppError, Service, access, audit, inputs, publish_crl};
use crate::domain::party::{Credential, Role};
use crate::domain::refusal::Refusal;
use crate::domain::seal::{Seal, SealAct, SealCode, SealEvent};
use crate::domain::time::Timestamp;
use crate::formats::x509::{self, Issuer, Particulars, Profile};
use crate::ports::keys::{HandleSigner, KeyError, KeyHandle};
use crate::ports::random::Random;
use crate::ports::store::{self, IssuedX509};
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
    // 2. Approval makes the key, then its X.509 certificate. Both are useless until step 3 commits.
    let made = if request.act == SealAct::Approve {
        after.approved_by = Some(caller.id.clone());
        // The period that was asked for begins with the approval.
        after.valid_from = now.whole_second();
        after.valid_until = after.valid_from.plus(before.valid_until.since(before.valid_from));
        let (service, seal) = (Arc::clone(service), after.clone());
        Some(tokio::task::spawn_blocking(move || make(&service, &seal)).await??)
    } else {
        None
    };
    if let Some(made) = &made {
        after.key = Some(made.key.as_str().to_owned());
        after.x509 = Some(made.x509.der.clone());
        after.valid_until = made.x509.not_after;
    }
    let revoked = if request.act == SealAct::Revoke { serial(&before)? } else { None };
    // 3. One transaction.
    let event = SealEvent { seal: code.clone(), state, at: now, by: caller.id.clone(), reason };
    let change = Change { before: &before, after: &after, event, made: made.as_ref(), revoked };
    commit(service, caller, request, &change, now).await?;
    // 4. A revocation is published at once; files sealed from now on must not carry the list before it.
    if change.revoked.is_some() {
        publish(service, hierarchy(service, &after)?, now).await;
    }
    Ok(after)
}

/// The authorities of the seal's suite.
fn hierarchy<'s>(service: &'s Service, seal: &Seal) -> Result<&'s Hierarchy, AppError> {
    let not_here = || conflict("seal.suite_not_here").with("suite", seal.suite.name());
    Ok(service.authorities.of_seal(seal.suite).ok_or_else(not_here)?)
}

fn may_administer(caller: &Credential, seal: &Seal) -> bool {
    caller.department.as_ref().is_none_or(|own| *own == seal.owner_code)
        && caller.seals.allows(seal.code.as_str())
}

struct Made {
    key: KeyHandle,
    x509: IssuedX509,
}

/// Makes the seal's key and X.509 certificate. A key that an interrupted approval left behind is taken up.
fn make(service: &Service, seal: &Seal) -> Result<Made, AppError> {
    let key = KeyHandle::parse(&format!("seal/{}", seal.code))
        .ok_or_else(|| AppError::internal("a seal code is no key handle"))?;
    let authority = &hierarchy(service, seal)?.seal;
    let public = match service.keys.generate(&key, suite_of(seal)) {
        Err(KeyError::Exists(_)) => service.keys.public_key(&key)?,
        other => other?,
    };
    if public.suite != suite_of(seal) {
        return Err(AppError::internal(format!("the key {key} is there and of another suite")));
    }
    let signer = HandleSigner::new(service.keys.as_ref(), &authority.key)?;
    let issuer = Issuer { x509: &authority.x509, signer: &signer };
    let profile = Profile::Seal {
        owner_code: seal.owner_code.clone(),
        owner_name: seal.owner_name.clone(),
        seal_code: seal.code.as_str().to_owned(),
    };
    let random: &dyn Random = service.random.as_ref();
    let address = service.settings.crl_address(&authority.name);
    // A certificate that outlives its issuer is worth nothing after the issuer's end.
    let end = x509::read(&authority.x509).map_err(AppError::internal)?.not_after;
    let particulars = Particulars {
        serial: random.bytes(),
        not_before: seal.valid_from,
        not_after: seal.valid_until.min(seal.valid_from.plus(profile.life())).min(end),
        crl_address: Some(&address),
    };
    let der = x509::issue(&profile, &particulars, &public.spki, &issuer).map_err(AppError::internal)?;
    let facts = x509::read(&der).map_err(AppError::internal)?;
    let x509 = IssuedX509 {
        authority: authority.name.clone(),
        serial: facts.serial_hex,
        der,
        not_after: facts.not_after,
        revoked: None,
    };
    Ok(Made { key, x509 })
}

fn serial(seal: &Seal) -> Result<Option<String>, AppError> {
    let Some(der) = &seal.x509 else { return Ok(None) };
    Ok(Some(x509::read(der).map_err(AppError::internal)?.serial_hex))
}

struct Change<'a> {
    before: &'a Seal,
    after: &'a Seal,
    event: SealEvent,
    made: Option<&'a Made>,
    revoked: Option<String>,
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
    let authority = match &change.revoked {
        Some(_) => hierarchy(service, change.after)?.seal.name.as_str(),
        None => "",
    };
    let (line, outbox) = (&line, &outbox);
    store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            if !tx.update_seal(change.after, change.before.revision).await? {
                return Err(conflict("seal.changed").into());
            }
            if let Some(made) = change.made {
                tx.insert_x509(&made.x509).await?;
            }
            if let Some(serial) = &change.revoked {
                tx.revoke_x509(authority, serial, now.whole_second(), CESSATION).await?;
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
async fn publish(service: &Service, authorities: &Hierarchy, now: Timestamp) {
    let (store, keys) = (service.store.as_ref(), service.keys.as_ref());
    if let Err(error) = publish_crl::run(store, keys, &authorities.seal, now).await {
        tracing::error!(%error, "no revocation list after a seal was revoked");
    }
    service.forget_sealing();
}
