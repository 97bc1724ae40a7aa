//! The license kinds that a service knows.

use super::kind::LicenseKind;
use std::collections::BTreeMap;
use std::sync::Arc;

/// All kinds by name. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Kinds(Arc<BTreeMap<String, Arc<LicenseKind>>>);

impl Kinds {
    /// The kind of that name.
    pub fn get(&self, name: &str) -> Option<&Arc<LicenseKind>> {
        self.0.get(name)
    }

    /// Every kind, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<LicenseKind>> {
        self.0.values()
    }
}

impl FromIterator<LicenseKind> for Kinds {
    /// Of two kinds with one name the later stays.
    fn from_iter<I: IntoIterator<Item = LicenseKind>>(kinds: I) -> Self {
        Self(Arc::new(kinds.into_iter().map(|kind| (kind.name.clone(), Arc::new(kind))).collect()))
    }
}
