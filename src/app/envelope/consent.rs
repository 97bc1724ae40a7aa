//! A party consents: its seal's key signs a statement that names the content by its digests. Needs no lock on any file, so
//! parties of a stage do it side by side; whose consent completes the last stage also has the license finished.

use super::act::party_of;
use super::{commit, department_of, finish, visible};
use crate::app::error::{conflict, forbidden, not_found};
use crate::app::{AppError, Service, audit};
use crate::crypto::Suite;
use crate::domain::envelope::{
    Act, Actor, Consent, Decision, Envelope, EnvelopeId, EnvelopeState, Statement,
};
use crate::domain::party::{Credential, Department};
use crate::domain::permit::{self, ConsentPermit};
use crate::domain::seal::{Seal, SealCode, SealCredential};
use crate::domain::time::Timestamp;
use crate::formats::x509;
use crate::ports::keys::KeyHandle;
use crate::ports::store::{self, EnvelopeContent, SignedConsent, StoreError, TxError};
use serde_json::json;
use std::sync::Arc;

/// What a party says yes to, and with which seal.
pub struct Request {
    /// Which envelope.
    pub envelope: EnvelopeId,
    /// The version that was read.
    pub version: u32,
    /// The seal that will be laid on.
    pub seal: SealCode,
}

/// Consents and answers the envelope as it stands then. A repetition of the same consent changes nothing.
pub async fn run(
    service: &Arc<Service>,
    caller: &Credential,
    request: Request,
) -> Result<Envelope, AppError> {
    let outcome = consent(service, caller, &request).await;
    if let Err(AppError::Refused(refusal)) = &outcome {
        let now = service.clock.now();
        let line =
            audit::line(now, &caller.id, "envelope.consent", request.envelope.as_str(), &audit::nothing());
        audit::append(service, &store::AuditLine { outcome: refusal.code.to_owned(), ..line }).await?;
    }
    let envelope = outcome?;
    if envelope.state != EnvelopeState::Satisfied {
        return Ok(envelope);
    }
    // The consent is given, whatever becomes of the sealing: what fails now is finished by the next pass of the jobs.
    if let Err(why) = finish::run(service, &envelope.id).await {
        tracing::error!(envelope = %envelope.id, %why, "a satisfied envelope could not be finished yet");
    }
    let id = &envelope.id;
    let now =
        store::read(service.store.as_ref(), |tx, _| Box::pin(async move { commit::stored(tx, id).await }))
            .await?;
    Ok(now)
}

struct Found {
    envelope: Envelope,
    content: EnvelopeContent,
    department: Department,
    seal: Seal,
}

async fn consent(
    service: &Arc<Service>,
    caller: &Credential,
    request: &Request,
) -> Result<Envelope, AppError> {
    let body = department_of(caller)?;
    let now = service.clock.now();
    let found = find(service, caller, request, body).await?;
    let envelope = &found.envelope;
    let kind = service.kinds.get(&envelope.kind).ok_or_else(|| not_found("kind.unknown"))?;
    let party = party_of(envelope, body, now)?;
    if is_repetition(envelope, &party, body, request) {
        return Ok(found.envelope);
    }
    // 1. Permit: may this caller consent under this seal? And may its party, as things stand? Nothing is signed otherwise.
    let permit = permit::to_consent(caller, &found.department, kind, &found.seal, now)?;
    if kind.version != envelope.kind_version {
        return Err(conflict("envelope.other_kind_version").into());
    }
    let act = Act::Consent { party: party.clone(), version: request.version, seal: request.seal.clone() };
    let actor = Actor { by: caller.id.clone(), department: Some(body.to_owned()) };
    let nobody = crate::domain::envelope::Bodies::new();
    let ground = crate::domain::envelope::Ground { now, calendar: &service.calendar, bodies: &nobody };
    envelope.after(&act, &actor, ground)?;
    let credential = credential(service, &found.seal).await?;
    // 2. Record that the key will be used, then sign and check the signature.
    let detail = json!({ "version": request.version, "party": party, "seal": request.seal.as_str() });
    let id = request.envelope.as_str();
    audit::append(service, &audit::line(now, &caller.id, "envelope.sign_consent", id, &detail)).await?;
    let signed = sign(service, &found, &party, permit, credential, caller, now).await?;
    // 3. Commit: the rule is asked again of what stands then.
    let line = audit::line(now, &caller.id, "envelope.consent", id, &detail);
    let (signed, act, actor) = (&signed, &act, &actor);
    let outcome = store::write(service.store.as_ref(), |tx, _| {
        let line = line.clone();
        Box::pin(async move {
            let envelope = visible(&mut *tx, caller, &request.envelope).await?;
            let seal = tx.seal(&request.seal).await?.ok_or_else(|| not_found("seal.unknown"))?;
            seal.check_usable(now)?;
            match tx.add_envelope_consent(signed).await {
                Ok(()) => {}
                // The rule says why; where it does not, the row itself is in the way.
                Err(StoreError::Exists(_)) => {
                    commit::act(&mut *tx, service, &envelope, act, actor, now).await?;
                    return Err(conflict("envelope.already_decided").into());
                }
                Err(why) => return Err(TxError::from(why)),
            }
            let envelope = commit::act(&mut *tx, service, &envelope, act, actor, now).await?;
            tx.append_audit(&line).await?;
            Ok(envelope)
        })
    })
    .await;
    if matches!(outcome, Err(TxError::Refused(_))) {
        // The same consent twice at once: the other call was quicker, and its outcome is this one's too.
        let now = find(service, caller, request, body).await?.envelope;
        if is_repetition(&now, &party, body, request) {
            return Ok(now);
        }
    }
    Ok(outcome?)
}

async fn find(
    service: &Service,
    caller: &Credential,
    request: &Request,
    body: &str,
) -> Result<Found, AppError> {
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let envelope = visible(&mut *tx, caller, &request.envelope).await?;
            let content = tx.envelope_content(&envelope.id, envelope.version).await?;
            let department = tx.department(body).await?.ok_or_else(|| not_found("department.unknown"))?;
            let seal = tx.seal(&request.seal).await?.ok_or_else(|| not_found("seal.unknown"))?;
            let content = content.ok_or_else(|| not_found("envelope.unknown"))?;
            Ok(Found { envelope, content, department, seal })
        })
    })
    .await?;
    Ok(found)
}

/// Whether just this was said before.
fn is_repetition(envelope: &Envelope, party: &str, body: &str, request: &Request) -> bool {
    let decided = envelope.party(party).map(|party| &party.decision);
    envelope.version == request.version
        && matches!(decided, Some(Decision::Consented(before))
            if before.body == body && before.seal == request.seal)
}

/// What the seal signs the statement with: P-256 where it has it, since any tool checks that.
async fn credential(service: &Service, seal: &Seal) -> Result<SealCredential, AppError> {
    let means = service.seal_means(&seal.code).await?.ok_or_else(|| not_found("seal.unknown"))?;
    let found = Suite::ALL.into_iter().find_map(|suite| means.credential(suite));
    Ok(found.cloned().ok_or_else(|| conflict("seal.not_approved").with("seal", &seal.code))?)
}

async fn sign(
    service: &Arc<Service>,
    found: &Found,
    party: &str,
    permit: ConsentPermit,
    credential: SealCredential,
    caller: &Credential,
    now: Timestamp,
) -> Result<SignedConsent, AppError> {
    if permit.seal() != found.seal.code.as_str() {
        return Err(AppError::internal("the permit is for another seal"));
    }
    let statement =
        statement(&found.envelope, &found.content, party, &found.department.code, &found.seal.code)?;
    let key = KeyHandle::parse(&credential.key).ok_or_else(|| AppError::internal("a seal has no key"))?;
    let keys = Arc::clone(&service.keys);
    let message = statement.clone();
    let signature = tokio::task::spawn_blocking(move || keys.sign(&key, &message)).await??;
    let signed = SignedConsent {
        envelope: found.envelope.id.clone(),
        version: found.envelope.version,
        party: party.to_owned(),
        consent: Consent {
            body: found.department.code.clone(),
            seal: found.seal.code.clone(),
            by: caller.id.clone(),
            at: now,
        },
        suite: credential.suite,
        x509: credential.x509,
        statement,
        signature,
    };
    if !is_signed(&signed) {
        return Err(AppError::internal("a signature over a consent does not verify"));
    }
    Ok(signed)
}

/// The statement of a consent to the content of the envelope's present version.
pub(super) fn statement(
    envelope: &Envelope,
    content: &EnvelopeContent,
    party: &str,
    by: &str,
    seal: &SealCode,
) -> Result<Vec<u8>, AppError> {
    let planned = envelope.party(party).ok_or_else(|| not_found("envelope.party_unknown"))?;
    let stage = envelope.plan.stages.get(planned.stage);
    let body = planned.body.as_deref().ok_or_else(|| forbidden("envelope.not_your_party"))?;
    let statement = Statement {
        envelope: envelope.id.as_str(),
        version: envelope.version,
        kind: (&envelope.kind, envelope.kind_version),
        sha256: &content.sha256,
        sm3: &content.sm3,
        stage: stage.map_or("", |stage| stage.name.as_str()),
        party,
        body,
        by,
        seal: seal.as_str(),
    };
    Ok(statement.to_bytes())
}

/// Whether the signature is that of the seal's key over the statement.
pub(super) fn is_signed(signed: &SignedConsent) -> bool {
    x509::spki(&signed.x509).is_ok_and(|spki| signed.suite.verify(spki, &signed.statement, &signed.signature))
}
