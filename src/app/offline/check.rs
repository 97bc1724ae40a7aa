//! Checking an offline code where there is a network: the same reading and the same judge as without one, but the status is
//! that of this moment. Whoever is signed in leaves a line with the holder and learns how often a sheet was checked today.

use super::{LIFE, TTL, keys, places};
use crate::app::error::not_found;
use crate::app::{AppError, Service, access, audit, inputs, space};
use crate::crypto::sha256;
use crate::domain::license::kind::Bilingual;
use crate::domain::license::{LicenseState, Standing};
use crate::domain::offline_code::{
    Examined, KeyFacts, Medium, OfflineCode, PaperCodeId, ProofFacts, SignedFacts, judge,
};
use crate::domain::party::{Credential, Role};
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::report::{Finding, Report, Step, Verdict, Weight};
use crate::domain::space::Used;
use crate::domain::status_entry::StatusEntry;
use crate::domain::status_list::{Entry, StatusRef, Told, Untold, tell};
use crate::domain::time::Timestamp;
use crate::formats::offline_code::{IssuerKeys, examine};
use crate::ports::store;
use serde_json::json;
use std::collections::BTreeMap;
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
    /// Where it was checked without a network, before this.
    pub kept: Option<Kept>,
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

/// A code that was checked.
pub struct Checked {
    /// The verdict.
    pub verdict: Verdict,
    /// The findings in the order they were established.
    pub findings: Vec<Finding>,
    /// What the code says; nothing if no key of ours signed it.
    pub code: Option<OfflineCode>,
    /// What its kind is called.
    pub kind_title: Option<Bilingual>,
    /// What its fields are called.
    pub titles: BTreeMap<String, Bilingual>,
    /// The department that vouches for it.
    pub issuer_name: Option<String>,
    /// What the phone says it is shown for.
    pub shown_for: Option<String>,
    /// Where it stands.
    pub status: Option<Told>,
    /// The how many check of this sheet today it is; only for who is signed in.
    pub uses_today: Option<u64>,
    /// The line that was left with the holder; none where there is no holder to tell.
    pub used: Option<String>,
    /// Whether that line says that the person was compared with an identity document; only of paper.
    pub compared: Option<bool>,
    /// SHA-256 of its digits, which tell one code from another.
    pub digest: [u8; 32],
    /// When.
    pub at: Timestamp,
}

/// Checks a code for anybody.
pub async fn check(service: &Arc<Service>, from: &str, text: &str) -> Result<Checked, AppError> {
    let now = service.clock.now();
    service.offline_checks.admit(from, now)?;
    Ok(checked(service, text, now).await?.0)
}

/// Checks a code for a counter or an institution, which needs it for a matter that the holder will read.
pub async fn make_use(
    service: &Arc<Service>,
    caller: &Credential,
    request: Request,
) -> Result<Checked, AppError> {
    access::only(caller, &[Role::Clerk, Role::Institution])?;
    let mut faults = Vec::new();
    let matter = inputs::line("/matter", &request.matter, 1, 60, &mut faults);
    if request.kept.as_ref().is_some_and(|kept| kept.ago > LONGEST_KEPT) {
        let days = LONGEST_KEPT.as_secs() / (24 * 60 * 60);
        faults.push(Fault::at("/kept/seconds_ago", "offline_use.too_old").with("days", days));
    }
    if !faults.is_empty() {
        return Err(Refusal::invalid(faults).into());
    }
    let now = service.clock.now();
    let at = request.kept.as_ref().map_or(now, |kept| now.minus(kept.ago));
    // As of then, but by the status of now: what the desk knew then is not known here.
    let (mut checked, found, shown) = checked(service, &request.code, at).await?;
    // Of a forged or foreign code there is no holder who could be told.
    let (Some(code), Some(found)) = (&checked.code, &found) else { return Ok(checked) };
    let paper = matches!(code.medium, Medium::Paper { .. });
    if request.compared && !paper {
        return Err(Refusal::invalid(vec![Fault::at("/compared", "paper_use.not_paper")]).into());
    }
    let compared = paper.then_some(request.compared);
    let told_later = request.kept.is_some();
    if !told_later && shown.is_some_and(|shown| !first(service, shown, now)) {
        checked.findings.push(Finding::new(Step::Time, Weight::Unclear, "offline.shown_before"));
    }
    let purpose = match &code.medium {
        Medium::Paper { purpose, .. } => purpose.clone(),
        Medium::Phone { .. } => checked.shown_for.clone().unwrap_or_default(),
    };
    let fields: Vec<String> = code.fields.iter().map(|(name, _)| name.clone()).collect();
    let owner = found.owner.as_str();
    let sheet = match code.medium {
        Medium::Paper { .. } => PaperCodeId::parse(owner),
        Medium::Phone { .. } => None,
    };
    let detail = json!({
        "role": caller.role.name(), "owner": owner, "fields": fields, "verdict": checked.verdict.name(),
        "compared": compared, "offline": told_later,
    });
    let id = request.kept.map_or_else(
        || hex::encode(service.random.bytes::<16>()),
        |kept| hex::encode(&sha256(format!("{} {}", caller.id, kept.id).as_bytes())[..16]),
    );
    let line = audit::line(now, &caller.id, "offline_code.use", found.license.as_str(), &detail);
    let today = Timestamp::start_of(now.date_in_china());
    let (matter, purpose, fields, sheet, id) = (&matter, &purpose, &fields, &sheet, &id);
    let (used, uses) = audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let license = tx.license(&found.license).await?.ok_or_else(|| not_found("license.unknown"))?;
            if told_later && tx.one_use(id).await?.is_some() {
                return Ok((id.clone(), None));
            }
            let used = Used::Shown {
                license: license.id.clone(),
                purpose: purpose.clone(),
                matter: matter.clone(),
                fields: fields.clone(),
                deputy: None,
                compared,
                offline: told_later,
            };
            let used = space::note_as(&mut *tx, id.clone(), (&license.holder.code, caller), used, at).await?;
            let Some(sheet) = sheet else { return Ok((used, None)) };
            let id = hex::encode(service.random.bytes::<8>());
            tx.add_paper_code_use(sheet.as_str(), at, &caller.id, &id).await?;
            Ok((used, Some(tx.paper_code_uses(sheet.as_str(), today).await?)))
        })
    })
    .await?;
    if let Some(count) = uses {
        let note = Finding::new(Step::License, Weight::Note, "offline.checked_today").with("count", count);
        checked.findings.push(note);
    }
    (checked.uses_today, checked.used, checked.compared) = (uses, Some(used), compared);
    checked.verdict = Report::verdict_of(&checked.findings);
    Ok(checked)
}

/// Whether a phone's proof is seen for the first time.
fn first(service: &Service, shown: [u8; 32], now: Timestamp) -> bool {
    let mut seen = service.offline.seen.lock().unwrap_or_else(PoisonError::into_inner);
    if seen.len() >= MOST_REMEMBERED {
        seen.retain(|_, at| now.since(*at) < REMEMBERED);
    }
    seen.len() >= MOST_REMEMBERED || seen.insert(shown, now).is_none()
}

type Examination = (Checked, Option<StatusEntry>, Option<[u8; 32]>);

async fn checked(service: &Arc<Service>, text: &str, now: Timestamp) -> Result<Examination, AppError> {
    let keys = known_keys(service).await?;
    // Two signatures at most, and no more text than the longest code.
    let examined = examine(text, &keys);
    let (told, found) = match &examined {
        Examined::Signed(signed) => standing(service, &signed.code.status, now).await?,
        _ => (Err(Untold::NoList), None),
    };
    let told = tell(told, now);
    let findings = judge(&examined, &told, now);
    let mut checked = Checked {
        verdict: Report::verdict_of(&findings),
        findings,
        code: None,
        kind_title: None,
        titles: BTreeMap::new(),
        issuer_name: None,
        shown_for: None,
        status: None,
        uses_today: None,
        used: None,
        compared: None,
        digest: sha256(&text.bytes().filter(u8::is_ascii_digit).collect::<Vec<_>>()),
        at: now,
    };
    let Examined::Signed(signed) = examined else { return Ok((checked, None, None)) };
    let SignedFacts { code, key, proof } = *signed;
    let mut shown = None;
    if let ProofFacts::Made { purpose, shown: digest, .. } = proof {
        checked.shown_for = Some(purpose);
        shown = Some(digest);
    }
    if let Some(kind) = service.kinds.get(&code.kind) {
        checked.kind_title = Some(kind.title.clone());
        let titles = code.fields.iter().filter_map(|(name, _)| kind.field(name));
        checked.titles = titles.map(|field| (field.name.clone(), field.title.clone())).collect();
    }
    checked.issuer_name = Some(key.issuer_name.clone());
    checked.code = Some(code);
    checked.status = Some(told);
    Ok((checked, found, shown))
}

async fn known_keys(service: &Arc<Service>) -> Result<IssuerKeys, AppError> {
    let keys = keys::in_use(service).await?;
    let departments =
        store::read(service.store.as_ref(), |tx, _| Box::pin(async move { Ok(tx.departments().await?) }));
    let departments = departments.await?;
    let mut known = IssuerKeys::default();
    for key in keys {
        let Some(department) = departments.iter().find(|d| d.code == key.issuer) else { continue };
        let facts = KeyFacts {
            issuer: key.issuer,
            issuer_name: department.name_zh.clone(),
            kinds: super::bundle::kinds(service, department).map(|kind| kind.name.clone()).collect(),
            from: key.from,
            until: key.until,
        };
        known.add(&key.spki, facts);
    }
    Ok(known)
}

/// What is known at this moment, not when the last list was made.
async fn standing(
    service: &Service,
    status: &StatusRef,
    now: Timestamp,
) -> Result<(Result<Entry, Untold>, Option<StatusEntry>), AppError> {
    let Some(list) = places::number(service, &status.uri) else { return Ok((Err(Untold::NoList), None)) };
    let place = status.index;
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let Some(entry) = tx.status_entry_at(list, place).await? else { return Ok(None) };
            let license = tx.license(&entry.license).await?;
            Ok(license.map(|license| (entry, license)))
        })
    });
    let Some((entry, license)) = found.await? else { return Ok((Err(Untold::PastEnd), None)) };
    let value = match (entry.ended_at, license.standing(now)) {
        (None, Standing::InForce | Standing::NotYetValid) => 0,
        (None, Standing::Suspended) => 2,
        // Of one that ran out by its date a list says nothing; no code lives longer.
        (None, Standing::Expired) if license.state == LicenseState::Active => 0,
        _ => 1,
    };
    Ok((Ok(Entry { value, issued: now, ttl: TTL, expires: now.plus(LIFE) }), Some(entry)))
}
