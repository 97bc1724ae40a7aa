//! Strikes a business off (注销登记): license, seals, people and grants end together, in one transaction.

use crate::app::change_license_state::{Act, set_state, to_change};
use crate::app::end_seal::{self, Ending};
use crate::app::error::conflict;
use crate::app::{AppError, Service, access, audit, inputs};
use crate::domain::business::{Business, BusinessState};
use crate::domain::grant::Withdrawal;
use crate::domain::license::{Ending as LicenseEnding, License, LicenseState};
use crate::domain::party::{Credential, Role};
use crate::domain::refusal::Refusal;
use crate::domain::seal::{Seal, SealEvent, SealState};
use crate::domain::time::Timestamp;
use crate::ports::store::{self, LicenseEvent, Transaction, TxError};
use serde_json::json;

/// Seals of one owner that are looked at in one pass.
const AT_ONCE: u32 = 200;

/// The end of a business.
pub struct Request {
    /// Which business, by credit code.
    pub business: String,
    /// The revision that the caller saw; `None` ends whatever stands now.
    pub revision: Option<u32>,
    /// The legal act by which its license ends.
    pub ending: LicenseEnding,
    /// Why, 2 to 200 characters.
    pub reason: String,
}

/// A seal that ends, before and after.
struct Ended {
    before: Seal,
    after: Seal,
}

/// Ends it.
pub async fn run(service: &Service, caller: &Credential, request: Request) -> Result<Business, AppError> {
    let now = service.clock.now();
    let line = audit::line(now, &caller.id, "business.deregister", &request.business, &audit::nothing());
    let outcome = end(service, caller, &request, now).await;
    if let Err(AppError::Refused(refusal)) = &outcome {
        let outcome = refusal.code.to_owned();
        audit::append(service, &store::AuditLine { outcome, ..line }).await?;
    }
    outcome
}

async fn end(
    service: &Service,
    caller: &Credential,
    request: &Request,
    now: Timestamp,
) -> Result<Business, AppError> {
    access::only(caller, &[Role::Department])?;
    let mut faults = Vec::new();
    let reason = &inputs::line("/reason", &request.reason, 2, 200, &mut faults);
    if !faults.is_empty() {
        return Err(Refusal::invalid(faults).into());
    }
    let (business, ended) = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let business = super::of_registry(&mut *tx, caller, &request.business).await?;
            business.check_changeable(request.revision)?;
            let ended = all_seals(&mut *tx, &business.code).await?;
            Ok((business, ended))
        })
    })
    .await?;
    let mut endings: Vec<Ending<'_>> = Vec::new();
    for seal in &ended {
        endings.extend(end_seal::endings(service, &seal.after, now).await?);
    }
    let (business, ended, revoked) = (&business, &ended, &endings);
    let struck_off = store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let license = to_change(&mut *tx, service, caller, &business.license, None, now).await?;
            end_license(&mut *tx, service, caller, license, (request.ending, reason), now).await?;
            for seal in ended {
                end_one(&mut *tx, service, seal, (&caller.id, reason), now).await?;
            }
            // Whatever was applied for since: nothing of it may be made any more.
            if all_seals(&mut *tx, &business.code)
                .await?
                .iter()
                .any(|seal| !ended.iter().any(|known| known.before.code == seal.before.code))
            {
                return Err(conflict("business.changed").with("revision", business.revision).into());
            }
            end_seal::revoke(&mut *tx, revoked).await?;
            for role in [Role::CompanyManager, Role::Sealer] {
                tx.withdraw_business_credentials(&business.code, role, now).await?;
            }
            let withdrawal = Withdrawal { at: now, by: caller.id.clone(), reason: reason.clone() };
            tx.withdraw_grants_of_owner(&business.code, &withdrawal).await?;
            let after = Business {
                state: BusinessState::Deregistered,
                manager: None,
                revision: business.revision + 1,
                changed_at: now,
                ..business.clone()
            };
            if !tx.update_business(&after, business.revision).await? {
                return Err(conflict("business.changed").with("revision", business.revision).into());
            }
            let body = json!({ "license": business.license.as_str(), "seals": ended.len() });
            tx.append_audit(&audit::line(now, &caller.id, "business.deregister", &business.code, &body))
                .await?;
            let event = audit::event(service, now, "business.deregistered", &business.code, &body);
            tx.append_event(&event.concerning([&business.registry, &business.code])).await?;
            Ok(after)
        })
    })
    .await?;
    end_seal::publish(service, &endings, now).await;
    Ok(struck_off)
}

/// Every seal of the owner that is in use or applied for, whether it was made with the license or not.
async fn all_seals(tx: &mut dyn Transaction, owner: &str) -> Result<Vec<Ended>, TxError> {
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let slice = tx.seals(Some(owner), &after, AT_ONCE).await?;
        let Some(last) = slice.last() else { return Ok(found) };
        after = last.code.as_str().to_owned();
        for before in slice {
            let state = match before.state {
                SealState::Active | SealState::Suspended => SealState::Cancelled,
                SealState::Requested => SealState::Rejected,
                SealState::Rejected | SealState::Replaced | SealState::Cancelled | SealState::Void => {
                    continue;
                }
            };
            let after = Seal { state, revision: before.revision + 1, ..before.clone() };
            found.push(Ended { before, after });
        }
    }
}

async fn end_license(
    tx: &mut dyn Transaction,
    service: &Service,
    caller: &Credential,
    mut license: License,
    (ending, reason): (LicenseEnding, &str),
    now: Timestamp,
) -> Result<(), TxError> {
    if !matches!(license.state, LicenseState::Active | LicenseState::Suspended { .. }) {
        return Ok(());
    }
    set_state(&mut *tx, &mut license, LicenseState::Ended { ending, reason: reason.to_owned() }).await?;
    let what = Act::End(ending).done();
    let happened = LicenseEvent {
        license: license.id.clone(),
        what: what.to_owned(),
        at: now,
        by: caller.id.clone(),
        reason: reason.to_owned(),
    };
    tx.add_license_event(&happened).await?;
    let event = audit::event(service, now, "license.ended", license.id.as_str(), &json!({ "what": what }));
    Ok(tx.append_event(&event.concerning([&license.issuer])).await?)
}

async fn end_one(
    tx: &mut dyn Transaction,
    service: &Service,
    Ended { before, after }: &Ended,
    (by, reason): (&str, &str),
    now: Timestamp,
) -> Result<(), TxError> {
    if !tx.update_seal(after, before.revision).await? {
        return Err(conflict("seal.changed").into());
    }
    let happened = SealEvent {
        seal: after.code.clone(),
        state: after.state,
        at: now,
        by: by.to_owned(),
        reason: reason.to_owned(),
    };
    tx.add_seal_event(&happened).await?;
    let topic = format!("seal.{}", after.state.name());
    let event = audit::event(service, now, &topic, after.code.as_str(), &json!({ "act": "business" }));
    Ok(tx.append_event(&event.concerning([&after.owner_code])).await?)
}
