//! How what a request asks for is kept as JSON text.

use super::json::{self, BadJson};
use crate::domain::show_request::Asked;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    kind: String,
    required: Vec<String>,
    optional: Vec<String>,
    may_lack: bool,
}

pub(super) fn write(asked: &[Asked]) -> String {
    let texts = asked.iter().cloned().map(|Asked { kind, required, optional, may_lack }| Text {
        kind,
        required,
        optional,
        may_lack,
    });
    json::write(&texts.collect::<Vec<_>>())
}

pub(super) fn read(text: &str) -> Result<Vec<Asked>, BadJson> {
    let texts = json::read::<Vec<Text>>(text)?.into_iter();
    let asked =
        texts.map(|Text { kind, required, optional, may_lack }| Asked { kind, required, optional, may_lack });
    Ok(asked.collect())
}
