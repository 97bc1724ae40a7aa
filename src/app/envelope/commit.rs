//! One act on an envelope inside a transaction: the rule is asked, and what follows is written by compare-and-set together
//! with history and events.

use crate::app::error::{conflict, not_found};
use crate::app::{Service, audit};
use crate::domain::envelope::{
    Act, Actor, Bodies, Envelope, EnvelopeId, EnvelopeState, Ground, Happened, Wanted, What,
};
use crate::domain::time::Timestamp;
use crate::ports::store::{EnvelopeContent, Transaction, TxError};
use serde_json::json;
use std::collections::BTreeSet;
use std::collections::btree_map::Entry;

/// Does the act and writes what follows. The refusal of a rule leaves nothing behind.
pub(crate) async fn act(
    tx: &mut dyn Transaction,
    service: &Service,
    envelope: &Envelope,
    act: &Act,
    actor: &Actor,
    now: Timestamp,
) -> Result<Envelope, TxError> {
    let bodies = match act {
        Act::Send | Act::Consent { .. } | Act::Resolve => bodies(&mut *tx, envelope).await?,
        _ => Bodies::new(),
    };
    let ground = Ground { now, calendar: &service.calendar, bodies: &bodies };
    let (next, events) = envelope.after(act, actor, ground)?;
    if !tx.update_envelope(&next, envelope.revision).await? {
        return Err(conflict("envelope.changed").with("revision", envelope.revision).into());
    }
    if next.version != envelope.version {
        // What came back says what it said until somebody corrects it.
        let before = tx.envelope_content(&envelope.id, envelope.version).await?;
        let before = before.ok_or_else(|| not_found("envelope.version_unknown"))?;
        tx.put_envelope_content(&EnvelopeContent { version: next.version, ..before }).await?;
    }
    for event in &events {
        tell(&mut *tx, service, &next, event).await?;
    }
    Ok(next)
}

/// Writes an event into the history and the outbox.
pub(crate) async fn tell(
    tx: &mut dyn Transaction,
    service: &Service,
    envelope: &Envelope,
    event: &Happened,
) -> Result<(), TxError> {
    tx.add_envelope_event(&envelope.id, event).await?;
    let mut body = json!({
        "kind": envelope.kind,
        "version": event.version,
        "revision": event.revision,
        "state": envelope.state.name(),
    });
    let more = [("stage", &event.stage), ("party", &event.party), ("department", &event.department)];
    for (name, value) in more {
        if let Some(value) = value {
            body[name] = json!(value);
        }
    }
    if matches!(event.what, What::StageOpened | What::Reminded) {
        // Whom it asks: the bodies that have not decided.
        body["asked"] = json!(asked(envelope));
    }
    if let (What::Finished, Some(license)) = (event.what, &envelope.license) {
        body["license"] = json!(license.as_str());
    }
    let told = audit::event(service, event.at, event.what.topic(), envelope.id.as_str(), &body);
    Ok(tx.append_event(&told.concerning(concerned(envelope, event.what))).await?)
}

/// The departments that take part: who started it, the parties that are known, and who decides for one of them. A draft is
/// its initiator's alone.
fn concerned(envelope: &Envelope, what: What) -> BTreeSet<&str> {
    if matches!(what, What::Created | What::Corrected) {
        return BTreeSet::from([envelope.initiator.as_str()]);
    }
    let parties = envelope.parties.iter().filter_map(|party| party.body.as_deref());
    let delegates = envelope.delegations.iter().map(|delegation| delegation.to.as_str());
    parties.chain(delegates).chain([envelope.initiator.as_str()]).collect()
}

fn asked(envelope: &Envelope) -> Vec<&str> {
    let open = envelope.state == EnvelopeState::Open;
    let asked = envelope.parties.iter().filter(|party| open && party.decision.name() == "asked");
    asked.filter_map(|party| party.body.as_deref()).collect()
}

/// The bodies that have the roles of the plan, as they are at this moment.
async fn bodies(tx: &mut dyn Transaction, envelope: &Envelope) -> Result<Bodies, TxError> {
    let mut bodies = Bodies::new();
    for (_, party) in envelope.plan.parties() {
        let Wanted::Role { level, responsibility } = &party.wanted else { continue };
        let Some(area) = level.around(&envelope.area) else { continue };
        if let Entry::Vacant(role) = bodies.entry((area, responsibility.clone())) {
            let found = tx.bodies_at(&role.key().0, &role.key().1).await?;
            role.insert(found);
        }
    }
    Ok(bodies)
}

/// The stored envelope, for the service itself.
pub(crate) async fn stored(tx: &mut dyn Transaction, id: &EnvelopeId) -> Result<Envelope, TxError> {
    Ok(tx.envelope(id).await?.ok_or_else(|| not_found("envelope.unknown"))?)
}
