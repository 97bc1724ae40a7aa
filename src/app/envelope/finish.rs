//! Finishes a satisfied envelope: the license is issued with all steps of issuing, under an intent that is keyed by the
//! envelope's version, so that of any number of tries one releases it.

use super::{amended, commit, consent};
use crate::app::error::{conflict, not_found};
use crate::app::issue_license::{self, EnvelopeVersion, NewGround, Order, Replaced};
use crate::app::{AppError, Service, audit};
use crate::domain::envelope::{Act, Actor, Consent, EnvelopeId, EnvelopeState};
use crate::domain::license::LicenseId;
use crate::domain::seal::Seal;
use crate::domain::time::Timestamp;
use crate::ports::store::{self, Issuance, IssuanceState, Transaction, TxError};
use serde_json::json;
use std::sync::Arc;

/// Those whose seals a license carries.
pub(crate) struct Together {
    /// In the order in which they are laid on.
    pub seals: Vec<PartySeal>,
}

/// A party's seal, and why it may be laid on.
pub(crate) struct PartySeal {
    /// The party, by name: its place on the face.
    pub party: String,
    /// What permits it.
    pub consent: Consent,
    /// The seal.
    pub seal: Seal,
}

/// Idempotency keys of callers have no spaces, so nobody else has this one.
fn key(version: &EnvelopeVersion) -> String {
    format!("envelope {} {}", version.id, version.version)
}

struct Ready {
    order: Order,
    ground: NewGround,
    by: String,
    intent: Option<Issuance>,
}

/// Issues the license of a satisfied envelope. Nothing happens to one that is not, or that somebody else finishes meanwhile.
pub(crate) async fn run(service: &Arc<Service>, id: &EnvelopeId) -> Result<(), AppError> {
    let ready = match ready(service, id).await {
        Ok(Some(ready)) => ready,
        Ok(None) => return Ok(()),
        Err(why) => return give_up(service, id, why).await,
    };
    let outcome = match ready.intent {
        Some(intent) if intent.state == IssuanceState::Open => {
            issue_license::finish::recorded(service, intent).await.map(drop)
        }
        // Whoever closed it did what belongs to it in the same transaction.
        Some(_) => Ok(()),
        None => {
            let version = ready.order.envelope.as_ref().map(key).unwrap_or_default();
            issue_license::together(service, &ready.by, &version, ready.order, ready.ground).await
        }
    };
    match outcome {
        Ok(()) => Ok(()),
        Err(why) => give_up(service, id, why).await,
    }
}

/// What is needed to issue it; `None` if there is nothing to do.
async fn ready(service: &Service, id: &EnvelopeId) -> Result<Option<Ready>, AppError> {
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let envelope = commit::stored(&mut *tx, id).await?;
            if envelope.state != EnvelopeState::Satisfied {
                return Ok(None);
            }
            let version = EnvelopeVersion { id: id.clone(), version: envelope.version };
            let intent = tx.issuance(&envelope.initiator, &key(&version)).await?;
            // What was consented to was laid out as the kind was then.
            let kind = service.kinds.get(&envelope.kind).ok_or_else(|| not_found("kind.unknown"))?;
            if intent.is_none() && kind.version != envelope.kind_version {
                return Err(conflict("envelope.other_kind_version").into());
            }
            let content = tx.envelope_content(id, envelope.version).await?;
            let content = content.ok_or_else(|| not_found("envelope.version_unknown"))?;
            let (kind, by) = (envelope.kind.clone(), envelope.created_by.clone());
            let ground = ground(&mut *tx, &version).await?;
            let order = Order {
                kind,
                seal: ground.seal.code.clone(),
                data: issue_license::raw(&content.data),
                number: content.number,
                replaces: envelope.replaces.map(|replaces| Replaced {
                    license: replaces.license,
                    // Whatever stands then, if it is in force.
                    revision: None,
                    reason: replaces.reason,
                }),
                envelope: Some(version),
                grant: None,
                business: None,
            };
            Ok(Some(Ready { order, ground, by, intent }))
        })
    })
    .await?;
    Ok(found)
}

/// What the order of an envelope stands on: its department, and the seal of every consent in the order in which they are
/// laid on. Each consent is proved again.
pub(crate) async fn ground(
    tx: &mut dyn Transaction,
    version: &EnvelopeVersion,
) -> Result<NewGround, TxError> {
    let envelope = commit::stored(&mut *tx, &version.id).await?;
    if envelope.state != EnvelopeState::Satisfied || envelope.version != version.version {
        return Err(conflict("envelope.act_not_allowed").with("state", envelope.state.name()).into());
    }
    let department = tx.department(&envelope.initiator).await?;
    let department = department.ok_or_else(|| not_found("department.unknown"))?;
    let content = tx.envelope_content(&version.id, version.version).await?;
    let content = content.ok_or_else(|| not_found("envelope.version_unknown"))?;
    let signed = tx.envelope_consents(&version.id).await?;
    let mut seals = Vec::new();
    for (party, given) in envelope.consents() {
        let proof = signed.iter().find(|s| s.version == version.version && s.party == party.name);
        let broken = || conflict("envelope.consent_broken").with("party", &party.name);
        let proof = proof.ok_or_else(broken)?;
        let said = consent::statement(&envelope, &content, &party.name, given);
        if !said.is_ok_and(|said| said == proof.statement) || !consent::is_signed(proof) {
            return Err(broken().into());
        }
        let seal = tx.seal(&given.seal).await?.ok_or_else(|| not_found("seal.unknown"))?;
        seals.push(PartySeal { party: party.name.clone(), consent: given.clone(), seal });
    }
    let issuers = seals.iter().find(|laid| laid.consent.body == envelope.initiator);
    let seal = issuers.map(|laid| laid.seal.clone()).ok_or_else(|| conflict("envelope.no_quorum"))?;
    let replaced = amended::of(&mut *tx, &envelope).await?;
    let together = Some(Together { seals });
    Ok(NewGround { department, seal, replaced, together })
}

/// The envelope's part of releasing its license, in the same transaction.
pub(crate) async fn released(
    tx: &mut dyn Transaction,
    service: &Service,
    version: &EnvelopeVersion,
    license: &LicenseId,
    now: Timestamp,
) -> Result<(), TxError> {
    let envelope = commit::stored(&mut *tx, &version.id).await?;
    if envelope.version != version.version {
        return Err(conflict("envelope.other_version").with("version", envelope.version).into());
    }
    let finish = Act::Finish { license: license.clone() };
    commit::act(&mut *tx, service, &envelope, &finish, &Actor::system(), now).await?;
    let line = audit::line(
        now,
        audit::SYSTEM,
        "envelope.finish",
        version.id.as_str(),
        &json!({ "license": license.as_str() }),
    );
    Ok(tx.append_audit(&line).await?)
}

/// The envelope's part of giving an intent up, in the same transaction: it goes back to its initiator with the reason, if it
/// still waits for its seals.
pub(crate) async fn unsealable(
    tx: &mut dyn Transaction,
    service: &Service,
    version: &EnvelopeVersion,
    code: &str,
    now: Timestamp,
) -> Result<(), TxError> {
    let envelope = commit::stored(&mut *tx, &version.id).await?;
    if envelope.state != EnvelopeState::Satisfied || envelope.version != version.version {
        return Ok(());
    }
    let act = Act::Unsealable { code: code.to_owned() };
    commit::act(&mut *tx, service, &envelope, &act, &Actor::system(), now).await?;
    let line = audit::line(now, audit::SYSTEM, "envelope.finish", version.id.as_str(), &audit::nothing());
    let line = store::AuditLine { outcome: code.to_owned(), ..line };
    Ok(tx.append_audit(&line).await?)
}

/// Before an intent was recorded nothing else remembers why the license cannot be issued. What may pass is left to the next
/// try.
async fn give_up(service: &Service, id: &EnvelopeId, why: AppError) -> Result<(), AppError> {
    let Some(refusal) = why.refusal().filter(|_| issue_license::finish::is_final(&why)) else {
        return Err(why);
    };
    let (code, now) = (refusal.code, service.clock.now());
    store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let envelope = commit::stored(&mut *tx, id).await?;
            let version = EnvelopeVersion { id: id.clone(), version: envelope.version };
            let intent = tx.issuance(&envelope.initiator, &key(&version)).await?;
            // An intent that is open is given up with its envelope, or finished; not here.
            match intent.map(|intent| intent.state) {
                Some(IssuanceState::Open | IssuanceState::Done) => Ok(()),
                Some(IssuanceState::Cancelled(_)) | None => {
                    unsealable(tx, service, &version, code, now).await
                }
            }
        })
    })
    .await?;
    tracing::warn!(envelope = %id, code, "an envelope cannot be sealed and went back");
    Ok(())
}
