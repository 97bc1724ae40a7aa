//! The keys whose codes a verifier takes, by name.

use crate::crypto::{PublicKey, sha256};
use crate::domain::offline_code::{Carried, KeyFacts};
use std::collections::HashMap;
use std::sync::Arc;

/// Name of a key: the first eight bytes of the SHA-256 of its SubjectPublicKeyInfo (DER). It only finds the key; what proves
/// anything is the signature.
pub fn key_id(spki_der: &[u8]) -> [u8; 8] {
    let digest = sha256(spki_der);
    let mut id = [0; 8];
    id.copy_from_slice(&digest[..8]);
    id
}

/// A key that signs offline codes.
#[derive(Clone)]
pub struct IssuerKey {
    /// The key. Its suite is the only one that its codes may name.
    pub key: PublicKey,
    /// What is known of it.
    pub facts: Arc<KeyFacts>,
}

/// Keys by their names.
#[derive(Clone, Default)]
pub struct IssuerKeys {
    known: HashMap<[u8; 8], IssuerKey>,
    carried: Option<Carried>,
}

impl IssuerKeys {
    /// None yet, of a verifier that carries them.
    pub fn carried(since: Carried) -> Self {
        Self { carried: Some(since), ..Self::default() }
    }

    /// Where they are carried and not asked for.
    pub(super) fn is_carried(&self) -> Option<Carried> {
        self.carried
    }

    /// Takes a key (SubjectPublicKeyInfo, DER) in; whether it is one, and no other has its name.
    pub fn add(&mut self, spki_der: &[u8], facts: KeyFacts) -> bool {
        let Some(key) = PublicKey::from_spki(spki_der) else { return false };
        let id = key_id(spki_der);
        let free = !self.known.contains_key(&id);
        if free {
            self.known.insert(id, IssuerKey { key, facts: Arc::new(facts) });
        }
        free
    }

    /// The key of that name.
    pub fn find(&self, id: &[u8]) -> Option<&IssuerKey> {
        self.known.get(id)
    }
}
