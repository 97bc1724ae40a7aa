//! Who controls a company's seals: the manager, to whom the registry hands control, and the employees whom the manager
//! lets in. An employee seals under grants alone.

use crate::app::add_credential::{self, Added, Prepared, Secret};
use crate::app::error::{conflict, forbidden, not_found};
use crate::app::{AppError, Service, access, audit, inputs};
use crate::domain::business::Business;
use crate::domain::party::{Credential, Role, Scope};
use crate::ports::store::{self, TxError};
use serde_json::json;

/// Days that a manager's credential lasts.
const MANAGERS_DAYS: u32 = 1_095;

fn of_business(role: Role, business: &str, label: &str, days: u32) -> add_credential::Request {
    add_credential::Request {
        label: label.to_owned(),
        role,
        department: None,
        holder: None,
        business: Some(business.to_owned()),
        person: None,
        kinds: Scope::All,
        seals: Scope::All,
        days,
        secret: Secret::Token,
    }
}

/// The registry hands control to a manager; whoever had it before has it no more. The token is told this once.
pub async fn hand_over(
    service: &Service,
    caller: &Credential,
    code: &str,
    label: &str,
) -> Result<Added, AppError> {
    let now = service.clock.now();
    let line = audit::line(now, &caller.id, "business.hand-over", code, &audit::nothing());
    let outcome = async {
        access::only(caller, &[Role::Department])?;
        let request = of_business(Role::CompanyManager, code, label, MANAGERS_DAYS);
        let prepared = add_credential::prepare(service, request)?;
        let Prepared { credential, hash, .. } = &prepared;
        let given = &add_credential::line(service, &caller.id, credential);
        let line = &line;
        store::write(service.store.as_ref(), |tx, _| {
            Box::pin(async move {
                let business = super::of_registry(&mut *tx, caller, code).await?;
                business.check_changeable(None)?;
                tx.withdraw_business_credentials(code, Role::CompanyManager, now).await?;
                tx.add_credential(credential, hash).await?;
                let after = Business {
                    manager: Some(credential.id.clone()),
                    revision: business.revision + 1,
                    changed_at: now,
                    ..business.clone()
                };
                if !tx.update_business(&after, business.revision).await? {
                    return Err(conflict("business.changed").with("revision", business.revision).into());
                }
                tx.append_audit(given).await?;
                tx.append_audit(line).await?;
                let body = json!({ "manager": credential.id });
                let event = audit::event(service, now, "business.handed_over", code, &body);
                Ok(tx.append_event(&event.concerning([&business.registry, &business.code])).await?)
            })
        })
        .await?;
        let Prepared { credential, token, .. } = prepared;
        Ok::<_, TxError>(Added { credential, token })
    }
    .await;
    audit::refused(service, line, outcome).await
}

/// The manager lets an employee in. The token is told this once.
pub async fn let_in(
    service: &Service,
    caller: &Credential,
    code: &str,
    label: &str,
    days: u32,
) -> Result<Added, AppError> {
    let managed = own(caller, code)?;
    let prepared = add_credential::prepare(service, of_business(Role::Sealer, managed, label, days))?;
    let Prepared { credential, hash, .. } = &prepared;
    let line = add_credential::line(service, &caller.id, credential);
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let business = tx.business(managed).await?.ok_or_else(|| not_found("business.unknown"))?;
            business.check_changeable(None)?;
            Ok(tx.add_credential(credential, hash).await?)
        })
    })
    .await?;
    let Prepared { credential, token, .. } = prepared;
    Ok(Added { credential, token })
}

/// The manager lets an employee in no more.
pub async fn let_go(service: &Service, caller: &Credential, code: &str, id: &str) -> Result<(), AppError> {
    let managed = own(caller, code)?;
    let now = service.clock.now();
    let line = audit::line(now, &caller.id, "credential.withdraw", id, &audit::nothing());
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let known = tx.credential(id).await?;
            let known = known
                .filter(|known| known.role == Role::Sealer && known.business.as_deref() == Some(managed));
            if known.is_some() && tx.withdraw_credential(id, now).await? {
                Ok(())
            } else {
                Err(not_found("credential.unknown").into())
            }
        })
    })
    .await
}

/// The company's people, by id after `after`, as its manager sees them.
pub async fn list(
    service: &Service,
    caller: &Credential,
    code: &str,
    after: &str,
    limit: Option<u32>,
) -> Result<Vec<Credential>, AppError> {
    let managed = own(caller, code)?;
    let limit = inputs::rows(limit);
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.business_credentials(managed, after, limit).await?) })
    });
    Ok(found.await?)
}

/// The caller's own company, if it manages that one.
fn own<'c>(caller: &'c Credential, code: &str) -> Result<&'c str, AppError> {
    access::only(caller, &[Role::CompanyManager])?;
    let own = caller.business.as_deref().ok_or_else(|| forbidden("permit.role"))?;
    if own == code { Ok(own) } else { Err(not_found("business.unknown").into()) }
}
