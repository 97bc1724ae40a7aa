//! What happened to an envelope: who, when and why.

use super::{Actor, Envelope};
use crate::domain::time::Timestamp;

/// What can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// A draft was made.
    Created,
    /// The draft's content was changed.
    Corrected,
    /// It was sent.
    Sent,
    /// A stage opened: its parties are asked.
    StageOpened,
    /// It became known which body a party is.
    PartyResolved,
    /// A party said yes.
    PartyConsented,
    /// A party said no.
    PartyDeclined,
    /// A party lets another body decide for it.
    Delegated,
    /// Those who have not decided are reminded.
    Reminded,
    /// A stage has its quorum.
    StageDone,
    /// Every stage has its quorum.
    Satisfied,
    /// It came back to be corrected; what was consented to is void.
    Returned,
    /// Its seals cannot be laid on; it came back.
    Unsealable,
    /// The license is released.
    Finished,
    /// A stage cannot have its quorum any more.
    Declined,
    /// The initiator gave it up.
    Withdrawn,
    /// Time was up.
    Expired,
}

impl What {
    /// Everything.
    pub const ALL: [Self; 17] = [
        Self::Created,
        Self::Corrected,
        Self::Sent,
        Self::StageOpened,
        Self::PartyResolved,
        Self::PartyConsented,
        Self::PartyDeclined,
        Self::Delegated,
        Self::Reminded,
        Self::StageDone,
        Self::Satisfied,
        Self::Returned,
        Self::Unsealable,
        Self::Finished,
        Self::Declined,
        Self::Withdrawn,
        Self::Expired,
    ];

    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Corrected => "corrected",
            Self::Sent => "sent",
            Self::StageOpened => "stage-opened",
            Self::PartyResolved => "party-resolved",
            Self::PartyConsented => "party-consented",
            Self::PartyDeclined => "party-declined",
            Self::Delegated => "delegated",
            Self::Reminded => "reminded",
            Self::StageDone => "stage-done",
            Self::Satisfied => "satisfied",
            Self::Returned => "returned",
            Self::Unsealable => "unsealable",
            Self::Finished => "finished",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }

    /// The topic of its event in the outbox, and the code of its words.
    pub const fn topic(self) -> &'static str {
        match self {
            Self::Created => "envelope.created",
            Self::Corrected => "envelope.corrected",
            Self::Sent => "envelope.sent",
            Self::StageOpened => "envelope.stage_opened",
            Self::PartyResolved => "envelope.party_resolved",
            Self::PartyConsented => "envelope.party_consented",
            Self::PartyDeclined => "envelope.party_declined",
            Self::Delegated => "envelope.delegated",
            Self::Reminded => "envelope.reminded",
            Self::StageDone => "envelope.stage_done",
            Self::Satisfied => "envelope.satisfied",
            Self::Returned => "envelope.returned",
            Self::Unsealable => "envelope.unsealable",
            Self::Finished => "envelope.finished",
            Self::Declined => "envelope.declined",
            Self::Withdrawn => "envelope.withdrawn",
            Self::Expired => "envelope.expired",
        }
    }

    /// What has that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.name() == name)
    }
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happened {
    /// What.
    pub what: What,
    /// When.
    pub at: Timestamp,
    /// Who (credential id, or `system`).
    pub by: String,
    /// For which department (credit code).
    pub department: Option<String>,
    /// In which stage, by name.
    pub stage: Option<String>,
    /// Which party, by name.
    pub party: Option<String>,
    /// Why, as it was put; empty where no reason is asked for.
    pub reason: String,
    /// The version of the content it is about.
    pub version: u32,
    /// The revision that it led to.
    pub revision: u32,
}

impl Happened {
    pub(super) fn new(what: What, envelope: &Envelope, actor: &Actor, at: Timestamp) -> Self {
        Self {
            what,
            at,
            by: actor.by.clone(),
            department: actor.department.clone(),
            stage: None,
            party: None,
            reason: String::new(),
            version: envelope.version,
            revision: envelope.revision,
        }
    }

    pub(super) fn in_stage(mut self, stage: usize, envelope: &Envelope) -> Self {
        self.stage = envelope.plan.stages.get(stage).map(|stage| stage.name.clone());
        self
    }

    pub(super) fn of(mut self, party: &str) -> Self {
        self.party = Some(party.to_owned());
        self
    }

    pub(super) fn because(mut self, reason: &str) -> Self {
        reason.clone_into(&mut self.reason);
        self
    }
}
