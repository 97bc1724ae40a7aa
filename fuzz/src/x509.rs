//! X.509 certificates, requests and revocation lists, alone and in a chain.

use super::bench::{Bench, NOW};
use std::sync::LazyLock;
use x509_parser::prelude::{CertificateRevocationList, FromDer, X509Certificate};
use yinzheng::formats::x509::{self, PathQuery, Usage, crl, pem, request};

/// A root, what lies below it, and their lists.
pub struct Suite {
    pub bench: Bench,
    root: &'static [u8],
    ca: &'static [u8],
    seal: &'static [u8],
    tsa: &'static [u8],
    /// Lists of the root, then of the CA.
    lists: [&'static [u8]; 2],
    /// A list of the CA on which the seal's stands.
    revoked: &'static [u8],
}

macro_rules! suite {
    ($name:literal) => {{
        let part = |name: &'static [u8]| name;
        let root = part(include_bytes!(concat!("../known/", $name, "/root.cer")));
        let ca = part(include_bytes!(concat!("../known/", $name, "/ca.cer")));
        let lists = [
            part(include_bytes!(concat!("../known/", $name, "/root.crl"))),
            part(include_bytes!(concat!("../known/", $name, "/ca.crl"))),
        ];
        Suite {
            bench: Bench::new(&[root], &[ca], &lists),
            root,
            ca,
            seal: include_bytes!(concat!("../known/", $name, "/seal.cer")),
            tsa: include_bytes!(concat!("../known/", $name, "/tsa.cer")),
            lists,
            revoked: include_bytes!(concat!("../known/", $name, "/revoked.crl")),
        }
    }};
}

/// P-256 and SM2.
pub static SUITES: LazyLock<[Suite; 2]> = LazyLock::new(|| [suite!("p256"), suite!("sm2")]);

/// An X.509 certificate, a request or a revocation list.
pub fn x509_crl(bytes: &[u8]) {
    assert!(x509::read(bytes).is_err() || x509::spki(bytes).is_ok());
    x509::is_development(bytes);
    let _ = request::read(bytes);
    let is_list = crl::times(bytes).is_ok();
    let _ = crl::number(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = (pem::x509s_from_pem(text), pem::crls_from_pem(text));
    }
    for suite in SUITES.iter() {
        let own = [bytes.to_vec()];
        let by = |issuer| crl::check_issuer(bytes, issuer).is_ok();
        let (by_root, by_ca) = (by(suite.root), by(suite.ca));
        assert!(is_list || !(by_root || by_ca));
        assert!(!by_root || is_one_of(list_body, bytes, &[suite.lists[0]]), "a forged list of the root");
        assert!(!by_ca || is_one_of(list_body, bytes, &[suite.lists[1], suite.revoked]), "a forged list");
        // As a leaf, as what lies between, and as what says that nothing is revoked.
        for usage in
            [Usage::Sealing, Usage::SealSigning, Usage::SealMaking, Usage::TimeStamping, Usage::TlsClient]
        {
            let good = chain(suite, bytes, &suite.bench.x509s, &suite.bench.crls, usage);
            assert!(
                !good || SUITES.iter().any(|suite| is_one_of(body, bytes, &suite.leaves())),
                "a forged leaf"
            );
        }
        let good = chain(suite, suite.seal, &own, &suite.bench.crls, Usage::Sealing);
        assert!(!good || is_one_of(body, bytes, &[suite.ca]), "a forged authority");
        let lists = [suite.lists[0].to_vec(), bytes.to_vec()];
        let good = chain(suite, suite.seal, &suite.bench.x509s, &lists, Usage::Sealing);
        assert!(!good || is_one_of(list_body, bytes, &[suite.lists[1]]), "a forged list is believed");
    }
}

impl Suite {
    fn leaves(&self) -> [&'static [u8]; 2] {
        [self.seal, self.tsa]
    }
}

fn chain(suite: &Suite, leaf: &[u8], between: &[Vec<u8>], crls: &[Vec<u8>], usage: Usage) -> bool {
    let query = PathQuery { leaf, intermediates: between, crls, usage, at: NOW };
    suite.bench.trust.validate(&query).is_ok()
}

/// Whether what is signed in these bytes is what is signed in one of those.
fn is_one_of(body: fn(&[u8]) -> Option<&[u8]>, bytes: &[u8], made: &[&[u8]]) -> bool {
    let signed = body(bytes);
    signed.is_some() && made.iter().any(|made| body(made) == signed)
}

/// The signed part of an X.509 certificate.
fn body(bytes: &[u8]) -> Option<&[u8]> {
    let (_, x509) = X509Certificate::from_der(bytes).ok()?;
    within(bytes, x509.tbs_certificate.as_ref())
}

/// The signed part of a revocation list.
fn list_body(bytes: &[u8]) -> Option<&[u8]> {
    let (_, list) = CertificateRevocationList::from_der(bytes).ok()?;
    within(bytes, list.tbs_cert_list.as_ref())
}

/// The part of `bytes` that `part` is, which borrows from what was parsed out of them.
fn within<'a>(bytes: &'a [u8], part: &[u8]) -> Option<&'a [u8]> {
    let start = memchr::memmem::find(bytes, part)?;
    bytes.get(start..start + part.len())
}
