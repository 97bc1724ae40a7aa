//! What a seal was when: its life as intervals, so that "was it valid at time T" has one answer.

use super::{SealCode, SealState};
use crate::domain::time::Timestamp;

/// One change in a seal's life: from this moment it was in this state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealEvent {
    /// The seal.
    pub seal: SealCode,
    /// State entered.
    pub state: SealState,
    /// When.
    pub at: Timestamp,
    /// By whom (credential id).
    pub by: String,
    /// Why; empty where no reason is asked for.
    pub reason: String,
}

/// A time during which a seal counts as being in one state: `from` belongs to it, `until` does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// The state.
    pub state: SealState,
    /// Its beginning.
    pub from: Timestamp,
    /// Its end; `None` while it lasts.
    pub until: Option<Timestamp>,
}

impl Interval {
    /// Whether the moment lies in it.
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

/// A seal's life as it counts now, from its events in any order; of events at one moment the later in the list counts. The
/// intervals follow each other without gap, neighbours differ, and the last has no end.
///
/// Cancelling and replacing end a seal from that moment on. Voiding reaches back: a seal that was made unlawfully was never
/// good, so everything since it was made counts as void, whatever was recorded then.
pub fn intervals(events: &[SealEvent]) -> Vec<Interval> {
    let mut events: Vec<&SealEvent> = events.iter().collect();
    events.sort_by_key(|event| event.at);
    let void = events.iter().any(|event| event.state == SealState::Void);
    let mut found: Vec<Interval> = Vec::new();
    for event in events {
        let state = if void && event.state.is_made() { SealState::Void } else { event.state };
        if found.last().is_some_and(|last| last.from == event.at) {
            found.pop();
        }
        match found.last_mut() {
            Some(last) if last.state == state => last.until = None,
            last => {
                if let Some(last) = last {
                    last.until = Some(event.at);
                }
                found.push(Interval { state, from: event.at, until: None });
            }
        }
    }
    found
}

/// The state that a seal counts as having been in at `at`; `None` before its first event.
pub fn state_at(events: &[SealEvent], at: Timestamp) -> Option<SealState> {
    intervals(events).iter().find(|interval| interval.holds(at)).map(|interval| interval.state)
}
