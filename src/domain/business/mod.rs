//! Businesses (企业): what is made, changed and ended in one act: the electronic business license and the company's seals
//! (国办发〔2025〕33号: 电子营业执照与企业电子印章同步发放).

mod rule;

pub use rule::{RuleId, RuleState, StandingRule};

use super::license::LicenseId;
use super::refusal::{Refusal, RefusalClass};
use super::seal::{SealCode, SealPurpose};
use super::time::Timestamp;

/// The seals of a company that are made with its license, in this order. The first is never left out.
pub const COMPANY_SEALS: [SealPurpose; 5] = [
    SealPurpose::LegalName,
    SealPurpose::Finance,
    SealPurpose::Contract,
    SealPurpose::Invoice,
    SealPurpose::LegalRepresentative,
];

/// Whether a business is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BusinessState {
    /// Registered.
    Active,
    /// Struck off (注销登记): license and seals ended with it.
    Deregistered,
}

impl BusinessState {
    /// Every state.
    pub const ALL: [Self; 2] = [Self::Active, Self::Deregistered];

    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Deregistered => "deregistered",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// A business. Its license and seals are in their own registers; this says which of them belong together now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Business {
    /// Unified social credit code (GB 32100-2015).
    pub code: String,
    /// Its name in full, as on license and seals.
    pub name: String,
    /// The department that registered it, by credit code.
    pub registry: String,
    /// The edition of its license that stands.
    pub license: LicenseId,
    /// State.
    pub state: BusinessState,
    /// Who controls its seals (credential id); nobody until control is handed over.
    pub manager: Option<String>,
    /// Grows by one with each change.
    pub revision: u32,
    /// When it was registered here.
    pub registered_at: Timestamp,
    /// When it was changed last.
    pub changed_at: Timestamp,
}

impl Business {
    /// Refuses a change of a business that is no more, or that is no longer as the caller saw it.
    pub fn check_changeable(&self, seen: Option<u32>) -> Result<(), Refusal> {
        if self.state != BusinessState::Active {
            return Err(Refusal::new(RefusalClass::Conflict, "business.struck_off"));
        }
        if seen.is_some_and(|seen| seen != self.revision) {
            let refusal = Refusal::new(RefusalClass::Conflict, "business.changed");
            return Err(refusal.with("revision", self.revision));
        }
        Ok(())
    }
}

/// A seal that a business has now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusinessSeal {
    /// The business, by credit code.
    pub business: String,
    /// What it is for. A business has one of each.
    pub purpose: SealPurpose,
    /// Which seal.
    pub seal: SealCode,
    /// The edition of the license with which it was made.
    pub license: LicenseId,
}

/// The words that license and seals share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealWords<'a> {
    /// The company's name.
    pub name: &'a str,
    /// Its legal representative's name.
    pub representative: &'a str,
}

impl SealWords<'_> {
    /// Whether a seal of this purpose must be made anew when these words become `now`. The company's name is on each seal or
    /// in its X.509 certificate; the representative's on one alone.
    pub fn change(self, now: SealWords<'_>, purpose: SealPurpose) -> bool {
        self.name != now.name
            || (purpose == SealPurpose::LegalRepresentative && self.representative != now.representative)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_changes_all_seals_and_a_representative_one() {
        let before = SealWords { name: "景川市云栖茶业有限公司", representative: "林知微" };
        let renamed = SealWords { name: "景川市云栖茶叶有限公司", ..before };
        let changed =
            |now| COMPANY_SEALS.into_iter().filter(|seal| before.change(now, *seal)).collect::<Vec<_>>();
        assert_eq!(changed(renamed), COMPANY_SEALS);
        let led = SealWords { representative: "沈时雨", ..before };
        assert_eq!(changed(led), [SealPurpose::LegalRepresentative]);
        assert!(changed(before).is_empty());
    }
}
