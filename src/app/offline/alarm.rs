//! Long before a status list or the bundle may not be relied on any more, somebody is told: in the log, to the operators'
//! webhooks, and to whoever asks whether the service is ready. A dead job cannot say so itself, so asking is enough to have
//! it said.

use super::{LIFE, lists};
use crate::app::{AppError, Service, audit};
use crate::domain::alarm::Alarm;
use crate::domain::time::Timestamp;
use crate::ports::store;
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Watched {
    /// The status list of this number.
    List(u32),
    /// The bundle.
    Bundle,
}

impl Watched {
    /// Topic of the event that tells of it.
    const fn topic(self, alarm: Alarm) -> &'static str {
        match (self, alarm) {
            (Self::List(_), Alarm::Old) => "status_lists.old",
            (Self::List(_), Alarm::Ending) => "status_lists.ending",
            (Self::List(_), Alarm::Over) => "status_lists.over",
            (Self::Bundle, Alarm::Old) => "verifier_bundle.old",
            (Self::Bundle, Alarm::Ending) => "verifier_bundle.ending",
            (Self::Bundle, Alarm::Over) => "verifier_bundle.over",
        }
    }

    /// What the event is about.
    fn subject(self) -> String {
        match self {
            Self::List(number) => format!("status-list/{number}"),
            Self::Bundle => "verifier-bundle".to_owned(),
        }
    }
}

/// What one process remembers of what it told, and of the bundles that it made.
#[derive(Default)]
pub(super) struct Told {
    /// The last alarm about each.
    alarms: Mutex<HashMap<Watched, Alarm>>,
    /// When a bundle could be made last; where none could yet, when that was tried first.
    bundle: Mutex<Option<Timestamp>>,
}

impl Told {
    /// Notes whether a bundle could be made at `now`.
    pub(super) fn note_bundle(&self, made: bool, now: Timestamp) {
        let mut last = self.bundle.lock().unwrap_or_else(PoisonError::into_inner);
        if made || last.is_none() {
            *last = Some(now);
        }
    }

    fn bundle(&self) -> Option<Timestamp> {
        *self.bundle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this alarm is news: worse than what was told of it before.
    fn is_news(&self, of: Watched, alarm: Option<Alarm>) -> bool {
        let mut told = self.alarms.lock().unwrap_or_else(PoisonError::into_inner);
        let before = match alarm {
            Some(alarm) => told.insert(of, alarm),
            None => told.remove(&of),
        };
        alarm.is_some_and(|alarm| before.is_none_or(|before| before < alarm))
    }
}

/// How lists and bundle are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    /// When the oldest list was made; nothing before the first.
    pub as_of: Option<Timestamp>,
    /// The worst that is to be said of the lists, then of the bundle; empty where all is well.
    pub warnings: Vec<&'static str>,
}

/// Looks at lists and bundle, and tells once of each alarm.
pub async fn watch(service: &Service) -> Result<Watch, AppError> {
    let now = service.clock.now();
    let lists = lists::times(service).await?;
    let as_of = lists.iter().map(|(_, made, _)| *made).min();
    let (mut worst, mut warnings) = (None, Vec::new());
    for (number, made, until) in lists {
        let alarm = Alarm::of(made, until, now);
        worst = worst.max(alarm.map(|alarm| (alarm, number)));
        look(service, Watched::List(number), (made, until), now).await?;
    }
    warnings.extend(worst.map(|(alarm, number)| Watched::List(number).topic(alarm)));
    if let Some(made) = service.offline.told.bundle() {
        let alarm = look(service, Watched::Bundle, (made, made.plus(LIFE)), now).await?;
        warnings.extend(alarm.map(|alarm| Watched::Bundle.topic(alarm)));
    }
    Ok(Watch { as_of, warnings })
}

/// Looks at one of them, made at that time and good until then.
async fn look(
    service: &Service,
    of: Watched,
    (made, until): (Timestamp, Timestamp),
    now: Timestamp,
) -> Result<Option<Alarm>, AppError> {
    let alarm = Alarm::of(made, until, now);
    let news = service.offline.told.is_news(of, alarm);
    let Some(worse) = alarm.filter(|_| news) else { return Ok(alarm) };
    let (topic, subject) = (of.topic(worse), of.subject());
    tracing::error!(subject, %made, %until, alarm = topic, "what verifiers carry is not made anew");
    let mut body = json!({ "made_at": made.to_string(), "expires_at": until.to_string() });
    if let Watched::List(number) = of {
        body["list"] = number.into();
    }
    let event = &audit::event(service, now, topic, &subject, &body);
    store::write(service.store.as_ref(), |tx, _| Box::pin(async move { Ok(tx.append_event(event).await?) }))
        .await?;
    Ok(alarm)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_420_800);

    #[test]
    fn only_what_is_worse_than_before_is_news_and_all_is_well_begins_anew() {
        let told = Told::default();
        let list = Watched::List(1);
        assert!(told.is_news(list, Some(Alarm::Old)));
        assert!(!told.is_news(list, Some(Alarm::Old)));
        assert!(told.is_news(Watched::Bundle, Some(Alarm::Old)), "another matter");
        assert!(told.is_news(list, Some(Alarm::Over)));
        assert!(!told.is_news(list, Some(Alarm::Ending)));
        assert!(!told.is_news(list, None));
        assert!(told.is_news(list, Some(Alarm::Old)));
    }

    #[test]
    fn a_bundle_is_as_old_as_the_last_that_could_be_made_or_the_first_try() {
        let told = Told::default();
        let later = |seconds| NOW.plus(Duration::from_secs(seconds));
        assert_eq!(told.bundle(), None);
        told.note_bundle(false, NOW);
        told.note_bundle(false, later(60));
        assert_eq!(told.bundle(), Some(NOW));
        told.note_bundle(true, later(120));
        told.note_bundle(false, later(180));
        assert_eq!(told.bundle(), Some(later(120)));
    }
}
