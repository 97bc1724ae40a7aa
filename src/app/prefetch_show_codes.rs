//! Fetches show codes in advance, for a phone that will have a bad network (离线备用码). Each opens once, none lives longer
//! than a day, and all of them are withdrawn as soon as the same credential draws or fetches again: the phone is back.

use super::show_license::{Chosen, Drawn, check_chosen, parts};
use super::{AppError, Service, access, audit, inputs};
use crate::crypto::sha256;
use crate::domain::handle::RANDOM_DIGITS;
use crate::domain::party::{Credential, Role};
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::show_code::{ShowCode, Showing, Way};
use serde_json::json;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::time::Duration;

/// How many codes may be fetched at once.
pub const COUNT: RangeInclusive<u32> = 1..=10;
/// How many hours they may live.
pub const HOURS: RangeInclusive<u32> = 1..=24;

/// What to show. Sensitive fields stay masked: a code that may lie about for a day asks for nothing in full.
pub struct Request {
    /// One to ten licenses of the caller's own, each once.
    pub chosen: Vec<Chosen>,
    /// What for, 1 to 60 characters.
    pub purpose: String,
    /// How many codes, 1 to 10.
    pub count: u32,
    /// How many hours they live, 1 to 24.
    pub hours: u32,
}

/// Fetches codes; those fetched before are withdrawn.
pub async fn run(service: &Service, caller: &Credential, request: Request) -> Result<Vec<Drawn>, AppError> {
    access::only(caller, &[Role::Holder])?;
    let mut faults = Vec::new();
    let purpose = inputs::line("/purpose", &request.purpose, 1, 60, &mut faults);
    for (pointer, value, range) in [("/count", request.count, COUNT), ("/hours", request.hours, HOURS)] {
        if !range.contains(&value) {
            let fault = Fault::at(pointer, "number.out_of_range");
            faults.push(fault.with("min", range.start()).with("max", range.end()));
        }
    }
    check_chosen(&request.chosen, &mut faults);
    if !faults.is_empty() {
        return Err(Refusal::invalid(faults).into());
    }
    let now = service.clock.now();
    let expires_at = now.plus(Duration::from_secs(u64::from(request.hours) * 3600));
    let mut drawn = Vec::new();
    for _ in 0..request.count {
        let code = ShowCode::from_random(&service.random.text(RANDOM_DIGITS, b"0123456789"))
            .ok_or_else(|| AppError::internal("random digits are not digits"))?;
        drawn.push(Drawn { id: hex::encode(service.random.bytes::<12>()), code, expires_at });
    }
    let showings: Vec<&str> = drawn.iter().map(|one| one.id.as_str()).collect();
    // As where a code is drawn: a line for each license, with the names of its fields.
    let of = |chosen: &Chosen| {
        let asked: BTreeSet<&str> = chosen.fields.iter().map(String::as_str).collect();
        let detail = json!({ "showings": showings, "fields": asked, "hours": request.hours });
        audit::line(now, &caller.id, "license.prefetch", chosen.license.as_str(), &detail)
    };
    let first = request.chosen.first().ok_or_else(|| AppError::internal("no license was chosen"))?;
    let others: Vec<_> = request.chosen.iter().skip(1).map(of).collect();
    let (codes, chosen, purpose, others) = (&drawn, &request.chosen, &purpose, &others);
    audit::audited(service, of(first), |tx, _| {
        Box::pin(async move {
            let (holder, parts) = parts(&mut *tx, service, (caller, None), chosen, now).await?;
            tx.withdraw_prefetched(&caller.id, now).await?;
            for line in others {
                tx.append_audit(line).await?;
            }
            for one in codes {
                let showing = Showing {
                    id: one.id.clone(),
                    code_hash: Some(sha256(one.code.digits().as_bytes())),
                    parts: parts.clone(),
                    way: Way::Prefetched,
                    holder: holder.clone(),
                    shown_by: caller.id.clone(),
                    purpose: purpose.clone(),
                    reason: None,
                    created_at: now,
                    expires_at,
                    withdrawn_at: None,
                    redeemed: None,
                };
                tx.insert_showing(&showing).await?;
            }
            Ok(())
        })
    })
    .await?;
    Ok(drawn)
}

/// Withdraws what was fetched in advance and not used; says how many.
pub async fn drop_all(service: &Service, caller: &Credential) -> Result<u64, AppError> {
    access::only(caller, &[Role::Holder])?;
    let now = service.clock.now();
    let line = audit::line(now, &caller.id, "show_code.drop_prefetched", &caller.id, &audit::nothing());
    audit::audited(service, line, |tx, _| {
        Box::pin(async move { Ok(tx.withdraw_prefetched(&caller.id, now).await?) })
    })
    .await
}
