//! Making and reading certificate revocation lists (RFC 5280 §5).

use super::issue::{IssueError, Issuer, Key};
use super::rebuild::{self, Draft};
use super::revocation::Crl;
use crate::crypto::Suite;
use crate::domain::time::Timestamp;
use crate::formats::Unreadable;
use rcgen::{
    CertificateRevocationListParams, KeyIdMethod, RevocationReason, RevokedCertParams, SerialNumber,
};
use rustls_pki_types::CertificateDer;

/// One X.509 certificate that is revoked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevokedX509 {
    /// Serial number, hexadecimal.
    pub serial_hex: String,
    /// Since when.
    pub at: Timestamp,
    /// Reason code (RFC 5280 §5.3.1).
    pub reason: u8,
    /// Since when it is known to have been invalid, where that is said apart (RFC 5280 §5.3.2).
    pub invalid_since: Option<Timestamp>,
}

/// What a revocation list says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrlTimes {
    /// Made at.
    pub this_update: Timestamp,
    /// The next one comes no later than.
    pub next_update: Timestamp,
}

/// Makes a revocation list, DER. `number` must grow with each list of an issuer.
pub fn make(
    issuer: &Issuer<'_>,
    number: u64,
    times: CrlTimes,
    revoked: &[RevokedX509],
) -> Result<Vec<u8>, IssueError> {
    let revoked_certs = revoked.iter().map(entry).collect::<Result<_, _>>()?;
    let params = CertificateRevocationListParams {
        this_update: times.this_update.whole_second().to_offset(),
        next_update: times.next_update.whole_second().to_offset(),
        crl_number: SerialNumber::from(number),
        issuing_distribution_point: None,
        revoked_certs,
        // The identifier that stands in the issuer's own certificate.
        key_identifier_method: KeyIdMethod::PreSpecified(key_id(issuer)?),
    };
    let write = |why: rcgen::Error| IssueError::Write(why.to_string());
    let x509 = CertificateDer::from(issuer.x509);
    match issuer.signer.suite() {
        Suite::P256 => {
            let key = Key::new(issuer.signer)?;
            let by = rcgen::Issuer::from_ca_cert_der(&x509, &key).map_err(write)?;
            Ok(params.signed_by(&by).map_err(|why| key.cause(&why))?.der().as_ref().to_vec())
        }
        Suite::Sm2 => {
            let key = Draft::new(issuer.signer.spki())?;
            let by = rcgen::Issuer::from_ca_cert_der(&x509, key).map_err(write)?;
            rebuild::crl(params.signed_by(&by).map_err(write)?.der().as_ref(), issuer.signer)
        }
    }
}

/// When a revocation list was made and when the next one is due.
pub fn times(der: &[u8]) -> Result<CrlTimes, Unreadable> {
    let crl = Crl::read(der)?;
    Ok(CrlTimes { this_update: crl.this_update, next_update: crl.next_update })
}

/// What a revocation list revokes, in its order.
pub fn entries(der: &[u8]) -> Result<Vec<RevokedX509>, Unreadable> {
    Crl::read(der)?.entries()
}

fn key_id(issuer: &Issuer<'_>) -> Result<Vec<u8>, IssueError> {
    let facts = super::read(issuer.x509).map_err(|why| IssueError::Write(why.to_string()))?;
    facts.subject_key_id.ok_or_else(|| IssueError::Write("the issuer has no subject key identifier".into()))
}

fn entry(revoked: &RevokedX509) -> Result<RevokedCertParams, IssueError> {
    let serial = hex::decode(&revoked.serial_hex)
        .map_err(|_| IssueError::Write(format!("{} is no serial number", revoked.serial_hex)))?;
    Ok(RevokedCertParams {
        serial_number: SerialNumber::from_slice(&serial),
        revocation_time: revoked.at.whole_second().to_offset(),
        reason_code: reason(revoked.reason),
        invalidity_date: revoked.invalid_since.map(|at| at.whole_second().to_offset()),
    })
}

/// RFC 5280 §5.3.1: "unspecified" is expressed by leaving the reason out.
fn reason(code: u8) -> Option<RevocationReason> {
    use RevocationReason as R;
    Some(match code {
        1 => R::KeyCompromise,
        2 => R::CaCompromise,
        3 => R::AffiliationChanged,
        4 => R::Superseded,
        5 => R::CessationOfOperation,
        6 => R::CertificateHold,
        9 => R::PrivilegeWithdrawn,
        10 => R::AaCompromise,
        _ => return None,
    })
}

/// The number of a revocation list.
pub fn number(der: &[u8]) -> Result<u64, Unreadable> {
    use x509_parser::prelude::FromDer;
    let what = "certificate revocation list";
    let (_, list) = x509_parser::revocation_list::CertificateRevocationList::from_der(der)
        .map_err(|why| Unreadable::new(what, why))?;
    let number = list.crl_number().ok_or_else(|| Unreadable::new(what, "it has no number"))?;
    u64::try_from(number).map_err(|why| Unreadable::new(what, why))
}

/// Refuses a revocation list that was not issued and signed by this authority (DER of its X.509 certificate).
pub fn check_issuer(der: &[u8], issuer_x509: &[u8]) -> Result<(), Unreadable> {
    let crl = Crl::read(der)?;
    let algorithms = super::verified::Remembering::all(&std::sync::Arc::default());
    let issuer = super::read::parse(issuer_x509)?;
    if crl.is_issued_by(issuer.subject().as_raw()) && crl.verify(issuer.public_key().raw, &algorithms) {
        return Ok(());
    }
    Err(Unreadable::new("certificate revocation list", "another authority issued it"))
}
