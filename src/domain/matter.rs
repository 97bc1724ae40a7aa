//! Matters (事项): what an administrative act or a business at a counter needs of whoever asks for it. Data, like kinds: a
//! matter names kinds of licenses and their fields, other materials, and how long what was shown is kept.

use super::license::kind::{Bilingual, PrivacyClass};
use super::license::{Kinds, LicenseKind};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A matter of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matter {
    /// Name in URLs and data, lower-case with hyphens: `open-bank-account`.
    pub code: String,
    /// What it is called.
    pub title: Bilingual,
    /// What it needs of licenses, one a kind; at least one.
    pub needs: Vec<Need>,
    /// Other materials it needs.
    pub materials: Vec<MaterialNeed>,
    /// How long what was shown is kept.
    pub keep: Keep,
}

/// What a matter needs of one license.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The kind.
    pub kind: String,
    /// Fields without which the matter cannot be dealt with.
    pub required: Vec<String>,
    /// Fields that the holder may refuse.
    pub optional: Vec<String>,
    /// Whether the matter goes on without such a license.
    pub may_lack: bool,
    /// Why sensitive fields are asked for; `None` where there are none.
    pub reason: Option<Bilingual>,
}

/// A material other than a license.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaterialNeed {
    /// Its label: the same in every matter that needs the same material.
    pub label: String,
    /// What it is called.
    pub title: Bilingual,
    /// Days after which one that was handed in is too old for this matter.
    pub days: u16,
    /// Whether the matter goes on without it.
    pub may_lack: bool,
}

/// How long what was shown is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keep {
    /// In words, for the holder.
    pub words: Bilingual,
    /// In days.
    pub days: u16,
}

/// All matters by code. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Matters(Arc<BTreeMap<String, Arc<Matter>>>);

impl Matters {
    /// The matter of that code.
    pub fn get(&self, code: &str) -> Option<&Arc<Matter>> {
        self.0.get(code)
    }

    /// Every matter, by code.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Matter>> {
        self.0.values()
    }
}

impl FromIterator<Matter> for Matters {
    /// Of two matters with one code the later stays.
    fn from_iter<I: IntoIterator<Item = Matter>>(matters: I) -> Self {
        Self(Arc::new(matters.into_iter().map(|matter| (matter.code.clone(), Arc::new(matter))).collect()))
    }
}

/// What does not fit in a matter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// A kind that is not here.
    #[error("the kind {0} is not known")]
    Kind(String),
    /// A kind that is needed twice.
    #[error("the kind {0} is needed twice")]
    Twice(String),
    /// A field that the kind has not.
    #[error("the kind {0} has no field {1}")]
    Field(String, String),
    /// A field that stands twice.
    #[error("the field {1} of {0} stands twice")]
    FieldTwice(String, String),
    /// Nothing is asked for.
    #[error("no field of {0} is asked for")]
    Nothing(String),
    /// Whoever looks could not tell whose license it is.
    #[error("the holder's name ({1}) is not among the required fields of {0}")]
    Nameless(String, String),
    /// A sensitive field without a reason.
    #[error("the field {1} of {0} is sensitive: say why it is asked for (reason)")]
    Reason(String, String),
}

impl Need {
    /// Every field, required ones first.
    pub fn fields(&self) -> impl Iterator<Item = &String> {
        self.required.iter().chain(&self.optional)
    }

    fn misfits(&self, kind: &LicenseKind, found: &mut Vec<Misfit>) {
        let name = || self.kind.clone();
        let mut seen = Vec::new();
        for field in self.fields() {
            if seen.contains(&field) {
                found.push(Misfit::FieldTwice(name(), field.clone()));
            }
            seen.push(field);
            match kind.field(field) {
                None => found.push(Misfit::Field(name(), field.clone())),
                Some(known) if known.privacy == PrivacyClass::Sensitive && self.reason.is_none() => {
                    found.push(Misfit::Reason(name(), field.clone()));
                }
                Some(_) => {}
            }
        }
        if seen.is_empty() {
            found.push(Misfit::Nothing(name()));
        } else if !self.required.contains(&kind.holder.name) {
            found.push(Misfit::Nameless(name(), kind.holder.name.clone()));
        }
    }
}

impl Matter {
    /// Everything in it that does not fit the kinds.
    pub fn misfits(&self, kinds: &Kinds) -> Vec<Misfit> {
        let mut found = Vec::new();
        for (at, need) in self.needs.iter().enumerate() {
            if self.needs[..at].iter().any(|before| before.kind == need.kind) {
                found.push(Misfit::Twice(need.kind.clone()));
            }
            match kinds.get(&need.kind) {
                None => found.push(Misfit::Kind(need.kind.clone())),
                Some(kind) => need.misfits(kind, &mut found),
            }
        }
        found
    }
}
