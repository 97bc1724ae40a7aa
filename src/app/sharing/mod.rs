//! The sharing service (证照共享): other systems ask about licenses. Every question names its cause and its caller is allowed
//! that cause; every question is an audit line and a count, and what was seen is a line in the holder's space.
//!
//! Answers do not enumerate. What does not exist, what is not for the caller, and what it may not even ask about are one
//! answer, made by the same statements: only who may see a license learns that it has ended.

pub mod allow;
pub mod ask;
pub mod changes;

use super::{AppError, Service, audit, inputs, space};
use crate::domain::license::kind::{Field, PrivacyClass};
use crate::domain::license::{License, LicenseId};
use crate::domain::party::{Credential, Role};
use crate::domain::refusal::Refusal;
use crate::domain::sharing::{Allowance, Operation, UseCause, day_of, not_allowed};
use crate::domain::space::Used;
use crate::domain::time::Timestamp;
use crate::ports::store::{self, Transaction, TxError};
use serde_json::{Value, json};

/// Who may be a system that asks.
pub(crate) const SYSTEMS: &[Role] = &[Role::Department, Role::Institution];
/// Questions a minute of somebody who is allowed none.
const STRANGERS: u32 = 20;

/// A question that is under way.
pub(crate) struct Question<'a> {
    pub service: &'a Service,
    pub caller: &'a Credential,
    pub operation: Operation,
    pub cause: UseCause,
    pub allowance: Allowance,
    pub now: Timestamp,
}

/// Checks the cause, takes one of the caller's questions, and looks whether it may ask.
async fn begin<'a>(
    service: &'a Service,
    caller: &'a Credential,
    operation: Operation,
    cause: &UseCause,
) -> Result<Question<'a>, AppError> {
    super::access::only(caller, SYSTEMS)?;
    let cause = checked(cause)?;
    let now = service.clock.now();
    let found = store::glance(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.share_allowance(&caller.id).await?) })
    });
    let allowance = found.await?;
    let in_force = allowance.filter(|allowance| allowance.is_in_force(now));
    let most = in_force.as_ref().map_or(STRANGERS, |allowance| allowance.per_minute);
    service.share_rate.admit_most(&caller.id, most, now)?;
    let checked = match in_force {
        Some(allowance) => allowance.check_cause(&cause, now).map(|()| allowance),
        None => Err(not_allowed()),
    };
    match checked {
        Ok(allowance) => Ok(Question { service, caller, operation, cause, allowance, now }),
        Err(refusal) => {
            refused(service, caller, operation, &refusal, now).await?;
            Err(refusal.into())
        }
    }
}

/// Checks every part of a cause.
fn checked(cause: &UseCause) -> Result<UseCause, Refusal> {
    let mut faults = Vec::new();
    let mut line =
        |name: &str, text: &str, most| inputs::line(&format!("/useCause/{name}"), text, 1, most, &mut faults);
    let checked = UseCause {
        cause: line("certificateCopyCause", &cause.cause, 60),
        for_item: cause.for_item,
        event_code: line("certificateEventCode", &cause.event_code, 60),
        matter: line("certificateMatterName", &cause.matter, 60),
        system: line("certificateSystemName", &cause.system, 60),
    };
    if faults.is_empty() { Ok(checked) } else { Err(Refusal::invalid(faults)) }
}

/// What the audit trail says of a question that was answered: names and codes that are registered, no words of the caller's own.
fn told(operation: Operation, cause: &UseCause) -> Value {
    json!({ "operation": operation.name(), "item": cause.event_code, "system": cause.system })
}

/// Writes that a question was not answered.
async fn refused(
    service: &Service,
    caller: &Credential,
    operation: Operation,
    refusal: &Refusal,
    now: Timestamp,
) -> Result<(), AppError> {
    let line = audit::line(now, &caller.id, "share.ask", operation.name(), &audit::nothing());
    let line = &store::AuditLine { outcome: refusal.code.to_owned(), ..line };
    store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            tx.count_share(&caller.id, day_of(now), operation, false).await?;
            Ok(tx.append_audit(line).await?)
        })
    })
    .await?;
    Ok(())
}

impl Question<'_> {
    /// Hands the outcome on. One that answers was counted in its transaction; a refusal is counted here.
    pub async fn end<T>(&self, outcome: Result<T, TxError>) -> Result<T, AppError> {
        if let Err(TxError::Refused(refusal)) = &outcome {
            refused(self.service, self.caller, self.operation, refusal, self.now).await?;
        }
        Ok(outcome?)
    }

    /// Notes an answer, in the transaction that made it.
    pub async fn answered(&self, tx: &mut dyn Transaction, subject: &str) -> Result<(), TxError> {
        tx.count_share(&self.caller.id, day_of(self.now), self.operation, true).await?;
        let detail = told(self.operation, &self.cause);
        Ok(tx.append_audit(&audit::line(self.now, &self.caller.id, "share.ask", subject, &detail)).await?)
    }

    /// Notes in the holder's space what was seen of a license.
    pub async fn seen(
        &self,
        tx: &mut dyn Transaction,
        license: &License,
        fields: Vec<String>,
    ) -> Result<(), TxError> {
        let used = Used::Shown {
            license: license.id.clone(),
            purpose: self.cause.cause.clone(),
            matter: self.cause.matter.clone(),
            fields,
            deputy: None,
            compared: None,
            offline: false,
            code: None,
        };
        space::note(tx, self.service, (&license.holder.code, self.caller), used, self.now).await.map(drop)
    }

    /// What of a license the caller may see: the fields that the holder showed it, and all where law lets it see the kind.
    /// `None` is nothing at all. A consent is a showing that this caller redeemed.
    pub async fn fields(
        &self,
        tx: &mut dyn Transaction,
        license: Option<&License>,
        consent: Option<&str>,
    ) -> Result<Option<Seen>, TxError> {
        // Asked in any case, so that the answer to nothing takes as long as another.
        let showing = tx.showing(consent.unwrap_or_default()).await?;
        let showing = showing.filter(|showing| {
            let by_caller = |redeemed: &crate::domain::show_code::Redemption| {
                redeemed.by == self.caller.id && self.now.since(redeemed.at) < CONSENT_LASTS
            };
            showing.redeemed.as_ref().is_some_and(by_caller)
        });
        let Some(license) = license else { return Ok(None) };
        let by_law = self.allowance.may_see(&license.kind, false);
        let part = showing.as_ref().and_then(|s| s.parts.iter().find(|part| part.license == license.id));
        let part = part.filter(|_| self.allowance.may_see(&license.kind, true));
        let in_full = showing.as_ref().is_some_and(|showing| showing.reason.is_some());
        let shown = part.map(|part| part.fields.clone());
        Ok((by_law || shown.is_some()).then(|| Seen { by_law, shown: shown.unwrap_or_default(), in_full }))
    }
}

/// How long after a showing it counts as consent to ask again.
const CONSENT_LASTS: std::time::Duration = std::time::Duration::from_secs(30 * 86_400);

/// What may be seen of a license, and on what ground.
pub(crate) struct Seen {
    /// Law lets the caller see the kind, and so every field.
    by_law: bool,
    /// Names of the fields that the holder showed it.
    shown: Vec<String>,
    /// Whether that showing gives a reason for the sensitive ones among them.
    in_full: bool,
}

/// How a field is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    /// As it is.
    Plain,
    /// What its mask leaves of it.
    Masked,
}

impl Seen {
    /// Stable name of the ground.
    pub const fn ground(&self) -> &'static str {
        if self.by_law { "law" } else { "consent" }
    }

    /// How the caller sees a field; `None` if not at all. Sensitive fields are masked unless the holder showed them in full:
    /// no law is taken to ask for those of everybody.
    pub fn sight(&self, field: &Field) -> Option<Sight> {
        let shown = self.shown.contains(&field.name);
        let plain = field.privacy != PrivacyClass::Sensitive || (shown && self.in_full);
        (self.by_law || shown).then_some(if plain { Sight::Plain } else { Sight::Masked })
    }
}

/// Reads an identifier; what is none names no license, like one that is not there.
fn identifier(text: &str) -> Option<LicenseId> {
    LicenseId::parse(text).ok()
}
