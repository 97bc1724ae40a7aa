//! Ends, suspends and resumes licenses: acts of the issuing department, each with its reason.

use super::error::{conflict, not_found};
use super::{AppError, Service, access, audit, business, inputs};
use crate::domain::license::{Ending, License, LicenseId, LicenseState};
use crate::domain::party::{Credential, Role};
use crate::domain::permit;
use crate::domain::refusal::Refusal;
use crate::domain::time::Timestamp;
use crate::ports::store::{LicenseEvent, Transaction, TxError};
use serde_json::json;

/// What is done to a license.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Ended for good, by one of the four legal acts.
    End(Ending),
    /// Without force for a time.
    Suspend,
    /// In force again.
    Resume,
}

impl Act {
    /// Stable name of what happened, as in histories and events.
    pub const fn done(self) -> &'static str {
        match self {
            Self::End(ending) => ending.name(),
            Self::Suspend => "suspended",
            Self::Resume => "resumed",
        }
    }

    const fn action(self) -> &'static str {
        match self {
            Self::End(_) => "license.end",
            Self::Suspend => "license.suspend",
            Self::Resume => "license.resume",
        }
    }

    const fn topic(self) -> &'static str {
        match self {
            Self::End(_) => "license.ended",
            Self::Suspend => "license.suspended",
            Self::Resume => "license.resumed",
        }
    }

    /// The state that follows from `state`, if the act is allowed there.
    fn state_after(self, state: &LicenseState, reason: &str) -> Result<LicenseState, Refusal> {
        let reason = reason.to_owned();
        match (state, self) {
            (LicenseState::Active | LicenseState::Suspended { .. }, Self::End(ending)) => {
                Ok(LicenseState::Ended { ending, reason })
            }
            (LicenseState::Active, Self::Suspend) => Ok(LicenseState::Suspended { reason }),
            (LicenseState::Suspended { .. }, Self::Resume) => Ok(LicenseState::Active),
            _ => {
                Err(conflict("license.act_not_allowed").with("state", state.name()).with("act", self.done()))
            }
        }
    }
}

/// An act on a license.
pub struct Request {
    /// Which license.
    pub license: LicenseId,
    /// What to do.
    pub act: Act,
    /// Why, 2 to 200 characters.
    pub reason: String,
    /// The revision the caller saw. `None` acts on whatever stands now.
    pub revision: Option<u32>,
}

/// Does it and answers the license as it stands then.
pub async fn run(service: &Service, caller: &Credential, request: Request) -> Result<License, AppError> {
    access::only(caller, &[Role::Department])?;
    let mut faults = Vec::new();
    let reason = inputs::line("/reason", &request.reason, 2, 200, &mut faults);
    if !faults.is_empty() {
        return Err(Refusal::invalid(faults).into());
    }
    let now = service.clock.now();
    let id = request.license.as_str();
    let detail = json!({ "act": request.act.done() });
    let line = audit::line(now, &caller.id, request.act.action(), id, &detail);
    let event = audit::event(service, now, request.act.topic(), id, &json!({ "what": request.act.done() }));
    let (request, reason, event) = (&request, &reason, &event);
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let mut license =
                to_change(&mut *tx, service, caller, &request.license, request.revision, now).await?;
            if matches!(request.act, Act::End(_)) {
                business::read::refuse_bound(&mut *tx, &license).await?;
            }
            let state = request.act.state_after(&license.state, reason)?;
            set_state(&mut *tx, &mut license, state).await?;
            let happened = LicenseEvent {
                license: license.id.clone(),
                what: request.act.done().to_owned(),
                at: now,
                by: caller.id.clone(),
                reason: reason.clone(),
            };
            tx.add_license_event(&happened).await?;
            tx.append_event(&event.clone().concerning([&license.issuer])).await?;
            Ok(license)
        })
    })
    .await
}

/// The license, if the caller may change it now and it stands as the caller saw it.
pub(crate) async fn to_change(
    tx: &mut dyn Transaction,
    service: &Service,
    caller: &Credential,
    id: &LicenseId,
    seen: Option<u32>,
    now: Timestamp,
) -> Result<License, TxError> {
    let license = access::license(&mut *tx, caller, id).await?;
    let department = tx.department(&license.issuer).await?.ok_or_else(|| not_found("department.unknown"))?;
    let kind = service.kinds.get(&license.kind).ok_or_else(|| not_found("kind.unknown"))?;
    permit::may_act_for(caller, &department, kind, now)?;
    if seen.is_some_and(|seen| seen != license.revision) {
        return Err(changed(&license).into());
    }
    Ok(license)
}

/// Sets a state that follows from the one `license` has.
pub(crate) async fn set_state(
    tx: &mut dyn Transaction,
    license: &mut License,
    state: LicenseState,
) -> Result<(), TxError> {
    if !tx.set_license_state(&license.id, license.revision, &state).await? {
        return Err(changed(license).into());
    }
    license.state = state;
    license.revision += 1;
    Ok(())
}

fn changed(license: &License) -> Refusal {
    conflict("license.changed").with("revision", license.revision)
}
