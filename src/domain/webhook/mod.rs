//! Webhooks (网络回调): who is told of what happens, at which address, and how far the telling of one event has got.

mod delivery;
mod reach;
mod secret;
mod topic;

pub use delivery::{Attempt, Delivery, DeliveryState, MOST_ATTEMPTS, NewDelivery, RETRY_AFTER};
pub use reach::Reach;
pub use secret::{ClosedSecret, Secret};
pub use topic::TopicPattern;

use super::time::Timestamp;
use std::fmt;
use std::time::Duration;

/// An endpoint that took nothing for so long is told nothing more until somebody puts it back to use.
pub const PATIENCE: Duration = Duration::from_secs(5 * 86_400);
/// So long the secret before signs along after a rotation.
pub const OVERLAP: Duration = Duration::from_secs(86_400);

/// Identity of a webhook: `wh_` and 24 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WebhookId(String);

impl WebhookId {
    /// From random bytes.
    pub fn new(random: [u8; 12]) -> Self {
        Self(format!("wh_{}", hex::encode(random)))
    }

    /// Reads its text.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("wh_")?;
        let fine = digits.len() == 24 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        fine.then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WebhookId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether an endpoint is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookState {
    /// It is.
    On,
    /// Somebody put it out of use; what happens meanwhile waits.
    Off,
    /// It said itself that it is gone (HTTP 410).
    Gone,
    /// It took nothing for [`PATIENCE`].
    Failing,
    /// Removed; its rows are on their way out, and nobody sees it any more.
    Removed,
}

impl WebhookState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::On, Self::Off, Self::Gone, Self::Failing, Self::Removed];

    /// Stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
            Self::Gone => "gone",
            Self::Failing => "failing",
            Self::Removed => "removed",
        }
    }

    /// That of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// An endpoint that is told what happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Its identity.
    pub id: WebhookId,
    /// The department (credit code) that is told of what concerns it; `None` for one of the operators', which is told of
    /// everything.
    pub owner: Option<String>,
    /// Its address.
    pub url: String,
    /// What it wants to be told of.
    pub topics: Vec<TopicPattern>,
    /// What it is, in its owner's words.
    pub description: String,
    /// Whether it is told.
    pub state: WebhookState,
    /// Since when every attempt has failed.
    pub failing_since: Option<Timestamp>,
    /// Until then it asked to be left alone.
    pub resume_at: Option<Timestamp>,
    /// What messages are signed with.
    pub secret: ClosedSecret,
    /// The one before, and until when it signs along.
    pub old_secret: Option<(ClosedSecret, Timestamp)>,
    /// Events of the outbox up to here were handed to it.
    pub position: i64,
    /// The number of its next delivery.
    pub next_number: i64,
    /// Who registered it (credential id).
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// Rises with every change of its row.
    pub revision: u32,
}

impl Webhook {
    /// Whether it is to be told of an event of this topic that concerns these departments.
    pub fn wants(&self, topic: &str, concerns: &[String]) -> bool {
        let may = self.owner.as_ref().is_none_or(|owner| concerns.contains(owner));
        may && self.topics.iter().any(|pattern| pattern.matches(topic))
    }

    /// Whether something may be sent to it now.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.state == WebhookState::On && self.resume_at.is_none_or(|at| at <= now)
    }

    /// What a message is signed with now: the secret, and for a while the one before.
    pub fn secrets(&self, now: Timestamp) -> impl Iterator<Item = &ClosedSecret> {
        let old = self.old_secret.as_ref().filter(|(_, until)| now < *until).map(|(secret, _)| secret);
        std::iter::once(&self.secret).chain(old)
    }

    /// Gives the next number of a delivery out.
    pub fn take_number(&mut self) -> i64 {
        let number = self.next_number;
        self.next_number += 1;
        number
    }

    /// How it stands after an attempt; the same if nothing changes for it.
    pub fn after(&self, attempt: &Attempt) -> Self {
        let mut next = self.clone();
        if attempt.is_good() {
            (next.failing_since, next.resume_at) = (None, None);
            return next;
        }
        let since = *next.failing_since.get_or_insert(attempt.at);
        if self.state != WebhookState::On {
            return next;
        }
        if attempt.says_gone() {
            next.state = WebhookState::Gone;
        } else if attempt.at.since(since) >= PATIENCE {
            next.state = WebhookState::Failing;
        }
        if let Some(rest) = attempt.rest() {
            next.resume_at = next.resume_at.max(Some(attempt.at.plus(rest)));
        }
        next
    }
}

#[cfg(test)]
mod tests;
