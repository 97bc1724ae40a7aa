//! The bundle that a verifier without a network carries, read: whose keys sign codes, the status lists, the names of kinds and
//! fields. `app/offline` writes it; docs/offline-codes.md has its form.

use super::jws::{self, NotOpened};
use super::offline_code::{Checked, IssuerKeys, verify};
use super::status_list::{Expected, ListToken, MOST_ENTRIES, read_cwt};
use crate::crypto::PublicKey;
use crate::domain::offline_code::KeyFacts;
use crate::domain::status_list::{Entry, StatusRef, Untold};
use crate::domain::time::Timestamp;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Its type (`typ`).
pub const KIND: &str = "yinzheng-bundle+jwt";
/// Largest bundle that is read.
pub const MOST_BYTES: usize = 64 << 20;

/// Why a bundle is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotABundle {
    /// More bytes than are read.
    #[error("too large")]
    TooLarge,
    /// Not signed by the given key, or not as a bundle.
    #[error(transparent)]
    Signed(#[from] NotOpened),
    /// What is signed is not of the form.
    #[error("a claim is missing or malformed")]
    Claims,
}

#[derive(Deserialize)]
struct Claims {
    iat: i64,
    exp: i64,
    keys: Vec<Key>,
    lists: Vec<List>,
}

#[derive(Deserialize)]
struct Key {
    spki: String,
    issuer: String,
    name: Both,
    kinds: Vec<Kind>,
    not_before: i64,
    not_after: i64,
}

#[derive(Deserialize)]
struct Kind {
    code: String,
    title: Both,
    fields: BTreeMap<String, Both>,
}

#[derive(Deserialize)]
struct List {
    uri: String,
    cwt: String,
}

/// A name in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Both {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Both {
    /// The one in a language, `zh` or `en`.
    pub fn of(&self, language: &str) -> &str {
        if language == "en" { &self.en } else { &self.zh }
    }
}

/// What the fields of a kind are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindNames {
    /// The kind itself.
    pub title: Both,
    /// Its fields, by name.
    pub fields: BTreeMap<String, Both>,
}

/// A bundle whose signature is right.
pub struct VerifierBundle {
    /// When it was made.
    pub issued: Timestamp,
    /// Should be fetched anew before this.
    pub expires: Timestamp,
    /// Names of kinds, by kind.
    pub kinds: BTreeMap<String, KindNames>,
    keys: IssuerKeys,
    lists: BTreeMap<String, Result<ListToken, &'static str>>,
}

impl VerifierBundle {
    /// Opens a bundle that `key` must have signed. The lists in it are signed by the same key; one that is refused makes
    /// its entries untold, and nothing else.
    ///
    /// # Errors
    /// See [`NotABundle`].
    pub fn open(token: &str, key: &PublicKey) -> Result<Self, NotABundle> {
        if token.len() > MOST_BYTES {
            return Err(NotABundle::TooLarge);
        }
        let claims = jws::open(token.trim(), KIND, key)?;
        let claims: Claims = serde_json::from_slice(&claims).map_err(|_| NotABundle::Claims)?;
        let mut keys = IssuerKeys::default();
        let mut kinds = BTreeMap::new();
        for known in claims.keys {
            let spki = STANDARD.decode(&known.spki).map_err(|_| NotABundle::Claims)?;
            let facts = KeyFacts {
                issuer: known.issuer,
                issuer_name: known.name.zh,
                kinds: known.kinds.iter().map(|kind| kind.code.clone()).collect(),
                from: Timestamp::from_seconds(known.not_before),
                until: Timestamp::from_seconds(known.not_after),
            };
            if !keys.add(&spki, facts) {
                return Err(NotABundle::Claims);
            }
            let names = |kind: Kind| (kind.code, KindNames { title: kind.title, fields: kind.fields });
            kinds.extend(known.kinds.into_iter().map(names));
        }
        let mut lists = BTreeMap::new();
        for list in claims.lists {
            let cwt = STANDARD.decode(&list.cwt).map_err(|_| NotABundle::Claims)?;
            let expected = Expected { uri: &list.uri, most_entries: MOST_ENTRIES };
            let read = read_cwt(&cwt, key, &expected).map_err(|why| why.code());
            lists.insert(list.uri, read);
        }
        let (issued, expires) = (Timestamp::from_seconds(claims.iat), Timestamp::from_seconds(claims.exp));
        Ok(Self { issued, expires, kinds, keys, lists })
    }

    /// What a status list in the bundle says of an entry.
    ///
    /// # Errors
    /// Why nothing is known of it.
    pub fn entry(&self, status: &StatusRef) -> Result<Entry, Untold> {
        match self.lists.get(&status.uri) {
            None => Err(Untold::NoList),
            Some(Err(why)) => Err(Untold::Refused(why)),
            Some(Ok(list)) => list.entry(status.index),
        }
    }

    /// Reads and judges digits as they were scanned or typed, with nothing but the bundle.
    pub fn check(&self, digits: &str, now: Timestamp) -> Checked {
        verify(digits, &self.keys, |status| self.entry(status), now)
    }
}
