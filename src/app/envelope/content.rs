//! What parties consent to: the canonical form of a license's content, and its digests.

use crate::app::AppError;
use crate::crypto::{sha256, sm3};
use crate::domain::envelope::Replaces;
use crate::domain::license::{LicenseData, LicenseKind};
use serde::Serialize;

/// Says of a content what it is. Another form gets another number.
const SCHEMA: &str = "yinzheng/envelope-content/1";
/// The same of one that amends a license: whoever consents, consents to the end of the edition that it names.
const SCHEMA_AMENDING: &str = "yinzheng/envelope-content/2";

#[derive(Serialize)]
struct Written<'a> {
    schema: &'static str,
    kind: &'a str,
    kind_version: u32,
    number: Option<&'a str>,
    data: &'a LicenseData,
    #[serde(skip_serializing_if = "Option::is_none")]
    replaces: Option<WrittenReplaces<'a>>,
}

#[derive(Serialize)]
struct WrittenReplaces<'a> {
    license: &'a str,
    reason: &'a str,
}

/// Digests of a content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digests {
    /// SHA-256.
    pub sha256: [u8; 32],
    /// SM3.
    pub sm3: [u8; 32],
}

/// The canonical form: JSON without spaces, its members in this order and the fields by name, so that the same content
/// always gives the same bytes.
pub fn canonical(
    kind: &LicenseKind,
    data: &LicenseData,
    number: Option<&str>,
    replaces: Option<&Replaces>,
) -> Result<Vec<u8>, AppError> {
    let schema = if replaces.is_some() { SCHEMA_AMENDING } else { SCHEMA };
    let replaces = replaces
        .map(|replaces| WrittenReplaces { license: replaces.license.as_str(), reason: &replaces.reason });
    let written = Written { schema, kind: &kind.name, kind_version: kind.version, number, data, replaces };
    serde_json::to_vec(&written).map_err(AppError::internal)
}

/// Digests of the canonical form.
pub fn digests(
    kind: &LicenseKind,
    data: &LicenseData,
    number: Option<&str>,
    replaces: Option<&Replaces>,
) -> Result<Digests, AppError> {
    let bytes = canonical(kind, data, number, replaces)?;
    Ok(Digests { sha256: sha256(&bytes), sm3: sm3(&bytes) })
}
