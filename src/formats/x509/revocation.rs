//! Whether a link of a chain is revoked, from the revocation lists at hand.
//!
//! The path builder's own revocation check knows only yes or no. A seal is judged at the time its timestamp proves,
//! so the time and reason matter: a seal made before its key was withdrawn stays good.

use super::crl::RevokedX509;
use super::read::serial_hex;
use super::signed::Signed;
use super::verified::Remembering;
use crate::domain::time::Timestamp;
use crate::formats::Unreadable;
use crate::formats::asn1::Cursor;
use der::Tag;
use rustls_pki_types::UnixTime;
use webpki::{BorrowedCertRevocationList, BorrowedRevokedCert, CertRevocationList};

/// Largest revocation list that is read: about 200,000 entries.
pub(super) const MAX_BYTES: usize = 8 << 20;
const WHAT: &str = "certificate revocation list";

/// An entry in a revocation list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// Common name of the X.509 certificate's subject.
    pub subject_cn: String,
    /// Its serial number, lower-case hexadecimal.
    pub serial_hex: String,
    /// Revoked at.
    pub at: Timestamp,
    /// Reason code (RFC 5280 §5.3.1); 0 where none is given.
    pub reason: u8,
}

/// A revocation list, read but not yet believed.
pub(super) struct Crl<'a> {
    der: &'a [u8],
    list: CertRevocationList<'a>,
    signed: Signed<'a>,
    /// Made at.
    pub this_update: Timestamp,
    /// The next one comes no later than.
    pub next_update: Timestamp,
}

impl<'a> Crl<'a> {
    /// Reads a list. One that is partial (delta, indirect, or limited to a distribution point) is refused: it does
    /// not speak for all certificates of its issuer.
    pub fn read(der: &'a [u8]) -> Result<Self, Unreadable> {
        if der.len() > MAX_BYTES {
            return Err(Unreadable::new(WHAT, "too large"));
        }
        let list: CertRevocationList<'_> =
            BorrowedCertRevocationList::from_der(der).map_err(|why| Unreadable::new(WHAT, why))?.into();
        if list.issuing_distribution_point().is_some() {
            return Err(Unreadable::new(WHAT, "it speaks only for one distribution point"));
        }
        let signed = Signed::read(WHAT, der)?;
        let mut body = Cursor::new(WHAT, signed.tbs).enter(Tag::Sequence)?;
        body.optional(Tag::Integer)?;
        body.expect(Tag::Sequence)?;
        body.expect(Tag::Sequence)?;
        let this_update = time(&mut body)?;
        // webpki has insisted on nextUpdate, which RFC 5280 §5.1.2.5 demands.
        let next_update = time(&mut body)?;
        Ok(Self { der, list, signed, this_update, next_update })
    }

    /// Whether its issuer is of this name (DER).
    pub fn is_issued_by(&self, name: &[u8]) -> bool {
        // The list keeps the content of the name without its tag and length.
        Cursor::new("name", name).expect(Tag::Sequence).is_ok_and(|item| item.value == self.list.issuer())
    }

    /// Whether the issuer with this SubjectPublicKeyInfo signed it.
    pub fn verify(&self, issuer_spki: &[u8], algorithms: &[Remembering]) -> bool {
        self.signed.is_by(issuer_spki, algorithms)
    }

    /// The entry of this serial number (content octets of its INTEGER), if there is one.
    pub fn entry(&self, serial: &[u8], subject_cn: String) -> Result<Option<Revocation>, Unreadable> {
        let entry = self.list.find_serial(serial).map_err(|why| Unreadable::new(WHAT, why))?;
        Ok(entry.map(|entry| Revocation {
            subject_cn,
            serial_hex: serial_hex(serial),
            at: revoked_at(&entry),
            reason: reason_of(&entry),
        }))
    }

    /// Every entry, in the list's order.
    pub fn entries(&self) -> Result<Vec<RevokedX509>, Unreadable> {
        let unreadable = |why| Unreadable::new(WHAT, why);
        let list = BorrowedCertRevocationList::from_der(self.der).map_err(unreadable)?;
        let mut entries = Vec::new();
        for entry in &list {
            let entry = entry.map_err(unreadable)?;
            entries.push(RevokedX509 {
                serial_hex: serial_hex(entry.serial_number),
                at: revoked_at(&entry),
                reason: reason_of(&entry),
                invalid_since: entry.invalidity_date.map(moment),
            });
        }
        Ok(entries)
    }
}

fn revoked_at(entry: &BorrowedRevokedCert<'_>) -> Timestamp {
    moment(entry.revocation_date)
}

fn moment(at: UnixTime) -> Timestamp {
    Timestamp::from_seconds(i64::try_from(at.as_secs()).unwrap_or(i64::MAX))
}

fn reason_of(entry: &BorrowedRevokedCert<'_>) -> u8 {
    entry.reason_code.map_or(0, reason_number)
}

fn reason_number(reason: webpki::RevocationReason) -> u8 {
    use webpki::RevocationReason as R;
    match reason {
        R::Unspecified => 0,
        R::KeyCompromise => 1,
        R::CaCompromise => 2,
        R::AffiliationChanged => 3,
        R::Superseded => 4,
        R::CessationOfOperation => 5,
        R::CertificateHold => 6,
        R::RemoveFromCrl => 8,
        R::PrivilegeWithdrawn => 9,
        R::AaCompromise => 10,
    }
}

fn time(cursor: &mut Cursor<'_>) -> Result<Timestamp, Unreadable> {
    let time: x509_cert::time::Time = cursor.decode()?;
    let seconds = time.to_unix_duration().as_secs();
    Ok(Timestamp::from_seconds(i64::try_from(seconds).unwrap_or(i64::MAX)))
}
