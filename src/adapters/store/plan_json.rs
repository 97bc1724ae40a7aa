//! How the stage graph of an envelope is kept as JSON text.

use super::json::{BadJson, read, write};
use crate::domain::envelope::{Level, Plan, PlannedParty, Quorum, Stage, Wanted};
use crate::domain::license::kind::Bilingual;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    zh: String,
    en: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StageText {
    name: String,
    title: Words,
    /// None is all.
    quorum: Option<u16>,
    working_days: Option<u16>,
    remind: Vec<u16>,
    parties: Vec<PartyText>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartyText {
    name: String,
    title: Words,
    wanted: WantedText,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum WantedText {
    Body(String),
    Role { level: String, responsibility: String },
}

fn words(text: &Bilingual) -> Words {
    Words { zh: text.zh.clone(), en: text.en.clone() }
}

fn bilingual(words: Words) -> Bilingual {
    Bilingual { zh: words.zh, en: words.en }
}

pub(super) fn write_plan(plan: &Plan) -> String {
    let party = |party: &PlannedParty| PartyText {
        name: party.name.clone(),
        title: words(&party.title),
        wanted: match &party.wanted {
            Wanted::Body(code) => WantedText::Body(code.clone()),
            Wanted::Role { level, responsibility } => {
                WantedText::Role { level: level.name().to_owned(), responsibility: responsibility.clone() }
            }
        },
    };
    let stage = |stage: &Stage| StageText {
        name: stage.name.clone(),
        title: words(&stage.title),
        quorum: match stage.quorum {
            Quorum::All => None,
            Quorum::AtLeast(needed) => Some(needed),
        },
        working_days: stage.working_days,
        remind: stage.remind.clone(),
        parties: stage.parties.iter().map(party).collect(),
    };
    write(&plan.stages.iter().map(stage).collect::<Vec<_>>())
}

pub(super) fn read_plan(text: &str) -> Result<Plan, BadJson> {
    let wanted = |text| match text {
        WantedText::Body(code) => Ok(Wanted::Body(code)),
        WantedText::Role { level, responsibility } => {
            let level = Level::parse(&level).ok_or_else(|| BadJson("a level of unknown name".to_owned()))?;
            Ok(Wanted::Role { level, responsibility })
        }
    };
    let party = |text: PartyText| {
        Ok(PlannedParty { name: text.name, title: bilingual(text.title), wanted: wanted(text.wanted)? })
    };
    let stage = |text: StageText| {
        Ok(Stage {
            name: text.name,
            title: bilingual(text.title),
            quorum: text.quorum.map_or(Quorum::All, Quorum::AtLeast),
            working_days: text.working_days,
            remind: text.remind,
            parties: text.parties.into_iter().map(party).collect::<Result<_, BadJson>>()?,
        })
    };
    let plan =
        Plan { stages: read::<Vec<StageText>>(text)?.into_iter().map(stage).collect::<Result<_, _>>()? };
    match plan.faults().first() {
        None => Ok(plan),
        Some(fault) => Err(BadJson(format!("the plan is not sound: {fault}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::envelope::testing::{county_city_province, role};

    #[test]
    fn a_plan_reads_back_and_a_spoiled_one_does_not() {
        let mut plan = county_city_province();
        plan.stages[1].parties[0] = role("city-a", Level::City, "planning");
        plan.stages[2].working_days = None;
        plan.stages[2].remind.clear();
        let text = write_plan(&plan);
        assert_eq!(read_plan(&text), Ok(plan));
        for (from, to) in
            [("\"city\",\"resp", "\"town\",\"resp"), ("\"quorum\":2", "\"quorum\":9"), ("stages", "")]
        {
            let spoiled = text.replacen(from, to, 1);
            assert!(spoiled == text || read_plan(&spoiled).is_err(), "{spoiled}");
        }
    }
}
