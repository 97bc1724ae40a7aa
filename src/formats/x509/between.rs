//! Which of the X.509 certificates at hand may lie between a leaf and a root: those that somebody who is trusted signed,
//! step by step from the roots down.
//!
//! The path builder goes through all certificates whose names fit each other, and asks for their signatures only where it
//! has come to a root. A file may bring dozens of the same name that nobody signed, and the ways through them are
//! hundreds of thousands. Through those that are vouched for there are few.

use super::read;
use super::signed::Signed;
use super::verified::Remembering;
use x509_parser::certificate::X509Certificate;

/// Most steps from a root down; the path builder takes no more.
const MAX_STEPS: usize = 6;
const WHAT: &str = "X.509 certificate";

/// Certificates at hand, sorted.
pub(super) struct Between<'a> {
    /// Those that lead to a root.
    pub vouched: Vec<&'a [u8]>,
    /// The others.
    others: Vec<X509Certificate<'a>>,
    /// Names (DER) of those who vouch.
    issuers: Vec<Vec<u8>>,
}

impl<'a> Between<'a> {
    /// Sorts what is given. Each is asked for its signature once for each that could have made it.
    pub fn sort<'r>(
        roots: impl Iterator<Item = &'r [u8]>,
        given: impl Iterator<Item = &'a [u8]>,
        algorithms: &[Remembering],
    ) -> Self {
        let roots: Vec<X509Certificate<'r>> = roots.filter_map(|der| read::parse(der).ok()).collect();
        let given = given.filter_map(|der| Some((der, read::parse(der).ok()?)));
        let mut open: Vec<(&'a [u8], X509Certificate<'a>)> = given.collect();
        let mut sorted = Self { vouched: Vec::new(), others: Vec::new(), issuers: Vec::new() };
        let mut newest: Vec<Issuer> = roots.iter().map(Issuer::of).collect();
        for _ in 0..MAX_STEPS {
            let (signed, rest): (Vec<_>, Vec<_>) = open
                .into_iter()
                .partition(|(der, x509)| newest.iter().any(|issuer| issuer.signed(der, x509, algorithms)));
            open = rest;
            sorted.issuers.extend(newest.into_iter().map(|issuer| issuer.name));
            sorted.vouched.extend(signed.iter().map(|(der, _)| *der));
            newest =
                signed.iter().filter(|(_, x509)| x509.is_ca()).map(|(_, x509)| Issuer::of(x509)).collect();
            if newest.is_empty() {
                break;
            }
        }
        sorted.others = open.into_iter().map(|(_, x509)| x509).collect();
        sorted
    }

    /// Whether the only thing that keeps this leaf from a root is a signature: by their names, the certificates that
    /// nobody vouches for lead to somebody who could.
    pub fn lacks_a_signature(&self, leaf: &X509Certificate<'_>) -> bool {
        let mut names = vec![leaf.issuer().as_raw()];
        for _ in 0..MAX_STEPS {
            let above: Vec<&X509Certificate<'a>> =
                self.others.iter().filter(|x509| names.contains(&x509.subject().as_raw())).collect();
            if above.iter().any(|x509| self.issuers.iter().any(|issuer| issuer == x509.issuer().as_raw())) {
                return true;
            }
            names = above.iter().map(|x509| x509.issuer().as_raw()).collect();
        }
        false
    }
}

/// Somebody who vouches for others.
struct Issuer {
    name: Vec<u8>,
    spki: Vec<u8>,
}

impl Issuer {
    fn of(x509: &X509Certificate<'_>) -> Self {
        Self { name: x509.subject().as_raw().to_vec(), spki: x509.public_key().raw.to_vec() }
    }

    fn signed(&self, der: &[u8], x509: &X509Certificate<'_>, algorithms: &[Remembering]) -> bool {
        x509.issuer().as_raw() == self.name
            && Signed::read(WHAT, der).is_ok_and(|signed| signed.is_by(&self.spki, algorithms))
    }
}
