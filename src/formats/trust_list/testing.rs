//! Lists for tests: who signs them, and what stands in them.

use super::{sign, to_json};
use crate::crypto::{PrivateKey, Signer, Suite};
use crate::domain::time::Timestamp;
use crate::domain::trust_list::{Entry, Names, ServiceKind, Territory, TrustList};
use crate::formats::x509::testing::{DAY, TestPki, new_key, particulars};
use crate::formats::x509::{Profile, issue};

/// Signs lists.
pub(crate) struct ListKey {
    pub x509: Vec<u8>,
    key: PrivateKey,
}

impl ListKey {
    pub fn new(pki: &TestPki, suite: Suite) -> Self {
        let key = new_key(suite);
        let profile = Profile::TrustList { name: "Test Trust List".into() };
        let x509 = issue(&profile, &particulars(pki.now, DAY * 1000), key.spki(), &pki.by_root());
        Self { x509: x509.expect("issued"), key }
    }

    pub fn sign(&self, list: &TrustList) -> Vec<u8> {
        self.sign_json(&to_json(list))
    }

    pub fn sign_json(&self, json: &[u8]) -> Vec<u8> {
        sign(json, &self.x509, &self.key).expect("signed")
    }
}

pub(crate) fn names(text: &str) -> Names {
    Names { zh: text.to_owned(), en: text.to_owned() }
}

pub(crate) fn entry(service: ServiceKind, x509: &[u8], from: Timestamp) -> Entry {
    Entry {
        service,
        name: names(service.name()),
        x509: x509.to_vec(),
        valid_from: from,
        valid_until: None,
        withdrawn_since: None,
        areas: Vec::new(),
        crl_addresses: Vec::new(),
        crls: Vec::new(),
        note: None,
    }
}

/// The list of a place with these entries, made now for a month.
pub(crate) fn list(territory: &str, now: Timestamp, entries: Vec<Entry>) -> TrustList {
    TrustList {
        territory: Territory::parse(territory).expect("a code"),
        territory_name: names("深圳市"),
        operator: names("政务服务局"),
        sequence: 7,
        issued: now,
        next_update: now.plus(DAY * 30),
        entries,
    }
}
