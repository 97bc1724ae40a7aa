//! An envelope as the API shows it.

use crate::domain::envelope::{Decision, Envelope, EnvelopeId, EnvelopeParty};
use crate::domain::refusal::{Refusal, RefusalClass};
use crate::http::problem::{InBoth, Problem};
use serde::Serialize;
use utoipa::ToSchema;

/// An envelope.
#[derive(Serialize, ToSchema)]
pub struct EnvelopeView {
    /// Identity.
    #[schema(pattern = "^[0-9a-f]{32}$")]
    pub id: String,
    /// Kind of the license it becomes.
    pub kind: String,
    /// Version of that kind's file.
    pub kind_version: u32,
    /// The department that started it and issues the license, by credit code.
    pub initiator: String,
    /// When it was started.
    #[schema(format = "date-time")]
    pub created_at: String,
    /// Version of its content; grows when it comes back to be corrected.
    pub version: u32,
    /// Grows with each change.
    pub revision: u32,
    /// `draft`, `open`, `satisfied` (the seals are being laid on), `finished`, `declined`, `withdrawn` or `expired`.
    pub state: String,
    /// Stages in order.
    pub stages: Vec<StageView>,
    /// Delegations in the present version.
    pub delegations: Vec<DelegationView>,
    /// The license it became.
    pub license: Option<String>,
    /// The edition that its license takes the place of.
    pub replaces: Option<ReplacesView>,
}

/// An edition that is replaced.
#[derive(Serialize, ToSchema)]
pub struct ReplacesView {
    /// Identifier of the license.
    pub license: String,
    /// Why.
    pub reason: String,
}

/// A stage.
#[derive(Serialize, ToSchema)]
pub struct StageView {
    /// Name.
    pub name: String,
    /// What it is called.
    pub title: InBoth,
    /// `waiting`, `open` or `done`.
    pub state: String,
    /// How many of its parties must say yes.
    pub needed: u32,
    /// How many have.
    pub have: u32,
    /// Working days that it has.
    pub working_days: Option<u16>,
    /// While it is open: from here on it is too late.
    #[schema(format = "date-time")]
    pub deadline: Option<String>,
    /// Whether the deadline runs over a year whose public holidays are not announced, so that it may move.
    pub deadline_is_provisional: bool,
    /// Its parties, in the order in which their seals are laid on.
    pub parties: Vec<PartyView>,
}

/// A party.
#[derive(Serialize, ToSchema)]
pub struct PartyView {
    /// Name.
    pub name: String,
    /// What it is called.
    pub title: InBoth,
    /// The body, by credit code; null until it is known.
    pub department: Option<String>,
    /// `waiting`, `asked`, `consented`, `declined`, or `let-go` where its answer is not needed any more.
    pub decision: String,
    /// Its yes.
    pub consent: Option<ConsentView>,
}

/// A yes.
#[derive(Serialize, ToSchema)]
pub struct ConsentView {
    /// The body that said it: the party or its delegate.
    pub department: String,
    /// Code of its seal.
    pub seal: String,
    /// Who (credential).
    pub by: String,
    /// When.
    #[schema(format = "date-time")]
    pub at: String,
    /// The grant under which somebody said it whose seal it is not.
    pub grant: Option<String>,
}

/// Another body that may decide for a party.
#[derive(Serialize, ToSchema)]
pub struct DelegationView {
    /// The party.
    pub party: String,
    /// The body, by credit code.
    pub to: String,
    /// From when.
    #[schema(format = "date-time")]
    pub from: String,
    /// Until before when.
    #[schema(format = "date-time")]
    pub until: String,
}

impl EnvelopeView {
    /// The view of an envelope.
    pub fn of(envelope: &Envelope) -> Self {
        let delegations = envelope.delegations.iter().map(|delegation| DelegationView {
            party: delegation.party.clone(),
            to: delegation.to.clone(),
            from: delegation.from.to_string(),
            until: delegation.until.to_string(),
        });
        Self {
            id: envelope.id.to_string(),
            kind: envelope.kind.clone(),
            kind_version: envelope.kind_version,
            initiator: envelope.initiator.clone(),
            created_at: envelope.created_at.to_string(),
            version: envelope.version,
            revision: envelope.revision,
            state: envelope.state.name().to_owned(),
            stages: (0..envelope.plan.stages.len()).map(|index| stage(envelope, index)).collect(),
            delegations: delegations.collect(),
            license: envelope.license.as_ref().map(ToString::to_string),
            replaces: envelope.replaces.as_ref().map(|replaces| ReplacesView {
                license: replaces.license.to_string(),
                reason: replaces.reason.clone(),
            }),
        }
    }
}

fn stage(envelope: &Envelope, index: usize) -> StageView {
    let planned = &envelope.plan.stages[index];
    let (have, needed) = envelope.count(index);
    let open = envelope.open_stage.filter(|open| open.index == index);
    let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let parties = envelope.parties.iter().filter(|party| party.stage == index);
    StageView {
        name: planned.name.clone(),
        title: InBoth { zh: planned.title.zh.clone(), en: planned.title.en.clone() },
        state: envelope.stage_state(index).to_owned(),
        needed: small(needed),
        have: small(have),
        working_days: planned.working_days,
        deadline: open.and_then(|open| open.deadline).map(|at| at.to_string()),
        deadline_is_provisional: open.is_some_and(|open| open.provisional),
        parties: parties.map(|shown| party(envelope, shown)).collect(),
    }
}

fn party(envelope: &Envelope, party: &EnvelopeParty) -> PartyView {
    let title = envelope.plan.party(&party.name).map(|planned| &planned.title);
    let consent = match &party.decision {
        Decision::Consented(consent) => Some(ConsentView {
            department: consent.body.clone(),
            seal: consent.seal.to_string(),
            by: consent.by.clone(),
            at: consent.at.to_string(),
            grant: consent.grant.as_ref().map(ToString::to_string),
        }),
        _ => None,
    };
    PartyView {
        name: party.name.clone(),
        title: InBoth {
            zh: title.map(|title| title.zh.clone()).unwrap_or_default(),
            en: title.map(|title| title.en.clone()).unwrap_or_default(),
        },
        department: party.body.clone(),
        decision: party.decision.name().to_owned(),
        consent,
    }
}

/// Reads an envelope's identity out of a path. What is none names no envelope.
pub fn envelope_id(text: &str) -> Result<EnvelopeId, Problem> {
    EnvelopeId::parse(text).ok_or_else(|| Refusal::new(RefusalClass::NotFound, "envelope.unknown").into())
}
