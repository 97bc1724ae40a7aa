//! Finds out who calls: by token, by client X.509 certificate or by page session.

use super::{AppError, Service};
use crate::crypto::sha256;
use crate::domain::party::Credential;
use crate::domain::refusal::{Refusal, RefusalClass};
use crate::ports::store::{self, Session};

/// Longest token looked at; ours have 46 characters.
const LONGEST_TOKEN: usize = 200;

/// The bearer of an API token.
pub async fn by_token(service: &Service, token: &str) -> Result<Credential, AppError> {
    if token.len() > LONGEST_TOKEN {
        return Err(unknown().into());
    }
    by_secret(service, sha256(token.as_bytes())).await
}

/// The bearer of a client X.509 certificate (DER). That it leads to a trusted root was checked by TLS; here it must be
/// one that was registered.
pub async fn by_client_x509(service: &Service, der: &[u8]) -> Result<Credential, AppError> {
    by_secret(service, sha256(der)).await
}

/// The one signed in to the pages under this cookie, and the session with its form secret.
pub async fn by_session(service: &Service, cookie: &str) -> Result<(Credential, Session), AppError> {
    if cookie.len() > LONGEST_TOKEN {
        return Err(unknown().into());
    }
    let hash = sha256(cookie.as_bytes());
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move {
            let Some(session) = tx.session(&hash).await? else { return Ok(None) };
            Ok(tx.credential(&session.credential).await?.map(|credential| (credential, session)))
        })
    })
    .await?;
    let now = service.clock.now();
    match found {
        Some((credential, session)) if now < session.expires_at => {
            Ok((usable(service, credential)?, session))
        }
        _ => Err(unknown().into()),
    }
}

async fn by_secret(service: &Service, hash: [u8; 32]) -> Result<Credential, AppError> {
    let found = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.credential_by_secret(&hash).await?) })
    })
    .await?;
    Ok(usable(service, found.ok_or_else(unknown)?)?)
}

fn usable(service: &Service, credential: Credential) -> Result<Credential, Refusal> {
    if credential.is_usable(service.clock.now()) {
        Ok(credential)
    } else {
        Err(Refusal::new(RefusalClass::Unauthenticated, "caller.credential_expired"))
    }
}

fn unknown() -> Refusal {
    Refusal::new(RefusalClass::Unauthenticated, "caller.unknown")
}
