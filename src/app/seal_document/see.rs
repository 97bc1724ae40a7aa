//! Seal jobs and their files, for whoever asked for them and for the seal's owner. Every read is an audit line: what a file
//! is called, and what stands in it, may be personal.

use super::{SEALERS, finish};
use crate::app::error::{conflict, not_found};
use crate::app::{AppError, Service, access, audit, inputs};
use crate::domain::party::Credential;
use crate::domain::permit;
use crate::domain::seal::SealCode;
use crate::domain::seal_job::{JobId, JobState, SealJob, key_owner};
use crate::ports::store::{Transaction, TxError};
use serde_json::json;

/// One job.
pub async fn one(service: &Service, caller: &Credential, id: &JobId) -> Result<SealJob, AppError> {
    access::only(caller, SEALERS)?;
    let line = audit::line(service.clock.now(), &caller.id, "seal_job.read", id.as_str(), &audit::nothing());
    audit::audited(service, line, |tx, _| Box::pin(async move { seen(tx, caller, id).await })).await
}

/// The sealed file of a job that is done.
pub async fn file(
    service: &Service,
    caller: &Credential,
    id: &JobId,
) -> Result<(SealJob, Vec<u8>), AppError> {
    access::only(caller, SEALERS)?;
    let line =
        audit::line(service.clock.now(), &caller.id, "seal_job.read_file", id.as_str(), &audit::nothing());
    let (job, file) = audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let job = seen(tx, caller, id).await?;
            match job.state {
                JobState::Done { file, .. } => Ok((job, file)),
                _ => Err(conflict("seal_job.not_done").with("state", job.state.name()).into()),
            }
        })
    })
    .await?;
    let bytes = finish::stored(service, &file).await?;
    Ok((job, bytes))
}

/// Jobs that the caller, or the body it acts for, asked for: newest first, from behind `before`.
pub async fn of_caller(
    service: &Service,
    caller: &Credential,
    before: Option<&JobId>,
    limit: Option<u32>,
) -> Result<Vec<SealJob>, AppError> {
    access::only(caller, SEALERS)?;
    let (owner, limit) = (key_owner(caller), inputs::rows(limit));
    let line = audit::line(service.clock.now(), &caller.id, "seal_job.list", owner, &audit::nothing());
    audit::audited(service, line, |tx, _| {
        Box::pin(async move { Ok(tx.seal_jobs_of(owner, before, limit).await?) })
    })
    .await
}

/// Jobs under a seal whose owner the caller acts for, whoever asked: newest first, from behind `before`.
pub async fn under_seal(
    service: &Service,
    caller: &Credential,
    seal: &SealCode,
    before: Option<&JobId>,
    limit: Option<u32>,
) -> Result<Vec<SealJob>, AppError> {
    access::only(caller, SEALERS)?;
    let limit = inputs::rows(limit);
    let detail = json!({ "seal": seal.as_str() });
    let line = audit::line(service.clock.now(), &caller.id, "seal_job.list", seal.as_str(), &detail);
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let owned = tx.seal(seal).await?.filter(|seal| permit::acts_for(caller, &seal.owner_code));
            owned.ok_or_else(|| not_found("seal.unknown"))?;
            Ok(tx.seal_jobs_under(seal, before, limit).await?)
        })
    })
    .await
}

/// A job that the caller may see. To everyone else it does not exist.
async fn seen(tx: &mut dyn Transaction, caller: &Credential, id: &JobId) -> Result<SealJob, TxError> {
    let job = tx.seal_job(id).await?;
    let theirs = |job: &SealJob| key_owner(caller) == job.key_owner || permit::acts_for(caller, &job.owner);
    Ok(job.filter(theirs).ok_or_else(|| not_found("seal_job.unknown"))?)
}
