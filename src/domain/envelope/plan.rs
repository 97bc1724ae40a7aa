//! The stage graph (签章流程): stages in order, parties side by side within a stage, a quorum for each. It is data of the
//! license kind; an order may name the bodies that the kind leaves open.

use crate::domain::license::kind::Bilingual;
use std::collections::BTreeSet;

/// Most stages of a plan.
pub const MOST_STAGES: usize = 8;
/// Most parties of a plan, over all its stages: each may have a seal on the face.
pub const MOST_PARTIES: usize = 16;
/// Longest time a stage may be open, in working days.
pub const MOST_WORKING_DAYS: u16 = 250;

/// How the parties of a stage suffice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quorum {
    /// Every one of them.
    All,
    /// Any so many of them.
    AtLeast(u16),
}

impl Quorum {
    /// How many of `parties` must consent.
    pub fn of(self, parties: usize) -> usize {
        match self {
            Self::All => parties,
            Self::AtLeast(needed) => usize::from(needed),
        }
    }
}

/// Administrative level (行政层级).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// 乡级: a town, township or subdistrict; its code has 9 digits (GB/T 10114).
    Township,
    /// 县级: a county or a district of a city.
    County,
    /// 地级: a city.
    City,
    /// 省级: a province or what ranks with one.
    Province,
}

impl Level {
    /// Every level, from the ground up.
    pub const ALL: [Self; 4] = [Self::Township, Self::County, Self::City, Self::Province];

    /// Stable name, as in kind files and in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Township => "township",
            Self::County => "county",
            Self::City => "city",
            Self::Province => "province",
        }
    }

    /// The level of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }

    /// The level of the place with this division code (GB/T 2260, GB/T 10114); `None` if it is no such code.
    pub fn of(area: &str) -> Option<Self> {
        if !area.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        match (area.len(), area.as_bytes()) {
            (9, _) => Some(Self::Township),
            (6, [.., b'0', b'0', b'0', b'0']) => Some(Self::Province),
            (6, [.., b'0', b'0']) => Some(Self::City),
            (6, _) => Some(Self::County),
            _ => None,
        }
    }

    /// The division code of this level that `area` lies in: of a district its city, of a city its province. `None` if
    /// `area` is itself of a higher level: which of its counties is meant cannot be told.
    pub fn around(self, area: &str) -> Option<String> {
        if Self::of(area)? > self {
            return None;
        }
        Some(match self {
            Self::Township => area.to_owned(),
            Self::County => area.get(..6)?.to_owned(),
            Self::City => format!("{}00", area.get(..4)?),
            Self::Province => format!("{}0000", area.get(..2)?),
        })
    }
}

/// Which body is wanted as a party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// This one, by credit code.
    Body(String),
    /// The one with this responsibility at this level around the initiator's place. Looked up when the stage opens, so that
    /// a reorganisation does not break an envelope under way.
    Role {
        /// Level.
        level: Level,
        /// Responsibility, as departments have it.
        responsibility: String,
    },
}

/// A party as it is planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedParty {
    /// Name, unique in the plan; also that of its place on the face. Lower-case letters, digits and hyphens.
    pub name: String,
    /// What it is called.
    pub title: Bilingual,
    /// Who.
    pub wanted: Wanted,
}

/// A stage as it is planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Name, unique in the plan.
    pub name: String,
    /// What it is called.
    pub title: Bilingual,
    /// How many must consent.
    pub quorum: Quorum,
    /// Working days that it has, not counting the day it opens; `None` is no deadline.
    pub working_days: Option<u16>,
    /// So many working days before the deadline those who have not decided are reminded; each once.
    pub remind: Vec<u16>,
    /// Its parties, in the order in which their seals are laid on.
    pub parties: Vec<PlannedParty>,
}

/// The whole graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Stages in order.
    pub stages: Vec<Stage>,
}

/// What is wrong with a plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPlan {
    /// Too few or too many stages.
    #[error("it must have 1 to {MOST_STAGES} stages")]
    Stages,
    /// Too many parties.
    #[error("it must have at most {MOST_PARTIES} parties")]
    Parties,
    /// A name of the wrong form.
    #[error("{0:?} must be lower-case letters, digits and hyphens, at most 40")]
    Name(String),
    /// Two stages or two parties of one name.
    #[error("the name {0:?} is used twice")]
    Twice(String),
    /// One body in two places.
    #[error("the body {0} is named twice")]
    SameBody(String),
    /// A stage that asks for nobody, or for more than it has.
    #[error("the quorum of stage {0:?} must be from 1 to the number of its parties")]
    Quorum(String),
    /// A time out of bounds.
    #[error("stage {0:?} must have 1 to {MOST_WORKING_DAYS} working days, and reminders within them")]
    Days(String),
}

impl Plan {
    /// Every party with the index of its stage, in the order in which seals are laid on.
    pub fn parties(&self) -> impl Iterator<Item = (usize, &PlannedParty)> {
        let stages = self.stages.iter().enumerate();
        stages.flat_map(|(index, stage)| stage.parties.iter().map(move |party| (index, party)))
    }

    /// The party of that name.
    pub fn party(&self, name: &str) -> Option<&PlannedParty> {
        self.parties().map(|(_, party)| party).find(|party| party.name == name)
    }

    /// What is wrong with it, all at once.
    pub fn faults(&self) -> Vec<BadPlan> {
        let mut faults = Vec::new();
        if !(1..=MOST_STAGES).contains(&self.stages.len()) {
            faults.push(BadPlan::Stages);
        }
        if self.parties().count() > MOST_PARTIES {
            faults.push(BadPlan::Parties);
        }
        let (mut stages, mut parties, mut bodies) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for stage in &self.stages {
            check_name(&stage.name, &mut stages, &mut faults);
            let needed = stage.quorum.of(stage.parties.len());
            if !(1..=stage.parties.len()).contains(&needed) {
                faults.push(BadPlan::Quorum(stage.name.clone()));
            }
            let days = stage.working_days;
            let too_early = stage.remind.iter().any(|before| days.is_none_or(|days| *before >= days));
            if days.is_some_and(|days| !(1..=MOST_WORKING_DAYS).contains(&days)) || too_early {
                faults.push(BadPlan::Days(stage.name.clone()));
            }
            for party in &stage.parties {
                check_name(&party.name, &mut parties, &mut faults);
                if let Wanted::Body(code) = &party.wanted
                    && !bodies.insert(code.as_str())
                {
                    faults.push(BadPlan::SameBody(code.clone()));
                }
            }
        }
        faults
    }
}

fn check_name<'a>(name: &'a str, known: &mut BTreeSet<&'a str>, faults: &mut Vec<BadPlan>) {
    let fine = (1..=40).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !fine {
        faults.push(BadPlan::Name(name.to_owned()));
    }
    if !known.insert(name) {
        faults.push(BadPlan::Twice(name.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{party, stage};
    use super::*;

    #[test]
    fn a_place_knows_what_lies_around_it() {
        assert_eq!(Level::of("990102"), Some(Level::County));
        assert_eq!(Level::of("990100"), Some(Level::City));
        assert_eq!(Level::of("990000"), Some(Level::Province));
        assert_eq!(Level::of("990102003"), Some(Level::Township));
        assert_eq!(Level::of("99010"), None);
        assert_eq!(Level::of("99010a"), None);
        assert_eq!(Level::City.around("990102").as_deref(), Some("990100"));
        assert_eq!(Level::Province.around("990102003").as_deref(), Some("990000"));
        assert_eq!(Level::County.around("990102003").as_deref(), Some("990102"));
        assert_eq!(Level::County.around("990100"), None);
    }

    #[test]
    fn a_good_plan_has_no_fault_and_each_bad_one_its_own() {
        let good = || Plan {
            stages: vec![stage("one", Quorum::All, &["a", "b"]), stage("two", Quorum::AtLeast(1), &["c"])],
        };
        assert_eq!(good().faults(), []);
        let changed = |change: fn(&mut Plan)| {
            let mut plan = good();
            change(&mut plan);
            plan.faults()
        };
        assert_eq!(changed(|p| p.stages.clear()), [BadPlan::Stages]);
        assert_eq!(changed(|p| p.stages[1].name = "one".into()), [BadPlan::Twice("one".into())]);
        assert_eq!(changed(|p| p.stages[1].parties[0].name = "a".into()), [BadPlan::Twice("a".into())]);
        assert_eq!(changed(|p| p.stages[0].name = "One".into()), [BadPlan::Name("One".into())]);
        assert_eq!(changed(|p| p.stages[1].quorum = Quorum::AtLeast(2)), [BadPlan::Quorum("two".into())]);
        assert_eq!(changed(|p| p.stages[1].quorum = Quorum::AtLeast(0)), [BadPlan::Quorum("two".into())]);
        assert_eq!(changed(|p| p.stages[0].parties.clear()), [BadPlan::Quorum("one".into())]);
        assert_eq!(changed(|p| p.stages[0].working_days = Some(0)), [BadPlan::Days("one".into())]);
        assert_eq!(changed(|p| p.stages[0].remind = vec![9]), [BadPlan::Days("one".into())]);
        let twice = changed(|p| p.stages[1].parties[0] = party("c", "b"));
        assert_eq!(twice, [BadPlan::SameBody("b".into())]);
        let many = changed(|p| {
            p.stages[0].parties.extend((0..20).map(|n| party(&format!("p{n}"), &format!("q{n}"))))
        });
        assert_eq!(many, [BadPlan::Parties]);
    }
}
