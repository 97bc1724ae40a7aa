//! The secrets of endpoints: closed before they are stored, opened to sign a message, never shown again.

use crate::app::AppError;
use crate::domain::time::Timestamp;
use crate::domain::webhook::{ClosedSecret, Secret, Webhook, WebhookId, WebhookState};
use crate::ports::store::{self, Store, TxError, WebhookListing};
use crate::ports::vault::{Vault, VaultError};

/// Endpoints read at once.
const WEBHOOKS: u32 = 200;
/// How often it is tried to close those that others changed meanwhile.
const PASSES: usize = 5;

/// Closes the secret of one endpoint.
pub(super) fn close(vault: &dyn Vault, id: &WebhookId, secret: &Secret) -> ClosedSecret {
    ClosedSecret::new(vault.close(id.as_str(), secret.bytes()))
}

fn open(vault: &dyn Vault, id: &WebhookId, closed: &ClosedSecret) -> Result<Secret, VaultError> {
    let opened = vault.open(id.as_str(), closed.bytes())?;
    let bytes = <[u8; 32]>::try_from(opened.as_slice()).map_err(|_| VaultError("it has another length"))?;
    Ok(Secret::new(bytes))
}

/// What a message is signed with now: the secret, and for a while the one before.
pub(super) fn in_force(
    vault: &dyn Vault,
    webhook: &Webhook,
    now: Timestamp,
) -> Result<Vec<Secret>, AppError> {
    let opened = webhook.secrets(now).map(|closed| open(vault, &webhook.id, closed));
    opened.collect::<Result<_, _>>().map_err(AppError::internal)
}

/// Why secrets cannot be closed.
#[derive(Debug, thiserror::Error)]
pub enum CloseError {
    /// One that is stored cannot be opened.
    #[error("the secret of webhook {0}: {1}")]
    Vault(WebhookId, VaultError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] TxError),
}

/// Closes what an earlier program stored open, or what an earlier key closed; says for how many endpoints. For the start of the
/// service: until this is done such endpoints are told nothing.
pub async fn close_all(store: &dyn Store, vault: &dyn Vault) -> Result<u32, CloseError> {
    let mut closed = 0;
    for _ in 0..PASSES {
        let (done, left) = pass(store, vault).await?;
        closed += done;
        if left == 0 {
            break;
        }
    }
    Ok(closed)
}

/// How many were closed, and how many somebody else changed meanwhile.
async fn pass(store: &dyn Store, vault: &dyn Vault) -> Result<(u32, u32), CloseError> {
    let (mut done, mut left) = (0, 0);
    for listing in [WebhookListing::All, WebhookListing::InState(WebhookState::Removed)] {
        let (listing, mut after) = (&listing, String::new());
        loop {
            let from = after.as_str();
            let found = store::read(store, |tx, _| {
                Box::pin(async move { Ok(tx.webhooks(listing, from, WEBHOOKS).await?) })
            })
            .await?;
            let Some(last) = found.last() else { break };
            let last = last.id.as_str().to_owned();
            for webhook in found {
                let Some(next) = closed_anew(vault, &webhook)? else { continue };
                let next = &next;
                let written =
                    store::write(store, |tx, _| Box::pin(async move { Ok(tx.update_webhook(next).await?) }));
                *if written.await? { &mut done } else { &mut left } += 1;
            }
            after = last;
        }
    }
    Ok((done, left))
}

/// The endpoint with its secrets under the newest key; `None` if they are.
fn closed_anew(vault: &dyn Vault, webhook: &Webhook) -> Result<Option<Webhook>, CloseError> {
    let mut next = webhook.clone();
    let secrets = std::iter::once(&mut next.secret).chain(next.old_secret.as_mut().map(|(old, _)| old));
    let mut changed = false;
    for secret in secrets.filter(|secret| !vault.is_current(secret.bytes())) {
        let opened = match secret.stored_open() {
            Some(opened) => opened,
            None => {
                open(vault, &webhook.id, secret).map_err(|why| CloseError::Vault(webhook.id.clone(), why))?
            }
        };
        *secret = close(vault, &webhook.id, &opened);
        changed = true;
    }
    Ok(changed.then_some(next))
}
