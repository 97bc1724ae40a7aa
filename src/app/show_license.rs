//! Draws a show code (亮证码): the holder says which license, which fields, what for and how long.

use super::error::{conflict, not_found};
use super::{AppError, Service, access, audit, inputs};
use crate::crypto::sha256;
use crate::domain::consent::{Deputy, Try};
use crate::domain::handle::RANDOM_DIGITS;
use crate::domain::license::{LicenseId, Standing};
use crate::domain::party::{Credential, Role};
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::show_code::{MOST_LICENSES, Part, ShowCode, Showing, Way};
use crate::domain::time::Timestamp;
use crate::ports::store::{self, OutboxEvent, Transaction, TxError};
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

/// Seconds a code lives unless told otherwise.
pub const USUAL_SECONDS: u32 = 60;
/// Least and most seconds a code may live.
pub const SECONDS: std::ops::RangeInclusive<u32> = 10..=600;

/// Most later comers that are told of one code.
const MOST_TRIES: u32 = 5;

/// Showings read at once.
const ROWS: u32 = 100;

/// What to show of one license.
pub struct Chosen {
    /// The license.
    pub license: LicenseId,
    /// Names of the fields to show, at least one.
    pub fields: Vec<String>,
}

/// What to show.
pub struct Request {
    /// One to ten licenses of one holder, each once.
    pub chosen: Vec<Chosen>,
    /// What for, 1 to 60 characters.
    pub purpose: String,
    /// Why sensitive fields are to be seen in full, 1 to 60 characters; without it they are masked.
    pub reason: Option<String>,
    /// Seconds to live, 10 to 600; 60 unless told.
    pub seconds: Option<u32>,
}

/// A code just drawn.
pub struct Drawn {
    /// Name of the showing in the holder's list; says nothing about the code.
    pub id: String,
    /// The code: told this once, kept only as a hash.
    pub code: ShowCode,
    /// The end of its life as the holder is told; a redemption that is on its way then is still honoured.
    pub expires_at: Timestamp,
}

/// Draws a code.
pub async fn run(service: &Service, caller: &Credential, request: Request) -> Result<Drawn, AppError> {
    run_for(service, caller, request, None).await
}

/// Draws a code, for oneself or, as the deputy of that identity, on behalf of another holder. That there is a network is
/// known by now: codes that the caller fetched in advance are withdrawn.
pub async fn run_for(
    service: &Service,
    caller: &Credential,
    request: Request,
    behalf: Option<&str>,
) -> Result<Drawn, AppError> {
    access::only(caller, &[Role::Holder])?;
    let mut faults = Vec::new();
    let purpose = inputs::line("/purpose", &request.purpose, 1, 60, &mut faults);
    let reason = request.reason.as_deref().map(|text| inputs::line("/reason", text, 1, 60, &mut faults));
    let seconds = request.seconds.unwrap_or(USUAL_SECONDS);
    if !SECONDS.contains(&seconds) {
        let (least, most) = (SECONDS.start(), SECONDS.end());
        faults.push(Fault::at("/seconds", "number.out_of_range").with("min", least).with("max", most));
    }
    check_chosen(&request.chosen, &mut faults);
    if !faults.is_empty() {
        return Err(Refusal::invalid(faults).into());
    }
    let first = request.chosen.first().ok_or_else(|| AppError::internal("no license was chosen"))?;
    let now = service.clock.now();
    let code = ShowCode::from_random(&service.random.text(RANDOM_DIGITS, b"0123456789"))
        .ok_or_else(|| AppError::internal("random digits are not digits"))?;
    let expires_at = now.plus(Duration::from_secs(u64::from(seconds)));
    let id = hex::encode(service.random.bytes::<12>());
    let of = |chosen: &Chosen| {
        let asked: BTreeSet<&str> = chosen.fields.iter().map(String::as_str).collect();
        let mut detail = json!({ "showing": id, "fields": asked });
        if let Some(deputy) = behalf {
            detail["deputy"] = deputy.into();
        }
        audit::line(now, &caller.id, "license.show", chosen.license.as_str(), &detail)
    };
    let others: Vec<_> = request.chosen.iter().skip(1).map(of).collect();
    let blank = Showing {
        id: id.clone(),
        code_hash: Some(sha256(code.digits().as_bytes())),
        parts: Vec::new(),
        way: Way::Rolling,
        holder: String::new(),
        shown_by: caller.id.clone(),
        purpose,
        reason,
        created_at: now,
        expires_at,
        withdrawn_at: None,
        redeemed: None,
    };
    let (blank, chosen, others) = (&blank, &request.chosen, &others);
    audit::audited(service, of(first), |tx, _| {
        Box::pin(async move {
            let deputy = match behalf {
                Some(id) => Some(deputy(&mut *tx, caller, id, now).await?),
                None => None,
            };
            let (holder, parts) = parts(&mut *tx, service, (caller, deputy.as_ref()), chosen, now).await?;
            tx.withdraw_prefetched(&caller.id, now).await?;
            for line in others {
                tx.append_audit(line).await?;
            }
            tx.insert_showing(&Showing { holder, parts, ..blank.clone() }).await?;
            if let Some(deputy) = deputy {
                tx.add_showing_deputy(&blank.id, &deputy.id).await?;
            }
            Ok(())
        })
    })
    .await?;
    Ok(Drawn { id, code, expires_at })
}

/// The deputy of that identity, if the caller is it now.
async fn deputy(
    tx: &mut dyn Transaction,
    caller: &Credential,
    id: &str,
    now: Timestamp,
) -> Result<Deputy, TxError> {
    let known = tx.deputy(id).await?;
    let known =
        known.filter(|known| caller.holder.as_deref() == Some(&known.deputy) && known.is_in_force(now));
    Ok(known.ok_or_else(|| not_found("deputy.unknown"))?)
}

/// What can be said of the choice without looking at the licenses.
pub(super) fn check_chosen(chosen: &[Chosen], faults: &mut Vec<Fault>) {
    if chosen.is_empty() || chosen.len() > MOST_LICENSES {
        faults.push(Fault::at("/licenses", "show_code.licenses").with("max", MOST_LICENSES));
        return;
    }
    let mut seen = BTreeSet::new();
    for (at, one) in chosen.iter().enumerate() {
        if !seen.insert(one.license.as_str()) {
            faults.push(Fault::at(format!("/licenses/{at}/license"), "show_code.license_twice"));
        }
        if one.fields.is_empty() || one.fields.len() > 100 {
            faults.push(Fault::at(format!("/licenses/{at}/fields"), "show_code.fields"));
        }
    }
}

/// The holder's code and the parts of a showing, if the caller holds all that was chosen, or may show it as a deputy, and
/// all of it is in force.
pub(super) async fn parts(
    tx: &mut dyn Transaction,
    service: &Service,
    (caller, deputy): (&Credential, Option<&Deputy>),
    chosen: &[Chosen],
    now: Timestamp,
) -> Result<(String, Vec<Part>), TxError> {
    let (mut holder, mut parts, mut unknown) = (String::new(), Vec::new(), Vec::new());
    for (at, one) in chosen.iter().enumerate() {
        let license = match deputy {
            None => access::license(&mut *tx, caller, &one.license).await?,
            Some(deputy) => {
                let found = tx.license(&one.license).await?;
                let found = found.filter(|l| deputy.may_show(&l.holder.code, &l.id, now));
                found.ok_or_else(|| not_found("license.unknown"))?
            }
        };
        if license.standing(now) != Standing::InForce {
            let standing = license.standing(now).name();
            return Err(conflict("license.not_in_force").with("standing", standing).into());
        }
        let kind = service.kinds.get(&license.kind).ok_or_else(|| not_found("kind.unknown"))?;
        let strange = one.fields.iter().enumerate().filter(|(_, name)| kind.field(name).is_none());
        unknown
            .extend(strange.map(|(of, _)| Fault::at(format!("/licenses/{at}/fields/{of}"), "field.unknown")));
        // In the order of the kind, whatever order was asked for.
        let fields = kind.fields.iter().filter(|field| one.fields.contains(&field.name));
        let fields = fields.map(|field| field.name.clone()).collect();
        parts.push(Part { license: license.id, fields });
        holder = license.holder.code;
    }
    if unknown.is_empty() { Ok((holder, parts)) } else { Err(Refusal::invalid(unknown).into()) }
}

/// A holder takes a code back before anyone used it.
pub async fn withdraw(service: &Service, caller: &Credential, id: &str) -> Result<(), AppError> {
    access::only(caller, &[Role::Holder])?;
    let now = service.clock.now();
    let line = audit::line(now, &caller.id, "show_code.withdraw", id, &audit::nothing());
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let showing = tx.showing(id).await?.filter(|showing| is_own(caller, showing));
            let showing = showing.ok_or_else(|| not_found("showing.unknown"))?;
            if tx.withdraw_showing(id, now).await? {
                return Ok(tx.append_event(&withdrawn(service, &showing, now)).await?);
            }
            let code = if showing.redeemed.is_some() { "show_code.used" } else { "show_code.withdrawn" };
            Err(TxError::from(conflict(code)))
        })
    })
    .await
}

/// A holder takes back a code that a page rolled: this one, and every other of the same licenses that the same
/// session drew and that is still open. Says whether somebody had used this one before.
pub async fn withdraw_rolled(service: &Service, caller: &Credential, id: &str) -> Result<bool, AppError> {
    access::only(caller, &[Role::Holder])?;
    let now = service.clock.now();
    let line = audit::line(now, &caller.id, "show_code.withdraw", id, &json!({ "rolled": true }));
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let shown = tx.showing(id).await?.filter(|showing| is_own(caller, showing));
            let shown = shown.ok_or_else(|| not_found("showing.unknown"))?;
            // One event for all codes that the page rolled: nobody was told that they were drawn.
            if shown.check_open(now).is_ok() {
                tx.append_event(&withdrawn(service, &shown, now)).await?;
            }
            let mut after: Option<(Timestamp, String)> = None;
            loop {
                let place = after.as_ref().map(|(at, id)| (*at, id.as_str()));
                let newest = tx.showings(&shown.holder, place, ROWS).await?;
                for other in &newest {
                    let same = other.licenses().eq(shown.licenses()) && other.shown_by == caller.id;
                    if (same || other.id == shown.id) && other.check_open(now).is_ok() {
                        tx.withdraw_showing(&other.id, now).await?;
                    }
                }
                // Older ones have expired.
                after = newest
                    .last()
                    .filter(|last| newest.len() == ROWS as usize && last.created_at > oldest_open(now))
                    .map(|last| (last.created_at, last.id.clone()));
                if after.is_none() {
                    return Ok(tx.showing(id).await?.is_some_and(|s| s.redeemed.is_some()));
                }
            }
        })
    })
    .await
}

/// Whether a showing is of the caller's licenses, or was drawn by it on behalf of another.
fn is_own(caller: &Credential, showing: &Showing) -> bool {
    caller.holder.as_deref() == Some(&showing.holder) || showing.shown_by == caller.id
}

/// A showing of the caller's, and who came with its code after somebody had used it.
pub async fn one(service: &Service, caller: &Credential, id: &str) -> Result<(Showing, Vec<Try>), AppError> {
    access::only(caller, &[Role::Holder])?;
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let showing = tx.showing(id).await?.filter(|showing| is_own(caller, showing));
            let showing = showing.ok_or_else(|| not_found("showing.unknown"))?;
            Ok((showing, tx.tries(id, MOST_TRIES).await?))
        })
    });
    Ok(found.await?)
}

fn withdrawn(service: &Service, showing: &Showing, now: Timestamp) -> OutboxEvent {
    let licenses: Vec<&str> = showing.licenses().map(LicenseId::as_str).collect();
    let body = json!({ "licenses": licenses });
    audit::event(service, now, "show.withdrawn", &showing.id, &body)
}

/// No code drawn before this is open: the longest life, and an hour for clocks set back.
fn oldest_open(now: Timestamp) -> Timestamp {
    const LONGEST: i64 = (*SECONDS.end() as i64 + 3600) * 1_000_000;
    Timestamp::from_micros(now.micros().saturating_sub(LONGEST))
}

/// A place in a holder's list of showings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// When the last one was drawn.
    pub created_at: Timestamp,
    /// Which it was.
    pub id: String,
}

/// A holder's showings, newest first: who looked, when, why.
pub async fn list(
    service: &Service,
    caller: &Credential,
    after: Option<Cursor>,
    limit: Option<u32>,
) -> Result<Vec<Showing>, AppError> {
    access::only(caller, &[Role::Holder])?;
    let holder = caller.holder.as_deref().ok_or_else(|| not_found("showing.unknown"))?;
    let limit = inputs::rows(limit);
    let after = after.as_ref().map(|cursor| (cursor.created_at, cursor.id.as_str()));
    // The holder reads what others did with its data; that is itself no reading of the data.
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.showings(holder, after, limit).await?) })
    })
    .await?;
    Ok(found)
}

/// As [`list`], each with who came with its code after somebody had used it.
pub async fn list_with_tries(
    service: &Service,
    caller: &Credential,
    after: Option<Cursor>,
    limit: Option<u32>,
) -> Result<Vec<(Showing, Vec<Try>)>, AppError> {
    let showings = &list(service, caller, after, limit).await?;
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let mut found = Vec::with_capacity(showings.len());
            for showing in showings {
                // Nobody comes second where nobody came first.
                let tries = match showing.redeemed {
                    Some(_) => tx.tries(&showing.id, MOST_TRIES).await?,
                    None => Vec::new(),
                };
                found.push((showing.clone(), tries));
            }
            Ok(found)
        })
    });
    Ok(found.await?)
}
