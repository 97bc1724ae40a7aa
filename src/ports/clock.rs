//! The time.

use crate::domain::time::Timestamp;

/// Tells the time. Nothing else in the service reads a clock.
pub trait Clock: Send + Sync {
    /// The present moment in UTC.
    fn now(&self) -> Timestamp;
}
