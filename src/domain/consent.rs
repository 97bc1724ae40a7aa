//! What follows from a holder's consent: disputes of a use, later comers with a used code, deputies.

use super::license::LicenseId;
use super::time::Timestamp;
use std::time::Duration;

/// "This was not me": an owner's word about one use of what is its own. Once a use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// The use.
    pub used: String,
    /// Whose license or seal was used.
    pub owner: String,
    /// When it was used.
    pub used_at: Timestamp,
    /// When the owner said so.
    pub at: Timestamp,
    /// In the owner's words; may be empty.
    pub words: String,
    /// What came of it.
    pub answer: Option<Answer>,
}

/// What came of a dispute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// When.
    pub at: Timestamp,
    /// Who looked into it (credential).
    pub by: String,
    /// In words that the owner reads.
    pub words: String,
}

/// Somebody who came with a show code after another had used it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Try {
    /// The showing.
    pub showing: String,
    /// Who (credential).
    pub by: String,
    /// What that one is called.
    pub label: String,
    /// When first.
    pub at: Timestamp,
}

/// The longest a deputy may be named for.
pub const LONGEST: Duration = Duration::from_secs(366 * 24 * 3600);

/// Somebody who may show another's licenses on behalf of that one (亲属代亮).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deputy {
    /// Identity.
    pub id: String,
    /// Whose licenses, by holder code.
    pub owner: String,
    /// What the owner is called.
    pub owner_name: String,
    /// Who shows them, by holder code.
    pub deputy: String,
    /// What the owner calls that one.
    pub deputy_name: String,
    /// Which licenses; all of the owner's where none is named.
    pub licenses: Vec<LicenseId>,
    /// Named at.
    pub created_at: Timestamp,
    /// Not from then on.
    pub until: Timestamp,
    /// Taken back by the owner at.
    pub withdrawn_at: Option<Timestamp>,
}

impl Deputy {
    /// Whether it holds at `now`.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.withdrawn_at.is_none() && now < self.until
    }

    /// Whether this license may be shown on behalf of its holder at `now`.
    pub fn may_show(&self, holder: &str, license: &LicenseId, now: Timestamp) -> bool {
        self.is_in_force(now)
            && self.owner == holder
            && (self.licenses.is_empty() || self.licenses.contains(license))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn license(serial: &str) -> LicenseId {
        LicenseId::new("11100000MB0143028R001", "11990000MB0000001M", serial, 1).expect("an identifier")
    }

    #[test]
    fn a_deputy_shows_what_was_named_of_whom_it_was_named_by_while_it_holds() {
        let (first, second) = (license("20261126000000000001"), license("20261126000000000002"));
        let at = Timestamp::from_seconds;
        let deputy = Deputy {
            id: "1".into(),
            owner: "mother".into(),
            owner_name: "林知微".into(),
            deputy: "child".into(),
            deputy_name: "周念安".into(),
            licenses: vec![first.clone()],
            created_at: at(100),
            until: at(200),
            withdrawn_at: None,
        };
        assert!(deputy.may_show("mother", &first, at(199)));
        assert!(!deputy.may_show("mother", &second, at(199)), "a license that was not named");
        assert!(!deputy.may_show("father", &first, at(199)), "another's");
        assert!(!deputy.may_show("mother", &first, at(200)), "over");
        let all = Deputy { licenses: Vec::new(), ..deputy.clone() };
        assert!(all.may_show("mother", &second, at(199)));
        let withdrawn = Deputy { withdrawn_at: Some(at(150)), ..deputy };
        assert!(!withdrawn.may_show("mother", &first, at(151)));
    }
}
