//! How often something may be tried.

use crate::domain::refusal::{Refusal, RefusalClass};
use crate::domain::time::Timestamp;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Most keys remembered; past that, windows that are over are forgotten first, then all of them.
const MOST_KEYS: usize = 50_000;

/// Counts tries by key in windows of fixed length. Held in memory: each process counts for itself.
pub struct Limit {
    most: u32,
    window: Duration,
    counts: Mutex<HashMap<String, (Timestamp, u32)>>,
}

impl Limit {
    /// At most `most` tries of one key within `window`.
    pub fn new(most: u32, window: Duration) -> Self {
        Self { most, window, counts: Mutex::new(HashMap::new()) }
    }

    /// Whether `key` has tries left; takes none.
    pub fn check(&self, key: &str, now: Timestamp) -> Result<(), Refusal> {
        self.check_most(key, self.most, now)
    }

    fn check_most(&self, key: &str, most: u32, now: Timestamp) -> Result<(), Refusal> {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        match counts.get(key) {
            Some((since, count)) if now.since(*since) < self.window && *count >= most => {
                let wait = self.window.saturating_sub(now.since(*since));
                Err(Refusal::new(RefusalClass::TooMany, "caller.too_many_tries")
                    .with("seconds", wait.as_secs().max(1)))
            }
            _ => Ok(()),
        }
    }

    /// Takes one try of `key`.
    pub fn count(&self, key: &str, now: Timestamp) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= MOST_KEYS && !counts.contains_key(key) {
            counts.retain(|_, (since, _)| now.since(*since) < self.window);
            if counts.len() >= MOST_KEYS {
                counts.clear();
            }
        }
        let entry = counts.entry(key.to_owned()).or_insert((now, 0));
        if now.since(entry.0) >= self.window {
            *entry = (now, 0);
        }
        entry.1 = entry.1.saturating_add(1);
    }

    /// Takes one try of `key`, if it has one left of its own number.
    pub fn admit_most(&self, key: &str, most: u32, now: Timestamp) -> Result<(), Refusal> {
        self.check_most(key, most, now)?;
        self.count(key, now);
        Ok(())
    }

    /// Takes one try of `key`, if it has one left.
    pub fn admit(&self, key: &str, now: Timestamp) -> Result<(), Refusal> {
        self.check(key, now)?;
        self.count(key, now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_try_is_admitted_and_the_next_is_not_until_the_window_is_over() {
        let limit = Limit::new(2, Duration::from_secs(60));
        let at = Timestamp::from_seconds;
        assert_eq!(limit.admit("a", at(0)), Ok(()));
        assert_eq!(limit.admit("a", at(1)), Ok(()));
        assert_eq!(limit.admit("a", at(59)).map_err(|r| r.code), Err("caller.too_many_tries"));
        assert_eq!(limit.admit("b", at(59)), Ok(()));
        assert_eq!(limit.admit("a", at(60)), Ok(()));
    }

    #[test]
    fn memory_is_bounded() {
        let limit = Limit::new(1, Duration::from_secs(60));
        for key in 0..=MOST_KEYS {
            limit.count(&key.to_string(), Timestamp::from_seconds(0));
        }
        assert!(limit.counts.lock().expect("no panic before").len() <= MOST_KEYS);
    }
}
