//! Verifies a file that anyone brought: reads it as a stranger, adds what the service knows, judges.

use super::service;
use super::{AppError, Service};
use crate::crypto::sha256;
use crate::documents::recognition::Recognised;
use crate::documents::{Known, examine};
use crate::domain::business::BusinessState;
use crate::domain::license::{License, LicenseId, LicenseState};
use crate::domain::paper::PaperKind;
use crate::domain::refusal::{Refusal, RefusalClass};
use crate::domain::report::Report;
use crate::domain::report::facts::{CompanyFacts, Examined, NotExaminable, SealAtSealing, StatusFacts};
use crate::domain::report::judge::{
    PaperKnown, Policy, Sealing, judge_companies, judge_examined, judge_paper_known, judge_seal_now,
    judge_seals_then, judge_unexaminable, sealings,
};
use crate::domain::seal::{SealCode, SealEvent, SealState, state_at};
use crate::domain::time::Timestamp;
use crate::formats::x509::Trust;
use crate::ports::store::{self, Transaction, TxError};
use std::sync::Arc;
use std::time::Duration;

/// How long a file waits for its turn before it is sent away.
const WAIT: Duration = Duration::from_secs(10);
/// How long an examination may take before the answer no longer waits for it. It keeps its turn until it is over.
const TIME: Duration = Duration::from_secs(20);

/// Most seals of one file that are asked about one by one.
pub(super) const MOST_SEALS: usize = 64;

/// The report on a file. Reads nothing of a holder that is not in the file itself, so it leaves no audit line.
pub async fn run(service: &Arc<Service>, bytes: Vec<u8>) -> Result<Report, AppError> {
    // 1. Wait for a turn, 2. examine.
    let examined = examined(service, bytes).await?;
    // 3. Ask the store, 4. judge.
    match examined {
        Err((why, file)) => Ok(judge_unexaminable(&why, file, service.clock.now())),
        Ok(examined) => {
            let status = status(service, &examined).await?;
            let policy = Policy { status, before_release: false };
            let report = judge_examined(&examined, &policy, service.clock.now());
            if let Some(state) = seal_now(service, &examined).await? {
                return Ok(judge_seal_now(report, state));
            }
            let (seals, companies) = seals_then(service, &examined, &report).await?;
            let report = judge_companies(judge_seals_then(report, &seals), &companies);
            Ok(match paper_known(service, &examined).await? {
                Some(known) => judge_paper_known(report, &known),
                None => report,
            })
        }
    }
}

/// What was examined; or why nothing was, and the digest of the file.
pub(super) type Outcome = Result<Examined, (NotExaminable, [u8; 32])>;

/// Waits for a turn and examines a file as a stranger does.
pub(super) async fn examined(service: &Arc<Service>, bytes: Vec<u8>) -> Result<Outcome, AppError> {
    // A seal by itself carries no chain; ours are known. A file may be older than what was revoked since.
    let mut known = Vec::new();
    for (suite, _) in service.authorities.hierarchies() {
        known.push(service.sealing(suite).await?);
    }
    let recognised = service.recognised().await?;
    let trust = Arc::clone(&service.trust);
    in_turn(service, move || examine_with(&trust, &known, &recognised, &bytes)).await
}

/// Waits for a turn at reading strangers' files and does the work, which may hold a core and some hundred megabytes.
pub(super) async fn in_turn<T: Send + 'static>(
    service: &Arc<Service>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, AppError> {
    let turn = tokio::time::timeout(WAIT, Arc::clone(&service.verifying).acquire_owned()).await;
    let turn = turn.map_err(|_| Refusal::new(RefusalClass::Unavailable, "verify.busy"))?;
    let turn = turn.map_err(AppError::internal)?;
    let work = tokio::task::spawn_blocking(move || {
        let done = work();
        drop(turn);
        done
    });
    let in_time = tokio::time::timeout(TIME, work).await;
    Ok(in_time.map_err(|_| Refusal::new(RefusalClass::TooLarge, "verify.too_slow"))??)
}

fn examine_with(
    trust: &Trust,
    known: &[Arc<service::Sealing>],
    recognised: &Recognised,
    bytes: &[u8],
) -> Outcome {
    let known = known.iter().map(|sealing| &sealing.validation);
    let x509s: Vec<Vec<u8>> = known.clone().flat_map(|validation| validation.x509s.iter().cloned()).collect();
    let crls: Vec<Vec<u8>> = known.flat_map(|validation| validation.crls.iter().cloned()).collect();
    let known = Known { trust, x509s: &x509s, crls: &crls, recognised: Some(recognised) };
    examine(bytes, known).map_err(|why| (why, sha256(bytes)))
}

/// What is known of a paper about licenses, if the file says that it is one.
async fn paper_known(service: &Service, examined: &Examined) -> Result<Option<PaperKnown>, AppError> {
    let Some(paper) = examined.paper() else { return Ok(None) };
    let license = match (paper.kind, &paper.licenses[..]) {
        (PaperKind::Copy, [license]) => LicenseId::parse(license).ok(),
        _ => None,
    };
    let (id, license, now) = (paper.id.as_str(), license.as_ref(), service.clock.now());
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let made = tx.paper(id).await?;
            let license = match license {
                Some(license) => tx.license(license).await?,
                None => None,
            };
            Ok((made, license))
        })
    });
    let (made, license) = found.await?;
    let file = examined.file();
    Ok(Some(PaperKnown {
        made: made.map(|made| made.files.iter().any(|known| known.sha256 == file)),
        standing: license.map(|license| license.standing(now)),
    }))
}

/// The state of a seal that was brought by itself, if it is one of ours.
async fn seal_now(service: &Service, examined: &Examined) -> Result<Option<SealState>, AppError> {
    let Examined::Seal(facts) = examined else { return Ok(None) };
    let Some(code) = facts.seal.as_ref().ok().and_then(|seal| SealCode::parse(&seal.code)) else {
        return Ok(None);
    };
    let Some(means) = service.seal_means(&code).await? else { return Ok(None) };
    let mut objects = means.credentials.iter().filter_map(|credential| credential.object.as_deref());
    if !objects.any(|object| sha256(object) == examined.file()) {
        return Ok(None);
    }
    let seal = &code;
    let found =
        store::glance(service.store.as_ref(), |tx, _| Box::pin(async move { Ok(tx.seal(seal).await?) }));
    Ok(found.await?.map(|seal| seal.state))
}

/// What seals of ours were when they sealed a file that holds no license, and what is known of their owners that are
/// businesses of ours. A seal is ours if code and owner are: others may number theirs alike. Time is the file's own word
/// where nothing proves it; a void seal falls for all times.
async fn seals_then(
    service: &Service,
    examined: &Examined,
    report: &Report,
) -> Result<(Vec<SealAtSealing>, Vec<CompanyFacts>), AppError> {
    let (mut seals, mut companies) = (Vec::new(), Vec::<CompanyFacts>::new());
    if examined.license().is_some() || matches!(examined, Examined::Seal(_)) {
        return Ok((seals, companies));
    }
    for summary in report.seals.iter().take(MOST_SEALS) {
        let (Some(code), Some(owner), Some(at)) =
            (summary.seal_code.as_deref().and_then(SealCode::parse), &summary.owner, summary.sealed_at)
        else {
            continue;
        };
        let (code, now) = (&code, service.clock.now());
        let known = store::read(service.store.as_ref(), |tx, _| {
            Box::pin(async move {
                let seal = tx.seal(code).await?.filter(|seal| owner.starts_with(&seal.owner_code));
                let Some(seal) = seal else { return Ok(None) };
                let company = company(&mut *tx, &seal.owner_code, at, now).await?;
                Ok(Some((seal, tx.seal_events(code).await?, company)))
            })
        });
        let Some((seal, events, company)) = known.await? else { continue };
        seals
            .push(SealAtSealing { code: seal.code.to_string(), state: state_at(&events, latest_moment(at)) });
        let Some(company) = company else { continue };
        // A company with several seals is told once, as of its last.
        match companies.iter_mut().find(|known| known.code == company.code) {
            Some(known) => known.sealed_at = known.sealed_at.max(company.sealed_at),
            None => companies.push(company),
        }
    }
    Ok((seals, companies))
}

/// The business of this code, if it is one of ours.
async fn company(
    tx: &mut dyn Transaction,
    code: &str,
    sealed_at: Timestamp,
    now: Timestamp,
) -> Result<Option<CompanyFacts>, TxError> {
    let Some(business) = tx.business(code).await? else { return Ok(None) };
    let license = tx.license(&business.license).await?;
    Ok(Some(CompanyFacts {
        // Being struck off is the last change there is.
        deregistered_at: (business.state == BusinessState::Deregistered).then_some(business.changed_at),
        code: business.code,
        name: business.name,
        sealed_at,
        license: license.map(|license| (license.id.clone(), license.standing(now))),
    }))
}

/// What the service knows of the license and the seal that the file names.
async fn status(service: &Service, examined: &Examined) -> Result<Option<StatusFacts>, AppError> {
    let Some(attached) = examined.license() else { return Ok(None) };
    let Ok(id) = &attached.id else { return Ok(None) };
    let sealings = sealings(examined);
    let (license, events) = read(service, id, &sealings).await?;
    let seals_at_sealing = match &license {
        // A license of another service: its seals are none of ours.
        None => Vec::new(),
        Some(license) => sealings
            .into_iter()
            .zip(&events)
            .filter_map(|(Sealing { code, at }, events)| {
                let moment = latest_moment(at?).min(license.released_at);
                Some(SealAtSealing { code, state: state_at(events, moment) })
            })
            .collect(),
    };
    Ok(Some(StatusFacts {
        known: license.is_some(),
        standing: license.as_ref().map(|license| license.standing(service.clock.now())),
        file_is_the_issued_one: license
            .as_ref()
            .map(|license| license.files.iter().any(|file| file.sha256 == examined.file())),
        seals_at_sealing,
        superseded_by: license.and_then(|license| match license.state {
            LicenseState::Superseded { by } => Some(by),
            _ => None,
        }),
    }))
}

/// Most authorities tell the time in whole seconds: the latest moment that such a time can mean. Without this a seal
/// that came into use in the same second would count as unknown; the release, before which the seal was asked once more,
/// bounds it from above.
pub(super) fn latest_moment(at: Timestamp) -> Timestamp {
    if at == at.whole_second() { at.plus(Duration::from_micros(999_999)) } else { at }
}

async fn read(
    service: &Service,
    id: &LicenseId,
    sealings: &[Sealing],
) -> Result<(Option<License>, Vec<Vec<SealEvent>>), AppError> {
    // The license is asked for even where no seal names itself.
    let codes = sealings.iter().map(|sealing| SealCode::parse(&sealing.code));
    let codes: Vec<Option<SealCode>> = if sealings.is_empty() { vec![None] } else { codes.collect() };
    let (store, codes) = (service.store.as_ref(), &codes[..]);
    // A license of one seal, as most are, takes one statement and no transaction around it.
    let found = match codes {
        [_] => store::glance(store, |tx, _| Box::pin(read_in(tx, id, codes))).await?,
        _ => store::read(store, |tx, _| Box::pin(read_in(tx, id, codes))).await?,
    };
    Ok(found)
}

/// The license, and the events of each seal, one statement a seal.
async fn read_in(
    tx: &mut dyn Transaction,
    id: &LicenseId,
    codes: &[Option<SealCode>],
) -> Result<(Option<License>, Vec<Vec<SealEvent>>), TxError> {
    let (mut license, mut events) = (None, Vec::with_capacity(codes.len()));
    for code in codes {
        let Some(found) = tx.license_with_seal_events(id, code.as_ref()).await? else { break };
        license = Some(found.0);
        events.push(found.1);
    }
    Ok((license, events))
}
