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

/// What a message is signed with now: the secret, and for a while the one before, unless that cannot be opened any more.
pub(super) fn in_force(
    vault: &dyn Vault,
    webhook: &Webhook,
    now: Timestamp,
) -> Result<Vec<Secret>, AppError> {
    let mut secrets = vec![open(vault, &webhook.id, &webhook.secret).map_err(AppError::internal)?];
    for closed in webhook.secrets(now).skip(1) {
        match open(vault, &webhook.id, closed) {
            Ok(secret) => secrets.push(secret),
            Err(error) => tracing::warn!(webhook = %webhook.id, %error, "the secret before signs no more"),
        }
    }
    Ok(secrets)
}

/// Closes what an earlier program stored open, or what an earlier key closed; says for how many endpoints. For the start of the
/// service: until this is done such endpoints are told nothing. One that cannot be opened is left as it is, since its key may
/// only have been mislaid; its owner can give it a new one.
pub async fn close_all(store: &dyn Store, vault: &dyn Vault) -> Result<u32, TxError> {
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
async fn pass(store: &dyn Store, vault: &dyn Vault) -> Result<(u32, u32), TxError> {
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
                let Some(next) = closed_anew(vault, &webhook) else { continue };
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

/// The endpoint with its secrets under the newest key; `None` if there is nothing to change.
fn closed_anew(vault: &dyn Vault, webhook: &Webhook) -> Option<Webhook> {
    let mut next = webhook.clone();
    let secrets = std::iter::once(&mut next.secret).chain(next.old_secret.as_mut().map(|(old, _)| old));
    let mut changed = false;
    for secret in secrets.filter(|secret| !vault.is_current(secret.bytes())) {
        let opened = secret.stored_open().map_or_else(|| open(vault, &webhook.id, secret), Ok);
        match opened {
            Ok(opened) => {
                *secret = close(vault, &webhook.id, &opened);
                changed = true;
            }
            Err(error) => tracing::error!(webhook = %webhook.id, %error, "a secret stays as it is"),
        }
    }
    changed.then_some(next)
}
