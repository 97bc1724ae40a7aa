//! The holder's yes, with the number from the other screen, and no.

use super::super::error::{forbidden, not_found};
use super::super::{AppError, Service, access, audit};
use super::materials::consented;
use super::{Answer, carry_out, count_guess, end, fields_shown, hash_of, open_one, why_over};
use crate::domain::license::{LicenseId, Standing};
use crate::domain::party::{Credential, Role};
use crate::domain::refusal::{Fault, Refusal, RefusalClass};
use crate::domain::show_code::{Part, Way};
use crate::domain::show_request::{Ended, Ending, Over, ShowRequest, TRIES};
use crate::domain::time::Timestamp;
use crate::ports::store::{self, Transaction, TxError};
use serde_json::json;

/// A yes.
pub struct Yes {
    /// The handle.
    pub code: String,
    /// The number on the other screen.
    pub number: u8,
    /// What is shown.
    pub licenses: Vec<Choice>,
    /// Materials handed in before that may be used again, by identifier.
    pub materials: Vec<String>,
}

/// A license, and what of it beyond what is required.
pub struct Choice {
    /// The license.
    pub license: LicenseId,
    /// Optional fields that are shown, too.
    pub fields: Vec<String>,
}

/// Says yes; gives the showing's identifier. A wrong number is counted, and the third ends the request.
pub async fn approve(service: &Service, caller: &Credential, yes: Yes) -> Result<String, AppError> {
    access::only(caller, &[Role::Holder])?;
    let holder = caller.holder.as_deref().ok_or_else(|| forbidden("permit.role"))?;
    let hash = hash_of(service, caller, &yes.code)?;
    let now = service.clock.now();
    let (yes, known) = (&yes, &hash);
    let outcome = store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let request = open_one(&mut *tx, known, now).await?;
            if request.number != yes.number {
                // This refusal is kept: it must not be tried for free.
                return Ok(Err(mismatch(tx, caller, &request, now).await?));
            }
            let parts = parts(&mut *tx, service, (holder, &request), &yes.licenses, now).await?;
            let matter = service.asking.matters.get(&request.matter);
            let matter = matter.ok_or_else(|| not_found("ask.unknown_matter"))?;
            let materials = consented(&mut *tx, matter, holder, &yes.materials, now).await?;
            let told = json!({ "number": "right" });
            let answer = Answer { holder, by: &caller.id, way: Way::Requested, parts, materials, told };
            Ok(Ok(carry_out(tx, service, &request, answer, now).await?.id))
        })
    })
    .await;
    let line = audit::line(now, &caller.id, "request.approve", &hex::encode(hash), &audit::nothing());
    let outcome = audit::refused(service, line, outcome).await;
    count_guess(service, caller, &outcome);
    Ok(outcome??)
}

/// Counts a wrong number; says how many tries are left.
async fn mismatch(
    tx: &mut dyn Transaction,
    caller: &Credential,
    request: &ShowRequest,
    now: Timestamp,
) -> Result<Refusal, TxError> {
    tx.count_wrong_number(&request.id).await?;
    let left = TRIES.saturating_sub(request.wrong + 1);
    let refusal = if left == 0 {
        let ended = Ended { how: Ending::Mismatched, at: now, showing: None, materials: Vec::new() };
        end(&mut *tx, request, &ended).await?;
        why_over(Over::Ended(Ending::Mismatched))
    } else {
        Refusal::new(RefusalClass::Invalid, "ask.wrong_number").with("left", left)
    };
    let line = audit::line(now, &caller.id, "request.approve", &request.id, &json!({ "left": left }));
    let line = store::AuditLine { outcome: refusal.code.to_owned(), ..line };
    tx.append_audit(&line).await?;
    Ok(refusal)
}

/// What is shown, in the order in which it was asked for; every fault of the choice at once.
async fn parts(
    tx: &mut dyn Transaction,
    service: &Service,
    (holder, request): (&str, &ShowRequest),
    choices: &[Choice],
    now: Timestamp,
) -> Result<Vec<Part>, TxError> {
    let mut faults = Vec::new();
    let mut chosen: Vec<Option<Part>> = request.asked.iter().map(|_| None).collect();
    for (at, choice) in choices.iter().enumerate() {
        let license = tx.license(&choice.license).await?.filter(|license| license.holder.code == holder);
        let Some(license) = license else {
            faults.push(Fault::at(format!("/licenses/{at}/license"), "license.unknown"));
            continue;
        };
        if license.standing(now) != Standing::InForce {
            let standing = license.standing(now).name();
            let fault = Fault::at(format!("/licenses/{at}/license"), "license.not_in_force");
            faults.push(fault.with("standing", standing));
        }
        let place = request.asked.iter().position(|asked| asked.kind == license.kind);
        let Some((asked, slot)) = place.and_then(|n| Some((&request.asked[n], chosen.get_mut(n)?))) else {
            faults.push(Fault::at(format!("/licenses/{at}/license"), "ask.kind_not_asked"));
            continue;
        };
        for (n, name) in choice.fields.iter().enumerate() {
            if !asked.required.contains(name) && !asked.optional.contains(name) {
                faults.push(Fault::at(format!("/licenses/{at}/fields/{n}"), "ask.field_not_asked"));
            }
        }
        let fields = fields_shown(service, asked, &choice.fields);
        if slot.replace(Part { license: license.id, fields }).is_some() {
            faults.push(Fault::at(format!("/licenses/{at}/license"), "ask.kind_twice"));
        }
    }
    for (asked, slot) in request.asked.iter().zip(&chosen) {
        if slot.is_none() && !asked.may_lack {
            faults.push(Fault::at("/licenses", "ask.kind_missing").with("kind", &asked.kind));
        }
    }
    if faults.is_empty() && chosen.iter().all(Option::is_none) {
        faults.push(Fault::at("/licenses", "ask.nothing"));
    }
    if faults.is_empty() {
        Ok(chosen.into_iter().flatten().collect())
    } else {
        Err(Refusal::invalid(faults).into())
    }
}

/// Says no. Who asked learns that, and not who said it.
pub async fn decline(service: &Service, caller: &Credential, code: &str) -> Result<(), AppError> {
    access::only(caller, &[Role::Holder])?;
    caller.holder.as_deref().ok_or_else(|| not_found("ask.unknown"))?;
    let hash = hash_of(service, caller, code)?;
    let now = service.clock.now();
    let line = audit::line(now, &caller.id, "request.decline", &hex::encode(hash), &audit::nothing());
    let hash = &hash;
    let outcome = audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let request = open_one(&mut *tx, hash, now).await?;
            let ended = Ended { how: Ending::Declined, at: now, showing: None, materials: Vec::new() };
            end(tx, &request, &ended).await
        })
    })
    .await;
    count_guess(service, caller, &outcome);
    outcome
}
