//! A party consents: its seal's key signs a statement that names the content by its digests. Needs no lock on any file, so
//! parties of a stage do it side by side; whose consent completes the last stage also has the license finished.

use super::act::party_of;
use super::{commit, department_of, finish, under_grant, visible};
use crate::app::error::{conflict, forbidden, not_found};
use crate::app::{AppError, Service, access, audit, issue_license};
use crate::crypto::Suite;
use crate::domain::envelope::{
    Act, Actor, Consent, Decision, Envelope, EnvelopeId, EnvelopeState, Statement,
};
use crate::domain::grant::{Grant, GrantId};
use crate::domain::party::{Credential, Department, Role};
use crate::domain::permit::{self, ConsentPermit};
use crate::domain::seal::{Seal, SealCode, SealCredential};
use crate::formats::x509;
use crate::ports::keys::KeyHandle;
use crate::ports::store::{self, EnvelopeContent, SignedConsent, StoreError, Transaction, TxError};
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
    /// The grant under which the caller uses the seal of a party that it is not; the consent is then that party's.
    pub grant: Option<GrantId>,
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

/// For whom the caller consents: its own department, or the owner of a seal that was granted to it.
struct Behalf<'c> {
    body: &'c str,
    grant: Option<&'c Grant>,
}

impl Behalf<'_> {
    /// The envelope, if the caller may decide about it so.
    async fn envelope(
        &self,
        tx: &mut dyn Transaction,
        caller: &Credential,
        id: &EnvelopeId,
    ) -> Result<Envelope, TxError> {
        let Some(grant) = self.grant else { return visible(tx, caller, id).await };
        let envelope = tx.envelope(id).await?;
        let covered = envelope.filter(|envelope| under_grant::covers(grant, caller, envelope));
        Ok(covered.ok_or_else(|| not_found("envelope.unknown"))?)
    }
}

async fn consent(
    service: &Arc<Service>,
    caller: &Credential,
    request: &Request,
) -> Result<Envelope, AppError> {
    if request.grant.is_some() {
        access::only(caller, &[Role::Department, Role::Clerk])?;
    }
    let grant = issue_license::granted(service, caller, request.grant.as_ref()).await?;
    let body = match &grant {
        Some(grant) => grant.owner.as_str(),
        None => department_of(caller)?,
    };
    let behalf = &Behalf { body, grant: grant.as_ref() };
    let now = service.clock.now();
    let found = find(service, caller, request, behalf).await?;
    let envelope = &found.envelope;
    let kind = service.kinds.get(&envelope.kind).ok_or_else(|| not_found("kind.unknown"))?;
    let party = party_of(envelope, body, now)?;
    if is_repetition(envelope, &party, body, request) {
        return Ok(found.envelope);
    }
    // 1. Permit: may this caller consent under this seal? And may its party, as things stand? Nothing is signed otherwise.
    let (owner, seal) = (&found.department, &found.seal);
    let permit = match behalf.grant {
        None => permit::to_consent(caller, owner, kind, seal, now)?,
        Some(grant) => permit::to_consent_under_grant(caller, grant, owner, kind, seal, now)?,
    };
    if kind.version != envelope.kind_version {
        return Err(conflict("envelope.other_kind_version").into());
    }
    let act = Act::Consent {
        party: party.clone(),
        version: request.version,
        seal: request.seal.clone(),
        grant: request.grant.clone(),
    };
    let actor = Actor { by: caller.id.clone(), department: Some(body.to_owned()) };
    let nobody = crate::domain::envelope::Bodies::new();
    let ground = crate::domain::envelope::Ground { now, calendar: &service.calendar, bodies: &nobody };
    envelope.after(&act, &actor, ground)?;
    let credential = credential(service, &found.seal).await?;
    // 2. Record that the key will be used, then sign and check the signature.
    let mut detail = json!({ "version": request.version, "party": party, "seal": request.seal.as_str() });
    if let Some(grant) = &request.grant {
        detail["grant"] = json!(grant.as_str());
    }
    let id = request.envelope.as_str();
    audit::append(service, &audit::line(now, &caller.id, "envelope.sign_consent", id, &detail)).await?;
    let given = Consent {
        body: body.to_owned(),
        seal: request.seal.clone(),
        by: caller.id.clone(),
        at: now,
        grant: request.grant.clone(),
    };
    let signed = sign(service, &found, &party, permit, credential, given).await?;
    // 3. Commit: the rule is asked again of what stands then.
    let line = audit::line(now, &caller.id, "envelope.consent", id, &detail);
    let (signed, act, actor) = (&signed, &act, &actor);
    let outcome = store::write(service.store.as_ref(), |tx, _| {
        let line = line.clone();
        Box::pin(async move {
            let envelope = behalf.envelope(&mut *tx, caller, &request.envelope).await?;
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
            // Asked of what stood before this consent, which would itself be found.
            under_grant::nobody_twice(&mut *tx, caller, &envelope, behalf.grant).await?;
            let envelope = commit::act(&mut *tx, service, &envelope, act, actor, now).await?;
            if let Some(grant) = behalf.grant {
                under_grant::count(&mut *tx, grant, &envelope.kind, signed).await?;
            }
            tx.append_audit(&line).await?;
            Ok(envelope)
        })
    })
    .await;
    if matches!(outcome, Err(TxError::Refused(_))) {
        // The same consent twice at once: the other call was quicker, and its outcome is this one's too.
        let now = find(service, caller, request, behalf).await?.envelope;
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
    behalf: &Behalf<'_>,
) -> Result<Found, AppError> {
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let envelope = behalf.envelope(&mut *tx, caller, &request.envelope).await?;
            let content = tx.envelope_content(&envelope.id, envelope.version).await?;
            let department =
                tx.department(behalf.body).await?.ok_or_else(|| not_found("department.unknown"))?;
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
            if before.body == body && before.seal == request.seal && before.grant == request.grant)
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
    given: Consent,
) -> Result<SignedConsent, AppError> {
    if permit.seal() != found.seal.code.as_str() {
        return Err(AppError::internal("the permit is for another seal"));
    }
    let statement = statement(&found.envelope, &found.content, party, &given)?;
    let key = KeyHandle::parse(&credential.key).ok_or_else(|| AppError::internal("a seal has no key"))?;
    let keys = Arc::clone(&service.keys);
    let message = statement.clone();
    let signature = tokio::task::spawn_blocking(move || keys.sign(&key, &message)).await??;
    let signed = SignedConsent {
        envelope: found.envelope.id.clone(),
        version: found.envelope.version,
        party: party.to_owned(),
        consent: given,
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
    given: &Consent,
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
        by: &given.body,
        seal: given.seal.as_str(),
        grant: given.grant.as_ref().map(GrantId::as_str),
    };
    Ok(statement.to_bytes())
}

/// Whether the signature is that of the seal's key over the statement.
pub(super) fn is_signed(signed: &SignedConsent) -> bool {
    x509::spki(&signed.x509).is_ok_and(|spki| signed.suite.verify(spki, &signed.statement, &signed.signature))
}
