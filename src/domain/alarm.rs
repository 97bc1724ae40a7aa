//! How bad it is that something signed was not made anew: told well before nobody may rely on it any more. Status lists and
//! the bundle that verifiers carry live for a day; the service, the desk (`assets/desk-offline.js`) and the command line warn
//! by the same measure.

use super::time::Timestamp;
use std::time::Duration;

/// What is of this age should have been made anew long ago.
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
    /// Of what was made at that time and is good until then; nothing where all is well.
    pub fn of(made: Timestamp, until: Timestamp, now: Timestamp) -> Option<Self> {
        if now > until {
            Some(Self::Over)
        } else if until.since(now) < ENDING {
            Some(Self::Ending)
        } else {
            (now.since(made) > OLD).then_some(Self::Old)
        }
    }
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

    #[test]
    fn the_browser_measures_alike() {
        let script = include_str!("../http/pages/assets/desk-offline.js");
        for (name, measure) in [("OLD", OLD), ("ENDING", ENDING)] {
            let line = format!("const {name} = {} * 3600;", measure.as_secs() / 3600);
            assert!(script.contains(&line), "{line}");
        }
    }
}
