//! What parties consent to: the canonical form of a license's content, and its digests.

use crate::app::AppError;
use crate::crypto::{sha256, sm3};
use crate::domain::license::{LicenseData, LicenseKind};
use serde::Serialize;

/// Says of a content what it is. Another form gets another number.
const SCHEMA: &str = "yinzheng/envelope-content/1";

#[derive(Serialize)]
struct Written<'a> {
    schema: &'static str,
    kind: &'a str,
    kind_version: u32,
    number: Option<&'a str>,
    data: &'a LicenseData,
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
pub fn canonical(kind: &LicenseKind, data: &LicenseData, number: Option<&str>) -> Result<Vec<u8>, AppError> {
    let written = Written { schema: SCHEMA, kind: &kind.name, kind_version: kind.version, number, data };
    serde_json::to_vec(&written).map_err(AppError::internal)
}

/// Digests of the canonical form.
pub fn digests(kind: &LicenseKind, data: &LicenseData, number: Option<&str>) -> Result<Digests, AppError> {
    let bytes = canonical(kind, data, number)?;
    Ok(Digests { sha256: sha256(&bytes), sm3: sm3(&bytes) })
}
