//! Remembers what stands in X.509 certificates. The same few authorities stand in every chain, and a seal's own
//! certificate in each of its files; what is read from the same bytes is the same.

use super::memory::Memory;
use super::read::{self, X509Facts};
use crate::crypto;
use crate::formats::Unreadable;
use std::sync::Arc;

/// How many are kept; the oldest make room.
const CAPACITY: usize = 1024;
/// The largest one that is kept, in bytes: strangers bring them too.
const MAX_KEPT: usize = 8 << 10;

/// An X.509 certificate, read.
#[derive(Debug, PartialEq, Eq)]
pub struct Reading {
    /// What stands in it.
    pub facts: X509Facts,
    /// DER of the subject's name.
    pub(super) subject: Vec<u8>,
    /// DER of the issuer's name.
    pub(super) issuer: Vec<u8>,
    /// Content octets of the serial number.
    pub(super) serial: Vec<u8>,
}

impl Reading {
    pub(super) fn of(der: &[u8]) -> Result<Self, Unreadable> {
        let x509 = read::parse(der)?;
        Ok(Self {
            facts: read::facts_of(&x509)?,
            subject: x509.subject().as_raw().to_vec(),
            issuer: x509.issuer().as_raw().to_vec(),
            serial: x509.raw_serial().to_vec(),
        })
    }
}

/// Readings by the SHA-256 of what was read.
#[derive(Debug)]
pub(super) struct Readings(Memory<Arc<Reading>>);

impl Default for Readings {
    fn default() -> Self {
        Self(Memory::of(CAPACITY))
    }
}

impl Readings {
    /// Reads an X.509 certificate (DER), or remembers it.
    pub fn read(&self, der: &[u8]) -> Result<Arc<Reading>, Unreadable> {
        if der.len() > MAX_KEPT {
            return Reading::of(der).map(Arc::new);
        }
        let name = crypto::sha256(der);
        if let Some(known) = self.0.get(&name) {
            return Ok(known);
        }
        let reading = Arc::new(Reading::of(der)?);
        self.0.keep(name, Arc::clone(&reading));
        Ok(reading)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::x509::testing;

    #[test]
    fn what_is_remembered_is_what_was_read_and_no_more_is_kept_than_fits() {
        let readings = Readings::default();
        let der = testing::TestPki::new().seal;
        let first = readings.read(&der).expect("reads");
        assert!(Arc::ptr_eq(&first, &readings.read(&der).expect("reads again")));
        assert_eq!(first.facts, read::read(&der).expect("reads"));

        let mut twin = der.clone();
        *twin.last_mut().expect("has bytes") ^= 1;
        assert!(!Arc::ptr_eq(&first, &readings.read(&twin).expect("its signature is not asked")));
        twin.truncate(der.len() - 1);
        assert!(readings.read(&twin).is_err());

        // Other bytes of the signature make other certificates.
        for number in 0..=u32::try_from(CAPACITY).expect("small") {
            let mut other = der.clone();
            let end = other.len();
            other[end - 4..].copy_from_slice(&number.to_be_bytes());
            readings.read(&other).expect("reads");
        }
        assert_eq!(readings.0.len(), CAPACITY);
    }
}
