//! A business's license and seals in one act (企业开办一件事), and who controls those seals.
//!
//! Registering and changing are issues of a business license ([`super::issue_license`]) with a [`plan::Plan`] beside: what
//! seals are made with it. Both are written in the one transaction of step 8.

pub mod deregister;
pub(crate) mod made;
pub mod people;
pub(crate) mod plan;
pub mod read;
pub mod register;
pub mod rule;

use super::error::not_found;
use crate::domain::business::Business;
use crate::domain::party::{Credential, Role};
use crate::ports::store::{Transaction, TxError};

/// The business, if this caller may act on it as its registry. To others it does not exist.
pub(super) async fn of_registry(
    tx: &mut dyn Transaction,
    caller: &Credential,
    code: &str,
) -> Result<Business, TxError> {
    let found = tx.business(code).await?;
    let found = found.filter(|business| {
        caller.role == Role::Department && caller.department.as_deref() == Some(&business.registry)
    });
    Ok(found.ok_or_else(|| not_found("business.unknown"))?)
}
