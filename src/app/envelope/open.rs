//! Starts an envelope: a draft of a license that several seal together, under the department's idempotency key.

use super::content::digests;
use super::{amended, commit, department_of};
use crate::app::change_license_state::to_change;
use crate::app::error::{conflict, not_found};
use crate::app::issue_license::check::{self, Asked};
use crate::app::{AppError, Service, audit, inputs};
use crate::crypto::sha256;
use crate::domain::envelope::{Envelope, EnvelopeId, Level, NewEnvelope, Plan, Replaces, Wanted};
use crate::domain::license::draft::RawValue;
use crate::domain::license::{License, LicenseId, LicenseKind};
use crate::domain::party::{Credential, Department};
use crate::domain::permit;
use crate::domain::refusal::{Fault, Refusal, RefusalClass};
use crate::domain::time::Timestamp;
use crate::ports::store::{self, EnvelopeContent, StoreError, TxError};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// What is asked for.
pub struct Request {
    /// Kind name; a kind that several seal together.
    pub kind: String,
    /// Field values as they came.
    pub data: BTreeMap<String, RawValue>,
    /// The printed number, where the caller gives it itself.
    pub number: Option<String>,
    /// Bodies (credit codes) for parties of the kind's plan, by the party's name; the others are as the plan says.
    pub parties: BTreeMap<String, String>,
    /// The edition of a license that this one shall take the place of; the request is then about all its fields.
    pub replaces: Option<Amended>,
    /// SHA-256 of the request as it came: the same key with another one is refused.
    pub hash: [u8; 32],
}

/// An edition to replace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amended {
    /// Which.
    pub license: LicenseId,
    /// The revision the caller saw. `None` replaces whatever stands then.
    pub revision: Option<u32>,
    /// Why, 2 to 200 characters.
    pub reason: String,
}

/// The hash of a request whose canonical text this is.
pub fn hash(text: &[u8]) -> [u8; 32] {
    sha256(text)
}

/// Makes the draft, or answers the one that this key made before.
pub async fn run(
    service: &Service,
    caller: &Credential,
    key: &str,
    request: Request,
) -> Result<Envelope, AppError> {
    let department = department_of(caller)?;
    if !(1..=64).contains(&key.len()) || !key.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Refusal::new(RefusalClass::Invalid, "idempotency.key_form").into());
    }
    let kind = service.kinds.get(&request.kind).ok_or_else(|| not_found("kind.unknown"))?;
    let now = service.clock.now();
    let named: BTreeSet<&String> = request.parties.values().collect();
    let named = &named;
    let (earlier, owner, known) = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let earlier = tx.envelope_by_key(department, key).await?;
            let owner = tx.department(department).await?.ok_or_else(|| not_found("department.unknown"))?;
            let mut known = BTreeSet::new();
            for code in named {
                if tx.department(code).await?.is_some() {
                    known.insert((*code).clone());
                }
            }
            Ok((earlier, owner, known))
        })
    })
    .await?;
    if let Some(earlier) = earlier {
        return again(service, earlier, request.hash).await;
    }
    permit::to_open(caller, &owner, kind, now)?;
    let (plan, mut faults) = plan(kind, &owner, &request.parties, &known);
    let replaces = request.replaces.as_ref().map(|amended| Replaces {
        license: amended.license.clone(),
        reason: inputs::line("/replaces/reason", &amended.reason, 2, 200, &mut faults),
    });
    let replaced = match &request.replaces {
        None => None,
        Some(amended) => replaced(service, caller, amended, kind, now, &mut faults).await?,
    };
    let asked = Asked {
        data: &request.data,
        number: request.number.as_deref(),
        department: &owner,
        replaced: replaced.as_ref(),
    };
    let draft = match check::check(kind, &asked, &service.fonts, now) {
        Ok(draft) if faults.is_empty() => draft,
        Ok(_) => return Err(Refusal::invalid(faults).into()),
        Err(refusal) => {
            faults.extend(refusal.faults);
            return Err(Refusal::invalid(faults).into());
        }
    };
    let new = NewEnvelope {
        id: EnvelopeId::new(service.random.bytes()),
        kind: kind.name.clone(),
        kind_version: kind.version,
        initiator: owner.code.clone(),
        area: owner.area_code.clone(),
        plan,
        replaces,
    };
    let digests = digests(kind, &draft.data, request.number.as_deref(), new.replaces.as_ref())?;
    let (envelope, created) = Envelope::draft(new, &caller.id, now);
    let content = EnvelopeContent {
        envelope: envelope.id.clone(),
        version: envelope.version,
        data: draft.data,
        number: request.number,
        sha256: digests.sha256,
        sm3: digests.sm3,
        at: now,
        by: caller.id.clone(),
    };
    let line = line(&envelope, caller, now);
    let (made, content, created, hash) = (&envelope, &content, &created, &request.hash);
    let written = audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            match tx.insert_envelope(made, key, hash).await {
                Ok(()) => {}
                // Somebody was quicker under the same key: theirs is the answer.
                Err(StoreError::Exists("idempotency key")) => return Ok(false),
                Err(why) => return Err(TxError::from(why)),
            }
            tx.put_envelope_content(content).await?;
            commit::tell(&mut *tx, service, made, created).await?;
            Ok(true)
        })
    })
    .await?;
    if written {
        return Ok(envelope);
    }
    let earlier = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.envelope_by_key(department, key).await?) })
    })
    .await?;
    let earlier = earlier.ok_or_else(|| AppError::internal("an envelope came and went"))?;
    again(service, earlier, request.hash).await
}

/// The edition to be replaced, if the caller may replace it and it stands as the caller saw it. That it is of another kind is
/// a fault like those of the fields.
async fn replaced(
    service: &Service,
    caller: &Credential,
    Amended { license, revision, .. }: &Amended,
    kind: &LicenseKind,
    now: Timestamp,
    faults: &mut Vec<Fault>,
) -> Result<Option<License>, AppError> {
    let license = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { to_change(tx, service, caller, license, *revision, now).await })
    })
    .await?;
    match amended::in_force(license, &kind.name) {
        Ok(license) => Ok(Some(license)),
        Err(refusal) if refusal.class == RefusalClass::Invalid => {
            faults.extend(refusal.faults);
            Ok(None)
        }
        Err(refusal) => Err(refusal.into()),
    }
}

fn line(envelope: &Envelope, caller: &Credential, now: Timestamp) -> store::AuditLine {
    let replaces = envelope.replaces.as_ref().map(|replaces| replaces.license.as_str());
    let detail = json!({ "kind": envelope.kind, "replaces": replaces });
    audit::line(now, &caller.id, "envelope.create", envelope.id.as_str(), &detail)
}

async fn again(
    service: &Service,
    (id, made): (EnvelopeId, [u8; 32]),
    hash: [u8; 32],
) -> Result<Envelope, AppError> {
    if made != hash {
        return Err(conflict("idempotency.key_reused").into());
    }
    let id = &id;
    let envelope =
        store::read(service.store.as_ref(), |tx, _| Box::pin(async move { commit::stored(tx, id).await }))
            .await?;
    Ok(envelope)
}

/// The kind's plan with the bodies that the order names, and the initiator in the place that is its own.
fn plan(
    kind: &LicenseKind,
    initiator: &Department,
    named: &BTreeMap<String, String>,
    known: &BTreeSet<String>,
) -> (Plan, Vec<Fault>) {
    let Some(plan) = &kind.sealing else {
        return (Plan { stages: Vec::new() }, vec![Fault::at("/kind", "envelope.kind_of_one")]);
    };
    let mut plan = plan.clone();
    let mut faults = Vec::new();
    for (name, code) in named {
        let pointer = format!("/parties/{}", name.replace('~', "~0").replace('/', "~1"));
        if plan.party(name).is_none() {
            faults.push(Fault::at(
                if name.len() > 64 { "/parties".to_owned() } else { pointer },
                "envelope.party_unknown",
            ));
        } else if !known.contains(code) {
            faults.push(Fault::at(pointer, "department.unknown"));
        }
    }
    let mut bodies = BTreeSet::new();
    let mut certain = false;
    for stage in &mut plan.stages {
        let takes_all = stage.quorum.of(stage.parties.len()) == stage.parties.len();
        for party in &mut stage.parties {
            if let Some(code) = named.get(&party.name) {
                party.wanted = Wanted::Body(code.clone());
            } else if is_role_of(&party.wanted, initiator) {
                party.wanted = Wanted::Body(initiator.code.clone());
            }
            let pointer = format!("/parties/{}", party.name);
            match &party.wanted {
                Wanted::Body(code) if !bodies.insert(code.clone()) => {
                    faults.push(Fault::at(pointer, "envelope.body_twice"));
                }
                Wanted::Body(code) => certain |= takes_all && *code == initiator.code,
                Wanted::Role { level, .. } if level.around(&initiator.area_code).is_none() => {
                    faults.push(Fault::at(pointer, "envelope.party_unplaced"));
                }
                Wanted::Role { .. } => {}
            }
        }
    }
    // The license is sealed by the department that issues it, whoever else seals.
    if !certain {
        faults.push(Fault::at("/parties", "envelope.initiator_not_party"));
    }
    (plan, faults)
}

fn is_role_of(wanted: &Wanted, department: &Department) -> bool {
    matches!(wanted, Wanted::Role { level, responsibility }
        if Level::of(&department.area_code) == Some(*level) && *responsibility == department.responsibility)
}
