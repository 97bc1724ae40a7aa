//! Reads an envelope: how it stands, what it is about, and what has changed since a party said yes.

use super::under_grant::{self, readable};
use super::{file, takes_part, visible};
use crate::app::error::not_found;
use crate::app::{AppError, Service, access, audit};
use crate::domain::envelope::{ChangedField, Envelope, EnvelopeId, EnvelopeState, Happened, What, diff};
use crate::domain::grant::Grant;
use crate::domain::license::FileFormat;
use crate::domain::party::{Credential, Department, Role};
use crate::ports::store::{EnvelopeContent, SignedConsent, Transaction, TxError};
use serde_json::json;
use std::collections::BTreeMap;

/// An envelope with all that a page about it shows.
pub struct Detail {
    /// How it stands.
    pub envelope: Envelope,
    /// The content of its present version.
    pub content: EnvelopeContent,
    /// The departments that take part, by credit code, as far as they are registered.
    pub departments: BTreeMap<String, Department>,
    /// The formats in which the caller may have the finished license.
    pub formats: Vec<FileFormat>,
    /// The grants by which the caller, who takes no part itself, may consent for somebody who is asked.
    pub grants: Vec<Grant>,
    /// How a draft came back that was sent before.
    pub came_back: Option<Happened>,
    /// The last version before this one that the caller's department consented to.
    pub consented_before: Option<u32>,
}

/// Reads it for a department that takes part, for somebody who acts with such a one's seal, or for an auditor; the read is an audit line, for a holder's data is in it.
pub async fn run(service: &Service, caller: &Credential, id: &EnvelopeId) -> Result<Detail, AppError> {
    access::only(caller, &[Role::Department, Role::Clerk, Role::Auditor])?;
    let now = service.clock.now();
    let detail = json!({ "role": caller.role.name() });
    let line = audit::line(now, &caller.id, "envelope.read", id.as_str(), &detail);
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let envelope = readable(&mut *tx, caller, id, now).await?;
            let content = content(&mut *tx, id, envelope.version).await?;
            let departments = departments(&mut *tx, &envelope).await?;
            let consents = tx.envelope_consents(id).await?;
            let consented_before = last_consented(&consents, caller, envelope.version);
            let formats = file::formats(&mut *tx, caller, &envelope).await?;
            let grants = match takes_part(caller, &envelope) {
                true => Vec::new(),
                false => under_grant::offered(&mut *tx, caller, &envelope, now).await?,
            };
            let came_back = came_back(&mut *tx, &envelope).await?;
            Ok(Detail { envelope, content, departments, formats, grants, came_back, consented_before })
        })
    })
    .await
}

/// The event by which the present version began, while it is a draft that was sent before.
async fn came_back(tx: &mut dyn Transaction, envelope: &Envelope) -> Result<Option<Happened>, TxError> {
    if envelope.version == 1 || envelope.state != EnvelopeState::Draft {
        return Ok(None);
    }
    let events = tx.envelope_events(&envelope.id).await?;
    let back = |event: &Happened| matches!(event.what, What::Returned | What::Unsealable);
    Ok(events.into_iter().rev().find(back))
}

/// What differs between two versions.
pub struct Difference {
    /// The envelope, for the names of its fields.
    pub envelope: Envelope,
    /// The earlier version.
    pub from: u32,
    /// The later version.
    pub to: u32,
    /// The fields that differ.
    pub changes: Vec<ChangedField>,
}

/// What has changed from a version to the present one; unless told, from the last one that the caller's department
/// consented to.
pub async fn difference(
    service: &Service,
    caller: &Credential,
    id: &EnvelopeId,
    from: Option<u32>,
) -> Result<Difference, AppError> {
    access::only(caller, &[Role::Department, Role::Auditor])?;
    let detail = json!({ "from": from });
    let line = audit::line(service.clock.now(), &caller.id, "envelope.read_diff", id.as_str(), &detail);
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let envelope = visible(&mut *tx, caller, id).await?;
            let consents = tx.envelope_consents(id).await?;
            let to = envelope.version;
            let from = from.or_else(|| last_consented(&consents, caller, to)).unwrap_or(to);
            let before = content(&mut *tx, id, from).await?;
            let now = content(&mut *tx, id, to).await?;
            let mut changes = diff(&before.data, &now.data);
            if before.number != now.number {
                let field = "@number".to_owned();
                changes.push(ChangedField { field, before: before.number, now: now.number });
            }
            Ok(Difference { envelope, from, to, changes })
        })
    })
    .await
}

async fn content(
    tx: &mut dyn Transaction,
    id: &EnvelopeId,
    version: u32,
) -> Result<EnvelopeContent, TxError> {
    Ok(tx.envelope_content(id, version).await?.ok_or_else(|| not_found("envelope.version_unknown"))?)
}

fn last_consented(consents: &[SignedConsent], caller: &Credential, before: u32) -> Option<u32> {
    let ours = consents.iter().filter(|c| caller.department.as_ref() == Some(&c.consent.body));
    ours.map(|consent| consent.version).filter(|version| *version < before).max()
}

pub(super) async fn departments(
    tx: &mut dyn Transaction,
    envelope: &Envelope,
) -> Result<BTreeMap<String, Department>, TxError> {
    let mut found = BTreeMap::new();
    let parties = envelope.parties.iter().filter_map(|party| party.body.clone());
    let delegates = envelope.delegations.iter().map(|delegation| delegation.to.clone());
    for code in std::iter::once(envelope.initiator.clone()).chain(parties).chain(delegates) {
        if !found.contains_key(&code)
            && let Some(department) = tx.department(&code).await?
        {
            found.insert(code, department);
        }
    }
    Ok(found)
}
