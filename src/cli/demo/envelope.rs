//! The envelope that a newcomer finds: a construction permit that the district has started and consented to, and one of the
//! city's bureaus after it. Two more bureaus are asked, of which one suffices; then the province.

use super::city::{BUREAUS, Bureau, TOGETHER};
use super::setup::{City, example_data};
use crate::cli::client::{CallError, text};
use crate::domain::license::LicenseKind;
use serde_json::{Value, json};

/// Who starts it.
const INITIATOR: &str = "county-housing";
/// Who has consented, and for which party.
const CONSENTED: [(&str, &str); 2] = [(INITIATOR, "county"), ("resources", "city-planning")];

impl City<'_> {
    /// Starts the envelope, once, and has the first two consent. What people have done to it since stays as they did it.
    pub fn envelope(&self, kind: &LicenseKind) -> Result<(), CallError> {
        let request = json!({ "kind": kind.name, "data": example_data(kind) });
        let key = format!("demo-{}-1", kind.name);
        let initiator = self.as_department(INITIATOR);
        let mut envelope = initiator.post_once("/v1/envelopes", &key, &request)?;
        let path = format!("/v1/envelopes/{}", text(&envelope, "id")?);
        if envelope["revision"] == 1 {
            envelope = initiator.post(&format!("{path}/send"), &json!({}))?;
        }
        for (short, party) in CONSENTED {
            if envelope["version"] == 1 && decision(&envelope, party) == Some("asked") {
                let bureau = bureau(short).ok_or(CallError::Lacks("a department that seals"))?;
                let seal = self.seal_of(bureau)?.ok_or(CallError::Lacks("an active seal"))?;
                let consent = json!({ "version": 1, "seal": seal });
                envelope = self.as_department(short).post(&format!("{path}/consent"), &consent)?;
            }
        }
        Ok(())
    }
}

fn bureau(short: &str) -> Option<&'static Bureau> {
    BUREAUS.iter().chain(&TOGETHER).find(|bureau| bureau.short == short)
}

/// What a party has decided.
fn decision<'e>(envelope: &'e Value, party: &str) -> Option<&'e str> {
    let stages = envelope["stages"].as_array()?.iter();
    let mut parties = stages.filter_map(|stage| stage["parties"].as_array()).flatten();
    parties.find(|found| found["name"] == party)?["decision"].as_str()
}
