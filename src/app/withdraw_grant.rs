//! Takes a grant back. What was sealed under it stays good.

use super::error::{conflict, not_found};
use super::{AppError, Service, access, audit, inputs};
use crate::domain::grant::{Grant, GrantId, Withdrawal};
use crate::domain::party::{Credential, Role};
use crate::domain::refusal::Refusal;
use crate::ports::store;
use serde_json::json;

/// Takes it back, from now on; what is being sealed under it is not released.
pub async fn run(
    service: &Service,
    caller: &Credential,
    id: &GrantId,
    reason: &str,
) -> Result<Grant, AppError> {
    access::only(caller, &[Role::SealAdministrator, Role::CompanyManager])?;
    let mut faults = Vec::new();
    let reason = inputs::line("/reason", reason, 2, 200, &mut faults);
    if !faults.is_empty() {
        return Err(Refusal::invalid(faults).into());
    }
    let now = service.clock.now();
    let withdrawal = &Withdrawal { at: now, by: caller.id.clone(), reason };
    let grant = store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let grant = tx.grant(id).await?.ok_or_else(|| not_found("grant.unknown"))?;
            let seal = tx.seal(&grant.seal).await?;
            if !seal.is_some_and(|seal| access::lends(caller, &seal)) {
                return Err(not_found("grant.unknown").into());
            }
            if !tx.withdraw_grant(id, withdrawal).await? {
                return Err(conflict("grant.withdrawn").with("grant", id).into());
            }
            let subject = grant.seal.as_str();
            let body = json!({ "grant": id.as_str() });
            tx.append_audit(&audit::line(now, &caller.id, "seal.withdraw_grant", subject, &body)).await?;
            let event = audit::event(service, now, "seal.grant_withdrawn", subject, &body);
            tx.append_event(&event.concerning(grant.concerned())).await?;
            Ok(Grant { withdrawn: Some(withdrawal.clone()), ..grant })
        })
    })
    .await?;
    Ok(grant)
}
