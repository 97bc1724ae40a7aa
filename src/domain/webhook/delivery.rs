//! Telling one event to one endpoint: attempts, pauses between them, the end.

use super::WebhookId;
use crate::domain::time::Timestamp;
use std::time::Duration;

/// Pauses after the first, second, … failed attempt, as Standard Webhooks suggests; some three days in all.
const PAUSES: [u64; 9] =
    [5, 5 * 60, 30 * 60, 2 * 3_600, 5 * 3_600, 10 * 3_600, 14 * 3_600, 20 * 3_600, 24 * 3_600];
/// So often one event is tried.
pub const MOST_ATTEMPTS: u32 = PAUSES.len() as u32 + 1;
/// A receiver's own wish for a pause is honoured within these.
pub const RETRY_AFTER: std::ops::RangeInclusive<Duration> =
    Duration::from_secs(1)..=Duration::from_secs(3_600);

/// How far it has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// An earlier one about the same subject is not over yet.
    Queued,
    /// It is tried when it is due.
    Waiting,
    /// The endpoint took it.
    Delivered,
    /// Given up after [`MOST_ATTEMPTS`].
    Failed,
}

impl DeliveryState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Queued, Self::Waiting, Self::Delivered, Self::Failed];

    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    /// That of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether nothing more comes.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Delivered | Self::Failed)
    }
}

/// An event to be told to an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDelivery {
    /// The endpoint.
    pub webhook: WebhookId,
    /// Its number there; about one subject, a lower one goes first.
    pub number: i64,
    /// The event's identifier: the same in every attempt and every replay.
    pub message: String,
    /// Topic.
    pub topic: String,
    /// What it is about.
    pub subject: String,
    /// The body, byte for byte the same in every attempt.
    pub payload: String,
    /// When it was handed over.
    pub created_at: Timestamp,
}

/// One of them on its way, or at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// What is told.
    pub what: NewDelivery,
    /// How far it has got.
    pub state: DeliveryState,
    /// Attempts so far.
    pub attempts: u32,
    /// When it is tried next; while somebody tries, when others may take over.
    pub due_at: Option<Timestamp>,
    /// Somebody tries it until then.
    pub leased_until: Option<Timestamp>,
    /// When the last attempt ended.
    pub last_at: Option<Timestamp>,
    /// The HTTP status it was answered with.
    pub last_status: Option<u16>,
    /// Why there was no answer: a stable code.
    pub last_error: Option<String>,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
}

/// One attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// When it ended.
    pub at: Timestamp,
    /// The HTTP status of the answer.
    pub status: Option<u16>,
    /// Why there was none: a stable code.
    pub error: Option<&'static str>,
    /// `Retry-After` of the answer.
    pub retry_after: Option<Duration>,
}

impl Attempt {
    /// Whether the endpoint took it.
    pub fn is_good(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }

    /// Whether the endpoint says that it is gone for good.
    pub fn says_gone(&self) -> bool {
        self.status == Some(410)
    }

    /// The pause that an overloaded receiver asked for, within [`RETRY_AFTER`].
    pub fn rest(&self) -> Option<Duration> {
        let asked = self.retry_after.filter(|_| matches!(self.status, Some(429 | 503)))?;
        Some(asked.clamp(*RETRY_AFTER.start(), *RETRY_AFTER.end()))
    }
}

impl Delivery {
    /// How it stands after an attempt. `chance` is random: it adds up to a tenth to the pause, so that what failed together
    /// does not come back together.
    pub fn after(&self, attempt: &Attempt, chance: u16) -> Self {
        let mut next = self.clone();
        next.attempts += 1;
        next.leased_until = None;
        next.last_at = Some(attempt.at);
        next.last_status = attempt.status;
        next.last_error = attempt.error.map(str::to_owned);
        next.due_at = None;
        if attempt.is_good() {
            next.state = DeliveryState::Delivered;
        } else if let Some(pause) = PAUSES.get(next.attempts as usize - 1) {
            next.state = DeliveryState::Waiting;
            let pause = Duration::from_secs(*pause);
            let pause = pause + pause * u32::from(chance) / (10 * (u32::from(u16::MAX) + 1));
            next.due_at = Some(attempt.at.plus(pause.max(attempt.rest().unwrap_or_default())));
        } else {
            next.state = DeliveryState::Failed;
        }
        next.ended_at = next.state.is_over().then_some(attempt.at);
        next
    }
}
