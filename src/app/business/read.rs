//! Businesses as their registry, their people and the authorities see them.

use crate::app::error::{conflict, forbidden, not_found};
use crate::app::{AppError, Service, access, audit, inputs};
use crate::domain::business::{Business, BusinessState};
use crate::domain::license::License;
use crate::domain::party::{Credential, Role};
use crate::domain::seal::Seal;
use crate::ports::store::{self, Transaction, TxError};

/// Who may look at a business.
const READERS: [Role; 5] =
    [Role::Department, Role::CompanyManager, Role::Sealer, Role::SealAdministrator, Role::Auditor];

/// A business and what it has now.
#[derive(Clone, Debug)]
pub struct Whole {
    /// The business.
    pub business: Business,
    /// Its license as it stands.
    pub license: License,
    /// Its seals, in the order of their purposes' names.
    pub seals: Vec<Seal>,
}

/// One business. To those whom it does not concern it does not exist. Looking is a line of the audit trail.
pub async fn one(service: &Service, caller: &Credential, code: &str) -> Result<Whole, AppError> {
    access::only(caller, &READERS)?;
    let line = audit::line(service.clock.now(), &caller.id, "business.read", code, &audit::nothing());
    audit::audited(service, line, |tx, _| {
        Box::pin(async move {
            let business = tx.business(code).await?.filter(|business| sees(caller, business));
            let business = business.ok_or_else(|| not_found("business.unknown"))?;
            whole(tx, business).await
        })
    })
    .await
}

/// A business with its license and seals.
pub(super) async fn whole(tx: &mut dyn Transaction, business: Business) -> Result<Whole, TxError> {
    let license = tx.license(&business.license).await?.ok_or_else(|| not_found("license.unknown"))?;
    let mut seals = Vec::new();
    for bound in tx.business_seals(&business.code).await? {
        seals.push(tx.seal(&bound.seal).await?.ok_or_else(|| not_found("seal.unknown"))?);
    }
    Ok(Whole { business, license, seals })
}

/// The businesses that the caller's department registered, by code after `after`.
pub async fn list(
    service: &Service,
    caller: &Credential,
    after: &str,
    limit: Option<u32>,
) -> Result<Vec<Business>, AppError> {
    access::only(caller, &[Role::Department])?;
    let registry = caller.department.as_deref().ok_or_else(|| forbidden("permit.role"))?;
    let limit = inputs::rows(limit);
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.businesses(registry, after, limit).await?) })
    });
    Ok(found.await?)
}

fn sees(caller: &Credential, business: &Business) -> bool {
    match caller.role {
        Role::Department => caller.department.as_deref() == Some(&business.registry),
        Role::CompanyManager | Role::Sealer => caller.business.as_deref() == Some(&business.code),
        Role::SealAdministrator => {
            caller.department.as_ref().is_none_or(|own| *own == business.registry || *own == business.code)
        }
        Role::Auditor => true,
        Role::Holder | Role::Clerk | Role::Institution | Role::Operator => false,
    }
}

/// Refuses what would change a license behind the back of the business it is bound to.
pub(crate) async fn refuse_bound(tx: &mut dyn Transaction, license: &License) -> Result<(), TxError> {
    match tx.business(&license.holder.code).await? {
        Some(business) if business.license == license.id && business.state == BusinessState::Active => {
            Err(conflict("business.act_needed").with("business", &business.code).into())
        }
        _ => Ok(()),
    }
}

/// The same in a snapshot of its own.
pub(crate) async fn not_bound(service: &Service, license: &License) -> Result<(), AppError> {
    let asked = store::glance(service.store.as_ref(), |tx, _| Box::pin(refuse_bound(tx, license)));
    Ok(asked.await?)
}
