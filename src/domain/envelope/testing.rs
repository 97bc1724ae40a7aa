//! Plans and envelopes for tests.

use super::{
    Act, Actor, Bodies, Calendar, CalendarYear, Envelope, EnvelopeId, Ground, Level, NewEnvelope, Plan,
    PlannedParty, Quorum, Stage, Wanted,
};
use crate::domain::license::kind::Bilingual;
use crate::domain::seal::SealCode;
use crate::domain::time::Timestamp;

pub(crate) fn words(text: &str) -> Bilingual {
    Bilingual { zh: text.to_owned(), en: text.to_owned() }
}

pub(crate) fn party(name: &str, body: &str) -> PlannedParty {
    PlannedParty { name: name.to_owned(), title: words(name), wanted: Wanted::Body(body.to_owned()) }
}

pub(crate) fn role(name: &str, level: Level, responsibility: &str) -> PlannedParty {
    let wanted = Wanted::Role { level, responsibility: responsibility.to_owned() };
    PlannedParty { name: name.to_owned(), title: words(name), wanted }
}

/// A stage of five working days whose parties are bodies of the same names.
pub(crate) fn stage(name: &str, quorum: Quorum, parties: &[&str]) -> Stage {
    Stage {
        name: name.to_owned(),
        title: words(name),
        quorum,
        working_days: Some(5),
        remind: vec![2, 0],
        parties: parties.iter().map(|name| party(name, name)).collect(),
    }
}

/// The county, any two of three city bureaus, the province.
pub(crate) fn county_city_province() -> Plan {
    Plan {
        stages: vec![
            stage("county", Quorum::All, &["county"]),
            stage("city", Quorum::AtLeast(2), &["city-a", "city-b", "city-c"]),
            stage("province", Quorum::All, &["province"]),
        ],
    }
}

/// Two years whose holidays are announced: none.
pub(crate) fn calendar() -> Calendar {
    let year = || CalendarYear { announced: true, ..CalendarYear::default() };
    Calendar::new([(2026, year()), (2027, year())])
}

pub(crate) fn draft(plan: Plan, at: Timestamp) -> Envelope {
    let new = NewEnvelope {
        id: EnvelopeId::new([7; 16]),
        kind: "construction-permit".into(),
        kind_version: 1,
        initiator: "county".into(),
        area: "990102".into(),
        plan,
        replaces: None,
    };
    Envelope::draft(new, "officer", at).0
}

/// A department's officer.
pub(crate) fn of(department: &str) -> Actor {
    Actor { by: format!("officer-{department}"), department: Some(department.to_owned()) }
}

pub(crate) fn seal(n: usize) -> SealCode {
    SealCode::parse(&format!("990100{n:08}")).expect("14 digits")
}

pub(crate) fn yes(party: &str, version: u32) -> Act {
    Act::Consent { party: party.to_owned(), version, seal: seal(1), grant: None }
}

/// Acts on envelopes at a time that only goes on.
pub(crate) struct Bench {
    pub now: Timestamp,
    pub calendar: Calendar,
    pub bodies: Bodies,
}

impl Bench {
    /// On a Monday morning.
    pub fn new() -> Self {
        let now = crate::domain::time::parse_date("2026-11-23").map(Timestamp::start_of).expect("a date");
        Self {
            now: now.plus(std::time::Duration::from_secs(9 * 3600)),
            calendar: calendar(),
            bodies: Bodies::new(),
        }
    }

    pub fn ground(&self) -> Ground<'_> {
        Ground { now: self.now, calendar: &self.calendar, bodies: &self.bodies }
    }

    /// The code of the refusal, or the envelope after it and what happened.
    pub fn does(
        &self,
        envelope: &mut Envelope,
        who: &str,
        act: Act,
    ) -> Result<Vec<&'static str>, &'static str> {
        let actor = if who == "system" { Actor::system() } else { of(who) };
        let (next, events) = envelope.after(&act, &actor, self.ground()).map_err(|refusal| refusal.code)?;
        *envelope = next;
        Ok(events.into_iter().map(|event| event.what.name()).collect())
    }
}
