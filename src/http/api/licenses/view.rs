//! A license as the API shows it.

use crate::app::Service;
use crate::domain::license::{License, LicenseFile, LicenseState};
use crate::domain::time::format_date;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A license.
#[derive(Serialize, ToSchema)]
pub struct LicenseView {
    /// Standard identifier (GB/T 36904-2018).
    #[schema(example = "1.2.156.3005.2.11990000MB0000001M001.11990000MB0000001M.20260000000001.001.C")]
    pub id: String,
    /// Kind.
    #[schema(example = "business-license")]
    pub kind: String,
    /// Version of the kind that made it.
    pub kind_version: u32,
    /// Printed number.
    pub number: String,
    /// Issuing department, by credit code.
    pub issuer: String,
    /// Whom it is about.
    pub holder: HolderView,
    /// Its fields in canonical form.
    pub data: BTreeMap<String, String>,
    /// Date of issue.
    #[schema(format = "date")]
    pub issued_on: String,
    /// First day of validity.
    #[schema(format = "date")]
    pub valid_from: String,
    /// Last day of validity; null if it has no end.
    #[schema(format = "date")]
    pub valid_until: Option<String>,
    /// Edition, from 1.
    #[schema(minimum = 1, maximum = 999)]
    pub edition: u16,
    /// The edition before this one.
    pub previous: Option<String>,
    /// `active`, `suspended`, `cancelled`, `annulled`, `withdrawn`, `revoked` or `superseded`.
    pub state: String,
    /// Whether it may be relied on now: `in-force`, `not-yet-valid`, `expired`, or why not.
    pub standing: String,
    /// Why it was suspended or ended.
    pub reason: Option<String>,
    /// The edition that took its place.
    pub superseded_by: Option<String>,
    /// Grows with each change of state.
    pub revision: u32,
    /// Code of the seal on it.
    pub seal: String,
    /// Check code printed beside the verification code.
    pub check_code: String,
    /// The files it was released as, one a format.
    pub files: Vec<FileView>,
    /// When it was released.
    #[schema(format = "date-time")]
    pub released_at: String,
}

/// A file that a license was released as.
#[derive(Serialize, ToSchema)]
pub struct FileView {
    /// `pdf` or `ofd`.
    #[schema(pattern = "^(pdf|ofd)$")]
    pub format: String,
    /// Suite of the seal on it: `p256` or `sm2`.
    #[schema(pattern = "^(p256|sm2)$")]
    pub suite: String,
    /// SHA-256 of its bytes.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub sha256: String,
}

impl FileView {
    fn of(file: &LicenseFile) -> Self {
        Self {
            format: file.form.format.name().to_owned(),
            suite: file.form.suite.name().to_owned(),
            sha256: hex::encode(file.sha256),
        }
    }
}

/// Whom a license is about.
#[derive(Serialize, ToSchema)]
pub struct HolderView {
    /// Name.
    pub name: String,
    /// Type of the code (GB/T 36903 annex A).
    pub code_type: String,
    /// Code.
    pub code: String,
}

/// What has happened to a license.
#[derive(Serialize, ToSchema)]
pub struct LicenseHistory {
    /// Oldest first.
    pub events: Vec<LicenseEventView>,
}

/// One event in a license's life.
#[derive(Serialize, ToSchema)]
pub struct LicenseEventView {
    /// `issued`, `suspended`, `resumed`, `amended`, `superseded`, or the act that ended it.
    pub what: String,
    /// When.
    #[schema(format = "date-time")]
    pub at: String,
    /// By whom (credential).
    pub by: String,
    /// Why.
    pub reason: String,
}

impl LicenseView {
    /// The license as it stands now.
    pub fn of(service: &Service, license: License) -> Self {
        let standing = license.standing(service.clock.now()).name();
        let (reason, superseded_by) = match &license.state {
            LicenseState::Active => (None, None),
            LicenseState::Suspended { reason } | LicenseState::Ended { reason, .. } => {
                (Some(reason.clone()), None)
            }
            LicenseState::Superseded { by } => (None, Some(by.to_string())),
        };
        Self {
            id: license.id.to_string(),
            kind: license.kind,
            kind_version: license.kind_version,
            number: license.number,
            issuer: license.issuer,
            holder: HolderView {
                name: license.holder.name,
                code_type: license.holder.code_type,
                code: license.holder.code,
            },
            data: license.data,
            issued_on: format_date(license.issued_on),
            valid_from: format_date(license.valid_from),
            valid_until: license.valid_until.map(format_date),
            edition: license.edition,
            previous: license.previous.map(|id| id.to_string()),
            state: license.state.name().to_owned(),
            standing: standing.to_owned(),
            reason,
            superseded_by,
            revision: license.revision,
            seal: license.seal,
            check_code: license.check_code,
            files: license.files.iter().map(FileView::of).collect(),
            released_at: license.released_at.to_string(),
        }
    }
}
