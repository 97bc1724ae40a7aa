//! The stage graph of a kind file: `[sealing]`.

use super::reader::Section;
use crate::domain::envelope::{Level, Plan, PlannedParty, Quorum, Stage, Wanted};

/// Most working days and parties that a number may name; what fits together is judged afterwards.
const MOST: u32 = 1_000;

/// Reads the table.
pub(super) fn read(section: Section<'_>) -> Plan {
    let stages = section.sections("stages").into_iter().map(stage).collect();
    section.finish();
    Plan { stages }
}

fn stage(section: Section<'_>) -> Stage {
    let small = |number: Option<u32>| number.and_then(|number| u16::try_from(number).ok());
    let stage = Stage {
        name: section.text("name").to_owned(),
        title: section.bilingual("title"),
        quorum: small(section.whole("quorum", 1..=MOST)).map_or(Quorum::All, Quorum::AtLeast),
        working_days: small(section.whole("working_days", 1..=MOST)),
        remind: section
            .wholes_if_any("remind", 0..=MOST)
            .into_iter()
            .filter_map(|n| small(Some(n)))
            .collect(),
        parties: section.sections("parties").into_iter().map(party).collect(),
    };
    section.finish();
    stage
}

/// A party is a body by its credit code, or a level with a responsibility.
fn party(section: Section<'_>) -> PlannedParty {
    let wanted = if section.has("body") {
        Wanted::Body(section.text("body").to_owned())
    } else {
        let level = Level::parse(section.text("level"));
        if level.is_none() {
            section.fault("level", "must be township, county, city or province");
        }
        let responsibility = section.text("responsibility").to_owned();
        Wanted::Role { level: level.unwrap_or(Level::County), responsibility }
    };
    let party =
        PlannedParty { name: section.text("name").to_owned(), title: section.bilingual("title"), wanted };
    section.finish();
    party
}
