//! The sharing service (证照共享): which other systems may ask about licenses, for which causes, and what they must name
//! each time. Shaped after the interfaces of provinces: every question is tied to a matter of administration (用证事由).

use super::grant::Withdrawal;
use super::license::LicenseId;
use super::party::Person;
use super::refusal::{Refusal, RefusalClass};
use super::time::Timestamp;

/// What may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operation {
    /// A license by its identifier.
    ByIdentifier,
    /// The licenses of a holder.
    ByHolder,
    /// What a show code shows.
    ByCode,
    /// Whether data are those of a license.
    VerifyData,
    /// What a file is.
    VerifyFile,
    /// An annotated copy.
    Copy,
    /// That something on a license is wrong.
    Remark,
    /// What has changed.
    Changes,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 8] = [
        Self::ByIdentifier,
        Self::ByHolder,
        Self::ByCode,
        Self::VerifyData,
        Self::VerifyFile,
        Self::Copy,
        Self::Remark,
        Self::Changes,
    ];

    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ByIdentifier => "by-identifier",
            Self::ByHolder => "by-holder",
            Self::ByCode => "by-code",
            Self::VerifyData => "verify-data",
            Self::VerifyFile => "verify-file",
            Self::Copy => "copy",
            Self::Remark => "remark",
            Self::Changes => "changes",
        }
    }

    /// The operation of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.name() == name)
    }
}

/// What a system may ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// The credential that it asks with.
    pub credential: String,
    /// What the system is called (系统名称); every question names it.
    pub system: String,
    /// License kinds it may ask about.
    pub kinds: Vec<String>,
    /// Codes of the matters (事项编码) that it may ask for.
    pub causes: Vec<String>,
    /// Kinds among them that law lets it see without the holder's consent.
    pub lawful: Vec<String>,
    /// Which law that is; empty where `lawful` is.
    pub basis: String,
    /// Questions a minute.
    pub per_minute: u32,
    /// The operator who registered it (credential).
    pub registered_by: String,
    /// When.
    pub registered_at: Timestamp,
    /// From here on it may ask nothing.
    pub until: Timestamp,
    /// The other operator who confirmed it, and when.
    pub confirmed: Option<(String, Timestamp)>,
    /// The end before its time.
    pub withdrawn: Option<Withdrawal>,
}

impl Allowance {
    /// Whether it holds at `now`.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.confirmed.is_some() && self.withdrawn.is_none() && now < self.until
    }

    /// Whether it holds for a question with that cause at `now`. Says no in one way only.
    pub fn check_cause(&self, cause: &UseCause, now: Timestamp) -> Result<(), Refusal> {
        let fits = self.system == cause.system && self.causes.contains(&cause.event_code);
        if self.is_in_force(now) && fits { Ok(()) } else { Err(not_allowed()) }
    }

    /// Whether it may see a license of that kind, with the holder's consent or, where law lets it, without.
    pub fn may_see(&self, kind: &str, has_consent: bool) -> bool {
        let named = |kinds: &[String]| kinds.iter().any(|known| known == kind);
        named(&self.kinds) && (has_consent || named(&self.lawful))
    }

    /// Whether `other` may confirm what `registered` registered: they must be two people.
    pub fn check_confirmer(registered: &Person, other: &Person) -> Result<(), Refusal> {
        if registered == other {
            return Err(Refusal::new(RefusalClass::Forbidden, "share.same_person"));
        }
        Ok(())
    }
}

/// The refusal of a system that may not ask: one for all reasons, so that it learns none.
pub fn not_allowed() -> Refusal {
    Refusal::new(RefusalClass::Forbidden, "share.not_allowed")
}

/// The answer where there is nothing for the caller: one for what does not exist, has ended, or is not for it.
pub fn nothing() -> Refusal {
    Refusal::new(RefusalClass::NotFound, "share.nothing")
}

/// Why somebody asks (用证事由); the fields are those of the provinces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UseCause {
    /// In words (certificateCopyCause).
    pub cause: String,
    /// Whether it is for an item of the catalogue of administration (certificateCallCategory 0) or for something else (1).
    pub for_item: bool,
    /// Code of that item (certificateEventCode).
    pub event_code: String,
    /// What the matter is called (certificateMatterName).
    pub matter: String,
    /// Which system asks (certificateSystemName).
    pub system: String,
}

/// How often a caller asked something on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// Who.
    pub credential: String,
    /// The day in China, in days since 1970-01-01.
    pub day: i64,
    /// What.
    pub operation: Operation,
    /// Questions that were answered.
    pub answered: u64,
    /// Questions that were not.
    pub refused: u64,
}

/// The day in China of a moment, in days since 1970-01-01.
pub fn day_of(at: Timestamp) -> i64 {
    let first = Timestamp::start_of(Timestamp::from_seconds(0).date_in_china());
    at.micros().saturating_sub(first.micros()).div_euclid(86_400_000_000)
}

/// What a system says is wrong on a license.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Identity.
    pub id: String,
    /// The license.
    pub license: LicenseId,
    /// Its issuer, who is told.
    pub issuer: String,
    /// The field, or empty for the whole.
    pub field: String,
    /// What is wrong, in words.
    pub remark: String,
    /// Who says so (credential).
    pub by: String,
    /// When.
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowance() -> Allowance {
        let at = Timestamp::from_seconds;
        Allowance {
            credential: "bank-1".into(),
            system: "市民贷".into(),
            kinds: vec!["business-license".into(), "food-operation-permit".into()],
            causes: vec!["3301-0042".into()],
            lawful: vec!["business-license".into()],
            basis: "电子商务法第二十八条".into(),
            per_minute: 60,
            registered_by: "op-1".into(),
            registered_at: at(10),
            until: at(1_000),
            confirmed: Some(("op-2".into(), at(20))),
            withdrawn: None,
        }
    }

    fn cause() -> UseCause {
        UseCause {
            cause: "办理贷款".into(),
            for_item: true,
            event_code: "3301-0042".into(),
            matter: "小微企业贷款".into(),
            system: "市民贷".into(),
        }
    }

    #[test]
    fn every_reason_not_to_be_allowed_reads_the_same() {
        let at = Timestamp::from_seconds;
        assert_eq!(allowance().check_cause(&cause(), at(100)), Ok(()));
        let withdrawn = Withdrawal { at: at(50), by: "op-1".into(), reason: "停用".into() };
        let twins = [
            (Allowance { confirmed: None, ..allowance() }, cause(), 100),
            (Allowance { withdrawn: Some(withdrawn), ..allowance() }, cause(), 100),
            (allowance(), cause(), 1_000),
            (allowance(), UseCause { event_code: "3301-0043".into(), ..cause() }, 100),
            (allowance(), UseCause { system: "别的系统".into(), ..cause() }, 100),
        ];
        for (allowance, cause, now) in twins {
            assert_eq!(allowance.check_cause(&cause, at(now)), Err(not_allowed()));
        }
    }

    #[test]
    fn without_consent_only_what_law_lets_it_see() {
        let allowance = allowance();
        assert!(allowance.may_see("business-license", false));
        assert!(!allowance.may_see("food-operation-permit", false));
        assert!(allowance.may_see("food-operation-permit", true));
        assert!(!allowance.may_see("vehicle-license", true));
    }

    #[test]
    fn a_day_begins_at_midnight_in_china() {
        let at = |text| crate::domain::time::parse_time(text).expect("a time");
        assert_eq!(day_of(at("1970-01-01T00:00:00Z")), 0);
        assert_eq!(day_of(at("1970-01-01T15:59:59Z")), 0);
        assert_eq!(day_of(at("1970-01-01T16:00:00Z")), 1);
        assert_eq!(day_of(at("1969-12-31T15:59:59Z")), -1);
    }
}
