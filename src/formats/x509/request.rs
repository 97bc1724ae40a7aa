//! Requests for X.509 certificates (PKCS#10, RFC 2986): a key made here goes to an authority elsewhere.

use super::issue::{IssueError, Key};
use super::profile::Profile;
use super::rebuild::{self, Draft};
use super::signed::is_signed_by;
use crate::crypto::{Signer, Suite};
use crate::formats::Unreadable;
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::prelude::FromDer;

/// Largest request that is read.
const MAX_BYTES: usize = 64 << 10;
const WHAT: &str = "request for an X.509 certificate";

/// What stands in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestFacts {
    /// Whole subject, as `C=CN, O=…, CN=…`.
    pub subject: String,
    /// DER of the SubjectPublicKeyInfo.
    pub spki: Vec<u8>,
    /// Suite of the key; `None` for a key of another kind.
    pub suite: Option<Suite>,
    /// Whether the key itself signed the request, which proves that who asks has it.
    pub proves_possession: bool,
}

/// A request (DER) with the subject and usages of this profile, signed by the key it is for.
pub fn make(profile: &Profile, signer: &dyn Signer) -> Result<Vec<u8>, IssueError> {
    let mut params = profile.params(signer.suite())?;
    // Names the issuer's key, which is not known here.
    params.use_authority_key_identifier_extension = false;
    match signer.suite() {
        Suite::P256 => {
            let key = Key::new(signer)?;
            Ok(params.serialize_request(&key).map_err(|why| key.cause(&why))?.der().to_vec())
        }
        Suite::Sm2 => {
            let draft = params.serialize_request(&Draft::new(signer.spki())?);
            rebuild::request(draft.map_err(|why| IssueError::Write(why.to_string()))?.der(), signer)
        }
    }
}

/// Reads a request.
///
/// # Errors
/// If it is too large, not DER, or has bytes after its end.
pub fn read(request: &[u8]) -> Result<RequestFacts, Unreadable> {
    if request.len() > MAX_BYTES {
        return Err(Unreadable::new(WHAT, "too large"));
    }
    let parsed = match X509CertificationRequest::from_der(request) {
        Ok(([], parsed)) => parsed,
        Ok(_) => return Err(Unreadable::new(WHAT, "bytes after its end")),
        Err(why) => return Err(Unreadable::new(WHAT, why)),
    };
    let info = &parsed.certification_request_info;
    let spki = info.subject_pki.raw;
    Ok(RequestFacts {
        subject: info.subject.to_string(),
        spki: spki.to_vec(),
        suite: Suite::of_key(spki),
        proves_possession: is_signed_by(WHAT, request, spki)?,
    })
}
