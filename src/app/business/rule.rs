//! Standing rules: proposed by one seal administrator, approved by another, withdrawn by any.

use crate::app::error::{conflict, forbidden, not_found};
use crate::app::{AppError, Service, access, audit, inputs};
use crate::domain::business::{COMPANY_SEALS, RuleId, StandingRule};
use crate::domain::grant::Withdrawal;
use crate::domain::party::{Credential, Person, Role};
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::seal::SealPurpose;
use crate::domain::time::{Date, Timestamp};
use crate::ports::random::Random;
use crate::ports::store::{self, Transaction, TxError};
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);
/// Most days of a rule, and of a seal that is made under it.
const MOST_DAYS: u32 = 3 * 365;

/// A rule to be.
pub struct Request {
    /// The department whose registrations it holds for, by credit code.
    pub registry: String,
    /// Which seals may be made.
    pub purposes: Vec<SealPurpose>,
    /// How many days such a seal may be used; at most 1095.
    pub days: u32,
    /// First day; from now on, if it is not said.
    pub from: Option<Date>,
    /// Last day.
    pub until: Date,
    /// Why.
    pub reason: String,
}

/// Proposes it.
pub async fn propose(
    service: &Service,
    caller: &Credential,
    request: Request,
) -> Result<StandingRule, AppError> {
    let now = service.clock.now();
    let line = audit::line(now, &caller.id, "rule.propose", &request.registry, &audit::nothing());
    access::only(caller, &[Role::SealAdministrator])?;
    let mut faults = Vec::new();
    let reason = inputs::line("/reason", &request.reason, 2, 200, &mut faults);
    let from = request.from.map_or(now, |day| Timestamp::start_of(day).max(now));
    let until = Timestamp::start_of(request.until).plus(DAY);
    if until <= from {
        faults.push(Fault::at("/until", "rule.period_empty"));
    } else if until > now.plus(DAY * (2 * MOST_DAYS)) || until > from.plus(DAY * (MOST_DAYS + 1)) {
        faults.push(Fault::at("/until", "rule.period_too_long").with("days", MOST_DAYS));
    }
    if !(1..=MOST_DAYS).contains(&request.days) {
        faults.push(Fault::at("/days", "number.out_of_range").with("min", 1).with("max", MOST_DAYS));
    }
    let different: BTreeSet<&str> = request.purposes.iter().map(|purpose| purpose.name()).collect();
    let fine = request.purposes.iter().all(|purpose| COMPANY_SEALS.contains(purpose));
    if !fine || different.is_empty() || different.len() != request.purposes.len() {
        faults.push(Fault::at("/purposes", "rule.purposes"));
    }
    let random: &dyn Random = service.random.as_ref();
    let rule = &StandingRule {
        id: RuleId::new(now, random.bytes()),
        registry: request.registry,
        purposes: request.purposes,
        days: request.days,
        from,
        until,
        reason,
        proposed_by: caller.id.clone(),
        proposed_at: now,
        approved: None,
        withdrawn: None,
    };
    let faults = &faults;
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let mut faults = faults.clone();
            if !speaks_for(caller, &rule.registry) || tx.department(&rule.registry).await?.is_none() {
                faults.push(Fault::at("/registry", "department.unknown"));
            }
            if !faults.is_empty() {
                return Err(Refusal::invalid(faults).into());
            }
            tx.insert_standing_rule(rule).await?;
            told(&mut *tx, service, rule, "rule.proposed", now).await
        })
    })
    .await?;
    Ok(rule.clone())
}

/// The second person approves it.
pub async fn approve(service: &Service, caller: &Credential, id: &RuleId) -> Result<StandingRule, AppError> {
    access::only(caller, &[Role::SealAdministrator])?;
    let now = service.clock.now();
    let line = audit::line(now, &caller.id, "rule.approve", id.as_str(), &audit::nothing());
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let rule = found(&mut *tx, caller, id).await?;
            rule.approve(&caller.id, now)?;
            // Two credentials of one person are one person.
            let first = tx.credential(&rule.proposed_by).await?;
            if first.is_some_and(|first| Person::of(&first) == Person::of(caller)) {
                return Err(forbidden("rule.second_person_needed").into());
            }
            if !tx.approve_standing_rule(id, &caller.id, now).await? {
                return Err(conflict("rule.changed").into());
            }
            told(&mut *tx, service, &rule, "rule.approved", now).await?;
            found(&mut *tx, caller, id).await
        })
    })
    .await
}

/// Withdraws it. What was made under it stays.
pub async fn withdraw(
    service: &Service,
    caller: &Credential,
    id: &RuleId,
    reason: &str,
) -> Result<StandingRule, AppError> {
    access::only(caller, &[Role::SealAdministrator])?;
    let mut faults = Vec::new();
    let reason = inputs::line("/reason", reason, 2, 200, &mut faults);
    if !faults.is_empty() {
        return Err(Refusal::invalid(faults).into());
    }
    let now = service.clock.now();
    let line = audit::line(now, &caller.id, "rule.withdraw", id.as_str(), &audit::nothing());
    let withdrawal = &Withdrawal { at: now, by: caller.id.clone(), reason };
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let rule = found(&mut *tx, caller, id).await?;
            if !tx.withdraw_standing_rule(id, withdrawal).await? {
                return Err(conflict("rule.over").into());
            }
            told(&mut *tx, service, &rule, "rule.withdrawn", now).await?;
            found(&mut *tx, caller, id).await
        })
    })
    .await
}

/// Rules of a registry, newest first, before `before`.
pub async fn list(
    service: &Service,
    caller: &Credential,
    registry: &str,
    before: Option<&RuleId>,
    limit: Option<u32>,
) -> Result<Vec<StandingRule>, AppError> {
    access::only(caller, &[Role::SealAdministrator, Role::Auditor, Role::Department])?;
    if !speaks_for(caller, registry) {
        return Ok(Vec::new());
    }
    let limit = inputs::rows(limit);
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.standing_rules(registry, before, limit).await?) })
    });
    Ok(found.await?)
}

/// Whether the caller may see and make rules of that registry: those without a department speak for all.
fn speaks_for(caller: &Credential, registry: &str) -> bool {
    caller.department.as_deref().is_none_or(|own| own == registry)
}

async fn found(tx: &mut dyn Transaction, caller: &Credential, id: &RuleId) -> Result<StandingRule, TxError> {
    let rule = tx.standing_rule(id).await?.filter(|rule| speaks_for(caller, &rule.registry));
    Ok(rule.ok_or_else(|| not_found("rule.unknown"))?)
}

async fn told(
    tx: &mut dyn Transaction,
    service: &Service,
    rule: &StandingRule,
    topic: &str,
    now: Timestamp,
) -> Result<(), TxError> {
    let body = json!({ "registry": rule.registry });
    let event = audit::event(service, now, topic, rule.id.as_str(), &body);
    Ok(tx.append_event(&event.concerning([&rule.registry])).await?)
}
