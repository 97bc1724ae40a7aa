//! Answers strangers what a seal's state was at a moment, signed, so that the answer can be shown to others and checked
//! without us. It names no person and no owner.

use super::error::not_found;
use super::status_signer::StatusSigner;
use super::{AppError, Service, verify_file};
use crate::crypto::sha256;
use crate::domain::refusal::{Refusal, RefusalClass};
use crate::domain::report::facts::Examined;
use crate::domain::report::judge::{Policy, judge_examined};
use crate::domain::seal::{Interval, Seal, SealCode, SealState, intervals};
use crate::domain::time::Timestamp;
use crate::formats::jws;
use crate::ports::keys::HandleSigner;
use crate::ports::store;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// How long an answer is the newest: a seal may be suspended or voided at any time.
const LASTS: Duration = Duration::from_secs(3_600);
/// Media type of the statement, in its header.
const KIND: &str = "seal-status+jwt";

/// The answer.
pub struct Status {
    /// The seal.
    pub seal: SealCode,
    /// The moment that was asked about.
    pub at: Timestamp,
    /// Its state then: a state's name, `expired`, or `not-made` before it was made.
    pub state: &'static str,
    /// Its life since it was made.
    pub intervals: Vec<Interval>,
    /// When this was said.
    pub this_update: Timestamp,
    /// When it should be asked again.
    pub next_update: Timestamp,
    /// The statement: a JSON Web Signature.
    pub statement: String,
}

/// One seal found in a file.
pub struct Found {
    /// Its code, as the file has it.
    pub code: Option<String>,
    /// When it sealed, as far as the file says.
    pub sealed_at: Option<Timestamp>,
    /// What is known of it at that time, or now where the file says none; `None` for a seal that is not of this service.
    pub status: Option<Status>,
}

/// Answers for a seal's code, for the moment `at` or for now.
pub async fn run(
    service: &Arc<Service>,
    from: &str,
    code: &SealCode,
    at: Option<Timestamp>,
) -> Result<Status, AppError> {
    let now = service.clock.now();
    service.seal_questions.admit(from, now)?;
    if at.is_some_and(|at| at > now) {
        return Err(Refusal::new(RefusalClass::Invalid, "seal.status_of_future").into());
    }
    let status = answer(service, code, at.unwrap_or(now), now).await?;
    Ok(status.ok_or_else(|| not_found("seal.unknown"))?)
}

/// Answers for every seal in a file, each at the time that it sealed. Whether the file is good is not asked here.
pub async fn in_file(
    service: &Arc<Service>,
    from: &str,
    bytes: Vec<u8>,
) -> Result<([u8; 32], Vec<Found>), AppError> {
    let now = service.clock.now();
    service.seal_questions.admit(from, now)?;
    let unreadable = || Refusal::new(RefusalClass::Invalid, "seal.no_seal_in_file");
    let examined = verify_file::examined(service, bytes).await?.map_err(|_| unreadable())?;
    let report = judge_examined(&examined, &Policy { status: None, before_release: false }, now);
    if report.seals.is_empty() {
        return Err(unreadable().into());
    }
    let mut found = Vec::new();
    // A seal by itself has sealed nothing: it is asked about as it is.
    let alone = matches!(examined, Examined::Seal(_));
    for seal in report.seals.into_iter().take(verify_file::MOST_SEALS) {
        let sealed_at = seal.sealed_at.filter(|_| !alone);
        let at = sealed_at.map_or(now, |at| verify_file::latest_moment(at).min(now));
        let status = match seal.seal_code.as_deref().and_then(SealCode::parse) {
            Some(code) => answer(service, &code, at, now).await?,
            None => None,
        };
        found.push(Found { code: seal.seal_code, sealed_at, status });
    }
    Ok((examined.file(), found))
}

/// `None` for a seal that is not here or was never made: applications are nobody's business.
async fn answer(
    service: &Arc<Service>,
    code: &SealCode,
    at: Timestamp,
    now: Timestamp,
) -> Result<Option<Status>, AppError> {
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let Some(seal) = tx.seal(code).await? else { return Ok(None) };
            Ok(Some((seal, tx.seal_events(code).await?)))
        })
    });
    let Some((seal, events)) = found.await? else { return Ok(None) };
    let mut life = intervals(&events);
    life.retain(|interval| interval.state.is_made());
    if life.is_empty() {
        return Ok(None);
    }
    let state = state(&seal, &life, at);
    let signer = StatusSigner::of(service).await?;
    let (this_update, next_update) = (now.whole_second(), now.whole_second().plus(LASTS));
    let claims = json!({
        "iss": service.settings.public_url,
        "iat": this_update.seconds(),
        "exp": next_update.seconds(),
        "seal": code.as_str(),
        "at": at.to_string(),
        "state": state,
        "valid_from": seal.valid_from.to_string(),
        "valid_until": seal.valid_until.to_string(),
        "intervals_sha256": hex::encode(sha256(written(&life).as_bytes())),
        "this_update": this_update.to_string(),
        "next_update": next_update.to_string(),
    });
    let statement = {
        let service = Arc::clone(service);
        let signing = tokio::task::spawn_blocking(move || -> Result<String, AppError> {
            let key = HandleSigner::new(service.keys.as_ref(), &signer.key)?;
            let chain = [signer.x509.as_slice(), &service.authorities.p256.seal.x509];
            jws::sign(KIND, &claims, &chain, &key).map_err(AppError::internal)
        });
        signing.await??
    };
    Ok(Some(Status { seal: seal.code, at, state, intervals: life, this_update, next_update, statement }))
}

fn state(seal: &Seal, life: &[Interval], at: Timestamp) -> &'static str {
    match life.iter().find(|interval| interval.holds(at)).map(|interval| interval.state) {
        None => "not-made",
        Some(SealState::Active | SealState::Suspended) if at > seal.valid_until => "expired",
        Some(state) => state.name(),
    }
}

/// What the digest in the statement is over: a line an interval, `state from until`, in UTC to the second, `-` for no end.
fn written(life: &[Interval]) -> String {
    let line = |interval: &Interval| {
        let until = interval.until.map_or_else(|| "-".to_owned(), |until| until.to_string());
        format!("{} {} {until}\n", interval.state.name(), interval.from)
    };
    life.iter().map(line).collect()
}
