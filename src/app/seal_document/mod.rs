//! Seals a document that somebody brings, a contract say (用印): eight numbered steps, as issuing has them.
//!
//! 1. **Permit.** The seal's own body, or whom it granted the sealing of documents.
//! 2. **Read** the file as a stranger's: what cannot be sealed, or has no such place, is refused.
//! 3. **Keep** it as it was brought, so that a restart can finish the job.
//! 4. **Record** the intent under the caller's idempotency key, and count the use of a grant.
//! 5. **Lay** the seal's picture on it, with room for the signature.
//! 6. **Seal**: permit and seal are asked afresh, the key signs, a timestamp is added.
//! 7. **Prove**: examined once more, nothing may be found that was not found before.
//! 8. **Commit** the end of the job, of the use, audit line and event in one transaction.
//!
//! Steps 1 to 4 are here; 5 to 8, which a restart repeats from what step 4 recorded, are in [`finish`].

mod choices;
pub(crate) mod finish;
mod laying;
mod reading;
mod see;

pub use choices::{Choice, choices, picture};
pub use see::{file, of_caller, one, under_seal};

use super::error::{conflict, not_found};
use super::issue_license::under_grant;
use super::{AppError, JobStep, Service, access, audit, inputs};
use crate::crypto::sha256;
use crate::domain::grant::{Grant, GrantId, GrantUse, UseOutcome, UseSubject};
use crate::domain::license::{FileForm, FileFormat};
use crate::domain::party::{Credential, Role};
use crate::domain::permit;
use crate::domain::refusal::{Fault, Refusal, RefusalClass};
use crate::domain::seal::{Seal, SealCode};
use crate::domain::seal_job::{JobId, JobState, KeptFile, MOST_WORDS, Place, SealJob, Which, key_owner};
use crate::domain::suite::Suite;
use crate::domain::time::Timestamp;
use crate::ports::random::Random;
use crate::ports::store::{self, StoreError, TxError};
use reading::Wanted;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// Largest file that is sealed, in bytes.
pub const MAX_FILE: usize = 20 << 20;
/// An open job this old is nobody's any more: whoever asks again finishes it.
const ABANDONED: Duration = Duration::from_secs(30);

/// Who may have documents sealed.
pub(crate) const SEALERS: &[Role] = &[Role::Department, Role::Clerk, Role::CompanyManager, Role::Sealer];

/// A document to be sealed.
pub struct Request {
    /// The seal.
    pub seal: SealCode,
    /// The grant under which somebody else than the seal's owner asks.
    pub grant: Option<GrantId>,
    /// The suite to seal with; the usual one of the format that the seal has, if none is named.
    pub suite: Option<Suite>,
    /// Where the seal is to stand.
    pub place: Place,
    /// Whether it also stands astride the edges of all pages (骑缝).
    pub straddling: bool,
    /// What the file is called.
    pub name: String,
    /// Why, for the record.
    pub reason: String,
    /// The file: PDF or OFD.
    pub file: Vec<u8>,
}

/// What became of a request.
pub struct Outcome {
    /// The job; done.
    pub job: SealJob,
    /// Whether this call made it; otherwise an earlier call under the same key did.
    pub fresh: bool,
}

/// Seals a document under the caller's idempotency key: 1 to 64 visible ASCII characters.
pub async fn run(
    service: &Arc<Service>,
    caller: &Credential,
    key: &str,
    request: Request,
) -> Result<Outcome, AppError> {
    let seal = request.seal.clone();
    let outcome = seal_document(service, caller, key, request).await;
    if let Err(AppError::Refused(refusal)) = &outcome
        && refusal.class == RefusalClass::Forbidden
    {
        let line = audit::line(service.clock.now(), &caller.id, "seal.use", seal.as_str(), &audit::nothing());
        let line = store::AuditLine { outcome: refusal.code.to_owned(), ..line };
        audit::append(service, &line).await?;
    }
    outcome
}

async fn seal_document(
    service: &Arc<Service>,
    caller: &Credential,
    key: &str,
    request: Request,
) -> Result<Outcome, AppError> {
    access::only(caller, SEALERS)?;
    if !(1..=64).contains(&key.len()) || !key.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Refusal::new(RefusalClass::Invalid, "idempotency.key_form").into());
    }
    let request = checked(request)?;
    let (request, digest) = hashed(request).await?;
    let hash = request_hash(&request, digest);
    let owner = key_owner(caller);
    if let Some(earlier) = earlier(service, owner, key).await? {
        return again(service, earlier, hash).await;
    }
    let now = service.clock.now();
    // 1. Permit: may this caller use this seal?
    let (seal, grant) = ground(service, caller, &request).await?;
    permit::to_seal_document(caller, grant.as_ref(), &seal, now, false)?;
    service.steps.reached_in_job(JobStep::Permitted);
    // 2. Read the file.
    let file = Arc::new(request.file);
    let means = service.seal_means(&seal.code).await?.ok_or_else(|| not_found("seal.unknown"))?;
    let wanted = Wanted { place: request.place.clone(), straddling: request.straddling };
    let reading = reading::read(service, Arc::clone(&file), &wanted, &means).await?;
    let suite = suite(service, request.suite, reading.format(), &seal.code, &means)?;
    service.steps.reached_in_job(JobStep::Read);
    // 3. Keep it as it was brought. Nothing points to it yet.
    let brought = keep(service, file).await?;
    service.steps.reached_in_job(JobStep::Kept);
    let random: &dyn Random = service.random.as_ref();
    let job = SealJob {
        id: JobId::new(now, random.bytes()),
        key_owner: owner.to_owned(),
        key: key.to_owned(),
        request_hash: hash,
        requested_by: caller.id.clone(),
        seal: seal.code.clone(),
        owner: seal.owner_code.clone(),
        grant: request.grant,
        form: FileForm { format: reading.format(), suite },
        place: request.place,
        straddling: request.straddling,
        name: request.name,
        reason: request.reason,
        brought,
        started_at: now,
        state: JobState::Open,
    };
    // 4. Record the intent, durable before any key is touched.
    match record(service, &job).await {
        Ok(()) => {}
        Err(TxError::Store(StoreError::Exists("idempotency key"))) => {
            let earlier = earlier(service, owner, key).await?;
            let earlier = earlier.ok_or_else(|| AppError::internal("a job came and went"))?;
            return again(service, earlier, hash).await;
        }
        Err(why) => return Err(why.into()),
    }
    service.steps.reached_in_job(JobStep::Recorded);
    // 5 to 8.
    finish::run(service, finish::Work { job, reading, seal, means }).await
}

/// The request with its texts in their plain form; every fault of them at once.
fn checked(mut request: Request) -> Result<Request, Refusal> {
    let mut faults = Vec::new();
    request.reason = inputs::line("/reason", &request.reason, 2, 200, &mut faults);
    request.name = inputs::line("/name", &request.name, 1, 200, &mut faults);
    match &mut request.place {
        Place::Words { words, which } => {
            *words = inputs::line("/place/words", words, 1, MOST_WORDS, &mut faults);
            if *which == Which::Nth(0) {
                faults.push(Fault::at("/place/nth", "number.out_of_range").with("min", 1).with("max", 49));
            }
        }
        Place::At(point) if point.page == 0 => {
            faults.push(Fault::at("/place/page", "number.out_of_range").with("min", 1).with("max", 2_000));
        }
        Place::At(_) => {}
    }
    if request.file.is_empty() {
        faults.push(Fault::at("/file", "field.required"));
    } else if request.file.len() > MAX_FILE {
        let most = format!("> {} MB", MAX_FILE >> 20);
        faults.push(Fault::at("/file", "format.too_large").with("why", most));
    }
    if faults.is_empty() { Ok(request) } else { Err(Refusal::invalid(faults)) }
}

async fn hashed(request: Request) -> Result<(Request, [u8; 32]), AppError> {
    let digest = tokio::task::spawn_blocking(move || {
        let digest = sha256(&request.file);
        (request, digest)
    });
    Ok(digest.await?)
}

/// What tells two requests apart.
fn request_hash(request: &Request, file: [u8; 32]) -> [u8; 32] {
    let place = match &request.place {
        Place::Words { words, which } => json!({ "words": words, "which": format!("{which:?}") }),
        Place::At(point) => json!({ "page": point.page, "x": point.x, "y": point.y }),
    };
    let canonical = json!({
        "seal": request.seal.as_str(),
        "grant": request.grant.as_ref().map(GrantId::as_str),
        "suite": request.suite.map(Suite::name),
        "place": place,
        "straddling": request.straddling,
        "name": request.name,
        "reason": request.reason,
        "file": hex::encode(file),
    });
    sha256(canonical.to_string().as_bytes())
}

/// The seal and the grant that a request stands on. A grant that does not name the caller does not exist for it.
async fn ground(
    service: &Service,
    caller: &Credential,
    request: &Request,
) -> Result<(Seal, Option<Grant>), AppError> {
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let seal = tx.seal(&request.seal).await?;
            let grant = match &request.grant {
                None => None,
                Some(id) => {
                    let grant = tx.grant(id).await?;
                    let theirs = |grant: &Grant| match permit::is_granted_to(caller, grant) {
                        Err(refusal) => refusal.code != "grant.of_another",
                        Ok(()) => true,
                    };
                    Some(grant.filter(theirs).ok_or_else(|| not_found("grant.unknown"))?)
                }
            };
            Ok((seal.ok_or_else(|| not_found("seal.unknown"))?, grant))
        })
    })
    .await?;
    Ok(found)
}

/// What the file is sealed with: OFD with SM2, as its standards have it; PDF with what was asked for, or else the seal's
/// first.
fn suite(
    service: &Service,
    asked: Option<Suite>,
    format: FileFormat,
    seal: &SealCode,
    means: &super::service::SealMeans,
) -> Result<Suite, AppError> {
    let has = |suite: Suite| means.credential(suite).is_some() && service.authorities.of(suite).is_some();
    let suite = match (format, asked) {
        (FileFormat::Ofd, Some(Suite::P256)) => {
            return Err(Refusal::invalid(vec![Fault::at("/suite", "seal_job.ofd_is_sm2")]).into());
        }
        (FileFormat::Ofd, _) => Suite::Sm2,
        (FileFormat::Pdf, Some(asked)) => asked,
        (FileFormat::Pdf, None) if has(Suite::P256) => Suite::P256,
        (FileFormat::Pdf, None) => Suite::Sm2,
    };
    if !has(suite) {
        return Err(conflict("seal.lacks_suite").with("seal", seal).with("suite", suite.name()).into());
    }
    Ok(suite)
}

async fn keep(service: &Service, file: Arc<Vec<u8>>) -> Result<KeptFile, AppError> {
    let size = file.len() as u64;
    let bytes = Arc::try_unwrap(file).unwrap_or_else(|shared| shared.as_ref().clone());
    Ok(KeptFile { sha256: service.files.put(bytes).await?.0, size })
}

/// Step 4: one writing transaction. A use of a grant is counted in it.
async fn record(service: &Service, job: &SealJob) -> Result<(), TxError> {
    store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            tx.insert_seal_job(job).await?;
            let Some(grant) = &job.grant else { return Ok(()) };
            let used = GrantUse {
                grant: grant.clone(),
                subject: UseSubject::Document(job.id.clone()),
                kind: String::new(),
                by: job.requested_by.clone(),
                at: job.started_at,
                outcome: UseOutcome::Open,
            };
            if tx.take_grant_use(&used).await? {
                return Ok(());
            }
            // Somebody else took the last use, or it was withdrawn a moment ago.
            under_grant::stored(tx, grant).await?.check_document(&job.seal, job.started_at, false)?;
            Err(conflict("grant.changed").into())
        })
    })
    .await
}

async fn earlier(service: &Service, owner: &str, key: &str) -> Result<Option<SealJob>, AppError> {
    let found = store::glance(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.seal_job_of_key(owner, key).await?) })
    })
    .await?;
    Ok(found)
}

/// Answers a key that was used before: the same request gives the same job, another one is refused.
async fn again(service: &Arc<Service>, earlier: SealJob, hash: [u8; 32]) -> Result<Outcome, AppError> {
    if earlier.request_hash != hash {
        return Err(conflict("idempotency.key_reused").into());
    }
    let age = |now: Timestamp| now.since(earlier.started_at);
    match &earlier.state {
        JobState::Done { .. } => Ok(Outcome { job: earlier, fresh: false }),
        JobState::Failed { code, .. } => Err(conflict("idempotency.cancelled").with("reason", code).into()),
        JobState::Open if age(service.clock.now()) < ABANDONED => {
            Err(conflict("idempotency.in_progress").into())
        }
        JobState::Open => finish::recorded(service, earlier).await,
    }
}
