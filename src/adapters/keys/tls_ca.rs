//! The TLS authority of the suite P-256: it issues what servers and clients of TLS show.

use super::key_file::replace;
use super::key_set::{KeySet, KeySetError, crl_address, set_key};
use crate::crypto::Suite;
use crate::domain::time::Timestamp;
use crate::formats::x509::{self, Issuer, Particulars, Profile, pem};
use crate::ports::keys::{HandleSigner, Keys};
use crate::ports::random::Random;
use std::path::Path;
use std::time::Duration;

/// The authority, with its key at hand.
pub(super) struct TlsCa<'a> {
    x509: Vec<u8>,
    signer: HandleSigner<'a>,
    /// Nothing it issues lives longer.
    not_after: Timestamp,
}

/// When a certificate holds, and where its revocation list is.
pub(super) struct Term<'a> {
    /// The service's public address, for the revocation list.
    pub public_url: Option<&'a str>,
    /// Life; the profile's if none is given, and never beyond the authority's.
    pub life: Option<Duration>,
    /// Now.
    pub now: Timestamp,
}

impl<'a> TlsCa<'a> {
    /// Reads it from the key set in a directory.
    pub fn load(directory: &Path, keys: &'a dyn Keys) -> Result<Self, KeySetError> {
        let x509 = KeySet::load(directory, Suite::P256)?.tls_ca;
        let facts =
            x509::read(&x509).map_err(|why| KeySetError::Content(directory.join("tls-ca.pem"), why))?;
        let signer = HandleSigner::new(keys, &set_key(Suite::P256, "tls-ca")?)?;
        Ok(Self { x509, signer, not_after: facts.not_after })
    }

    /// Issues for the key `spki` (DER) and writes certificate and chain (PEM) to `path`; an older file is replaced. Answers
    /// the certificate, DER.
    pub fn issue(
        &self,
        profile: &Profile,
        spki: &[u8],
        term: &Term<'_>,
        random: &dyn Random,
        path: &Path,
    ) -> Result<Vec<u8>, KeySetError> {
        let address = term.public_url.map(|base| crl_address(base, "tls-ca"));
        let particulars = Particulars {
            serial: random.bytes(),
            not_before: term.now,
            not_after: term.now.plus(term.life.unwrap_or(profile.life())).min(self.not_after),
            crl_address: address.as_deref(),
        };
        let issuer = Issuer { x509: &self.x509, signer: &self.signer };
        let der = x509::issue(profile, &particulars, spki, &issuer)?;
        let chain = pem::x509s_to_pem([der.as_slice(), self.x509.as_slice()]);
        replace(path, chain.as_bytes(), 0o644).map_err(|why| KeySetError::File(path.to_owned(), why))?;
        Ok(der)
    }
}
