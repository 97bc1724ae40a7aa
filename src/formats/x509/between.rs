//! Which of the X.509 certificates at hand may lie between a leaf and a root: those that somebody who is trusted signed,
//! step by step from the roots down.
//!
//! The path builder goes through all certificates whose names fit each other, and asks for their signatures only where it
//! has come to a root. A file may bring dozens of the same name that nobody signed, and the ways through them are
//! hundreds of thousands. Through those that are vouched for there are few.

use super::readings::{Reading, Readings};
use super::signed::Signed;
use super::verified::Remembering;
use std::sync::Arc;

/// Most steps from a root down; the path builder takes no more.
const MAX_STEPS: usize = 6;
const WHAT: &str = "X.509 certificate";

/// Certificates at hand, sorted.
pub(super) struct Between<'a> {
    /// Those that lead to a root.
    pub vouched: Vec<&'a [u8]>,
    /// The others.
    others: Vec<Arc<Reading>>,
    /// Those who vouch.
    issuers: Vec<Arc<Reading>>,
}

impl<'a> Between<'a> {
    /// Sorts what is given. Each is asked for its signature once for each that could have made it.
    pub fn sort<'r>(
        roots: impl Iterator<Item = &'r [u8]>,
        given: impl Iterator<Item = &'a [u8]>,
        readings: &Readings,
        algorithms: &[Remembering],
    ) -> Self {
        let mut newest: Vec<Arc<Reading>> = roots.filter_map(|der| readings.read(der).ok()).collect();
        let given = given.filter_map(|der| Some((der, readings.read(der).ok()?)));
        let mut open: Vec<(&'a [u8], Arc<Reading>)> = given.collect();
        let mut sorted = Self { vouched: Vec::new(), others: Vec::new(), issuers: Vec::new() };
        for _ in 0..MAX_STEPS {
            let (signed, rest): (Vec<_>, Vec<_>) = open.into_iter().partition(|(der, x509)| {
                newest.iter().any(|issuer| signed_by(issuer, der, x509, algorithms))
            });
            open = rest;
            sorted.issuers.append(&mut newest);
            sorted.vouched.extend(signed.iter().map(|(der, _)| *der));
            newest = signed.into_iter().map(|(_, x509)| x509).filter(|x509| x509.facts.is_ca).collect();
            if newest.is_empty() {
                break;
            }
        }
        sorted.others = open.into_iter().map(|(_, x509)| x509).collect();
        sorted
    }

    /// Whether the only thing that keeps this leaf from a root is a signature: by their names, the certificates that
    /// nobody vouches for lead to somebody who could.
    pub fn lacks_a_signature(&self, leaf: &Reading) -> bool {
        let mut names = vec![leaf.issuer.as_slice()];
        for _ in 0..MAX_STEPS {
            let above: Vec<&Arc<Reading>> =
                self.others.iter().filter(|x509| names.contains(&x509.subject.as_slice())).collect();
            if above.iter().any(|x509| self.issuers.iter().any(|issuer| issuer.subject == x509.issuer)) {
                return true;
            }
            names = above.iter().map(|x509| x509.issuer.as_slice()).collect();
        }
        false
    }
}

fn signed_by(issuer: &Reading, der: &[u8], x509: &Reading, algorithms: &[Remembering]) -> bool {
    x509.issuer == issuer.subject
        && Signed::read(WHAT, der).is_ok_and(|signed| signed.is_by(&issuer.facts.spki, algorithms))
}
