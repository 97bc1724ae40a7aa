//! Checking an offline code where there is a network: the same reading and the same judge as without one, but the status is
//! that of this moment.

use super::{LIFE, TTL, keys, places};
use crate::app::{AppError, Service};
use crate::crypto::sha256;
use crate::domain::license::kind::Bilingual;
use crate::domain::license::{LicenseState, Standing};
use crate::domain::offline_code::{Examined, KeyFacts, OfflineCode, ProofFacts, SignedFacts, judge};
use crate::domain::report::{Finding, Report, Verdict};
use crate::domain::status_entry::StatusEntry;
use crate::domain::status_list::{Entry, StatusRef, Told, Untold, tell};
use crate::domain::time::Timestamp;
use crate::formats::offline_code::{IssuerKeys, examine};
use crate::ports::store;
use std::collections::BTreeMap;
use std::sync::Arc;

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

/// What was checked, whose place in a status list it names, and what tells one showing of a phone from another.
pub(super) type Examination = (Checked, Option<StatusEntry>, Option<[u8; 32]>);

pub(super) async fn checked(
    service: &Arc<Service>,
    text: &str,
    now: Timestamp,
) -> Result<Examination, AppError> {
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
    let SignedFacts { code, key, proof, .. } = *signed;
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
