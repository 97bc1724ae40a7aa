//! What other systems may ask: registered by one operator, in force once another has confirmed it. And how often they did.

use super::SYSTEMS;
use crate::app::error::{conflict, not_found};
use crate::app::{AppError, Service, access, audit, inputs};
use crate::domain::grant::Withdrawal;
use crate::domain::party::{Credential, Person, Role};
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::sharing::{Allowance, Count, Remark, day_of};
use crate::domain::time::{Date, Timestamp};
use crate::ports::store;
use serde_json::json;
use std::time::Duration;

/// Greatest number of questions a minute.
const MOST_PER_MINUTE: u32 = 6_000;
/// Most causes or kinds of an allowance.
const MOST: usize = 100;
/// Counts of one answer.
const COUNTS: u32 = 5_000;

/// What is to be allowed.
pub struct Request {
    /// The system's credential.
    pub credential: String,
    /// What the system is called.
    pub system: String,
    /// Kinds.
    pub kinds: Vec<String>,
    /// Codes of matters.
    pub causes: Vec<String>,
    /// Kinds that law lets it see without consent.
    pub lawful: Vec<String>,
    /// Which law that is.
    pub basis: String,
    /// Questions a minute.
    pub per_minute: u32,
    /// For how many days.
    pub days: u32,
}

fn check(service: &Service, request: &Request) -> Result<(String, String), Refusal> {
    let mut faults = Vec::new();
    let system = inputs::line("/system", &request.system, 1, 60, &mut faults);
    let least = usize::from(!request.lawful.is_empty());
    let basis = inputs::line("/basis", &request.basis, least, 200, &mut faults);
    for (name, list) in [("kinds", &request.kinds), ("lawful", &request.lawful), ("causes", &request.causes)]
    {
        if list.len() > MOST || (list.is_empty() && name != "lawful") {
            faults.push(Fault::at(format!("/{name}"), "share.list_length").with("max", MOST));
        }
    }
    for (at, kind) in request.kinds.iter().enumerate() {
        if service.kinds.get(kind).is_none() {
            faults.push(Fault::at(format!("/kinds/{at}"), "kind.unknown"));
        }
    }
    for (at, kind) in request.lawful.iter().enumerate() {
        if !request.kinds.contains(kind) {
            faults.push(Fault::at(format!("/lawful/{at}"), "share.lawful_outside"));
        }
    }
    for (at, cause) in request.causes.iter().enumerate() {
        inputs::line(&format!("/causes/{at}"), cause, 1, 60, &mut faults);
    }
    let range = |name: &str, value: u32, max: u32| {
        let fault = || Fault::at(name, "number.out_of_range").with("min", 1).with("max", max);
        (!(1..=max).contains(&value)).then(fault)
    };
    faults.extend(range("/per_minute", request.per_minute, MOST_PER_MINUTE));
    faults.extend(range("/days", request.days, 366));
    if faults.is_empty() { Ok((system, basis)) } else { Err(Refusal::invalid(faults)) }
}

/// An operator registers what a system may ask, in place of what it might before. It waits for another operator.
pub async fn register(
    service: &Service,
    caller: &Credential,
    request: Request,
) -> Result<Allowance, AppError> {
    access::only(caller, &[Role::Operator])?;
    let (system, basis) = check(service, &request)?;
    let now = service.clock.now();
    let allowance = Allowance {
        credential: request.credential,
        system,
        kinds: request.kinds,
        causes: request.causes,
        lawful: request.lawful,
        basis,
        per_minute: request.per_minute,
        registered_by: caller.id.clone(),
        registered_at: now,
        until: now.plus(Duration::from_secs(u64::from(request.days) * 86_400)),
        confirmed: None,
        withdrawn: None,
    };
    let detail = json!({ "kinds": allowance.kinds, "lawful": allowance.lawful, "causes": allowance.causes });
    let line = audit::line(now, &caller.id, "share.register", &allowance.credential, &detail);
    let wanted = &allowance;
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let system = tx.credential(&wanted.credential).await?;
            let system = system.filter(|system| SYSTEMS.contains(&system.role));
            system.ok_or_else(|| not_found("credential.unknown"))?;
            Ok(tx.put_share_allowance(wanted).await?)
        })
    })
    .await?;
    Ok(allowance)
}

/// Another operator confirms it: from now on it is in force.
pub async fn confirm(service: &Service, caller: &Credential, system: &str) -> Result<Allowance, AppError> {
    access::only(caller, &[Role::Operator])?;
    let now = service.clock.now();
    let line = audit::line(now, &caller.id, "share.confirm", system, &audit::nothing());
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let found = tx.share_allowance(system).await?.ok_or_else(|| not_found("share.unknown"))?;
            let first = tx.credential(&found.registered_by).await?;
            let first = first.map_or_else(|| Person::unknown(&found.registered_by), |c| Person::of(&c));
            Allowance::check_confirmer(&first, &Person::of(caller))?;
            if !tx.confirm_share_allowance(system, &caller.id, now).await? {
                return Err(conflict("share.not_waiting").into());
            }
            Ok(Allowance { confirmed: Some((caller.id.clone(), now)), ..found })
        })
    })
    .await
}

/// An operator ends it, from now on.
pub async fn withdraw(
    service: &Service,
    caller: &Credential,
    system: &str,
    reason: &str,
) -> Result<Allowance, AppError> {
    access::only(caller, &[Role::Operator])?;
    let mut faults = Vec::new();
    let reason = inputs::line("/reason", reason, 2, 200, &mut faults);
    if !faults.is_empty() {
        return Err(Refusal::invalid(faults).into());
    }
    let now = service.clock.now();
    let end = &Withdrawal { at: now, by: caller.id.clone(), reason };
    let line = audit::line(now, &caller.id, "share.withdraw", system, &audit::nothing());
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let found = tx.share_allowance(system).await?.ok_or_else(|| not_found("share.unknown"))?;
            if !tx.withdraw_share_allowance(system, end).await? {
                return Err(conflict("share.not_waiting").into());
            }
            Ok(Allowance { withdrawn: Some(end.clone()), ..found })
        })
    })
    .await
}

/// What systems may ask, by credential, behind `after`.
pub async fn list(
    service: &Service,
    caller: &Credential,
    after: Option<&str>,
    limit: Option<u32>,
) -> Result<Vec<Allowance>, AppError> {
    access::only(caller, &[Role::Operator, Role::Auditor])?;
    let (after, limit) = (after.unwrap_or_default(), inputs::rows(limit));
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.share_allowances(after, limit).await?) })
    });
    Ok(found.await?)
}

/// How often systems asked what, on the days from `from` to `to` in China.
pub async fn usage(
    service: &Service,
    caller: &Credential,
    (from, to): (Date, Date),
) -> Result<Vec<Count>, AppError> {
    access::only(caller, &[Role::Operator, Role::Auditor])?;
    let (from, to) = (day_of(Timestamp::start_of(from)), day_of(Timestamp::start_of(to)));
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.share_counts(from, to, COUNTS).await?) })
    });
    Ok(found.await?)
}

/// What systems say is wrong on the caller's licenses, newest first.
pub async fn remarks(
    service: &Service,
    caller: &Credential,
    limit: Option<u32>,
) -> Result<Vec<Remark>, AppError> {
    access::only(caller, &[Role::Department])?;
    let issuer = caller.department.as_deref().ok_or_else(|| not_found("department.unknown"))?;
    let limit = inputs::rows(limit);
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.share_remarks(issuer, limit).await?) })
    });
    Ok(found.await?)
}
