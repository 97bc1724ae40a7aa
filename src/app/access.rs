//! Which stored licenses a caller may see.

use super::error::{forbidden, not_found};
use crate::domain::license::{License, LicenseId};
use crate::domain::party::{Credential, Role};
use crate::domain::permit;
use crate::domain::refusal::Refusal;
use crate::domain::seal::Seal;
use crate::ports::store::{Transaction, TxError};

/// Reads a license that the caller may see: its issuer within the credential's kinds, or its holder, a company's
/// manager among them. To everyone else it does not exist.
pub(crate) async fn license(
    tx: &mut dyn Transaction,
    caller: &Credential,
    id: &LicenseId,
) -> Result<License, TxError> {
    let license = tx.license(id).await?.ok_or_else(|| not_found("license.unknown"))?;
    if may_see(caller, &license) { Ok(license) } else { Err(not_found("license.unknown").into()) }
}

/// Reads a license that this holder holds. To others it does not exist.
pub(crate) async fn held(
    tx: &mut dyn Transaction,
    holder: Option<&str>,
    id: &LicenseId,
) -> Result<License, TxError> {
    let license = tx.license(id).await?.filter(|license| holder == Some(license.holder.code.as_str()));
    Ok(license.ok_or_else(|| not_found("license.unknown"))?)
}

fn may_see(caller: &Credential, license: &License) -> bool {
    match caller.role {
        Role::Department => {
            caller.department.as_deref() == Some(&license.issuer) && caller.kinds.allows(&license.kind)
        }
        Role::Holder => caller.holder.as_deref() == Some(&license.holder.code),
        Role::CompanyManager => caller.business.as_deref() == Some(&license.holder.code),
        Role::SealAdministrator
        | Role::Clerk
        | Role::Institution
        | Role::Auditor
        | Role::Operator
        | Role::Sealer => false,
    }
}

/// Refuses every role but these.
pub(crate) fn only(caller: &Credential, roles: &[Role]) -> Result<(), Refusal> {
    if roles.contains(&caller.role) { Ok(()) } else { Err(forbidden("permit.role")) }
}

/// Whether this caller administers that seal.
pub(crate) fn administers(caller: &Credential, seal: &Seal) -> bool {
    caller.department.as_ref().is_none_or(|own| *own == seal.owner_code)
        && caller.seals.allows(seal.code.as_str())
}

/// Whether this caller lets others use that seal: who administers it, or the company's manager.
pub(crate) fn lends(caller: &Credential, seal: &Seal) -> bool {
    match caller.role {
        Role::SealAdministrator => administers(caller, seal),
        Role::CompanyManager => {
            permit::acts_for(caller, &seal.owner_code) && caller.seals.allows(seal.code.as_str())
        }
        _ => false,
    }
}
