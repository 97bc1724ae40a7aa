//! Two different people for what cannot be undone: making a seal, voiding one, putting a suspended one back into use.

use super::{Seal, SealAct, SealCode, SealState};
use crate::domain::party::Person;
use crate::domain::refusal::{Refusal, RefusalClass};
use crate::domain::time::Timestamp;
use std::collections::BTreeSet;
use std::time::Duration;

/// How long an approval waits for the second one.
pub const APPROVAL_LASTS: Duration = Duration::from_secs(7 * 86_400);

/// One person's yes to an act on a seal as it stood at one revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The seal.
    pub seal: SealCode,
    /// The act.
    pub act: SealAct,
    /// Revision of the seal that it was given for. When the seal has changed since, it counts no more.
    pub revision: u32,
    /// Who gave it (credential id).
    pub by: String,
    /// For whom it counts.
    pub person: Person,
    /// When.
    pub at: Timestamp,
    /// It counts before this.
    pub expires: Timestamp,
    /// Why; empty where no reason is asked for.
    pub reason: String,
}

impl Approval {
    fn is_for(&self, seal: &Seal, act: SealAct) -> bool {
        self.seal == seal.code && self.act == act && self.revision == seal.revision
    }

    fn counts(&self, now: Timestamp) -> bool {
        now < self.expires
    }
}

/// What somebody wants done.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// The act.
    pub act: SealAct,
    /// Who wants it.
    pub by: &'a Person,
    /// Who asked for the seal.
    pub applicant: &'a Person,
    /// Revision of the seal that they looked at, if they say.
    pub revision: Option<u32>,
    /// They know that an earlier approval ran out, and theirs is to be the first of new ones.
    pub anew: bool,
}

/// What comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is one of the approvals that the act takes, and more are needed.
    Waits,
    /// It is done, and the seal is in this state.
    Done(SealState),
}

impl Seal {
    /// Whether `wish` is one approval of several or carries the act out. `given` are approvals of this seal, of any act and
    /// revision.
    pub fn decide(&self, wish: &Wish<'_>, given: &[Approval], now: Timestamp) -> Result<Decision, Refusal> {
        let conflict = |code| Refusal::new(RefusalClass::Conflict, code);
        if wish.revision.is_some_and(|seen| seen != self.revision) {
            return Err(conflict("seal.other_revision").with("revision", self.revision));
        }
        let state = self.after(wish.act, wish.by == wish.applicant)?;
        if wish.act.people() < 2 {
            return Ok(Decision::Done(state));
        }
        let ours = || given.iter().filter(|approval| approval.is_for(self, wish.act));
        let mut people: BTreeSet<&Person> =
            ours().filter(|approval| approval.counts(now)).map(|approval| &approval.person).collect();
        if wish.act == SealAct::Approve {
            people.remove(wish.applicant);
        }
        if people.contains(wish.by) {
            return Err(conflict("seal.approved_already").with("act", wish.act.name()));
        }
        if people.is_empty()
            && !wish.anew
            && let Some(last) = ours().map(|approval| approval.expires).max()
        {
            return Err(conflict("seal.approval_expired").with("at", last));
        }
        people.insert(wish.by);
        Ok(if people.len() >= wish.act.people() { Decision::Done(state) } else { Decision::Waits })
    }
}

/// The approvals that wait for another one: those that were given for the seal as it is, by people who count, and whether
/// they ran out or not. None once the act is carried out, since that changes the seal's revision.
pub fn pending<'a>(seal: &Seal, given: &'a [Approval]) -> Vec<&'a Approval> {
    given.iter().filter(|approval| approval.is_for(seal, approval.act)).collect()
}
