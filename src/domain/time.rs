//! Points in time and calendar dates. Nothing here reads a clock: the time is always an argument.

use std::fmt;
use std::time::Duration;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

/// Calendar date, as printed on a license.
pub use time::Date;

/// The civil time zone of the service's users: China Standard Time, UTC+8 with no daylight saving.
pub const CHINA: UtcOffset = match UtcOffset::from_hms(8, 0, 0) {
    Ok(offset) => offset,
    Err(_) => panic!("+08:00 is an offset"),
};

/// A point in time: whole microseconds since 1970-01-01T00:00:00Z. Stores keep this integer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Years 0001 to 9999 are what calendars and X.509 can express; anything outside is clamped.
    const MIN: i64 = -62_135_596_800_000_000;
    const MAX: i64 = 253_402_300_799_999_999;

    /// From microseconds since the epoch, clamped to the years 1 to 9999.
    pub const fn from_micros(micros: i64) -> Self {
        Self(if micros < Self::MIN {
            Self::MIN
        } else if micros > Self::MAX {
            Self::MAX
        } else {
            micros
        })
    }

    /// From whole seconds since the epoch.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self::from_micros(seconds.saturating_mul(1_000_000))
    }

    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// The same point without its fraction of a second, as X.509, CMS and seals write it.
    pub const fn whole_second(self) -> Self {
        Self::from_seconds(self.seconds())
    }

    /// The point `by` later.
    pub fn plus(self, by: Duration) -> Self {
        let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        Self::from_micros(self.0.saturating_add(micros))
    }

    /// The point `by` earlier.
    pub fn minus(self, by: Duration) -> Self {
        let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        Self::from_micros(self.0.saturating_sub(micros))
    }

    /// How much later `self` is than `earlier`; zero if it is not later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The same point for the `time` crate, in UTC.
    pub fn to_offset(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// From the `time` crate, fractions of a microsecond dropped.
    pub fn from_offset(at: OffsetDateTime) -> Self {
        let micros = at.unix_timestamp_nanos().div_euclid(1_000);
        Self::from_micros(i64::try_from(micros).unwrap_or(Self::MAX))
    }

    /// The calendar date in China at this point.
    pub fn date_in_china(self) -> Date {
        self.to_offset().to_offset(CHINA).date()
    }

    /// Midnight in China at the start of `date`.
    pub fn start_of(date: Date) -> Self {
        Self::from_offset(date.midnight().assume_offset(CHINA))
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC, to the second: `2026-11-23T08:00:00Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shape = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
        let text = self.to_offset().format(shape).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Reads a point in time as RFC 3339 writes it, with any offset.
pub fn parse_time(text: &str) -> Option<Timestamp> {
    let at = OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).ok()?;
    Some(Timestamp::from_offset(at))
}

/// Reads a calendar date written `YYYY-MM-DD`.
pub fn parse_date(text: &str) -> Option<Date> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).ok()
}

/// Writes a calendar date as `YYYY-MM-DD`.
pub fn format_date(date: Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
}

/// Writes a calendar date as official papers do: `2026年11月23日`.
pub fn format_date_zh(date: Date) -> String {
    format!("{}年{:02}月{:02}日", date.year(), u8::from(date.month()), date.day())
}

/// A moment in China's time as the 14 digits of GB/T 36903.
pub fn compact(at: Timestamp) -> String {
    let at = at.to_offset().to_offset(CHINA);
    let (date, month) = (at.date(), u8::from(at.month()));
    format!(
        "{:04}{month:02}{:02}{:02}{:02}{:02}",
        date.year(),
        date.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_starts_at_midnight_in_china() {
        let date = parse_date("2026-11-23").expect("a date");
        let start = Timestamp::start_of(date);
        assert_eq!(start.to_string(), "2026-11-22T16:00:00Z");
        assert_eq!(start.date_in_china(), date);
        assert_ne!(start.minus(Duration::from_micros(1)).date_in_china(), date);
    }

    #[test]
    fn dates_that_do_not_exist_are_refused() {
        assert_eq!(parse_date("2026-02-29"), None);
        assert!(parse_date("2028-02-29").is_some());
        assert_eq!(parse_date("2026-2-3"), None);
    }

    #[test]
    fn fourteen_digits_are_chinas_time() {
        let at = parse_time("2026-11-26T16:05:09Z").expect("a time");
        assert_eq!(compact(at), "20261127000509");
    }

    #[test]
    fn arithmetic_saturates() {
        let far = Timestamp::from_micros(i64::MAX).plus(Duration::MAX);
        assert_eq!(far.to_offset().year(), 9999);
        assert_eq!(Timestamp::from_seconds(5).since(Timestamp::from_seconds(9)), Duration::ZERO);
    }
}
