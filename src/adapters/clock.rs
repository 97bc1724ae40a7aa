//! The computer's clock.

use crate::domain::time::Timestamp;
use crate::ports::clock::Clock;
use std::time::{SystemTime, UNIX_EPOCH};

/// Tells the time of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is the one place that reads the clock for the port")]
    fn now(&self) -> Timestamp {
        let micros = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_micros()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_micros()).map_or(i64::MIN, |micros| -micros),
        };
        Timestamp::from_micros(micros)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_shows_a_moment_after_this_was_written() {
        let clock = SystemClock;
        let first = clock.now();
        assert!(first > Timestamp::from_seconds(1_700_000_000), "{first}");
        assert!(first < Timestamp::from_seconds(7_000_000_000), "{first}");
    }
}
