//! Working days (工作日). Deadlines in administrative law are counted in them, without the day on which they begin; public
//! holidays are set each year by the State Council, with working days at weekends to make up for some.

use crate::domain::time::{Date, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use time::Weekday;

/// The holidays of one year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CalendarYear {
    /// Whether the year's arrangement has been announced; before that only the days that the law itself names are known,
    /// and what is counted over them is provisional.
    pub announced: bool,
    /// Days off.
    pub holidays: BTreeSet<Date>,
    /// Days at a weekend on which one works.
    pub working: BTreeSet<Date>,
}

/// The holidays of the years that are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    years: BTreeMap<i32, CalendarYear>,
}

/// The last day of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastDay {
    /// The day.
    pub date: Date,
    /// Whether it was counted over a year whose arrangement is not announced, so that it may still move.
    pub provisional: bool,
}

impl LastDay {
    /// The first moment after it.
    pub fn end(self) -> Timestamp {
        Timestamp::start_of(self.date.next_day().unwrap_or(self.date))
    }
}

impl Calendar {
    /// A calendar of these years.
    pub fn new(years: impl IntoIterator<Item = (i32, CalendarYear)>) -> Self {
        Self { years: years.into_iter().collect() }
    }

    /// Whether one works on `date`.
    pub fn is_working(&self, date: Date) -> bool {
        let weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
        match self.years.get(&date.year()) {
            Some(year) if year.working.contains(&date) => true,
            Some(year) => !weekend && !year.holidays.contains(&date),
            None => !weekend,
        }
    }

    /// Whether the arrangement of the date's year is announced.
    pub fn is_announced(&self, date: Date) -> bool {
        self.years.get(&date.year()).is_some_and(|year| year.announced)
    }

    /// The working day that is `days` working days after `from`, which is not counted itself.
    pub fn after(&self, from: Date, days: u16) -> LastDay {
        let mut last = LastDay { date: from, provisional: false };
        let mut left = days;
        while left > 0 {
            let Some(next) = last.date.next_day() else { break };
            last.date = next;
            last.provisional |= !self.is_announced(next);
            left -= u16::from(self.is_working(next));
        }
        last
    }

    /// The working day that is `days` working days before `from`.
    pub fn before(&self, from: Date, days: u16) -> Date {
        let mut date = from;
        let mut left = days;
        while left > 0 {
            let Some(previous) = date.previous_day() else { break };
            date = previous;
            left -= u16::from(self.is_working(previous));
        }
        date
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::parse_date;

    fn day(text: &str) -> Date {
        parse_date(text).expect("a date")
    }

    /// The National Day of 2026: off from the 1st to the 7th, working on the Saturday after.
    fn calendar() -> Calendar {
        let holidays = (1..=7).map(|n| day(&format!("2026-10-0{n}"))).collect();
        let working = BTreeSet::from([day("2026-09-20"), day("2026-10-10")]);
        Calendar::new([(2026, CalendarYear { announced: true, holidays, working })])
    }

    #[test]
    fn holidays_are_left_out_and_made_up_days_count() {
        let calendar = calendar();
        // Wednesday; the 8th, the 9th and the Saturday that is worked are the next three working days.
        let last = calendar.after(day("2026-09-30"), 3);
        assert_eq!((last.date, last.provisional), (day("2026-10-10"), false));
        assert_eq!(calendar.after(day("2026-09-30"), 4).date, day("2026-10-12"));
        assert_eq!(calendar.before(day("2026-10-10"), 2), day("2026-10-08"));
        assert_eq!(calendar.before(day("2026-10-08"), 1), day("2026-09-30"));
        assert!(calendar.is_working(day("2026-09-20")), "a Sunday that is worked");
        assert!(!calendar.is_working(day("2026-09-19")), "the Saturday before it");
    }

    #[test]
    fn a_year_that_is_not_announced_makes_a_provisional_day() {
        let calendar = calendar();
        assert!(!calendar.after(day("2026-12-28"), 3).provisional, "the 31st");
        assert!(calendar.after(day("2026-12-28"), 4).provisional, "in the next year");
    }

    #[test]
    fn a_day_ends_at_midnight_in_china() {
        let last = LastDay { date: day("2026-10-10"), provisional: false };
        assert_eq!(last.end().to_string(), "2026-10-10T16:00:00Z");
    }
}
