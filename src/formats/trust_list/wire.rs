//! The members of the JSON document. Unknown and repeated members are refused, so that nobody reads more or less than
//! another into the same bytes.

use serde::{Deserialize, Serialize};

/// What the member `format` says.
pub(super) const FORMAT: &str = "yinzheng/trust-list/1";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct List {
    pub format: String,
    pub territory: Place,
    pub operator: Names,
    pub sequence: u64,
    pub issued: String,
    pub next_update: String,
    pub entries: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Place {
    pub code: String,
    pub name: Names,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Names {
    pub zh: String,
    pub en: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub service: String,
    pub name: Names,
    pub status: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    pub valid_from: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub areas: Vec<String>,
    pub x509: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub crl_addresses: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub crls: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The two words of `status`.
pub(super) const GRANTED: &str = "granted";
pub(super) const WITHDRAWN: &str = "withdrawn";
