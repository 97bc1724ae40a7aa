//! Corrects the content of a draft: one that was never sent, or one that came back.

use super::content::digests;
use super::{amended, commit, department_of, visible};
use crate::app::error::{conflict, not_found};
use crate::app::issue_license::check::{self, Asked};
use crate::app::{AppError, Service, audit};
use crate::domain::envelope::{Act, Actor, Envelope, EnvelopeId};
use crate::domain::license::draft::RawValue;
use crate::domain::party::Credential;
use crate::domain::permit;
use crate::ports::store::{self, EnvelopeContent};
use serde_json::json;
use std::collections::BTreeMap;

/// The content as it shall be.
pub struct Request {
    /// Which envelope.
    pub envelope: EnvelopeId,
    /// The revision the caller saw. `None` corrects whatever stands now.
    pub revision: Option<u32>,
    /// All field values.
    pub data: BTreeMap<String, RawValue>,
    /// The printed number, where the caller gives it itself.
    pub number: Option<String>,
}

/// Writes the content anew; every fault at once.
pub async fn run(service: &Service, caller: &Credential, request: Request) -> Result<Envelope, AppError> {
    let department = department_of(caller)?;
    let now = service.clock.now();
    let id = &request.envelope;
    let (envelope, owner, replaced) = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let envelope = visible(&mut *tx, caller, id).await?;
            let owner = tx.department(department).await?.ok_or_else(|| not_found("department.unknown"))?;
            let replaced = amended::of(&mut *tx, &envelope).await?;
            Ok((envelope, owner, replaced))
        })
    })
    .await?;
    let kind = service.kinds.get(&envelope.kind).ok_or_else(|| not_found("kind.unknown"))?;
    let actor = Actor { by: caller.id.clone(), department: Some(department.to_owned()) };
    if envelope.initiator != owner.code {
        return Err(crate::app::error::forbidden("envelope.not_initiator").into());
    }
    permit::to_open(caller, &owner, kind, now)?;
    let asked = Asked {
        data: &request.data,
        number: request.number.as_deref(),
        department: &owner,
        replaced: replaced.as_ref(),
    };
    let draft = check::check(kind, &asked, &service.fonts, now)?;
    let (number, replaces) = (request.number.as_deref(), envelope.replaces.as_ref());
    let digests = digests(kind, &draft.data, number, replaces)?;
    let content = EnvelopeContent {
        envelope: id.clone(),
        version: 0,
        data: draft.data,
        number: request.number,
        sha256: digests.sha256,
        sm3: digests.sm3,
        at: now,
        by: caller.id.clone(),
    };
    let line = audit::line(now, &caller.id, "envelope.correct", id.as_str(), &json!({}));
    let (seen, content, actor) = (request.revision, &content, &actor);
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let envelope = visible(&mut *tx, caller, id).await?;
            if seen.is_some_and(|seen| seen != envelope.revision) {
                return Err(conflict("envelope.changed").with("revision", envelope.revision).into());
            }
            let envelope = commit::act(&mut *tx, service, &envelope, &Act::Correct, actor, now).await?;
            let content = EnvelopeContent { version: envelope.version, ..content.clone() };
            tx.put_envelope_content(&content).await?;
            Ok(envelope)
        })
    })
    .await
}
