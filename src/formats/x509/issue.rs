//! Making X.509 certificates.

use super::profile::{Profile, ProfileFault};
use super::rebuild::{self, Draft};
use crate::crypto::{SignError, Signer, Suite};
use crate::domain::time::Timestamp;
use rcgen::{CrlDistributionPoint, PublicKeyData, SerialNumber, SignatureAlgorithm, SigningKey};
use rustls_pki_types::CertificateDer;

/// Why no X.509 certificate was made.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// A value does not fit into the profile.
    #[error(transparent)]
    Profile(#[from] ProfileFault),
    /// The key did not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The public key is not one of ours.
    #[error("the public key is not of a known suite")]
    PublicKey,
    /// The writer refused.
    #[error("the X.509 certificate cannot be written: {0}")]
    Write(String),
}

/// An authority that issues: its certificate and its key.
pub struct Issuer<'a> {
    /// Its own X.509 certificate, DER.
    pub x509: &'a [u8],
    /// Its key.
    pub signer: &'a dyn Signer,
}

/// What distinguishes one X.509 certificate from another of its profile.
#[derive(Clone, Copy, Debug)]
pub struct Particulars<'a> {
    /// 16 random bytes for the serial number: unpredictable, as the CA/Browser Forum asks for.
    pub serial: [u8; 16],
    /// Not valid before this; fractions of a second are dropped.
    pub not_before: Timestamp,
    /// Not valid after this.
    pub not_after: Timestamp,
    /// Where the issuer's revocation list can be had, if anywhere.
    pub crl_address: Option<&'a str>,
}

/// Makes an X.509 certificate for the key of `spki` (DER), signed by `issuer`. Key and issuer may be of different
/// suites: each is named for what it is.
pub fn issue(
    profile: &Profile,
    particulars: &Particulars<'_>,
    spki: &[u8],
    issuer: &Issuer<'_>,
) -> Result<Vec<u8>, IssueError> {
    let suite = Suite::of_key(spki).ok_or(IssueError::PublicKey)?;
    let params = params(profile, particulars, suite)?;
    let issuer_x509 = CertificateDer::from(issuer.x509);
    if (suite, issuer.signer.suite()) == (Suite::P256, Suite::P256) {
        let subject_key = rcgen::SubjectPublicKeyInfo::from_der(spki).map_err(|_| IssueError::PublicKey)?;
        let key = Key::new(issuer.signer)?;
        let issuer = rcgen::Issuer::from_ca_cert_der(&issuer_x509, &key).map_err(write)?;
        let made = params.signed_by(&subject_key, &issuer);
        return Ok(made.map_err(|why| key.cause(&why))?.der().to_vec());
    }
    let drafting =
        rcgen::Issuer::from_ca_cert_der(&issuer_x509, Draft::new(issuer.signer.spki())?).map_err(write)?;
    let draft = params.signed_by(&Draft::new(spki)?, &drafting).map_err(write)?;
    rebuild::x509(draft.der(), spki, issuer.signer)
}

/// Makes a self-signed root.
pub fn issue_root(
    profile: &Profile,
    particulars: &Particulars<'_>,
    signer: &dyn Signer,
) -> Result<Vec<u8>, IssueError> {
    let params = params(profile, particulars, signer.suite())?;
    match signer.suite() {
        Suite::P256 => {
            let key = Key::new(signer)?;
            Ok(params.self_signed(&key).map_err(|why| key.cause(&why))?.der().to_vec())
        }
        Suite::Sm2 => {
            let draft = params.self_signed(&Draft::new(signer.spki())?).map_err(write)?;
            rebuild::x509(draft.der(), signer.spki(), signer)
        }
    }
}

fn params(
    profile: &Profile,
    particulars: &Particulars<'_>,
    suite: Suite,
) -> Result<rcgen::CertificateParams, IssueError> {
    let mut params = profile.params(suite)?;
    params.serial_number = Some(serial_number(particulars.serial));
    params.not_before = particulars.not_before.whole_second().to_offset();
    params.not_after = particulars.not_after.whole_second().to_offset();
    if let Some(address) = particulars.crl_address {
        params.crl_distribution_points = vec![CrlDistributionPoint { uris: vec![address.to_owned()] }];
    }
    Ok(params)
}

/// Positive, and always 16 octets long: the first bit is clear, the second set.
fn serial_number(mut bytes: [u8; 16]) -> SerialNumber {
    bytes[0] = (bytes[0] & 0x3f) | 0x40;
    SerialNumber::from_slice(&bytes)
}

fn write(why: rcgen::Error) -> IssueError {
    IssueError::Write(why.to_string())
}

/// A P-256 [`Signer`] in rcgen's words. rcgen's error has no room for a cause, so it is kept here.
pub(super) struct Key<'a> {
    signer: &'a dyn Signer,
    public: Vec<u8>,
    cause: std::cell::RefCell<Option<SignError>>,
}

impl<'a> Key<'a> {
    pub fn new(signer: &'a dyn Signer) -> Result<Self, IssueError> {
        use der::Decode;
        let spki =
            spki::SubjectPublicKeyInfoRef::from_der(signer.spki()).map_err(|_| IssueError::PublicKey)?;
        let public = spki.subject_public_key.as_bytes().ok_or(IssueError::PublicKey)?.to_vec();
        Ok(Self { signer, public, cause: std::cell::RefCell::new(None) })
    }

    /// What really went wrong.
    pub fn cause(&self, error: &rcgen::Error) -> IssueError {
        match self.cause.take() {
            Some(why) => IssueError::Sign(why),
            None => IssueError::Write(error.to_string()),
        }
    }
}

impl PublicKeyData for Key<'_> {
    fn der_bytes(&self) -> &[u8] {
        &self.public
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

impl SigningKey for Key<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        self.signer.sign(message).map_err(|why| {
            self.cause.replace(Some(why));
            rcgen::Error::RemoteKeyError
        })
    }
}
