//! What happens to envelopes though nobody asks: reminders, deadlines, bodies that came to be known, and licenses that a
//! crash kept from being finished.

use super::{commit, finish};
use crate::app::{AppError, Service, audit};
use crate::domain::envelope::{Act, Actor, EnvelopeId};
use crate::domain::time::Timestamp;
use crate::ports::store::{self, EnvelopePage, TxError};
use serde_json::json;
use std::sync::Arc;

/// Envelopes looked at in one pass, of each sort.
const AT_ONCE: u32 = 200;

/// What a pass did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LookedAfter {
    /// Reminders given.
    pub reminded: u32,
    /// Envelopes whose time was up.
    pub expired: u32,
    /// Envelopes some of whose parties came to be known.
    pub resolved: u32,
    /// Licenses released that an earlier process had left.
    pub finished: u32,
    /// What failed for a reason that may pass; the next pass looks at it.
    pub left: u32,
}

/// One pass. Any number of processes may do this: of each act one takes effect.
pub async fn run(service: &Arc<Service>) -> Result<LookedAfter, AppError> {
    let now = service.clock.now();
    let (due, satisfied) = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let due = tx.due_envelopes(now, AT_ONCE).await?;
            Ok((due, tx.satisfied_envelopes(AT_ONCE).await?))
        })
    })
    .await?;
    let mut done = LookedAfter::default();
    for id in due {
        // Time that is up needs no reminder.
        match does(service, &id, Act::Expire, "envelope.expire", now).await {
            Ok(true) => done.expired += 1,
            Ok(false) => match does(service, &id, Act::Remind, "envelope.remind", now).await {
                Ok(given) => done.reminded += u32::from(given),
                Err(why) => left(&mut done, &id, &why),
            },
            Err(why) => left(&mut done, &id, &why),
        }
    }
    resolve(service, &mut done, now).await?;
    for id in satisfied {
        match finish::run(service, &id).await {
            Ok(()) => done.finished += 1,
            Err(why) => left(&mut done, &id, &why),
        }
    }
    Ok(done)
}

fn left(done: &mut LookedAfter, id: &EnvelopeId, why: &AppError) {
    tracing::error!(envelope = %id, %why, "an envelope could not be looked after");
    done.left += 1;
}

/// Looks the parties up that no body was known for, page by page.
async fn resolve(service: &Arc<Service>, done: &mut LookedAfter, now: Timestamp) -> Result<(), AppError> {
    let mut page = EnvelopePage { after: None, limit: AT_ONCE };
    loop {
        let asked = &page;
        let found = store::read(service.store.as_ref(), |tx, _| {
            Box::pin(async move { Ok(tx.unresolved_envelopes(asked).await?) })
        })
        .await?;
        for (_, id) in &found {
            match does(service, id, Act::Resolve, "envelope.resolve", now).await {
                Ok(resolved) => done.resolved += u32::from(resolved),
                Err(why) => left(done, id, &why),
            }
        }
        match found.last() {
            Some(last) if found.len() == AT_ONCE as usize => page.after = Some(last.clone()),
            _ => return Ok(()),
        }
    }
}

/// Does an act for the service itself; `false` if the rule says no by now, which is no failure.
async fn does(
    service: &Service,
    id: &EnvelopeId,
    act: Act,
    action: &str,
    now: Timestamp,
) -> Result<bool, AppError> {
    let line = audit::line(now, audit::SYSTEM, action, id.as_str(), &json!({}));
    let (act, line) = (&act, &line);
    let outcome = store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let envelope = commit::stored(&mut *tx, id).await?;
            commit::act(&mut *tx, service, &envelope, act, &Actor::system(), now).await?;
            Ok(tx.append_audit(line).await?)
        })
    })
    .await;
    match outcome {
        Ok(()) => Ok(true),
        Err(TxError::Refused(_)) => Ok(false),
        Err(why) => Err(why.into()),
    }
}
