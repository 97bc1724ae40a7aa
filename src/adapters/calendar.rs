//! Public holidays from a file: the embedded one, or one that the settings name and that takes its place. It is replaced
//! once a year, when the State Council announces the next one.

use crate::domain::envelope::{Calendar, CalendarYear};
use crate::domain::time::{Date, parse_date};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::Path;

const EMBEDDED: &str = include_str!("../../calendar/china.toml");

/// Largest file in bytes.
const MOST_BYTES: u64 = 64 * 1024;
/// Most days off in a row.
const MOST_DAYS: i64 = 31;

/// Why there is no calendar.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// It cannot be read.
    #[error("the calendar cannot be read: {0}")]
    File(String),
    /// It is no calendar.
    #[error("the calendar is not TOML of its form: {0}")]
    Form(String),
    /// A day is wrong.
    #[error("the calendar of {year}: {problem}")]
    Day {
        /// The year.
        year: i32,
        /// What is wrong.
        problem: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    years: Vec<Year>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Year {
    year: i32,
    announced: bool,
    /// Where it was announced, for whoever reads the file.
    #[serde(rename = "source")]
    _source: String,
    off: Vec<Holiday>,
    working: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Holiday {
    name: String,
    from: String,
    to: String,
}

/// Reads this file, or the embedded one.
pub fn load(file: Option<&Path>) -> Result<Calendar, CalendarError> {
    match file {
        None => read(EMBEDDED),
        Some(path) => {
            let why = |error: std::io::Error| CalendarError::File(format!("{}: {error}", path.display()));
            let mut text = String::new();
            let file = fs::File::open(path).map_err(why)?;
            file.take(MOST_BYTES + 1).read_to_string(&mut text).map_err(why)?;
            if text.len() as u64 > MOST_BYTES {
                let why = format!("{}: larger than {MOST_BYTES} bytes", path.display());
                return Err(CalendarError::File(why));
            }
            read(&text)
        }
    }
}

fn read(text: &str) -> Result<Calendar, CalendarError> {
    let file: File = toml::from_str(text).map_err(|why| CalendarError::Form(why.message().to_owned()))?;
    let mut known = BTreeSet::new();
    let years = file.years.into_iter().map(|year| {
        if !known.insert(year.year) {
            return Err(fault(year.year, "it is there twice".to_owned()));
        }
        self::year(&year).map(|made| (year.year, made))
    });
    Ok(Calendar::new(years.collect::<Result<Vec<_>, _>>()?))
}

fn year(year: &Year) -> Result<CalendarYear, CalendarError> {
    let day = |text: &str| {
        let date = parse_date(text).filter(|date| date.year() == year.year);
        date.ok_or_else(|| fault(year.year, format!("{text:?} is no day of it")))
    };
    let mut holidays = BTreeSet::new();
    for holiday in &year.off {
        let (from, to) = (day(&holiday.from)?, day(&holiday.to)?);
        if to < from || (to - from).whole_days() > MOST_DAYS {
            return Err(fault(year.year, format!("{} ends before it starts, or is too long", holiday.name)));
        }
        holidays
            .extend(std::iter::successors(Some(from), |date| date.next_day()).take_while(|date| *date <= to));
    }
    let working = year.working.iter().map(|text| day(text)).collect::<Result<BTreeSet<Date>, _>>()?;
    if let Some(both) = working.intersection(&holidays).next() {
        return Err(fault(year.year, format!("{both} is both off and worked")));
    }
    Ok(CalendarYear { announced: year.announced, holidays, working })
}

fn fault(year: i32, problem: String) -> CalendarError {
    CalendarError::Day { year, problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        parse_date(text).expect("a date")
    }

    #[test]
    fn the_embedded_calendar_knows_2026_and_says_that_2027_is_not_announced() {
        let calendar = load(None).expect("the embedded calendar");
        for off in ["2026-01-02", "2026-02-23", "2026-05-05", "2026-10-07", "2026-09-25", "2027-06-09"] {
            assert!(!calendar.is_working(day(off)), "{off}");
        }
        for worked in ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"] {
            assert!(calendar.is_working(day(worked)), "{worked} is a day at a weekend that is worked");
        }
        assert!(calendar.is_working(day("2026-02-24")) && !calendar.is_working(day("2026-02-22")));
        // 365 days, 104 at weekends, 33 off of which 11 at weekends, 6 worked.
        let days = std::iter::successors(Some(day("2026-01-01")), |date| date.next_day());
        let working = days.take_while(|date| date.year() == 2026).filter(|date| calendar.is_working(*date));
        assert_eq!(working.count(), 248);
        assert!(calendar.is_announced(day("2026-12-31")) && !calendar.is_announced(day("2027-01-01")));
        assert!(!calendar.is_announced(day("2028-01-01")));
    }

    #[test]
    fn a_file_with_a_wrong_day_is_refused() {
        let good = "[[years]]\nyear = 2026\nannounced = true\nsource = \"s\"\nworking = [\"2026-01-04\"]\n\
                    off = [{ name = \"n\", from = \"2026-01-01\", to = \"2026-01-03\" }]\n";
        assert!(read(good).is_ok());
        for (from, to) in [
            ("2026-01-04", "2026-01-02"),
            ("2026-01-04", "2025-01-04"),
            ("2026-01-03", "2026-13-03"),
            ("2026-01-03", "2025-01-03"),
            ("2026-01-03", "2026-12-03"),
            ("announced", "anounced"),
        ] {
            assert_eq!(good.matches(from).count(), 1);
            assert!(read(&good.replace(from, to)).is_err(), "{to}");
        }
        assert!(read(&good.repeat(2)).is_err(), "a year twice");
        assert!(matches!(load(Some(Path::new("no/such/file"))), Err(CalendarError::File(_))));
    }
}
