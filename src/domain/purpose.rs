//! What licenses are shown for: each purpose in plain words, with the least that it needs of a kind.

use super::license::LicenseKind;
use super::license::kind::{Bilingual, PrivacyClass};
use std::collections::BTreeMap;

/// A purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purpose {
    /// Stable code.
    pub code: String,
    /// What it is called: what the other side reads.
    pub title: Bilingual,
    /// Who looks at what and why, in a sentence.
    pub why: Bilingual,
    /// Fields that it needs, by name of the kind.
    pub fields: BTreeMap<String, Vec<String>>,
}

impl Purpose {
    /// Whether a field is ticked before the holder has chosen. The name of the holder always is, a sensitive field never.
    /// Of a kind that the purpose does not list, nothing but the name.
    pub fn presets(&self, kind: &LicenseKind, field: &str) -> bool {
        if kind.holder.name == field {
            return true;
        }
        let sensitive = kind.field(field).is_none_or(|field| field.privacy == PrivacyClass::Sensitive);
        let listed = self.fields.get(&kind.name);
        !sensitive && listed.is_some_and(|listed| listed.iter().any(|name| name == field))
    }
}

/// All purposes, in the order in which they are offered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Purposes(Vec<Purpose>);

impl Purposes {
    /// These.
    pub fn new(purposes: Vec<Purpose>) -> Self {
        Self(purposes)
    }

    /// Every one.
    pub fn iter(&self) -> impl Iterator<Item = &Purpose> {
        self.0.iter()
    }

    /// The one of that code.
    pub fn get(&self, code: &str) -> Option<&Purpose> {
        self.0.iter().find(|purpose| purpose.code == code)
    }
}
