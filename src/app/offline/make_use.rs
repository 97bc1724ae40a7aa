//! A counter or an institution needs an offline code for a matter: the holder reads of it, whoever checked learns how often a
//! sheet was checked today and may have a receipt. Either at once, or afterwards, of a check without a network.

use super::check::{self, Checked};
use crate::app::error::not_found;
use crate::app::{AppError, Service, access, audit, inputs, space};
use crate::crypto::sha256;
use crate::domain::license::LicenseId;
use crate::domain::offline_code::{LicenseRef, Medium, OfflineCode, PaperCodeId};
use crate::domain::party::{Credential, Role};
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::report::{Finding, Report, Step, Verdict, Weight};
use crate::domain::space::{Carrier, CodeUse, Used};
use crate::domain::status_entry::StatusEntry;
use crate::domain::time::Timestamp;
use crate::ports::store::{Transaction, TxError};
use serde_json::{Value, json};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

/// A proof is remembered for so long after it was shown; it is stale before.
const REMEMBERED: Duration = Duration::from_secs(10 * 60);
/// Most proofs remembered.
const MOST_REMEMBERED: usize = 100_000;

/// What a counter or an institution asks about a code.
pub struct Request {
    /// The code, as scanned or typed.
    pub code: String,
    /// What it is needed for; the holder will read it.
    pub matter: String,
    /// Whether the person was compared with an identity document already; only of a code on paper.
    pub compared: bool,
}

/// A check that was made without a network and is told afterwards.
pub struct Kept {
    /// Its own name, by which it is known when it is told twice.
    pub id: String,
    /// How long ago it was, at most [`LONGEST_KEPT`].
    pub ago: Duration,
}

/// How long after a check without a network it may be told.
pub const LONGEST_KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The code is used now.
pub async fn now(service: &Arc<Service>, caller: &Credential, request: Request) -> Result<Checked, AppError> {
    access::only(caller, &[Role::Clerk, Role::Institution])?;
    let mut faults = Vec::new();
    let matter = inputs::line("/matter", &request.matter, 1, 60, &mut faults);
    if !faults.is_empty() {
        return Err(Refusal::invalid(faults).into());
    }
    let now = service.clock.now();
    let (mut checked, entry, shown) = check::checked(service, &request.code, now).await?;
    // Of a forged or foreign code there is no holder who could be told.
    let (Some(code), Some(entry)) = (&checked.code, entry) else { return Ok(checked) };
    // Before the showing is remembered: what is refused has not used it up.
    comparable(code, request.compared)?;
    if shown.is_some_and(|shown| !first(service, shown, now)) {
        checked.findings.push(Finding::new(Step::Time, Weight::Unclear, "offline.shown_before"));
        checked.verdict = Report::verdict_of(&checked.findings);
    }
    let line = Line::new(&checked, code, &entry, (matter, request.compared));
    let (what, sheet) = (&line.used(now, false), &line.sheet);
    let audited =
        audit::line(now, &caller.id, "offline_code.use", entry.license.as_str(), &line.detail(caller, false));
    let (id, count) = audit::audited(service, audited, |tx, _| {
        Box::pin(async move {
            let owner = owner(&mut *tx, what).await?;
            let id = space::note(&mut *tx, service, (&owner, caller), what.clone(), now).await?;
            Ok((id, count(&mut *tx, service, (sheet.as_ref(), caller), (now, now)).await?))
        })
    })
    .await?;
    let compared = line.compared;
    Ok(told(checked, id, count, compared))
}

/// The code was checked without a network before. The line is as of then; what it says of the status is as of now, since
/// what was known at the desk then is not known here. Told twice it is one use.
pub async fn told_later(
    service: &Arc<Service>,
    caller: &Credential,
    request: Request,
    kept: Kept,
) -> Result<Checked, AppError> {
    access::only(caller, &[Role::Clerk, Role::Institution])?;
    let mut faults = Vec::new();
    let matter = inputs::line("/matter", &request.matter, 1, 60, &mut faults);
    if kept.ago > LONGEST_KEPT {
        let days = LONGEST_KEPT.as_secs() / (24 * 60 * 60);
        faults.push(Fault::at("/kept/seconds_ago", "offline_use.too_old").with("days", days));
    }
    if !faults.is_empty() {
        return Err(Refusal::invalid(faults).into());
    }
    let now = service.clock.now();
    let at = now.minus(kept.ago);
    let (checked, entry, _) = check::checked(service, &request.code, at).await?;
    let (Some(code), Some(entry)) = (&checked.code, entry) else { return Ok(checked) };
    comparable(code, request.compared)?;
    let line = Line::new(&checked, code, &entry, (matter, request.compared));
    let id = hex::encode(&sha256(format!("{} {}", caller.id, kept.id).as_bytes())[..16]);
    let (id, what, sheet) = (&id, &line.used(now, true), &line.sheet);
    let audited =
        audit::line(now, &caller.id, "offline_code.use", entry.license.as_str(), &line.detail(caller, true));
    let count = audit::audited(service, audited, |tx, _| {
        Box::pin(async move {
            let owner = owner(&mut *tx, what).await?;
            if tx.one_use(id).await?.is_some() {
                return Ok(None);
            }
            space::note_as(&mut *tx, id.clone(), (&owner, caller), what.clone(), at).await?;
            count(&mut *tx, service, (sheet.as_ref(), caller), (at, now)).await
        })
    })
    .await?;
    let compared = line.compared;
    Ok(told(checked, id.clone(), count, compared))
}

/// A person is compared with a document where the code is on paper; a phone proves by itself whose it is.
fn comparable(code: &OfflineCode, compared: bool) -> Result<(), Refusal> {
    if compared && !matches!(code.medium, Medium::Paper { .. }) {
        return Err(Refusal::invalid(vec![Fault::at("/compared", "paper_use.not_paper")]));
    }
    Ok(())
}

/// What is left with the holder.
struct Line {
    license: LicenseId,
    purpose: String,
    matter: String,
    fields: Vec<String>,
    compared: Option<bool>,
    carrier: Carrier,
    /// Whether the code names its license by a digest only.
    short: bool,
    verdict: Verdict,
    /// The sheet, where it is one.
    sheet: Option<PaperCodeId>,
    owner: String,
}

impl Line {
    fn new(
        checked: &Checked,
        code: &OfflineCode,
        entry: &StatusEntry,
        (matter, compared): (String, bool),
    ) -> Self {
        let (carrier, purpose) = match &code.medium {
            Medium::Paper { purpose, .. } => (Carrier::Paper, purpose.clone()),
            Medium::Phone { .. } => (Carrier::Phone, checked.shown_for.clone().unwrap_or_default()),
        };
        let paper = carrier == Carrier::Paper;
        Self {
            license: entry.license.clone(),
            purpose,
            matter,
            fields: code.fields.iter().map(|(name, _)| name.clone()).collect(),
            compared: paper.then_some(compared),
            carrier,
            short: matches!(code.license, LicenseRef::Short(_)),
            verdict: checked.verdict,
            sheet: PaperCodeId::parse(&entry.owner).filter(|_| paper),
            owner: entry.owner.clone(),
        }
    }

    /// As the holder's space has it; where the license stood was asked at `status_at`.
    fn used(&self, status_at: Timestamp, offline: bool) -> Used {
        Used::Shown {
            license: self.license.clone(),
            purpose: self.purpose.clone(),
            matter: self.matter.clone(),
            fields: self.fields.clone(),
            deputy: None,
            compared: self.compared,
            offline,
            code: Some(CodeUse {
                carrier: self.carrier,
                short: self.short,
                passed: self.verdict == Verdict::Passed,
                status_at,
            }),
        }
    }

    fn detail(&self, caller: &Credential, offline: bool) -> Value {
        json!({
            "role": caller.role.name(), "owner": self.owner, "fields": self.fields, "verdict": self.verdict.name(),
            "compared": self.compared, "offline": offline,
        })
    }
}

/// Whose license was used.
async fn owner(tx: &mut dyn Transaction, what: &Used) -> Result<String, TxError> {
    let unknown = || not_found("license.unknown");
    let Used::Shown { license, .. } = what else { return Err(unknown().into()) };
    Ok(tx.license(license).await?.ok_or_else(unknown)?.holder.code)
}

/// Counts a check of a sheet at `at`; the how many it is of the day of `now`.
async fn count(
    tx: &mut dyn Transaction,
    service: &Service,
    (sheet, caller): (Option<&PaperCodeId>, &Credential),
    (at, now): (Timestamp, Timestamp),
) -> Result<Option<u64>, TxError> {
    let Some(sheet) = sheet else { return Ok(None) };
    let id = hex::encode(service.random.bytes::<8>());
    tx.add_paper_code_use(sheet.as_str(), at, &caller.id, &id).await?;
    let today = Timestamp::start_of(now.date_in_china());
    Ok(Some(tx.paper_code_uses(sheet.as_str(), today).await?))
}

/// What was found, with what became of the use.
fn told(mut checked: Checked, used: String, count: Option<u64>, compared: Option<bool>) -> Checked {
    if let Some(count) = count {
        let note = Finding::new(Step::License, Weight::Note, "offline.checked_today").with("count", count);
        checked.findings.push(note);
    }
    (checked.uses_today, checked.used, checked.compared) = (count, Some(used), compared);
    checked
}

/// Whether a phone's proof is seen for the first time.
fn first(service: &Service, shown: [u8; 32], now: Timestamp) -> bool {
    let mut seen = service.offline.seen.lock().unwrap_or_else(PoisonError::into_inner);
    if seen.len() >= MOST_REMEMBERED {
        seen.retain(|_, at| now.since(*at) < REMEMBERED);
    }
    seen.len() >= MOST_REMEMBERED || seen.insert(shown, now).is_none()
}
