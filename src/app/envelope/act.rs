//! What a department does to an envelope besides consenting: sends it, says no, hands it back, lets another body decide,
//! gives it up.

use super::{commit, department_of, visible};
use crate::app::error::{conflict, not_found};
use crate::app::{AppError, Service, audit, inputs};
use crate::domain::envelope::{Act, Actor, Envelope, EnvelopeId};
use crate::domain::party::Credential;
use crate::domain::permit;
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::time::{Date, Timestamp};
use crate::ports::store::{Transaction, TxError};
use serde_json::json;

/// What is done.
pub enum Deed {
    /// The initiator sends it.
    Send,
    /// The caller's party says no to a version.
    Decline {
        /// The version it saw.
        version: u32,
        /// Why, 2 to 200 characters.
        reason: String,
    },
    /// The caller's party wants a version corrected.
    Return {
        /// The version it saw.
        version: u32,
        /// Why, 2 to 200 characters.
        reason: String,
    },
    /// The caller's party lets another body decide for it.
    Delegate {
        /// The body (credit code).
        to: String,
        /// First day; today unless told.
        from: Option<Date>,
        /// Last day.
        until: Date,
        /// Why, 2 to 200 characters.
        reason: String,
    },
    /// The initiator gives it up.
    Withdraw {
        /// Why, 2 to 200 characters.
        reason: String,
    },
}

impl Deed {
    const fn action(&self) -> &'static str {
        match self {
            Self::Send => "envelope.send",
            Self::Decline { .. } => "envelope.decline",
            Self::Return { .. } => "envelope.return",
            Self::Delegate { .. } => "envelope.delegate",
            Self::Withdraw { .. } => "envelope.withdraw",
        }
    }

    fn reason_mut(&mut self) -> Option<&mut String> {
        match self {
            Self::Send => None,
            Self::Decline { reason, .. }
            | Self::Return { reason, .. }
            | Self::Delegate { reason, .. }
            | Self::Withdraw { reason } => Some(reason),
        }
    }

    const fn is_initiators(&self) -> bool {
        matches!(self, Self::Send | Self::Withdraw { .. })
    }
}

/// A deed and what the caller saw.
pub struct Request {
    /// Which envelope.
    pub envelope: EnvelopeId,
    /// What to do.
    pub deed: Deed,
    /// The revision the caller saw. `None` acts on whatever stands now.
    pub revision: Option<u32>,
}

/// Does it and answers the envelope as it stands then.
pub async fn run(service: &Service, caller: &Credential, mut request: Request) -> Result<Envelope, AppError> {
    let department = department_of(caller)?;
    let mut faults = Vec::new();
    if let Some(reason) = request.deed.reason_mut() {
        *reason = inputs::line("/reason", reason, 2, 200, &mut faults);
    }
    if !faults.is_empty() {
        return Err(Refusal::invalid(faults).into());
    }
    let now = service.clock.now();
    let actor = Actor { by: caller.id.clone(), department: Some(department.to_owned()) };
    let id = &request.envelope;
    let line = audit::line(now, &caller.id, request.deed.action(), id.as_str(), &json!({}));
    let (request, actor) = (&request, &actor);
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let envelope = visible(&mut *tx, caller, id).await?;
            if request.revision.is_some_and(|seen| seen != envelope.revision) {
                return Err(conflict("envelope.changed").with("revision", envelope.revision).into());
            }
            may(&mut *tx, service, caller, &envelope, &request.deed, now).await?;
            let act = act_of(&request.deed, &envelope, department, now)?;
            commit::act(&mut *tx, service, &envelope, &act, actor, now).await
        })
    })
    .await
}

/// The caller's own permit, apart from the envelope's rules; and a delegate must be a body we know.
async fn may(
    tx: &mut dyn Transaction,
    service: &Service,
    caller: &Credential,
    envelope: &Envelope,
    deed: &Deed,
    now: Timestamp,
) -> Result<(), TxError> {
    let kind = service.kinds.get(&envelope.kind).ok_or_else(|| not_found("kind.unknown"))?;
    let code = caller.department.as_deref().unwrap_or_default();
    let owner = tx.department(code).await?.ok_or_else(|| not_found("department.unknown"))?;
    if deed.is_initiators() && envelope.initiator == owner.code {
        permit::to_open(caller, &owner, kind, now)?;
    } else {
        permit::may_act_for(caller, &owner, kind, now)?;
    }
    if let Deed::Delegate { to, .. } = deed
        && tx.department(to).await?.is_none()
    {
        return Err(Refusal::invalid(vec![Fault::at("/to", "department.unknown")]).into());
    }
    Ok(())
}

fn act_of(deed: &Deed, envelope: &Envelope, body: &str, now: Timestamp) -> Result<Act, Refusal> {
    let party = || party_of(envelope, body, now);
    Ok(match deed {
        Deed::Send => Act::Send,
        Deed::Withdraw { reason } => Act::Withdraw { reason: reason.clone() },
        Deed::Decline { version, reason } => {
            Act::Decline { party: party()?, version: *version, reason: reason.clone() }
        }
        Deed::Return { version, reason } => {
            Act::Return { party: party()?, version: *version, reason: reason.clone() }
        }
        Deed::Delegate { to, from, until, reason } => Act::Delegate {
            party: party()?,
            to: to.clone(),
            from: from.map_or(now, |day| Timestamp::start_of(day).max(now)),
            until: Timestamp::start_of(until.next_day().unwrap_or(*until)),
            reason: reason.clone(),
        },
    })
}

/// The party that a body decides for: itself, or who made it its delegate for now. A body is never more than one.
pub(super) fn party_of(envelope: &Envelope, body: &str, now: Timestamp) -> Result<String, Refusal> {
    let found = envelope.parties.iter().find(|party| envelope.acts_for(party, body, now));
    let found = found.ok_or_else(|| crate::app::error::forbidden("envelope.not_your_party"))?;
    Ok(found.name.clone())
}
