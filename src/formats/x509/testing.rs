//! A small PKI for tests: a root, a seal CA, a seal, a timestamping authority, and their revocation lists.

use super::crl::{self, CrlTimes, RevokedX509};
use super::{Issuer, Particulars, Profile, issue, issue_root};
use crate::crypto::{PrivateKey, Signer, Suite};
use crate::domain::time::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};
use std::time::Duration;

pub(crate) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A key in memory.
pub(crate) fn new_key(suite: Suite) -> PrivateKey {
    PrivateKey::from_pkcs8(&PrivateKey::generate_pkcs8(suite).expect("a key")).expect("our own key")
}

/// All of them together.
pub(crate) struct TestPki {
    pub now: Timestamp,
    pub root_key: PrivateKey,
    pub root: Vec<u8>,
    pub ca_key: PrivateKey,
    pub ca: Vec<u8>,
    pub seal_key: PrivateKey,
    pub seal: Vec<u8>,
    pub tsa_key: PrivateKey,
    pub tsa: Vec<u8>,
}

pub(crate) fn particulars(now: Timestamp, life: Duration) -> Particulars<'static> {
    let mut serial = [0; 16];
    SystemRandom::new().fill(&mut serial).expect("randomness");
    Particulars {
        serial,
        not_before: now,
        not_after: now.plus(life),
        crl_address: Some("http://crl.example/x.crl"),
    }
}

pub(crate) fn seal_profile() -> Profile {
    Profile::Seal {
        owner_code: "11440300MB2C12345X".into(),
        owner_name: "景川市市场监督管理局".into(),
        seal_code: "44030000012345".into(),
    }
}

impl TestPki {
    /// Of the suite P-256.
    pub fn new() -> Self {
        Self::of(Suite::P256)
    }

    pub fn of(suite: Suite) -> Self {
        let now = Timestamp::from_seconds(1_800_000_000);
        let [root_key, ca_key, seal_key, tsa_key] = std::array::from_fn(|_| new_key(suite));
        let root_profile = Profile::Root { name: "Test Root".into() };
        let root = issue_root(&root_profile, &particulars(now, DAY * 7000), &root_key).expect("a root");
        let by_root = Issuer { x509: &root, signer: &root_key };
        let below = |profile: Profile, key: &PrivateKey| {
            issue(&profile, &particulars(now, DAY * 3000), key.spki(), &by_root).expect("issued")
        };
        let ca = below(Profile::SealCa { name: "Test Seal CA".into() }, &ca_key);
        let tsa = below(Profile::TimeStamping { name: "Test TSA".into() }, &tsa_key);
        let by_ca = Issuer { x509: &ca, signer: &ca_key };
        let seal = issue(&seal_profile(), &particulars(now, DAY * 1000), seal_key.spki(), &by_ca);
        let seal = seal.expect("issued");
        Self { now, root_key, root, ca_key, ca, seal_key, seal, tsa_key, tsa }
    }

    pub fn by_root(&self) -> Issuer<'_> {
        Issuer { x509: &self.root, signer: &self.root_key }
    }

    pub fn by_ca(&self) -> Issuer<'_> {
        Issuer { x509: &self.ca, signer: &self.ca_key }
    }

    /// Lists of the root and the CA, made at the beginning, good for thirty days.
    pub fn crls(&self, revoked_by_ca: &[RevokedX509]) -> Vec<Vec<u8>> {
        vec![self.crl(&self.by_root(), 1, self.now, &[]), self.crl(&self.by_ca(), 1, self.now, revoked_by_ca)]
    }

    pub fn crl(&self, issuer: &Issuer<'_>, number: u64, at: Timestamp, revoked: &[RevokedX509]) -> Vec<u8> {
        let times = CrlTimes { this_update: at, next_update: at.plus(DAY * 30) };
        crl::make(issuer, number, times, revoked).expect("a list")
    }
}
