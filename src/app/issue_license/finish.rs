//! Steps 5 to 8, from what step 4 recorded. Any number of processes may finish the same intent: one commits.

use super::seal::LaidOn;
use super::{Issued, NewGround, Order, Replaced, check, replaceable, seal, stored, under_grant};
use crate::app::business::{made, plan};
use crate::app::envelope;
use crate::app::error::{conflict, not_found};
use crate::app::steps::IssueStep;
use crate::app::{AppError, Service, audit};
use crate::domain::grant::{UseOutcome, UseSubject};
use crate::domain::license::draft::CheckedDraft;
use crate::domain::license::{FileForm, License, LicenseFile, LicenseId, LicenseKind, LicenseState};
use crate::domain::permit::{self, SealPermit};
use crate::domain::refusal::{Refusal, RefusalClass};
use crate::domain::time::Timestamp;
use crate::ports::store::{
    self, AuditLine, Issuance, IssuanceState, LicenseEvent, OutboxEvent, StoreError, Transaction, TxError,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// Everything that finishing an intent needs.
pub(crate) struct Work {
    pub issuance: Issuance,
    pub order: Order,
    pub kind: Arc<LicenseKind>,
    pub draft: CheckedDraft,
    pub ground: NewGround,
    /// What is made with it, where it is a business license.
    pub company: Option<plan::Plan>,
}

/// The refusal of an intent that somebody else closed meanwhile.
const CLOSED: &str = "issuance.closed";

/// Finishes an intent that an earlier process recorded and left.
pub(crate) async fn recorded(service: &Arc<Service>, issuance: Issuance) -> Result<Issued, AppError> {
    match rebuild(service, &issuance).await {
        Ok(work) => run(service, work).await,
        Err(why) => {
            cancel(service, &issuance, &why).await?;
            Err(why)
        }
    }
}

/// Steps 1 and 2 again, at the recorded moment; number, salt and check code are as recorded.
async fn rebuild(service: &Service, issuance: &Issuance) -> Result<Work, AppError> {
    let order = Order::from_text(&issuance.request)
        .ok_or_else(|| AppError::internal(format!("the intent {} cannot be read", issuance.license)))?;
    let kind = Arc::clone(service.kinds.get(&order.kind).ok_or_else(|| not_found("kind.unknown"))?);
    let wanted = &order;
    let ground = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            if let Some(version) = &wanted.envelope {
                return envelope::finish::ground(tx, version).await;
            }
            let department = tx.department(&issuance.department).await?;
            let seal = tx.seal(&wanted.seal).await?;
            let replaced = match &wanted.replaces {
                None => None,
                Some(Replaced { license, .. }) => {
                    Some(replaceable(stored(&mut *tx, license).await?, &wanted.kind)?)
                }
            };
            Ok(NewGround {
                department: department.ok_or_else(|| not_found("department.unknown"))?,
                seal: seal.ok_or_else(|| not_found("seal.unknown"))?,
                replaced,
                together: None,
            })
        })
    })
    .await?;
    let draft = check::check(&kind, &ground.asked(&order), &service.fonts, issuance.started_at)?;
    let company = plan::make(service, &kind, &order, &ground, &draft, issuance.started_at).await?;
    Ok(Work { issuance: issuance.clone(), order, kind, draft, ground, company })
}

/// Steps 5 to 8. A refusal that will not go away cancels the intent; anything else leaves it open, to be finished later.
pub(crate) async fn run(service: &Arc<Service>, work: Work) -> Result<Issued, AppError> {
    let work = Arc::new(work);
    let outcome = release(service, &work).await;
    match outcome {
        Ok(license) => Ok(Issued { license, fresh: true }),
        Err(AppError::Refused(refusal)) if refusal.code == CLOSED => closed(service, &work.issuance).await,
        Err(why) => {
            cancel(service, &work.issuance, &why).await?;
            Err(why)
        }
    }
}

async fn release(service: &Arc<Service>, work: &Arc<Work>) -> Result<License, AppError> {
    // 5. Compose the face with the data into a file of each form, with room for its seal.
    let laid_on = laid_on(service, &work.ground).await?;
    let mut parts = Vec::new();
    for form in forms(service, &work.kind, &laid_on)? {
        parts.push(seal::SealWith {
            form,
            seals: laid_on.clone(),
            sealing: service.sealing(form.suite).await?,
        });
    }
    let drafts = {
        let (made_by, work) = (Arc::clone(service), Arc::clone(work));
        in_turn(service, move || {
            let common = seal::Common::of(&made_by, &work);
            let drafts = parts.into_iter().map(|with| seal::compose(&made_by, &work, &common, with));
            drafts.collect::<Result<Vec<_>, _>>()
        })
        .await?
    };
    service.steps.reached(IssueStep::Composed);
    // 6. Seal: permit and seal are asked afresh, then the key signs and a timestamp is added.
    let permits = permit_again(service, work).await?;
    let sealed = {
        let service = Arc::clone(service);
        tokio::task::spawn_blocking(move || {
            let sealed = drafts.into_iter().map(|draft| {
                let form = draft.with.form;
                Ok((form, seal::seal_file(&service, draft, &permits)?))
            });
            sealed.collect::<Result<Vec<(FileForm, Vec<u8>)>, AppError>>()
        })
        .await??
    };
    service.steps.reached(IssueStep::Sealed);
    // 7. Prove: open our own output as a stranger would.
    let sealed = {
        let proved_by = Arc::clone(service);
        in_turn(service, move || {
            for (_, file) in &sealed {
                seal::prove(&proved_by, file, proved_by.clock.now())?;
            }
            Ok(sealed)
        })
        .await?
    };
    service.steps.reached(IssueStep::Proved);
    // 7b. What is made with a business license: the company's seals.
    let made = match &work.company {
        None => None,
        Some(plan) => Some(made::make(service, plan, &work.issuance).await?),
    };
    service.steps.reached(IssueStep::SealsMade);
    // 8. The files first, which nothing points to yet; then everything else in one transaction.
    let mut files = Vec::new();
    for (form, file) in sealed {
        files.push(LicenseFile { form, sha256: service.files.put(file).await?.0 });
    }
    service.steps.reached(IssueStep::Filed);
    let license = commit(service, work, files, made.as_ref(), service.clock.now()).await?;
    service.steps.reached(IssueStep::Committed);
    if let Some(made) = &made {
        made::publish(service, made, license.released_at).await;
    }
    Ok(license)
}

/// Runs work that keeps a processor busy, when it is its turn.
pub(crate) async fn in_turn<T: Send + 'static>(
    service: &Service,
    work: impl FnOnce() -> Result<T, AppError> + Send + 'static,
) -> Result<T, AppError> {
    let turn = Arc::clone(&service.making).acquire_owned().await.map_err(AppError::internal)?;
    tokio::task::spawn_blocking(move || {
        let done = work();
        drop(turn);
        done
    })
    .await?
}

/// The seals of a license in the order in which they are laid on, each with what it seals with.
pub(super) async fn laid_on(service: &Service, ground: &NewGround) -> Result<Vec<LaidOn>, AppError> {
    let mut found = Vec::new();
    for (party, seal) in ground.laid_on() {
        let means = service.seal_means(&seal.code).await?.ok_or_else(|| not_found("seal.unknown"))?;
        found.push(LaidOn {
            party: party.map(str::to_owned),
            seal: seal.code.clone(),
            owner_name: seal.owner_name.clone(),
            means,
        });
    }
    Ok(found)
}

/// The forms that a license of this kind is issued in here, for each of which every seal must have a credential.
pub(super) fn forms(
    service: &Service,
    kind: &LicenseKind,
    seals: &[LaidOn],
) -> Result<Vec<FileForm>, Refusal> {
    let forms: Vec<FileForm> = service.forms(kind).collect();
    for laid in seals {
        if let Some(lacking) = forms.iter().find(|form| laid.means.credential(form.suite).is_none()) {
            let suite = lacking.suite.name();
            return Err(conflict("seal.lacks_suite").with("seal", &laid.seal).with("suite", suite));
        }
    }
    Ok(forms)
}

/// What permits each seal of those who seal together, as the seals on this ground are at `now`.
pub(super) fn permits(ground: &NewGround, now: Timestamp) -> Result<Vec<SealPermit>, Refusal> {
    let seals = ground.together.iter().flat_map(|together| &together.seals);
    seals.map(|laid| permit::to_lay_on(&laid.consent, &laid.seal, now)).collect()
}

/// The permits as they stand at this moment, under the seals as they are at this moment: for the one who asked, or for those
/// who consented. Step 8 asks for the seals once more, in the transaction that releases.
async fn permit_again(service: &Service, work: &Work) -> Result<Vec<SealPermit>, AppError> {
    let store = service.store.as_ref();
    if let Some(version) = &work.order.envelope {
        let ground = store::read(store, |tx, _| Box::pin(envelope::finish::ground(tx, version))).await?;
        return Ok(permits(&ground, service.clock.now())?);
    }
    let (by, wanted) = (&work.issuance.requested_by, &work.order.seal);
    let caller = store::glance(store, |tx, _| Box::pin(async move { Ok(tx.credential(by).await?) })).await?;
    let caller = caller.ok_or_else(|| Refusal::new(RefusalClass::Forbidden, "caller.unknown"))?;
    let seal = store::glance(store, |tx, _| Box::pin(async move { Ok(tx.seal(wanted).await?) })).await?;
    let seal = seal.ok_or_else(|| not_found("seal.unknown"))?;
    let (department, now) = (&work.ground.department, service.clock.now());
    if let Some(grant) = &work.order.grant {
        let grant = store::glance(store, |tx, _| Box::pin(under_grant::stored(tx, grant))).await?;
        let permit = permit::under_grant(&caller, &grant, department, &work.kind, &seal, now, true)?;
        return Ok(vec![permit.to_seal()]);
    }
    Ok(vec![permit::to_issue(&caller, department, &work.kind, &seal, now)?.to_seal()])
}

/// What step 8 writes.
struct Release {
    license: License,
    events: Vec<LicenseEvent>,
    audit: AuditLine,
    outbox: Vec<OutboxEvent>,
}

fn what_to_write(service: &Service, work: &Work, files: Vec<LicenseFile>, now: Timestamp) -> Release {
    let (issuance, draft) = (&work.issuance, &work.draft);
    let license = License {
        id: issuance.license.clone(),
        kind: work.kind.name.clone(),
        kind_version: work.kind.version,
        number: issuance.number.clone(),
        issuer: issuance.department.clone(),
        holder: draft.holder.clone(),
        data: draft.data.clone(),
        issued_on: draft.issued_on,
        valid_from: draft.valid_from,
        valid_until: draft.valid_until,
        edition: issuance.license.edition(),
        previous: work.ground.replaced.as_ref().map(|replaced| replaced.id.clone()),
        state: LicenseState::Active,
        revision: 1,
        seal: work.ground.seal.code.as_str().to_owned(),
        check_code: issuance.check_code.clone(),
        files,
        salt: issuance.salt,
        released_at: now,
    };
    let reason = work.order.replaces.as_ref().map(|replaced| replaced.reason.clone()).unwrap_or_default();
    let event = |license, what: &str| LicenseEvent {
        license,
        what: what.to_owned(),
        at: now,
        by: issuance.requested_by.clone(),
        reason: reason.clone(),
    };
    let mut events = vec![event(license.id.clone(), "issued")];
    let mut body = json!({ "kind": license.kind, "seal": license.seal, "edition": license.edition });
    if let Some(grant) = &work.order.grant {
        body["grant"] = json!(grant.as_str());
    }
    let issued = audit::event(service, now, "license.issued", license.id.as_str(), &told(&license));
    let mut outbox = vec![issued.concerning([&license.issuer])];
    if let Some(previous) = &license.previous {
        events.push(event(previous.clone(), "superseded"));
        let body = json!({ "by": license.id.as_str() });
        let superseded = audit::event(service, now, "license.superseded", previous.as_str(), &body);
        outbox.push(superseded.concerning([&license.issuer]));
    }
    let audit = audit::line(now, &issuance.requested_by, "license.issue", license.id.as_str(), &body);
    Release { license, events, audit, outbox }
}

/// What others are told of a license that was issued: names and codes of it, nothing of its holder.
fn told(license: &License) -> Value {
    json!({
        "kind": license.kind,
        "issuer": license.issuer,
        "seal": license.seal,
        "edition": license.edition,
        "previous": license.previous.as_ref().map(LicenseId::as_str),
    })
}

async fn commit(
    service: &Service,
    work: &Work,
    files: Vec<LicenseFile>,
    made: Option<&made::Made<'_>>,
    now: Timestamp,
) -> Result<License, AppError> {
    let release = what_to_write(service, work, files, now);
    let (written, issuance) = (&release, &work.issuance);
    let committed = store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let done = release_in(&mut *tx, service, work, written, made, now).await;
            if let Err(TxError::Store(StoreError::Contention | StoreError::Failed(_))) = done {
                return done;
            }
            // Last, so that the row is held for as short as can be; and decisive: whoever closed the intent before us
            // is the reason for whatever else went wrong here.
            if !tx.close_issuance(&issuance.department, &issuance.key, &IssuanceState::Done).await? {
                return Err(conflict(CLOSED).into());
            }
            done
        })
    })
    .await;
    match committed {
        Ok(()) => Ok(release.license),
        Err(TxError::Store(StoreError::Exists("license number"))) => {
            Err(conflict("license.number_taken").into())
        }
        Err(why) => Err(why.into()),
    }
}

/// Everything the release writes but the end of its intent.
async fn release_in(
    tx: &mut dyn Transaction,
    service: &Service,
    work: &Work,
    written: &Release,
    made: Option<&made::Made<'_>>,
    now: Timestamp,
) -> Result<(), TxError> {
    // A seal put out of use while it sealed: its file is not released.
    for seal in work.ground.seals() {
        let seal = tx.seal(&seal.code).await?.ok_or_else(|| not_found("seal.unknown"))?;
        seal.check_usable(now)?;
    }
    if let Some(replaced) = &work.ground.replaced {
        supersede(&mut *tx, work, replaced, &written.license).await?;
    }
    tx.insert_license(&written.license).await?;
    for event in &written.events {
        tx.add_license_event(event).await?;
    }
    // The leaf of the public log is appended here, in this same transaction.
    tx.append_audit(&written.audit).await?;
    for event in &written.outbox {
        tx.append_event(event).await?;
    }
    if let Some(grant) = &work.order.grant {
        under_grant::done(&mut *tx, service, grant, (&work.order, &work.issuance), now).await?;
    }
    if let Some((plan, made)) = work.company.as_ref().zip(made) {
        made::enter(&mut *tx, service, plan, made, &written.license, &work.issuance).await?;
    }
    if let Some(version) = &work.order.envelope {
        envelope::finish::released(&mut *tx, service, version, &written.license.id, now).await?;
    }
    Ok(())
}

/// The edition before this one gives way to it, if it is still the one that was to be replaced.
async fn supersede(
    tx: &mut dyn Transaction,
    work: &Work,
    replaced: &License,
    by: &License,
) -> Result<(), TxError> {
    let seen = work.order.replaces.as_ref().and_then(|r| r.revision).unwrap_or(replaced.revision);
    let state = LicenseState::Superseded { by: by.id.clone() };
    if tx.set_license_state(&replaced.id, seen, &state).await? {
        Ok(())
    } else {
        Err(conflict("license.changed").into())
    }
}

/// Whether an intent that ended so will never be finished. What may pass (no timestamp, a busy database, a failure of
/// ours) is not final.
pub(crate) fn is_final(why: &AppError) -> bool {
    why.refusal()
        .is_some_and(|refusal| refusal.class != RefusalClass::Unavailable || refusal.code == seal::NOT_PROVED)
}

/// Closes an intent that will never be finished.
async fn cancel(service: &Service, issuance: &Issuance, why: &AppError) -> Result<(), AppError> {
    let Some(refusal) = why.refusal().filter(|_| is_final(why)) else { return Ok(()) };
    let state = &IssuanceState::Cancelled(refusal.code.to_owned());
    let subject = issuance.license.as_str();
    let line =
        audit::line(service.clock.now(), &issuance.requested_by, "license.issue", subject, &audit::nothing());
    let line = &AuditLine { outcome: refusal.code.to_owned(), ..line };
    let order = Order::from_text(&issuance.request);
    let (order, now) = (order.as_ref(), service.clock.now());
    store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            if tx.close_issuance(&issuance.department, &issuance.key, state).await? {
                tx.append_audit(line).await?;
                if order.is_some_and(|order| order.grant.is_some()) {
                    let subject = UseSubject::License(issuance.license.clone());
                    tx.settle_grant_use(&subject, UseOutcome::Cancelled).await?;
                }
                if let Some(version) = order.and_then(|order| order.envelope.as_ref()) {
                    envelope::finish::unsealable(&mut *tx, service, version, refusal.code, now).await?;
                }
            }
            Ok(())
        })
    })
    .await?;
    Ok(())
}

/// Somebody else closed the intent while this call worked on it: their outcome is ours.
async fn closed(service: &Service, issuance: &Issuance) -> Result<Issued, AppError> {
    let license = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let now = tx.issuance(&issuance.department, &issuance.key).await?;
            match now.map(|issuance| issuance.state) {
                Some(IssuanceState::Done) => stored(tx, &issuance.license).await,
                Some(IssuanceState::Cancelled(code)) => {
                    Err(conflict("idempotency.cancelled").with("reason", code).into())
                }
                Some(IssuanceState::Open) | None => Err(conflict("idempotency.in_progress").into()),
            }
        })
    })
    .await?;
    Ok(Issued { license, fresh: false })
}
