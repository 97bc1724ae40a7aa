//! Values of the domain in words: standings, times, periods.

use super::chrome::Chrome;
use crate::domain::license::kind::{Bilingual, Field, FieldType};
use crate::domain::license::record::Standing;
use crate::domain::license::{Ending, License, LicenseKind};
use crate::domain::seal::{Seal, SealState};
use crate::domain::time::{CHINA, Date, Timestamp, format_date, format_date_zh, parse_date};
use crate::texts::Language;

/// A state as a tag: word, icon and colour together.
#[derive(Clone, Debug)]
pub struct Tag {
    /// Word.
    pub word: String,
    /// Icon.
    pub icon: &'static str,
    /// `good`, `bad`, `unclear` or `still`.
    pub tone: &'static str,
}

/// A name and a value.
pub type Fact = (String, String);

/// One line of a history.
#[derive(Clone, Debug)]
pub struct Event {
    /// What happened.
    pub what: String,
    /// When.
    pub at: String,
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// Where a license stands.
pub fn standing(c: &Chrome, standing: Standing) -> Tag {
    let (code, icon, tone) = match standing {
        Standing::InForce => ("standing.in_force", "tick", "good"),
        Standing::NotYetValid => ("standing.not_yet_valid", "clock", "still"),
        Standing::Expired => ("standing.expired", "clock", "still"),
        Standing::Suspended => ("standing.suspended", "pause", "unclear"),
        Standing::Ended(Ending::Cancelled) => ("standing.cancelled", "octagon", "bad"),
        Standing::Ended(Ending::Annulled) => ("standing.annulled", "octagon", "bad"),
        Standing::Ended(Ending::Withdrawn) => ("standing.withdrawn", "octagon", "bad"),
        Standing::Ended(Ending::Revoked) => ("standing.revoked", "octagon", "bad"),
        Standing::Superseded => ("standing.superseded", "again", "still"),
    };
    Tag { word: c.t(code), icon, tone }
}

/// Where a seal is in its life.
pub fn seal_state(c: &Chrome, state: SealState) -> Tag {
    let (code, icon, tone) = match state {
        SealState::Requested => ("seal_state.requested", "clock", "unclear"),
        SealState::Rejected => ("seal_state.rejected", "octagon", "bad"),
        SealState::Active => ("seal_state.active", "tick", "good"),
        SealState::Suspended => ("seal_state.suspended", "pause", "unclear"),
        SealState::Replaced => ("seal_state.replaced", "again", "still"),
        SealState::Cancelled => ("seal_state.cancelled", "octagon", "bad"),
        SealState::Void => ("seal_state.void", "octagon", "bad"),
    };
    Tag { word: c.t(code), icon, tone }
}

/// Where a seal stands at `now`.
pub fn seal_standing(c: &Chrome, seal: &Seal, now: Timestamp) -> Tag {
    if seal.is_expired(now) {
        return Tag { word: c.t("seal_state.expired"), icon: "clock", tone: "still" };
    }
    seal_state(c, seal.state)
}

/// What happened to a license, by the event's stable name.
pub fn event(c: &Chrome, what: &str) -> String {
    c.t(match what {
        "issued" => "event.issued",
        "amended" => "event.amended",
        "suspended" => "event.suspended",
        "resumed" => "event.resumed",
        "superseded" => "event.superseded",
        "cancelled" => "event.cancelled",
        "annulled" => "event.annulled",
        "withdrawn" => "event.withdrawn",
        "revoked" => "event.revoked",
        _ => "event.other",
    })
}

/// The side of a bilingual text that the page is in.
pub fn either<'t>(c: &Chrome, text: &'t Bilingual) -> &'t str {
    match c.language {
        Language::Chinese => &text.zh,
        Language::English => &text.en,
    }
}

/// A date as people write it.
pub fn date(c: &Chrome, date: Date) -> String {
    match c.language {
        Language::Chinese => format_date_zh(date),
        Language::English => format_date(date),
    }
}

/// Date and time in China: `2026-11-23 10:32`.
pub fn moment(at: Timestamp) -> String {
    let local = at.to_offset().to_offset(CHINA);
    format!("{} {}", format_date(local.date()), clock(at))
}

/// The last minute before a moment from which on it is too late: `2026-11-30 23:59`.
pub fn last_moment(at: Timestamp) -> String {
    moment(at.minus(std::time::Duration::from_micros(1)))
}

/// A moment that a refusal carries as RFC 3339 in UTC, as people read it; as it stands if it is none.
pub fn moment_of(text: &str) -> String {
    time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339)
        .map_or_else(|_| text.to_owned(), |at| moment(Timestamp::from_offset(at)))
}

/// The time of day in China: `10:32`.
pub fn clock(at: Timestamp) -> String {
    let local = at.to_offset().to_offset(CHINA);
    format!("{:02}:{:02}", local.hour(), local.minute())
}

/// The period of validity.
pub fn validity(c: &Chrome, license: &License) -> String {
    let until = license.valid_until.map_or_else(|| c.t("license_page.unlimited"), |last| date(c, last));
    c.f("license_page.period", [("from", date(c, license.valid_from)), ("until", until)])
}

/// A field's value as people read it: an enumeration by its name, a date in words, money grouped.
pub fn value(c: &Chrome, field: &Field, value: &str) -> String {
    match &field.field_type {
        FieldType::Enumeration { choices } => choices
            .iter()
            .find(|(code, _)| code == value)
            .map_or_else(|| value.to_owned(), |(_, name)| either(c, name).to_owned()),
        FieldType::Date { .. } => parse_date(value).map_or_else(|| value.to_owned(), |day| date(c, day)),
        FieldType::Money => format!("¥ {}", grouped(value)),
        _ => value.to_owned(),
    }
}

/// `5000000.00` as `5,000,000.00`.
fn grouped(number: &str) -> String {
    let (whole, rest) = number.find('.').map_or((number, ""), |at| number.split_at(at));
    let mut text = String::with_capacity(number.len() + 6);
    for (at, digit) in whole.char_indices() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text + rest
}

/// Named values in the order of the kind, titles in the page's language; those without a value are left out.
pub fn facts(c: &Chrome, kind: &LicenseKind, of: impl Fn(&str) -> Option<String>) -> Vec<Fact> {
    kind.fields
        .iter()
        .filter_map(|field| {
            let raw = of(&field.name).filter(|value| !value.is_empty())?;
            Some((either(c, &field.title).to_owned(), value(c, field, &raw)))
        })
        .collect()
}

/// The last four characters of a printed number.
pub fn tail(number: &str) -> String {
    let count = number.chars().count();
    number.chars().skip(count.saturating_sub(4)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_grouped_by_thousands() {
        assert_eq!(grouped("5000000.00"), "5,000,000.00");
        assert_eq!(grouped("500.00"), "500.00");
        assert_eq!(grouped("1000"), "1,000");
    }

    #[test]
    fn times_are_told_as_in_china() {
        let at = Timestamp::from_seconds(1_795_449_600);
        assert_eq!(moment(at), "2026-11-24 00:00");
        assert_eq!(tail("91330105MA27Q4K1234"), "1234");
        assert_eq!(tail("号1"), "号1");
    }
}
