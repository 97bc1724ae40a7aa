//! Sealing together (联合签章): an envelope holds the content of a license and the stage graph of those who must consent to
//! it. Here are its values and rules; time, holidays and bodies are arguments, so that every history can be replayed.

mod act;
pub mod calendar;
mod diff;
mod event;
mod plan;
mod statement;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use act::{Act, Actor, Bodies, Ground};
pub use calendar::{Calendar, CalendarYear, LastDay};
pub use diff::{ChangedField, diff};
pub use event::{Happened, What};
pub use plan::{BadPlan, Level, MOST_PARTIES, MOST_STAGES, Plan, PlannedParty, Quorum, Stage, Wanted};
pub use statement::{Statement, TITLE, TITLE_UNDER_GRANT};

use super::grant::GrantId;
use super::license::LicenseId;
use super::seal::SealCode;
use super::time::Timestamp;

/// Identity of an envelope: 32 lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EnvelopeId(String);

impl EnvelopeId {
    /// From 16 random bytes.
    pub fn new(random: [u8; 16]) -> Self {
        Self(random.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Reads 32 lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let fine = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        fine.then(|| Self(text.to_owned()))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for EnvelopeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where an envelope is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EnvelopeState {
    /// Being written, for the first time or after it was returned. Nobody is asked.
    Draft,
    /// Sent: the parties of the open stage are asked.
    Open,
    /// Every stage has its quorum; the seals are being laid on.
    Satisfied,
    /// The license is released.
    Finished,
    /// So many declined that a stage cannot have its quorum any more.
    Declined,
    /// The initiator gave it up.
    Withdrawn,
    /// A stage was not done by its deadline.
    Expired,
}

impl EnvelopeState {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Draft,
        Self::Open,
        Self::Satisfied,
        Self::Finished,
        Self::Declined,
        Self::Withdrawn,
        Self::Expired,
    ];

    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Satisfied => "satisfied",
            Self::Finished => "finished",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether nothing can happen any more.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Finished | Self::Declined | Self::Withdrawn | Self::Expired)
    }
}

/// That a party said yes to one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// The body that said it: the party, or its delegate. Its seal is laid on.
    pub body: String,
    /// The seal.
    pub seal: SealCode,
    /// Who (credential id).
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// The grant under which somebody said it whom the seal is not its own.
    pub grant: Option<GrantId>,
}

/// The edition of a license that an envelope's license takes the place of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaces {
    /// Which.
    pub license: LicenseId,
    /// Why, as the initiator put it.
    pub reason: String,
}

/// What a party has decided about one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Its stage is not open yet.
    Waiting,
    /// It is asked.
    Asked,
    /// Yes.
    Consented(Consent),
    /// No.
    Declined,
    /// It was asked, and its answer is not needed any more.
    LetGo,
}

impl Decision {
    /// Stable name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Asked => "asked",
            Self::Consented(_) => "consented",
            Self::Declined => "declined",
            Self::LetGo => "let-go",
        }
    }
}

/// A party of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvelopeParty {
    /// Index of its stage in the plan.
    pub stage: usize,
    /// Its name in the plan.
    pub name: String,
    /// Who it is (credit code), as far as that is known.
    pub body: Option<String>,
    /// What it decided.
    pub decision: Decision,
}

/// That another body may decide for a party for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delegation {
    /// The party, by name; it has at most one delegate.
    pub party: String,
    /// The delegate (credit code).
    pub to: String,
    /// From here on.
    pub from: Timestamp,
    /// Until before this.
    pub until: Timestamp,
}

/// The stage whose parties are asked now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenStage {
    /// Its index in the plan.
    pub index: usize,
    /// When it opened.
    pub opened_at: Timestamp,
    /// From here on it is too late.
    pub deadline: Option<Timestamp>,
    /// Whether the deadline was counted over a year whose holidays are not announced.
    pub provisional: bool,
    /// How many reminders were given.
    pub reminded: u16,
    /// When the next one is due.
    pub remind_at: Option<Timestamp>,
}

/// An envelope as it stands: what every version has in common, and the parties of the version of now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Its identity.
    pub id: EnvelopeId,
    /// Name of the license kind.
    pub kind: String,
    /// Version of the kind's file.
    pub kind_version: u32,
    /// The department that started it and issues the license (credit code).
    pub initiator: String,
    /// Division code of its place; levels are resolved around it.
    pub area: String,
    /// Who started it (credential id).
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// The stage graph.
    pub plan: Plan,
    /// The edition that its license replaces, if it amends one.
    pub replaces: Option<Replaces>,
    /// Version of the content, from 1; each return makes the next one.
    pub version: u32,
    /// Grows by one with each act; a change must name the one it saw.
    pub revision: u32,
    /// State now.
    pub state: EnvelopeState,
    /// The open stage, while the state is open.
    pub open_stage: Option<OpenStage>,
    /// The parties, in the order of the plan.
    pub parties: Vec<EnvelopeParty>,
    /// Delegations of this version.
    pub delegations: Vec<Delegation>,
    /// The license it became.
    pub license: Option<LicenseId>,
}

/// What starts an envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEnvelope {
    /// Its identity.
    pub id: EnvelopeId,
    /// Name of the license kind.
    pub kind: String,
    /// Version of the kind's file.
    pub kind_version: u32,
    /// The department that starts it (credit code).
    pub initiator: String,
    /// Division code of its place.
    pub area: String,
    /// The stage graph; it must have no faults.
    pub plan: Plan,
    /// The edition that its license replaces, if it amends one.
    pub replaces: Option<Replaces>,
}

impl Envelope {
    /// A first draft.
    pub fn draft(new: NewEnvelope, by: &str, at: Timestamp) -> (Self, Happened) {
        let parties = fresh_parties(&new.plan);
        let envelope = Self {
            id: new.id,
            kind: new.kind,
            kind_version: new.kind_version,
            initiator: new.initiator,
            area: new.area,
            created_by: by.to_owned(),
            created_at: at,
            plan: new.plan,
            replaces: new.replaces,
            version: 1,
            revision: 1,
            state: EnvelopeState::Draft,
            open_stage: None,
            parties,
            delegations: Vec::new(),
            license: None,
        };
        let actor = Actor { by: by.to_owned(), department: Some(envelope.initiator.clone()) };
        let happened = Happened::new(What::Created, &envelope, &actor, at);
        (envelope, happened)
    }

    /// The party of that name.
    pub fn party(&self, name: &str) -> Option<&EnvelopeParty> {
        self.parties.iter().find(|party| party.name == name)
    }

    /// The delegation of a party that holds at `now`.
    pub fn delegation(&self, party: &str, now: Timestamp) -> Option<&Delegation> {
        self.delegations.iter().find(|d| d.party == party && d.from <= now && now < d.until)
    }

    /// Whether `body` may decide for that party at `now`.
    pub fn acts_for(&self, party: &EnvelopeParty, body: &str, now: Timestamp) -> bool {
        party.body.as_deref() == Some(body)
            || self.delegation(&party.name, now).is_some_and(|delegation| delegation.to == body)
    }

    /// The parties that `body` may decide for at `now` and that are asked.
    pub fn asked_of<'a>(&'a self, body: &'a str, now: Timestamp) -> impl Iterator<Item = &'a EnvelopeParty> {
        let open = self.state == EnvelopeState::Open;
        let asked = self.parties.iter().filter(|party| party.decision == Decision::Asked);
        asked.filter(move |party| open && self.acts_for(party, body, now))
    }

    /// Whether `body` takes part in this version: as initiator, party or delegate.
    pub fn involves(&self, body: &str) -> bool {
        self.initiator == body
            || self.parties.iter().any(|party| party.body.as_deref() == Some(body))
            || self.delegations.iter().any(|delegation| delegation.to == body)
    }

    /// Whether `body` may have the finished license: it started the envelope, its seal is on the license, or its delegate's
    /// is. Whose answer was not needed, or was no, has no more to do with it.
    pub fn may_have_license(&self, body: &str) -> bool {
        self.initiator == body
            || self
                .consents()
                .any(|(party, consent)| consent.body == body || party.body.as_deref() == Some(body))
    }

    /// The consents to this version in the order in which their seals are laid on: by stage, then as the plan has them.
    pub fn consents(&self) -> impl Iterator<Item = (&EnvelopeParty, &Consent)> {
        self.parties.iter().filter_map(|party| match &party.decision {
            Decision::Consented(consent) => Some((party, consent)),
            _ => None,
        })
    }

    /// How many consents a stage has, and how many it needs.
    pub fn count(&self, stage: usize) -> (usize, usize) {
        let of = |party: &&EnvelopeParty| party.stage == stage;
        let have = self.parties.iter().filter(of);
        let have = have.filter(|party| matches!(party.decision, Decision::Consented(_))).count();
        let needed =
            self.plan.stages.get(stage).map_or(0, |planned| planned.quorum.of(planned.parties.len()));
        (have, needed)
    }

    /// Where a stage is: `waiting`, `open` or `done`.
    pub fn stage_state(&self, stage: usize) -> &'static str {
        let (have, needed) = self.count(stage);
        match self.open_stage {
            Some(open) if open.index == stage => "open",
            _ if have >= needed => "done",
            _ => "waiting",
        }
    }

    /// Whether every stage has its quorum.
    pub fn is_complete(&self) -> bool {
        (0..self.plan.stages.len()).all(|stage| {
            let (have, needed) = self.count(stage);
            have >= needed
        })
    }

    /// When somebody must look at it again, though nobody asks: for a reminder, or because time is up.
    pub fn due_at(&self) -> Option<Timestamp> {
        let open = self.open_stage.filter(|_| self.state == EnvelopeState::Open)?;
        open.deadline.into_iter().chain(open.remind_at).min()
    }
}

fn fresh_parties(plan: &Plan) -> Vec<EnvelopeParty> {
    let party = |(stage, planned): (usize, &PlannedParty)| EnvelopeParty {
        stage,
        name: planned.name.clone(),
        body: match &planned.wanted {
            Wanted::Body(code) => Some(code.clone()),
            Wanted::Role { .. } => None,
        },
        decision: Decision::Waiting,
    };
    plan.parties().map(party).collect()
}
