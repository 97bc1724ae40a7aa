//! What the service publishes of its PKI: roots, the authorities' own X.509 certificates, revocation lists. Open to all.

use super::publish_crl::Authority;
use super::{AppError, Service};
use crate::crypto::Suite;
use crate::formats::x509::pem;
use crate::ports::store;

/// The trusted roots as PEM.
pub fn roots(service: &Service) -> String {
    pem::x509s_to_pem(service.trust.roots())
}

/// The X.509 certificate (DER) of the authority of this name; and of who signs our trust list, `trust-list` and
/// `sm2-trust-list`, to be pinned by others after they have compared it by another way.
pub fn x509(service: &Service, name: &str) -> Option<Vec<u8>> {
    let suite = match name {
        "trust-list" => Suite::P256,
        "sm2-trust-list" => Suite::Sm2,
        _ => return authority(service, name).map(|authority| authority.x509.clone()),
    };
    let mut signers = service.publishing().into_iter().flat_map(|publishing| &publishing.signers);
    signers.find(|signer| signer.suite == suite).map(|signer| signer.x509.clone())
}

/// The latest revocation list (DER) of the authority of this name.
pub async fn crl(service: &Service, name: &str) -> Result<Option<Vec<u8>>, AppError> {
    let Some(authority) = authority(service, name) else { return Ok(None) };
    let latest = store::read(service.store.as_ref(), |tx, _| {
        Box::pin(async move { Ok(tx.latest_crl(&authority.name).await?) })
    })
    .await?;
    Ok(latest.map(|crl| crl.der))
}

fn authority<'s>(service: &'s Service, name: &str) -> Option<&'s Authority> {
    service.authorities.all().find(|authority| authority.name == name)
}
