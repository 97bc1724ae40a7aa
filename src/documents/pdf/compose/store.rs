//! The document security store (ETSI EN 319 142-1 clause 5.4.2): X.509 certificates and revocation lists that a verifier
//! needs long after. Each seal adds what is not there yet.

use super::file::Objects;
use crate::documents::validation::ValidationData;
use pdf_writer::{Name, Ref};

/// What stands in a file's store, each thing with its object.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Store {
    x509s: Vec<(Vec<u8>, Ref)>,
    crls: Vec<(Vec<u8>, Ref)>,
}

impl Store {
    /// Takes up what is new, writing it as objects from above `reserved` on. Says whether anything was.
    pub fn add(&mut self, objects: &mut Objects, validation: &ValidationData, reserved: i32) -> bool {
        let mut added = false;
        for (kept, given) in [(&mut self.x509s, &validation.x509s), (&mut self.crls, &validation.crls)] {
            for der in given {
                if kept.iter().any(|(known, _)| known == der) {
                    continue;
                }
                let id = objects.next(reserved);
                objects.object(id, |chunk| {
                    chunk.stream(id, der);
                });
                kept.push((der.clone(), id));
                added = true;
            }
        }
        added
    }

    /// Writes the store's own object.
    pub fn write(&self, objects: &mut Objects, id: Ref) {
        objects.object(id, |chunk| {
            let mut dict = chunk.indirect(id).dict();
            dict.pair(Name(b"Type"), Name(b"DSS"));
            for (key, kept) in [(&b"Certs"[..], &self.x509s), (b"CRLs", &self.crls)] {
                if !kept.is_empty() {
                    dict.insert(Name(key)).array().items(kept.iter().map(|(_, id)| *id));
                }
            }
        });
    }
}
