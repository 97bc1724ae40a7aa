//! What is done to an envelope, and what follows: the only place where its state changes.

use super::{
    Calendar, Consent, Decision, Delegation, Envelope, EnvelopeParty, EnvelopeState, Happened, OpenStage,
    Wanted, What, fresh_parties,
};
use crate::domain::grant::GrantId;
use crate::domain::license::LicenseId;
use crate::domain::refusal::{Refusal, RefusalClass};
use crate::domain::seal::SealCode;
use crate::domain::time::Timestamp;
use std::collections::BTreeMap;
use std::time::Duration;

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Credential id, or `system`.
    pub by: String,
    /// The department it acts for (credit code); the service itself has none.
    pub department: Option<String>,
}

impl Actor {
    /// The service itself.
    pub fn system() -> Self {
        Self { by: "system".to_owned(), department: None }
    }
}

/// The bodies with a responsibility in a place: (division code, responsibility) → credit codes.
pub type Bodies = BTreeMap<(String, String), Vec<String>>;

/// What an act stands on.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// The time.
    pub now: Timestamp,
    /// Holidays.
    pub calendar: &'a Calendar,
    /// Bodies for the roles of the plan, as they are now.
    pub bodies: &'a Bodies,
}

/// What is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// The initiator changes the content of a draft.
    Correct,
    /// The initiator sends a draft: the first stage opens.
    Send,
    /// A party says yes to a version, and which seal it lays on.
    Consent {
        /// The party, by name.
        party: String,
        /// The version it saw.
        version: u32,
        /// The seal.
        seal: SealCode,
        /// The grant under which somebody acts with the seal that is not its own.
        grant: Option<GrantId>,
    },
    /// A party says no to a version.
    Decline {
        /// The party, by name.
        party: String,
        /// The version it saw.
        version: u32,
        /// Why.
        reason: String,
    },
    /// A party wants a version corrected.
    Return {
        /// The party, by name.
        party: String,
        /// The version it saw.
        version: u32,
        /// Why.
        reason: String,
    },
    /// A party lets another body decide for it.
    Delegate {
        /// The party, by name.
        party: String,
        /// The delegate (credit code).
        to: String,
        /// From when.
        from: Timestamp,
        /// Until before when.
        until: Timestamp,
        /// Why.
        reason: String,
    },
    /// The initiator gives it up.
    Withdraw {
        /// Why.
        reason: String,
    },
    /// Time is up.
    Expire,
    /// A reminder is due.
    Remind,
    /// Bodies that were not known are looked up again.
    Resolve,
    /// The seals cannot be laid on, for a reason that stays (a refusal's code).
    Unsealable {
        /// The code.
        code: String,
    },
    /// The license is released.
    Finish {
        /// The license.
        license: LicenseId,
    },
}

/// So often an envelope may come back; after that a party can only say yes or no.
const MOST_VERSIONS: u32 = 50;

/// Reminders come at nine in the morning.
const MORNING: Duration = Duration::from_secs(9 * 3600);

impl Envelope {
    /// The envelope after `act`, and what happened; or why not. Every act that is allowed makes the next revision.
    pub fn after(
        &self,
        act: &Act,
        actor: &Actor,
        ground: Ground<'_>,
    ) -> Result<(Self, Vec<Happened>), Refusal> {
        let mut next = self.clone();
        next.revision = self.revision.saturating_add(1);
        let mut change = Change { envelope: next, actor, ground, events: Vec::new() };
        change.run(act)?;
        Ok((change.envelope, change.events))
    }
}

struct Change<'a> {
    envelope: Envelope,
    actor: &'a Actor,
    ground: Ground<'a>,
    events: Vec<Happened>,
}

impl Change<'_> {
    fn run(&mut self, act: &Act) -> Result<(), Refusal> {
        match act {
            Act::Correct => {
                self.initiator(&[EnvelopeState::Draft])?;
                self.happened(What::Corrected, |h, _| h);
            }
            Act::Send => self.send()?,
            Act::Consent { party, version, seal, grant } => {
                self.consent(party, *version, seal, grant.as_ref())?
            }
            Act::Decline { party, version, reason } => self.decline(party, *version, reason)?,
            Act::Return { party, version, reason } => {
                let (at, stage) = self.asked(party, *version)?;
                if self.envelope.version >= MOST_VERSIONS {
                    return Err(conflict("envelope.too_many_versions"));
                }
                let name = self.envelope.parties[at].name.clone();
                self.happened(What::Returned, |h, e| h.in_stage(stage, e).of(&name).because(reason));
                self.start_anew();
            }
            Act::Delegate { party, to, from, until, reason } => {
                self.delegate(party, to, (*from, *until), reason)?;
            }
            Act::Withdraw { reason } => {
                self.initiator(&[EnvelopeState::Draft, EnvelopeState::Open])?;
                self.end(EnvelopeState::Withdrawn);
                self.happened(What::Withdrawn, |h, _| h.because(reason));
            }
            Act::Expire => self.expire()?,
            Act::Remind => self.remind()?,
            Act::Resolve => self.resolve_again()?,
            Act::Unsealable { code } => {
                self.in_state(&[EnvelopeState::Satisfied])?;
                self.happened(What::Unsealable, |h, _| h.because(code));
                self.start_anew();
            }
            Act::Finish { license } => {
                self.in_state(&[EnvelopeState::Satisfied])?;
                if !self.envelope.is_complete() {
                    return Err(conflict("envelope.no_quorum"));
                }
                self.envelope.license = Some(license.clone());
                self.end(EnvelopeState::Finished);
                self.happened(What::Finished, |h, _| h);
            }
        }
        Ok(())
    }

    fn happened(&mut self, what: What, more: impl FnOnce(Happened, &Envelope) -> Happened) {
        let event = Happened::new(what, &self.envelope, self.actor, self.ground.now);
        self.events.push(more(event, &self.envelope));
    }

    fn in_state(&self, allowed: &[EnvelopeState]) -> Result<(), Refusal> {
        let state = self.envelope.state;
        if allowed.contains(&state) {
            return Ok(());
        }
        Err(conflict("envelope.act_not_allowed").with("state", state.name()))
    }

    /// The actor is the initiator, and the envelope is in one of these states.
    fn initiator(&self, allowed: &[EnvelopeState]) -> Result<(), Refusal> {
        if self.actor.department.as_deref() != Some(&self.envelope.initiator) {
            return Err(forbidden("envelope.not_initiator"));
        }
        self.in_state(allowed)
    }

    /// The index of a party that the actor may decide for now, and of its stage.
    fn asked(&self, name: &str, version: u32) -> Result<(usize, usize), Refusal> {
        let envelope = &self.envelope;
        let at = envelope.parties.iter().position(|party| party.name == name);
        let at = at.ok_or_else(|| Refusal::new(RefusalClass::NotFound, "envelope.party_unknown"))?;
        let party = &envelope.parties[at];
        let body = self.actor.department.as_deref().unwrap_or_default();
        if !envelope.acts_for(party, body, self.ground.now) {
            return Err(forbidden("envelope.not_your_party"));
        }
        self.in_state(&[EnvelopeState::Open])?;
        let open = envelope.open_stage.ok_or_else(|| conflict("envelope.stage_not_open"))?;
        if open.deadline.is_some_and(|deadline| self.ground.now >= deadline) {
            return Err(conflict("envelope.deadline_passed"));
        }
        if version != envelope.version {
            return Err(conflict("envelope.other_version").with("version", envelope.version));
        }
        match party.decision {
            Decision::Asked if party.stage == open.index => Ok((at, open.index)),
            Decision::Waiting => Err(conflict("envelope.stage_not_open")),
            Decision::LetGo => Err(conflict("envelope.not_needed")),
            Decision::Asked | Decision::Consented(_) | Decision::Declined => {
                Err(conflict("envelope.already_decided"))
            }
        }
    }

    fn send(&mut self) -> Result<(), Refusal> {
        self.initiator(&[EnvelopeState::Draft])?;
        self.envelope.state = EnvelopeState::Open;
        self.happened(What::Sent, |h, _| h);
        self.open(0);
        Ok(())
    }

    fn consent(
        &mut self,
        party: &str,
        version: u32,
        seal: &SealCode,
        grant: Option<&GrantId>,
    ) -> Result<(), Refusal> {
        let (at, stage) = self.asked(party, version)?;
        let body = self.actor.department.clone().unwrap_or_default();
        if self.envelope.consents().any(|(_, consent)| consent.body == body) {
            return Err(conflict("envelope.counted_already"));
        }
        let consent = Consent {
            body,
            seal: seal.clone(),
            by: self.actor.by.clone(),
            at: self.ground.now,
            grant: grant.cloned(),
        };
        self.envelope.parties[at].decision = Decision::Consented(consent);
        self.happened(What::PartyConsented, |h, e| h.in_stage(stage, e).of(party));
        let (have, needed) = self.envelope.count(stage);
        if have < needed {
            return Ok(());
        }
        self.let_go();
        self.happened(What::StageDone, |h, e| h.in_stage(stage, e));
        if stage + 1 < self.envelope.plan.stages.len() {
            self.open(stage + 1);
        } else {
            self.envelope.open_stage = None;
            self.envelope.state = EnvelopeState::Satisfied;
            self.happened(What::Satisfied, |h, _| h);
        }
        Ok(())
    }

    fn decline(&mut self, party: &str, version: u32, reason: &str) -> Result<(), Refusal> {
        let (at, stage) = self.asked(party, version)?;
        self.envelope.parties[at].decision = Decision::Declined;
        self.happened(What::PartyDeclined, |h, e| h.in_stage(stage, e).of(party).because(reason));
        let (_, needed) = self.envelope.count(stage);
        let possible = |party: &&EnvelopeParty| party.stage == stage && party.decision != Decision::Declined;
        if self.envelope.parties.iter().filter(possible).count() < needed {
            self.end(EnvelopeState::Declined);
            self.happened(What::Declined, |h, e| h.in_stage(stage, e).because(reason));
        }
        Ok(())
    }

    fn delegate(
        &mut self,
        name: &str,
        to: &str,
        (from, until): (Timestamp, Timestamp),
        reason: &str,
    ) -> Result<(), Refusal> {
        let party = self.envelope.party(name);
        let party = party.ok_or_else(|| Refusal::new(RefusalClass::NotFound, "envelope.party_unknown"))?;
        // A delegate does not delegate again.
        if party.body.is_none() || party.body != self.actor.department {
            return Err(forbidden("envelope.not_your_party"));
        }
        self.in_state(&[EnvelopeState::Open])?;
        // The license carries the seal of the department that issues it, and of nobody in its place.
        if party.body.as_ref() == Some(&self.envelope.initiator) {
            return Err(forbidden("envelope.initiator_delegates"));
        }
        if !matches!(party.decision, Decision::Waiting | Decision::Asked) {
            return Err(conflict("envelope.already_decided"));
        }
        if until <= from || until <= self.ground.now {
            return Err(Refusal::new(RefusalClass::Invalid, "envelope.delegation_period"));
        }
        // Nobody decides twice: neither a party for another one nor a delegate for two.
        let envelope = &self.envelope;
        let takes_part = envelope.parties.iter().any(|party| party.body.as_deref() == Some(to))
            || envelope.delegations.iter().any(|d| d.to == to && d.party != name);
        if takes_part {
            return Err(conflict("envelope.delegate_takes_part"));
        }
        let stage = party.stage;
        self.envelope.delegations.retain(|delegation| delegation.party != name);
        let delegation = Delegation { party: name.to_owned(), to: to.to_owned(), from, until };
        self.envelope.delegations.push(delegation);
        self.happened(What::Delegated, |h, e| h.in_stage(stage, e).of(name).because(reason));
        Ok(())
    }

    fn expire(&mut self) -> Result<(), Refusal> {
        self.in_state(&[EnvelopeState::Open])?;
        let open = self.envelope.open_stage;
        let open = open.filter(|open| open.deadline.is_some_and(|deadline| self.ground.now >= deadline));
        let Some(OpenStage { index, .. }) = open else {
            return Err(conflict("envelope.not_due"));
        };
        self.end(EnvelopeState::Expired);
        self.happened(What::Expired, |h, e| h.in_stage(index, e));
        Ok(())
    }

    fn remind(&mut self) -> Result<(), Refusal> {
        self.in_state(&[EnvelopeState::Open])?;
        let open = self.envelope.open_stage;
        let open = open.filter(|open| open.remind_at.is_some_and(|due| self.ground.now >= due));
        let Some(mut open) = open else {
            return Err(conflict("envelope.not_due"));
        };
        open.reminded += 1;
        open.remind_at = self.next_reminder(&open);
        self.envelope.open_stage = Some(open);
        self.happened(What::Reminded, |h, e| h.in_stage(open.index, e));
        Ok(())
    }

    fn resolve_again(&mut self) -> Result<(), Refusal> {
        self.in_state(&[EnvelopeState::Open])?;
        if let Some(open) = self.envelope.open_stage {
            self.resolve(open.index);
        }
        if self.events.is_empty() {
            return Err(conflict("envelope.not_due"));
        }
        Ok(())
    }

    /// Asks the parties of a stage.
    fn open(&mut self, index: usize) {
        let days = self.envelope.plan.stages[index].working_days;
        let now = self.ground.now;
        let last = days.map(|days| self.ground.calendar.after(now.date_in_china(), days));
        let mut open = OpenStage {
            index,
            opened_at: now,
            deadline: last.map(|last| last.end()),
            provisional: last.is_some_and(|last| last.provisional),
            reminded: 0,
            remind_at: None,
        };
        open.remind_at = self.next_reminder(&open);
        self.envelope.open_stage = Some(open);
        for party in self.envelope.parties.iter_mut().filter(|party| party.stage == index) {
            party.decision = Decision::Asked;
        }
        self.happened(What::StageOpened, |h, e| h.in_stage(index, e));
        self.resolve(index);
    }

    /// Looks up the bodies of a stage that are not known. One that cannot be told, or that takes part already and would be
    /// counted twice, stays open.
    fn resolve(&mut self, index: usize) {
        for at in 0..self.envelope.parties.len() {
            let party = &self.envelope.parties[at];
            if party.stage != index || party.body.is_some() {
                continue;
            }
            let Some(body) = self.body_for(&party.name) else { continue };
            let name = party.name.clone();
            if self.envelope.parties.iter().any(|party| party.body.as_ref() == Some(&body))
                || self.envelope.delegations.iter().any(|delegation| delegation.to == body)
            {
                continue;
            }
            self.envelope.parties[at].body = Some(body);
            self.happened(What::PartyResolved, |h, e| h.in_stage(index, e).of(&name));
        }
    }

    fn body_for(&self, name: &str) -> Option<String> {
        let Wanted::Role { level, responsibility } = &self.envelope.plan.party(name)?.wanted else {
            return None;
        };
        let area = level.around(&self.envelope.area)?;
        match self.ground.bodies.get(&(area, responsibility.clone()))?.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        }
    }

    fn next_reminder(&self, open: &OpenStage) -> Option<Timestamp> {
        let mut before = self.envelope.plan.stages.get(open.index)?.remind.clone();
        before.sort_unstable_by(|a, b| b.cmp(a));
        let days = *before.get(usize::from(open.reminded))?;
        let last = open.deadline?.minus(Duration::from_micros(1)).date_in_china();
        Some(Timestamp::start_of(self.ground.calendar.before(last, days)).plus(MORNING))
    }

    fn let_go(&mut self) {
        let asked = self.envelope.parties.iter_mut().filter(|party| party.decision == Decision::Asked);
        asked.for_each(|party| party.decision = Decision::LetGo);
    }

    fn end(&mut self, state: EnvelopeState) {
        self.let_go();
        self.envelope.open_stage = None;
        self.envelope.state = state;
    }

    /// Back to the initiator: a new version, to which nobody has consented.
    fn start_anew(&mut self) {
        self.envelope.version = self.envelope.version.saturating_add(1);
        self.envelope.state = EnvelopeState::Draft;
        self.envelope.open_stage = None;
        self.envelope.delegations.clear();
        self.envelope.parties = fresh_parties(&self.envelope.plan);
    }
}

fn conflict(code: &'static str) -> Refusal {
    Refusal::new(RefusalClass::Conflict, code)
}

fn forbidden(code: &'static str) -> Refusal {
    Refusal::new(RefusalClass::Forbidden, code)
}
