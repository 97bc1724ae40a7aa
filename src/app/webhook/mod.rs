//! Webhooks: endpoints are registered and looked after by operators, or by departments for what concerns them; events go
//! from the outbox to each endpoint in order and are delivered until it takes them.

pub mod change;
pub mod deliver;
pub mod fan_out;
mod message;
pub mod read;
pub mod register;
pub mod replay;
pub mod secrets;
pub mod tidy_up;

use super::error::{forbidden, not_found};
use crate::domain::party::{Credential, Role, Scope};
use crate::domain::refusal::Refusal;
use crate::domain::webhook::{Webhook, WebhookId, WebhookState};
use crate::ports::store::{Transaction, TxError};

/// Whose endpoints a caller registers: `None` is the operators'. A department's endpoint is told of everything that
/// concerns the department, so a credential limited to some of its kinds or seals does not reach it.
fn owner_of(caller: &Credential) -> Result<Option<&str>, Refusal> {
    match (caller.role, caller.department.as_deref()) {
        (Role::Operator, _) => Ok(None),
        (Role::Department, Some(code)) => {
            if caller.kinds == Scope::All && caller.seals == Scope::All {
                Ok(Some(code))
            } else {
                Err(forbidden("webhook.limited_credential"))
            }
        }
        _ => Err(forbidden("permit.role")),
    }
}

/// Reads an endpoint that the caller may see: its department's, or any for an operator. To everyone else it does not
/// exist.
async fn find(tx: &mut dyn Transaction, caller: &Credential, id: &WebhookId) -> Result<Webhook, TxError> {
    let owner = owner_of(caller)?;
    let found = tx.webhook(id).await?.filter(|webhook| webhook.state != WebhookState::Removed);
    let found = found.filter(|webhook| owner.is_none() || webhook.owner.as_deref() == owner);
    Ok(found.ok_or_else(|| not_found("webhook.unknown"))?)
}

/// Writes a change of an endpoint that this transaction read.
async fn update(tx: &mut dyn Transaction, webhook: &mut Webhook) -> Result<(), TxError> {
    if !tx.update_webhook(webhook).await? {
        return Err(super::error::conflict("webhook.changed").into());
    }
    webhook.revision += 1;
    Ok(())
}
