//! Steps 5 to 8, from what step 4 recorded. Any number of processes may finish the same job: one commits.

use super::Outcome;
use super::laying::{self, With};
use super::reading::{self, Reading, Wanted};
use crate::app::error::{conflict, forbidden, not_found};
use crate::app::issue_license::finish::in_turn;
use crate::app::issue_license::under_grant;
use crate::app::service::SealMeans;
use crate::app::{AppError, JobStep, Service, audit, space, verify_file};
use crate::domain::grant::{GrantId, UseOutcome, UseSubject};
use crate::domain::permit::{self, SealPermit};
use crate::domain::refusal::{Refusal, RefusalClass};
use crate::domain::seal::Seal;
use crate::domain::seal_job::{JobState, KeptFile, SealJob};
use crate::domain::space::Used;
use crate::domain::time::Timestamp;
use crate::ports::files::ContentHash;
use crate::ports::store::{self, AuditLine, OutboxEvent, StoreError, Transaction, TxError};
use serde_json::{Value, json};
use std::sync::Arc;

/// Everything that finishing a job needs.
pub(super) struct Work {
    pub job: SealJob,
    pub reading: Reading,
    pub seal: Seal,
    pub means: Arc<SealMeans>,
}

/// The refusal of a job that somebody else closed meanwhile.
const CLOSED: &str = "seal_job.closed";
/// The refusal of a file that our own verifier does not pass.
const NOT_PROVED: &str = "seal_job.not_proved";

/// Finishes a job that an earlier process recorded and left.
pub(crate) async fn recorded(service: &Arc<Service>, job: SealJob) -> Result<Outcome, AppError> {
    match rebuild(service, &job).await {
        Ok(work) => run(service, work).await,
        Err(why) => {
            cancel(service, &job, &why).await?;
            Err(why)
        }
    }
}

/// Step 2 again, with the file as it was kept.
async fn rebuild(service: &Arc<Service>, job: &SealJob) -> Result<Work, AppError> {
    let code = &job.seal;
    let seal =
        store::glance(service.store.as_ref(), |tx, _| Box::pin(async move { Ok(tx.seal(code).await?) }));
    let seal = seal.await?.ok_or_else(|| not_found("seal.unknown"))?;
    let means = service.seal_means(code).await?.ok_or_else(|| not_found("seal.unknown"))?;
    let file = stored(service, &job.brought).await?;
    let wanted = Wanted { place: job.place.clone(), straddling: job.straddling };
    let reading = reading::read(service, Arc::new(file), &wanted, &means).await?;
    Ok(Work { job: job.clone(), reading, seal, means })
}

/// A file that must be there.
pub(super) async fn stored(service: &Service, file: &KeptFile) -> Result<Vec<u8>, AppError> {
    let hash = ContentHash(file.sha256);
    let bytes = service.files.get(&hash).await?;
    bytes.ok_or_else(|| AppError::internal(format!("the file {hash} of a seal job is missing")))
}

/// Steps 5 to 8. A refusal that will not go away fails the job; anything else leaves it open, to be finished later.
pub(super) async fn run(service: &Arc<Service>, work: Work) -> Result<Outcome, AppError> {
    let job = work.job.clone();
    match release(service, work).await {
        Ok(job) => Ok(Outcome { job, fresh: true }),
        Err(AppError::Refused(refusal)) if refusal.code == CLOSED => closed(service, &job).await,
        Err(why) => {
            cancel(service, &job, &why).await?;
            Err(why)
        }
    }
}

async fn release(service: &Arc<Service>, work: Work) -> Result<SealJob, AppError> {
    let Work { job, reading, seal, means } = work;
    let Reading { brought, before } = reading;
    let suite = job.form.suite;
    // 5. Lay the seal on the file, with room for the signature.
    let with = With { suite, means, sealing: service.sealing(suite).await? };
    let (laid_by, sealed_with) = (Arc::clone(service), seal.clone());
    let (laid, with) = in_turn(service, move || {
        laying::lay(&laid_by, brought, &with, &sealed_with).map(|laid| (laid, with))
    })
    .await?;
    service.steps.reached_in_job(JobStep::Laid);
    // 6. Seal: permit and seal are asked afresh, then the key signs and a timestamp is added.
    let permit = permit_again(service, &job).await?;
    let sealed_by = Arc::clone(service);
    let sealed = tokio::task::spawn_blocking(move || laying::seal(&sealed_by, laid, &with, &permit, &seal));
    let sealed = sealed.await??;
    service.steps.reached_in_job(JobStep::Sealed);
    // 7. Prove: nothing may be found that was not found before.
    let examined = verify_file::examined(service, sealed.clone()).await?;
    let examined = examined.map_err(|(why, _)| not_proved(why.code()))?;
    let report = reading::judged(&examined, service.clock.now());
    if report.seals.iter().all(|found| found.seal_code.as_deref() != Some(job.seal.as_str())) {
        return Err(not_proved("seal.none"));
    }
    let new = laying::new_findings(before, reading::against(report));
    if !new.is_empty() {
        return Err(not_proved(&new.join(" ")));
    }
    service.steps.reached_in_job(JobStep::Proved);
    // 8. The file first, which nothing points to yet; then everything else in one transaction.
    let size = sealed.len() as u64;
    let file = KeptFile { sha256: service.files.put(sealed).await?.0, size };
    service.steps.reached_in_job(JobStep::Filed);
    let done = commit(service, job, file, service.clock.now()).await?;
    service.steps.reached_in_job(JobStep::Committed);
    Ok(done)
}

fn not_proved(codes: &str) -> AppError {
    tracing::error!(codes, "a document that was sealed did not pass and was not released");
    Refusal::new(RefusalClass::Unavailable, NOT_PROVED).with("findings", codes).into()
}

/// The permit as it stands at this moment, under seal, credential and grant as they are at this moment. Step 8 asks for
/// seal and grant once more, in the transaction that releases.
async fn permit_again(service: &Service, job: &SealJob) -> Result<SealPermit, AppError> {
    let (caller, seal, grant) = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let caller = tx.credential(&job.requested_by).await?;
            let seal = tx.seal(&job.seal).await?;
            let grant = match &job.grant {
                None => None,
                Some(grant) => Some(under_grant::stored(&mut *tx, grant).await?),
            };
            Ok((caller, seal, grant))
        })
    })
    .await?;
    let caller = caller.ok_or_else(|| forbidden("caller.unknown"))?;
    let seal = seal.ok_or_else(|| not_found("seal.unknown"))?;
    Ok(permit::to_seal_document(&caller, grant.as_ref(), &seal, service.clock.now(), true)?)
}

/// What is told of a use, in names and codes: neither what the file is called nor what stands in it.
fn told(job: &SealJob, file: &KeptFile) -> Value {
    json!({
        "job": job.id.as_str(),
        "grant": job.grant.as_ref().map(GrantId::as_str),
        "format": job.form.format.name(),
        "suite": job.form.suite.name(),
        "brought": hex::encode(job.brought.sha256),
        "sealed": hex::encode(file.sha256),
    })
}

async fn commit(
    service: &Service,
    job: SealJob,
    file: KeptFile,
    now: Timestamp,
) -> Result<SealJob, AppError> {
    let done = SealJob { state: JobState::Done { file, at: now }, ..job };
    let body = told(&done, &file);
    let line = audit::line(now, &done.requested_by, "seal.use", done.seal.as_str(), &body);
    let event = audit::event(service, now, "seal.used", done.seal.as_str(), &body);
    let (job, line, event) = (&done, &line, &event);
    store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let written = release_in(&mut *tx, service, job, (line, event), now).await;
            if let Err(TxError::Store(StoreError::Contention | StoreError::Failed(_))) = written {
                return written;
            }
            // Decisive: whoever closed the job before us is the reason for whatever else went wrong here.
            if !tx.close_seal_job(&job.id, &job.state).await? {
                return Err(conflict(CLOSED).into());
            }
            written
        })
    })
    .await?;
    Ok(done)
}

/// Everything the release writes but the end of the job.
async fn release_in(
    tx: &mut dyn Transaction,
    service: &Service,
    job: &SealJob,
    (line, event): (&AuditLine, &OutboxEvent),
    now: Timestamp,
) -> Result<(), TxError> {
    // A seal put out of use while it sealed: its file is not released.
    let seal = tx.seal(&job.seal).await?.ok_or_else(|| not_found("seal.unknown"))?;
    seal.check_usable(now)?;
    let mut concerned = vec![job.owner.clone()];
    if let Some(grant) = &job.grant {
        let grant = under_grant::stored(&mut *tx, grant).await?;
        grant.check_document(&job.seal, now, true)?;
        tx.settle_grant_use(&UseSubject::Document(job.id.clone()), UseOutcome::Done).await?;
        concerned = grant.concerned().into_iter().map(str::to_owned).collect();
    }
    let by = tx.credential(&job.requested_by).await?.ok_or_else(|| forbidden("caller.unknown"))?;
    let (seal, id, grant) = (job.seal.clone(), job.id.to_string(), job.grant.clone());
    let used = Used::SealedDocument { seal, job: id, grant };
    space::note(&mut *tx, service, (&job.owner, &by), used, now).await?;
    tx.append_audit(line).await?;
    tx.append_event(&event.clone().concerning(concerned.iter().map(String::as_str))).await?;
    Ok(())
}

/// Whether a job that ended so will never be finished. What may pass (no timestamp, a busy database, a failure of ours) is
/// not final.
pub(crate) fn is_final(why: &AppError) -> bool {
    why.refusal()
        .is_some_and(|refusal| refusal.class != RefusalClass::Unavailable || refusal.code == NOT_PROVED)
}

/// The code that speaks of a refusal: its own, or that of the fault in it.
fn spoken(refusal: &Refusal) -> &'static str {
    refusal.faults.first().map_or(refusal.code, |fault| fault.code)
}

/// Closes a job that will never be finished; its use counts no more.
async fn cancel(service: &Service, job: &SealJob, why: &AppError) -> Result<(), AppError> {
    let Some(refusal) = why.refusal().filter(|_| is_final(why)) else { return Ok(()) };
    let (code, now) = (spoken(refusal), service.clock.now());
    let state = &JobState::Failed { code: code.to_owned(), at: now };
    let body = json!({ "job": job.id.as_str(), "grant": job.grant.as_ref().map(GrantId::as_str) });
    let line = audit::line(now, &job.requested_by, "seal.use", job.seal.as_str(), &body);
    let line = &AuditLine { outcome: code.to_owned(), ..line };
    store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            if tx.close_seal_job(&job.id, state).await? {
                tx.append_audit(line).await?;
                if job.grant.is_some() {
                    let subject = UseSubject::Document(job.id.clone());
                    tx.settle_grant_use(&subject, UseOutcome::Cancelled).await?;
                }
            }
            Ok(())
        })
    })
    .await?;
    Ok(())
}

/// Somebody else closed the job while this call worked on it: their outcome is ours.
async fn closed(service: &Service, job: &SealJob) -> Result<Outcome, AppError> {
    let id = &job.id;
    let now =
        store::glance(service.store.as_ref(), |tx, _| Box::pin(async move { Ok(tx.seal_job(id).await?) }));
    let now = now.await?.ok_or_else(|| not_found("seal_job.unknown"))?;
    match &now.state {
        JobState::Done { .. } => Ok(Outcome { job: now, fresh: false }),
        JobState::Failed { code, .. } => Err(conflict("idempotency.cancelled").with("reason", code).into()),
        JobState::Open => Err(conflict("idempotency.in_progress").into()),
    }
}
