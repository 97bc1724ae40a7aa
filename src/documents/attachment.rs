//! The license data as a file inside the license file: `license.json`, deterministic, with the element names
//! of GB/T 36903-2018. Papers that the service makes of its own accord hold theirs in a file of another name
//! ([`super::paper::wire`]).

use super::paper;
use crate::domain::license::{LicenseData, LicenseId};
use crate::domain::report::facts::{Attached, AttachedFacts};
use crate::domain::time::{Date, parse_date};
use serde::{Deserialize, Serialize};

/// What the data inside a file is called there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataFile {
    /// Name of the attached file.
    pub name: &'static str,
    /// What readers are told it is.
    pub description: &'static str,
}

/// Name of the attached file.
pub const FILE_NAME: &str = "license.json";
/// A license's.
pub const LICENSE: DataFile = DataFile { name: FILE_NAME, description: "电子证照数据" };
/// A paper's.
pub const PAPER: DataFile = DataFile { name: "yinzheng-paper.json", description: "文书数据" };

/// Whether a file of this name inside a file may hold data that we wrote.
pub(super) fn is_ours(name: &str) -> bool {
    [LICENSE, PAPER].iter().any(|file| file.name == name)
}

/// Media type of the attached file.
pub const MEDIA_TYPE: &str = "application/json";
/// What the `schema` member says of a license with one seal.
const SCHEMA: &str = "yinzheng/license/1";
/// What it says where several seal together: `seals` stands in it as well.
const SCHEMA_OF_SEVERAL: &str = "yinzheng/license/2";
/// Most seals that belong on a license.
const MAX_SEALS: usize = 64;
/// A larger attachment is not read.
pub(super) const MAX_BYTES: usize = 1 << 20;

/// The license data that travels in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachedLicense {
    /// Element names of GB/T 36903 with their values; written, and so read back, in the order of the names.
    pub metadata: Vec<(String, String)>,
    /// The kind's name.
    pub kind: String,
    /// Version of the kind file.
    pub kind_version: u32,
    /// The fields.
    pub data: LicenseData,
    /// Code of the seal of the department that issues it.
    pub seal: String,
    /// Codes of all seals that belong on it, in the order in which they are laid on, where there are several; empty
    /// otherwise. The first seal covers them, so one that was cut off is missed.
    pub seals: Vec<String>,
    /// What the printed verification code says.
    pub verification_url: String,
}

/// Why an attachment is not license data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Larger than 1 MiB.
    #[error("larger than 1 MiB")]
    TooLarge,
    /// Not JSON, or not of the expected shape.
    #[error("not license data in JSON")]
    Form,
    /// Another or a later schema.
    #[error("of an unknown schema")]
    Schema,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wire {
    schema: String,
    kind: String,
    kind_version: u32,
    metadata: serde_json::Map<String, serde_json::Value>,
    data: LicenseData,
    seal: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    seals: Vec<String>,
    verification_url: String,
}

/// Writes the attachment. The same license gives the same bytes.
pub fn write(license: &AttachedLicense) -> Vec<u8> {
    let metadata = license.metadata.iter().map(|(name, value)| (name.clone(), value.clone().into()));
    let wire = Wire {
        schema: if license.seals.is_empty() { SCHEMA } else { SCHEMA_OF_SEVERAL }.to_owned(),
        kind: license.kind.clone(),
        kind_version: license.kind_version,
        metadata: metadata.collect(),
        data: license.data.clone(),
        seal: license.seal.clone(),
        seals: license.seals.clone(),
        verification_url: license.verification_url.clone(),
    };
    serde_json::to_vec_pretty(&wire).expect("maps of texts are JSON")
}

/// Reads an attachment.
pub fn read(bytes: &[u8]) -> Result<AttachedLicense, Unreadable> {
    if bytes.len() > MAX_BYTES {
        return Err(Unreadable::TooLarge);
    }
    #[derive(Deserialize)]
    struct Head {
        schema: String,
    }
    let head: Head = serde_json::from_slice(bytes).map_err(|_| Unreadable::Form)?;
    let several = match head.schema.as_str() {
        SCHEMA => false,
        SCHEMA_OF_SEVERAL => true,
        _ => return Err(Unreadable::Schema),
    };
    let wire: Wire = serde_json::from_slice(bytes).map_err(|_| Unreadable::Form)?;
    let in_number = if several { (2..=MAX_SEALS).contains(&wire.seals.len()) } else { wire.seals.is_empty() };
    if !in_number || (several && !wire.seals.contains(&wire.seal)) {
        return Err(Unreadable::Form);
    }
    let text = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => Ok(text),
        _ => Err(Unreadable::Form),
    };
    let metadata = wire.metadata.into_iter().map(|(name, value)| Ok((name, text(value)?)));
    Ok(AttachedLicense {
        metadata: metadata.collect::<Result<_, _>>()?,
        kind: wire.kind,
        kind_version: wire.kind_version,
        data: wire.data,
        seal: wire.seal,
        seals: wire.seals,
        verification_url: wire.verification_url,
    })
}

/// What an attachment says, in the words of a report. `displayed_identifier` is that of the file's own metadata.
pub(super) fn facts(json: &[u8], displayed_identifier: Option<String>) -> Attached {
    if let Some(paper) = paper::wire::facts(json, displayed_identifier.as_deref()) {
        return paper;
    }
    let license = match read(json) {
        Ok(license) => license,
        Err(why) => return Attached::Unreadable { why: why.to_string() },
    };
    let element = |name: &str| {
        let found = license.metadata.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone())
    };
    let text = |name: &str| element(name).unwrap_or_default();
    let day = |name: &str| element(name).map(|value| compact_date(&value));
    let (from, until) = (day("certificateEffectiveDate"), day("certificateExpiringDate"));
    let identifier = text("certificateIdentifier");
    Attached::License(Box::new(AttachedFacts {
        id: LicenseId::parse(&identifier),
        identifier,
        kind_title: text("certificateTypeName"),
        type_code: text("certificateTypeCode"),
        issuer_code: text("certificateIssuingAuthorityCode"),
        issuer_name: text("certificateIssuingAuthorityName"),
        number: text("certificateNumber"),
        edition: text("certificateVersion"),
        valid_from: from.flatten(),
        valid_until: until.flatten(),
        days_readable: matches!(from, Some(Some(_))) && !matches!(until, Some(None)),
        seal: license.seal,
        seals: license.seals,
        displayed_identifier,
    }))
}

/// Dates of GB/T 36903 are `yyyyMMdd`.
fn compact_date(text: &str) -> Option<Date> {
    let (year, month, day) = (text.get(..4)?, text.get(4..6)?, text.get(6..)?);
    parse_date(&format!("{year}-{month}-{day}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn license() -> AttachedLicense {
        AttachedLicense {
            metadata: vec![
                ("certificateHolderName".into(), "景川市印证科技有限公司".into()),
                ("certificateNumber".into(), "N-1".into()),
            ],
            kind: "business-license".into(),
            kind_version: 1,
            data: [("name".to_owned(), "景川市印证科技有限公司".to_owned())].into(),
            seal: "45090020260001".into(),
            seals: vec![],
            verification_url: "https://example.org/v".into(),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let bytes = write(&license());
        assert_eq!(bytes, write(&license()));
        assert_eq!(read(&bytes), Ok(license()));
    }

    #[test]
    fn several_seals_stand_in_their_order() {
        let (first, second) = ("45090020260001".to_owned(), "45000020260007".to_owned());
        let several = AttachedLicense { seals: vec![second.clone(), first.clone()], ..license() };
        let text = String::from_utf8(write(&several)).expect("UTF-8");
        assert_eq!(read(text.as_bytes()), Ok(several.clone()));
        for twin in [
            AttachedLicense { seals: vec![first.clone()], ..license() },
            AttachedLicense { seals: vec![second.clone(), second], ..license() },
            AttachedLicense { seals: vec![first; MAX_SEALS + 1], ..license() },
        ] {
            assert_eq!(read(&write(&twin)), Err(Unreadable::Form));
        }
        let of_one = text.replace("license/2", "license/1");
        assert_eq!(read(of_one.as_bytes()), Err(Unreadable::Form));
        let without = String::from_utf8(write(&license())).expect("UTF-8").replace("license/1", "license/2");
        assert_eq!(read(without.as_bytes()), Err(Unreadable::Form));
    }

    #[test]
    fn one_thing_changed_is_refused() {
        let text = String::from_utf8(write(&license())).expect("UTF-8");
        let twins = [
            (text.replace("license/1", "license/3"), Unreadable::Schema),
            (text.replace("\"seal\"", "\"seel\""), Unreadable::Form),
            (text.replace("\"N-1\"", "1"), Unreadable::Form),
            (text.trim_end_matches('}').to_owned(), Unreadable::Form),
            (text.clone() + &" ".repeat(1 << 20), Unreadable::TooLarge),
        ];
        for (twin, fault) in twins {
            assert_ne!(twin, text);
            assert_eq!(read(twin.as_bytes()), Err(fault));
        }
    }
}
