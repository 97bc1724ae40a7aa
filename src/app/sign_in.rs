//! Opens and ends sessions of the pages.

use super::{AppError, Service, audit, authenticate};
use crate::crypto::sha256;
use crate::domain::party::Credential;
use crate::domain::time::Timestamp;
use crate::ports::store::{self, Session};
use std::time::Duration;

/// A session ends after this at the latest: a working day.
const LONGEST: Duration = Duration::from_secs(10 * 3600);

/// What the browser is given.
pub struct SignedIn {
    /// The cookie's value; kept nowhere else.
    pub cookie: String,
    /// The secret that every form repeats.
    pub csrf: String,
    /// When the session ends.
    pub expires_at: Timestamp,
    /// Who signed in.
    pub credential: Credential,
}

/// Signs in with an API token.
pub async fn run(service: &Service, token: &str) -> Result<SignedIn, AppError> {
    let credential = authenticate::by_token(service, token).await?;
    let now = service.clock.now();
    let cookie = hex::encode(service.random.bytes::<32>());
    let session = Session {
        token_hash: sha256(cookie.as_bytes()),
        credential: credential.id.clone(),
        csrf: hex::encode(service.random.bytes::<16>()),
        expires_at: now.plus(LONGEST).min(credential.expires_at),
    };
    let line = audit::line(now, &credential.id, "session.open", &credential.id, &audit::nothing());
    let row = &session;
    audit::audited(service, line, |tx, _| Box::pin(async move { Ok(tx.add_session(row).await?) })).await?;
    Ok(SignedIn { cookie, csrf: session.csrf, expires_at: session.expires_at, credential })
}

/// Signs out: the cookie is worth nothing from here on, nor are codes that were fetched in advance for a bad network.
pub async fn out(service: &Service, cookie: &str) -> Result<(), AppError> {
    let hash = sha256(cookie.as_bytes());
    let now = service.clock.now();
    store::write(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let Some(session) = tx.session(&hash).await? else { return Ok(()) };
            if tx.withdraw_prefetched(&session.credential, now).await? > 0 {
                let (action, who) = ("show_code.drop_prefetched", &session.credential);
                tx.append_audit(&audit::line(now, who, action, who, &audit::nothing())).await?;
            }
            Ok(tx.end_session(&hash).await?)
        })
    })
    .await?;
    Ok(())
}
