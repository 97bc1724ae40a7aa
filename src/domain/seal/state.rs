//! The states of a seal and what leads from one to another.

use super::{Seal, SealCode};
use crate::domain::refusal::{Refusal, RefusalClass};

/// Where a seal is in its life. Kept as it is now; its history is in the seal's events. Whether it has expired is asked of
/// [`Seal::is_expired`].
///
/// Making and filing are no states: the last approval makes keys, X.509 certificates and seal object and enters the seal in
/// the register in one transaction, so that no seal is ever made and not filed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SealState {
    /// Applied for, waiting for approval.
    Requested,
    /// Turned down.
    Rejected,
    /// In use.
    Active,
    /// Out of use for a time (停用).
    Suspended,
    /// Made anew: another seal took its place. What it sealed stays good.
    Replaced,
    /// Out of use for good (注销). What it sealed stays good.
    Cancelled,
    /// It was made unlawfully (无效): what it sealed falls with it.
    Void,
}

impl SealState {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Requested,
        Self::Rejected,
        Self::Active,
        Self::Suspended,
        Self::Replaced,
        Self::Cancelled,
        Self::Void,
    ];

    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Rejected => "rejected",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Replaced => "replaced",
            Self::Cancelled => "cancelled",
            Self::Void => "void",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }

    /// Whether a seal in this state was made.
    pub const fn is_made(self) -> bool {
        !matches!(self, Self::Requested | Self::Rejected)
    }
}

/// What is done to a seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SealAct {
    /// Approve the request; the second who does so makes the seal.
    Approve,
    /// Turn the request down.
    Reject,
    /// Take it out of use for a time.
    Suspend,
    /// Put it back into use.
    Resume,
    /// Take it out of use for good.
    Cancel,
    /// Mark it as unlawfully made.
    Void,
}

impl SealAct {
    /// Every act.
    pub const ALL: [Self; 6] =
        [Self::Approve, Self::Reject, Self::Suspend, Self::Resume, Self::Cancel, Self::Void];

    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Cancel => "cancel",
            Self::Void => "void",
        }
    }

    /// The act of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.name() == name)
    }

    /// How many different people it takes.
    pub const fn people(self) -> usize {
        match self {
            Self::Approve | Self::Resume | Self::Void => 2,
            Self::Reject | Self::Suspend | Self::Cancel => 1,
        }
    }
}

impl Seal {
    /// The state that `act` leads to, if it is possible. Whether one person is enough is for [`Seal::decide`]. Approving and
    /// turning down are not for the one who asked (`by_applicant`).
    pub fn after(&self, act: SealAct, by_applicant: bool) -> Result<SealState, Refusal> {
        use SealAct as A;
        use SealState as S;
        if by_applicant && matches!(act, A::Approve | A::Reject) {
            return Err(Refusal::new(RefusalClass::Forbidden, "seal.second_person_needed"));
        }
        match (self.state, act) {
            (S::Requested, A::Approve) | (S::Suspended, A::Resume) => Ok(S::Active),
            (S::Requested, A::Reject) => Ok(S::Rejected),
            (S::Active, A::Suspend) => Ok(S::Suspended),
            (S::Active | S::Suspended, A::Cancel) => Ok(S::Cancelled),
            (S::Active | S::Suspended | S::Replaced | S::Cancelled, A::Void) => Ok(S::Void),
            (state, act) => Err(Refusal::new(RefusalClass::Conflict, "seal.act_not_allowed")
                .with("state", state.name())
                .with("act", act.name())),
        }
    }

    /// The seal after another one took its place, which is part of making that other one.
    pub fn give_way(&self, to: &SealCode) -> Result<Self, Refusal> {
        if !self.can_give_way() {
            let refusal = Refusal::new(RefusalClass::Conflict, "seal.cannot_be_replaced");
            return Err(refusal.with("seal", &self.code).with("state", self.state.name()));
        }
        Ok(Self {
            state: SealState::Replaced,
            replaced_by: Some(to.clone()),
            revision: self.revision + 1,
            ..self.clone()
        })
    }

    /// Whether another seal can take its place.
    pub const fn can_give_way(&self) -> bool {
        matches!(self.state, SealState::Active | SealState::Suspended)
    }
}
