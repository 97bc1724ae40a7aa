//! Standing rules (常设批准规则): what two people approved once, so that the seals of a business are made with its license
//! without asking two people each time.

use crate::domain::grant::Withdrawal;
use crate::domain::refusal::{Refusal, RefusalClass};
use crate::domain::seal::SealPurpose;
use crate::domain::time::Timestamp;
use crate::domain::timed_id::timed_id;

timed_id! {
    /// Identity of a rule.
    RuleId
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingRule {
    /// Identity.
    pub id: RuleId,
    /// The department whose registrations it holds for, by credit code.
    pub registry: String,
    /// Which seals may be made.
    pub purposes: Vec<SealPurpose>,
    /// How many days such a seal may be used.
    pub days: u32,
    /// Not before this.
    pub from: Timestamp,
    /// Not from this on.
    pub until: Timestamp,
    /// Why.
    pub reason: String,
    /// Who proposed it (credential).
    pub proposed_by: String,
    /// When.
    pub proposed_at: Timestamp,
    /// The second person (credential), and when; never the one who proposed it.
    pub approved: Option<(String, Timestamp)>,
    /// Set when it was withdrawn.
    pub withdrawn: Option<Withdrawal>,
}

/// What a rule is good for at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleState {
    /// Waits for a second person.
    Proposed,
    /// Approved; its time has not come.
    Waiting,
    /// Seals are made under it.
    InForce,
    /// Its time is over.
    Ended,
    /// It was withdrawn.
    Withdrawn,
}

impl RuleState {
    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Waiting => "waiting",
            Self::InForce => "in-force",
            Self::Ended => "ended",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl StandingRule {
    /// What it is at `now`.
    pub fn state(&self, now: Timestamp) -> RuleState {
        if self.withdrawn.is_some() {
            RuleState::Withdrawn
        } else if now >= self.until {
            RuleState::Ended
        } else if self.approved.is_none() {
            RuleState::Proposed
        } else if now < self.from {
            RuleState::Waiting
        } else {
            RuleState::InForce
        }
    }

    /// Refuses seals that it does not cover at `now`.
    pub fn check(&self, purposes: &[SealPurpose], now: Timestamp) -> Result<(), Refusal> {
        let refuse = |code| Err(Refusal::new(RefusalClass::Forbidden, code).with("rule", &self.id));
        if self.state(now) != RuleState::InForce {
            return refuse("rule.not_in_force");
        }
        match purposes.iter().find(|purpose| !self.purposes.contains(purpose)) {
            None => Ok(()),
            Some(_) => refuse("rule.other_purpose"),
        }
    }

    /// The second person's word, if `by` may give it.
    pub fn approve(&self, by: &str, now: Timestamp) -> Result<(), Refusal> {
        if self.proposed_by == by {
            return Err(Refusal::new(RefusalClass::Forbidden, "rule.second_person_needed"));
        }
        if self.state(now) != RuleState::Proposed {
            let refusal = Refusal::new(RefusalClass::Conflict, "rule.not_proposed");
            return Err(refusal.with("state", self.state(now).name()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const DAY: Duration = Duration::from_secs(86_400);

    fn rule() -> StandingRule {
        let at = Timestamp::from_seconds(1_795_392_000);
        StandingRule {
            id: RuleId::new(at, [7; 8]),
            registry: "11440300MB2C12345X".into(),
            purposes: vec![SealPurpose::LegalName, SealPurpose::Finance],
            days: 1095,
            from: at.plus(DAY),
            until: at.plus(DAY * 10),
            reason: "企业开办一件事".into(),
            proposed_by: "a".into(),
            proposed_at: at,
            approved: Some(("b".into(), at)),
            withdrawn: None,
        }
    }

    #[test]
    fn a_rule_covers_what_two_people_approved_and_each_step_beyond_it_is_refused() {
        let rule = rule();
        let (now, wanted) = (rule.from, [SealPurpose::LegalName]);
        assert_eq!(rule.check(&wanted, now), Ok(()));
        let code = |rule: &StandingRule, wanted: &[SealPurpose], now| {
            rule.check(wanted, now).expect_err("beyond it").code
        };
        assert_eq!(code(&rule, &[SealPurpose::Contract], now), "rule.other_purpose");
        assert_eq!(code(&rule, &wanted, rule.proposed_at), "rule.not_in_force");
        assert_eq!(code(&rule, &wanted, rule.until), "rule.not_in_force");
        assert_eq!(code(&StandingRule { approved: None, ..rule.clone() }, &wanted, now), "rule.not_in_force");
        let withdrawn = Withdrawal { at: now, by: "b".into(), reason: "停止".into() };
        let over = StandingRule { withdrawn: Some(withdrawn), ..rule };
        assert_eq!(code(&over, &wanted, now), "rule.not_in_force");
    }

    #[test]
    fn the_second_person_is_another_one_and_speaks_once() {
        let rule = rule();
        let proposed = StandingRule { approved: None, ..rule.clone() };
        let now = rule.proposed_at;
        assert_eq!(proposed.approve("b", now), Ok(()));
        assert_eq!(proposed.approve("a", now).expect_err("the first").code, "rule.second_person_needed");
        assert_eq!(rule.approve("c", now).expect_err("approved").code, "rule.not_proposed");
        assert_eq!(proposed.approve("b", rule.until).expect_err("over").code, "rule.not_proposed");
    }
}
