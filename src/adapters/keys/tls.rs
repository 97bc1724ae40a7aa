//! A key of ours as a TLS server's key, so that its private bytes stay behind the port here too.

use super::KeySetError;
use crate::crypto::Suite;
use crate::formats::x509::pem;
use crate::ports::keys::{KeyError, KeyHandle, Keys};
use rustls::sign::{CertifiedKey, Signer, SigningKey};
use rustls::{SignatureAlgorithm, SignatureScheme};
use rustls_pki_types::CertificateDer;
use std::path::Path;
use std::sync::Arc;

/// One key behind the port, as rustls wants it.
#[derive(Clone)]
pub struct ServerKey {
    keys: Arc<dyn Keys>,
    handle: KeyHandle,
}

/// TLS here is rustls, which speaks no SM2 (RFC 8998, GB/T 38636 TLCP): the server's own key is of P-256.
const SCHEME: SignatureScheme = SignatureScheme::ECDSA_NISTP256_SHA256;

impl std::fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ServerKey({})", self.handle)
    }
}

/// The chain in `chain_file` (PEM, leaf first) with the key of this handle, for rustls.
pub fn tls_server(
    keys: Arc<dyn Keys>,
    handle: &KeyHandle,
    chain_file: &Path,
) -> Result<CertifiedKey, KeySetError> {
    let text =
        std::fs::read_to_string(chain_file).map_err(|why| KeySetError::File(chain_file.to_owned(), why))?;
    let chain = pem::x509s_from_pem(&text).map_err(|why| KeySetError::Content(chain_file.to_owned(), why))?;
    let public = keys.public_key(handle)?;
    let leaf = chain.first().and_then(|leaf| crate::formats::x509::spki(leaf).ok());
    if leaf != Some(public.spki.as_slice()) {
        return Err(KeyError::Storage(format!("{} is not for the key {handle}", chain_file.display())).into());
    }
    if public.suite != Suite::P256 {
        let why =
            format!("the key {handle} is of the suite {}; a TLS server key is p256", public.suite.name());
        return Err(KeyError::Storage(why).into());
    }
    let key = ServerKey { keys, handle: handle.clone() };
    Ok(CertifiedKey::new(chain.into_iter().map(CertificateDer::from).collect(), Arc::new(key)))
}

impl SigningKey for ServerKey {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        offered.contains(&SCHEME).then(|| Box::new(self.clone()) as Box<dyn Signer>)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ECDSA
    }
}

impl Signer for ServerKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        self.keys.sign(&self.handle, message).map_err(|why| rustls::Error::General(why.to_string()))
    }

    fn scheme(&self) -> SignatureScheme {
        SCHEME
    }
}
