//! Long before a status list may not be relied on any more, somebody is told: in the log, to the operators' webhooks, and to
//! whoever asks whether the service is ready. A dead job cannot say so itself, so asking is enough to have it said.

use super::lists;
use crate::app::{AppError, Service, audit};
use crate::domain::time::Timestamp;
use crate::ports::store;
use serde_json::json;
use std::sync::PoisonError;
use std::time::Duration;

/// A list of this age should have been made anew long ago.
const OLD: Duration = Duration::from_secs(2 * 3600);
/// So little time is left.
const ENDING: Duration = Duration::from_secs(2 * 3600);

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alarm {
    /// Made more than two hours ago.
    Old,
    /// Less than two hours are left.
    Ending,
    /// Nobody relies on it any more.
    Over,
}

impl Alarm {
    /// Topic of the event that tells of it.
    pub const fn topic(self) -> &'static str {
        match self {
            Self::Old => "status_lists.old",
            Self::Ending => "status_lists.ending",
            Self::Over => "status_lists.over",
        }
    }

    /// Of a list made at that time and good until then.
    fn of(made: Timestamp, until: Timestamp, now: Timestamp) -> Option<Self> {
        if now > until {
            Some(Self::Over)
        } else if until.since(now) < ENDING {
            Some(Self::Ending)
        } else {
            (now.since(made) > OLD).then_some(Self::Old)
        }
    }
}

/// How the lists are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watch {
    /// When the oldest list was made; nothing before the first.
    pub as_of: Option<Timestamp>,
    /// The worst that is to be said; nothing where all is well.
    pub alarm: Option<Alarm>,
}

/// Looks at the lists, and tells once of each alarm.
pub async fn watch(service: &Service) -> Result<Watch, AppError> {
    let now = service.clock.now();
    let lists = lists::times(service).await?;
    let as_of = lists.iter().map(|(_, made, _)| *made).min();
    let mut worst = None;
    for (number, made, until) in lists {
        let alarm = Alarm::of(made, until, now);
        worst = worst.max(alarm);
        let news = {
            let mut told = service.offline.told.lock().unwrap_or_else(PoisonError::into_inner);
            let before = match alarm {
                Some(alarm) => told.insert(number, alarm),
                None => told.remove(&number),
            };
            alarm.filter(|alarm| before.is_none_or(|before| before < *alarm))
        };
        if let Some(alarm) = news {
            tell(service, number, (made, until), alarm, now).await?;
        }
    }
    Ok(Watch { as_of, alarm: worst })
}

async fn tell(
    service: &Service,
    number: u32,
    (made, until): (Timestamp, Timestamp),
    alarm: Alarm,
    now: Timestamp,
) -> Result<(), AppError> {
    tracing::error!(list = number, %made, %until, alarm = alarm.topic(), "a status list is not made anew");
    let body = json!({ "list": number, "made_at": made.to_string(), "expires_at": until.to_string() });
    let event = &audit::event(service, now, alarm.topic(), &format!("status-list/{number}"), &body);
    store::write(service.store.as_ref(), |tx, _| Box::pin(async move { Ok(tx.append_event(event).await?) }))
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_age_has_its_alarm() {
        let made = Timestamp::from_seconds(1_795_420_800);
        let until = made.plus(Duration::from_secs(24 * 3600));
        let after = |minutes: u64| Alarm::of(made, until, made.plus(Duration::from_secs(minutes * 60)));
        assert_eq!(after(120), None);
        assert_eq!(after(121), Some(Alarm::Old));
        assert_eq!(after(22 * 60), Some(Alarm::Old));
        assert_eq!(after(22 * 60 + 1), Some(Alarm::Ending));
        assert_eq!(after(24 * 60), Some(Alarm::Ending));
        assert_eq!(after(24 * 60 + 1), Some(Alarm::Over));
    }
}
