//! A license as it was asked for, checked against its kind.

use super::check::value;
use super::kind::{LicenseKind, NumberRule, Validity};
use super::record::{Holder, LicenseData};
use crate::domain::refusal::Fault;
use crate::domain::time::{Date, Timestamp, parse_date};
use std::collections::BTreeMap;
use std::fmt;

pub use super::check::value::RawValue;

/// Most faults that are reported at once.
pub const MOST_FAULTS: usize = 200;

/// Data that passed every check, and what follows from it.
#[derive(Clone, PartialEq, Eq)]
pub struct CheckedDraft {
    /// Canonical values; fields that were left empty are absent.
    pub data: LicenseData,
    /// Whom the license is about.
    pub holder: Holder,
    /// Date of issue: today in China.
    pub issued_on: Date,
    /// First day of validity.
    pub valid_from: Date,
    /// Last day of validity; `None` if it has no end.
    pub valid_until: Option<Date>,
    /// The printed number where the kind takes it from a field; otherwise [`super::number::make`] makes it.
    pub number: Option<String>,
}

impl fmt::Debug for CheckedDraft {
    /// Leaves the values out: they are personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckedDraft").field("fields", &self.data.len()).finish_non_exhaustive()
    }
}

/// Checks the data of a license of this kind, asked for at `now`: every fault at once, in the order of the kind's
/// fields and then the unknown ones, each with its pointer `/data/<field>`.
pub fn check(
    kind: &LicenseKind,
    raw: &BTreeMap<String, RawValue>,
    now: Timestamp,
) -> Result<CheckedDraft, Vec<Fault>> {
    let today = now.date_in_china();
    let (data, mut faults) = values(kind, raw, today);
    let (valid_from, valid_until) = period(kind, &data, today);
    if let (Validity::Fields { until, .. }, Some(last)) = (&kind.validity, valid_until)
        && last < valid_from
    {
        faults.push(Fault::at(pointer(until), "field.ends_before_it_starts"));
    }
    faults.truncate(MOST_FAULTS);
    if !faults.is_empty() {
        return Err(faults);
    }
    let value_of = |name: &str| data.get(name).cloned().unwrap_or_default();
    let holder = Holder {
        name: value_of(&kind.holder.name),
        code_type: kind.holder.code_type.clone(),
        code: value_of(&kind.holder.code),
    };
    let number = match &kind.number {
        NumberRule::Field(name) => Some(value_of(name)),
        NumberRule::Pattern(_) => None,
    };
    Ok(CheckedDraft { holder, number, data, issued_on: today, valid_from, valid_until })
}

/// The values that pass their fields' own checks, in canonical form, and the faults of all others.
pub fn values(
    kind: &LicenseKind,
    raw: &BTreeMap<String, RawValue>,
    today: Date,
) -> (LicenseData, Vec<Fault>) {
    let mut data = LicenseData::new();
    let mut faults = Vec::new();
    for field in &kind.fields {
        let pointer = pointer(&field.name);
        match raw.get(&field.name).map(|v| value::canonical(&field.field_type, v, &pointer, today)) {
            Some(Ok(Some(text))) => {
                data.insert(field.name.clone(), text);
            }
            Some(Err(fault)) => faults.push(fault),
            None | Some(Ok(None)) if field.required => faults.push(Fault::at(pointer, "field.required")),
            None | Some(Ok(None)) => {}
        }
    }
    let unknown = raw.keys().filter(|name| kind.field(name).is_none());
    faults.extend(unknown.map(|name| Fault::at(pointer(name), "field.unknown")));
    (data, faults)
}

/// First and last day of validity by the kind's rule; today where a field that names the first day is empty.
pub fn period(kind: &LicenseKind, data: &LicenseData, today: Date) -> (Date, Option<Date>) {
    let date = |name: &String| data.get(name).and_then(|text| parse_date(text));
    match &kind.validity {
        Validity::Unlimited => (today, None),
        Validity::Years(years) => (today, Some(last_day(today, *years))),
        Validity::Fields { from, until } => (date(from).unwrap_or(today), date(until)),
    }
}

/// The day before the anniversary; from 29 February on to 28 February in years without one.
fn last_day(first: Date, years: u16) -> Date {
    let year = first.year().saturating_add(i32::from(years)).min(9999);
    match first.replace_year(year) {
        Ok(anniversary) => anniversary.previous_day().unwrap_or(anniversary),
        // Only 29 February has no anniversary: the day before 1 March.
        Err(_) => Date::from_calendar_date(year, time::Month::February, 28).unwrap_or(Date::MAX),
    }
}

/// RFC 6901 pointer to a field of the data. A name too long to be a field's is not repeated.
fn pointer(name: &str) -> String {
    if name.len() > 64 {
        return "/data".to_owned();
    }
    format!("/data/{}", name.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests;
